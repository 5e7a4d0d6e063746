//! Account types on the wire (spec B.1).

use muster_domain::AccountType;
use muster_domain::account_type::STATUS_COLORS;
use muster_domain::field::FieldKind;
use serde_json::{Value, json};

use crate::doc::{described, instant, named, nullable, object, resource, to_many, to_one};

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

/// The schema of the resource object, as published.
pub fn schema() -> Value {
    let attributes = object(&published_members(), &["name", "created-at", "updated-at", "field-schemas"]);
    let ty = resource("account-type", "acttp_", &attributes, &relationships());
    described(ty, "An account type: the fields and statuses that its accounts have.")
}

/// The schema of the resource object with everything that Muster's own operations let be written.
pub fn extended_schema() -> Value {
    let mut members = published_members();
    for (name, schema) in [
        ("account-statuses", json!({ "type": "array", "items": status_schema(&["name", "color"]) })),
        (
            "identifiers",
            json!({ "type": "array", "items": identifier_schema(&["key", "unique", "case-sensitive"]) }),
        ),
        (
            "relation-schemas",
            json!({ "type": "array", "items": relation_schema(&["key", "target", "many"]) }),
        ),
        (
            "default",
            json!({ "type": "boolean", "description": "Whether accounts are of this type when a request names none." }),
        ),
    ] {
        members[name] = schema;
    }
    let all: Vec<&str> =
        members.as_object().map(|all| all.keys().map(String::as_str).collect()).unwrap_or_default();
    let ty = resource("account-type", "acttp_", &object(&members, &all), &relationships());
    described(ty, "An account type with everything that can be written.")
}

/// The schemas of what defines a type, as they are written; the name must be sent.
pub fn definition_members() -> Value {
    json!({
        "name": { "type": "string", "description": "What people call the type. No other type may have it." },
        "account-statuses": {
            "type": "array",
            "description": "The statuses that its accounts can have. None at all means one called Default.",
            "items": status_schema(&["name"]),
        },
        "identifiers": {
            "type": "array",
            "description": "The fields by which accounts are looked up.",
            "items": identifier_schema(&["key"]),
        },
        "field-schemas": {
            "type": "array",
            "description": "The fields, in the order in which they are shown.",
            "items": named("field-schema-definition"),
        },
        "relation-schemas": {
            "type": "array",
            "description": "The links that its accounts can have to other accounts.",
            "items": relation_schema(&["key", "target"]),
        },
    })
}

fn published_members() -> Value {
    json!({
        "name": { "type": "string", "description": "What people call the type." },
        "created-at": instant(),
        "updated-at": instant(),
        "field-schemas": {
            "type": "array",
            "description": "Its fields, archived and deactivated ones included, in the order in which they are shown.",
            "items": named("field-schema"),
        },
    })
}

fn relationships() -> Value {
    json!({
        "account-statuses": to_many("account-status", "actst_"),
        "default-account-status": to_one("account-status", "actst_"),
    })
}

fn status_schema(required: &[&str]) -> Value {
    let members = json!({
        "name": { "type": "string" },
        "color": { "type": "string", "enum": STATUS_COLORS },
        "default": { "type": "boolean", "description": "Whether new accounts get it." },
    });
    object(&members, required)
}

fn identifier_schema(required: &[&str]) -> Value {
    let members = json!({
        "key": { "type": "string", "description": "The key of a field of type string or email-address." },
        "unique": { "type": "boolean", "description": "Whether two accounts may not have the same value." },
        "case-sensitive": {
            "type": "boolean", "description": "Whether values that differ only in letter case differ.",
        },
    });
    object(&members, required)
}

fn relation_schema(required: &[&str]) -> Value {
    let members = json!({
        "key": { "type": "string", "description": "Its key, such as beneficial_owners." },
        "label": described(nullable(json!({ "type": "string" })), "What people call the link."),
        "target": { "type": "string", "description": "The name of the account type at the other end." },
        "many": { "type": "boolean", "description": "Whether an account can have several such links." },
        "inverse": described(
            nullable(json!({ "type": "string" })), "The key of the same link seen from the other end."
        ),
    });
    object(&members, required)
}

