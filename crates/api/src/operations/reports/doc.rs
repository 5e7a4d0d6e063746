//! What the documentation of operations on reports shows.

use muster_domain::ReportKind;
use serde_json::{Map, Value, json};

use crate::doc::{Doc, Example, attributes, described, object};
use crate::resources::report_query_schema;

/// `create-a-report`.
pub(super) const CREATE: Doc = Doc {
    text: "\
The kind is named by `data.type` or by the template. The report hangs on the account with `account-id`; else on the \
one with `meta.auto-create-account-reference-id`, which is created where there is none; else on a new one, unless \
`meta.auto-create-account` is false. It is `pending` until its first run is over; with `meta.processing-mode` `sync` \
the reply waits for that, up to 20 seconds, and is 408 after.\n\nWatchlists, politically exposed persons and crypto \
addresses are looked up in lists that the operator loads; without a list the report ends `errored`. All other kinds \
ask a provider; without one a sandbox makes a result up, marked by the tag `simulated`, and production ends `errored`.",
    success: &[201],
    body: Some(create_body),
    examples: create_examples,
    ..Doc::one("report")
};

/// `dismiss-matches`.
pub(super) const DISMISS: Doc = Doc {
    text: "\
All hits are dismissed; of adverse media one entity or one article. A hit that was dismissed comes back when what is \
known of it changes. When none is left, the runs on a schedule go on. `meta.completed-at` keeps hits of a later run, which \
nobody has seen yet, from being dismissed with the others.",
    body: Some(dismiss_body),
    examples: dismiss_examples,
    ..Doc::one("report")
};

fn create_body() -> Value {
    let text = |about: &str| json!({ "type": ["string", "null"], "description": about });
    let kinds: Vec<ReportKind> =
        ReportKind::ALL.iter().copied().filter(|kind| kind.can_be_created()).collect();
    let types: Vec<&str> = kinds.iter().map(|kind| kind.resource_type()).collect();
    let queries: Vec<Value> = kinds
        .iter()
        .map(|kind| described(report_query_schema(*kind), &format!("Of {}.", kind.resource_type())))
        .collect();
    let members = json!({
        "account-id": text("The account that it is to hang on."),
        "reference-id": text("Deprecated: stands for `meta.auto-create-account-reference-id`."),
        "report-template-id": text("Its template; the default one of its kind where it is left out."),
        "query": { "description": "What it asks. Only that of a profile may be left out.", "anyOf": queries },
    });
    let data = json!({
        "type": { "type": "string", "enum": types, "description": "Its kind; that of the template where it is left out." },
        "attributes": object(&members, &[]),
    });
    let flags =
        json!({ "type": "array", "items": { "type": "string" }, "description": "Taken, and not looked at." });
    let meta = json!({
        "auto-create-account": { "type": ["boolean", "null"], "default": true, "description": "Whether an account is created where none is named." },
        "auto-create-account-type-id": text("The type of an account that is created; not looked at for one that is there."),
        "auto-create-account-reference-id": text("The reference ID of the account, which is created where there is none."),
        "processing-mode": text("`sync` to wait for the first run."),
        "request-flags": flags,
    });
    let meta = described(object(&meta, &[]), "How to go about it.");
    object(&json!({ "data": object(&data, &["attributes"]), "meta": meta }), &["data"])
}

fn of(kind: &str, query: &Value) -> Map<String, Value> {
    let body = json!({ "data": { "type": format!("report/{kind}"), "attributes": { "query": query } } });
    match body {
        Value::Object(members) => members,
        _ => Map::new(),
    }
}

fn create_examples() -> Vec<Example> {
    let example =
        |name, summary, body: Map<String, Value>| Example { name, summary, body: Value::Object(body) };
    let mut for_customer = of("watchlist", &json!({ "term": "Tomasz Wrona" }));
    for_customer.insert("meta".to_owned(), json!({ "auto-create-account-reference-id": "customer-1001" }));
    let mut at_once = of("email-address", &json!({ "email-address": "ines.sala@example.com" }));
    at_once.insert("meta".to_owned(), json!({ "processing-mode": "sync" }));
    vec![
        example(
            "watchlist",
            "A person on watchlists",
            of(
                "watchlist",
                &json!({ "name-first": "Ines", "name-last": "Sala", "birthdate": "1990-12-31", "address-country-code": "PT" }),
            ),
        ),
        example("for-a-customer", "For an account by its reference ID", for_customer),
        example(
            "business-watchlist",
            "A business on watchlists",
            of("business-watchlist", &json!({ "term": "Quay Street Bakery" })),
        ),
        example(
            "adverse-media",
            "A person in the news",
            of("adverse-media", &json!({ "term": "Ines Sala", "country-code": "PT" })),
        ),
        example("sync", "Waiting for the result", at_once),
    ]
}

fn dismiss_body() -> Value {
    let text = |about: &str| json!({ "type": "string", "description": about });
    let members = json!({
        "reason": described(json!({ "type": "string", "minLength": 1, "maxLength": 4000 }), "Why it is somebody else."),
        "dismiss-type": text("Of adverse media: `entity` or `media`. Not looked at otherwise."),
        "entity-id": text("Of adverse media: the ID of the entity, or the address of the article. Not looked at otherwise."),
    });
    let seen = described(
        json!({ "type": ["string", "null"], "format": "date-time" }),
        "`completed-at` of the report as it was seen. If it was run since, nothing is dismissed, and the reply is 409.",
    );
    let meta = described(object(&json!({ "completed-at": seen }), &[]), "What was seen.");
    let mut body = crate::doc::body(&members, &["reason"]);
    body["properties"]["meta"] = meta;
    body
}

fn dismiss_examples() -> Vec<Example> {
    vec![Example {
        name: "all",
        summary: "All hits of a watchlist report",
        body: attributes(&json!({ "reason": "Another birth date." })),
    }]
}
