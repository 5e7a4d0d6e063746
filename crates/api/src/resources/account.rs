//! Accounts on the wire (spec C.1).

use muster_app::accounts::Account;
use muster_domain::Timestamp;
use muster_domain::account_type::PresentedFields;
use serde::Serialize;
use serde_json::{Map, Value, json};

use super::{Identity, ToOne};
use crate::doc::{constant, described, instant, named, nullable, object, resource, to_one};
use crate::links::FileLinks;

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
    /// Shows an account with links to its files.
    pub fn new(account: &'a Account, links: &'a FileLinks) -> Self {
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
                fields: ty.present(&account.fields, links),
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

/// The schema of a file as an account shows it.
fn file() -> Value {
    let text = |about: &str| json!({ "type": "string", "description": about });
    let number = |about: &str| json!({ "type": "integer", "description": about });
    let members = json!({
        "filename": text("Its name, as it was given."),
        "url": text("Where to have it, without an API key, until the link ends (after six hours)."),
        "byte-size": number("Its size, in bytes."),
        "mime-type": text("Its media type, found from its content."),
        "page-count": number("Its pages; absent where nobody counted."),
    });
    let mut file = object(&members, &["filename", "url", "byte-size", "mime-type"]);
    file["type"] = json!(["object", "null"]);
    file
}

/// The kinds of values: the type of the value, the name of its schema, the schema of the value itself.
fn kinds() -> [(&'static str, &'static str, Value); 14] {
    let or_null = |kind: &str| json!({ "type": [kind, "null"] });
    let text = |format: &str| json!({ "type": ["string", "null"], "format": format });
    let options = json!({ "type": ["array", "null"], "items": { "type": "string" } });
    let items = json!({ "type": "array", "items": named("typed-value") });
    let members = json!({ "type": "object", "additionalProperties": named("typed-value") });
    [
        ("string", "string-value", or_null("string")),
        ("integer", "integer-value", or_null("integer")),
        ("number", "number-value", or_null("number")),
        ("boolean", "boolean-value", or_null("boolean")),
        ("date", "date-value", text("date")),
        ("datetime", "datetime-value", text("date-time")),
        ("email_address", "email-address-value", or_null("string")),
        ("choices", "choices-value", described(or_null("string"), "One of the options.")),
        ("multi_choices", "multi-choices-value", described(options, "Some of the options.")),
        ("array", "array-value", described(items, "Its items; none when it is not set.")),
        ("hash", "hash-value", described(members, "Its members by key, set or not.")),
        ("file", "file-value", file()),
        ("json", "json-value", json!({ "description": "Any JSON document." })),
        (
            "relation_schema",
            "relation-value",
            described(or_null("string"), "The ID of a document or a selfie."),
        ),
    ]
}

/// The schemas of values of fields, by name: one of each kind, and `typed-value` for any of them.
pub fn value_schemas() -> Vec<(&'static str, Value)> {
    let kinds = kinds();
    let any: Vec<Value> = kinds.iter().map(|(_, name, _)| named(name)).collect();
    let mapping: Map<String, Value> =
        kinds.iter().map(|(kind, name, _)| ((*kind).to_owned(), named(name)["$ref"].clone())).collect();
    let typed = json!({
        "description": "A value and what it is. Null means that the field is not set.",
        "oneOf": any,
        "discriminator": { "propertyName": "type", "mapping": mapping },
    });
    let one = |(kind, name, value): (&str, &'static str, Value)| {
        (name, object(&json!({ "type": constant(kind), "value": value }), &["type", "value"]))
    };
    kinds.into_iter().map(one).chain([("typed-value", typed)]).collect()
}
