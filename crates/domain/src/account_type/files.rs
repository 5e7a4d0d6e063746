//! Files among the values of an account: taking them out of a request, and settling which ones stay.

use serde_json::{Map, Value};

use super::changes::{SELFIE, selfie_is_nested};
use super::{AccountType, FieldChanges};
use crate::account::Fields;
use crate::field::{FieldKind, FieldSchema, StoredFile, Upload, find_by_key};
use crate::violation::Violation;

/// What is said where a value names a file that is not there.
const NOT_HERE: &str = "names a file that is not the one stored here; send data and filename to store one";

/// Changes whose files are known: each is one that the account has, or one that was brought along.
#[derive(Clone, Debug, Default)]
pub struct SettledChanges {
    /// The changes, with whole stored files in them.
    pub changes: FieldChanges,
    /// The files that are to be stored: the key of their field, and their ID.
    pub brought: Vec<(String, String)>,
}

impl AccountType {
    /// Takes the uploads that fields accept out of the data attributes of a request (as
    /// [`AccountType::read_changes`] reads them), and puts what `store` makes of them there. It is told the key
    /// of the field.
    ///
    /// What a field does not accept stays where it is, for `read_changes` to refuse.
    pub fn take_uploads(
        &self,
        top_level: &mut Map<String, Value>,
        fields: &mut Map<String, Value>,
        store: &mut dyn FnMut(&str, Upload) -> StoredFile,
    ) {
        let selfie = self.field("selfie_photo");
        if let (Some(field), Some(value)) = (selfie, top_level.get_mut(SELFIE)) {
            let value = if selfie_is_nested(value) { value.get_mut("data") } else { Some(value) };
            if let Some(value) = value {
                field.take_uploads(value, &mut |upload| store(&field.key, upload));
            }
        }
        for (key, value) in fields {
            if let Some(field) = find_by_key(&self.fields, key).filter(|field| field.holds_files()) {
                field.take_uploads(value, &mut |upload| store(&field.key, upload));
            }
        }
    }

    /// Whether changes may have files in them that must be settled before they are applied.
    #[must_use]
    pub fn touches_files(&self, changes: &FieldChanges) -> bool {
        changes.0.iter().any(|(key, value)| {
            matches!(value, Value::Object(_) | Value::Array(_))
                && self.field(key).is_some_and(FieldSchema::holds_files)
        })
    }

    /// Finds out which files changes mean.
    ///
    /// A file that `was_brought` along and is stored in that field already, with the same content and name,
    /// is the stored one. A file that was not brought must be one that the field has: then it stays as it is.
    ///
    /// # Errors
    /// Lists the values that name a file which is not there.
    pub fn settle_files(
        &self,
        current: Option<&Fields>,
        changes: &FieldChanges,
        was_brought: &dyn Fn(&str) -> bool,
    ) -> Result<SettledChanges, Vec<Violation>> {
        let mut settled = SettledChanges { changes: changes.clone(), brought: Vec::new() };
        let mut violations = Vec::new();
        for (key, change) in &mut settled.changes.0 {
            let Some(field) = self.field(key).filter(|field| field.holds_files()) else { continue };
            let mut stored = Vec::new();
            collect(field, current.and_then(|fields| fields.get(key)), &mut stored);
            let mut settling = Settling { stored: &stored, was_brought, brought: Vec::new() };
            let refused = settling.settle(field, change);
            settled.brought.extend(settling.brought.into_iter().map(|id| (key.clone(), id)));
            violations.extend(refused.into_iter().map(|violation| violation.within(key).within("fields")));
        }
        if violations.is_empty() { Ok(settled) } else { Err(violations) }
    }

    /// The files in the values of an account, each under the key of its field.
    #[must_use]
    pub fn files_of(&self, fields: &Fields) -> Vec<(String, StoredFile)> {
        let mut files = Vec::new();
        for field in self.fields.iter().filter(|field| field.holds_files()) {
            let mut found = Vec::new();
            collect(field, fields.get(&field.key), &mut found);
            files.extend(found.into_iter().map(|file| (field.key.clone(), file)));
        }
        files
    }
}

/// Finds the files in a stored value.
fn collect(field: &FieldSchema, value: Option<&Value>, found: &mut Vec<StoredFile>) {
    match (&field.kind, value) {
        (FieldKind::File { .. }, Some(value)) => found.extend(StoredFile::from_value(value)),
        (FieldKind::Array { item }, Some(Value::Array(values))) => {
            values.iter().for_each(|value| collect(item, Some(value), found));
        }
        (FieldKind::Hash { items, .. }, Some(Value::Object(members))) => {
            items.iter().for_each(|item| collect(item, members.get(&item.key), found));
        }
        _ => {}
    }
}

/// The files of one field while its change is settled.
struct Settling<'a> {
    stored: &'a [StoredFile],
    was_brought: &'a dyn Fn(&str) -> bool,
    brought: Vec<String>,
}

impl Settling<'_> {
    fn settle(&mut self, field: &FieldSchema, value: &mut Value) -> Vec<Violation> {
        match (&field.kind, value) {
            (FieldKind::File { .. }, value @ Value::Object(_)) => {
                self.settle_file(value).into_iter().collect()
            }
            (FieldKind::Array { item }, Value::Array(values)) => {
                let refused = values.iter_mut().enumerate().flat_map(|(index, value)| {
                    let below = self.settle(item, value);
                    below.into_iter().map(move |violation| violation.within(&index.to_string()))
                });
                refused.collect()
            }
            (FieldKind::Hash { items, .. }, Value::Object(members)) => {
                let mut refused = Vec::new();
                for item in items {
                    let below = members.get_mut(&item.key).map(|value| self.settle(item, value));
                    refused.extend(below.into_iter().flatten().map(|violation| violation.within(&item.key)));
                }
                refused
            }
            _ => Vec::new(),
        }
    }

    fn settle_file(&mut self, value: &mut Value) -> Option<Violation> {
        let refusal = |message: &str| Some(Violation { path: Vec::new(), message: message.to_owned() });
        let Some(id) = value.get("id").and_then(Value::as_str) else { return refusal(NOT_HERE) };
        if (self.was_brought)(id)
            && let Some(file) = StoredFile::from_value(value)
        {
            match self.stored.iter().find(|stored| stored.is_same(&file)) {
                Some(stored) => *value = stored.to_value(),
                None if self.brought.contains(&file.id) => {}
                None => self.brought.push(file.id),
            }
            return None;
        }
        let Some(stored) = self.stored.iter().find(|stored| stored.id == id) else {
            return refusal(NOT_HERE);
        };
        if value.get("filename").is_some_and(|name| *name != stored.filename) {
            return refusal(
                "names the stored file otherwise; to rename it, send it again with data and filename",
            );
        }
        *value = stored.to_value();
        None
    }
}
