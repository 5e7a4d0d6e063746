//! What the documentation of operations on inquiries shows.

use serde_json::{Value, json};

use super::simulate::MOVES;
use crate::doc::{Doc, Example, Need, OneValue, Shape, attributes, body, described, object};

/// `list-all-inquiries`.
pub(super) const LIST: &str = "\
Filters narrow each other, but for `note`, which must be the only one. Lists are parted by commas, with up to 100 \
values. `needs_review` may be written with a hyphen.";

/// Filters that take one value.
pub(super) const FILTERS: &[OneValue] = &[
    OneValue { name: "note", about: "The whole note of the inquiries.", need: Need::Optional },
    OneValue { name: "reference-id", about: "The reference ID of their account.", need: Need::Optional },
    OneValue {
        name: "created-at-start",
        about: "Only those created at this instant or later; a date stands for its beginning.",
        need: Need::Optional,
    },
    OneValue {
        name: "created-at-end",
        about: "Only those created at this instant or before; a date stands for its end.",
        need: Need::Optional,
    },
];

/// `create-an-inquiry`.
pub(super) const CREATE: Doc = Doc {
    text: "\
The inquiry belongs to the account that `account-id` names, to the one that has the reference ID \
`meta.auto-create-account-reference-id`, or else to a new one; to none where `meta.auto-create-account` is false. \
A reference ID finds its account whatever its type; the type counts only when an account has to be created. Account \
and inquiry come to be together or not at all. Attributes that are not known are ignored.",
    success: &[201],
    body: Some(create_body),
    examples: create_examples,
    meta: Some(create_meta),
    ..Doc::one("inquiry")
};

/// `update-an-inquiry`.
pub(super) const UPDATE: Doc = Doc {
    text: "Only what is sent changes. Null clears a field, the note and the redirect; tags are replaced as a whole.",
    body: Some(update_body),
    examples: update_examples,
    ..Doc::one("inquiry")
};

/// `redact-an-inquiry`.
pub(super) const REDACT: &str = "\
The inquiry stays, with its ID, its status and its times, and with fields whose schema says that they are never \
redacted. Its verifications and reports follow in the background; the event `inquiry.redacted` tells when all is done. Its \
account is left alone.";

/// `approve-an-inquiry` and `decline-an-inquiry`.
pub(super) const DECIDE: Doc = Doc { body: Some(comment), examples: comment_examples, ..Doc::one("inquiry") };

/// `resume-an-inquiry`.
pub(super) const RESUME: Doc = Doc {
    text: "An inquiry that has expired is pending again. The token of a session that nobody has opened is given anew.",
    meta: Some(resume_meta),
    ..Doc::one("inquiry")
};

/// `generate-a-one-time-link`.
pub(super) const ONE_TIME_LINK: Doc = Doc {
    text: "A link that nobody has used is told again. It never works longer than its inquiry.",
    body: Some(link_body),
    examples: link_examples,
    meta: Some(link_meta),
    ..Doc::one("inquiry")
};

/// `inquiries-perform-simulate-actions`.
pub(super) const SIMULATE: Doc = Doc {
    text: "The actions are performed in order, all of them or none. In production the answer is 422.",
    body: Some(simulate_body),
    examples: simulate_examples,
    ..Doc::one("inquiry")
};

/// `create-an-inquiry-session`.
pub(super) const SESSION: Doc = Doc {
    success: &[201],
    body: Some(session_body),
    examples: session_examples,
    ..Doc::one("inquiry-session")
};

/// `expire-inquiry-sessions`.
pub(super) const EXPIRE_ALL: Doc = Doc {
    body: Some(expire_all_body),
    examples: expire_all_examples,
    reply: Shape::List("inquiry-session"),
    ..Doc::one("inquiry-session")
};

/// `generate-a-one-time-link-for-an-inquiry-session`.
pub(super) const SESSION_LINK: Doc = Doc { meta: Some(link_meta), ..Doc::one("inquiry-session") };

fn maybe(about: &str) -> Value {
    json!({ "type": ["string", "null"], "description": about })
}

