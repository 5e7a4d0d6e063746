//! What is kept under an idempotency key is no second home for personal data of others.

use hyper::Method;
use muster_domain::verification::VerificationKind;
use muster_testkit::{Reply, TestApp, TestDb, on_both};
use serde_json::{Value, json};

use crate::bodies::attributes;
use crate::verifications::scene::Scene;
use crate::{hosted, inquiries, reports};

/// Sends the same twice under a key of its own.
async fn twice(app: &TestApp, path: &str, body: &Value) -> (Reply, Reply) {
    let send = || app.request(Method::POST, path).header("Idempotency-Key", path).json(body).send();
    let (first, again) = (send().await, send().await);
    first.good();
    assert_eq!((again.status, again.json.get("errors")), (first.status, None), "{path}");
    (first, again)
}

on_both! {
    async fn a_repeated_reply_shows_no_objects_of_others(db: TestDb) {
        let app = TestApp::start(db).await;
        let account = app.post("/accounts", attributes(json!({ "name-first": "Xanthippe" }))).await.id().to_owned();
        let template = inquiries::template(&app).await;
        let inquiry = attributes(json!({ "inquiry-template-id": template, "account-id": account }));
        let mut report = reports::asking("watchlist", json!({ "term": "Eve" }));
        report["data"]["attributes"]["account-id"] = json!(account);
        for (path, body) in [
            ("/inquiries?include=account,inquiry-template", inquiry),
            ("/reports?include=account,report-template", report),
        ] {
            let (first, again) = twice(&app, path, &body).await;
            assert!(first.text().contains("Xanthippe"), "{path}");
            assert!(!again.text().contains("Xanthippe"), "{path}");
            assert_eq!(again.at("/data"), first.at("/data"), "{path}");
            assert_eq!(again.at("/included/0"), first.at("/included/1"), "{path}: a template is nobody's");
        }
    }

    async fn a_repeated_reply_of_a_verification_shows_no_document(db: TestDb) {
        let app = TestApp::start(db).await;
        let scene = Scene::of(&app, app.tenant.clone()).await;
        let id = scene.of_kind(VerificationKind::Document).await;
        let path = format!("/verifications/{id}/investigation-lock?include=document");
        let (first, again) = twice(&app, &path, &json!({})).await;
        assert_eq!(again.at("/data/id"), first.at("/data/id"));
        assert_eq!(again.at("/included"), &json!([]));
    }

    async fn of_several_sessions_no_browser_is_kept(db: TestDb) {
        let app = TestApp::start(db).await;
        let inquiry = hosted::inquiry(&app).await;
        hosted::begin(&app, &inquiry).await;
        let path = "/inquiry-sessions/expire-all?include=inquiry";
        let (first, again) = twice(&app, path, &json!({ "meta": { "inquiry-ids": [inquiry] } })).await;

        assert!(first.at("/data/0/attributes/ip-address").is_string(), "{}", first.text());
        assert_eq!(first.at("/included/0/id"), &json!(inquiry));
        assert_eq!(again.ids(), first.ids());
        for name in ["ip-address", "user-agent", "os-name", "browser-name", "device-handoff-method"] {
            assert_eq!(again.at("/data/0/attributes")[name], Value::Null, "{name}");
        }
        assert_eq!(again.at("/data/0/relationships"), first.at("/data/0/relationships"));
        assert_eq!(again.at("/included"), &json!([]));
    }
}
