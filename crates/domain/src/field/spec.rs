//! Field schemas as customers write them and as the database keeps them.

mod read;
mod write;

use serde::de::{Deserializer, Error as _};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

pub(crate) use read::within;

use super::check::limit;
use super::{RedactionPolicy, RelationTarget, WritePolicy};
use crate::written::{Explained, Nested, explain, explain_list};

/// A field schema as it is written: what is left out takes its default.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct FieldSchemaSpec {
    /// The key.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub key: String,
    /// The name of the kind; may be left out for a system field.
    #[serde(rename = "type", default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// What people call the field.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    /// The value of new accounts.
    #[serde(default, deserialize_with = "any_value", skip_serializing_if = "Option::is_none")]
    pub default_value: Option<Value>,
    /// The settings.
    #[serde(default, skip_serializing_if = "FieldConfigSpec::is_empty")]
    pub config: FieldConfigSpec,
}

/// The settings of a field, of whatever kind.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct FieldConfigSpec {
    /// See [`FieldSchema::required`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub required: Option<bool>,
    /// See [`FieldSchema::archived_at`].
    #[serde(deserialize_with = "moment", skip_serializing_if = "Option::is_none")]
    pub archived_at: Option<String>,
    /// See [`FieldSchema::deactivated_at`].
    #[serde(deserialize_with = "moment", skip_serializing_if = "Option::is_none")]
    pub deactivated_at: Option<String>,
    /// See [`FieldSchema::redaction_policy`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub redaction_policy: Option<RedactionPolicy>,
    /// See [`FieldSchema::write_policy`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub write_policy: Option<WritePolicy>,
    /// See [`FieldSchema::searchable`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub searchable: Option<bool>,
    /// See [`FieldSchema::ordered`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ordered: Option<bool>,
    /// Longest text of a `string`, in characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_char_length: Option<u32>,
    /// What is taken out of a `string`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sanitize: Option<Vec<Sanitize>>,
    /// Smallest `integer` or `number`.
    #[serde(serialize_with = "plain_number", skip_serializing_if = "Option::is_none")]
    pub min: Option<f64>,
    /// Largest `integer` or `number`.
    #[serde(serialize_with = "plain_number", skip_serializing_if = "Option::is_none")]
    pub max: Option<f64>,
    /// Earliest `date`.
    #[serde(deserialize_with = "moment", skip_serializing_if = "Option::is_none")]
    pub min_date: Option<String>,
    /// Latest `date`.
    #[serde(deserialize_with = "moment", skip_serializing_if = "Option::is_none")]
    pub max_date: Option<String>,
    /// Whether `choices` or `multi-choices` may be empty.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub allow_empty: Option<bool>,
    /// The options of `choices` or `multi-choices`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub options: Option<Vec<String>>,
    /// Their labels, in the same order.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub option_labels: Option<Vec<String>>,
    /// Whether a `hash` drops members that have no schema.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ignore_unknown_keys: Option<bool>,
    /// Largest `file`, in bytes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_file_size_bytes: Option<u64>,
    /// Smallest `file`, in bytes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub min_file_size_bytes: Option<u64>,
    /// Media types of a `file`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub supported_mime_types: Option<Vec<String>>,
    /// Whether the pages of a `file` are limited.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub page_count_limit_enabled: Option<bool>,
    /// Fewest pages of a `file`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub page_count_min: Option<u32>,
    /// Most pages of a `file`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub page_count_max: Option<u32>,
    /// What a `relation-schema` points to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub target: Option<RelationTarget>,
    /// What readers may expect of a `json` field.
    #[serde(deserialize_with = "any_value", skip_serializing_if = "Option::is_none")]
    pub json_schema: Option<Value>,
    /// The schema of the items of an `array`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub item_schema: Option<Box<FieldSchemaSpec>>,
    /// The schemas of the members of a `hash`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub item_schemas: Option<Vec<FieldSchemaSpec>>,
}

/// What is taken out of a text before it is stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Sanitize {
    /// HTML tags.
    Html,
}

impl Explained for FieldSchemaSpec {
    const NESTED: Nested = &[("config", explain::<FieldConfigSpec>)];
}

impl Explained for FieldConfigSpec {
    const NESTED: Nested =
        &[("item-schema", explain::<FieldSchemaSpec>), ("item-schemas", explain_list::<FieldSchemaSpec>)];
}

impl FieldConfigSpec {
    fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// The settings that are given, as a JSON object.
    pub(super) fn into_map(self) -> Map<String, Value> {
        match serde_json::to_value(self) {
            Ok(Value::Object(map)) => map,
            _ => Map::new(),
        }
    }
}

/// TOML hands over its own dates as an object with this only member.
const TOML_DATE: &str = "$__toml_private_datetime";

fn plain(value: Value) -> Value {
    match value {
        Value::Object(mut object) if object.len() == 1 && object.contains_key(TOML_DATE) => {
            object.remove(TOML_DATE).unwrap_or_default()
        }
        Value::Object(object) => {
            Value::Object(object.into_iter().map(|(key, value)| (key, plain(value))).collect())
        }
        Value::Array(items) => items.into_iter().map(plain).collect(),
        value => value,
    }
}

/// Reads any value, a date of TOML as a text; null counts as nothing.
pub(crate) fn any_value<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Value>, D::Error> {
    Ok(Some(plain(Value::deserialize(deserializer)?)).filter(|value| !value.is_null()))
}

fn moment<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    match plain(Value::deserialize(deserializer)?) {
        Value::Null => Ok(None),
        Value::String(text) => Ok(Some(text)),
        _ => Err(D::Error::custom("invalid type: expected a date or an instant as a text")),
    }
}

fn plain_number<S: serde::Serializer>(number: &Option<f64>, serializer: S) -> Result<S::Ok, S::Error> {
    number.map(limit).serialize(serializer)
}
