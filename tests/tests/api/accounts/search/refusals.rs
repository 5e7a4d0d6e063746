//! Every violation is told with its place in the body and how to mend it.

use muster_testkit::{TestApp, TestDb, on_both};
use serde_json::{Value, json};

use super::{eq, leaf, other, searchable};
use crate::bodies::account_type;

const FORMS: &str =
    "must be an object with exactly one of and, or, not, or with attribute, operator and value";
const INSTANT: &str = "must be a date like 2025-01-01 or an instant like 2025-01-01T09:30:00Z";
const SORTS: &str = "must be created_at, updated_at, type, status or fields.<key>";

fn at(place: &str, message: &str) -> String {
    format!("{place} {message}")
}

/// Conditions whose shape makes no sense, and what is said of them.
fn shapes() -> Vec<(Value, String)> {
    let good = || eq("type", json!("acttp_111111111111111111111111"));
    let many: Vec<Value> = (0..21).map(|_| good()).collect();
    vec![
        (json!([]), at("query", FORMS)),
        (json!("x"), at("query", FORMS)),
        (json!({}), at("query", FORMS)),
        (json!({ "and": [good()], "or": [good()] }), at("query", FORMS)),
        (json!({ "not": good(), "attribute": "type" }), at("query", FORMS)),
        (json!({ "and": good() }), at("query.and", "must be a list of 1 to 20 conditions")),
        (json!({ "and": [] }), at("query.and", "must be a list of 1 to 20 conditions")),
        (json!({ "or": many }), at("query.or", "must be a list of 1 to 20 conditions")),
        (json!({ "and": [good(), 7] }), at("query.and.1", FORMS)),
        (
            json!({ "and": [good(), { "or": [good(), { "not": good() }] }] }),
            at("query.and.1.or.1.not", "must not stand here: and, or and not can be nested 2 levels deep"),
        ),
        (
            json!({ "not": { "not": { "and": [good()] } } }),
            at("query.not.not.and", "must not stand here: and, or and not can be nested 2 levels deep"),
        ),
        (json!({ "attribute": "type" }), "query.operator is required; query.value is required".to_owned()),
        (
            json!({ "attribute": "type", "operator": "eq", "value": "x", "values": [] }),
            at("query.values", "is not known here; known are attribute, operator, value"),
        ),
    ]
}

/// Conditions on attributes that make no sense, and what is said of them.
fn leaves() -> Vec<(Value, String)> {
    let attributes = "query.attribute must be type, status, created_at, updated_at, reference_id, identifiers.<key> \
         or fields.<key>";
    let no_order = "query.operator must be eq: no account type keeps this field in order; \
         for ranges, set ordered = true in its field schema";
    vec![
        (eq("name", json!("x")), attributes.to_owned()),
        (eq("fields", json!("x")), attributes.to_owned()),
        (leaf("created_at", "in", json!("x")), at("query.operator", "must be eq, gt, gte, lt or lte")),
        (leaf("type", "gt", json!("x")), at("query.operator", "must be eq for this attribute")),
        (leaf("reference_id", "lte", json!("x")), at("query.operator", "must be eq for this attribute")),
        (
            eq("created_at", json!(["2026-01-01"])),
            at("query.value", "must be a text, a number, true or false"),
        ),
        (eq("created_at", Value::Null), at("query.value", "must be a text, a number, true or false")),
        (eq("created_at", json!("2026-02-30")), at("query.value", INSTANT)),
        (eq("updated_at", json!("2026-01-01T09:00:00")), at("query.value", INSTANT)),
        (eq("updated_at", json!(7)), at("query.value", INSTANT)),
        (eq("type", json!("User")), at("query.value", "must be the ID of an account type, acttp_…")),
        (
            eq("status", json!("Nobody")),
            at("query.value", "must be the ID of a status, actst_…, or its name; no status is named so"),
        ),
        (eq("reference_id", json!(7)), at("query.value", "must be a text")),
        (
            eq("reference_id", json!(" ")),
            at("query.value", "must not be blank; leave it out for an account without one"),
        ),
        (
            eq("identifiers.nothing", json!("x")),
            at("query.attribute", "names no identifier of any account type"),
        ),
        (
            eq("identifiers.text", json!("x")),
            at("query.attribute", "names no identifier of any account type"),
        ),
        (eq("fields.nothing", json!("x")), at("query.attribute", "names no field of any account type")),
        (eq("fields.owner.nothing", json!("x")), at("query.attribute", "names no field of any account type")),
        (
            eq("fields.hidden", json!("x")),
            at(
                "query.attribute",
                "names a field that is not searchable; set searchable = true in its field schema",
            ),
        ),
        (
            eq("fields.owner", json!("x")),
            at(
                "query.attribute",
                "names a field that is not searchable; set searchable = true in its field schema",
            ),
        ),
        (leaf("fields.tier", "gt", json!("low")), no_order.to_owned()),
        (leaf("identifiers.code", "lt", json!("K")), no_order.to_owned()),
        (eq("fields.is_vip", json!("true")), at("query.value", "must be true or false")),
        (eq("fields.owner.age", json!("7")), at("query.value", "must be a number")),
        (eq("fields.mail", json!("")), at("query.value", "must be a text that is not blank")),
        (eq("fields.mail", json!(7)), at("query.value", "must be a text that is not blank")),
        (eq("fields.seen_at", json!("now")), at("query.value", INSTANT)),
        (
            eq("fields.signed_at", json!("2020-01-01")),
            at(
                "query.value",
                "must be an instant like 2025-01-01T09:30:00Z; \
                 to look for a whole day, set ordered = true in the field schema",
            ),
        ),
    ]
}

