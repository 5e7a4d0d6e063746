//! Pretending in a sandbox.

use hyper::Method;
use muster_testkit::{TestApp, TestDb, on_both};
use serde_json::{Value, json};

use super::{definition, inquiry, simulate, told};
use crate::bodies::attributes;

fn actions(actions: Value) -> Value {
    json!({ "meta": { "simulate-actions": actions } })
}

on_both! {
    async fn a_person_goes_through_and_is_decided_about(db: TestDb) {
        let app = TestApp::start(db).await;
        let id = inquiry(&app).await;
        let done = simulate(&app, &id, &["start", "complete", "mark_for_review", "approve"]).await;
        assert_eq!(done.at("/data/attributes/status"), "approved");
        assert!(["started-at", "completed-at", "marked-for-review-at", "decisioned-at"].iter().all(|name| done.at("/data/attributes")[name].is_string()));
        assert_eq!(told(&app, &id).await, ["inquiry.created", "inquiry.started", "inquiry.completed", "inquiry.marked-for-review", "inquiry.approved"]);
    }

    async fn all_of_them_happen_or_none(db: TestDb) {
        let app = TestApp::start(db).await;
        let id = inquiry(&app).await;
        let refused = simulate(&app, &id, &["start", "complete", "fail"]).await;
        assert_eq!(refused.problem(), "409 Conflict: an inquiry with the status completed cannot be failed");
        assert_eq!(told(&app, &id).await, ["inquiry.created"]);
    }

    async fn a_verification_fails_when_it_is_told_to(db: TestDb) {
        let app = TestApp::start(db).await;
        let id = inquiry(&app).await;
        let template = verification_template(&app).await;
        let action = |kind: &str| actions(json!([{ "type": kind, "data": { "verification-template-id": template } }]));
        let path = format!("/inquiries/{id}/perform-simulate-actions");

        let failed = app.post(&format!("{path}?include=verifications,documents"), action("create_failed_verification")).await;

        assert_eq!(failed.status, 200, "{}", failed.problem());
        let verification = failed.at("/data/relationships/verifications/data/0");
        assert_eq!(verification["type"], "verification/government-id");
        let told_of = told(&app, verification["id"].as_str().unwrap()).await;
        assert_eq!(told_of, ["verification.created", "verification.submitted", "verification.failed"]);
        let document = failed.at("/data/relationships/documents/data/0/id").as_str().unwrap().to_owned();
        assert_eq!(told(&app, &document).await, ["document.created", "document.submitted", "document.processed"]);
        app.post(&path, action("create_passed_verification")).await.good();
        assert_eq!(app.get(&format!("/inquiries/{id}")).await.at("/data/relationships/verifications/data").as_array().unwrap().len(), 2);
    }

    async fn what_makes_no_sense_is_refused(db: TestDb) {
        let app = TestApp::start(db).await;
        let id = inquiry(&app).await;
        let path = format!("/inquiries/{id}/perform-simulate-actions");
        for (body, status) in [
            (json!({}), 400),
            (actions(json!("start_inquiry")), 400),
            (actions(json!(["start_inquiry"])), 400),
            (actions(json!([{ "type": "dance" }])), 400),
            (actions(json!([{ "type": "create_passed_verification" }])), 400),
            (actions(json!([{ "type": "create_passed_verification", "data": { "verification-template-id": "vtmpl_111111111111111111111111" } }])), 422),
            (actions(json!([])), 200),
        ] {
            let reply = app.post(&path, body.clone()).await;
            assert_eq!(reply.status, status, "{body} {}", reply.problem());
        }
        let production = app.sibling_environment().await;
        let template = app.all("/inquiry-templates").await[0]["id"].as_str().unwrap().to_owned();
        let made = app.request(Method::POST, "/inquiries").key(&production.key).json(&attributes(json!({ "inquiry-template-id": template }))).send().await;
        let refused = app.request(Method::POST, &format!("/inquiries/{}/perform-simulate-actions", made.id()))
            .key(&production.key).json(&actions(json!([{ "type": "start_inquiry" }]))).send().await;
        assert_eq!(refused.problem(), "422 Record invalid: meta.simulate-actions can be performed in a sandbox environment only (/meta/simulate-actions)");
    }
}

/// The ID of the verification of the template, as its definition shows it.
async fn verification_template(app: &TestApp) -> String {
    assert_eq!(definition("", &json!({}))["verifications"][0]["key"], "government_id");
    let versions = app.get("/inquiry-template-versions?filter[inquiry-template-id]=").await;
    drop(versions);
    let version = app.all("/inquiry-templates").await[0]
        .pointer("/relationships/latest-published-version/data/id")
        .unwrap()
        .as_str()
        .unwrap()
        .to_owned();
    let shown = app.get(&format!("/inquiry-template-versions/{version}")).await.text();
    let at = shown.find("vtmpl_").unwrap();
    shown[at..].split('"').next().unwrap().to_owned()
}
