//! What the documentation of operations on account types shows.

use serde_json::{Value, json};

use crate::doc::{Doc, Example, Shape, attributes, body, object};
use crate::resources::account_type_definition;

/// `list-all-account-types`.
pub(super) const INDEX: Doc = Doc {
    text: "There are no pages: all are told at once.",
    reply: Shape::Whole(EXTENDED),
    ..Doc::one(EXTENDED)
};

/// `create-an-account-type`.
pub(super) const CREATE: Doc = Doc {
    text: "Statuses, identifiers and relations that are left out are none; settings of a field that are left out take their defaults.",
    success: &[201],
    body: Some(create_body),
    examples: create_examples,
    ..Doc::one(EXTENDED)
};

/// `update-an-account-type`.
pub(super) const UPDATE: Doc = Doc {
    text: "The definition is sent as a whole. `meta.changes` tells what it changed, in words.",
    body: Some(create_body),
    examples: update_examples,
    meta: Some(changes),
    ..Doc::one(EXTENDED)
};

/// The name of the schema of a type with everything that can be written.
const EXTENDED: &str = "extended-account-type";

fn create_body() -> Value {
    body(&account_type_definition(), &["name"])
}

fn changes() -> Value {
    let changes =
        json!({ "type": "array", "items": { "type": "string" }, "description": "What changed, in words." });
    object(&json!({ "changes": changes }), &["changes"])
}

fn create_examples() -> Vec<Example> {
    vec![
        Example {
            name: "name-only",
            summary: "With a name and nothing else",
            body: attributes(&json!({ "name": "Visitor" })),
        },
        Example {
            name: "with-fields",
            summary: "With fields, statuses and an identifier",
            body: attributes(&supplier("Supplier")),
        },
    ]
}

fn update_examples() -> Vec<Example> {
    vec![Example {
        name: "definition",
        summary: "Replaces the definition",
        body: attributes(&supplier("Contractor")),
    }]
}

fn supplier(name: &str) -> Value {
    json!({
        "name": name,
        "account-statuses": [
            { "name": "New", "default": true },
            { "name": "Approved", "color": "green" },
        ],
        "identifiers": [{ "key": "vat_number", "unique": true }],
        "field-schemas": [
            { "key": "name" },
            { "key": "email_address" },
            { "key": "vat_number", "type": "string", "label": "VAT number", "config": { "max-char-length": 20 } },
            { "key": "risk", "type": "choices", "config": { "options": ["low", "high"] } },
            { "key": "founded_on", "type": "date" },
        ],
    })
}
