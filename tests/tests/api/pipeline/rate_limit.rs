//! The rate limit of an environment.

use std::time::Duration;

use hyper::Method;
use muster_api::Settings;
use muster_testkit::{Reply, TestApp, TestDb, on_both};
use serde_json::json;

async fn limited(db: TestDb, rate_limit: u32) -> TestApp {
    TestApp::start_with(db, Settings { rate_limit, ..Settings::default() }).await
}

fn headers(reply: &Reply) -> [&str; 3] {
    ["ratelimit-limit", "ratelimit-remaining", "ratelimit-reset"].map(|name| reply.header(name))
}

on_both! {
    async fn a_window_is_used_up_and_opens_again(db: TestDb) {
        let app = limited(db, 3).await;

        assert_eq!(headers(&app.get("/accounts").await), ["3", "2", "60"]);
        app.advance(Duration::from_secs(20));
        assert_eq!(headers(&app.get("/accounts").await), ["3", "1", "40"]);
        assert_eq!(headers(&app.get("/accounts/nobody").await), ["3", "0", "40"], "a refusal counts as well");
        let refused = app.post("/accounts", json!({})).await;
        assert_eq!(refused.problem(), "429 Rate limit exceeded: You have hit your rate limit of 3 requests / min. \
            Wait until the window is over (RateLimit-Reset) or ask the operator of this server for more.");
        assert_eq!(headers(&refused), ["3", "0", "40"]);
        assert!(refused.header("request-id").starts_with("req_"));

        app.advance(Duration::from_secs(40));
        let events = app.get("/events").await;
        assert_eq!((events.at("/data"), headers(&events)), (&json!([]), ["3", "2", "60"]));
    }

    /// The limit is the environment's, whatever the key (spec A.6).
    async fn keys_share_a_window_and_environments_do_not(db: TestDb) {
        let app = limited(db, 2).await;
        let second_key = app.key_with(|_| {}).await;
        let elsewhere = app.second_environment().await;
        let get = async |key: &str| app.request(Method::GET, "/accounts").key(key).send().await.status;

        assert_eq!([get(&app.tenant.key).await, get(&second_key).await], [200, 200]);
        assert_eq!([get(&app.tenant.key).await, get(&second_key).await], [429, 429]);
        assert_eq!(get(&elsewhere.key).await, 200);
        assert_eq!(app.request(Method::GET, "/accounts").key("nobody").send().await.status, 401);
    }
}
