//! The table of bad bodies: each gets its status, a text that names the place, and nothing is written.

use hyper::Method;
use muster_testkit::{TestApp, TestDb, on_both};
use serde_json::{Value, json};

use crate::bodies::{account_type, attributes, everything};

/// A body and the beginning of what it is answered.
type Row = (Vec<u8>, &'static str);

fn row(body: Value, problem: &'static str) -> Row {
    (body.to_string().into_bytes(), problem)
}

fn raw(body: impl Into<Vec<u8>>, problem: &'static str) -> Row {
    (body.into(), problem)
}

fn syntax() -> Vec<Row> {
    let nested = |open: &str, close: &str| {
        format!(
            "{{\"data\":{{\"attributes\":{{\"fields\":{}1{}}}}}}}",
            open.repeat(10_000),
            close.repeat(10_000)
        )
    };
    let deep = "400 Bad Request: the body is nested deeper than 64 levels";
    vec![
        raw(
            "{\"data\":",
            "400 Bad Request: the body is not JSON: EOF while parsing a value at line 1 column 8",
        ),
        raw(
            "{\"data\":{}} x",
            "400 Bad Request: the body is not JSON: trailing characters at line 1 column 13",
        ),
        raw("{'data':1}", "400 Bad Request: the body is not JSON: key must be a string at line 1 column 2"),
        raw("reference-id=u-1", "400 Bad Request: the body is not JSON: "),
        raw("[]", "400 Bad Request: the request body must be a JSON object"),
        raw("null", "400 Bad Request: the request body must be a JSON object"),
        raw("\"text\"", "400 Bad Request: the request body must be a JSON object"),
        raw(
            &b"{\"data\":{\"attributes\":{\"name-first\":\"\xff\xfe\"}}}"[..],
            "400 Bad Request: the body is not UTF-8 from byte 37 on: send JSON encoded as UTF-8",
        ),
        raw(
            &b"{\"data\":{\"attributes\":{\"reference-id\":\"\\ud800\"}}}"[..],
            "400 Bad Request: the body is not JSON: ",
        ),
        raw(
            "{\"data\":{\"attributes\":{\"reference-id\":\"a\",\"reference-id\":\"a\"}}}",
            "400 Bad Request: data.attributes.reference-id appears twice (send it once)",
        ),
        raw("{\"data\":{},\"data\":{}}", "400 Bad Request: data appears twice (send it once)"),
        raw(
            "{\"data\":{\"attributes\":{\"fields\":{\"score\":1e400}}}}",
            "400 Bad Request: the body is not JSON: ",
        ),
        raw(
            "{\"data\":{\"attributes\":{\"fields\":{\"count\":123456789012345678901234567890}}}}",
            "400 Bad Request: a number is out of range (send it as a string)",
        ),
        raw(nested("[", "]"), deep),
        raw(nested("{\"a\":", "}"), deep),
        raw("[".repeat(3_000_000), deep),
        raw(vec![b' '; 17_000_000], "400 Bad Request: the request body must be at most 16777216 bytes"),
    ]
}

fn shapes() -> Vec<Row> {
    let member = |key: &str, value: Value| attributes(json!({ key: value }));
    vec![
        row(json!({ "data": [] }), "400 Bad Request: data must be an object"),
        row(json!({ "data": "x" }), "400 Bad Request: data must be an object"),
        row(json!({ "data": { "attributes": [] } }), "400 Bad Request: data.attributes must be an object"),
        row(json!({ "meta": "x" }), "400 Bad Request: meta must be an object"),
        row(member("fields", json!([])), "400 Bad Request: data.attributes.fields must be an object"),
        row(member("fields", json!("x")), "400 Bad Request: data.attributes.fields must be an object"),
        row(
            member("tags", json!("vip")),
            "400 Bad Request: data.attributes.tags must be an array of strings",
        ),
        row(member("tags", json!(["a", 1])), "400 Bad Request: data.attributes.tags.1 must be a string"),
        row(member("tags", json!([null])), "400 Bad Request: data.attributes.tags.0 must be a string"),
        row(
            member("reference-id", json!(1)),
            "400 Bad Request: data.attributes.reference_id must be a string",
        ),
        row(
            member("reference-id", json!({})),
            "400 Bad Request: data.attributes.reference_id must be a string",
        ),
        row(
            member("account-status", json!(1)),
            "400 Bad Request: data.attributes.account_status must be a string",
        ),
        row(
            member("account-status", json!(null)),
            "400 Bad Request: data.attributes.account_status must be a string",
        ),
        row(
            json!({ "nonsense": 1 }),
            "400 Bad Request: nonsense is not a member of this request; known are data, meta",
        ),
        row(
            json!({ "data": { "nonsense": 1 } }),
            "400 Bad Request: data.nonsense is not a member of this request",
        ),
        row(
            json!({ "meta": { "nonsense": 1 } }),
            "400 Bad Request: meta.nonsense is not a member of this request",
        ),
        row(json!({ "Ada Lovelace": 1 }), "400 Bad Request: (unprintable) is not a member of this request"),
        row(
            attributes(json!({ "reference-id": "a", "reference_id": "a" })),
            "400 Bad Request: data.attributes reference-id and reference_id are spellings of one member",
        ),
    ]
}

/// Rows about accounts of the type `User`.
#[expect(clippy::too_many_lines, reason = "a table")]
fn user_values() -> Vec<Row> {
    let long = "x".repeat(256);
    let many: Vec<String> = (0..101).map(|i| format!("tag {i}")).collect();
    let no_date = |at: &'static str, text: &str| row(attributes(json!({ "birthdate": text })), at);
    let birthdate =
        "422 Record invalid: birthdate must be a date like 1990-12-31 (/data/attributes/birthdate)";
    vec![
        row(
            attributes(json!({ "nonsense": 1 })),
            "422 Record invalid: nonsense is not an attribute of an account of \
            type User; its own fields belong under fields (/data/attributes/nonsense)",
        ),
        row(
            attributes(json!({ "fields": { "shoe_size": 43 } })),
            "422 Record invalid: fields.shoe_size is not a field of the account type User (/data/attributes/fields/shoe_size)",
        ),
        row(
            attributes(json!({ "fields": { "name": { "nick": "x" } } })),
            "422 Record invalid: fields.name.nick is not a member of this field (/data/attributes/fields/name/nick)",
        ),
        row(
            attributes(json!({ "name-first": 1 })),
            "422 Record invalid: name-first must be a text (/data/attributes/name-first)",
        ),
        row(
            attributes(json!({ "name-first": null })),
            "422 Record invalid: name-first must be a text; to clear it, ",
        ),
        row(
            attributes(json!({ "fields": { "name": "Ada" } })),
            "422 Record invalid: fields.name must be an object with the members ",
        ),
        row(
            attributes(json!({ "name-first": long })),
            "422 Record invalid: name-first must have at most 255 characters",
        ),
        row(
            attributes(json!({ "reference-id": long })),
            "422 Record invalid: reference-id must have at most 255 characters",
        ),
        row(
            attributes(json!({ "tags": [long] })),
            "422 Record invalid: tags.0 must be at most 255 characters",
        ),
        row(
            attributes(json!({ "tags": many })),
            "422 Record invalid: tags must be at most 100 names (/data/attributes/tags)",
        ),
        row(
            attributes(json!({ "tags": ["a", " "] })),
            "422 Record invalid: tags.1 must not be blank (/data/attributes/tags/1)",
        ),
        row(
            attributes(json!({ "tags": ["a\nb"] })),
            "422 Record invalid: tags.0 must be at most 255 characters and have no control",
        ),
        row(
            attributes(json!({ "reference-id": "" })),
            "422 Record invalid: reference-id must not be blank; leave it out",
        ),
        row(
            attributes(json!({ "reference-id": " \t " })),
            "422 Record invalid: reference-id must not be blank; leave it out",
        ),
        row(
            attributes(json!({ "reference-id": "a\u{0}b" })),
            "422 Record invalid: reference-id must not contain control characters",
        ),
        row(
            attributes(json!({ "name-first": "a\u{0}b" })),
            "422 Record invalid: name-first must not contain control characters",
        ),
        row(
            attributes(json!({ "name-first": "a\u{85}b" })),
            "422 Record invalid: name-first must not contain control characters",
        ),
        no_date(birthdate, "1990-13-01"),
        no_date(birthdate, "1990-02-30"),
        no_date(birthdate, "1900-02-29"),
        no_date(birthdate, "1990-1-1"),
        no_date(birthdate, "31.12.1990"),
        no_date(birthdate, "1990-12-31T00:00:00Z"),
        no_date(birthdate, ""),
        row(
            attributes(json!({ "account-status": "Nonsense" })),
            "422 Record invalid: account-status names no status of this account type",
        ),
        row(
            attributes(json!({ "name-first": "Ada", "fields": { "name": { "first": "Grace" } } })),
            "422 Record invalid: fields.name.first contradicts name-first: ",
        ),
        row(
            attributes(json!({ "fields": { "name_first": "Ada", "nameFirst": "Grace" } })),
            "422 Record invalid: fields.name",
        ),
        row(
            attributes(json!({ "country-code": "NO", "fields": { "address": { "countryCode": "SE" } } })),
            "422 Record invalid: fields.address.countryCode contradicts country-code: ",
        ),
        row(
            attributes(json!({ "selfie-photo": { "data": { "data": "AAAA", "filename": "a.jpg" } } })),
            "422 Record invalid: selfie-photo.data must be, by its content, a file of type image/jpeg, image/png, ",
        ),
        row(
            attributes(json!({ "fields": { "identification_numbers": [{ "identification_class": "pp" }] } })),
            "422 Record invalid: fields.identification_numbers.0.identification_number is required",
        ),
        row(
            attributes(json!({ "reference-id": "TAKEN" })),
            "409 Conflict: Resource already exists as an active resource: ",
        ),
    ]
}

/// Values of fields of the type that has one of every kind.
#[expect(clippy::too_many_lines, reason = "a table")]
fn typed_values() -> Vec<(Value, &'static str)> {
    vec![
        (
            json!({ "count": "7" }),
            "422 Record invalid: fields.count must be a whole number from 0 to 10 (/data/attributes/fields/count)",
        ),
        (json!({ "count": 1.5 }), "422 Record invalid: fields.count must be a whole number from 0 to 10"),
        (json!({ "count": 11 }), "422 Record invalid: fields.count must be a whole number from 0 to 10"),
        (
            json!({ "count": u64::MAX }),
            "422 Record invalid: fields.count must be a whole number from 0 to 10",
        ),
        (json!({ "score": "1" }), "422 Record invalid: fields.score must be a number"),
        (json!({ "is_vip": "true" }), "422 Record invalid: fields.is_vip must be true or false"),
        (
            json!({ "since": "1999-12-31" }),
            "422 Record invalid: fields.since must be a date no earlier than 2000-01-01",
        ),
        (
            json!({ "seen_at": "2026-02-30T00:00:00Z" }),
            "422 Record invalid: fields.seen_at must be an instant with an offset",
        ),
        (
            json!({ "seen_at": "2026-03-02" }),
            "422 Record invalid: fields.seen_at must be an instant with an offset",
        ),
        (
            json!({ "mail": "jane at example.test" }),
            "422 Record invalid: fields.mail must be an e-mail address",
        ),
        (
            json!({ "tier": "middle" }),
            "422 Record invalid: fields.tier must be one of \"low\", \"high\" (/data/attributes/fields/tier)",
        ),
        (
            json!({ "colors": ["green"] }),
            "422 Record invalid: fields.colors must be a list of some of \"red\", \"blue\"",
        ),
        (
            json!({ "colors": ["red", "red"] }),
            "422 Record invalid: fields.colors must list each option at most once",
        ),
        (json!({ "colors": [] }), "422 Record invalid: fields.colors must have at least one entry"),
        (json!({ "numbers": [1, "2"] }), "422 Record invalid: fields.numbers.1 must be a whole number"),
        (json!({ "numbers": [1, null] }), "422 Record invalid: fields.numbers.1 must not be null"),
        (
            json!({ "numbers": vec![1; 1001] }),
            "422 Record invalid: fields.numbers must have at most 1000 items",
        ),
        (
            json!({ "owner": { "age": "x" } }),
            "422 Record invalid: fields.owner.age must be a whole number (/data/attributes/fields/owner/age)",
        ),
        (
            json!({ "owner": { "shoe": 1 } }),
            "422 Record invalid: fields.owner.shoe is not a member of this field",
        ),
        (
            json!({ "extra": { "a": "x".repeat(70_000) } }),
            "422 Record invalid: fields.extra must have at most 65536 bytes as JSON",
        ),
        (
            json!({ "extra": "a\u{0}b" }),
            "422 Record invalid: fields.extra must not contain the character U+0000",
        ),
        (
            json!({ "paper": "act_111111111111111111111111" }),
            "422 Record invalid: fields.paper must be an ID that starts with doc_",
        ),
        (
            json!({ "photo": "AAAA" }),
            "422 Record invalid: fields.photo must be an object with data (the file in base64) and filename",
        ),
        (
            json!({ "text": "x".repeat(21) }),
            "422 Record invalid: fields.text must have at most 20 characters",
        ),
        (
            json!({ "email": "TAKEN@example.test" }),
            "409 Record not unique: data.attributes.fields.email is in use",
        ),
        (json!({ "text": 1, "count": "x" }), "422 Record invalid: fields.count must be"),
    ]
}

/// What is there before; nothing may be added to it or changed.
async fn state(app: &TestApp) -> (Vec<Value>, usize) {
    (app.all("/accounts").await, app.events().await.len())
}

async fn check_rows(app: &TestApp, paths: [(Method, &str); 2], rows: &[Row]) {
    let before = state(app).await;
    for (body, problem) in rows {
        let shown = String::from_utf8_lossy(&body[..body.len().min(120)]).into_owned();
        for (method, path) in &paths {
            let reply = app.request(method.clone(), path).body_bytes(body.clone()).send().await;
            assert!(reply.problem().starts_with(problem), "{method} {shown}\n{}", reply.problem());
            assert!(reply.header("request-id").starts_with("req_"), "{shown}");
        }
    }
    assert_eq!(state(app).await, before);
}

on_both! {
    async fn a_bad_body_is_refused_where_it_is_bad_and_writes_nothing(db: TestDb) {
        let app = TestApp::start(db).await;
        app.post("/accounts", attributes(json!({ "reference-id": "taken" }))).await.good();
        let account = app.post("/accounts", attributes(json!({ "name-first": "Ada" }))).await;
        let path = format!("/accounts/{}", account.id());
        let paths = [(Method::POST, "/accounts"), (Method::PATCH, path.as_str())];

        for rows in [syntax(), shapes(), user_values()] {
            check_rows(&app, paths.clone(), &rows).await;
        }
    }

    async fn a_bad_value_is_refused_where_it_is_bad_and_writes_nothing(db: TestDb) {
        let app = TestApp::start(db).await;
        let ty = account_type(&app, everything()).await;
        let create = |fields: &Value| attributes(json!({ "account-type-id": ty, "fields": fields }));
        app.post("/accounts", create(&json!({ "email": "taken@example.test" }))).await.good();
        let account = app.post("/accounts", create(&json!({}))).await;
        let path = format!("/accounts/{}", account.id());
        let before = state(&app).await;

        for (fields, problem) in typed_values() {
            let created = app.post("/accounts", create(&fields)).await;
            assert!(created.problem().starts_with(problem), "POST {fields}\n{}", created.problem());
            let updated = app.patch(&path, attributes(json!({ "fields": fields }))).await;
            assert!(updated.problem().starts_with(problem), "PATCH {fields}\n{}", updated.problem());
        }
        let all = app.post("/accounts", create(&json!({ "text": 1, "count": "x", "tier": "middle" }))).await;
        assert_eq!(all.at("/errors").as_array().unwrap().len(), 3, "every fault is named: {}", all.text());

        assert_eq!(state(&app).await, before);
    }

    async fn a_type_that_is_not_there_is_refused(db: TestDb) {
        let app = TestApp::start(db).await;
        for id in ["acttp_111111111111111111111111", "act_111111111111111111111111", "User", ""] {
            let reply = app.post("/accounts", attributes(json!({ "account-type-id": id }))).await;
            assert_eq!(reply.problem(), "422 Record invalid: account-type-id names no account type of this \
                organization (/data/attributes/account-type-id)", "{id}");
        }
        let reply = app.post("/accounts", attributes(json!({ "account-type-id": 1 }))).await;
        assert_eq!(reply.problem(), "400 Bad Request: data.attributes.account_type_id must be a string");
        assert_eq!(state(&app).await, (Vec::new(), 0));
    }

    /// The largest body that is taken, in one piece and in a field that takes it.
    async fn a_large_body_is_not_a_bad_one(db: TestDb) {
        let app = TestApp::start(db).await;
        let body = format!("{{\"data\":{{}}{}}}", " ".repeat(4 * 1024 * 1024 - 11));
        assert_eq!(body.len(), 4 * 1024 * 1024);

        let reply = app.request(Method::POST, "/accounts").body_bytes(body).send().await;

        assert_eq!(reply.status, 201, "{}", reply.text());
    }
}
