//! `serve --demo`: what it writes, and that a second start finds it again.

use std::os::unix::fs::PermissionsExt;

use hyper::Method;
use muster_testkit::{TestDb, on_both};
use serde_json::Value;

use crate::program::{Server, stdout};

on_both! {
    /// Two starts, one installation.
    async fn a_second_start_finds_its_data_again(db: TestDb) {
        let data = tempfile::tempdir().unwrap();
        let first = Server::start(data.path(), &db.url());
        let body = r#"{"data":{"attributes":{"reference-id":"kept","name-first":"Ada"}}}"#;
        let (status, _) = first.send(Method::POST, "/accounts", None, body).await.unwrap();
        assert_eq!(status, 201);
        let key = first.key.clone();
        assert!(first.stop(), "Ctrl-C must end it well");

        let second = Server::start(data.path(), &db.url());
        assert_eq!(second.key, key);
        let found = second.get("/accounts?filter[reference-id]=kept").await;
        assert_eq!(found["data"][0]["attributes"]["fields"]["name"]["value"]["first"]["value"], "Ada");
    }
}

#[tokio::test]
async fn demo_json_is_for_its_owner_and_names_what_there_is() {
    let data = tempfile::tempdir().unwrap();
    let database = format!("sqlite:{}", data.path().join("demo.sqlite3").display());
    let server = Server::start(data.path(), &database);
    let file = data.path().join("demo.json");
    assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    let key = data.path().join("master.key");
    assert_eq!(std::fs::metadata(key).unwrap().permissions().mode() & 0o777, 0o600);

    let facts: Value = serde_json::from_slice(&std::fs::read(file).unwrap()).unwrap();
    let ty = server.get(&format!("/account-types/{}", facts["account-type-id"].as_str().unwrap())).await;
    assert_eq!(ty["data"]["attributes"]["name"], "User");
    let id = facts["business-account-type-id"].as_str().unwrap();
    assert_eq!(server.get(&format!("/account-types/{id}")).await["data"]["attributes"]["name"], "Business");
    let listed = stdout(&["admin", "list", "--data", data.path().to_str().unwrap(), "--database", &database]);
    assert!(listed.contains("sandbox") && listed.contains("production"), "{listed}");
}

#[tokio::test]
async fn an_installation_is_set_up_by_hand() {
    let data = tempfile::tempdir().unwrap();
    let folder = data.path().to_str().unwrap();
    let organization = stdout(&["admin", "create-organization", "Example Ltd", "--data", folder]);
    let environment =
        stdout(&["admin", "create-environment", organization.trim(), "production", "--data", folder]);
    let scopes = ["--permissions", "account.read"];
    let line = ["admin", "create-key", environment.trim(), scopes[0], scopes[1], "--data", folder];
    let key = stdout(&line);
    assert!(key.starts_with("muster_production_"), "{key}");
    let server = Server::start_with_key(data.path(), key.trim());
    assert_eq!(server.get("/accounts").await["data"], serde_json::json!([]));
    let (status, _) = server.send(Method::POST, "/accounts", None, "{}").await.unwrap();
    assert_eq!(status, 403, "the key may only read");
}
