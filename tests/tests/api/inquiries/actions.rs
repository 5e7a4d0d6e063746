//! What moves an inquiry from one status to another.

use muster_testkit::{TestApp, TestDb, on_both};
use serde_json::{Value, json};

use super::{act, create, inquiry, simulate, template, template_with, told};

/// A status, and what leads there from `created`.
const WAYS: [(&str, &[&str]); 8] = [
    ("created", &[]),
    ("pending", &["start"]),
    ("completed", &["start", "complete"]),
    ("failed", &["start", "fail"]),
    ("expired", &["expire"]),
    ("needs_review", &["mark_for_review"]),
    ("approved", &["approve"]),
    ("declined", &["decline"]),
];

/// What can be asked for, and the status it leads to from each status of `WAYS`; an empty one where it is refused.
const ACTIONS: [(&str, [&str; 8]); 5] = [
    ("approve", ["approved"; 8]),
    ("decline", ["declined"; 8]),
    (
        "mark-for-review",
        [
            "needs_review",
            "needs_review",
            "needs_review",
            "needs_review",
            "needs_review",
            "needs_review",
            "",
            "",
        ],
    ),
    ("expire", ["expired", "expired", "", "", "", "", "", ""]),
    ("resume", ["created", "pending", "", "", "pending", "", "", ""]),
];

on_both! {
    async fn every_action_in_every_status(db: TestDb) {
        let app = TestApp::start(db).await;
        let template = template(&app).await;
        for (action, ends) in ACTIONS {
            for ((from, way), to) in WAYS.into_iter().zip(ends) {
                let id = create(&app, &template, json!({}), json!({ "auto-create-account": false })).await.id().to_owned();
                assert_eq!(simulate(&app, &id, way).await.text_at("/data/attributes/status"), from);
                let before = told(&app, &id).await;
                let reply = act(&app, &id, action).await;
                if to.is_empty() {
                    assert_eq!(reply.status, 409, "{action} of {from}");
                    assert_eq!(told(&app, &id).await, before, "what is refused is not told");
                    continue;
                }
                assert_eq!((reply.status, reply.at("/data/attributes/status")), (200, &json!(to)), "{action} of {from}");
                assert_eq!(told(&app, &id).await.len(), before.len() + usize::from(from != to), "{action} of {from}");
            }
        }
    }

    async fn a_decision_is_told_with_who_made_it_and_why(db: TestDb) {
        let app = TestApp::start(db).await;
        let id = inquiry(&app).await;
        simulate(&app, &id, &["start"]).await.good();
        app.post("/inquiry-sessions", crate::bodies::attributes(json!({ "inquiry-id": id }))).await.good();

        let approved = app.post(&format!("/inquiries/{id}/approve"), json!({ "meta": { "comment": "ok" } })).await;

        let given = approved.at("/data/attributes");
        assert_eq!((&given["status"], &given["reviewer-comment"]), (&json!("approved"), &json!("ok")));
        assert!(given["decisioned-at"].is_string() && given["completed-at"].is_null() && given["expires-at"].is_null());
        assert_eq!(approved.at("/data/relationships/reviewer/data/type"), "api-key");
        let session = app.get(&format!("/inquiry-sessions?filter[inquiry-id]={id}")).await;
        assert_eq!(session.at("/data/0/attributes/status"), "expired", "the person cannot go on");
        let link = act(&app, &id, "generate-one-time-link").await;
        assert_eq!(link.problem(), "409 Conflict: this inquiry has ended; its status is approved");
        let again = app.post(&format!("/inquiries/{id}/approve"), json!({ "meta": { "comment": "twice" } })).await;
        assert_eq!(again.at("/data/attributes/reviewer-comment"), "ok", "a decision that is made is not made again");
        let declined = act(&app, &id, "decline").await;
        assert_eq!((declined.at("/data/attributes/status"), declined.at("/data/attributes/reviewer-comment")), (&json!("declined"), &Value::Null));
        assert_eq!(told(&app, &id).await, ["inquiry.created", "inquiry.started", "inquiry.approved", "inquiry.declined"]);
    }

    async fn an_inquiry_expires_by_itself_once(db: TestDb) {
        let app = TestApp::start(db).await;
        let template = template_with(&app, "Quick", json!({ "expire-after-create-seconds": 600, "expire-after-start-seconds": 60 })).await;
        let made = create(&app, &template, json!({}), json!({ "auto-create-inquiry-session": true, "auto-create-one-time-link": true })).await;
        let id = made.id().to_owned();
        app.advance(std::time::Duration::from_secs(500));
        simulate(&app, &id, &["start"]).await.good();
        app.advance(std::time::Duration::from_secs(59));
        app.run_jobs().await;
        assert_eq!(app.get(&format!("/inquiries/{id}")).await.at("/data/attributes/status"), "pending");
        app.advance(std::time::Duration::from_secs(1));

        app.run_jobs().await;

        let expired = app.get(&format!("/inquiries/{id}")).await;
        let given = expired.at("/data/attributes");
        assert_eq!((&given["status"], &given["expires-at"]), (&json!("expired"), &Value::Null));
        assert!(given["expired-at"].is_string());
        for session in app.all("/inquiry-sessions").await {
            assert_eq!(session["attributes"]["status"], "expired");
            assert_eq!(told(&app, session["id"].as_str().unwrap()).await, ["inquiry-session.created", "inquiry-session.expired"]);
        }
        app.run_jobs().await;
        assert_eq!(told(&app, &id).await, ["inquiry.created", "inquiry.started", "inquiry.expired"]);
    }

    async fn whoever_comes_first_ends_an_inquiry_whose_time_is_over(db: TestDb) {
        let app = TestApp::start(db).await;
        let id = inquiry(&app).await;
        app.advance(std::time::Duration::from_hours(25));

        let refused = act(&app, &id, "generate-one-time-link").await;

        assert_eq!(refused.problem(), "409 Conflict: this inquiry has expired; resume it first");
        app.run_jobs().await;
        assert_eq!(app.get(&format!("/inquiries/{id}")).await.at("/data/attributes/status"), "expired");
        assert_eq!(told(&app, &id).await, ["inquiry.created", "inquiry.expired"]);
    }

    async fn an_expired_inquiry_goes_on_when_it_is_resumed(db: TestDb) {
        let app = TestApp::start(db).await;
        let id = inquiry(&app).await;
        act(&app, &id, "expire").await.good();

        let resumed = act(&app, &id, "resume").await;

        let given = resumed.at("/data/attributes");
        assert_eq!((&given["status"], &given["expired-at"]), (&json!("pending"), &Value::Null));
        assert!(given["expires-at"].is_string() && given["started-at"].is_string());
        let subject = |reply: &muster_testkit::Reply| {
            use base64::Engine as _;
            let token = reply.text_at("/meta/session-token").split('.').nth(1).unwrap().to_owned();
            let claims = base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(token).unwrap();
            serde_json::from_slice::<Value>(&claims).unwrap()["sub"].clone()
        };
        let again = act(&app, &id, "resume").await;
        assert_eq!(subject(&again), subject(&resumed), "a session that nobody has opened is given again");
        assert_eq!(told(&app, &id).await, ["inquiry.created", "inquiry.expired", "inquiry.resumed"]);
    }
}
