//! What a user of an import notices of its mapping.

mod checks;
mod proposals;
mod random;
mod rows;
mod runs;
mod values;

use serde_json::{Value, json};

use super::{MappedRow, PipelineConfig};
use crate::account_type::{AccountType, AccountTypeSpec};
use crate::id::IdSource;
use crate::time::Timestamp;
use crate::violation::Violation;

const NOW: Timestamp = Timestamp::from_micros(1_772_442_847_412_999);

fn create(spec: Value) -> AccountType {
    let spec = AccountTypeSpec::from_value(spec).unwrap();
    AccountType::create(&spec, &mut IdSource::new(NOW, [7; 32]), NOW).unwrap()
}

/// A type with a field of every kind.
fn customer() -> AccountType {
    let text = json!({"key": "item", "type": "string"});
    let place = json!({"item-schemas": [
        {"key": "street", "type": "string"},
        {"key": "floor", "type": "integer"},
    ]});
    let options = json!({"options": ["std", "prem"], "option-labels": ["Standard", "Premium"]});
    create(json!({
        "name": "Customer",
        "account-statuses": [{"name": "Open", "default": true}, {"name": "Closed"}],
        "identifiers": [{"key": "email_address", "unique": true}, {"key": "nickname"}],
        "relation-schemas": [
            {"key": "employer", "target": "Business"},
            {"key": "friends", "target": "Customer", "many": true},
        ],
        "field-schemas": [
            {"key": "name"}, {"key": "address"}, {"key": "birthdate"}, {"key": "phone_number"},
            {"key": "email_address"}, {"key": "selfie_photo"}, {"key": "identification_numbers"},
            {"key": "nickname", "type": "string", "config": {"max-char-length": 20}},
            {"key": "children", "type": "integer", "config": {"min": 0, "max": 30}},
            {"key": "balance", "type": "number"},
            {"key": "is_vip", "type": "boolean"},
            {"key": "last_visit", "type": "datetime"},
            {"key": "contact", "type": "email-address"},
            {"key": "tier", "type": "choices", "config": options},
            {"key": "plans", "type": "multi-choices", "config": options},
            {"key": "hobbies", "type": "array", "config": {"item-schema": text}},
            {"key": "years", "type": "array", "config": {"item-schema": {"key": "item", "type": "integer"}}},
            {"key": "office", "type": "hash", "config": place},
            {"key": "extra", "type": "json"},
            {"key": "passport", "type": "relation-schema", "config": {"target": "document-government-id"}},
        ],
    }))
}

/// A pipeline as it is written.
#[expect(clippy::needless_pass_by_value, reason = "pipelines are written where they are used")]
fn pipeline(written: Value) -> PipelineConfig {
    PipelineConfig::from_value(&written).unwrap()
}

fn texts(cells: &[&str]) -> Vec<String> {
    cells.iter().map(|cell| (*cell).to_owned()).collect()
}

fn lines(violations: &[Violation]) -> Vec<String> {
    violations.iter().map(Violation::to_string).collect()
}

/// Maps one cell with one entry, beside a key.
fn map_cell(entry: Value, cell: &str) -> MappedRow {
    let mut entry = entry;
    if entry.get("constant").is_none() {
        entry["column"] = json!("cell");
    }
    let mapping = json!([{"column": "key", "target": "reference-id"}, entry]);
    let config = pipeline(json!({"mapping": mapping}));
    let plan = config.check(&customer(), &texts(&["key", "cell"]));
    plan.unwrap_or_else(|violations| panic!("{:?}", lines(&violations))).map(&texts(&["k-1", cell]))
}

/// The faults of a row, as a user reads them.
fn faults(row: &MappedRow) -> Vec<String> {
    row.faults.iter().map(|fault| format!("{}: {}", fault.code.as_str(), fault.message)).collect()
}
