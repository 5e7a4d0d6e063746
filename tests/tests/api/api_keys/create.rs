//! `POST /api-keys` and `POST /api-keys/{id}/clone`: a secret that is shown once.

use hyper::Method;
use muster_domain::Grants;
use muster_testkit::{Reply, TestApp, TestDb, on_both};
use serde_json::{Value, json};

use crate::bodies::attributes;

async fn create(app: &TestApp, wishes: Value) -> Reply {
    app.post("/api-keys", attributes(wishes)).await
}

fn value(reply: &Reply) -> &str {
    reply.text_at("/data/attributes/value")
}

on_both! {
    async fn a_key_gets_what_was_not_asked_for_by_default(db: TestDb) {
        let app = TestApp::start(db).await;
        let body = attributes(json!({ "name": " Backend " }));
        let reply = app.request(Method::POST, "/api-keys").header("Persona-Version", "2023-01-05").json(&body).send().await;

        assert_eq!(reply.status, 201, "{}", reply.text());
        assert!(reply.id().starts_with("api_"));
        let mut attributes = reply.at("/data/attributes").as_object().unwrap().clone();
        let secret = attributes.remove("value").unwrap();
        assert!(secret.as_str().unwrap().starts_with("muster_sandbox_"), "{secret}");
        let created = attributes.remove("created-at").unwrap();
        assert_eq!(created, app.now().to_rfc3339_millis());
        assert_eq!(Value::Object(attributes), json!({
            "name": "Backend", "note": null, "api-version": "2023-01-05", "api-key-inflection": "kebab",
            "api-attributes-blocklist": [],
            "permissions": ["account.read", "account.write", "account_type.read", "account_type.write",
                            "api_log.read", "document.read", "event.read", "importer.read", "importer.write", "inquiry.read", "inquiry.write",
                            "inquiry_template.write", "report.read", "report.write", "report_template.write",
                            "user_audit_log.read", "verification.read", "verification.write"],
            "ip-address-allowlist": ["*"], "file-access-token-expires-in": 21600,
            "last-used-at": null, "expires-at": null,
        }));
        let used = app.request(Method::GET, "/accounts").key(value(&reply)).send().await;
        assert_eq!(used.status, 200);
        assert!(used.at("/links").is_object(), "{}", used.text());
    }

    async fn what_was_asked_for_is_shown_and_holds(db: TestDb) {
        let app = TestApp::start(db).await;
        let wishes = json!({
            "name": "Reporting", "note": "Nightly", "api-version": "2025-10-27", "api-key-inflection": "camel",
            "api-attributes-blocklist": ["name-*", "!name-first"], "permissions": ["event.read", "account.read"],
            "ip-address-allowlist": ["127.0.0.0/8"], "file-access-token-expires-in": 60,
        });
        let made = create(&app, wishes.clone()).await;
        let shown = app.get(&format!("/api-keys/{}", made.id())).await;

        for (member, wanted) in wishes.as_object().unwrap() {
            let wanted = if member == "permissions" { &json!(["account.read", "event.read"]) } else { wanted };
            assert_eq!(&shown.at("/data/attributes")[member], wanted, "{member}");
        }
        assert_eq!(shown.at("/data/attributes/value"), &Value::Null, "only its creation shows the value");
        assert!(!shown.text().contains(value(&made)));
        let get = async |path: &str| app.request(Method::GET, path).key(value(&made)).send().await;
        assert!(get("/events").await.text().contains(r#""links""#));
        assert_eq!(get("/account-types").await.problem(),
            "403 Forbidden: This API key does not have the permission account_type.read");
    }

    async fn a_key_is_kept_to_its_addresses_by_the_api_too(db: TestDb) {
        let app = TestApp::start(db).await;
        for (list, status) in [(json!(["192.0.2.0/24"]), 403), (json!(["192.0.2.0/24", "127.0.0.1"]), 200), (json!(["*"]), 200)] {
            let made = create(&app, json!({ "name": "x", "ip-address-allowlist": list })).await;
            assert_eq!(app.request(Method::GET, "/accounts").key(value(&made)).send().await.status, status, "{list}");
        }
    }

    async fn what_a_key_cannot_be_like_is_refused_by_name(db: TestDb) {
        let app = TestApp::start(db).await;
        let table = [
            (json!({}), "400 Bad Request: data.attributes.name is missing"),
            (json!({ "name": null }), "400 Bad Request: data.attributes.name must be a string"),
            (json!({ "name": "x", "note": 1 }), "400 Bad Request: data.attributes.note must be a string"),
            (json!({ "name": "x", "permissions": "*" }), "400 Bad Request: data.attributes.permissions must be an array of strings"),
            (json!({ "name": "x", "permissions": ["*", 1] }), "400 Bad Request: data.attributes.permissions.1 must be a string"),
            (json!({ "name": "x", "file-access-token-expires-in": "60" }), "400 Bad Request: data.attributes.file_access_token_expires_in must be a whole number"),
            (json!({ "name": "x", "value": "muster_sandbox_x" }), "400 Bad Request: data.attributes.value is no attribute of an API key that can be set"),
            (json!({ "name": "x", "expires-at": null }), "400 Bad Request: data.attributes.expires_at is no attribute of an API key that can be set"),
        ];
        for (wishes, problem) in table {
            assert_eq!(create(&app, wishes.clone()).await.problem(), problem, "{wishes}");
        }
        let long = "x".repeat(256);
        let table = [
            (json!({ "name": " " }), "/data/attributes/name"),
            (json!({ "name": long }), "/data/attributes/name"),
            (json!({ "name": "x", "note": "x".repeat(5_001) }), "/data/attributes/note"),
            (json!({ "name": "x", "api-version": "2019-01-01" }), "/data/attributes/api-version"),
            (json!({ "name": "x", "api-key-inflection": "pascal" }), "/data/attributes/api-key-inflection"),
            (json!({ "name": "x", "permissions": ["event.read", "event.fly"] }), "/data/attributes/permissions/1"),
            (json!({ "name": "x", "ip-address-allowlist": [] }), "/data/attributes/ip-address-allowlist"),
            (json!({ "name": "x", "ip-address-allowlist": ["*", "here"] }), "/data/attributes/ip-address-allowlist/1"),
            (json!({ "name": "x", "api-attributes-blocklist": ["tags", "a b"] }), "/data/attributes/api-attributes-blocklist/1"),
            (json!({ "name": "x", "api-attributes-blocklist": vec!["a"; 201] }), "/data/attributes/api-attributes-blocklist"),
            (json!({ "name": "x", "file-access-token-expires-in": 0 }), "/data/attributes/file-access-token-expires-in"),
            (json!({ "name": "x", "file-access-token-expires-in": 259_201 }), "/data/attributes/file-access-token-expires-in"),
            (json!({ "name": "x", "file-access-token-expires-in": -1 }), "/data/attributes/file-access-token-expires-in"),
        ];
        for (wishes, pointer) in table {
            let reply = create(&app, wishes.clone()).await;
            assert_eq!((reply.status, reply.at("/errors/0/source/pointer")), (422, &json!(pointer)), "{wishes}");
        }
        assert_eq!(app.get("/api-keys").await.ids().len(), 1, "only the key of the test is there");
    }

    async fn a_copy_has_everything_but_the_value(db: TestDb) {
        let app = TestApp::start(db).await;
        let wishes = json!({ "name": "Original", "note": "n", "permissions": ["event.read"], "api-attributes-blocklist": ["tags"],
            "ip-address-allowlist": ["127.0.0.1"], "file-access-token-expires-in": 60, "api-key-inflection": "snake" });
        let original = create(&app, wishes).await;
        app.post(&format!("/api-keys/{}/expire", original.id()), json!({ "meta": { "expires-in-seconds": 60 } })).await.good();
        let copy = app.request(Method::POST, &format!("/api-keys/{}/clone", original.id())).send().await;

        assert_eq!(copy.status, 200, "{}", copy.text());
        assert_ne!(copy.id(), original.id());
        assert_ne!(value(&copy), value(&original));
        let shown = async |id: &str| {
            let mut attributes = app.get(&format!("/api-keys/{id}")).await.at("/data/attributes").clone();
            attributes["created-at"] = Value::Null;
            attributes
        };
        assert_eq!(shown(copy.id()).await, shown(original.id()).await);
        assert_eq!(app.request(Method::GET, "/events").key(value(&copy)).send().await.status, 200);
        let renamed = app.post(&format!("/api-keys/{}/clone", original.id()), attributes(json!({ "name": "x" }))).await;
        assert_eq!(renamed.problem(),
            "400 Bad Request: data.attributes.name cannot be set here: update the API key instead");
        app.advance(std::time::Duration::from_secs(61));
        assert_eq!(app.request(Method::GET, "/events").key(value(&copy)).send().await.status, 401);
        let late = app.post(&format!("/api-keys/{}/clone", original.id()), json!({})).await;
        assert_eq!(late.problem(),
            "409 Conflict: The API key has expired: a copy of it would not work either; create a new one");
    }

    /// Whoever has the database, and its master key, and all of a day's requests, still has no secret.
    async fn the_value_is_nowhere_at_rest_and_a_repeated_request_does_not_show_it(db: TestDb) {
        let app = TestApp::start(db).await;
        let body = attributes(json!({ "name": "Once" }));
        let send = async |path: &str, body: &Value| {
            app.request(Method::POST, path).header("Idempotency-Key", path).json(body).send().await
        };
        let made = send("/api-keys", &body).await;
        let path = format!("/api-keys/{}/clone", made.id());
        let copied = send(&path, &json!({})).await;

        for (first, again) in [(&made, send("/api-keys", &body).await), (&copied, send(&path, &json!({})).await)] {
            assert_eq!((again.status, again.id()), (first.status, first.id()));
            assert_eq!(again.at("/data/attributes/value"), &Value::Null, "{}", again.text());
            let mut expected = first.at("/data").clone();
            expected["attributes"].as_object_mut().unwrap().remove("value");
            assert_eq!(again.at("/data"), &expected);
        }
        assert_eq!(app.get("/api-keys").await.ids().len(), 3);
        let dump = app.dump();
        for secret in [value(&made), value(&copied), &app.tenant.key] {
            let random = secret.rsplit('_').next().unwrap();
            assert!(!dump.windows(random.len()).any(|bytes| bytes == random.as_bytes()), "a secret is at rest");
        }
        assert!(dump.windows(4).any(|bytes| bytes == b"Once"), "the search can find something");
    }

    async fn keys_of_another_environment_do_not_exist(db: TestDb) {
        let app = TestApp::start(db).await;
        let stranger = app.second_environment().await;
        let theirs = app.request(Method::POST, "/api-keys").key(&stranger.key)
            .json(&attributes(json!({ "name": "Theirs" }))).send().await;
        for id in [theirs.id(), "api_111111111111111111111111", "nonsense"] {
            assert_eq!(app.get(&format!("/api-keys/{id}")).await.status, 404, "{id}");
            assert_eq!(app.patch(&format!("/api-keys/{id}"), attributes(json!({ "name": "x" }))).await.status, 404, "{id}");
            assert_eq!(app.post(&format!("/api-keys/{id}/clone"), json!({})).await.status, 404, "{id}");
            let expiry = json!({ "meta": { "expires-in-seconds": 0 } });
            assert_eq!(app.post(&format!("/api-keys/{id}/expire"), expiry).await.status, 404, "{id}");
        }
        assert_eq!(app.request(Method::GET, "/accounts").key(value(&theirs)).send().await.status, 200);
    }

    /// The scopes of API keys are never part of a default.
    async fn a_key_by_default_knows_nothing_of_keys(db: TestDb) {
        let app = TestApp::start(db).await;
        let key = app.key_with(|key| key.permissions = Grants::by_default()).await;
        let reply = app.request(Method::GET, "/api-keys").key(&key).send().await;
        assert_eq!(reply.problem(), "403 Forbidden: This API key does not have the permission api_key.read");
        let reply = app.request(Method::POST, "/api-keys").key(&key).json(&attributes(json!({ "name": "x" }))).send().await;
        assert_eq!(reply.problem(), "403 Forbidden: This API key does not have the permission api_key.write");
    }
}
