//! What an author writes to define a template: a TOML file, or the JSON body of Muster's own endpoints.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::condition::ConditionSpec;
use super::settings::Settings;
use super::texts::Text;
use super::verification::VerificationConfig;
use super::{Definition, Input, Step, StepKind, TemplateHead, TemplateStatus};
use crate::field::{FieldSchema, FieldSchemaSpec};
use crate::id::AccountTypeId;
use crate::violation::Violation;
use crate::written::{self, Explained, Nested, explain, explain_list};

/// A template as an author writes it: what is left out takes its default.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct InquiryTemplateSpec {
    /// The name.
    pub name: String,
    /// Whether inquiries can be made of it.
    #[serde(default, skip_serializing_if = "is_active")]
    pub status: TemplateStatus,
    /// The languages of the flow. None at all means `en`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub languages: Vec<String>,
    /// The language of texts that are given once; the first one if it is left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default_language: Option<String>,
    /// The hosts that may show the flow in a frame.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub embedded_flow_domain_allowlist: Vec<String>,
    /// The subdomains under which the flow is served.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub hosted_flow_subdomains: Vec<String>,
    /// Lifetimes, sessions and redirects.
    #[serde(default, skip_serializing_if = "Settings::is_default")]
    pub settings: Settings,
    /// Colours and sizes, by the names of [`super::THEME_KEYS`].
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub theme: BTreeMap<String, String>,
    /// The fields of an inquiry.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub field_schemas: Vec<FieldSchemaSpec>,
    /// The verifications that steps run.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub verifications: Vec<VerificationConfig>,
    /// The steps; the first one is where every flow starts.
    #[serde(default)]
    pub steps: Vec<StepSpec>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
fn is_active(status: &TemplateStatus) -> bool {
    *status == TemplateStatus::Active
}

/// A step as an author writes it. Which members it has depends on its kind.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct StepSpec {
    /// The name.
    pub name: String,
    /// The kind, one of [`StepKind::NAMES`].
    pub kind: String,
    /// See [`Step::display_name`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub display_name: Option<String>,
    /// The key of a verification.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub verification: Option<String>,
    /// The key of the field that has the address or number to which a code is sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
    /// The media types that a `document` step accepts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub supported_mime_types: Option<Vec<String>>,
    /// The most files of a `document` step.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub files_max: Option<u32>,
    /// The name or ID of the account type of a `create-account` step.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account_type: Option<String>,
    /// The step that follows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
    /// The step that follows a `branch` when no route is taken.
    #[serde(rename = "else", default, skip_serializing_if = "Option::is_none")]
    pub otherwise: Option<String>,
    /// See [`Step::title`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<Text>,
    /// See [`Step::text`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<Text>,
    /// See [`Step::button`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub button: Option<Text>,
    /// What an `update-account` step writes: key of the account's field to key of the inquiry's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fields: Option<BTreeMap<String, String>>,
    /// What a `form` asks for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub inputs: Option<Vec<Input>>,
    /// The routes of a `branch`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub routes: Option<Vec<RouteSpec>>,
}

/// A route as an author writes it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct RouteSpec {
    /// The step that follows.
    pub to: String,
    /// When it does.
    pub when: ConditionSpec,
}

impl Explained for InquiryTemplateSpec {
    const NESTED: Nested = &[
        ("settings", explain::<Settings>),
        ("field-schemas", explain_list::<FieldSchemaSpec>),
        ("verifications", explain_list::<VerificationConfig>),
        ("steps", explain_list::<StepSpec>),
    ];
}

impl Explained for StepSpec {
    const NESTED: Nested = &[("inputs", explain_list::<Input>), ("routes", explain_list::<RouteSpec>)];
}

impl Explained for RouteSpec {
    const NESTED: Nested = &[("when", explain::<ConditionSpec>)];
}

impl Explained for Settings {}
impl Explained for VerificationConfig {}
impl Explained for Input {}

