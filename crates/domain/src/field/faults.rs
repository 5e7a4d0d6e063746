//! Finds what makes no sense in a field schema that a customer wrote.

use std::collections::HashSet;

use serde_json::Value;

use super::check::is_date;
use super::spec::within;
use super::{FieldKind, FieldSchema, RedactionPolicy, WritePolicy, camel};
use crate::violation::Violation;

/// Deepest nesting of arrays and hashes in one field.
pub const FIELD_DEPTH_MAX: usize = 5;
/// Highest limit of the length of a string field, in characters.
pub const MAX_CHAR_LENGTH_MAX: u32 = 1024;
/// Longest key.
const KEY_CHARS_MAX: usize = 64;
/// Longest label of a field or an option, in characters.
const LABEL_CHARS_MAX: usize = 255;
/// Most options of one field.
const OPTIONS_MAX: usize = 1000;
/// Most members of one hash.
const MEMBERS_MAX: usize = 200;

/// Where a field stands in its type.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    /// It is a field of the type.
    Top,
    /// It is a member of a hash which is a field of the type.
    Member,
    /// It is somewhere in an array, or deeper.
    Deep,
}

/// What is wrong with a key, if anything.
pub(crate) fn key_fault(key: &str) -> Option<String> {
    let mut bytes = key.bytes();
    let is_right = bytes.next().is_some_and(|first| first.is_ascii_lowercase())
        && bytes.all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_')
        && key.len() <= KEY_CHARS_MAX;
    (!is_right).then(|| {
        format!("must be a small letter followed by small letters, digits and _, at most {KEY_CHARS_MAX} characters")
    })
}

/// What is wrong with a name or label, if anything.
pub(crate) fn label_fault(text: &str) -> Option<String> {
    if text.trim().is_empty() || text.chars().any(char::is_control) {
        return Some("must not be blank or contain control characters".to_owned());
    }
    (text.chars().count() > LABEL_CHARS_MAX)
        .then(|| format!("must have at most {LABEL_CHARS_MAX} characters"))
}

/// Finds keys that stand twice in one list, be it in another inflection.
pub(crate) fn repeated_keys<'k>(keys: impl Iterator<Item = &'k str>) -> Vec<(usize, String)> {
    let mut seen: HashSet<Vec<u8>> = HashSet::new();
    keys.enumerate()
        .filter(|(_, key)| !seen.insert(camel(key).collect()))
        .map(|(index, _)| {
            (index, "must be unique; another one has this key or reads the same in camel case".to_owned())
        })
        .collect()
}

impl FieldSchema {
    /// Lists what makes no sense; paths start below this field. `depth` counts the arrays and hashes around it.
    pub(crate) fn faults(&self, place: Place, depth: usize) -> Vec<Violation> {
        let mut faults: Vec<Violation> = Vec::new();
        faults.extend(key_fault(&self.key).map(|message| Violation::new(["key"], message)));
        if let Some(message) = self.label.as_deref().and_then(label_fault) {
            faults.push(Violation::new(["label"], message));
        }
        faults.extend(self.policy_faults(place));
        faults.extend(self.kind_faults(place, depth));
        faults.extend(self.default_faults(place));
        faults
    }

    fn policy_faults(&self, place: Place) -> Vec<Violation> {
        let mut faults = Vec::new();
        let mut refuse = |name: &str, message: &str| faults.push(Violation::new(["config", name], message));
        if place != Place::Top {
            let top_only = "is a setting of a whole field; leave it out here";
            if self.write_policy != WritePolicy::None {
                refuse("write-policy", top_only);
            }
            if self.redaction_policy != RedactionPolicy::None {
                refuse("redaction-policy", top_only);
            }
            if self.archived_at.is_some() {
                refuse("archived-at", top_only);
            }
            if self.deactivated_at.is_some() {
                refuse("deactivated-at", top_only);
            }
        }
        if self.searchable && (place == Place::Deep || !self.kind.is_searchable()) {
            refuse("searchable", "cannot be set: only single values outside lists can be searched");
        }
        if self.ordered && (place == Place::Deep || !self.kind.is_orderable()) {
            refuse("ordered", "cannot be set: only texts, numbers and dates outside lists have an order");
        }
        if self.ordered && !self.searchable {
            refuse("ordered", "needs searchable = true");
        }
        faults
    }

    fn default_faults(&self, place: Place) -> Vec<Violation> {
        let Some(default) = &self.default_value else { return Vec::new() };
        if place != Place::Top || !self.kind.takes_default() {
            return vec![Violation::new(["default-value"], "cannot be set for this field; leave it out")];
        }
        self.check(default).map_or_else(|below| within(below, &["default-value"]), |_| Vec::new())
    }

