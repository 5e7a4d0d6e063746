//! What a customer writes to define a type: a TOML file, or the JSON body of Muster's own endpoints.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{AccountType, Identifier, RelationSchema};
use crate::field::{FieldConfigSpec, FieldSchema, FieldSchemaSpec};
use crate::violation::Violation;

/// The colours that a status can have.
pub const STATUS_COLORS: [&str; 7] = ["gray", "blue", "green", "yellow", "orange", "red", "purple"];

/// A type as a customer writes it: what is left out takes its default.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct AccountTypeSpec {
    /// The name.
    pub name: String,
    /// The statuses. None at all means one status called `Default`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub account_statuses: Vec<AccountStatusSpec>,
    /// The fields by which accounts are looked up.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub identifiers: Vec<Identifier>,
    /// The fields.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub field_schemas: Vec<FieldSchemaSpec>,
    /// The links to other accounts.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub relation_schemas: Vec<RelationSchema>,
}

/// A status as a customer writes it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct AccountStatusSpec {
    /// The name.
    pub name: String,
    /// The colour, one of [`STATUS_COLORS`].
    #[serde(default = "gray")]
    pub color: String,
    /// Whether new accounts get it. One of several statuses must say so.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub default: bool,
}

fn gray() -> String {
    STATUS_COLORS[0].to_owned()
}

impl AccountTypeSpec {
    /// Reads the text file of a type.
    ///
    /// # Errors
    /// Says at which line and column what is to be mended.
    pub fn from_toml(text: &str) -> Result<Self, String> {
        toml::from_str(text).map_err(|error| {
            let at = error.span().map_or(0, |span| span.start).min(text.len());
            let before = text.get(..at).unwrap_or_default();
            let column = before.chars().rev().take_while(|c| *c != '\n').count() + 1;
            format!("line {}, column {column}: {}", before.matches('\n').count() + 1, error.message())
        })
    }

    /// Reads the JSON form of a type.
    ///
    /// # Errors
    /// Lists the members that are not understood.
    #[expect(clippy::needless_pass_by_value, reason = "the body of a request ends here")]
    pub fn from_value(value: Value) -> Result<Self, Vec<Violation>> {
        match Self::deserialize(&value) {
            Ok(spec) => Ok(spec),
            Err(error) => {
                let mut violations = Vec::new();
                explain::<Self>(&value, &mut Vec::new(), &mut violations);
                if violations.is_empty() {
                    violations.push(Violation { path: Vec::new(), message: plain_message(&error) });
                }
                Err(violations)
            }
        }
    }

    /// Writes the text file of a type.
    #[must_use]
    pub fn to_toml(&self) -> String {
        // All members have a form in TOML: null is left out everywhere.
        toml::to_string(self).unwrap_or_default()
    }
}

/// Finds the members for which a value cannot be read as a `T`, as deep as the schema is known.
///
/// Each member is read alone, so that every wrong one is found and the path of each is known. What can be
/// read is then read together, to find a member that is missing.
fn explain<T: DeserializeOwned>(value: &Value, path: &mut Vec<String>, violations: &mut Vec<Violation>) {
    let Err(error) = T::deserialize(value) else { return };
    let before = violations.len();
    let mut readable = Map::new();
    for (key, member) in value.as_object().into_iter().flatten() {
        path.push(key.clone());
        if NESTED.contains(&key.as_str()) && !member.is_null() {
            explain_nested(key, member, path, violations);
        } else {
            let alone = Value::Object(Map::from_iter([(key.clone(), member.clone())]));
            match T::deserialize(&alone).err().filter(|error| !is_missing(error)) {
                Some(error) => {
                    violations.push(Violation { path: path.clone(), message: plain_message(&error) });
                }
                None => readable.extend([(key.clone(), member.clone())]),
            }
        }
        path.pop();
    }
    let missing =
        T::deserialize(&Value::Object(readable)).err().filter(|_| value.is_object()).filter(is_missing);
    if violations.len() == before || missing.is_some() {
        let message = plain_message(missing.as_ref().unwrap_or(&error));
        violations.push(Violation { path: path.clone(), message });
    }
}

fn is_missing(error: &serde_json::Error) -> bool {
    error.to_string().starts_with("missing field")
}

/// Members that are specs themselves, or lists of them.
const NESTED: [&str; 7] = [
    "config",
    "item-schema",
    "item-schemas",
    "field-schemas",
    "identifiers",
    "account-statuses",
    "relation-schemas",
];

fn explain_nested(key: &str, member: &Value, path: &mut Vec<String>, violations: &mut Vec<Violation>) {
    match key {
        "config" => explain::<FieldConfigSpec>(member, path, violations),
        "item-schema" => explain::<FieldSchemaSpec>(member, path, violations),
        "field-schemas" | "item-schemas" => explain_list::<FieldSchemaSpec>(member, path, violations),
        "identifiers" => explain_list::<Identifier>(member, path, violations),
        "account-statuses" => explain_list::<AccountStatusSpec>(member, path, violations),
        "relation-schemas" => explain_list::<RelationSchema>(member, path, violations),
        _ => {}
    }
}

fn explain_list<T: DeserializeOwned>(list: &Value, path: &mut Vec<String>, violations: &mut Vec<Violation>) {
    let Value::Array(items) = list else {
        violations.push(Violation { path: path.clone(), message: "must be a list".to_owned() });
        return;
    };
    for (index, item) in items.iter().enumerate() {
        path.push(index.to_string());
        explain::<T>(item, path, violations);
        path.pop();
    }
}

/// What serde complains about, without the value it complains about.
fn plain_message(error: &serde_json::Error) -> String {
    let text = error.to_string();
    let expected = || text.rsplit_once("expected ").map_or("something else", |(_, expected)| expected);
    if let Some(field) = text.strip_prefix("missing field ") {
        return format!("must have the member {field}");
    }
    if text.starts_with("unknown field") {
        return format!("is not known here; known are {}", expected().trim_start_matches("one of "));
    }
    if text.starts_with("unknown variant") {
        return format!("must be {}", expected());
    }
    let expected = match expected() {
        "f64" => "a number",
        "u32" | "u64" => "a whole number that is not negative",
        "a sequence" => "a list",
        text if text.starts_with("struct") => "an object",
        text => text,
    };
    format!("must be {expected}")
}

impl AccountType {
    /// The type as a customer would write it. Applying it again changes nothing.
    #[must_use]
    pub fn to_spec(&self) -> AccountTypeSpec {
        let statuses = self.statuses.iter().filter(|status| status.deactivated_at.is_none());
        AccountTypeSpec {
            name: self.name.clone(),
            account_statuses: statuses
                .map(|status| AccountStatusSpec {
                    name: status.name.clone(),
                    color: status.color.clone(),
                    default: status.id == self.default_status,
                })
                .collect(),
            identifiers: self.identifiers.clone(),
            field_schemas: self.fields.iter().map(FieldSchema::to_spec).collect(),
            relation_schemas: self.relations.clone(),
        }
    }
}
