//! `POST /accounts/search`

mod fields;
mod limits;
mod pages;
mod property;
mod refusals;
mod revisions;

use muster_testkit::TestApp;
use serde_json::{Value, json};

/// A condition on one attribute.
pub fn leaf(attribute: &str, operator: &str, value: Value) -> Value {
    json!({ "attribute": attribute, "operator": operator, "value": value })
}

/// `attribute eq value`.
pub fn eq(attribute: &str, value: Value) -> Value {
    leaf(attribute, "eq", value)
}

/// The IDs of all accounts that a condition finds, newest first.
pub async fn find(app: &TestApp, query: Value) -> Vec<String> {
    let reply = app.post("/accounts/search", json!({ "query": query, "page": { "size": 100 } })).await;
    reply.ids().into_iter().map(str::to_owned).collect()
}

/// A type with a field of every kind that can be searched.
pub fn searchable() -> Value {
    let ordered = json!({ "searchable": true, "ordered": true });
    let exact = json!({ "searchable": true });
    json!({
        "name": "Searchable",
        "account-statuses": [{ "name": "New", "default": true }, { "name": "Approved" }, { "name": "Closed" }],
        "identifiers": [
            { "key": "email", "unique": true },
            { "key": "badge", "unique": true, "case-sensitive": true },
            { "key": "city" },
            { "key": "code", "case-sensitive": true }
        ],
        "field-schemas": [
            { "key": "email", "type": "string", "config": exact },
            { "key": "badge", "type": "string", "config": ordered },
            { "key": "city", "type": "string", "config": exact },
            { "key": "code", "type": "string" },
            { "key": "text", "type": "string", "config": { "searchable": true, "ordered": true, "max-char-length": 1000 } },
            { "key": "count", "type": "integer", "config": ordered },
            { "key": "score", "type": "number", "config": ordered },
            { "key": "is_vip", "type": "boolean", "config": exact },
            { "key": "since", "type": "date", "config": ordered },
            { "key": "seen_at", "type": "datetime", "config": ordered },
            { "key": "signed_at", "type": "datetime", "config": exact },
            { "key": "mail", "type": "email-address", "config": exact },
            { "key": "tier", "type": "choices", "config": { "searchable": true, "options": ["low", "high"] } },
            { "key": "owner", "type": "hash", "config": { "item-schemas": [
                { "key": "given_name", "type": "string", "config": exact },
                { "key": "age", "type": "integer", "config": ordered },
                { "key": "notes", "type": "string" }
            ] } },
            { "key": "paper", "type": "relation-schema", "config": { "target": "document-generic", "searchable": true } },
            { "key": "hidden", "type": "string" }
        ]
    })
}

/// A type that shares names of fields and statuses with the other one, and means something else by some.
pub fn other() -> Value {
    let exact = json!({ "searchable": true });
    json!({
        "name": "Other",
        "account-statuses": [{ "name": "approved", "default": true }, { "name": "Lost" }],
        "identifiers": [{ "key": "email" }],
        "field-schemas": [
            { "key": "email", "type": "string" },
            { "key": "city", "type": "string" },
            { "key": "text", "type": "string", "config": exact },
            { "key": "count", "type": "string", "config": exact },
            { "key": "score", "type": "integer", "config": { "searchable": true, "ordered": true } },
            { "key": "since", "type": "datetime", "config": { "searchable": true, "ordered": true } }
        ]
    })
}
