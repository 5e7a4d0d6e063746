//! Dated versions of the API.

use hyper::Method;
use muster_domain::ApiVersion;
use muster_testkit::{TestApp, TestDb, on_both};
use serde_json::{Value, json};

use crate::bodies::attributes;

on_both! {
    /// Before 2025-10-27 an account carried its personal data at the top as well, and its type beside it.
    async fn an_old_version_shows_flat_attributes(db: TestDb) {
        let app = TestApp::start(db).await;
        let post = app.request(Method::POST, "/accounts").header("Persona-Version", "2023-01-05");
        let reply = post.json(&attributes(json!({ "name-first": "Ada", "birthdate": "1815-12-10" }))).send().await;

        assert_eq!(reply.status, 201, "{}", reply.text());
        assert_eq!(reply.at("/data/attributes/name-first"), "Ada");
        assert_eq!(reply.at("/data/attributes/birthdate"), "1815-12-10");
        assert_eq!(reply.at("/data/attributes/identification-numbers"), &json!({}));
        assert_eq!(reply.at("/data/attributes/fields/name/value/first/value"), "Ada");
        assert_eq!(reply.at("/included/0/type"), "account-type");
        let list = app.request(Method::GET, "/accounts").header("persona-version", "2021-07-15").send().await;
        assert_eq!(list.at("/data/0/attributes/name-first"), "Ada");
        let events = app.request(Method::GET, "/events").header("persona-version", "2020-05-18").send().await;
        assert_eq!(events.at("/data/0/attributes/payload/data/attributes/name-first"), "Ada");
        let new = app.get(&format!("/accounts/{}", reply.id())).await;
        assert_eq!([new.at("/data/attributes/name-first"), new.at("/included")], [&Value::Null; 2]);
    }

    async fn a_key_names_the_version_of_requests_that_name_none(db: TestDb) {
        let app = TestApp::start(db).await;
        let account = app.post("/accounts", attributes(json!({ "name-first": "Ada" }))).await;
        let key = app.key_with(|key| key.api_version = ApiVersion::parse("2023-01-05").unwrap()).await;
        let path = format!("/accounts/{}", account.id());

        let old = app.request(Method::GET, &path).key(&key).send().await;
        let new = app.request(Method::GET, &path).key(&key).header("persona-version", "2025-10-27").send().await;

        assert_eq!(old.at("/data/attributes/name-first"), "Ada");
        assert_eq!(new.at("/data/attributes/name-first"), &Value::Null);
    }

    async fn an_unknown_version_is_refused(db: TestDb) {
        let app = TestApp::start(db).await;
        for version in ["2026-01-01", "latest", "", "2025-12-8"] {
            let post = app.request(Method::POST, "/accounts").header("persona-version", version);
            let problem = post.json(&json!({})).send().await.problem();
            assert!(problem.starts_with("400 Bad Request: Persona-Version must be one of 2025-12-08, "), "{problem}");
        }
        assert_eq!(app.events().await, Vec::<String>::new());
    }
}
