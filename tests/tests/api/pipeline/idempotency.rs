//! `Idempotency-Key`: the first reply is everybody's.

use std::time::Duration;

use hyper::Method;
use muster_api::Settings;
use muster_testkit::{Reply, TestApp, TestDb, on_both};
use serde_json::{Value, json};

use crate::bodies::{account_type, attributes, everything, reference, upsert};

async fn post(app: &TestApp, key: &str, body: &Value) -> Reply {
    app.request(Method::POST, "/accounts").header("Idempotency-Key", key).json(body).send().await
}

fn same(a: &Reply, b: &Reply) {
    assert_eq!((a.status, a.text()), (b.status, b.text()));
}

on_both! {
    async fn a_repeated_request_gets_the_same_bytes_and_does_nothing(db: TestDb) {
        let app = TestApp::start(db).await;
        let body = attributes(json!({ "name-first": "Zoë", "tags": ["new"] }));

        let first = post(&app, "k-1", &body).await;
        app.advance(Duration::from_hours(23));
        let second = post(&app, "k-1", &body).await;
        let other = post(&app, "k-2", &body).await;

        assert_eq!(first.status, 201, "{}", first.text());
        same(&first, &second);
        assert_ne!(first.header("request-id"), second.header("request-id"));
        assert_ne!(other.id(), first.id());
        assert_eq!(app.events().await, ["account.created", "account.created"]);
    }

    /// The reply is the stored one, not what it would be today.
    async fn a_reply_does_not_follow_later_changes(db: TestDb) {
        let app = TestApp::start(db).await;
        let first = post(&app, "k-1", &reference("u-1")).await;
        app.patch(&format!("/accounts/{}", first.id()), attributes(json!({ "name-first": "Eve" }))).await.good();

        same(&first, &post(&app, "k-1", &reference("u-1")).await);
        let other = app.second_process();
        same(&first, &post(&other, "k-1", &reference("u-1")).await);
    }

    async fn another_request_under_the_same_key_is_refused(db: TestDb) {
        let app = TestApp::start(db).await;
        let refusal = "400 Idempotency error: This Idempotency-Key was used before with other parameters; use a new key";
        let first = post(&app, "k-1", &reference("u-1")).await;

        assert_eq!(post(&app, "k-1", &reference("u-2")).await.problem(), refusal);
        let query = app.request(Method::POST, "/accounts?include=account-type").header("idempotency-key", "k-1");
        assert_eq!(query.json(&reference("u-1")).send().await.problem(), refusal);
        let path = app.request(Method::POST, "/account-types").header("idempotency-key", "k-1");
        assert_eq!(path.json(&attributes(json!({ "name": "X" }))).send().await.problem(), refusal);
        assert_eq!(post(&app, "k-1", &attributes(json!({ "nonsense": 1 }))).await.problem(), refusal);

        same(&first, &post(&app, "k-1", &reference("u-1")).await);
        assert_eq!(app.events().await, ["account.created"]);
    }

    async fn a_refusal_is_kept_when_its_cause_is_gone(db: TestDb) {
        let app = TestApp::start(db).await;
        let holder = app.post("/accounts", reference("u-1")).await;
        let conflict = post(&app, "k-1", &reference("u-1")).await;
        let ty = account_type(&app, json!({ "name": "Customer" })).await;
        let invalid_body = attributes(json!({ "account-type-id": ty, "fields": { "shoe_size": 43 } }));
        let invalid = post(&app, "k-2", &invalid_body).await;
        let malformed_body = attributes(json!({ "tags": "vip" }));
        let malformed = post(&app, "k-3", &malformed_body).await;
        assert_eq!([conflict.status, invalid.status, malformed.status], [409, 422, 400]);

        app.patch(&format!("/accounts/{}", holder.id()), attributes(json!({ "reference-id": null }))).await.good();

        let field = json!({ "key": "shoe_size", "type": "integer" });
        let definition = attributes(json!({ "name": "Customer", "field-schemas": [field] }));
        app.patch(&format!("/account-types/{ty}"), definition).await.good();

        same(&conflict, &post(&app, "k-1", &reference("u-1")).await);
        same(&invalid, &post(&app, "k-2", &invalid_body).await);
        same(&malformed, &post(&app, "k-3", &malformed_body).await);
        assert_eq!(post(&app, "k-4", &reference("u-1")).await.status, 201);
        assert_eq!(post(&app, "k-5", &invalid_body).await.status, 201);
    }

    /// The refusal of a lane is written by another way than that of a command: both must keep it.
    async fn a_refused_type_is_kept_too(db: TestDb) {
        let app = TestApp::start(db).await;
        let create = async |key: &str| {
            let post = app.request(Method::POST, "/account-types").header("idempotency-key", key);
            post.json(&attributes(json!({ "name": "Customer" }))).send().await
        };
        let first = create("k-1").await;
        let taken = create("k-2").await;
        assert_eq!([first.status, taken.status], [201, 409]);
        app.patch(&format!("/account-types/{}", first.id()), attributes(json!({ "name": "Client" }))).await.good();

        same(&first, &create("k-1").await);
        same(&taken, &create("k-2").await);
        assert_eq!(create("k-3").await.status, 201);
    }

    async fn what_was_decided_before_the_request_is_not_kept(db: TestDb) {
        let app = TestApp::start_with(db, Settings { rate_limit: 2, ..Settings::default() }).await;
        let expires_at = app.now() + Duration::from_secs(30);
        let key = app.key_with(|key| key.expires_at = Some(expires_at)).await;

        app.get("/accounts").await.good();
        app.get("/accounts").await.good();
        let limited = post(&app, "k-1", &reference("u-1")).await;
        app.advance(Duration::from_secs(60));
        let expired = app.request(Method::POST, "/accounts").key(&key).header("idempotency-key", "k-1");
        let expired = expired.json(&reference("u-1")).send().await;

        assert_eq!([limited.status, expired.status], [429, 401]);
        assert_eq!(post(&app, "k-1", &reference("u-1")).await.status, 201);
    }

    async fn a_key_is_free_again_after_a_day(db: TestDb) {
        let app = TestApp::start(db).await;
        let first = post(&app, "k-1", &json!({})).await;
        let refused = post(&app, "k-2", &attributes(json!({ "tags": 1 }))).await;
        app.advance(Duration::from_hours(24) - Duration::from_secs(1));
        same(&first, &post(&app, "k-1", &json!({})).await);

        app.advance(Duration::from_secs(2));
        let second = post(&app, "k-1", &attributes(json!({ "name-first": "Ada" }))).await;
        let third = post(&app, "k-2", &json!({})).await;

        assert_eq!([refused.status, second.status, third.status], [400, 201, 201]);
        assert_ne!(second.id(), first.id());
        same(&second, &post(&app, "k-1", &attributes(json!({ "name-first": "Ada" }))).await);
    }

    async fn a_key_belongs_to_its_environment(db: TestDb) {
        let app = TestApp::start(db).await;
        let other = app.second_environment().await;
        let first = post(&app, "k-1", &reference("u-1")).await;
        let elsewhere = app.request(Method::POST, "/accounts").key(&other.key).header("idempotency-key", "k-1");
        let elsewhere = elsewhere.json(&reference("u-2")).send().await;

        assert_eq!([first.status, elsewhere.status], [201, 201]);
    }

    async fn an_upsert_is_repeated_too(db: TestDb) {
        let app = TestApp::start(db).await;
        let body = |name: &str| upsert("reference-id", json!({ "reference-id": "u-1", "name-first": name }));
        let created = post(&app, "k-1", &body("Ada")).await;
        let updated = post(&app, "k-2", &body("Grace")).await;
        let unchanged = post(&app, "k-3", &body("Grace")).await;
        assert_eq!([created.status, updated.status, unchanged.status], [201, 200, 200]);

        same(&created, &post(&app, "k-1", &body("Ada")).await);
        same(&updated, &post(&app, "k-2", &body("Grace")).await);
        same(&unchanged, &post(&app, "k-3", &body("Grace")).await);

        assert_eq!(app.events().await, ["account.created", "account.updated-fields"]);
    }

    async fn other_methods_do_not_know_the_key(db: TestDb) {
        let app = TestApp::start(db).await;
        let account = app.post("/accounts", json!({})).await;
        let path = format!("/accounts/{}", account.id());
        for name in ["Ada", "Grace"] {
            let patch = app.request(Method::PATCH, &path).header("idempotency-key", "k-1");
            let reply = patch.json(&attributes(json!({ "name-first": name }))).send().await;
            assert_eq!(reply.at("/data/attributes/fields/name/value/first/value"), name);
            let get = app.request(Method::GET, &path).header("idempotency-key", "k-1").send().await;
            assert_eq!(get.json, reply.json);
        }
    }

    /// A client that gave up waiting and tries again while its first request is still on its way.
    async fn requests_at_the_same_time_make_one_account(db: TestDb) {
        let app = TestApp::start(db).await;
        let other = app.second_process();
        let ty = account_type(&app, everything()).await;
        for round in 0..10 {
            let key = format!("k-{round}");
            let body = attributes(json!({ "account-type-id": ty, "tags": [format!("tag-{round}")] }));

            let (a, b, c, d) = tokio::join!(
                post(&app, &key, &body), post(&other, &key, &body), post(&app, &key, &body), post(&other, &key, &body)
            );

            assert_eq!(a.status, 201, "{}", a.text());
            for reply in [b, c, d] {
                same(&a, &reply);
            }
        }
        assert_eq!(app.all("/accounts").await.len(), 10);
        assert_eq!(app.events().await.len(), 11);
    }

    async fn a_key_that_is_no_key_is_refused(db: TestDb) {
        let app = TestApp::start(db).await;
        let (long, longest) = ("k".repeat(256), "k".repeat(255));
        for key in ["", "  ", &long] {
            assert_eq!(post(&app, key, &json!({})).await.problem(),
                "400 Bad Request: Idempotency-Key must have 1 to 255 characters", "{key}");
        }
        assert_eq!(post(&app, &longest, &json!({})).await.status, 201);
        assert_eq!(app.events().await.len(), 1);
    }
}
