//! Writes changes into the values of an account, and shows values.

use serde_json::{Map, Value};

use super::system::is_merged;
use super::{AccountType, FieldChanges, Requirements};
use crate::account::Fields;
use crate::field::{FieldSchema, LinkFiles, WritePolicy};
use crate::violation::Violation;

impl AccountType {
    /// Writes changes into the current values; `None` means that the account is being created.
    ///
    /// Null clears. The system hashes `name` and `address` are merged member by member, everything else is
    /// replaced. A new account gets default values for the fields it does not name.
    ///
    /// # Errors
    /// Lists the fields that take no new value and, unless waived, those that must have one.
    pub fn apply(
        &self,
        current: Option<&Fields>,
        changes: &FieldChanges,
        requirements: Requirements,
    ) -> Result<Fields, Vec<Violation>> {
        let mut after = current.map(|fields| fields.0.clone()).unwrap_or_default();
        let mut violations = Vec::new();
        for (key, change) in &changes.0 {
            let Some(field) = self.field(key) else {
                violations.push(at(key, format!("is not a field of the account type {}", self.name)));
                continue;
            };
            let old = after.get(key);
            let new = changed_value(field, old, change);
            if let Some(message) = field.refuses(old, new.as_ref()) {
                violations.push(at(key, message));
                continue;
            }
            match new {
                Some(new) => after.insert(key.clone(), new),
                None => after.remove(key),
            };
        }
        if current.is_none() {
            self.fill_defaults(changes, &mut after);
        }
        if requirements == Requirements::Enforce {
            let is_update = current.is_some();
            let touched = |field: &&FieldSchema| !is_update || changes.0.contains_key(&field.key);
            for field in self.fields.iter().filter(|field| field.is_active()).filter(touched) {
                violations.extend(field.requirement_violations(after.get(&field.key), is_update));
            }
        }
        if violations.is_empty() { Ok(Fields(after)) } else { Err(violations) }
    }

    fn fill_defaults(&self, changes: &FieldChanges, after: &mut Map<String, Value>) {
        for field in self.fields.iter().filter(|field| field.is_active()) {
            if let Some(default) = &field.default_value
                && !changes.0.contains_key(&field.key)
            {
                after.insert(field.key.clone(), default.clone());
            }
        }
    }

    /// The `fields` attribute of an account: every field that is not archived, with its type. `links` makes
    /// the URLs of files.
    #[must_use]
    pub fn present<'a>(&'a self, fields: &'a Fields, links: &'a dyn LinkFiles) -> PresentedFields<'a> {
        PresentedFields { ty: self, fields, links }
    }

    /// Lists what is wrong with stored values by this type: what a stricter revision would break.
    #[must_use]
    pub fn check_stored(&self, fields: &Fields) -> Vec<Violation> {
        let mut violations = Vec::new();
        for field in self.fields.iter().filter(|field| field.is_active()) {
            let value = fields.get(&field.key);
            if let Some(Err(below)) = value.map(|value| field.check(value)) {
                violations.extend(below.into_iter().map(|v| v.within(&field.key).within("fields")));
            }
            violations.extend(field.requirement_violations(value, false));
        }
        violations
    }
}

fn at(key: &str, message: impl Into<String>) -> Violation {
    Violation::new(["fields", key], message)
}

/// The value of a field after a change; nothing if it is cleared.
fn changed_value(field: &FieldSchema, old: Option<&Value>, change: &Value) -> Option<Value> {
    match change {
        Value::Null => None,
        Value::Object(members) if is_merged(field) => {
            let mut merged = old.and_then(Value::as_object).cloned().unwrap_or_default();
            for (key, member) in members {
                if member.is_null() {
                    merged.remove(key);
                } else {
                    merged.insert(key.clone(), member.clone());
                }
            }
            (!merged.is_empty()).then_some(Value::Object(merged))
        }
        value => Some(value.clone()),
    }
}

impl FieldSchema {
    /// Why the field does not take a new value; writing what is there already is always fine.
    fn refuses(&self, old: Option<&Value>, new: Option<&Value>) -> Option<&'static str> {
        if old == new {
            return None;
        }
        if self.archived_at.is_some() {
            return Some("is archived and takes no new values");
        }
        if self.deactivated_at.is_some() {
            return Some("is deactivated and takes no new values");
        }
        (self.write_policy == WritePolicy::WriteOnce && old.is_some())
            .then_some("has a value already and can be written only once")
    }

    /// Lists required values that are missing, the members of the value included.
    fn requirement_violations(&self, value: Option<&Value>, is_update: bool) -> Vec<Violation> {
        let mut violations = Vec::new();
        if self.required && value.is_none_or(crate::field::is_blank) {
            let message = if is_update { "is required and must not be cleared" } else { "is required" };
            violations.push(at(&self.key, message));
        } else if let Some(value) = value {
            self.missing_members(value, &mut violations, &mut vec!["fields".to_owned(), self.key.clone()]);
        }
        violations
    }
}

/// The `fields` attribute of an account, ready to be serialized.
#[derive(Clone, Copy)]
pub struct PresentedFields<'a> {
    ty: &'a AccountType,
    fields: &'a Fields,
    links: &'a dyn LinkFiles,
}

impl serde::Serialize for PresentedFields<'_> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let shown = self.ty.fields.iter().filter(|field| field.archived_at.is_none());
        serializer.collect_map(
            shown.map(|field| (&field.key, field.typed(self.fields.get(&field.key)).linked(self.links))),
        )
    }
}
