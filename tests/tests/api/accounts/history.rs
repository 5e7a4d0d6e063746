//! `/accounts/{account-id}/timeline`, `field-origins`, `as-of`

use std::time::Duration;

use muster_testkit::{TestApp, TestDb, on_both};
use serde_json::{Value, json};

use crate::bodies::attributes;

on_both! {
    async fn the_timeline_tells_who_changed_what(db: TestDb) {
        let app = TestApp::start(db).await;
        let id = app.post("/accounts", attributes(json!({ "name-first": "Ada", "tags": ["a"] }))).await.id().to_owned();
        let changed = app.patch(&format!("/accounts/{id}"), attributes(json!({
            "name-first": "Grace", "reference-id": "r", "tags": ["b"],
        }))).await;

        let timeline = app.get(&format!("/accounts/{id}/timeline")).await;

        let entries: Vec<Value> = timeline.at("/data").as_array().unwrap().iter().map(|entry| {
            assert_eq!(entry["attributes"]["source"].as_str(), Some(if entry["attributes"]["name"] == "account.created" {
                entry["attributes"]["source"].as_str().unwrap()
            } else {
                changed.header("request-id")
            }));
            assert!(entry["attributes"]["actor"].as_str().unwrap().starts_with("api_"));
            json!([entry["attributes"]["name"], entry["attributes"]["changes"]])
        }).collect();
        let first = |name: &str| json!({ "type": "hash", "value": {
            "first": { "type": "string", "value": name }, "middle": { "type": "string", "value": null },
            "last": { "type": "string", "value": null },
        } });
        assert_eq!(entries, [
            json!(["account.tag-removed", { "added-tags": [], "removed-tags": ["a"] }]),
            json!(["account.tag-added", { "added-tags": ["b"], "removed-tags": [] }]),
            json!(["account.updated-tags", { "added-tags": ["b"], "removed-tags": ["a"] }]),
            json!(["account.updated-reference-id", { "reference-id": { "before": null, "after": "r" } }]),
            json!(["account.updated-fields", { "fields": { "name": { "before": first("Ada"), "after": first("Grace") } } }]),
            json!(["account.created", {}]),
        ]);
        let page = app.get(&format!("/accounts/{id}/timeline?page[size]=4")).await;
        assert_eq!(app.get(page.text_at("/links/next")).await.ids().len(), 2);
    }

    async fn each_value_knows_who_set_it(db: TestDb) {
        let app = TestApp::start(db).await;
        let created = app.post("/accounts", attributes(json!({ "name-first": "Ada", "birthdate": "1815-12-10", "phone-number": "1" }))).await;
        let path = format!("/accounts/{}", created.id());
        let other = app.key_with(|key| key.name = "Other".into()).await;
        let later = app.request(hyper::Method::PATCH, &path).key(&other).json(&attributes(json!({ "birthdate": "1815-12-11" }))).send().await;
        app.patch(&path, attributes(json!({ "fields": { "phone_number": null } }))).await.good();

        let origins = app.get(&format!("{path}/field-origins")).await;

        let table: Vec<_> = origins.at("/data").as_array().unwrap().iter().map(|one| {
            let attributes = &one["attributes"];
            (attributes["field"].as_str().unwrap(), attributes["source"].as_str().unwrap())
        }).collect();
        assert_eq!(table, [("birthdate", later.header("request-id")), ("name", created.header("request-id"))]);
        let actors: Vec<&Value> = origins.at("/data").as_array().unwrap().iter().map(|one| &one["attributes"]["actor"]).collect();
        assert_ne!(actors[0], actors[1]);
    }

    /// The state at every moment, also behind a stored copy of the state.
    async fn an_account_is_shown_as_it_was(db: TestDb) {
        let app = TestApp::start(db).await;
        let before = app.now();
        app.advance(Duration::from_secs(1));
        let id = app.post("/accounts", attributes(json!({ "name-first": "0" }))).await.id().to_owned();
        let mut moments = vec![(app.now(), "0".to_owned())];
        for i in 1..70 {
            app.advance(Duration::from_secs(1));
            app.patch(&format!("/accounts/{id}"), attributes(json!({ "name-first": i.to_string() }))).await.good();
            moments.push((app.now(), i.to_string()));
        }
        app.post(&format!("/accounts/{id}/archive"), json!({})).await.good();

        for (at, name) in moments {
            let shown = app.get(&format!("/accounts/{id}/as-of?filter[at]={at}")).await;
            assert_eq!(shown.at("/data/attributes/fields/name/value/first/value"), &json!(name));
        }
        assert_eq!(app.get(&format!("/accounts/{id}/as-of?filter[at]={before}")).await.status, 404);
        assert_eq!(app.get(&format!("/accounts/{id}/as-of?filter[at]=2026-03-01")).await.status, 404);
        let today = app.get(&format!("/accounts/{id}/as-of?filter[at]=2026-03-02")).await;
        assert_eq!(today.at("/data/attributes/fields/name/value/first/value"), "69");
        let missing = app.get(&format!("/accounts/{id}/as-of")).await;
        assert_eq!(missing.problem(), "400 Bad Request: filter[at] is missing: name the instant to be shown");
    }
}
