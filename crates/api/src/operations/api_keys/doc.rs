//! What the documentation of operations on API keys shows.

use muster_app::keys::EXPIRES_IN_SECONDS_MAX;
use serde_json::{Value, json};

use crate::doc::{Doc, Example, attributes, body, object};
use crate::resources::api_key_settings;

/// `list-all-api-keys`.
pub(super) const INDEX: Doc = Doc { text: "`filter[name]` takes whole names.", ..Doc::page("api-key") };

/// `create-an-api-key`.
pub(super) const CREATE: Doc = Doc {
    text: "Without `permissions` the key gets all that are granted by default, also those of later versions (`*`); \
           `api_key.read` and `api_key.write` must be named. A key cannot give what it lacks, and passes on its own \
           address list and blocklist. A repetition under the same Idempotency-Key shows the key without its value.",
    success: &[201],
    body: Some(create_body),
    examples: creations,
    ..Doc::one("api-key-with-value")
};

/// `update-an-api-key`.
pub(super) const UPDATE: Doc = Doc {
    text: "A key cannot be given what the key of the request lacks, nor can one be changed that has more.",
    body: Some(update_body),
    examples: changes,
    ..Doc::one("api-key")
};

/// `expire-an-api-key`.
pub(super) const EXPIRE: Doc = Doc {
    text: "An expiry can be brought forward, never put off, and an expired key never works again.",
    body: Some(expire_body),
    examples: expiries,
    ..Doc::one("api-key")
};

/// `clone-api-key`.
pub(super) const CLONE: Doc = Doc {
    text: "Everything but the value and the time of the last use is copied, the expiry too.",
    body: Some(nothing),
    examples: nothings,
    ..Doc::one("api-key-with-value")
};

fn create_body() -> Value {
    body(&api_key_settings(), &["name"])
}

fn update_body() -> Value {
    body(&api_key_settings(), &[])
}

fn expire_body() -> Value {
    let seconds = json!({ "type": "integer", "minimum": 0, "maximum": EXPIRES_IN_SECONDS_MAX });
    let meta = object(&json!({ "expires-in-seconds": seconds }), &["expires-in-seconds"]);
    object(&json!({ "meta": meta }), &["meta"])
}

/// A copy is asked for with nothing: no body, or an empty one.
fn nothing() -> Value {
    object(&json!({}), &[])
}

fn nothings() -> Vec<Example> {
    vec![Example { name: "nothing", summary: "An empty body, or none", body: json!({}) }]
}

fn creations() -> Vec<Example> {
    let reader = json!({
        "name": "Reporting",
        "permissions": ["account.read", "account_type.read"],
        "api-attributes-blocklist": ["name", "name-*"],
        "ip-address-allowlist": ["192.0.2.0/24"],
    });
    vec![
        Example {
            name: "plain",
            summary: "A key that may do what is granted by default",
            body: attributes(&json!({ "name": "Backend" })),
        },
        Example {
            name: "reader",
            summary: "A key that reads accounts without names, from one network",
            body: attributes(&reader),
        },
    ]
}

fn changes() -> Vec<Example> {
    let note = attributes(&json!({ "note": "Nightly export" }));
    vec![Example { name: "note", summary: "Says what the key is for", body: note }]
}

fn expiries() -> Vec<Example> {
    let hour = json!({ "meta": { "expires-in-seconds": 3600 } });
    vec![Example { name: "in-an-hour", summary: "In an hour", body: hour }]
}