    fn kind_faults(&self, place: Place, depth: usize) -> Vec<Violation> {
        match &self.kind {
            FieldKind::String { max_char_length, .. } => (!(1..=MAX_CHAR_LENGTH_MAX)
                .contains(max_char_length))
            .then(|| setting("max-char-length", format!("must be from 1 to {MAX_CHAR_LENGTH_MAX}")))
            .into_iter()
            .collect(),
            FieldKind::Integer { min, max } | FieldKind::Number { min, max } => range_faults(*min, *max),
            FieldKind::Date { min, max } => date_faults(min.as_deref(), max.as_deref()),
            FieldKind::Choices { options, option_labels, .. }
            | FieldKind::MultiChoices { options, option_labels, .. } => option_faults(options, option_labels),
            FieldKind::Array { item } => {
                let below = item.nested_faults(Place::Deep, depth);
                within(below, &["config", "item-schema"])
            }
            FieldKind::Hash { items, .. } => member_faults(items, place, depth),
            FieldKind::File { max_size_bytes, min_size_bytes, page_count_min, page_count_max, .. } => {
                let pages = page_count_min.zip(*page_count_max).is_some_and(|(min, max)| min > max);
                let size = (min_size_bytes > max_size_bytes)
                    .then(|| setting("max-file-size-bytes", "must not be less than min-file-size-bytes"));
                let pages = pages.then(|| setting("page-count-max", "must not be less than page-count-min"));
                size.into_iter().chain(pages).collect()
            }
            FieldKind::Json { json_schema: Some(schema) } if !matches!(schema, Value::Object(_)) => {
                vec![setting("json-schema", "must be an object")]
            }
            FieldKind::Json { json_schema: Some(schema) } if has_null(schema) => {
                vec![setting("json-schema", "must not contain null: the text form of types has none")]
            }
            _ => Vec::new(),
        }
    }

    fn nested_faults(&self, place: Place, depth: usize) -> Vec<Violation> {
        if depth + 1 >= FIELD_DEPTH_MAX
            && matches!(self.kind, FieldKind::Array { .. } | FieldKind::Hash { .. })
        {
            let message = format!("must not nest lists and objects more than {FIELD_DEPTH_MAX} deep");
            return vec![Violation::new(["type"], message)];
        }
        self.faults(place, depth + 1)
    }
}

fn setting(name: &str, message: impl Into<String>) -> Violation {
    Violation::new(["config", name], message)
}

fn has_null(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Array(items) => items.iter().any(has_null),
        Value::Object(members) => members.values().any(has_null),
        Value::Bool(_) | Value::Number(_) | Value::String(_) => false,
    }
}

fn range_faults(min: Option<f64>, max: Option<f64>) -> Vec<Violation> {
    let mut faults = Vec::new();
    for (name, limit) in [("min", min), ("max", max)] {
        if limit.is_some_and(|limit| !limit.is_finite()) {
            faults.push(setting(name, "must be a finite number"));
        }
    }
    if min.zip(max).is_some_and(|(min, max)| min > max) {
        faults.push(setting("max", "must not be less than min"));
    }
    faults
}

fn date_faults(min: Option<&str>, max: Option<&str>) -> Vec<Violation> {
    let mut faults = Vec::new();
    for (name, limit) in [("min-date", min), ("max-date", max)] {
        if limit.is_some_and(|limit| !is_date(limit)) {
            faults.push(setting(name, "must be a date like 1990-12-31"));
        }
    }
    if min.zip(max).is_some_and(|(min, max)| min > max) {
        faults.push(setting("max-date", "must not be earlier than min-date"));
    }
    faults
}

fn option_faults(options: &[String], labels: &[String]) -> Vec<Violation> {
    let mut faults = Vec::new();
    if options.is_empty() || options.len() > OPTIONS_MAX {
        faults.push(setting("options", format!("must list from 1 to {OPTIONS_MAX} options")));
    }
    if options.iter().any(|option| label_fault(option).is_some()) {
        faults.push(setting("options", format!("must be texts of 1 to {LABEL_CHARS_MAX} characters")));
    }
    let mut seen = HashSet::new();
    if !options.iter().all(|option| seen.insert(option)) {
        faults.push(setting("options", "must list each option once"));
    }
    if !labels.is_empty() && labels.len() != options.len() {
        faults.push(setting("option-labels", "must have one label for each of the options, or be left out"));
    }
    faults
}

fn member_faults(items: &[FieldSchema], place: Place, depth: usize) -> Vec<Violation> {
    let mut faults = Vec::new();
    if items.is_empty() || items.len() > MEMBERS_MAX {
        faults.push(setting("item-schemas", format!("must list from 1 to {MEMBERS_MAX} members")));
    }
    let below = if place == Place::Top { Place::Member } else { Place::Deep };
    for (index, item) in items.iter().enumerate() {
        faults.extend(within(
            item.nested_faults(below, depth),
            &["config", "item-schemas", &index.to_string()],
        ));
    }
    for (index, message) in repeated_keys(items.iter().map(|item| item.key.as_str())) {
        let index = index.to_string();
        faults.push(Violation::new(["config", "item-schemas", &index, "key"], message));
    }
    faults
}

impl FieldKind {
    fn is_searchable(&self) -> bool {
        !matches!(
            self,
            Self::Array { .. }
                | Self::Hash { .. }
                | Self::File { .. }
                | Self::Json { .. }
                | Self::MultiChoices { .. }
        )
    }

    fn is_orderable(&self) -> bool {
        matches!(
            self,
            Self::String { .. }
                | Self::Integer { .. }
                | Self::Number { .. }
                | Self::Date { .. }
                | Self::Datetime
        )
    }

    fn takes_default(&self) -> bool {
        !matches!(
            self,
            Self::Array { .. }
                | Self::Hash { .. }
                | Self::File { .. }
                | Self::Json { .. }
                | Self::Relation { .. }
        )
    }
}