/// Orders and pages that make no sense, and what is said of them.
fn others() -> Vec<(Value, String)> {
    let sort = |attribute: Value| json!({ "sort": { "attribute": attribute, "direction": "asc" } });
    let not_ordered =
        "sort.attribute names a field that is not kept in order; set ordered = true in its field schema";
    let account = "act_111111111111111111111111";
    vec![
        (
            json!({ "data": {} }),
            "data is not a member of this request; known are query, sort, page".to_owned(),
        ),
        (json!({ "sort": "created_at" }), "sort must be an object with attribute and direction".to_owned()),
        (json!({ "sort": { "direction": "asc" } }), "sort.attribute is required".to_owned()),
        (sort(json!("name")), format!("sort.attribute {SORTS}")),
        (sort(json!("reference_id")), format!("sort.attribute {SORTS}")),
        (sort(json!(7)), format!("sort.attribute {SORTS}")),
        (sort(json!("fields.tier")), not_ordered.to_owned()),
        (
            json!({ "sort": { "attribute": "type", "direction": "down" } }),
            "sort.direction must be asc or desc".to_owned(),
        ),
        (
            json!({ "sort": { "attribute": "type", "order": "asc" } }),
            "sort.order is not known here; known are attribute, direction".to_owned(),
        ),
        (json!({ "page": [] }), "page must be an object with size, after or before".to_owned()),
        (json!({ "page": { "size": 0 } }), "page.size must be a whole number from 1 to 100".to_owned()),
        (json!({ "page": { "size": 101 } }), "page.size must be a whole number from 1 to 100".to_owned()),
        (json!({ "page": { "size": "10" } }), "page.size must be a whole number from 1 to 100".to_owned()),
        (
            json!({ "page": { "number": 2 } }),
            "page.number is not known here; known are size, after, before".to_owned(),
        ),
        (
            json!({ "page": { "after": "x" } }),
            "page.after must be an ID that starts with act_, or be left out".to_owned(),
        ),
        (
            json!({ "page": { "before": 7 } }),
            "page.before must be the ID of an account, act_…, or be left out".to_owned(),
        ),
        (
            json!({ "page": { "after": account, "before": account } }),
            "page.before cannot be combined with page.after: send one of them".to_owned(),
        ),
    ]
}

on_both! {
    async fn what_makes_no_sense_is_refused_at_its_place(db: TestDb) {
        let app = TestApp::start(db).await;
        account_type(&app, searchable()).await;
        account_type(&app, other()).await;
        let conditions = shapes().into_iter().chain(leaves()).map(|(query, message)| (json!({ "query": query }), message));
        for (body, message) in conditions.chain(others()) {
            let reply = app.post("/accounts/search", body.clone()).await;
            let expected: Vec<_> = message.split("; query.").enumerate()
                .map(|(i, text)| format!("Bad Request: {}{text}", if i == 0 { "" } else { "query." })).collect();
            assert_eq!(reply.problem(), format!("400 {}", expected.join("; ")), "{body}");
        }
    }

    /// What one type refuses another one may take: a field is searched in the types that can.
    async fn a_field_is_searched_in_the_types_that_can(db: TestDb) {
        let app = TestApp::start(db).await;
        account_type(&app, searchable()).await;
        account_type(&app, other()).await;
        for query in [eq("fields.count", json!("seven")), leaf("fields.count", "gt", json!(7)),
            leaf("fields.text", "gt", json!("a")), leaf("fields.since", "lt", json!("2020-01-01T00:00:00Z"))]
        {
            assert_eq!(app.post("/accounts/search", json!({ "query": query })).await.ids(), [""; 0]);
        }
        let range = json!({ "query": leaf("fields.count", "gt", json!("seven")) });
        assert_eq!(app.post("/accounts/search", range).await.status, 400, "no type has texts in order there");
    }
}
