//! Accounts on the wire (spec C.1).

use muster_app::accounts::Account;
use muster_domain::Timestamp;
use muster_domain::account_type::PresentedFields;
use serde::Serialize;
use serde_json::{Value, json};

use super::{Identity, ToOne};
use crate::doc::{constant, described, instant, named, nullable, object, resource, to_one};

/// The resource object of an account.
#[derive(Serialize)]
pub struct AccountResource<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    id: &'a str,
    attributes: Attributes<'a>,
    relationships: Relationships<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct Attributes<'a> {
    reference_id: Option<&'a str>,
    account_type_name: &'a str,
    created_at: String,
    updated_at: String,
    redacted_at: Option<String>,
    fields: PresentedFields<'a>,
    tags: Vec<&'a str>,
    account_status: &'a str,
}

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct Relationships<'a> {
    account_type: ToOne<'a>,
}

impl<'a> AccountResource<'a> {
    /// Shows an account.
    pub fn new(account: &'a Account) -> Self {
        let ty = &account.account_type;
        Self {
            kind: "account",
            id: account.id.as_str(),
            attributes: Attributes {
                reference_id: account.reference_id.as_deref(),
                account_type_name: &ty.name,
                created_at: account.created_at.to_rfc3339_seconds(),
                updated_at: account.updated_at.to_rfc3339_seconds(),
                redacted_at: account.redacted_at.map(Timestamp::to_rfc3339_seconds),
                fields: ty.present(&account.fields),
                tags: account.tags.iter().map(|tag| tag.name.as_str()).collect(),
                account_status: &account.status.name,
            },
            relationships: Relationships {
                account_type: ToOne { data: Identity { kind: "account-type", id: ty.id.as_str() } },
            },
        }
    }
}

/// The schema of the resource object.
pub fn schema() -> Value {
    let text = || json!({ "type": "string" });
    let members = json!({
        "reference-id": described(nullable(text()), "The ID that another system of yours gave the account, as it was spelled."),
        "account-type-name": described(text(), "The name of its account type."),
        "created-at": described(instant(), "When the account was created, in whole seconds."),
        "updated-at": described(instant(), "When the account was last changed, in whole seconds."),
        "redacted-at": described(nullable(instant()), "When its personal data was erased; null if it never was."),
        "fields": {
            "type": "object",
            "description": "Its fields by key. Every field of its type that is not archived is there, set or not. Keys are spelled as the account type spells them, whatever the inflection.",
            "additionalProperties": named("typed-value"),
        },
        "tags": { "type": "array", "description": "The names of its tags.", "items": text() },
        "account-status": described(text(), "The name of its status."),
    });
    let all: Vec<&str> =
        members.as_object().map(|all| all.keys().map(String::as_str).collect()).unwrap_or_default();
    let relationships = json!({ "account-type": to_one("account-type", "acttp_") });
    let account = resource("account", "act_", &object(&members, &all), &relationships);
    described(account, "An account: a person, a business or whatever its account type describes.")
}

/// The schema of a value of a field: what it is, and the value itself.
pub fn typed_value_schema() -> Value {
    let kinds = [
        ("string", json!({ "type": ["string", "null"] })),
        ("integer", json!({ "type": ["integer", "null"] })),
        ("number", json!({ "type": ["number", "null"] })),
        ("boolean", json!({ "type": ["boolean", "null"] })),
        ("date", json!({ "type": ["string", "null"], "format": "date" })),
        ("datetime", json!({ "type": ["string", "null"], "format": "date-time" })),
        ("email_address", json!({ "type": ["string", "null"] })),
        ("choices", json!({ "type": ["string", "null"], "description": "One of the options." })),
        (
            "multi_choices",
            json!({ "type": ["array", "null"], "items": { "type": "string" }, "description": "Some of the options." }),
        ),
        (
            "array",
            json!({ "type": "array", "items": named("typed-value"), "description": "Its items; none when it is not set." }),
        ),
        (
            "hash",
            json!({
                "type": "object", "additionalProperties": named("typed-value"),
                "description": "Its members by key, set or not.",
            }),
        ),
        ("file", json!({ "type": "null", "description": "Files cannot be set yet." })),
        ("json", json!({ "description": "Any JSON document." })),
        (
            "relation_schema",
            json!({ "type": ["string", "null"], "description": "The ID of a document or a selfie." }),
        ),
    ];
    let one = |(kind, value): (&str, Value)| {
        let members = json!({ "type": constant(kind), "value": value });
        let mut schema = object(&members, &["type", "value"]);
        schema["title"] = format!("{kind} value").into();
        schema
    };
    json!({
        "description": "A value and what it is. Null means that the field is not set.",
        "oneOf": kinds.into_iter().map(one).collect::<Vec<Value>>(),
    })
}
