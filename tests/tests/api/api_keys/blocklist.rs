//! Replies to a key with a blocklist. What entries mean in detail: the tests of `blocklist.rs`.

use hyper::Method;
use muster_testkit::{Reply, TestApp, TestDb, on_both};
use serde_json::{Value, json};

use crate::accounts::search::{eq, searchable};
use crate::bodies::{attributes, upsert};

fn person() -> Value {
    json!({ "reference-id": "u-1", "name-first": "Ingrid", "name-last": "Kvitfjell", "phone-number": "+4791234567", "tags": ["important"] })
}

async fn key(app: &TestApp, blocklist: Value) -> String {
    let body = attributes(json!({ "name": "Blocked", "api-attributes-blocklist": blocklist }));
    app.post("/api-keys", body).await.text_at("/data/attributes/value").to_owned()
}

async fn get(app: &TestApp, key: &str, path: &str) -> Reply {
    app.request(Method::GET, path).key(key).narrowed().send().await
}

on_both! {
    async fn blocked_attributes_are_in_no_reply_to_the_key(db: TestDb) {
        let app = TestApp::start(db).await;
        let key = key(&app, json!(["name-*", "/data/attributes/fields/phoneNumber", "tags"])).await;
        let send = async |method: Method, path: &str, body: Value| app.request(method, path).key(&key).narrowed().json(&body).send().await;

        let made = send(Method::POST, "/accounts", attributes(person())).await;
        let path = format!("/accounts/{}", made.id());
        let replies = [
            made,
            send(Method::POST, "/accounts", upsert("reference-id", person())).await,
            send(Method::PATCH, &path, attributes(json!({ "name-last": "Kvitfjellet" }))).await,
            get(&app, &key, &path).await,
            get(&app, &key, "/accounts").await,
            get(&app, &key, "/events").await,
        ];
        for reply in replies {
            reply.good();
            for hidden in ["Ingrid", "Kvitfjell", "4791234567", "important", "phone_number", r#""tags""#] {
                assert!(!reply.text().contains(hidden), "{hidden} in {}", reply.text());
            }
            assert!(reply.text().contains("u-1"), "{}", reply.text());
        }
        assert!(app.get(&path).await.text().contains("Kvitfjellet"), "it is the reply that lacks it");
    }

    async fn an_old_version_and_any_inflection_hide_the_same(db: TestDb) {
        let app = TestApp::start(db).await;
        let account = app.post("/accounts", attributes(person())).await;
        let key = key(&app, json!(["name_first", "phoneNumber"])).await;
        for version in ["2023-01-05", "2025-12-08"] {
            for inflection in ["kebab", "camel", "snake"] {
                let request = app.request(Method::GET, &format!("/accounts/{}?include=account-type", account.id())).key(&key).narrowed();
                let reply = request.header("Persona-Version", version).header("Key-Inflection", inflection).send().await;
                reply.good();
                assert!(!reply.text().contains("Ingrid") && !reply.text().contains("4791234567"), "{version} {inflection}");
                assert!(reply.text().contains("Kvitfjell"), "{version} {inflection}: {}", reply.text());
            }
        }
    }

    async fn included_objects_and_sparse_fields_are_covered(db: TestDb) {
        let app = TestApp::start(db).await;
        let account = app.post("/accounts", attributes(person())).await;
        let key = key(&app, json!(["/included/attributes/*", "!/included/attributes/name", "reference-id"])).await;
        let path = format!("/accounts/{}?include=account-type&fields[account]=reference-id,tags", account.id());
        let reply = get(&app, &key, &path).await;
        assert_eq!(reply.at("/data/attributes"), &json!({ "tags": ["important"] }));
        assert_eq!(reply.at("/included/0/attributes"), &json!({ "name": "User" }));
        assert!(reply.at("/included/0/id").is_string() && reply.at("/included/0/relationships").is_object());
    }

    async fn the_log_does_not_tell_what_others_sent(db: TestDb) {
        let app = TestApp::start(db).await;
        let made = app.post("/accounts?note=Ingrid", attributes(person())).await;
        let listed = app.get("/accounts").await;
        let key = key(&app, json!(["tags"])).await;
        let params = async |of: &Reply| {
            let log = get(&app, &key, &format!("/api-logs/{}", of.header("request-id"))).await;
            ["get-params", "post-params"].map(|name| log.at(&format!("/data/attributes/request/{name}")).clone())
        };

        assert_eq!(params(&made).await, [json!({ "query": "[FILTERED]" }), json!({ "data": "[FILTERED]" })]);
        assert_eq!(params(&listed).await, [json!({}), json!({})]);
        let all = get(&app, &key, "/api-logs").await;
        assert!(all.ids().contains(&made.header("request-id")) && !all.text().contains("Ingrid"));
    }

    async fn a_search_does_not_tell_what_is_hidden(db: TestDb) {
        let app = TestApp::start(db).await;
        app.post("/account-types", attributes(searchable())).await.good();
        let key = key(&app, json!(["reference-id", "account-status", "owner-age", "/data/attributes/fields/owner/given-name", "coun"])).await;
        let search = async |body: Value| app.request(Method::POST, "/accounts/search").key(&key).narrowed().json(&body).send().await;

        let hidden = [
            ("reference_id", "x"), ("referenceId", "x"), ("identifiers.reference_id", "x"), ("status", "Approved"),
            ("fields.owner.given_name", "Ada"), ("fields.ownerGivenName", "Ada"), ("fields.owner_age", "7"),
        ];
        for (attribute, value) in hidden {
            let nested = search(json!({ "query": { "and": [{ "not": eq(attribute, json!(value)) }] } })).await;
            let message = "400 Bad Request: query.and.0.not.attribute is hidden from this API key";
            assert_eq!(nested.problem(), message, "{attribute}");
            let sorted = search(json!({ "sort": { "attribute": attribute, "direction": "asc" } })).await;
            assert_eq!(sorted.problem(), "400 Bad Request: sort.attribute is hidden from this API key", "{attribute}");
        }
        search(json!({ "query": eq("fields.count", json!(7)), "sort": { "attribute": "fields.count", "direction": "asc" } })).await.good();
        search(json!({ "query": eq("created_at", json!("2025-01-01")) })).await.good();
        let query = json!({ "query": eq("reference_id", json!("x")) });
        app.post("/accounts/search", query).await.good();
    }

    /// Whoever may not see something does not get to see it in what was answered to somebody else.
    async fn a_kept_reply_is_not_repeated_to_a_key_with_another_blocklist(db: TestDb) {
        let app = TestApp::start(db).await;
        let blocked = key(&app, json!(["name-*"])).await;
        let same = key(&app, json!(["name-*"])).await;
        let send = async |key: &str, claim: &str| {
            let request = app.request(Method::POST, "/accounts").key(key).narrowed().header("Idempotency-Key", claim);
            request.json(&upsert("reference-id", person())).send().await
        };
        let open = send(&app.tenant.key, "k-1").await;
        assert!(open.text().contains("Ingrid"));
        assert_eq!(send(&blocked, "k-1").await.status, 400);
        let first = send(&blocked, "k-2").await;
        assert!(!first.text().contains("Ingrid"));
        assert_eq!(send(&same, "k-2").await.bytes, first.bytes);
        assert_eq!(send(&app.tenant.key, "k-1").await.bytes, open.bytes);
    }

    async fn a_timeline_and_a_preview_hide_it_too(db: TestDb) {
        let app = TestApp::start(db).await;
        let account = app.post("/accounts", attributes(person())).await;
        let other = app.post("/accounts", attributes(json!({ "name-first": "Sigrid" }))).await;
        let path = format!("/accounts/{}", account.id());
        app.patch(&path, attributes(json!({ "name-first": "Ingeborg", "phone-number": "+4791234568" }))).await.good();
        let key = key(&app, json!(["/data/attributes/fields/name*", "tags"])).await;
        let preview = json!({ "meta": { "source-account-ids": [other.id()] } });
        let replies = [
            get(&app, &key, &format!("{path}/timeline")).await,
            app.request(Method::POST, &format!("{path}/preview-consolidation")).key(&key).narrowed().json(&preview).send().await,
        ];
        for reply in replies {
            reply.good();
            assert!(reply.text().contains("91234568"), "{}", reply.text());
            for hidden in ["Ingrid", "Ingeborg", "Sigrid", "important"] {
                assert!(!reply.text().contains(hidden), "{hidden} in {}", reply.text());
            }
        }
    }

    /// A change of the list holds from the next request on.
    async fn a_blocklist_follows_its_key(db: TestDb) {
        let app = TestApp::start(db).await;
        app.post("/accounts", attributes(person())).await.good();
        let made = app.post("/api-keys", attributes(json!({ "name": "A" }))).await;
        let secret = made.text_at("/data/attributes/value");
        let path = format!("/api-keys/{}", made.id());
        assert!(get(&app, secret, "/accounts").await.text().contains("Ingrid"));
        app.patch(&path, attributes(json!({ "api-attributes-blocklist": ["fields"] }))).await.good();
        assert!(!get(&app, secret, "/accounts").await.text().contains("Ingrid"));
        app.patch(&path, attributes(json!({ "api-attributes-blocklist": [] }))).await.good();
        assert!(get(&app, secret, "/accounts").await.text().contains("Ingrid"));
    }
}
