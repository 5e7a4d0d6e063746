//! Field schemas: what one field of an account type is called and which values it takes.
//!
//! - `check` tells whether a value is right and normalises it;
//! - `file` knows files: what may be given and what is held;
//! - `publish` writes schemas and values as the public API shows them;
//! - `spec` reads and writes schemas as customers and the database hold them.

mod check;
mod faults;
mod file;
mod publish;
mod sanitize;
mod spec;
#[cfg(test)]
mod tests;

use serde::{Deserialize, Serialize};
use serde_json::Value;

pub use check::{ARRAY_ITEMS_MAX, JSON_BYTES_MAX, JSON_DEPTH_MAX};
pub(crate) use check::{is_blank, is_date, read_instant};
pub use faults::{FIELD_DEPTH_MAX, MAX_CHAR_LENGTH_MAX};
pub(crate) use faults::{Place, key_fault, label_fault, repeated_keys};
pub use file::{
    Display, FILENAME_CHARS_MAX, StoredFile, Upload, decode as decode_base64, extension, media_type,
    page_count,
};
pub use publish::{LinkFiles, TypedValue};
pub use spec::{FieldConfigSpec, FieldSchemaSpec, Sanitize};
pub(crate) use spec::{any_value, within};

use crate::time::Timestamp;

/// Default limit of the length of a string field, in characters.
pub const MAX_CHAR_LENGTH_DEFAULT: u32 = 255;

/// What one field is called and which values it takes.
#[derive(Clone, Debug, PartialEq)]
pub struct FieldSchema {
    /// The key of the field in the API, such as `risk_tier`. Never changes.
    pub key: String,
    /// What people call the field.
    pub label: Option<String>,
    /// The kind of its values. Its name never changes, its limits may.
    pub kind: FieldKind,
    /// The value that new accounts get when none is given.
    pub default_value: Option<Value>,
    /// Whether a value is expected.
    pub required: bool,
    /// When the field was archived: hidden from the API, its data kept.
    pub archived_at: Option<Timestamp>,
    /// When the field was deactivated: shown, but it takes no new values.
    pub deactivated_at: Option<Timestamp>,
    /// Whether redaction erases the value.
    pub redaction_policy: RedactionPolicy,
    /// Whether a value can be overwritten.
    pub write_policy: WritePolicy,
    /// Whether accounts can be found by the value.
    pub searchable: bool,
    /// Whether a clear, ordered copy of the value is kept for range search.
    pub ordered: bool,
}

/// The kind of values that a field takes, with its limits.
#[derive(Clone, Debug, PartialEq)]
pub enum FieldKind {
    /// A text.
    String {
        /// Longest text, in characters.
        max_char_length: u32,
        /// Whether HTML tags are taken out before the text is stored.
        sanitize_html: bool,
    },
    /// A whole number.
    Integer {
        /// The smallest number.
        min: Option<f64>,
        /// The largest number.
        max: Option<f64>,
    },
    /// Any finite number.
    Number {
        /// The smallest number.
        min: Option<f64>,
        /// The largest number.
        max: Option<f64>,
    },
    /// True or false.
    Boolean,
    /// A calendar date, `1990-12-31`.
    Date {
        /// The earliest date.
        min: Option<String>,
        /// The latest date.
        max: Option<String>,
    },
    /// An instant, kept in UTC.
    Datetime,
    /// An e-mail address whose syntax is checked.
    EmailAddress,
    /// One of several options.
    Choices {
        /// Whether the empty text is a value, too.
        allow_empty: bool,
        /// The options.
        options: Vec<String>,
        /// What people see for each option, in the same order; or nothing.
        option_labels: Vec<String>,
    },
    /// Some of several options, each at most once.
    MultiChoices {
        /// Whether the empty list is a value, too.
        allow_empty: bool,
        /// The options.
        options: Vec<String>,
        /// What people see for each option, in the same order; or nothing.
        option_labels: Vec<String>,
    },
    /// A list of values of one kind.
    Array {
        /// The schema of every item.
        item: Box<FieldSchema>,
    },
    /// An object with known members.
    Hash {
        /// The schemas of the members.
        items: Vec<FieldSchema>,
        /// Whether members that have no schema are dropped rather than refused.
        ignore_unknown_keys: bool,
    },
    /// A file.
    File {
        /// The largest file, in bytes.
        max_size_bytes: u64,
        /// The smallest file, in bytes.
        min_size_bytes: u64,
        /// The media types that are accepted.
        mime_types: Vec<String>,
        /// Whether the number of pages is limited.
        page_count_limited: bool,
        /// The fewest pages.
        page_count_min: Option<u32>,
        /// The most pages.
        page_count_max: Option<u32>,
    },
    /// Any JSON document up to 64 KiB and 32 levels.
    Json {
        /// A JSON Schema (Draft 7) that tells readers what to expect. It is informational: it is stored and
        /// published, but values are not checked against it.
        json_schema: Option<Value>,
    },
    /// A pointer to a document or a selfie, by its ID.
    Relation {
        /// What it points to.
        target: RelationTarget,
    },
}

