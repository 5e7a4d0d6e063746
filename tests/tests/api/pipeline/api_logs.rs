//! The log of API requests.

use std::io::Write as _;
use std::time::Duration;

use hyper::Method;
use muster_api::{ApiLogs, Settings};
use muster_app::api_logs;
use muster_testkit::{Reply, TestApp, TestDb, on_both};
use serde_json::{Value, json};

use crate::bodies::{attributes, reference, upsert};

const FILTERED: &str = "[FILTERED]";

/// Every logged request in one line each, oldest first.
async fn lines(app: &TestApp) -> Vec<String> {
    let line = |log: &Value| {
        let [method, path] =
            ["method", "path"].map(|name| log["attributes"]["request"][name].as_str().unwrap());
        format!("{} {method} {path}", log["attributes"]["response"]["status"])
    };
    app.all("/api-logs").await.iter().rev().map(line).collect()
}

/// The entry of a request.
async fn entry(app: &TestApp, of: &Reply) -> Value {
    let log = app.get(&format!("/api-logs/{}", of.header("request-id"))).await;
    assert_eq!(log.id(), of.header("request-id"));
    log.at("/data/attributes").clone()
}

async fn body_of(app: &TestApp, of: &Reply) -> Value {
    entry(app, of).await["request"]["post-params"].clone()
}

