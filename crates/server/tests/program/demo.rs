//! `serve --demo`: what it writes, and that a second start finds it again.

use std::os::unix::fs::PermissionsExt;

use muster_client::{NewAccount, Value, json};
use muster_testkit::{TestDb, on_both};

use crate::program::{Server, stdout};

on_both! {
    /// Two starts, one installation.
    async fn a_second_start_finds_its_data_again(db: TestDb) {
        let data = tempfile::tempdir().unwrap();
        let first = Server::start(data.path(), &db.url());
        let new = NewAccount::new().reference_id("kept").field("name", json!({ "first": "Ada" }));
        first.client().accounts().create(&new).await.unwrap();
        let key = first.key.clone();
        assert!(first.stop(), "Ctrl-C must end it well");

        let second = Server::start(data.path(), &db.url());
        assert_eq!(second.key, key);
        let found = second.client().accounts().list().reference_ids(["kept"]).all().await.unwrap();
        assert_eq!(found[0].text("name.first"), Some("Ada"));
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
    let types = server.client().account_types();
    for (id, name) in [("account-type-id", "User"), ("business-account-type-id", "Business")] {
        assert_eq!(types.retrieve(facts[id].as_str().unwrap()).await.unwrap().name, name);
    }
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
    let accounts = server.client().accounts();
    assert_eq!(accounts.list().all().await.unwrap(), []);
    let refused = accounts.create(&NewAccount::new()).await.unwrap_err();
    assert_eq!(refused.status(), Some(403), "the key may only read");
}
