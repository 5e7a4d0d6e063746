//! Which column of a file becomes which attribute of an account.

use std::collections::BTreeMap;
use std::path::Path;

use serde::Deserialize;
use serde_json::{Map, Value};

use crate::output::{Failure, fail};

/// The mapping file.
#[derive(Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Mapping {
    /// The name of the account type.
    pub account_type: String,
    /// The column that holds the reference ID.
    pub reference_id: String,
    /// Field (members of a hash after a dot) → column.
    pub fields: BTreeMap<String, String>,
}

/// The account type as the server tells it: its ID and the kind of each field.
pub struct Types {
    id: String,
    kinds: BTreeMap<String, String>,
}

impl Types {
    /// Reads the resource of an account type.
    pub fn new(resource: &Value) -> Self {
        let mut kinds = BTreeMap::new();
        for schema in list(resource, "/attributes/field-schemas") {
            let key = text(schema, "/key");
            for member in list(schema, "/config/item-schemas") {
                kinds.insert(format!("{key}.{}", text(member, "/key")), text(member, "/type"));
            }
            kinds.insert(key, text(schema, "/type"));
        }
        Self { id: text(resource, "/id"), kinds }
    }
}

fn list<'a>(value: &'a Value, pointer: &str) -> &'a [Value] {
    value.pointer(pointer).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default()
}

fn text(value: &Value, pointer: &str) -> String {
    value.pointer(pointer).and_then(Value::as_str).unwrap_or_default().to_owned()
}

impl Mapping {
    /// Reads the mapping file.
    ///
    /// # Errors
    /// Names the file and what is wrong in it.
    pub fn read(file: &Path) -> Result<Self, Failure> {
        let name = file.display();
        let text = std::fs::read_to_string(file)
            .map_err(|error| Failure(format!("{name} cannot be read: {error}")))?;
        toml::from_str(&text).map_err(|error| Failure(format!("{name}: {}", error.message())))
    }

    /// Checks that the file has every column that the mapping names.
    ///
    /// # Errors
    /// Names the missing columns.
    pub fn check_columns(&self, header: &[String]) -> Result<(), Failure> {
        let wanted = std::iter::once(&self.reference_id).chain(self.fields.values());
        let missing: Vec<&str> =
            wanted.filter(|column| !header.contains(column)).map(String::as_str).collect();
        if missing.is_empty() {
            Ok(())
        } else {
            fail(format!("the file has no column {}", missing.join(", ")))
        }
    }

    /// The attributes of the account of one row. Blank cells are left out.
    ///
    /// # Errors
    /// Names the column whose cell is not of the kind of its field.
    pub fn attributes(&self, types: &Types, header: &[String], row: &[String]) -> Result<Value, String> {
        let cell = |column: &String| {
            header
                .iter()
                .position(|name| name == column)
                .and_then(|at| row.get(at))
                .map_or("", |cell| cell.trim())
        };
        let mut fields = Map::new();
        for (field, column) in self.fields.iter().filter(|(_, column)| !cell(column).is_empty()) {
            let value = convert(types.kinds.get(field).map_or("string", String::as_str), cell(column))
                .ok_or_else(|| format!("column {column} is not of the type of field {field}"))?;
            match field.split_once('.') {
                None => fields.insert(field.clone(), value),
                Some((hash, member)) => fields
                    .entry(hash)
                    .or_insert_with(|| Value::Object(Map::new()))
                    .as_object_mut()
                    .and_then(|members| members.insert(member.to_owned(), value)),
            };
        }
        Ok(serde_json::json!({
            "account-type-id": types.id,
            "reference-id": cell(&self.reference_id),
            "fields": fields,
        }))
    }
}

fn convert(kind: &str, cell: &str) -> Option<Value> {
    match kind {
        "integer" => cell.parse::<i64>().ok().map(Value::from),
        "number" => cell.parse::<f64>().ok().map(Value::from),
        "boolean" => cell.to_ascii_lowercase().parse::<bool>().ok().map(Value::from),
        _ => Some(Value::from(cell)),
    }
}
