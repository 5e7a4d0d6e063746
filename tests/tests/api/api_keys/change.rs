//! `PATCH /api-keys/{id}`: what is not named stays, and a change holds everywhere within a second.

use std::time::Duration;

use hyper::Method;
use muster_testkit::{Reply, TestApp, TestDb, on_both};
use serde_json::{Value, json};

use crate::bodies::attributes;

async fn made(app: &TestApp, wishes: Value) -> (String, String) {
    let reply = app.post("/api-keys", attributes(wishes)).await;
    (format!("/api-keys/{}", reply.id()), reply.text_at("/data/attributes/value").to_owned())
}

async fn accounts(app: &TestApp, key: &str) -> Reply {
    app.request(Method::GET, "/accounts").key(key).send().await
}

on_both! {
    async fn only_what_is_named_changes(db: TestDb) {
        let app = TestApp::start(db).await;
        let (path, _) = made(&app, json!({ "name": "A", "note": "n", "permissions": ["event.read"] })).await;
        let mut expected = app.get(&path).await.at("/data").clone();
        let changes = [
            json!({ "name": "B" }),
            json!({ "note": null }),
            json!({ "apiVersion": "2023-01-05" }),
            json!({ "api_key_inflection": "snake" }),
            json!({ "permissions": ["account.read"] }),
            json!({ "ip-address-allowlist": ["192.0.2.7"] }),
            json!({ "api-attributes-blocklist": ["tags"] }),
            json!({ "file-access-token-expires-in": 259_200 }),
            json!({}),
        ];
        for change in changes {
            let reply = app.patch(&path, attributes(change.clone())).await;
            for (member, value) in change.as_object().unwrap() {
                let member = member.replace('_', "-").replace("apiVersion", "api-version");
                expected["attributes"][member.as_str()] = value.clone();
            }
            assert_eq!(reply.at("/data"), &expected, "{change}");
            assert_eq!(app.get(&path).await.at("/data"), &expected, "{change}");
        }
        let refused = app.patch(&path, attributes(json!({ "name": "C", "permissions": ["x"] }))).await;
        assert_eq!(refused.status, 422);
        let id = json!({ "data": { "id": "api_111111111111111111111111", "attributes": { "name": "C" } } });
        assert_eq!(app.patch(&path, id).await.problem(), "400 Bad Request: data.id names another API key than the path");
        assert_eq!(app.get(&path).await.at("/data"), &expected, "a refusal changes nothing");
    }

    async fn a_restriction_holds_here_at_once_and_elsewhere_within_a_second(db: TestDb) {
        let app = TestApp::start(db).await;
        let other = app.second_process();
        let (path, key) = made(&app, json!({ "name": "A" })).await;
        for process in [&app, &other] {
            assert_eq!(accounts(process, &key).await.status, 200);
        }

        app.patch(&path, attributes(json!({ "permissions": ["event.read"] }))).await.good();
        let refusal = "403 Forbidden: This API key does not have the permission account.read";
        assert_eq!(accounts(&app, &key).await.problem(), refusal);
        app.advance(Duration::from_secs(1));
        assert_eq!(accounts(&other, &key).await.problem(), refusal);

        other.patch(&path, attributes(json!({ "permissions": ["account.read"], "ip-address-allowlist": ["192.0.2.7"] }))).await.good();
        assert_eq!(accounts(&other, &key).await.status, 403);
        app.advance(Duration::from_secs(1));
        assert_eq!(accounts(&app, &key).await.problem(),
            "403 Forbidden: IP address is not permitted access to current environment");
    }

    async fn changes_at_once_are_all_there_in_the_end(db: TestDb) {
        let app = TestApp::start(db).await;
        let (path, _) = made(&app, json!({ "name": "A" })).await;
        let other = app.second_process();
        let wishes = [
            json!({ "name": "B" }), json!({ "note": "n" }), json!({ "api-key-inflection": "camel" }),
            json!({ "api-version": "2023-01-05" }), json!({ "file-access-token-expires-in": 7 }),
            json!({ "api-attributes-blocklist": ["tags"] }),
        ];
        let sent = wishes.iter().enumerate().map(|(i, wish)| {
            if i % 2 == 0 { &app } else { &other }.patch(&path, attributes(wish.clone()))
        });
        for reply in futures_util::future::join_all(sent).await {
            reply.good();
        }
        let shown = app.get(&path).await;
        for wish in &wishes {
            let (member, value) = wish.as_object().unwrap().iter().next().unwrap();
            assert_eq!(&shown.at("/data/attributes")[member], value, "{member}");
        }
    }
}
