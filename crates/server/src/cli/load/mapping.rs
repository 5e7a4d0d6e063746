//! Which column of a file becomes which attribute of an account.

use std::collections::BTreeMap;
use std::path::Path;

use muster_client::{ExtendedAccountType, NewAccount};
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
    /// Learns the kinds of the fields of an account type.
    pub fn new(ty: &ExtendedAccountType) -> Self {
        let mut kinds = BTreeMap::new();
        for schema in &ty.field_schemas {
            for member in schema.config.item_schemas.iter().flatten() {
                kinds.insert(format!("{}.{}", schema.key, member.key), member.kind.clone());
            }
            kinds.insert(schema.key.clone(), schema.kind.clone());
        }
        Self { id: ty.id.clone(), kinds }
    }
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

    /// The account of one row. Blank cells are left out.
    ///
    /// # Errors
    /// Names the column whose cell is not of the kind of its field.
    pub fn account(&self, types: &Types, header: &[String], row: &[String]) -> Result<NewAccount, String> {
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
        let new = NewAccount::new().account_type_id(&types.id).reference_id(cell(&self.reference_id));
        Ok(fields.into_iter().fold(new, |new, (key, value)| new.field(key, value)))
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
