//! What the documentation of operations on accounts shows.

use serde_json::{Value, json};

use crate::doc::{Doc, Example, attributes, body, described, object};

/// How fields are written.
const FIELDS: &str = "\
Values of `fields` are sent bare, such as `\"birthdate\": \"1990-12-31\"`; the form of a reply, with `type` and \
`value`, is taken as well. The attributes that repeat a field (`name-first`, `birthdate` and so on) are another way \
to send it; where both are sent, `fields` counts. A file is sent as `{\"data\": base64, \"filename\": text}`.";

/// The attributes that stand for a field, and what they stand for.
const ALIASES: [(&str, &str); 13] = [
    ("birthdate", "birthdate"),
    ("name-first", "name.first"),
    ("name-middle", "name.middle"),
    ("name-last", "name.last"),
    ("phone-number", "phone_number"),
    ("email-address", "email_address"),
    ("address-street-1", "address.street_1"),
    ("address-street-2", "address.street_2"),
    ("address-city", "address.city"),
    ("address-subdivision", "address.subdivision"),
    ("address-postal-code", "address.postal_code"),
    ("country-code", "address.country_code"),
    ("social-security-number", "social_security_number"),
];

/// `create-an-account`.
pub(super) const CREATE: Doc = Doc {
    text: "\
An account with this reference ID that is there already is a conflict (409), unless `meta.upsert-by` says by which \
key to look for it: then it is changed as by an update, and the status is 200.",
    success: &[200, 201],
    body: Some(create_body),
    examples: create_examples,
    ..Doc::one("account")
};

/// `update-an-account`.
pub(super) const UPDATE: Doc = Doc {
    text: "\
Only what is sent changes. Null clears a field. The list of tags is replaced as a whole; the members of `name` and \
`address` are changed one by one. An account keeps its type.",
    body: Some(update_body),
    examples: update_examples,
    ..Doc::one("account")
};

fn members() -> Value {
    let text = |about: &str| json!({ "type": "string", "description": about });
    let mut members = json!({
        "reference-id": {
            "type": ["string", "null"], "minLength": 1, "maxLength": 255,
            "description": "The ID that another system of yours gave the account. No two accounts of a type have the same, whatever the letter case.",
        },
        "account-status": text("The name of a status of its account type."),
        "tags": {
            "type": ["array", "null"], "items": { "type": "string", "minLength": 1, "maxLength": 255 },
            "description": "The names of its tags. A tag that does not exist is created.",
        },
        "fields": {
            "type": "object", "additionalProperties": true,
            "description": format!("Its fields by key, as its account type defines them. {FIELDS}"),
        },
    });
    members["selfie-photo"] = selfie();
    for (name, path) in ALIASES {
        members[name] = text(&format!("Stands for `{path}` of `fields`."));
    }
    members["birthdate"]["format"] = "date".into();
    members
}

/// The schema of the attribute that stands for `selfie_photo`.
fn selfie() -> Value {
    let mut file = object(
        &json!({
            "data": { "type": "string", "description": "The image in base64." },
            "filename": { "type": "string", "description": "Its name.", "maxLength": 255 },
        }),
        &["data"],
    );
    file["type"] = json!(["object", "null"]);
    let file = described(file, "The file; null takes away the one that is there.");
    described(object(&json!({ "data": file }), &["data"]), "Stands for `selfie_photo` of `fields`.")
}

fn create_body() -> Value {
    let mut members = members();
    members["account-type-id"] = json!({
        "type": ["string", "null"],
        "description": "The ID of its account type; the default type when it is left out.",
    });
    let mut schema = body(&members, &[]);
    let upsert_by = json!({
        "type": ["string", "null"],
        "description": "`reference-id`, or the key of a unique identifier of the account type.",
    });
    let meta = object(&json!({ "upsert-by": upsert_by }), &[]);
    schema["properties"]["meta"] = described(meta, "How to go about it.");
    schema
}

fn update_body() -> Value {
    body(&members(), &[])
}

fn create_examples() -> Vec<Example> {
    let upsert = json!({
        "data": { "attributes": { "reference-id": "customer-1004", "fields": { "phone_number": "+15550100" } } },
        "meta": { "upsert-by": "reference-id" },
    });
    vec![
        Example {
            name: "by-reference-id",
            summary: "With a reference ID and nothing else",
            body: attributes(&json!({ "reference-id": "customer-1001" })),
        },
        Example { name: "with-fields", summary: "With fields and tags", body: with_fields() },
        Example {
            name: "with-attributes",
            summary: "With attributes that stand for fields",
            body: attributes(&json!({
                "reference-id": "customer-1003", "name-first": "Ines", "name-last": "Sala",
                "email-address": "ines.sala@example.com", "country-code": "PT",
            })),
        },
        Example {
            name: "upsert",
            summary: "Creates the account, or changes the one that has the reference ID",
            body: upsert,
        },
    ]
}

fn with_fields() -> Value {
    attributes(&json!({
        "reference-id": "customer-1002",
        "account-type-id": "$account-type-id",
        "tags": ["newsletter"],
        "fields": {
            "name": { "first": "Tomasz", "last": "Wrona" },
            "birthdate": "1990-12-31",
            "email_address": "tomasz.wrona@example.com",
            "address": { "street_1": "1 Harbour Row", "city": "Gdynia", "country_code": "PL" },
        },
    }))
}

fn update_examples() -> Vec<Example> {
    vec![
        Example {
            name: "fields",
            summary: "Sets one field and clears another",
            body: attributes(&json!({ "fields": { "phone_number": "+15550199", "birthdate": null } })),
        },
        Example {
            name: "reference-id-and-tags",
            summary: "Gives it another reference ID and other tags",
            body: attributes(&json!({ "reference-id": "customer-2001", "tags": ["verified"] })),
        },
    ]
}
