//! Makes a definition of what an author wrote, after finding everything that makes no sense in it.

mod conditions;
mod fields;
mod steps;
mod verifications;

use std::collections::{BTreeMap, HashSet};

use super::flow::flow_faults;
use super::settings::host_faults;
use super::spec::{InquiryTemplateSpec, StepSpec};
use super::texts::language_fault;
use super::theme::THEME_KEYS;
use super::verification::{VerificationConfig, VerificationTemplate};
use super::{Definition, Step, TemplateHead};
use crate::account_type::AccountType;
use crate::field::{FieldSchema, label_fault};
use crate::id::IdSource;
use crate::violation::Violation;

use fields::read_fields;
pub(super) use steps::usual_mime_types;
use verifications::{identified, verification_faults};

/// Most languages of a flow.
pub(super) const LANGUAGES_MAX: usize = 50;
/// Longest value of a theme: a small picture may be in it.
const THEME_VALUE_BYTES_MAX: usize = 64 * 1024;
/// Most subdomains.
const SUBDOMAINS_MAX: usize = 20;

/// What a template is made among.
#[derive(Clone, Debug, Default)]
pub struct Surroundings<'a> {
    /// The account types of the organization.
    pub account_types: Vec<&'a AccountType>,
    /// The verifications that the template ever had, those of its newest version first: by their keys they keep
    /// their IDs.
    pub verifications: &'a [VerificationTemplate],
}

/// What steps and conditions may name.
struct Known<'a> {
    fields: &'a [FieldSchema],
    verifications: &'a [VerificationConfig],
    languages: &'a [String],
    default_language: &'a str,
    /// The account types; nothing where IDs are known to be right.
    account_types: Option<&'a [&'a AccountType]>,
}

/// Reads the steps of a stored definition, whose account types may have changed since.
pub(super) fn read_stored_steps(
    specs: &[StepSpec],
    fields: &[FieldSchema],
    verifications: &[VerificationConfig],
    (languages, default_language): (&[String], &str),
) -> Option<Vec<Step>> {
    let known = Known { fields, verifications, languages, default_language, account_types: None };
    known.read_steps(specs).ok()
}

impl InquiryTemplateSpec {
    /// What the template has beside its versions.
    ///
    /// # Errors
    /// Lists what is wrong with the name, the hosts and the subdomains.
    pub fn head(&self) -> Result<TemplateHead, Vec<Violation>> {
        let mut faults = Vec::new();
        faults.extend(label_fault(&self.name).map(|message| Violation::new(["name"], message)));
        faults.extend(host_faults(&["embedded-flow-domain-allowlist"], &self.embedded_flow_domain_allowlist));
        if self.hosted_flow_subdomains.len() > SUBDOMAINS_MAX {
            let message = format!("must have at most {SUBDOMAINS_MAX} entries");
            faults.push(Violation::new(["hosted-flow-subdomains"], message));
        }
        for (index, subdomain) in self.hosted_flow_subdomains.iter().enumerate() {
            let is_right = (1..=63).contains(&subdomain.len())
                && subdomain.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
            if !is_right {
                let message = "must be one label of a host, of small letters, digits and -, like mycompany";
                faults.push(Violation::new(["hosted-flow-subdomains", &index.to_string()], message));
            }
        }
        if !faults.is_empty() {
            return Err(faults);
        }
        Ok(TemplateHead {
            name: self.name.trim().to_owned(),
            status: self.status,
            embedded_flow_domain_allowlist: self.embedded_flow_domain_allowlist.clone(),
            hosted_flow_subdomains: self.hosted_flow_subdomains.clone(),
        })
    }
}

impl Definition {
    /// Makes what a version says. Verifications keep the IDs that they have by their keys.
    ///
    /// # Errors
    /// Lists everything that makes no sense in the spec, that of [`InquiryTemplateSpec::head`] included.
    pub fn create(
        spec: &InquiryTemplateSpec,
        around: &Surroundings<'_>,
        ids: &mut IdSource,
    ) -> Result<Self, Vec<Violation>> {
        let mut faults = spec.head().err().unwrap_or_default();
        let languages =
            if spec.languages.is_empty() { vec!["en".to_owned()] } else { spec.languages.clone() };
        let default_language = spec.default_language.clone().unwrap_or_else(|| languages[0].clone());
        faults.extend(language_faults(&languages, &default_language));
        faults.extend(spec.settings.faults());
        faults.extend(theme_faults(&spec.theme));
        let fields = match read_fields(&spec.field_schemas) {
            Ok(fields) => fields,
            Err(below) => {
                faults.extend(below);
                return Err(faults);
            }
        };
        faults.extend(verification_faults(&spec.verifications, &fields));
        let known = Known {
            fields: &fields,
            verifications: &spec.verifications,
            languages: &languages,
            default_language: &default_language,
            account_types: Some(&around.account_types),
        };
        let steps = match known.read_steps(&spec.steps) {
            Ok(steps) => steps,
            Err(below) => {
                faults.extend(below);
                return Err(faults);
            }
        };
        faults.extend(flow_faults(&steps));
        let verifications = identified(&spec.verifications, around.verifications, ids, &mut faults);
        if !faults.is_empty() {
            return Err(faults);
        }
        Ok(Self {
            languages,
            default_language,
            settings: spec.settings.clone(),
            theme: spec.theme.clone(),
            fields,
            verifications,
            steps,
        })
    }
}

fn language_faults(languages: &[String], default_language: &String) -> Vec<Violation> {
    let mut faults = Vec::new();
    if languages.len() > LANGUAGES_MAX {
        faults.push(Violation::new(["languages"], format!("must have at most {LANGUAGES_MAX} entries")));
    }
    let mut seen = HashSet::new();
    for (index, language) in languages.iter().enumerate() {
        let twice = (!seen.insert(language.to_ascii_lowercase())).then_some("must be listed once");
        if let Some(message) = language_fault(language).or(twice) {
            faults.push(Violation::new(["languages", &index.to_string()], message));
        }
    }
    if !languages.contains(default_language) {
        faults.push(Violation::new(["default-language"], "must be one of the languages"));
    }
    faults
}

fn theme_faults(theme: &BTreeMap<String, String>) -> Vec<Violation> {
    let mut faults = Vec::new();
    for (key, value) in theme {
        if !THEME_KEYS.contains(&key.as_str()) {
            let message = "is not a key of a theme; docs/inquiry-templates.md lists them";
            faults.push(Violation::new(["theme", key], message));
        }
        if value.len() > THEME_VALUE_BYTES_MAX || value.chars().any(char::is_control) {
            let message =
                format!("must have at most {THEME_VALUE_BYTES_MAX} bytes and no control characters");
            faults.push(Violation::new(["theme", key], message));
        }
    }
    faults
}
