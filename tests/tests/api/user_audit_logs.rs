//! What people did with Muster, and API keys with other API keys.

use std::time::Duration;

use hyper::Method;
use muster_app::user_audit_logs::{self, Operator};
use muster_domain::{IdSource, OrganizationId, Timestamp};
use muster_testkit::{Reply, Tenant, TestApp, TestDb, on_both};
use serde_json::{Value, json};

use crate::bodies::attributes;

const LOGIN: &str = "ingrid.aasen";

/// Records a command of somebody with that login.
async fn command(app: &TestApp, organization: &OrganizationId, login: &str, path: &'static str) {
    app.advance(Duration::from_millis(1));
    let (master, organization, now) = (app.app.master.clone(), organization.clone(), app.now());
    let operator = Operator { login: login.to_owned(), program: "muster/0.0.0".to_owned() };
    let params = json!({ "data": { "type": "organization", "id": organization.as_str() } });
    let recorded = app.app.db.write("test", move |tx| {
        let ids = &mut IdSource::random(now);
        let command = (path, params.clone());
        user_audit_logs::record_command(tx, (&master, &organization), &operator, command, (ids, now))
    });
    recorded.await.unwrap();
}

async fn get(app: &TestApp, tenant: &Tenant, path: &str) -> Reply {
    app.request(Method::GET, path).key(&tenant.key).send().await
}

fn paths(reply: &Reply) -> Vec<&str> {
    let all = reply.at("/data").as_array().unwrap().iter();
    all.map(|entry| entry["attributes"]["path"].as_str().unwrap()).collect()
}

/// Forgets everything older than this.
async fn prune(app: &TestApp, organization: &OrganizationId, before: Timestamp) -> u64 {
    let organization = organization.clone();
    let pruned = app.app.db.write("test", move |tx| user_audit_logs::prune(tx, &organization, before, 100));
    pruned.await.unwrap()
}