/// The schema of a field schema as it is published.
pub fn field_schema() -> Value {
    let mut config = config_members("field-schema");
    for name in ["archived-at", "deactivated-at"] {
        config[name] = nullable(instant());
    }
    for name in ["searchable", "ordered"] {
        config.as_object_mut().map(|members| members.remove(name));
    }
    let always = ["required", "archived-at", "deactivated-at", "redaction-policy", "write-policy"];
    let members = json!({
        "type": kind_schema(),
        "key": { "type": "string", "description": "Its key under fields of an account." },
        "label": { "type": ["string", "null"], "description": "What people call it." },
        "default-value": { "description": "The value of new accounts." },
        "config": object(&config, &always),
    });
    described(object(&members, &["type", "key", "label", "config"]), "What one field may hold.")
}

/// The schema of a field schema as it is written.
pub fn field_schema_definition() -> Value {
    let members = json!({
        "type": described(
            nullable(kind_schema()), "What its values are; may be left out for a field that Muster knows by key."
        ),
        "key": { "type": "string", "description": "Its key under fields of an account." },
        "label": { "type": ["string", "null"], "description": "What people call it." },
        "default-value": { "description": "The value of new accounts." },
        "config": object(&config_members("field-schema-definition"), &[]),
    });
    described(object(&members, &[]), "What one field may hold; what is left out takes its default.")
}

fn kind_schema() -> Value {
    json!({ "type": "string", "enum": FieldKind::NAMES })
}

/// The settings of all kinds of fields; the items of lists and hashes are schemas of the given name.
fn config_members(item: &str) -> Value {
    let mut members = general_members();
    let special = json!({
        "max-char-length": count("Longest text of a string, in characters."),
        "sanitize": {
            "type": ["array", "null"],
            "items": { "type": "string", "enum": ["html"] },
            "description": "What is taken out of a string before it is stored.",
        },
        "min": { "type": ["number", "null"], "description": "Smallest integer or number." },
        "max": { "type": ["number", "null"], "description": "Largest integer or number." },
        "min-date": { "type": ["string", "null"], "format": "date", "description": "Earliest date." },
        "max-date": { "type": ["string", "null"], "format": "date", "description": "Latest date." },
        "allow-empty": flag("Whether choices or multi-choices may be empty."),
        "options": texts("The options of choices or multi-choices."),
        "option-labels": texts("What people see for each option, in the same order."),
        "ignore-unknown-keys": flag("Whether a hash drops members that have no schema."),
        "target": {
            "type": ["string", "null"],
            "description": "What a relation-schema points to, such as document-generic or selfie.",
        },
        "json-schema": { "description": "What readers may expect of a json field. Values are not checked against it." },
        "item-schema": { "description": "The schema of the items of an array.", "$ref": named(item)["$ref"] },
        "item-schemas": {
            "type": ["array", "null"], "items": named(item), "description": "The schemas of the members of a hash.",
        },
    });
    for more in [special, file_members()] {
        if let (Some(all), Value::Object(more)) = (members.as_object_mut(), more) {
            all.extend(more);
        }
    }
    members
}

/// The settings that every kind has.
fn general_members() -> Value {
    let moment = |text: &str| json!({ "type": ["string", "null"], "description": text });
    json!({
        "required": flag("Whether an account must have a value."),
        "archived-at": moment("When the field was archived: it is not shown any more."),
        "deactivated-at": moment("When the field was deactivated: it takes no new values."),
        "redaction-policy": {
            "type": ["string", "null"], "enum": ["none", "never", null],
            "description": "Whether redacting an account erases its value: never means that it does not.",
        },
        "write-policy": {
            "type": ["string", "null"], "enum": ["none", "write_once", null],
            "description": "Whether its value can be overwritten: write_once means that it cannot.",
        },
        "searchable": flag("Whether accounts can be searched by it."),
        "ordered": flag("Whether accounts can be searched by a range of it."),
    })
}

fn file_members() -> Value {
    json!({
        "max-file-size-bytes": count("Largest file, in bytes."),
        "min-file-size-bytes": count("Smallest file, in bytes."),
        "supported-mime-types": texts("Media types of files that are taken."),
        "page-count-limit-enabled": flag("Whether the pages of a file are limited."),
        "page-count-min": count("Fewest pages of a file."),
        "page-count-max": count("Most pages of a file."),
    })
}

fn flag(text: &str) -> Value {
    json!({ "type": ["boolean", "null"], "description": text })
}

fn count(text: &str) -> Value {
    json!({ "type": ["integer", "null"], "minimum": 0, "description": text })
}

fn texts(text: &str) -> Value {
    json!({ "type": ["array", "null"], "items": { "type": "string" }, "description": text })
}