on_both! {
    async fn every_request_with_a_valid_key_is_logged(db: TestDb) {
        let app = TestApp::start_with(db, Settings { rate_limit: 8, ..Settings::default() }).await;
        let blind = app.key_with(|key| key.permissions = muster_domain::Grants::default()).await;
        let elsewhere = app.key_with(|key| key.ip_allowlist = vec!["192.0.2.1".to_owned()]).await;

        let account = app.post("/accounts", reference("u-1")).await;
        let path = format!("/accounts/{}", account.id());
        app.patch(&path, attributes(json!({ "name-first": "Ada" }))).await.good();
        app.post("/accounts", reference("u-1")).await;
        app.request(Method::POST, "/accounts").body_bytes("{").send().await;
        app.get("/accounts/Ada Lovelace".replace(' ', "%20").as_str()).await;
        app.request(Method::GET, &path).key(&blind).send().await;
        app.request(Method::GET, &path).key(&elsewhere).send().await;
        app.get("/accounts?page[size]=x").await;
        assert_eq!(app.get("/events").await.status, 429);
        assert_eq!(app.request(Method::GET, "/accounts").key("nobody").send().await.status, 401);
        assert_eq!(app.request(Method::GET, "/accounts").authorization(None).send().await.status, 401);
        app.advance(Duration::from_secs(60));

        let expected = [
            "201 POST /api/v1/accounts".to_owned(),
            format!("200 PATCH /api/v1{path}"),
            "409 POST /api/v1/accounts".to_owned(),
            "400 POST /api/v1/accounts".to_owned(),
            "404 GET /api/v1/accounts/[FILTERED]".to_owned(),
            format!("403 GET /api/v1{path}"),
            format!("403 GET /api/v1{path}"),
            "400 GET /api/v1/accounts".to_owned(),
            "429 GET /api/v1/events".to_owned(),
        ];
        assert_eq!(lines(&app).await, expected);
        assert_eq!(lines(&app).await.len(), expected.len() + 1, "reading is logged as well");
    }

    async fn an_entry_shows_what_was_sent_and_answered(db: TestDb) {
        let app = TestApp::start_with(db, Settings { rate_limit: 300, ..Settings::default() }).await;
        let now = app.now() + Duration::from_millis(1);
        let body = upsert("reference-id", json!({ "reference-id": "u-1", "nameFirst": "Ada", "fields": { "address_city": "Bath" } }));
        let post = app.request(Method::POST, "/accounts?include=account-type&page[size]=2&a=b");
        let post = post.header("accept", "*/*").header("user-agent", "test/1").header("persona-version", "2025-12-08");
        let reply = post.json(&body).send().await;
        reply.good();

        let log = entry(&app, &reply).await;

        assert_eq!(log, json!({
            "request": {
                "method": "POST", "path": "/api/v1/accounts",
                "headers": { "Accept": "*/*", "Authorization": "****-****-************", "Host": app.address().to_string(),
                    "Persona-Version": "2025-12-08, 2025-12-08", "User-Agent": "test/1" },
                "get-params": { "include": "account-type", "page": { "size": "2" }, "a": "b" },
                "post-params": body, "ip-address": "127.0.0.1"
            },
            "response": { "status": 201, "headers": {
                "Cache-Control": reply.header("cache-control"), "Content-Type": reply.header("content-type"),
                "RateLimit-Limit": 300, "RateLimit-Remaining": 299, "RateLimit-Reset": 60,
                "Request-Id": reply.header("request-id"), "Vary": "Accept"
            } },
            "created-at": now.to_rfc3339_millis().replace('Z', "+00:00"), "redacted-at": null
        }));
        let get = app.get("/accounts").await;
        let log = entry(&app, &get).await;
        assert_eq!((&log["request"]["get-params"], &log["request"]["post-params"]), (&json!({}), &json!({})));
        assert_eq!(log["request"]["headers"]["Persona-Version"], "2025-12-08");
    }

    async fn what_was_sent_keeps_its_keys_in_every_inflection(db: TestDb) {
        let app = TestApp::start(db).await;
        let reply = app.post("/accounts?fields[account]=tags", attributes(json!({ "name-first": "Ada" }))).await;
        let path = format!("/api-logs/{}?fields[api-log]=request", reply.header("request-id"));
        let log = app.request(Method::GET, &path).header("key-inflection", "snake").send().await;

        let request = log.at("/data/attributes/request");
        assert_eq!(request["post_params"], attributes(json!({ "name-first": "Ada" })));
        assert_eq!(request["get_params"], json!({ "fields": { "account": "tags" } }));
        assert_eq!(request["headers"]["Persona-Version"], "2025-12-08");
        assert_eq!(log.at("/data/attributes").as_object().unwrap().len(), 1);
    }

    /// Spec A.7.
    async fn a_repeated_reply_is_not_logged_again(db: TestDb) {
        let app = TestApp::start(db).await;
        let other = app.second_process();
        let post = async |app: &TestApp, key: &str, path: &str, body: Value| {
            app.request(Method::POST, path).header("idempotency-key", key).json(&body).send().await.status
        };
        let ty = || attributes(json!({ "name": "Customer" }));
        for process in [&app, &app, &other] {
            assert_eq!(post(process, "k-1", "/accounts", reference("u-1")).await, 201);
            assert_eq!(post(process, "k-2", "/accounts", reference("u-1")).await, 409);
            assert_eq!(post(process, "k-3", "/accounts", attributes(json!({ "tags": 1 }))).await, 400);
            assert_eq!(post(process, "k-4", "/account-types", ty()).await, 201);
            assert_eq!(post(process, "k-5", "/account-types", ty()).await, 409);
        }
        for _ in 0..3 {
            assert_eq!(post(&app, "k-1", "/accounts", reference("u-2")).await, 400);
            assert_eq!(post(&app, "k-4", "/account-types", json!({})).await, 400);
        }
        drop(other);

        let statuses: Vec<String> = lines(&app).await.iter().map(|line| line[..line.len().min(8)].to_owned()).collect();
        assert_eq!(statuses, ["201 POST", "409 POST", "400 POST", "201 POST", "409 POST", "400 POST", "400 POST"]);
        let first = app.request(Method::POST, "/accounts").header("idempotency-key", "k-6").json(&json!({ "data": {} })).send().await;
        assert_eq!(body_of(&app, &first).await, json!({ "data": {} }));
    }

    async fn what_tells_of_an_account_is_readable_until_it_is_redacted(db: TestDb) {
        let app = TestApp::start(db).await;
        let keyed = app.request(Method::POST, "/accounts").header("idempotency-key", "k-1");
        let created = keyed.json(&attributes(json!({ "name-first": "Ada" }))).send().await;
        let id = created.id().to_owned();
        let updated = app.patch(&format!("/accounts/{id}"), attributes(json!({ "name-last": "Byron" }))).await;
        let kept = app.post("/accounts", attributes(json!({ "name-first": "Grace" }))).await;
        assert_eq!(body_of(&app, &created).await, attributes(json!({ "name-first": "Ada" })));
        assert_eq!(body_of(&app, &updated).await, attributes(json!({ "name-last": "Byron" })));

        app.request(Method::DELETE, &format!("/accounts/{id}")).send().await.good();
        let redacted_at = app.now().to_rfc3339_millis();
        let later = app.patch(&format!("/accounts/{id}"), attributes(json!({ "name-last": "Lovelace" }))).await;

        for of in [&created, &updated] {
            let log = entry(&app, of).await;
            assert_eq!(log["request"]["post-params"], json!({}));
            assert_eq!(log["redacted-at"], redacted_at);
            assert!(log["request"]["path"].as_str().unwrap().starts_with("/api/v1/accounts"));
        }
        assert_eq!(body_of(&app, &later).await, attributes(json!({ "name-last": "Lovelace" })));
        assert_eq!(body_of(&app, &kept).await, attributes(json!({ "name-first": "Grace" })));
    }

    /// Nobody's redaction would reach it.
    async fn what_tells_of_no_account_is_filtered(db: TestDb) {
        let app = TestApp::start(db).await;
        let refused = app.post("/accounts?email=ada@x.test", attributes(json!({
            "reference-id": "u-1", "account-status": "Nope", "tags": ["vip"], "name-first": "Ada", "fields": { "birthdate": "1990-01-01" }
        }))).await;
        assert_eq!(refused.status, 422);
        let misshapen = app.post("/accounts", json!({ "query": { "attribute": "email", "operator": "eq", "value": "ada@x.test" }, "Ada L": 1 })).await;

        assert_eq!(body_of(&app, &refused).await, attributes(json!({
            "reference-id": "u-1", "account-status": "Nope", "tags": ["vip"], "name-first": FILTERED, "fields": { "birthdate": FILTERED }
        })));
        assert_eq!(entry(&app, &refused).await["request"]["get-params"], json!({ "email": FILTERED }));
        assert_eq!(body_of(&app, &misshapen).await,
            json!({ "query": { "attribute": "email", "operator": "eq", "value": FILTERED }, FILTERED: FILTERED }));
        let list = app.get("/accounts?filter[reference-id]=u-1&other=Ada").await;
        assert_eq!(entry(&app, &list).await["request"]["get-params"], json!({ "filter": { "reference-id": "u-1" }, "other": FILTERED }));
    }

    async fn a_form_is_shown_by_what_it_says(db: TestDb) {
        let app = TestApp::start(db).await;
        let part = "--b\r\nContent-Disposition: form-data; name=\"data[attributes][name-first]\"\r\n\r\nAda\r\n--b--\r\n";
        let form = app.request(Method::POST, "/accounts").header("content-type", "multipart/form-data; boundary=b");
        let reply = form.body_bytes(part).send().await;
        reply.good();

        assert_eq!(body_of(&app, &reply).await, attributes(json!({ "name-first": "Ada" })));
        assert!(app.get("/api-logs").await.ids().contains(&reply.header("request-id")));
    }

    async fn long_bodies_are_not_kept(db: TestDb) {
        let app = TestApp::start(db).await;
        let tags = |count: usize| (0..count).map(|i| format!("tag-{i:04}")).collect::<Vec<_>>();
        let short = app.post("/accounts", attributes(json!({ "tags": tags(20) }))).await;
        let long = app.post("/accounts", attributes(json!({ "name-first": "A".repeat(17_000) }))).await;

        assert_eq!(body_of(&app, &short).await, attributes(json!({ "tags": tags(20) })));
        let refused = body_of(&app, &long).await;
        assert_eq!(refused, if long.status == 201 { json!({ "data": FILTERED }) } else { attributes(json!({ "name-first": FILTERED })) });
    }

    /// Requests of two processes, over several seconds, many in one.
    async fn pages_go_both_ways_over_processes_and_seconds(db: TestDb) {
        let app = TestApp::start(db).await;
        let other = app.second_process();
        let mut sent = Vec::new();
        for round in 0..24_u64 {
            let process = if round % 3 == 0 { &other } else { &app };
            sent.push(process.get("/rate-limits").await.header("request-id").to_owned());
            if round % 5 == 0 {
                app.advance(Duration::from_millis(700 * round));
            }
            if round % 4 == 0 {
                process.get("/api-logs/req_123456789ABCDEFGHJKLMNPQ").await;
                sent.push(String::new());
            }
        }
        drop(other);
        app.advance(Duration::from_secs(5));
        let all: Vec<String> = ids(&app, "/api-logs?page[size]=100").await.0;
        assert!(all.is_sorted_by(|a, b| a > b));
        let mut known = sent.iter().filter(|id| !id.is_empty()).rev();
        assert!(known.all(|id| all.contains(id)));
        assert_eq!(all.len(), sent.len());

        let (newest, oldest) = (&all[0], &all[all.len() - 1]);
        for size in [1, 2, 5, 13] {
            let mut forth = vec![newest.clone()];
            let mut next = Some(format!("/api-logs?page[size]={size}&page[after]={newest}"));
            while let Some(path) = next {
                let (page, links) = ids(&app, &path).await;
                forth.extend(page);
                next = links[1].clone();
            }
            assert_eq!(forth, all, "pages of {size}");

            let mut back = vec![oldest.clone()];
            let mut prev = Some(format!("/api-logs?page[size]={size}&page[before]={oldest}"));
            while back.len() < all.len() {
                let (page, links) = ids(&app, &prev.unwrap()).await;
                back.splice(0..0, page);
                prev = links[0].clone();
            }
            // Beyond the newest stand the requests for these pages.
            assert_eq!(back[back.len() - all.len()..], all, "pages of {size}");
        }
    }

    async fn what_is_no_entry_is_not_found(db: TestDb) {
        let app = TestApp::start(db).await;
        let other = app.second_environment().await;
        let theirs = app.request(Method::GET, "/accounts").key(&other.key).send().await;
        let theirs = theirs.header("request-id");
        for id in ["req_123456789ABCDEFGHJKLMNPQ", "req_x", "req_0000000000000000000000000000", theirs] {
            assert_eq!(app.get(&format!("/api-logs/{id}")).await.problem(), "404 Record not found", "{id}");
        }
        let foreign = app.get("/api-logs?page[after]=req_0000000000000000000000000000").await;
        assert_eq!(foreign.problem(), "400 Bad Request: page[after] must be the ID of an API log");
        let seen = app.request(Method::GET, &format!("/api-logs/{theirs}")).key(&other.key).send().await;
        assert_eq!(seen.status, 200);
    }

    async fn old_entries_are_pruned(db: TestDb) {
        let app = TestApp::start(db).await;
        for _ in 0..3 {
            app.get("/accounts").await.good();
            app.advance(Duration::from_secs(1));
        }
        app.get("/api-logs").await.good();
        app.advance(Duration::from_hours(1));
        app.get("/accounts").await.good();
        assert_eq!(lines(&app).await.len(), 5);

        let (environment, now) = (app.tenant.environment.clone(), app.now());
        let prune = async |limit: i64, kept: Duration| {
            let environment = environment.clone();
            let pruned = app.app.db.write("test", move |tx| api_logs::prune(tx, &environment, (now, kept), limit));
            pruned.await.unwrap()
        };
        assert_eq!(prune(100, Duration::from_hours(2)).await, 0);
        while prune(1, Duration::from_mins(30)).await > 0 {}

        assert_eq!(lines(&app).await, ["200 GET /api/v1/accounts", "200 GET /api/v1/api-logs"]);
    }

    async fn nothing_is_logged_where_the_log_is_off(db: TestDb) {
        let app = TestApp::start_with(db, Settings { api_logs: ApiLogs::Off, ..Settings::default() }).await;
        app.get("/accounts").await.good();
        assert_eq!(lines(&app).await, Vec::<String>::new());
    }

    async fn what_was_begun_is_finished_and_logged_without_its_client(db: TestDb) {
        let app = TestApp::start(db).await;
        let other = app.second_process();
        let body = reference("u-1").to_string();
        let (address, key) = (other.address(), &app.tenant.key);
        let request = format!(
            "POST /api/v1/accounts HTTP/1.1\r\nHost: {address}\r\nAuthorization: Bearer {key}\r\n\
             Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        );
        let mut client = std::net::TcpStream::connect(address).unwrap();
        client.write_all(request.as_bytes()).unwrap();
        drop(client);

        let mut patience = 500;
        while app.get("/accounts").await.ids().is_empty() {
            patience -= 1;
            assert!(patience > 0, "what was begun is given up");
        }
        drop(other);
        assert!(lines(&app).await.contains(&"201 POST /api/v1/accounts".to_owned()));
    }

    /// A server that ends writes what it has answered.
    async fn the_log_survives_the_server(db: TestDb) {
        let app = TestApp::start(db).await;
        let other = app.second_process();
        let reply = other.get("/accounts").await;
        let id = reply.header("request-id").to_owned();
        drop(other);

        assert_eq!(app.get(&format!("/api-logs/{id}")).await.status, 200);
    }
}

/// The IDs of a page, newest first, and its links.
async fn ids(app: &TestApp, path: &str) -> (Vec<String>, [Option<String>; 2]) {
    let page = app.get(path).await;
    let link = |name: &str| page.at(&format!("/links/{name}")).as_str().map(str::to_owned);
    (page.ids().into_iter().map(str::to_owned).collect(), [link("prev"), link("next")])
}
