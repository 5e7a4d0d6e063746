//! Archiving, restoring, redacting, and actions that are not there.

use hyper::Method;
use muster_testkit::{TestApp, TestDb, on_both};
use serde_json::{Value, json};

use crate::bodies::{account_type, attributes, reference, upsert};

const PERSON: &[&str] = &["Gwendolyn", "Ottoline", "gwendolyn@mail.example", "1947-08-13", "+4976133445566"];

fn person() -> Value {
    attributes(
        json!({ "reference-id": "p1", "tags": ["vip"], "name-first": "Gwendolyn", "name-last": "Ottoline",
        "email-address": "gwendolyn@mail.example", "birthdate": "1947-08-13", "phone-number": "+4976133445566" }),
    )
}

/// Everything that the API tells of an account.
async fn told(app: &TestApp, id: &str) -> String {
    let mut all = String::new();
    for path in [
        format!("/accounts/{id}"),
        "/accounts".into(),
        "/accounts?filter[reference-id]=p1".into(),
        "/events?page[size]=100".into(),
        format!("/accounts/{id}/timeline?page[size]=100"),
        format!("/accounts/{id}/field-origins"),
        format!("/accounts/{id}/as-of?filter[at]=2026-03-02T09:14:08Z"),
        format!("/accounts/{id}/as-of?filter[at]=2030-01-01"),
        "/api-logs?page[size]=100".into(),
    ] {
        let reply = app.get(&path).await;
        assert!(reply.status < 500, "{path}: {}", reply.text());
        all += &reply.text();
    }
    all
}

