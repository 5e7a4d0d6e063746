//! API keys: who asks, from where, and what it may.

use std::time::Duration;

use hyper::Method;
use muster_domain::{Grants, Permission};
use muster_testkit::{Reply, TestApp, TestDb, on_both};
use serde_json::json;

use crate::bodies::reference;

const NO_KEY: &str = "401 Must be authenticated to access this endpoint";
const BAD_KEY: &str = "401 Token is invalid";

async fn with_authorization(app: &TestApp, value: Option<&str>) -> Reply {
    app.request(Method::GET, "/accounts").authorization(value).send().await
}

on_both! {
    async fn nobody_gets_in_without_a_key(db: TestDb) {
        let app = TestApp::start(db).await;
        let key = app.tenant.key.clone();
        let basic = format!("Basic {key}");
        let table = [
            (None, NO_KEY),
            (Some(""), NO_KEY),
            (Some("Bearer"), NO_KEY),
            (Some("Bearer   "), NO_KEY),
            (Some(basic.as_str()), NO_KEY),
            (Some(key.as_str()), NO_KEY),
            (Some("Bearer muster_sandbox_11111111111111111111111111111111"), BAD_KEY),
            (Some("Bearer ' OR 1=1 --"), BAD_KEY),
        ];
        for (value, problem) in table {
            let reply = with_authorization(&app, value).await;
            assert_eq!(reply.problem(), problem, "{value:?}");
            for header in ["request-id", "persona-environment-id", "persona-organization-id", "ratelimit-limit"] {
                assert_eq!(reply.header(header), "", "a 401 tells nothing: {header}");
            }
        }
        assert_eq!(with_authorization(&app, Some(&format!("Bearer {key}x"))).await.problem(), BAD_KEY);
    }

    async fn white_space_and_case_around_the_key_do_not_matter(db: TestDb) {
        let app = TestApp::start(db).await;
        let key = &app.tenant.key;
        for value in [format!("Bearer {key}  "), format!("bearer   {key}"), format!("BEARER\t{key}")] {
            assert_eq!(with_authorization(&app, Some(&value)).await.status, 200, "{value}");
        }
    }

    async fn a_key_expires(db: TestDb) {
        let app = TestApp::start(db).await;
        let expires_at = app.now() + Duration::from_secs(60);
        let key = app.key_with(|key| key.expires_at = Some(expires_at)).await;
        let get = async || app.request(Method::GET, "/accounts").key(&key).send().await.problem();

        assert_eq!(get().await, "200 ");
        app.advance(Duration::from_secs(59));
        assert_eq!(get().await, "200 ");
        app.advance(Duration::from_secs(1));
        assert_eq!(get().await, BAD_KEY);
    }

    async fn a_key_works_only_from_its_addresses(db: TestDb) {
        let app = TestApp::start(db).await;
        let table: [(&[&str], u16); 4] =
            [(&["127.0.0.1"], 200), (&["192.0.2.0/24", "127.0.0.0/8"], 200), (&["192.0.2.7"], 403), (&[], 403)];
        for (addresses, status) in table {
            let list = addresses.iter().map(|text| (*text).to_owned()).collect();
            let key = app.key_with(|key| key.ip_allowlist = list).await;
            let reply = app.request(Method::POST, "/accounts").key(&key).json(&json!({})).send().await;
            if status == 403 {
                assert_eq!(reply.problem(),
                    "403 Forbidden: IP address is not permitted access to current environment");
                assert!(reply.header("request-id").starts_with("req_"));
            } else {
                assert_eq!(reply.status, 201, "{addresses:?}");
            }
        }
        assert_eq!(app.events().await.len(), 2);
    }

    async fn a_key_may_what_its_scopes_say(db: TestDb) {
        let app = TestApp::start(db).await;
        let reader = app.key_with(|key| key.permissions = Grants::from_iter([Permission::AccountRead])).await;
        let writer = app.key_with(|key| key.permissions = Grants::from_iter([Permission::AccountWrite])).await;
        let none = app.key_with(|key| key.permissions = Grants::default()).await;
        let read = async |key: &str| app.request(Method::GET, "/accounts").key(key).send().await.problem();
        let write = async |key: &str| {
            app.request(Method::POST, "/accounts").key(key).json(&reference("u-1")).send().await.problem()
        };

        assert_eq!(read(&reader).await, "200 ");
        assert_eq!(write(&reader).await, "403 Forbidden: This API key does not have the permission account.write");
        assert_eq!(read(&writer).await, "403 Forbidden: This API key does not have the permission account.read");
        assert_eq!(read(&none).await, "403 Forbidden: This API key does not have the permission account.read");
        assert_eq!(app.events().await, Vec::<String>::new());
        assert_eq!(write(&writer).await, "201 ");
    }

    async fn a_key_opens_one_environment(db: TestDb) {
        let app = TestApp::start(db).await;
        let other = app.second_environment().await;
        app.post("/accounts", reference("u-1")).await.good();

        let reply = app.request(Method::GET, "/accounts").key(&other.key).send().await;

        assert_eq!(reply.at("/data"), &json!([]));
        assert_eq!(reply.header("persona-environment-id"), other.environment.as_str());
        assert_eq!(reply.header("persona-organization-id"), other.organization.as_str());
    }

    async fn what_does_not_exist_is_said_in_json(db: TestDb) {
        let app = TestApp::start(db).await;
        let table = [
            (Method::GET, "/nonsense", 404),
            (Method::GET, "/accounts/", 404),
            (Method::GET, "/accounts/act_111111111111111111111111/nonsense", 404),
            (Method::PUT, "/accounts", 405),
            (Method::DELETE, "/events", 405),
        ];
        for (method, path, status) in table {
            let reply = app.request(method.clone(), path).send().await;
            assert_eq!(reply.status, status, "{method} {path}");
            assert!(reply.at("/errors/0/title").is_string(), "{method} {path}");
            assert_eq!(reply.header("content-type"), "application/json; charset=utf-8", "{method} {path}");
        }
    }
}
