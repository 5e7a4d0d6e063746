//! What the documentation of operations on inquiry templates shows.

use serde_json::{Value, json};

use crate::doc::{Doc, Example, Need, OneValue, attributes, body, id, named, object};
use crate::resources::translation_schema;

/// `list-all-inquiry-template-versions`.
pub(super) const VERSIONS: Doc = Doc {
    filters: &[OneValue {
        name: "inquiry-template-id",
        about: "The template whose versions are listed.",
        need: Need::Required("$inquiry-template-id"),
    }],
    ..Doc::page("inquiry-template-version")
};

/// `retrieve-inquiry-template-translations`.
pub(super) const TRANSLATIONS: Doc = Doc {
    text: "They are those of the draft if there is one, else those of the live version.",
    ..Doc::one("inquiry-template-translations")
};

/// `import-inquiry-template-translations`.
pub(super) const IMPORT: Doc = Doc {
    text: "Rows that are not sent stay as they are. Where there is no draft, one is made of the live version; nothing is published. A language that the flow did not have is added.",
    body: Some(import_body),
    examples: import_examples,
    ..Doc::one("inquiry-template-version")
};

/// `create-an-inquiry-template`.
pub(super) const CREATE: Doc = Doc {
    text: "It is published at once unless `meta.publish` is false. The definition has the keys of a text file, whatever the key inflection.",
    success: &[201],
    body: Some(save_body),
    examples: create_examples,
    meta: Some(saved),
    ..Doc::one("inquiry-template")
};

/// `update-an-inquiry-template`.
pub(super) const UPDATE: Doc = Doc {
    text: "The definition is sent as a whole. It becomes a new version that is live, or the draft where `meta.publish` is false; one that changes nothing makes no version. Name, status, hosts and subdomains change at once. While there is a draft, nothing else is published unless `meta.replace-draft` is true.",
    body: Some(save_body),
    examples: update_examples,
    meta: Some(saved),
    ..Doc::one("inquiry-template")
};

/// `publish-an-inquiry-template`.
pub(super) const PUBLISH: Doc = Doc {
    text: "Inquiries that exist stay with their version. With `meta.inquiry-template-version-id`, what that version says is published once more, as a new version.",
    body: Some(publish_body),
    examples: publish_examples,
    meta: Some(saved),
    ..Doc::one("inquiry-template")
};

fn import_body() -> Value {
    let rows = json!({
        "type": "array",
        "items": translation_schema(&["step", "component", "attribute-name", "locale-values"]),
    });
    body(&json!({ "translations": rows }), &["translations"])
}

fn save_body() -> Value {
    let members = json!({
        "definition": named("inquiry-template-definition"),
        "description": { "type": ["string", "null"], "description": "What changes with the version, in words." },
    });
    let flag = |about: &str| json!({ "type": ["boolean", "null"], "description": about });
    let meta = json!({
        "publish": flag("Whether it is live at once; true if it is left out."),
        "replace-draft": flag("Whether a draft gives way to what is published; false if it is left out."),
    });
    let mut schema = body(&members, &["definition"]);
    schema["properties"]["meta"] = object(&meta, &[]);
    schema
}

fn publish_body() -> Value {
    let version = json!({
        "type": ["string", "null"],
        "description": "The version that is published once more; the draft if it is left out.",
    });
    let meta = object(&json!({ "inquiry-template-version-id": version }), &[]);
    object(&json!({ "meta": meta }), &[])
}

fn saved() -> Value {
    let members = json!({
        "changes": { "type": "array", "items": { "type": "string" }, "description": "What changed, in words." },
        "inquiry-template-version-id": id("itmplv_"),
    });
    object(&members, &["changes", "inquiry-template-version-id"])
}

fn import_examples() -> Vec<Example> {
    let row = json!({
        "step": "start",
        "component": "title",
        "attribute-name": "text",
        "locale-values": [{ "locale": "fr", "value": "Commencer" }, { "locale": "es", "value": "Empezar" }],
    });
    vec![Example {
        name: "title",
        summary: "The title of the first step, in two languages",
        body: attributes(&json!({ "translations": [row] })),
    }]
}

fn create_examples() -> Vec<Example> {
    let mut draft = attributes(&json!({ "definition": contact("Contact, to be discussed") }));
    draft["meta"] = json!({ "publish": false });
    vec![
        Example {
            name: "published",
            summary: "A form and an e-mail code, live at once",
            body: attributes(&json!({ "definition": contact("Contact") })),
        },
        Example { name: "draft", summary: "The same as a draft", body: draft },
    ]
}

fn update_examples() -> Vec<Example> {
    let changed = json!({ "definition": contact("Contact details"), "description": "Another name" });
    let mut body = attributes(&changed);
    body["meta"] = json!({ "replace-draft": true });
    vec![Example { name: "definition", summary: "Replaces the definition", body }]
}

fn publish_examples() -> Vec<Example> {
    vec![Example { name: "draft", summary: "Publishes the draft", body: json!({}) }]
}

fn contact(name: &str) -> Value {
    json!({
        "name": name,
        "field-schemas": [{ "key": "name-first" }, { "key": "email-address" }],
        "verifications": [{ "key": "email", "kind": "email-address" }],
        "steps": [
            {
                "name": "start", "kind": "form", "title": "Who are you?", "next": "code",
                "inputs": [{ "field": "name-first" }, { "field": "email-address", "required": true }],
            },
            { "name": "code", "kind": "email-code", "verification": "email", "field": "email-address", "next": "passed" },
            {
                "name": "passed", "kind": "branch", "else": "code",
                "routes": [{ "when": { "verification": "email", "status": "passed" }, "to": "success" }],
            },
            { "name": "success", "kind": "complete", "title": "Thank you" },
        ],
    })
}