on_both! {
    async fn an_archived_account_is_hidden_and_comes_back(db: TestDb) {
        let app = TestApp::start(db).await;
        let id = app.post("/accounts", reference("a")).await.id().to_owned();
        let verb = async |verb: &str| app.post(&format!("/accounts/{id}/{verb}"), json!({})).await;

        verb("archive").await.good();
        verb("archive").await.good();
        assert_eq!(app.get("/accounts").await.ids(), Vec::<&str>::new());
        assert_eq!(app.get(&format!("/accounts/{id}")).await.status, 200);
        let update = app.patch(&format!("/accounts/{id}"), attributes(json!({ "name-first": "Ada" }))).await;
        assert_eq!(update.problem(), "409 Conflict: this account is archived; restore it first, or use another key");
        assert_eq!(app.post("/accounts", upsert("reference-id", json!({ "reference-id": "A" }))).await.status, 409);
        verb("restore").await.good();
        verb("restore").await.good();
        assert_eq!(app.get("/accounts").await.ids(), [id.as_str()]);
        app.patch(&format!("/accounts/{id}"), attributes(json!({ "name-first": "Ada" }))).await.good();
        assert_eq!(app.events().await, ["account.created", "account.archived", "account.restored", "account.updated-fields"]);
    }

    async fn redaction_leaves_nothing_of_the_person(db: TestDb) {
        let app = TestApp::start(db).await;
        let created = app.request(Method::POST, "/accounts").header("idempotency-key", "k1").json(&person()).send().await;
        let id = created.id().to_owned();
        let path = format!("/accounts/{id}");
        // Enough changes for whole copies of the state to be stored.
        for i in 0..40 {
            app.patch(&path, attributes(json!({ "name-middle": format!("Fitz {i}") }))).await.good();
        }
        assert!(PERSON.iter().all(|text| created.text().contains(text)));
        let photo = json!({ "data": { "data": "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR4nGNgYGBgAAAABQABpfZFQAAAAABJRU5ErkJggg==", "filename": "Gwendolyn.png" } });
        let pictured = app.patch(&path, attributes(json!({ "selfie-photo": photo }))).await;
        let link = pictured.text_at("/data/attributes/fields/selfie_photo/value/url").to_owned();
        assert_eq!(app.follow(&link).await.status, 200);
        let search = json!({ "query": { "attribute": "fields.email_address", "operator": "eq", "value": "gwendolyn@mail.example" } });
        assert_eq!(app.post("/accounts/search", search.clone()).await.ids(), [id.as_str()]);
        assert!(app.get("/api-logs?page[size]=100").await.text().contains("Gwendolyn"), "the log shows what was sent");

        let redacted = app.request(Method::DELETE, &path).send().await;

        assert_eq!(redacted.status, 200, "{}", redacted.text());
        assert!(redacted.at("/data/attributes/redacted-at").is_string());
        assert_eq!(redacted.at("/data/attributes/reference-id"), "p1");
        assert_eq!(redacted.at("/data/attributes/tags"), &json!(["vip"]));
        assert_eq!(redacted.at("/data/attributes/fields/name/value/first/value"), &Value::Null);
        let told = told(&app, &id).await;
        for text in PERSON.iter().chain(&["Fitz"]) {
            assert!(!told.contains(text), "{text}");
        }
        assert_eq!(app.post("/accounts/search", search).await.ids(), Vec::<&str>::new());
        assert_eq!(app.follow(&link).await.status, 410);
        let dump = app.dump();
        for text in PERSON.iter().chain(&["Fitz"]) {
            assert!(!dump.windows(text.len()).any(|part| part == text.as_bytes()), "{text} in the database");
        }
        let replay = app.request(Method::POST, "/accounts").header("idempotency-key", "k1").json(&person()).send().await;
        assert_eq!(replay.problem(), "409 Conflict: the reply given under this Idempotency-Key is gone: its account was redacted");
        assert_eq!(app.events().await.last().map(String::as_str), Some("account.redacted"));
        let origin = app.post("/accounts", attributes(json!({ "email-address": "gwendolyn@mail.example" }))).await;
        assert_eq!(origin.status, 201, "what the person was found by is free");
    }

    async fn redacting_again_is_refused_until_something_was_written(db: TestDb) {
        let app = TestApp::start(db).await;
        let path = format!("/accounts/{}", app.post("/accounts", person()).await.id());
        let redact = async || app.request(Method::DELETE, &path).send().await;

        redact().await.good();
        assert_eq!(redact().await.problem(), "409 Conflict: Account already redacted");
        app.patch(&path, attributes(json!({ "name-first": "Again" }))).await.good();
        app.patch(&path, attributes(json!({ "fields": { "name": null } }))).await.good();
        redact().await.good();
        let timeline = app.get(&format!("{path}/timeline?page[size]=100")).await;
        assert!(!timeline.text().contains("Again"), "{}", timeline.text());
    }

    async fn what_is_never_redacted_stays(db: TestDb) {
        let app = TestApp::start(db).await;
        let ty = account_type(&app, json!({ "name": "Client", "identifiers": [{ "key": "badge", "unique": true }],
            "field-schemas": [{ "key": "badge", "type": "string" },
                { "key": "crm", "type": "string", "config": { "redaction-policy": "never" } }] })).await;
        let typed = |fields: Value| attributes(json!({ "account-type-id": ty, "fields": fields }));
        let id = app.post("/accounts", typed(json!({ "badge": "B-1", "crm": "C-1" }))).await.id().to_owned();

        let redacted = app.request(Method::DELETE, &format!("/accounts/{id}")).send().await;

        assert_eq!(redacted.at("/data/attributes/fields/crm/value"), "C-1");
        assert_eq!(redacted.at("/data/attributes/fields/badge/value"), &Value::Null);
        app.post("/accounts", typed(json!({ "badge": "B-1" }))).await.good();
        let origins = app.get(&format!("/accounts/{id}/field-origins")).await;
        assert_eq!(origins.at("/data/0/attributes/field"), "crm");
        assert_eq!(origins.at("/data/0/attributes/actor"), &Value::Null, "the trace went with the redaction");
    }

    /// Whoever was merged into an account is the same person.
    async fn what_was_merged_into_an_account_is_redacted_with_it(db: TestDb) {
        let app = TestApp::start(db).await;
        let id = app.post("/accounts", person()).await.id().to_owned();
        let source = app.post("/accounts", attributes(json!({ "name-first": "Gwen" }))).await.id().to_owned();
        let inner = app.post("/accounts", attributes(json!({ "name-first": "Gwenny" }))).await.id().to_owned();
        for (into, from) in [(&source, &inner), (&id, &source)] {
            let body = json!({ "meta": { "source-account-ids": [from] } });
            app.post(&format!("/accounts/{into}/consolidate"), body).await.good();
        }

        app.request(Method::DELETE, &format!("/accounts/{id}")).send().await.good();
        let named = async |name: &str| app.all(&format!("/events?filter[name]={name}")).await.len();
        assert_eq!(named("account.redacted").await, 0, "not before all is done");
        app.advance(std::time::Duration::from_secs(2));
        app.run_jobs().await;
        app.advance(std::time::Duration::from_secs(2));
        app.run_jobs().await;

        assert_eq!(named("account.redacted").await, 3);
        let newest = app.get("/events?filter[name]=account.redacted&page[size]=1").await;
        assert_eq!(newest.at("/data/0/attributes/payload/data/id"), &json!(id));
        for id in [&id, &source, &inner] {
            assert!(!told(&app, id).await.contains("Gwen"), "{id}");
        }
    }

    /// What is written while the job is still to come can be erased, too; and nothing slips away meanwhile.
    async fn a_redaction_under_way_misses_nothing(db: TestDb) {
        let app = TestApp::start(db).await;
        let id = app.post("/accounts", person()).await.id().to_owned();
        let source = app.post("/accounts", attributes(json!({ "name-first": "Gwen" }))).await.id().to_owned();
        let merge = json!({ "meta": { "source-account-ids": [source] } });
        app.post(&format!("/accounts/{id}/consolidate"), merge).await.good();
        let redact = async || app.request(Method::DELETE, &format!("/accounts/{id}")).send().await;
        redact().await.good();
        assert_eq!(redact().await.status, 409);
        app.patch(&format!("/accounts/{id}"), attributes(json!({ "name-first": "Later" }))).await.good();

        let undo = app.post(&format!("/accounts/{id}/unconsolidate"), json!({})).await;
        assert_eq!(undo.problem(), "409 Conflict: what was consolidated into this account is being redacted");
        app.advance(std::time::Duration::from_secs(2));
        app.run_jobs().await;
        redact().await.good();
        app.advance(std::time::Duration::from_secs(2));
        app.run_jobs().await;

        assert_eq!(redact().await.status, 409);
        assert!(!told(&app, &id).await.contains("Later"));
        assert!(!told(&app, &source).await.contains("Gwen"));
        app.post(&format!("/accounts/{id}/unconsolidate"), json!({})).await.good();
    }

    async fn actions_are_answered_clearly(db: TestDb) {
        let app = TestApp::start(db).await;
        let path = format!("/accounts/{}/run-action", app.post("/accounts", reference("a")).await.id());
        for (body, problem) in [
            (json!({ "data": { "account-action-id": "accac_111111111111111111111111" } }),
                "422 Record invalid: data.account-action-id names no action of this account type: this version has no workflows, so no type has actions (/data/account-action-id)"),
            (json!({ "data": {} }), "400 Bad Request: data.account_action_id is missing"),
            (json!({ "data": { "account-action-id": 1 } }), "400 Bad Request: data.account_action_id must be an ID that starts with accac_"),
        ] {
            assert_eq!(app.post(&path, body).await.problem(), problem);
        }
    }
}
