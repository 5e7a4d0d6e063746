//! What an author writes to define an inquiry template, as JSON Schema. Its keys are never respelled.

use muster_domain::inquiry_template::{StepKind, THEME_KEYS};
use serde_json::{Map, Value, json};

use crate::doc::{described, named, nullable, object};

/// The schema of a definition.
pub fn schema() -> Value {
    let theme: Map<String, Value> =
        THEME_KEYS.iter().map(|key| ((*key).to_owned(), json!({ "type": "string" }))).collect();
    let members = json!({
        "name": { "type": "string", "description": "What people call the template. No other template may have it." },
        "status": {
            "type": "string", "enum": ["active", "inactive"],
            "description": "Whether inquiries can be made of it.",
        },
        "languages": texts("The languages of the flow. None at all means en."),
        "default-language": described(text(), "The language of texts that are given once; the first one if it is left out."),
        "embedded-flow-domain-allowlist": texts("The hosts that may show its flow in a frame."),
        "hosted-flow-subdomains": texts("The subdomains under which its flow is served."),
        "settings": settings(),
        "theme": described(object(&Value::Object(theme), &[]), "Colours and sizes of the pages."),
        "field-schemas": {
            "type": "array", "items": named("field-schema-definition"),
            "description": "The fields of an inquiry. Keys may have dashes.",
        },
        "verifications": { "type": "array", "items": verification(), "description": "What steps verify." },
        "steps": { "type": "array", "items": step(), "description": "The steps. Every flow starts with the first." },
    });
    described(
        object(&members, &["name", "steps"]),
        "What an inquiry template says, with the keys of a text file.",
    )
}

fn settings() -> Value {
    let seconds = |about: &str| json!({ "type": "integer", "minimum": 60, "description": about });
    let flag = |about: &str| json!({ "type": "boolean", "description": about });
    let members = json!({
        "expire-after-create-seconds": seconds("How long a new inquiry can be used."),
        "expire-after-start-seconds": described(
            nullable(seconds("")), "How long it can be used once it is started; left out, the end does not move."
        ),
        "expire-after-resume-seconds": seconds("How long it can be used once it is resumed."),
        "handoff-link-seconds": seconds("How long a link to another device can be used."),
        "sessions-max": { "type": "integer", "minimum": 1, "description": "How many sessions an inquiry can have." },
        "expire-on-session-limit": flag("Whether one session too many makes the inquiry expire."),
        "block-client-creation": flag("Whether a link with the ID of the template makes no inquiry."),
        "redirect-uri": described(text(), "Where a person goes on at the end."),
        "redirect-hosts": texts("The hosts that a redirect may lead to."),
        "redirect-schemes": texts("The schemes that a redirect may have; none at all means http and https."),
        "redirect-fields": flag("Whether a redirect carries the values of fields."),
    });
    object(&members, &[])
}

fn verification() -> Value {
    let requirement = json!({ "type": "string", "enum": ["required", "not-required", "disabled"] });
    let members = json!({
        "key": { "type": "string", "description": "The key by which steps and conditions name it." },
        "kind": {
            "type": "string",
            "enum": ["government-id", "selfie", "document", "email-address", "phone-number", "database"],
        },
        "attempts-max": { "type": "integer", "minimum": 1, "description": "How often a person may try." },
        "countries": texts("The countries whose IDs are accepted, as two capitals; none at all means all."),
        "id-classes": texts("The classes of IDs that are accepted, such as pp or dl; none at all means all."),
        "minimum-age": { "type": ["integer", "null"], "minimum": 0, "description": "The least age in years." },
        "comparisons": {
            "type": "object", "additionalProperties": { "type": "string" },
            "description": "What is read from the document, such as name-first, to the key of the field it is compared with.",
        },
        "checks": {
            "type": "object", "additionalProperties": requirement,
            "description": "The names of checks to what must become of them, where that is not the usual.",
        },
    });
    object(&members, &["key", "kind"])
}

fn step() -> Value {
    let input = json!({
        "field": { "type": "string", "description": "The key of the field that takes the value." },
        "label": said("What stands beside it."),
        "hint": said("What helps to fill it in."),
        "required": { "type": ["boolean", "null"], "description": "Whether the form needs it." },
        "autocomplete": described(text(), "What a browser may fill in, such as given-name."),
    });
    let route = json!({
        "to": { "type": "string", "description": "The step that follows." },
        "when": { "type": "object", "description": "The condition." },
    });
    let list = |members: &Value, required: &[&str]| json!({ "type": ["array", "null"], "items": object(members, required) });
    let members = json!({
        "name": { "type": "string", "description": "The name of the step." },
        "kind": { "type": "string", "enum": StepKind::NAMES },
        "display-name": described(text(), "What people who work with inquiries call it."),
        "title": said("The heading of its page."),
        "text": said("The text of its page."),
        "button": said("What its button says."),
        "verification": described(text(), "The key of a verification."),
        "field": described(text(), "The key of the field to which a code is sent."),
        "supported-mime-types": described(nullable(texts("")), "The media types that a document step accepts."),
        "files-max": { "type": ["integer", "null"], "minimum": 1, "description": "The most files of a document." },
        "account-type": described(text(), "The name or ID of the type of the account that is created."),
        "fields": {
            "type": ["object", "null"], "additionalProperties": { "type": "string" },
            "description": "The fields of the account that are written, each to the key of a field of the inquiry.",
        },
        "inputs": list(&input, &["field"]),
        "routes": list(&route, &["to", "when"]),
        "next": described(text(), "The step that follows."),
        "else": described(text(), "The step that follows a branch when no route is taken."),
    });
    object(&members, &["name", "kind"])
}

fn text() -> Value {
    json!({ "type": ["string", "null"] })
}

/// A text for all, or one for each language.
fn said(about: &str) -> Value {
    json!({
        "type": ["string", "object", "null"], "additionalProperties": { "type": "string" }, "description": about,
    })
}

fn texts(about: &str) -> Value {
    json!({ "type": "array", "items": { "type": "string" }, "description": about })
}