/// What can be written at creation and later on.
fn written() -> Value {
    json!({
        "note": maybe("A text of whoever works with it."),
        "fields": {
            "type": ["object", "null"], "additionalProperties": true,
            "description": "Values of its fields by key, bare, as its template defines them.",
        },
        "tags": {
            "type": ["array", "null"], "items": { "type": "string", "minLength": 1, "maxLength": 255 },
            "description": "The names of its tags. A tag that does not exist is created.",
        },
        "redirect-uri": maybe("Where the person goes at the end; goes before that of the template."),
    })
}

fn create_body() -> Value {
    let mut members = written();
    members["inquiry-template-id"] = maybe("The template: the inquiry gets its live version.");
    members["inquiry-template-version-id"] =
        maybe("A published version of a template, instead of the template.");
    members["template-id"] = maybe("A template of an older kind. There are none: the answer is 404.");
    members["account-id"] = maybe("The account that it is to belong to.");
    members["reference-id"] = json!({
        "type": ["string", "null"], "deprecated": true,
        "description": "The same as `meta.auto-create-account-reference-id`.",
    });
    members["creator-email-address"] = maybe("The e-mail address of whoever creates it.");
    members["theme-id"] = maybe("A theme of an older template: refused.");
    members["theme-set-id"] = maybe("The theme set that it is shown in.");
    members["initial-step-name"] = maybe("The step of the template to begin with.");
    let mut schema = body(&members, &[]);
    schema["properties"]["data"]["properties"]["attributes"]["additionalProperties"] = true.into();
    schema["properties"]["meta"] = create_options();
    schema
}

fn create_options() -> Value {
    let flag = |about: &str| json!({ "type": ["boolean", "null"], "description": about });
    let seconds = |about: &str| json!({ "type": ["integer", "null"], "minimum": 1, "maximum": 31_536_000, "description": about });
    let members = json!({
        "auto-create-account": flag("Whether it gets an account that does not exist yet; true when it is left out."),
        "auto-create-account-type-id": maybe("The type of an account that has to be created; else the default type."),
        "auto-create-account-reference-id": maybe("The reference ID of its account, which is found by it or created with it."),
        "auto-create-inquiry-session": flag("Whether it gets a session at once."),
        "auto-create-one-time-link": flag("Whether it gets a one-time link at once."),
        "expiration-after-create-interval-seconds": seconds("How long it can be used from now on."),
        "expiration-after-start-interval-seconds": seconds("How long it can be used once it is started."),
        "expiration-after-resume-interval-seconds": seconds("How long it can be used once it is resumed."),
        "one-time-link-expiration-seconds": seconds("How long a link to another device works."),
    });
    described(object(&members, &[]), "How to go about it.")
}

fn create_meta() -> Value {
    let members = json!({
        "session-token": maybe("The token of its session, if one was wanted."),
        "one-time-link": maybe("Its one-time link, if one was wanted."),
        "one-time-link-short": maybe("The same link, shorter."),
    });
    object(&members, &["session-token", "one-time-link", "one-time-link-short"])
}

fn create_examples() -> Vec<Example> {
    let by_reference = json!({
        "data": { "attributes": {
            "inquiry-template-id": "$inquiry-template-id",
            "fields": { "name-first": "Ines", "name-last": "Sala", "birthdate": "1990-12-31" },
            "tags": ["newsletter"],
            "note": "Onboarding of autumn",
        } },
        "meta": { "auto-create-account-reference-id": "customer-3001" },
    });
    let with_link = json!({
        "data": { "attributes": { "inquiry-template-id": "$inquiry-template-id" } },
        "meta": { "auto-create-inquiry-session": true, "auto-create-one-time-link": true },
    });
    vec![
        Example {
            name: "by-template",
            summary: "With a new account",
            body: attributes(&json!({ "inquiry-template-id": "$inquiry-template-id" })),
        },
        Example {
            name: "by-reference-id",
            summary: "With the account of a reference ID, and with values that are known",
            body: by_reference,
        },
        Example { name: "with-link", summary: "With a session and a one-time link", body: with_link },
        Example {
            name: "of-an-account",
            summary: "For an account that exists",
            body: attributes(
                &json!({ "inquiry-template-id": "$inquiry-template-id", "account-id": "$account-id" }),
            ),
        },
    ]
}

