//! Report templates: Muster's own operations.

use hyper::Method;
use muster_testkit::{TestApp, TestDb, on_both};
use serde_json::json;

use super::{asking, attribute};
use crate::bodies::attributes;

on_both! {
    async fn an_organization_begins_with_one_template_of_every_kind(db: TestDb) {
        let app = TestApp::start(db).await;
        let all = app.all("/report-templates").await;
        let mut kinds: Vec<&str> = all.iter().map(|one| one["type"].as_str().unwrap()).collect();
        kinds.sort_unstable();
        kinds.dedup();
        assert_eq!((all.len(), kinds.len()), (16, 16));
        assert!(all.iter().all(|one| one["attributes"]["default"] == true && one["meta"]["version"]["name"] == "v1"));
    }

    /// What a report was made from stays what it was.
    async fn a_change_is_a_new_revision_for_reports_to_come(db: TestDb) {
        let app = TestApp::start(db).await;
        let new = json!({ "name": "Daily", "kind": "adverse-media", "definition": { "interval-days": 1 } });
        let made = app.post("/report-templates", attributes(new)).await;
        assert_eq!((made.status, made.at("/data/attributes/definition/interval-days")), (201, &json!(1)), "{}", made.problem());
        let path = format!("/report-templates/{}", made.id());
        let mut body = asking("adverse-media", json!({ "term": "Ines Sala" }));
        body["data"]["attributes"]["report-template-id"] = made.id().into();
        let old = app.post("/reports", body.clone()).await.id().to_owned();
        let changed = app.patch(&path, attributes(json!({ "definition": { "minimumScore": 0.5 } }))).await;
        assert_eq!(changed.at("/data/meta/version/name"), &json!("v2"), "{}", changed.problem());
        let new = app.post("/reports", body).await.id().to_owned();
        app.run_jobs().await;
        for (id, name, recurs) in [(old, "v1", true), (new, "v2", false)] {
            assert_eq!(attribute(&app, &id, "report-template-version-name").await, json!(name));
            assert_eq!(attribute(&app, &id, "is-recurring").await, json!(recurs), "{name}");
        }
        let same = app.patch(&path, attributes(json!({ "name": "Daily" }))).await;
        assert_eq!(same.at("/data/meta/version/name"), &json!("v2"), "nothing changed");
    }

    async fn what_no_template_can_be_is_refused(db: TestDb) {
        let app = TestApp::start(db).await;
        let with = |definition: serde_json::Value| json!({ "name": "X", "kind": "watchlist", "definition": definition });
        let table = [
            (json!({ "name": "X" }), 400, "data.attributes.kind must be one of"),
            (json!({ "name": " ", "kind": "watchlist" }), 422, "/data/attributes/name"),
            (json!({ "name": "watchlist", "kind": "watchlist" }), 409, "the name of another report template"),
            (with(json!({ "interval-days": 366 })), 422, "/data/attributes/interval-days"),
            (with(json!({ "minimum-score": 2 })), 422, "/data/attributes/minimum-score"),
            (with(json!({ "provider": "acme" })), 422, "/data/attributes/provider"),
            (with(json!({ "names": { "preset": "wild" } })), 400, "known are"),
            (with(json!({ "names": { "preset": "strict", "partial": false } })), 422, "/data/attributes/names"),
            (with(json!({ "colour": "red" })), 400, "known are"),
            (json!({ "name": "X", "kind": "email-address", "definition": { "interval-days": 1 } }), 422, "run once"),
        ];
        for (new, status, expected) in table {
            let refused = app.post("/report-templates", attributes(new.clone())).await;
            assert_eq!(refused.status, status, "{new}: {}", refused.problem());
            assert!(refused.problem().contains(expected), "{}", refused.problem());
        }
        let other = app.get("/report-templates").await.ids()[0].to_owned();
        let taken = app.patch(&format!("/report-templates/{other}"), attributes(json!({ "name": "watchlist" }))).await;
        assert_eq!(taken.status, 409, "{}", taken.problem());
        let nowhere = app.request(Method::GET, "/report-templates/rptp_111111111111111111111111").send().await;
        assert_eq!(nowhere.status, 404);
    }
}
