//! The form of a version in the database: as an author writes it, with the IDs of what it names.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::Definition;
use super::create::read_stored_steps;
use super::settings::Settings;
use super::spec::StepSpec;
use super::verification::{VerificationConfig, VerificationTemplate};
use crate::account::stored_id;
use crate::field::{FieldSchema, FieldSchemaSpec};
use crate::id::{VerificationTemplateId, VerificationTemplateVersionId};

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct StoredDefinition {
    languages: Vec<String>,
    default_language: String,
    settings: Settings,
    theme: BTreeMap<String, String>,
    field_schemas: Vec<FieldSchemaSpec>,
    verifications: Vec<StoredVerification>,
    steps: Vec<StepSpec>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct StoredVerification {
    #[serde(with = "stored_id")]
    id: VerificationTemplateId,
    #[serde(with = "stored_id")]
    version_id: VerificationTemplateVersionId,
    config: VerificationConfig,
}

impl Definition {
    /// Writes the definition as it is stored.
    #[must_use]
    pub fn to_json(&self) -> String {
        let stored = StoredDefinition {
            languages: self.languages.clone(),
            default_language: self.default_language.clone(),
            settings: self.settings.clone(),
            theme: self.theme.clone(),
            field_schemas: self.fields.iter().map(FieldSchema::full_spec).collect(),
            verifications: self
                .verifications
                .iter()
                .map(|one| StoredVerification {
                    id: one.id.clone(),
                    version_id: one.version_id.clone(),
                    config: one.config.clone(),
                })
                .collect(),
            steps: self.steps.iter().map(|step| step.to_spec(&|_| None)).collect(),
        };
        // Strings, numbers and lists of them can always be written.
        serde_json::to_string(&stored).unwrap_or_default()
    }

    /// Reads what [`Definition::to_json`] wrote. Account types and fields of accounts are not looked up again: they
    /// may have changed since.
    #[must_use]
    pub fn from_json(json: &str) -> Option<Self> {
        let stored: StoredDefinition = serde_json::from_str(json).ok()?;
        let fields: Vec<FieldSchema> =
            stored.field_schemas.iter().map(|field| field.read().ok()).collect::<Option<_>>()?;
        let verifications: Vec<VerificationTemplate> = stored
            .verifications
            .into_iter()
            .map(|one| VerificationTemplate { id: one.id, version_id: one.version_id, config: one.config })
            .collect();
        let configs: Vec<VerificationConfig> = verifications.iter().map(|one| one.config.clone()).collect();
        let languages = (stored.languages.as_slice(), stored.default_language.as_str());
        let steps = read_stored_steps(&stored.steps, &fields, &configs, languages)?;
        Some(Self {
            languages: stored.languages,
            default_language: stored.default_language,
            settings: stored.settings,
            theme: stored.theme,
            fields,
            verifications,
            steps,
        })
    }
}
