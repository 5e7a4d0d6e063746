//! `POST /api-keys/{id}/expire`: an end that only comes nearer.

use std::time::Duration;

use hyper::Method;
use muster_testkit::{Reply, TestApp, TestDb, on_both};
use serde_json::{Value, json};

use crate::bodies::attributes;

async fn made(app: &TestApp) -> (String, String) {
    let reply = app.post("/api-keys", attributes(json!({ "name": "A" }))).await;
    (format!("/api-keys/{}/expire", reply.id()), reply.text_at("/data/attributes/value").to_owned())
}

async fn expire(app: &TestApp, path: &str, seconds: Value) -> Reply {
    app.post(path, json!({ "meta": { "expires-in-seconds": seconds } })).await
}

async fn status(app: &TestApp, key: &str) -> u16 {
    app.request(Method::GET, "/accounts").key(key).send().await.status
}

on_both! {
    async fn a_key_ends_when_it_was_told_to(db: TestDb) {
        let app = TestApp::start(db).await;
        let other = app.second_process();
        let (path, key) = made(&app).await;
        assert_eq!([status(&app, &key).await, status(&other, &key).await], [200, 200]);

        let reply = expire(&app, &path, json!(60)).await;
        assert_eq!(reply.status, 200, "{}", reply.text());
        let at = app.now() + Duration::from_secs(60);
        assert_eq!(reply.at("/data/attributes/expires-at"), &json!(at.to_rfc3339_millis()));
        app.advance(Duration::from_secs(59));
        assert_eq!([status(&app, &key).await, status(&other, &key).await], [200, 200]);
        app.advance(Duration::from_secs(1));
        assert_eq!([status(&app, &key).await, status(&other, &key).await], [401, 401]);
    }

    async fn zero_seconds_end_it_here_at_once_and_elsewhere_within_a_second(db: TestDb) {
        let app = TestApp::start(db).await;
        let other = app.second_process();
        let (path, key) = made(&app).await;
        assert_eq!([status(&app, &key).await, status(&other, &key).await], [200, 200]);

        expire(&app, &path, json!(0)).await.good();
        assert_eq!(status(&app, &key).await, 401);
        app.advance(Duration::from_secs(1));
        assert_eq!(status(&other, &key).await, 401);
    }

    async fn an_end_is_never_put_off(db: TestDb) {
        let app = TestApp::start(db).await;
        let (path, key) = made(&app).await;
        expire(&app, &path, json!(2_592_000)).await.good();
        expire(&app, &path, json!(100)).await.good();
        assert_eq!(expire(&app, &path, json!(101)).await.problem(),
            "409 Conflict: The API key expires earlier than that; its expiry can only be brought forward");
        expire(&app, &path, json!(10)).await.good();
        app.advance(Duration::from_secs(11));
        for seconds in [0, 10] {
            assert_eq!(expire(&app, &path, json!(seconds)).await.problem(),
                "409 Conflict: The API key has expired already");
        }
        assert_eq!(status(&app, &key).await, 401);
    }

    async fn a_key_can_end_itself(db: TestDb) {
        let app = TestApp::start(db).await;
        let reply = app.post("/api-keys", attributes(json!({ "name": "A", "permissions": ["api_key.write"] }))).await;
        let key = reply.text_at("/data/attributes/value");
        let path = format!("/api-keys/{}/expire", reply.id());
        let body = json!({ "meta": { "expires-in-seconds": 0 } });
        let send = async || app.request(Method::POST, &path).key(key).json(&body).send().await.status;
        assert_eq!([send().await, send().await], [200, 401]);
    }

    async fn what_is_no_time_is_refused_by_name(db: TestDb) {
        let app = TestApp::start(db).await;
        let (path, key) = made(&app).await;
        for seconds in [json!(2_592_001), json!(-1), json!(i64::MAX), json!(i64::MIN)] {
            let reply = expire(&app, &path, seconds).await;
            assert_eq!(reply.problem(), "422 Record invalid: meta.expires-in-seconds must be a number of seconds \
                from 0 to 2592000 (/meta/expires-in-seconds)");
        }
        for seconds in [json!("60"), json!(1.5), json!(null), json!([60])] {
            assert_eq!(expire(&app, &path, seconds).await.problem(),
                "400 Bad Request: meta.expires_in_seconds must be a whole number");
        }
        for body in [json!({}), json!({ "meta": {} })] {
            assert_eq!(app.post(&path, body).await.problem(),
                "400 Bad Request: meta.expires_in_seconds is missing: send the number of seconds, 0 = at once");
        }
        assert_eq!(app.post(&path, json!({ "meta": { "expires-at": "now" } })).await.status, 400);
        assert_eq!(status(&app, &key).await, 200);
    }
}