fn update_body() -> Value {
    let mut schema = body(&written(), &[]);
    schema["properties"]["data"]["properties"]["attributes"]["additionalProperties"] = true.into();
    schema
}

fn update_examples() -> Vec<Example> {
    let body = attributes(&json!({
        "note": "Called on Monday", "fields": { "name-first": "Inês" }, "tags": ["newsletter", "vip"],
    }));
    vec![Example { name: "note-and-fields", summary: "Note, a field and tags", body }]
}

fn comment() -> Value {
    object(&json!({ "meta": object(&json!({ "comment": maybe("Why.") }), &[]) }), &[])
}

fn comment_examples() -> Vec<Example> {
    let body = json!({ "meta": { "comment": "Checked by hand" } });
    vec![Example { name: "with-comment", summary: "With a comment", body }]
}

fn resume_meta() -> Value {
    object(
        &json!({ "session-token": { "type": "string", "description": "The token to go on with." } }),
        &["session-token"],
    )
}

fn link_body() -> Value {
    let seconds = json!({
        "type": ["integer", "null"], "minimum": 1, "maximum": 31_536_000, "description": "How long it works.",
    });
    object(&json!({ "meta": object(&json!({ "expires-in-seconds": seconds }), &[]) }), &[])
}

fn link_examples() -> Vec<Example> {
    let body = json!({ "meta": { "expires-in-seconds": 3600 } });
    vec![Example { name: "for-an-hour", summary: "A link that works for an hour", body }]
}

fn link_meta() -> Value {
    let text = |about: &str| json!({ "type": "string", "description": about });
    let members = json!({
        "one-time-link": text("The link."),
        "one-time-link-short": text("The same link, shorter."),
    });
    object(&members, &["one-time-link", "one-time-link-short"])
}

fn simulate_body() -> Value {
    let moves: Vec<&str> = MOVES.iter().map(|(name, _)| *name).collect();
    let template =
        json!({ "type": "string", "description": "The ID of a verification template of its template." });
    let data = object(&json!({ "verification-template-id": template }), &["verification-template-id"]);
    let verification = json!({
        "type": { "enum": ["create_passed_verification", "create_failed_verification"] }, "data": data,
    });
    let action = json!({ "anyOf": [
        object(&json!({ "type": { "enum": moves } }), &["type"]),
        object(&verification, &["type", "data"]),
    ] });
    let actions = json!({ "type": "array", "maxItems": 50, "items": action });
    object(
        &json!({ "meta": object(&json!({ "simulate-actions": actions }), &["simulate-actions"]) }),
        &["meta"],
    )
}

fn simulate_examples() -> Vec<Example> {
    let body = json!({ "meta": { "simulate-actions": [{ "type": "start_inquiry" }, { "type": "complete_inquiry" }] } });
    vec![Example { name: "complete", summary: "The person starts and reaches the end", body }]
}

fn session_body() -> Value {
    body(&json!({ "inquiry-id": { "type": "string", "description": "The inquiry." } }), &["inquiry-id"])
}

fn session_examples() -> Vec<Example> {
    let body = attributes(&json!({ "inquiry-id": "$inquiry-id" }));
    vec![Example { name: "of-an-inquiry", summary: "A session of an inquiry", body }]
}

fn expire_all_body() -> Value {
    let ids = json!({
        "type": "array", "maxItems": 100, "items": { "type": "string" }, "description": "The inquiries.",
    });
    object(&json!({ "meta": object(&json!({ "inquiry-ids": ids }), &["inquiry-ids"]) }), &["meta"])
}

fn expire_all_examples() -> Vec<Example> {
    let body = json!({ "meta": { "inquiry-ids": ["$inquiry-id"] } });
    vec![Example { name: "of-an-inquiry", summary: "All sessions of an inquiry", body }]
}
