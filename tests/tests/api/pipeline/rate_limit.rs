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

    /// Asking is a request like any other.
    async fn what_is_left_is_told(db: TestDb) {
        let app = limited(db, 3).await;
        let nothing = app.key_with(|key| key.permissions = muster_domain::Grants::default()).await;
        let told = async || app.request(Method::GET, "/rate-limits").key(&nothing).send().await;

        app.get("/accounts").await.good();
        app.advance(Duration::from_secs(20));
        let first = told().await;
        let limit = |remaining: u32| json!({ "data": [{ "type": "rate-limit/api",
            "attributes": { "limit": 3, "remaining": remaining, "seconds-to-reset": 40 } }] });
        assert_eq!((first.json, headers(&told().await)), (limit(1), ["3", "0", "40"]));
        assert_eq!(told().await.status, 429);
    }

    async fn without_a_limit_a_large_one_is_told(db: TestDb) {
        let app = TestApp::start(db).await;
        for _ in 0..3 {
            let told = app.get("/rate-limits").await;
            let attributes = json!({ "limit": 1_000_000, "remaining": 1_000_000, "seconds-to-reset": 60 });
            assert_eq!(told.at("/data/0/attributes"), &attributes);
        }
    }
}

/// SQLite has one process; what another one does is not its limit's business.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn processes_share_one_limit_in_turns() {
    for limit in [1, 7, 60] {
        let app = limited(TestDb::postgres(), limit).await;
        let other = app.second_process();
        let mut admitted = 0;
        for _ in 0..limit {
            for process in [&app, &other] {
                let reply = process.get("/accounts").await;
                admitted += u32::from(reply.status == 200);
                assert!(matches!(reply.status, 200 | 429), "{}", reply.text());
            }
        }
        assert_eq!(admitted, limit);
        for process in [&app, &other] {
            assert_eq!(headers(&process.get("/accounts").await)[..2], [limit.to_string().as_str(), "0"]);
        }

        // The window that one opens is everybody's.
        app.advance(Duration::from_secs(60));
        let (first, second) = (app.get("/accounts").await, other.get("/accounts").await);
        assert_eq!(first.status, 200);
        assert_eq!(second.status, if limit == 1 { 429 } else { 200 });
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn processes_share_one_limit_at_the_same_time() {
    const LIMIT: u32 = 97;
    let app = limited(TestDb::postgres(), LIMIT).await;
    let other = app.second_process();
    for _ in 0..2 {
        let all = async |process: &TestApp| {
            let mut admitted = 0;
            for _ in 0..30 {
                let get = || process.get("/accounts");
                let replies: [Reply; 4] = tokio::join!(get(), get(), get(), get()).into();
                assert!(replies.iter().all(|reply| matches!(reply.status, 200 | 429)));
                admitted += replies.iter().filter(|reply| reply.status == 200).count();
            }
            admitted
        };
        let (one, two) = tokio::join!(all(&app), all(&other));
        assert_eq!(one + two, LIMIT as usize);
        app.advance(Duration::from_secs(60));
    }
}
