//! Accounts on the wire (spec C.1).

use muster_app::accounts::Account;
use serde_json::{Map, Value, json};

/// The resource object of an account.
pub fn account(account: &Account) -> Value {
    let tags = account.tags.iter().map(|tag| Value::String(tag.name.clone())).collect();
    let text = |text: &Option<String>| text.clone().map_or(Value::Null, Value::String);
    let mut attributes = Map::new();
    let mut put = |key: &str, value: Value| attributes.insert(key.to_owned(), value);
    put("reference-id", text(&account.reference_id));
    put("account-type-name", Value::String(account.account_type.name.clone()));
    put("created-at", Value::String(account.created_at.to_rfc3339_seconds()));
    put("updated-at", Value::String(account.updated_at.to_rfc3339_seconds()));
    put("redacted-at", text(&account.redacted_at.map(|at| at.to_rfc3339_seconds())));
    put("fields", account.account_type.present(&account.fields));
    put("tags", Value::Array(tags));
    put("account-status", Value::String(account.status.name.clone()));
    json!({
        "type": "account",
        "id": account.id.as_str(),
        "attributes": attributes,
        "relationships": {
            "account-type": { "data": { "type": "account-type", "id": account.account_type.id.as_str() } }
        },
    })
}
