//! Values of fields.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::{Number, Value, json};

use crate::files::StoredFile;

/// The value of a field and what it is. `None` means that it is not set.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[serde(from = "Wire", into = "Wire")]
#[non_exhaustive]
pub enum FieldValue {
    /// A text.
    String(Option<String>),
    /// A whole number.
    Integer(Option<i64>),
    /// A number.
    Number(Option<Number>),
    /// Yes or no.
    Boolean(Option<bool>),
    /// A date such as `1990-12-31`.
    Date(Option<String>),
    /// An instant such as `2026-01-31T12:00:00Z`.
    Datetime(Option<String>),
    /// An e-mail address.
    EmailAddress(Option<String>),
    /// One of the options.
    Choices(Option<String>),
    /// Some of the options.
    MultiChoices(Option<Vec<String>>),
    /// Items; none when it is not set.
    Array(Vec<FieldValue>),
    /// Members by key, set or not.
    Hash(BTreeMap<String, FieldValue>),
    /// A file.
    File(Option<StoredFile>),
    /// Any JSON document.
    Json(Value),
    /// The ID of a document or a selfie.
    Relation(Option<String>),
    /// A kind that this version of the crate has no type for: its name and its value.
    Other(String, Value),
}

/// A value as it stands on the wire.
#[derive(Serialize, Deserialize)]
struct Wire {
    #[serde(rename = "type")]
    kind: String,
    #[serde(default)]
    value: Value,
}

impl FieldValue {
    /// Its kind, as the wire has it: `string`, `email_address`, `hash` and so on.
    #[must_use]
    pub fn kind(&self) -> &str {
        match self {
            Self::String(_) => "string",
            Self::Integer(_) => "integer",
            Self::Number(_) => "number",
            Self::Boolean(_) => "boolean",
            Self::Date(_) => "date",
            Self::Datetime(_) => "datetime",
            Self::EmailAddress(_) => "email_address",
            Self::Choices(_) => "choices",
            Self::MultiChoices(_) => "multi_choices",
            Self::Array(_) => "array",
            Self::Hash(_) => "hash",
            Self::File(_) => "file",
            Self::Json(_) => "json",
            Self::Relation(_) => "relation_schema",
            Self::Other(kind, _) => kind,
        }
    }

    /// The text of a text, a date, an instant, an e-mail address, a choice or a relation that is set.
    #[must_use]
    pub fn text(&self) -> Option<&str> {
        match self {
            Self::String(text)
            | Self::Date(text)
            | Self::Datetime(text)
            | Self::EmailAddress(text)
            | Self::Choices(text)
            | Self::Relation(text) => text.as_deref(),
            _ => None,
        }
    }

    /// The number, if it is a whole number that is set.
    #[must_use]
    pub fn integer(&self) -> Option<i64> {
        match self {
            Self::Integer(number) => *number,
            _ => None,
        }
    }

    /// The number, whole or not, if one is set.
    #[must_use]
    pub fn number(&self) -> Option<f64> {
        match self {
            Self::Number(number) => number.as_ref().and_then(Number::as_f64),
            Self::Integer(number) => number.map(|number| number as f64),
            _ => None,
        }
    }

    /// Yes or no, if it is set.
    #[must_use]
    pub fn boolean(&self) -> Option<bool> {
        match self {
            Self::Boolean(flag) => *flag,
            _ => None,
        }
    }

    /// The options that are chosen; none where it is not of that kind.
    #[must_use]
    pub fn choices(&self) -> &[String] {
        match self {
            Self::MultiChoices(Some(options)) => options,
            _ => &[],
        }
    }

    /// The file, if one is set.
    #[must_use]
    pub fn file(&self) -> Option<&StoredFile> {
        match self {
            Self::File(file) => file.as_ref(),
            _ => None,
        }
    }

    /// The items of an array; none where it is not of that kind.
    #[must_use]
    pub fn items(&self) -> &[FieldValue] {
        match self {
            Self::Array(items) => items,
            _ => &[],
        }
    }

    /// A member of a hash.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&FieldValue> {
        match self {
            Self::Hash(members) => members.get(key),
            _ => None,
        }
    }

    /// The value without its kind, as it is sent: members of hashes and items of arrays are bare as well.
    #[must_use]
    pub fn bare(&self) -> Value {
        match self {
            Self::String(text)
            | Self::Date(text)
            | Self::Datetime(text)
            | Self::EmailAddress(text)
            | Self::Choices(text)
            | Self::Relation(text) => json!(text),
            Self::Integer(number) => json!(number),
            Self::Number(number) => json!(number),
            Self::Boolean(flag) => json!(flag),
            Self::MultiChoices(options) => json!(options),
            Self::Array(items) => items.iter().map(Self::bare).collect(),
            Self::Hash(members) => members.iter().map(|(key, member)| (key.clone(), member.bare())).collect(),
            Self::File(file) => json!(file),
            Self::Json(value) | Self::Other(_, value) => value.clone(),
        }
    }
}

impl From<FieldValue> for Value {
    fn from(value: FieldValue) -> Self {
        value.bare()
    }
}

impl fmt::Debug for FieldValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} [redacted]", self.kind())
    }
}

impl From<FieldValue> for Wire {
    fn from(value: FieldValue) -> Self {
        let kind = value.kind().to_owned();
        let value = match value {
            FieldValue::Array(items) => json!(items),
            FieldValue::Hash(members) => json!(members),
            other => other.bare(),
        };
        Self { kind, value }
    }
}

/// A value that is not of its kind is kept as [`FieldValue::Other`]: what one server writes, another version
/// of this crate can read.
impl From<Wire> for FieldValue {
    fn from(Wire { kind, value }: Wire) -> Self {
        let text = || Option::<String>::deserialize(&value).ok();
        let known = match kind.as_str() {
            "string" => text().map(Self::String),
            "date" => text().map(Self::Date),
            "datetime" => text().map(Self::Datetime),
            "email_address" => text().map(Self::EmailAddress),
            "choices" => text().map(Self::Choices),
            "relation_schema" => text().map(Self::Relation),
            "integer" => Option::deserialize(&value).ok().map(Self::Integer),
            "number" => Option::deserialize(&value).ok().map(Self::Number),
            "boolean" => Option::deserialize(&value).ok().map(Self::Boolean),
            "multi_choices" => Option::deserialize(&value).ok().map(Self::MultiChoices),
            "array" => Vec::deserialize(&value).ok().map(Self::Array),
            "hash" => BTreeMap::deserialize(&value).ok().map(Self::Hash),
            "file" => Option::deserialize(&value).ok().map(Self::File),
            "json" => return Self::Json(value),
            _ => None,
        };
        known.unwrap_or(Self::Other(kind, value))
    }
}
