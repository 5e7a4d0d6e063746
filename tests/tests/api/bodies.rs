//! Bodies of requests, and account types that tests share.

use muster_testkit::TestApp;
use serde_json::{Value, json};

/// The body that creates or changes an account (or a type).
pub fn attributes(attributes: Value) -> Value {
    json!({ "data": { "attributes": attributes } })
}

/// The body that creates an account with a reference ID and nothing else.
pub fn reference(id: &str) -> Value {
    attributes(json!({ "reference-id": id }))
}

/// The body that creates an account, or updates the one that `by` names.
pub fn upsert(by: &str, attributes: Value) -> Value {
    json!({ "data": { "attributes": attributes }, "meta": { "upsert-by": by } })
}

/// Creates an account type and returns its ID.
pub async fn account_type(app: &TestApp, definition: Value) -> String {
    app.post("/account-types", attributes(definition)).await.id().to_owned()
}

/// A type with a field of every kind, three identifiers and two statuses.
pub fn everything() -> Value {
    json!({
        "name": "Everything",
        "account-statuses": [{ "name": "New", "default": true }, { "name": "Approved", "color": "green" }],
        "identifiers": [
            { "key": "email", "unique": true },
            { "key": "badge", "unique": true, "case-sensitive": true },
            { "key": "city" }
        ],
        "field-schemas": [
            { "key": "email", "type": "string" },
            { "key": "badge", "type": "string" },
            { "key": "city", "type": "string" },
            { "key": "text", "type": "string", "config": { "max-char-length": 20, "sanitize": ["html"] } },
            { "key": "count", "type": "integer", "config": { "min": 0, "max": 10 } },
            { "key": "score", "type": "number" },
            { "key": "is_vip", "type": "boolean", "default-value": false },
            { "key": "since", "type": "date", "config": { "min-date": "2000-01-01" } },
            { "key": "seen_at", "type": "datetime" },
            { "key": "mail", "type": "email-address" },
            { "key": "tier", "type": "choices", "default-value": "low", "config": { "options": ["low", "high"] } },
            { "key": "colors", "type": "multi-choices", "config": { "options": ["red", "blue"] } },
            { "key": "numbers", "type": "array", "config": { "item-schema": { "type": "integer" } } },
            { "key": "owner", "type": "hash", "config": { "item-schemas": [
                { "key": "given_name", "type": "string" }, { "key": "age", "type": "integer" }
            ] } },
            { "key": "extra", "type": "json" },
            { "key": "crm_id", "type": "string", "config": { "write-policy": "write_once" } },
            { "key": "paper", "type": "relation-schema", "config": { "target": "document-generic" } },
            { "key": "photo", "type": "file" }
        ]
    })
}