impl FieldKind {
    /// All names, in the order in which they are explained to people.
    pub const NAMES: &'static [&'static str] = &[
        "string",
        "integer",
        "number",
        "boolean",
        "date",
        "datetime",
        "email-address",
        "choices",
        "multi-choices",
        "array",
        "hash",
        "file",
        "json",
        "relation-schema",
    ];

    /// The name of the kind in a field schema, such as `multi-choices`.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::String { .. } => "string",
            Self::Integer { .. } => "integer",
            Self::Number { .. } => "number",
            Self::Boolean => "boolean",
            Self::Date { .. } => "date",
            Self::Datetime => "datetime",
            Self::EmailAddress => "email-address",
            Self::Choices { .. } => "choices",
            Self::MultiChoices { .. } => "multi-choices",
            Self::Array { .. } => "array",
            Self::Hash { .. } => "hash",
            Self::File { .. } => "file",
            Self::Json { .. } => "json",
            Self::Relation { .. } => "relation-schema",
        }
    }

    /// The name of the kind beside a value, such as `multi_choices`.
    #[must_use]
    pub const fn value_name(&self) -> &'static str {
        match self {
            Self::EmailAddress => "email_address",
            Self::MultiChoices { .. } => "multi_choices",
            Self::Relation { .. } => "relation_schema",
            _ => self.name(),
        }
    }
}

/// What a `relation-schema` field points to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RelationTarget {
    /// A generic document.
    DocumentGeneric,
    /// A government ID.
    DocumentGovernmentId,
    /// A government ID read by its chip.
    DocumentGovernmentIdNfc,
    /// A mobile document.
    DocumentMdoc,
    /// A QR code.
    DocumentQrCode,
    /// A selfie.
    Selfie,
}

impl RelationTarget {
    /// The prefix of the IDs it takes.
    #[must_use]
    pub const fn id_prefix(self) -> &'static str {
        match self {
            Self::Selfie => "self_",
            _ => "doc_",
        }
    }
}

/// Whether redacting an account erases a value.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RedactionPolicy {
    /// It does.
    #[default]
    None,
    /// It never does.
    Never,
}

/// Whether a value can be overwritten.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WritePolicy {
    /// It can.
    #[default]
    None,
    /// It cannot once it is set.
    WriteOnce,
}

impl FieldSchema {
    /// Makes a schema with the settings of a field nobody configured further.
    #[must_use]
    pub fn new(key: &str, label: &str, kind: FieldKind) -> Self {
        Self {
            key: key.to_owned(),
            label: (!label.is_empty()).then(|| label.to_owned()),
            kind,
            default_value: None,
            required: false,
            archived_at: None,
            deactivated_at: None,
            redaction_policy: RedactionPolicy::None,
            write_policy: WritePolicy::None,
            searchable: false,
            ordered: false,
        }
    }

    /// Makes a schema of a short text.
    #[must_use]
    pub fn string(key: &str, label: &str) -> Self {
        let kind = FieldKind::String { max_char_length: MAX_CHAR_LENGTH_DEFAULT, sanitize_html: false };
        Self::new(key, label, kind)
    }

    /// Whether the field takes new values: it is neither deactivated nor archived.
    #[must_use]
    pub const fn is_active(&self) -> bool {
        self.archived_at.is_none() && self.deactivated_at.is_none()
    }

    /// The members of a hash; nothing for other kinds.
    #[must_use]
    pub fn members(&self) -> &[Self] {
        match &self.kind {
            FieldKind::Hash { items, .. } => items,
            _ => &[],
        }
    }

    /// Finds the member of a hash by its key, in any inflection.
    #[must_use]
    pub fn member(&self, key: &str) -> Option<&Self> {
        find_by_key(self.members(), key)
    }
}

/// Finds a schema by its key: spelled exactly so, else in any inflection.
pub(crate) fn find_by_key<'s>(schemas: &'s [FieldSchema], key: &str) -> Option<&'s FieldSchema> {
    schemas
        .iter()
        .find(|schema| schema.key == key)
        .or_else(|| schemas.iter().find(|schema| is_inflection(key, &schema.key)))
}

/// Whether `sent` spells the snake-case `key` in kebab or camel case: `postal-code` and `postalCode` both
/// spell `postal_code`.
pub(crate) fn is_inflection(sent: &str, key: &str) -> bool {
    is_kebab(sent, key) || is_camel(sent, key)
}

fn is_kebab(sent: &str, key: &str) -> bool {
    sent.len() == key.len() && sent.bytes().zip(key.bytes()).all(|(s, k)| s == k || (s == b'-' && k == b'_'))
}

fn is_camel(sent: &str, key: &str) -> bool {
    sent.bytes().eq(camel(key))
}

/// The bytes of a snake-case key in camel case.
pub(crate) fn camel(key: &str) -> impl Iterator<Item = u8> {
    let mut after_underscore = false;
    key.bytes().filter_map(move |byte| {
        if byte == b'_' {
            after_underscore = true;
            return None;
        }
        let written = if after_underscore { byte.to_ascii_uppercase() } else { byte };
        after_underscore = false;
        Some(written)
    })
}
