//! Checks verification templates, and gives them their IDs.

use std::collections::HashSet;

use crate::field::{FieldSchema, key_fault, within};
use crate::id::IdSource;
use crate::inquiry_template::{ID_CLASSES, VerificationConfig, VerificationKind, VerificationTemplate};
use crate::violation::Violation;

/// Most verifications.
const VERIFICATIONS_MAX: usize = 30;
/// Most attempts that can be allowed.
const ATTEMPTS_MAX_MAX: u32 = 100;
/// The highest age that can be asked for.
const AGE_MAX: u32 = 150;

/// Gives verifications their IDs: those they had, else new ones.
pub(super) fn identified(
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

pub(super) fn verification_faults(configs: &[VerificationConfig], fields: &[FieldSchema]) -> Vec<Violation> {
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
