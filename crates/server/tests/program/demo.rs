//! `serve --demo`: what it writes, and that a second start finds it again.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use muster_client::{NewAccount, Value, json};
use muster_testkit::{TestDb, on_both};

use crate::program::{Server, muster, stdout};

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
    let templates = server.client().inquiry_templates();
    let template = templates.retrieve(facts["inquiry-template-id"].as_str().unwrap()).await.unwrap();
    assert_eq!(template.name, "Demo");
    let version = facts["inquiry-template-version-id"].as_str().unwrap();
    assert_eq!(template.latest_published_version_id.as_deref(), Some(version));
    let verifications = templates.retrieve_version(version).await.unwrap().verification_template_ids;
    for fact in ["verification-template-id", "verification-template-id/document"] {
        assert!(verifications.iter().any(|id| facts[fact] == **id), "{fact} of {verifications:?}");
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

#[tokio::test]
async fn the_demo_has_a_key_for_everything_and_one_for_production() {
    let data = tempfile::tempdir().unwrap();
    let database = format!("sqlite:{}", data.path().join("muster.sqlite3").display());
    let server = Server::start(data.path(), &database);
    let facts = facts(data.path());
    assert_eq!(server.client().api_keys().list().all().await.unwrap().len(), 1);
    let production = facts["production-api-key"].as_str().unwrap();
    assert!(production.starts_with("muster_production_"), "{production}");
    assert!(!server.said.contains(production), "only the file tells it");
    assert!(server.stop());

    let server = Server::start_with_key(data.path(), production);
    let entries = server.client().user_audit_logs().list().all().await.unwrap();
    let paths: Vec<&str> = entries.iter().map(|entry| entry.path.as_str()).collect();
    let expected = [
        "/cli/serve/demo/apply-template",
        "/cli/serve/demo/create-key",
        "/cli/serve/demo/create-key",
        "/cli/serve/demo/create-organization",
    ];
    assert_eq!(paths, expected);
    assert!(!serde_json::to_string(&entries).unwrap().contains(production));
}

/// What an older Muster called unrestricted is less than everything now.
#[tokio::test]
async fn a_demo_key_that_lacks_scopes_is_replaced() {
    let data = tempfile::tempdir().unwrap();
    let path = data.path().join("muster.sqlite3");
    let database = format!("sqlite:{}", path.display());
    let first = Server::start(data.path(), &database);
    let old = first.key.clone();
    assert!(first.stop());
    let environment = stdout(&["admin", "list", "--data", folder(data.path()), "--database", &database]);
    let environment =
        environment.split_whitespace().find(|word| word.starts_with("env_")).unwrap().to_owned();
    let line = ["admin", "create-key", &environment, "--data", folder(data.path()), "--database", &database];
    let lesser = stdout(&line);
    let file = data.path().join("demo.json");
    let text = std::fs::read_to_string(&file).unwrap().replace(&old, lesser.trim());
    std::fs::write(&file, text).unwrap();

    let second = Server::start(data.path(), &database);
    assert!(second.key != lesser.trim() && second.key != old);
    second.client().api_keys().list().send().await.unwrap();
}

#[tokio::test]
async fn every_command_that_changes_something_is_told() {
    let data = tempfile::tempdir().unwrap();
    let folder = folder(data.path());
    let organization = stdout(&["admin", "create-organization", "Example Ltd", "--data", folder]);
    let organization = organization.trim();
    let environment = stdout(&["admin", "create-environment", organization, "production", "--data", folder]);
    let scopes = "*,api_key.read,api_key.write";
    let line = ["admin", "create-key", environment.trim(), "--permissions", scopes, "--data", folder];
    let key = stdout(&line);
    let ty = data.path().join("type.toml");
    std::fs::write(&ty, "name = \"Customer\"\n").unwrap();
    for _ in 0..2 {
        stdout(&["types", "apply", ty.to_str().unwrap(), "--data", folder]);
    }
    stdout(&["types", "diff", ty.to_str().unwrap(), "--data", folder]);

    let told = muster(&["admin", "audit", "--data", folder]).env("SUDO_USER", "ingrid").output().unwrap();
    let told = String::from_utf8(told.stdout).unwrap();
    let paths: Vec<&str> = told.split_whitespace().filter(|word| word.starts_with("/cli/")).collect();
    let commands =
        ["types/apply", "admin/create-key", "admin/create-environment", "admin/create-organization"];
    assert_eq!(paths, commands.map(|command| format!("/cli/{command}")), "{told}");
    assert!(told.contains(r#""permissions":["*","api_key.read","api_key.write"]"#), "{told}");
    assert!(!told.contains(key.trim()));
    let server = Server::start_with_key(data.path(), key.trim());
    assert_eq!(server.client().api_keys().list().all().await.unwrap().len(), 1);
}

fn folder(data: &Path) -> &str {
    data.to_str().unwrap()
}

fn facts(data: &Path) -> Value {
    serde_json::from_slice(&std::fs::read(data.join("demo.json")).unwrap()).unwrap()
}