impl InquiryTemplateSpec {
    /// Reads the text file of a template.
    ///
    /// # Errors
    /// Says at which line and column what is to be mended. What only makes no sense is found by
    /// [`Definition::create`]; [`written::place_in_toml`] tells where in the file that is.
    pub fn from_toml(text: &str) -> Result<Self, String> {
        written::read_toml(text)
    }

    /// Reads the JSON form of a template.
    ///
    /// # Errors
    /// Lists the members that are not understood.
    pub fn from_value(value: &Value) -> Result<Self, Vec<Violation>> {
        written::read_json(value)
    }

    /// Writes the text file of a template.
    #[must_use]
    pub fn to_toml(&self) -> String {
        // All members have a form in TOML: null is left out everywhere.
        toml::to_string(self).unwrap_or_default()
    }

    /// Writes the JSON form of a template.
    #[must_use]
    pub fn to_value(&self) -> Value {
        serde_json::to_value(self).unwrap_or_default()
    }
}

impl Definition {
    /// The template as an author would write it. `name_of` names account types; one without a name is written by
    /// its ID.
    #[must_use]
    pub fn to_spec(
        &self,
        head: &TemplateHead,
        name_of: &dyn Fn(&AccountTypeId) -> Option<String>,
    ) -> InquiryTemplateSpec {
        InquiryTemplateSpec {
            name: head.name.clone(),
            status: head.status,
            languages: self.languages.clone(),
            default_language: (self.languages.first() != Some(&self.default_language))
                .then(|| self.default_language.clone()),
            embedded_flow_domain_allowlist: head.embedded_flow_domain_allowlist.clone(),
            hosted_flow_subdomains: head.hosted_flow_subdomains.clone(),
            settings: self.settings.clone(),
            theme: self.theme.clone(),
            field_schemas: self.fields.iter().map(FieldSchema::to_template_spec).collect(),
            verifications: self.verifications.iter().map(|one| one.config.clone()).collect(),
            steps: self.steps.iter().map(|step| step.to_spec(name_of)).collect(),
        }
    }
}

impl Step {
    /// The step as an author would write it.
    pub(super) fn to_spec(&self, name_of: &dyn Fn(&AccountTypeId) -> Option<String>) -> StepSpec {
        let mut spec = StepSpec {
            name: self.name.clone(),
            kind: self.kind.name().to_owned(),
            display_name: self.display_name.clone(),
            title: self.title.clone(),
            text: self.text.clone(),
            button: self.button.clone(),
            verification: self.kind.verification().map(str::to_owned),
            ..StepSpec::default()
        };
        if !matches!(self.kind, StepKind::Branch { .. }) {
            spec.next = self.kind.targets().first().map(|next| (*next).to_owned());
        }
        match &self.kind {
            StepKind::Form { inputs, .. } => spec.inputs = Some(inputs.clone()),
            StepKind::EmailCode { field, .. } | StepKind::PhoneCode { field, .. } => {
                spec.field = Some(field.clone());
            }
            StepKind::Document { mime_types, files_max, .. } => {
                let usual = super::create::usual_mime_types();
                spec.supported_mime_types = (*mime_types != usual).then(|| mime_types.clone());
                spec.files_max = (*files_max != 1).then_some(*files_max);
            }
            StepKind::Branch { routes, otherwise } => {
                let write =
                    |route: &super::Route| RouteSpec { to: route.to.clone(), when: route.when.to_spec() };
                spec.routes = Some(routes.iter().map(write).collect());
                spec.otherwise = Some(otherwise.clone());
            }
            StepKind::CreateAccount { account_type: Some(id), .. } => {
                spec.account_type = Some(name_of(id).unwrap_or_else(|| id.to_string()));
            }
            StepKind::UpdateAccount { fields, .. } => spec.fields = Some(fields.clone()),
            _ => {}
        }
        spec
    }
}
