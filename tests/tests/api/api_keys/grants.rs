//! No key gives away what it does not have, nor gets hold of it.

use hyper::Method;
use muster_app::keys::NewApiKey;
use muster_domain::Grants;
use muster_testkit::{Reply, TestApp, TestDb, on_both};
use serde_json::{Value, json};

use crate::bodies::attributes;

fn with(names: &'static [&'static str]) -> impl FnOnce(&mut NewApiKey) {
    move |key| key.permissions = Grants::parse(names).unwrap()
}

async fn send(app: &TestApp, key: &str, method: Method, path: &str, wishes: Value) -> Reply {
    app.request(method, path).key(key).json(&attributes(wishes)).send().await
}

/// Where the key with this name is.
async fn path_of(app: &TestApp, name: &str) -> String {
    format!("/api-keys/{}", app.get(&format!("/api-keys?filter[name]={name}")).await.ids()[0])
}

on_both! {
    async fn a_key_passes_on_what_it_has_and_no_more(db: TestDb) {
        let app = TestApp::start(db).await;
        let few = app.key_with(with(&["api_key.write", "event.read"])).await;
        let star = app.key_with(with(&["*", "api_key.write"])).await;
        let create = async |key: &str, wishes: Value| send(&app, key, Method::POST, "/api-keys", wishes).await.problem();
        let refused = |what: &str| format!(
            "422 Record invalid: permissions cannot be given: this API key itself lacks the permission {what} \
             (/data/attributes/permissions)");
        let future = refused("* (all that are granted by default, future ones too)");
        let all: Vec<&str> = Grants::by_default().spelled_out().iter().map(|scope| scope.as_str()).collect();
        let spelled = app.post("/api-keys", attributes(json!({ "name": "x", "permissions": ([&all[..], &["api_key.write"]].concat()) }))).await;

        for (key, permissions, problem) in [
            (few.as_str(), json!(["event.read", "api_key.write"]), "201 ".to_owned()),
            (&few, json!([]), "201 ".to_owned()),
            (&few, json!(["event.read", "account.read"]), refused("account.read")),
            (&few, json!(["*"]), refused("account.read")),
            (&few, json!(["api_key.read"]), refused("api_key.read")),
            (&star, json!(["*", "api_key.write"]), "201 ".to_owned()),
            (&star, json!(["*", "api_key.read"]), refused("api_key.read")),
            (spelled.text_at("/data/attributes/value"), json!(all), "201 ".to_owned()),
            (spelled.text_at("/data/attributes/value"), json!(["*"]), future),
        ] {
            let wishes = json!({ "name": "x", "permissions": permissions });
            assert_eq!(create(key, wishes.clone()).await, problem, "{wishes}");
        }
        assert_eq!(create(&few, json!({ "name": "x" })).await, refused("account.read"), "the default is more than it has");
        assert_eq!(create(&star, json!({ "name": "x" })).await, "201 ");
    }

    async fn a_key_cannot_widen_itself(db: TestDb) {
        let app = TestApp::start(db).await;
        let key = app.key_with(|key| {
            key.name = "Own".into();
            key.permissions = Grants::parse(&["api_key.write", "event.read"]).unwrap();
            key.ip_allowlist = vec!["127.0.0.0/16".into()];
            key.blocklist = vec!["name-*".into()];
        }).await;
        let path = path_of(&app, "Own").await;
        let patch = async |wishes: Value| send(&app, &key, Method::PATCH, &path, wishes).await;
        for (wishes, member) in [
            (json!({ "permissions": ["api_key.write", "account.read"] }), "permissions"),
            (json!({ "permissions": ["*"] }), "permissions"),
            (json!({ "ip-address-allowlist": ["*"] }), "ip-address-allowlist"),
            (json!({ "ip-address-allowlist": ["127.0.0.0/8"] }), "ip-address-allowlist"),
            (json!({ "api-attributes-blocklist": [] }), "api-attributes-blocklist"),
            (json!({ "api-attributes-blocklist": ["name-*", "!name-first"] }), "api-attributes-blocklist"),
        ] {
            let reply = patch(wishes.clone()).await;
            let pointer = format!("/data/attributes/{member}");
            assert_eq!((reply.status, reply.at("/errors/0/source/pointer")), (422, &json!(pointer)), "{wishes}");
        }
        patch(json!({ "api-attributes-blocklist": ["tags", "name-*"], "ip-address-allowlist": ["127.0.0.1"] })).await.good();
        patch(json!({ "permissions": ["api_key.write"] })).await.good();
        assert_eq!(patch(json!({ "permissions": ["api_key.write", "event.read"] })).await.status, 422, "gone is gone");
    }

    /// Otherwise a key that may make keys would be one without limits.
    async fn the_limits_of_a_key_are_those_of_the_keys_it_makes(db: TestDb) {
        let app = TestApp::start(db).await;
        let key = app.key_with(|key| {
            key.ip_allowlist = vec!["127.0.0.0/16".into()];
            key.blocklist = vec!["name-*".into(), "!name-first".into()];
        }).await;
        let create = async |wishes: Value| send(&app, &key, Method::POST, "/api-keys", wishes).await;

        let plain = create(json!({ "name": "x" })).await;
        assert_eq!(plain.at("/data/attributes/ip-address-allowlist"), &json!(["127.0.0.0/16"]));
        assert_eq!(plain.at("/data/attributes/api-attributes-blocklist"), &json!(["name-*", "!name-first"]));
        for (wishes, status) in [
            (json!({ "name": "x", "ip-address-allowlist": ["127.0.0.7", "127.0.3.0/24"] }), 201),
            (json!({ "name": "x", "ip-address-allowlist": ["127.0.0.7", "192.0.2.7"] }), 422),
            (json!({ "name": "x", "api-attributes-blocklist": ["name-*"] }), 201),
            (json!({ "name": "x", "api-attributes-blocklist": ["tags", "name-*", "!name-first"] }), 201),
            (json!({ "name": "x", "api-attributes-blocklist": ["tags"] }), 422),
            (json!({ "name": "x", "api-attributes-blocklist": ["name-*", "!name-last"] }), 422),
        ] {
            assert_eq!(create(wishes.clone()).await.status, status, "{wishes}");
        }
    }

    async fn a_key_touches_none_that_has_more(db: TestDb) {
        let app = TestApp::start(db).await;
        let few = app.key_with(with(&["api_key.write", "event.read"])).await;
        app.key_with(|key| {
            key.name = "More".into();
            key.permissions = Grants::parse(&["event.read", "account.read"]).unwrap();
        }).await;
        app.key_with(|key| { key.name = "Less".into(); key.permissions = Grants::parse(&["event.read"]).unwrap(); }).await;
        let (more, less) = (path_of(&app, "More").await, path_of(&app, "Less").await);
        let refusal = "403 Forbidden: The API key of this request cannot change or copy one that has more than it has: \
                       the permission account.read";
        let expiry = json!({ "meta": { "expires-in-seconds": 5 } });
        for (path, problem) in [(more, refusal), (less, "200 ")] {
            for (method, end, body) in [
                (Method::PATCH, "", attributes(json!({ "note": "n" }))),
                (Method::POST, "/clone", json!({})),
                (Method::POST, "/expire", expiry.clone()),
            ] {
                let reply = app.request(method, &format!("{path}{end}")).key(&few).json(&body).send().await;
                assert_eq!(reply.problem(), problem, "{path}{end}");
            }
        }
        assert_eq!(app.get("/api-keys?filter[name]=More").await.at("/data/0/attributes/note"), &Value::Null);
    }
}
