//! Every operation of the API has a method of the client, and every method calls its operation.

mod accounts;
mod importers;
mod inquiries;
mod inquiry_templates;
mod organization;
mod reports;
mod verifications;

use muster_api::operations;
use muster_client::{Client, ENDPOINTS, Value, json};
use muster_testkit::{TestDb, on_both};
use serde::Serialize;

use crate::scene::Scene;
use crate::schema::{faults, named};

#[test]
fn every_operation_has_a_method_and_every_method_an_operation() {
    let mut wanted: Vec<(&str, &str, &str)> = operations()
        .iter()
        .map(|operation| (operation.id, operation.method.as_str(), operation.path))
        .collect();
    let mut had: Vec<(&str, &str, &str)> =
        ENDPOINTS.iter().map(|endpoint| (endpoint.id, endpoint.method, endpoint.path)).collect();
    wanted.sort_unstable();
    had.sort_unstable();
    let missing: Vec<_> = wanted.iter().filter(|one| !had.contains(one)).collect();
    let nowhere: Vec<_> = had.iter().filter(|one| !wanted.contains(one)).collect();
    assert!(missing.is_empty(), "give the client a method for {missing:?}");
    assert!(nowhere.is_empty(), "the API has no {nowhere:?}");
    assert_eq!(wanted, had);
}

on_both! {
    /// Each method in a world of its own; what comes back is held to the document.
    async fn every_method_calls_its_operation_and_comes_back_typed(db: TestDb) {
        let scene = Scene::start(db).await;
        for operation in operations() {
            let typed = call(&scene, operation.id).await;
            let called = scene.called();
            assert!(called.contains(&operation.id), "{} was to be called, not {called:?}", operation.id);
            for value in typed {
                let found = faults(&named(operation.doc.reply.schema()), &value);
                assert!(found.is_empty(), "{}: {found:#?}", operation.id);
            }
        }
    }
}

/// What came back, as values.
fn values<T: Serialize>(typed: impl IntoIterator<Item = T>) -> Vec<Value> {
    typed.into_iter().map(|one| serde_json::to_value(one).unwrap()).collect()
}

/// Where the values of an account come from.
async fn field_origins(scene: &Scene) -> Vec<Value> {
    let origins = scene.muster.accounts().field_origins(&scene.account).await.unwrap();
    assert!(origins.iter().any(|one| one.field == "risk" && one.actor.is_some()), "{origins:?}");
    values(origins)
}

/// An account as it was, or was not yet.
async fn as_of(scene: &Scene) -> Vec<Value> {
    let accounts = scene.muster.accounts();
    let then = accounts.retrieve_as_of(&scene.other, "2030-01-01").await.unwrap();
    assert_eq!(then.text("name.first"), Some("Tomasz"));
    let missing = accounts.retrieve_as_of(&scene.other, "2001-01-01").await.unwrap_err();
    assert_eq!(missing.status(), Some(404));
    values([then])
}

/// Calls the method of an operation and looks at what comes back. A new operation gets its line here.
async fn call(scene: &Scene, operation: &str) -> Vec<Value> {
    let accounts = scene.muster.accounts();
    let account = scene.account.as_str();
    match operation {
        "list-all-accounts" => accounts::list_accounts(scene).await,
        "create-an-account" => accounts::create(scene).await,
        "retrieve-an-account" => {
            let found = accounts.retrieve(account).await.unwrap();
            assert_eq!((found.id.as_str(), &found.account_type_id), (account, &scene.account_type.id));
            values([found])
        }
        "update-an-account" => accounts::update(scene).await,
        "search-accounts" => accounts::search(scene).await,
        "batch-accounts" => accounts::batch(scene).await,
        "redact-an-account" | "archive-an-account" | "restore-an-account" => accounts::lifecycle(scene).await,
        "runAccountAction" => {
            let refused = accounts.run_action(account, "accac_1", &json!({})).await.unwrap_err();
            assert_eq!(refused.status(), Some(422), "{refused}");
            Vec::new()
        }
        "accounts-add-tag" | "accounts-remove-tag" | "accounts-set-all-tags" => accounts::tags(scene).await,
        "accounts-add-relation" | "accounts-remove-relation" | "accounts-list-all-relations" => {
            accounts::relations(scene).await
        }
        "consolidate-into-an-account" | "preview-a-consolidation" | "unconsolidate-an-account" => {
            accounts::consolidation(scene).await
        }
        "list-the-timeline-of-an-account" => accounts::timeline(scene).await,
        "list-the-field-origins-of-an-account" => field_origins(scene).await,
        "retrieve-an-account-as-of" => as_of(scene).await,
        "list-all-account-types"
        | "retrieve-an-account-type"
        | "create-an-account-type"
        | "update-an-account-type" => organization::account_types(scene, operation).await,
        template if template.contains("inquiry-template") => inquiry_templates::all(scene, operation).await,
        session if session.contains("inquiry-session") => inquiries::sessions(scene, operation).await,
        inquiry if inquiry.contains("inquir") || inquiry == "generate-a-one-time-link" => {
            inquiries::all(scene, operation).await
        }
        "list-all-api-keys"
        | "create-an-api-key"
        | "retrieve-an-api-key"
        | "update-an-api-key"
        | "expire-an-api-key"
        | "clone-api-key" => organization::api_keys(scene, operation).await,
        "list-all-user-audit-logs" | "retrieve-a-user-audit-log" => {
            organization::user_audit_logs(scene).await
        }
        "list-all-api-logs" | "retrieve-an-api-log" => organization::api_logs(scene).await,
        "list-all-rate-limits" => values(scene.muster.rate_limits().list().await.unwrap()),
        verification
            if verification.ends_with("-verification") || verification.ends_with("-verification-as-pdf") =>
        {
            verifications::verifications(scene, verification).await
        }
        "retrieve-a-document" | "retrieve-a-generic-document" | "retrieve-a-government-id-document" => {
            verifications::documents(scene, operation).await
        }
        run if run.contains("importer-pipeline-run") => importers::runs(scene, run).await,
        pipeline if pipeline.contains("importer-pipeline") => importers::pipelines(scene, pipeline).await,
        file if file.contains("importer-file") => importers::files(scene, file).await,
        importer if importer.contains("import") => importers::published(scene).await,
        template if template.contains("report-template") => reports::templates(scene).await,
        report if report.contains("report") || report == "dismiss-matches" => {
            reports::reports(scene, report).await
        }
        "list-all-events" | "retrieve-an-event" => organization::events(scene).await,
        _ => panic!("tests/tests/client/operations.rs: teach `call` to call {operation}"),
    }
}

on_both! {
    /// The key of the client, not the data, decides what is refused; what is refused is told as it is.
    async fn a_refused_key_is_told(db: TestDb) {
        let scene = Scene::start(db).await;
        let stranger = Client::new(scene.muster.base_url(), "muster_sandbox_nobody").unwrap();
        let refused = stranger.accounts().retrieve(&scene.account).await.unwrap_err();
        assert_eq!(refused.to_string(), "401 Token is invalid");
        let odd = scene.muster.accounts().retrieve(&format!("{}?x=y", scene.account)).await.unwrap_err();
        assert_eq!(odd.status(), Some(404), "an ID cannot lead elsewhere: {odd}");
    }
}
