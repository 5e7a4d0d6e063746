//! Sessions and one-time links.

use hyper::Method;
use muster_testkit::{TestApp, TestDb, on_both};
use serde_json::{Value, json};

use super::{act, create, inquiry, template, template_with, told};
use crate::bodies::attributes;

async fn session(app: &TestApp, inquiry: &str) -> muster_testkit::Reply {
    app.post("/inquiry-sessions", attributes(json!({ "inquiry-id": inquiry }))).await
}

on_both! {
    async fn a_session_is_answered_in_the_documented_shape(db: TestDb) {
        let app = TestApp::start(db).await;
        let id = inquiry(&app).await;

        let made = session(&app, &id).await;

        assert_eq!(made.status, 201);
        let given = made.at("/data/attributes");
        assert_eq!((&given["status"], &given["started-at"], &given["ip-address"]), (&json!("new"), &Value::Null, &Value::Null));
        assert_eq!(made.at("/data/relationships/inquiry/data"), &json!({ "type": "inquiry", "id": id }));
        let read = app.get(&format!("/inquiry-sessions/{}?include=inquiry", made.id())).await;
        assert_eq!(read.at("/data"), made.at("/data"));
        assert_eq!(read.at("/included/0/id"), &json!(id));
        let of = app.get(&format!("/inquiries/{id}")).await;
        assert_eq!(of.at("/data/relationships/sessions/data"), &json!([{ "type": "inquiry-session", "id": made.id() }]));
        let event = app.get(&format!("/events?filter[object-id]={}", made.id())).await;
        assert_eq!(event.at("/data/0/attributes/payload/data"), made.at("/data"));
    }

    async fn sessions_are_listed_newest_first(db: TestDb) {
        let app = TestApp::start(db).await;
        let template = template(&app).await;
        let mut ids = Vec::new();
        for _ in 0..2 {
            let of = create(&app, &template, json!({}), json!({})).await.id().to_owned();
            for _ in 0..2 {
                ids.push((of.clone(), session(&app, &of).await.id().to_owned()));
            }
        }
        let newest: Vec<&str> = ids.iter().rev().map(|(_, id)| id.as_str()).collect();
        assert_eq!(app.get("/inquiry-sessions").await.ids(), newest);
        let of = app.get(&format!("/inquiry-sessions?filter[inquiry-id]={}", ids[0].0)).await;
        assert_eq!(of.ids(), newest[2..]);
        let page = app.get("/inquiry-sessions?page[size]=3").await;
        assert_eq!(page.ids(), newest[..3]);
        assert_eq!(app.get(page.text_at("/links/next")).await.ids(), newest[3..]);
    }

    async fn there_are_as_many_as_the_template_allows_and_no_more(db: TestDb) {
        let app = TestApp::start(db).await;
        let id = inquiry(&app).await;
        for _ in 0..25 {
            session(&app, &id).await.good();
        }
        assert_eq!(session(&app, &id).await.problem(), "409 Conflict: this inquiry has had 25 sessions, as many as its template allows");
        let few = template_with(&app, "Few", json!({ "sessions-max": 1 })).await;
        let made = create(&app, &few, json!({}), json!({ "auto-create-inquiry-session": true })).await;
        assert_eq!(session(&app, made.id()).await.status, 409);
        assert_eq!(act(&app, made.id(), "resume").await.status, 200, "the one that is there is given again");
    }

    async fn a_session_ends_when_it_is_told_to(db: TestDb) {
        let app = TestApp::start(db).await;
        let id = inquiry(&app).await;
        let made = session(&app, &id).await;
        let path = format!("/inquiry-sessions/{}", made.id());

        let ended = app.post(&format!("{path}/expire"), json!({})).await;

        assert_eq!(ended.at("/data/attributes/status"), "expired");
        assert!(ended.at("/data/attributes/expired-at").is_string());
        assert_eq!(app.post(&format!("{path}/expire"), json!({})).await.at("/data"), ended.at("/data"));
        assert_eq!(told(&app, made.id()).await, ["inquiry-session.created", "inquiry-session.expired"]);
        assert_eq!(app.post(&format!("{path}/generate-one-time-link"), json!({})).await.problem(), "409 Conflict: this session has expired");
    }

    async fn all_sessions_of_inquiries_end_at_once(db: TestDb) {
        let app = TestApp::start(db).await;
        let template = template(&app).await;
        let mut ids = Vec::new();
        for _ in 0..3 {
            let of = create(&app, &template, json!({}), json!({})).await.id().to_owned();
            session(&app, &of).await.good();
            session(&app, &of).await.good();
            ids.push(of);
        }
        let one = app.get(&format!("/inquiry-sessions?filter[inquiry-id]={}", ids[0])).await.ids()[0].to_owned();
        app.post(&format!("/inquiry-sessions/{one}/expire"), json!({})).await.good();
        let body = |ids: &[String]| json!({ "meta": { "inquiry-ids": ids } });

        let ended = app.post("/inquiry-sessions/expire-all", body(&ids[..2])).await;

        assert_eq!((ended.status, ended.ids().len(), ended.json.get("links")), (200, 3, None));
        assert!(app.all(&format!("/inquiry-sessions?filter[inquiry-id]={}", ids[2])).await.iter().all(|one| one["attributes"]["status"] == "new"));
        for (body, status) in [
            (json!({}), 400),
            (json!({ "meta": { "inquiry-ids": "x" } }), 400),
            (json!({ "meta": { "inquiry-ids": ["inq_doesnotexist"] } }), 422),
            (body(&vec![ids[2].clone(); 101]), 400),
            (body(&[]), 200),
        ] {
            assert_eq!(app.post("/inquiry-sessions/expire-all", body.clone()).await.status, status, "{body}");
        }
    }

    async fn what_has_no_inquiry_is_refused(db: TestDb) {
        let app = TestApp::start(db).await;
        assert_eq!(app.post("/inquiry-sessions", attributes(json!({}))).await.problem(), "400 Bad Request: data.attributes.inquiry_id is missing");
        assert_eq!(session(&app, "inq_111111111111111111111111").await.status, 404);
        let id = inquiry(&app).await;
        act(&app, &id, "expire").await.good();
        assert_eq!(session(&app, &id).await.problem(), "409 Conflict: this inquiry has expired; resume it first");
    }

    async fn a_link_is_told_again_until_it_is_used_or_its_time_is_over(db: TestDb) {
        let app = TestApp::start(db).await;
        let id = inquiry(&app).await;
        let link = async |body: Value| {
            let reply = app.post(&format!("/inquiries/{id}/generate-one-time-link"), body).await;
            assert_eq!(reply.status, 200, "{}", reply.problem());
            reply.text_at("/meta/one-time-link").to_owned()
        };

        let first = link(json!({ "meta": { "expires-in-seconds": 60 } })).await;
        assert_eq!(link(json!({})).await, first);
        assert_eq!(app.all("/inquiry-sessions").await.len(), 1);
        app.advance(std::time::Duration::from_secs(60));
        let second = link(json!({})).await;
        assert_ne!(second, first);

        let code = second.split_once("code=").unwrap().1.to_owned();
        let dump = app.dump();
        assert!(!dump.windows(code.len()).any(|bytes| bytes == code.as_bytes()), "a code is nowhere in the database");
        assert_eq!(app.post(&format!("/inquiries/{id}/generate-one-time-link"), json!({ "meta": { "expires-in-seconds": 0 } })).await.status, 422);
    }

    async fn a_link_into_a_session_leads_there(db: TestDb) {
        let app = TestApp::start(db).await;
        let id = inquiry(&app).await;
        let (one, other) = (session(&app, &id).await, session(&app, &id).await);
        let link = async |session: &str| {
            let reply = app.post(&format!("/inquiry-sessions/{session}/generate-one-time-link"), json!({})).await;
            assert_eq!(reply.at("/data/id"), &json!(session));
            reply.text_at("/meta/one-time-link").to_owned()
        };

        assert_eq!(link(one.id()).await, link(one.id()).await);
        assert_ne!(link(one.id()).await, link(other.id()).await);
        assert_eq!(app.all("/inquiry-sessions").await.len(), 2);
    }

    async fn sessions_of_others_are_not_there(db: TestDb) {
        let app = TestApp::start(db).await;
        let id = inquiry(&app).await;
        let made = session(&app, &id).await;
        let stranger = app.second_environment().await;
        let reply = app.request(Method::GET, &format!("/inquiry-sessions/{}", made.id())).key(&stranger.key).send().await;
        assert_eq!(reply.status, 404);
    }
}
