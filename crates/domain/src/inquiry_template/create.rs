//! Makes a definition of what an author wrote, after finding everything that makes no sense in it.

mod conditions;
mod steps;

use std::collections::{BTreeMap, HashSet};

use super::flow::flow_faults;
use super::settings::host_faults;
use super::spec::{InquiryTemplateSpec, StepSpec};
use super::texts::language_fault;
use super::theme::THEME_KEYS;
use super::verification::{ID_CLASSES, VerificationConfig, VerificationKind, VerificationTemplate};
use super::{Definition, Step, TemplateHead, fold_key};
use crate::account_type::AccountType;
use crate::field::{FieldKind, FieldSchema, FieldSchemaSpec, Place, key_fault, label_fault, within};
use crate::id::IdSource;
use crate::violation::Violation;

pub(super) use steps::usual_mime_types;

/// Most languages of a flow.
pub(super) const LANGUAGES_MAX: usize = 50;
/// Most fields, deactivated ones included.
const FIELDS_MAX: usize = 200;
/// Most verifications.
const VERIFICATIONS_MAX: usize = 30;
/// Most attempts that can be allowed.
const ATTEMPTS_MAX_MAX: u32 = 100;
/// The highest age that can be asked for.
const AGE_MAX: u32 = 150;
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

/// Gives verifications their IDs: those they had, else new ones.
fn identified(
    configs: &[VerificationConfig],
    known: &[VerificationTemplate],
    ids: &mut IdSource,
    faults: &mut Vec<Violation>,
) -> Vec<VerificationTemplate> {
    let mut verifications = Vec::new();
    for (index, config) in configs.iter().enumerate() {
        let mut of_key = known.iter().filter(|known| known.config.key == config.key);
        if let Some(other) = of_key.clone().find(|known| known.config.kind != config.kind) {
            let message = format!(
                "must stay {}, as it was in an earlier version; choose another key for another kind",
                other.config.kind.name()
            );
            faults.push(Violation::new(["verifications", &index.to_string(), "kind"], message));
        }
        let id = of_key.clone().next().map_or_else(|| ids.mint(), |known| known.id.clone());
        let same = of_key.find(|known| known.config == *config);
        let version_id = same.map_or_else(|| ids.mint(), |known| known.version_id.clone());
        verifications.push(VerificationTemplate { id, version_id, config: config.clone() });
    }
    verifications
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

/// The keys that inquiries have had since ever, with what they hold: nobody need write their type.
const WELL_KNOWN: [(&str, &str); 13] = [
    ("name-first", "First name"),
    ("name-middle", "Middle name"),
    ("name-last", "Last name"),
    ("birthdate", "Birthdate"),
    ("email-address", "Email address"),
    ("phone-number", "Phone number"),
    ("identification-number", "Identification number"),
    ("address-street-1", "Street"),
    ("address-street-2", "Street, second line"),
    ("address-city", "City"),
    ("address-subdivision", "State or region"),
    ("address-postal-code", "Postal code"),
    ("address-country-code", "Country"),
];

/// The schema of a well-known key, in whatever inflection.
fn well_known(key: &str) -> Option<FieldSchema> {
    let folded = fold_key(key);
    let (_, label) = WELL_KNOWN.iter().find(|(known, _)| fold_key(known) == folded)?;
    Some(if folded == "birthdate" {
        FieldSchema::new(key, label, FieldKind::Date { min: None, max: None })
    } else {
        FieldSchema::string(key, label)
    })
}

fn read_fields(specs: &[FieldSchemaSpec]) -> Result<Vec<FieldSchema>, Vec<Violation>> {
    let mut fields: Vec<FieldSchema> = Vec::new();
    let mut faults = Vec::new();
    if specs.len() > FIELDS_MAX {
        faults.push(Violation::new(["field-schemas"], format!("must list at most {FIELDS_MAX} fields")));
    }
    let mut seen = HashSet::new();
    for (index, spec) in specs.iter().enumerate() {
        let place = ["field-schemas", &index.to_string()];
        match read_field(spec) {
            Ok(field) => {
                if !seen.insert(fold_key(&field.key)) {
                    let message = format!("must be unique, however it is spelled (field {})", field.key);
                    faults.extend(within(vec![Violation::new(["key"], message)], &place));
                }
                fields.push(field);
            }
            Err(mut below) => {
                for violation in &mut below {
                    if key_fault(&spec.key.replace('-', "_")).is_none() {
                        violation.message.push_str(&format!(" (field {})", spec.key));
                    }
                }
                faults.extend(within(below, &place));
            }
        }
    }
    if faults.is_empty() { Ok(fields) } else { Err(faults) }
}

fn read_field(spec: &FieldSchemaSpec) -> Result<FieldSchema, Vec<Violation>> {
    let mut spec = spec.clone();
    if let (None, Some(known)) = (&spec.kind, well_known(&spec.key)) {
        spec.kind = Some(known.kind.name().to_owned());
        spec.label = spec.label.or(known.label);
    }
    if spec.kind.is_none() {
        let message = format!("must be one of {}", FieldKind::NAMES.join(", "));
        return Err(vec![Violation::new(["type"], message)]);
    }
    let mut schema = spec.read()?;
    let mut faults = spec.stray_settings(&schema);
    if schema.searchable || schema.ordered {
        let message = "is a setting of account types; leave it out";
        faults.push(Violation::new(["config", "searchable"], message));
    }
    // Keys of inquiries may have dashes; everything else is as in account types.
    let snake = FieldSchema { key: schema.key.replace('-', "_"), ..schema.clone() };
    faults.extend(snake.faults(Place::Top, 0).into_iter().map(|fault| match fault.path.as_slice() {
        [only] if only == "key" => Violation::new(
            ["key"],
            "must be a small letter followed by small letters, digits, - and _, at most 64 characters",
        ),
        _ => fault,
    }));
    if !faults.is_empty() {
        return Err(faults);
    }
    if let Some(default) = &schema.default_value {
        schema.default_value = Some(schema.check(default)?);
    }
    Ok(schema)
}

impl FieldSchema {
    /// The schema as the author of a template writes it: what is usual is left out.
    pub(super) fn to_template_spec(&self) -> FieldSchemaSpec {
        let mut spec = self.full_spec();
        spec.leave_out_defaults();
        if let Some(known) = well_known(&self.key).filter(|known| known.kind == self.kind) {
            spec.kind = None;
            if self.label == known.label {
                spec.label = None;
            }
        }
        spec
    }
}

fn verification_faults(configs: &[VerificationConfig], fields: &[FieldSchema]) -> Vec<Violation> {
    let mut faults = Vec::new();
    if configs.len() > VERIFICATIONS_MAX {
        let message = format!("must have at most {VERIFICATIONS_MAX} entries");
        faults.push(Violation::new(["verifications"], message));
    }
    let mut seen = HashSet::new();
    for (index, config) in configs.iter().enumerate() {
        let mut below = config.faults(fields);
        if !seen.insert(config.key.as_str()) {
            below.push(Violation::new(["key"], "must be unique; another verification has this key"));
        }
        faults.extend(within(below, &["verifications", &index.to_string()]));
    }
    faults
}

impl VerificationConfig {
    fn faults(&self, fields: &[FieldSchema]) -> Vec<Violation> {
        let mut faults = Vec::new();
        faults.extend(key_fault(&self.key).map(|message| Violation::new(["key"], message)));
        if !(1..=ATTEMPTS_MAX_MAX).contains(&self.attempts_max) {
            let message = format!("must be from 1 to {ATTEMPTS_MAX_MAX}");
            faults.push(Violation::new(["attempts-max"], message));
        }
        let is_id = self.kind == VerificationKind::GovernmentId;
        let of_id = [("countries", !self.countries.is_empty()), ("id-classes", !self.id_classes.is_empty())];
        for (name, _) in
            of_id.into_iter().chain([("minimum-age", self.minimum_age.is_some())]).filter(|m| m.1)
        {
            if !is_id {
                faults.push(Violation::new([name], "is a setting of government-id only; leave it out"));
            }
        }
        for (index, country) in self.countries.iter().enumerate() {
            if country.len() != 2 || !country.bytes().all(|byte| byte.is_ascii_uppercase()) {
                let message = "must be a country as two capitals, like US";
                faults.push(Violation::new(["countries", &index.to_string()], message));
            }
        }
        for (index, class) in self.id_classes.iter().enumerate() {
            if !ID_CLASSES.contains(&class.as_str()) {
                let message = format!("must be one of {}", ID_CLASSES.join(", "));
                faults.push(Violation::new(["id-classes", &index.to_string()], message));
            }
        }
        if self.minimum_age.is_some_and(|age| age > AGE_MAX) {
            faults.push(Violation::new(["minimum-age"], format!("must be at most {AGE_MAX} years")));
        }
        faults.extend(self.comparison_faults(fields));
        for check in self.checks.keys() {
            if !self.kind.checks().iter().any(|known| known.name == check) {
                let message = format!("is not a check of {}; leave it out", self.kind.name());
                faults.push(Violation::new(["checks", check], message));
            }
        }
        faults
    }

    fn comparison_faults(&self, fields: &[FieldSchema]) -> Vec<Violation> {
        let mut faults = Vec::new();
        let comparable = self.kind.comparable();
        for (attribute, field) in &self.comparisons {
            let message = if comparable.is_empty() {
                format!("cannot be compared by a verification of kind {}", self.kind.name())
            } else if !comparable.contains(&attribute.as_str()) {
                format!("must be one of {}", comparable.join(", "))
            } else if !fields.iter().any(|known| known.key == *field) {
                "must be the key of a field of the template".to_owned()
            } else {
                continue;
            };
            faults.push(Violation::new(["comparisons", attribute], message));
        }
        faults
    }
}
