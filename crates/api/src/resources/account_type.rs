//! Account types on the wire (spec B.1).

use muster_domain::AccountType;
use serde_json::{Value, json};

/// The resource object of an account type, as published.
pub fn published(ty: &AccountType) -> Value {
    let statuses: Vec<Value> = ty
        .statuses
        .iter()
        .map(|status| json!({ "type": "account-status", "id": status.id.as_str() }))
        .collect();
    json!({
        "type": "account-type",
        "id": ty.id.as_str(),
        "attributes": ty.published(),
        "relationships": {
            "account-statuses": { "data": statuses },
            "default-account-status": { "data": { "type": "account-status", "id": ty.default_status.as_str() } },
        },
    })
}

/// The resource object with everything that Muster's own operations let be written: statuses by name,
/// identifiers, relations.
pub fn extended(ty: &AccountType) -> Value {
    let mut resource = published(ty);
    let spec = serde_json::to_value(ty.to_spec()).unwrap_or_default();
    for key in ["account-statuses", "identifiers", "relation-schemas"] {
        resource["attributes"][key] = spec.get(key).cloned().unwrap_or_else(|| json!([]));
    }
    resource["attributes"]["default"] = Value::Bool(ty.is_default);
    resource
}