on_both! {
    async fn a_command_is_told_with_its_user(db: TestDb) {
        let app = TestApp::start(db).await;
        let production = app.sibling_environment().await;
        command(&app, &production.organization, LOGIN, "admin/create-key").await;
        let at = app.now();
        let listed = get(&app, &production, "/user-audit-logs").await;
        let id = listed.ids()[0].to_owned();
        assert!(id.starts_with("ual_"));
        let one = get(&app, &production, &format!("/user-audit-logs/{id}?include=user")).await;

        assert_eq!(one.at("/data"), listed.at("/data/0"));
        assert_eq!(one.at("/data/attributes"), &json!({
            "path": "/cli/admin/create-key", "method": "POST", "get-params": {},
            "post-params": { "data": { "type": "organization", "id": production.organization.as_str() } },
            "ip-address": "127.0.0.1", "user-agent": "muster/0.0.0", "response-status": 200,
            "created-at": at.to_rfc3339_millis(), "impersonator-email-address": null, "context": {},
        }));
        assert!(one.text_at("/data/relationships/user-session/data/id").starts_with("uses_"));
        let user = one.text_at("/data/relationships/user/data/id");
        assert_eq!(one.at("/included"), &json!([{ "type": "user", "id": user, "attributes": { "name-first": LOGIN } }]));
        assert!(listed.at("/included").is_null());
        assert!(get(&app, &production, &format!("/user-audit-logs/{id}")).await.at("/included").is_null());
        assert_eq!(get(&app, &production, "/user-audit-logs?include=user").await.status, 400);
    }

    async fn everybody_is_one_user_and_every_command_a_session(db: TestDb) {
        let app = TestApp::start(db).await;
        let production = app.sibling_environment().await;
        for login in [LOGIN, "ola", LOGIN] {
            command(&app, &production.organization, login, "types/apply").await;
        }
        let listed = get(&app, &production, "/user-audit-logs").await;
        let id = |n: usize, kind: &str| listed.text_at(&format!("/data/{n}/relationships/{kind}/data/id")).to_owned();
        assert_eq!(id(0, "user"), id(2, "user"));
        assert_ne!(id(0, "user"), id(1, "user"));
        assert_ne!(id(0, "user-session"), id(2, "user-session"));
    }

    async fn what_keys_do_with_keys_is_told_with_the_key(db: TestDb) {
        let app = TestApp::start(db).await;
        let production = app.sibling_environment().await;
        let send = async |method: Method, path: &str, body: Value| {
            app.request(method, path).key(&app.tenant.key).json(&body).send().await
        };
        let acting = app.get("/api-keys").await.ids()[0].to_owned();
        let made = send(Method::POST, "/api-keys", attributes(json!({ "name": "A", "note": "Call Ingrid" }))).await;
        let path = format!("/api-keys/{}", made.id());
        send(Method::PATCH, &path, attributes(json!({ "name": "B", "note": null }))).await.good();
        send(Method::PATCH, &path, attributes(json!({ "name": "B" }))).await.good();
        let copy = send(Method::POST, &format!("{path}/clone"), json!({})).await;
        let expired = send(Method::POST, &format!("{path}/expire"), json!({ "meta": { "expires-in-seconds": 0 } })).await;
        send(Method::POST, &format!("{path}/expire"), json!({ "meta": { "expires-in-seconds": 0 } })).await;
        send(Method::POST, "/api-keys", attributes(json!({ "name": "" }))).await;

        let listed = get(&app, &production, "/user-audit-logs").await;
        let (own, full) = (format!("/api/v1{path}"), |end: &str| format!("/api/v1{path}{end}"));
        assert_eq!(paths(&listed), [&full("/expire"), &full("/clone"), &own, "/api/v1/api-keys"]);
        let told = |n: usize, pointer: &str| listed.at(&format!("/data/{n}/attributes/{pointer}")).clone();
        assert_eq!(told(3, "post-params/data/attributes/permissions"), json!(["*"]));
        assert_eq!([told(3, "response-status"), told(3, "method"), told(2, "method")], [json!(201), json!("POST"), json!("PATCH")]);
        assert_eq!(told(2, "post-params/data/attributes"), json!({ "name": "B", "note": "[FILTERED]" }));
        assert_eq!(told(1, "post-params/data/id"), json!(copy.id()));
        assert_eq!(told(1, "post-params/data/attributes/cloned-from"), json!(made.id()));
        assert_eq!(told(0, "post-params/data/attributes"), json!({ "expires-at": expired.at("/data/attributes/expires-at") }));
        for n in 0..4 {
            assert_eq!(told(n, "context/api-key-id"), json!(acting));
            assert!(told(n, "context/request-id").as_str().unwrap().starts_with("req_"));
            assert_eq!(listed.at(&format!("/data/{n}/relationships")), &json!({}));
        }
        assert_eq!(told(3, "context/request-id"), json!(made.header("request-id")));
        for secret in [made.text_at("/data/attributes/value"), copy.text_at("/data/attributes/value"), "Ingrid"] {
            assert!(!listed.text().contains(secret));
        }
        let one = get(&app, &production, &format!("/user-audit-logs/{}?include=user", listed.ids()[0])).await;
        assert_eq!(one.at("/included"), &json!([]), "nobody to include");
    }

    async fn a_sandbox_is_told_why_it_sees_nothing(db: TestDb) {
        let app = TestApp::start(db).await;
        let production = app.sibling_environment().await;
        command(&app, &production.organization, LOGIN, "types/apply").await;
        let id = get(&app, &production, "/user-audit-logs").await.ids()[0].to_owned();
        for path in ["/user-audit-logs", &format!("/user-audit-logs/{id}"), "/user-audit-logs/ual_111111111111111111111111"] {
            assert_eq!(app.get(path).await.problem(), "403 Forbidden: User audit logs belong to the whole organization: \
                use an API key of its production environment", "{path}");
        }
        for id in ["ual_111111111111111111111111", "nonsense"] {
            assert_eq!(get(&app, &production, &format!("/user-audit-logs/{id}")).await.status, 404, "{id}");
        }
    }

    async fn entries_are_listed_newest_first_page_by_page(db: TestDb) {
        let app = TestApp::start(db).await;
        let production = app.sibling_environment().await;
        let stranger = app.second_environment().await;
        for path in ["a", "b", "c", "d", "e"] {
            command(&app, &production.organization, LOGIN, path).await;
            command(&app, &stranger.organization, LOGIN, "theirs").await;
        }
        let first = get(&app, &production, "/user-audit-logs?page[size]=2").await;
        assert_eq!(paths(&first), ["/cli/e", "/cli/d"]);
        let second = get(&app, &production, first.text_at("/links/next")).await;
        assert_eq!(paths(&second), ["/cli/c", "/cli/b"]);
        assert_eq!(paths(&get(&app, &production, second.text_at("/links/prev")).await), ["/cli/e", "/cli/d"]);
        let last = get(&app, &production, second.text_at("/links/next")).await;
        assert_eq!(paths(&last), ["/cli/a"]);
        assert!(last.at("/links/next").is_null());
    }

    async fn what_is_too_old_is_forgotten(db: TestDb) {
        let app = TestApp::start(db).await;
        let production = app.sibling_environment().await;
        let stranger = app.second_environment().await;
        command(&app, &production.organization, LOGIN, "old").await;
        command(&app, &stranger.organization, LOGIN, "theirs").await;
        app.advance(Duration::from_secs(1));
        let now = app.now();
        command(&app, &production.organization, LOGIN, "new").await;

        assert_eq!(prune(&app, &production.organization, now).await, 2, "an entry and its session");
        assert_eq!(prune(&app, &production.organization, now).await, 0);
        assert_eq!(paths(&get(&app, &production, "/user-audit-logs").await), ["/cli/new"]);
        assert_eq!(prune(&app, &stranger.organization, now).await, 2, "theirs was still there");
    }

    /// The name of a login is somebody's name.
    async fn nobody_is_named_at_rest(db: TestDb) {
        let app = TestApp::start(db).await;
        let production = app.sibling_environment().await;
        command(&app, &production.organization, LOGIN, "admin/create-key").await;
        let dump = app.dump();
        let holds = |text: &str| dump.windows(text.len()).any(|bytes| bytes == text.as_bytes());
        assert!(!holds(LOGIN), "the login is at rest in the clear");
        assert!(holds("/cli/admin/create-key"), "the search can find something");
    }
}
