//! The methods of importers, their files, pipelines and runs.

use std::ops::ControlFlow;
use std::sync::Arc;

use muster_client::{Effect, ImporterPipelineChanges, ImporterPipelineRun, NewImporterRun, Value, json};

use crate::operations::values;
use crate::scene::Scene;

const CUSTOMERS: &str = "customer_id,name\nimport-1,Ines\nimport-2,Jon\n,Nobody\n";

fn config(scene: &Scene) -> Value {
    let key = json!({ "column": "customer_id", "target": "reference-id" });
    let name = json!({ "column": "name", "target": "fields.name.first" });
    json!({ "account-type-id": scene.account_type.id, "mapping": [key, name] })
}

async fn file(scene: &Scene) -> String {
    let file = scene.muster.importer_files().upload("customers.csv", CUSTOMERS.into()).await.unwrap();
    assert!(!format!("{file:?}").contains("customers"), "a file does not print what it is called");
    assert_eq!(file.detected.as_ref().unwrap().columns, ["customer_id", "name"]);
    file.id
}

async fn started(scene: &Scene, effect: Effect) -> ImporterPipelineRun {
    let pipelines = scene.muster.importer_pipelines();
    let pipeline = pipelines.create("CRM", config(scene)).await.unwrap();
    let new = NewImporterRun { effect, reference_id: Some("batch".to_owned()) };
    pipelines.run(&pipeline.id, &file(scene).await, &new).await.unwrap()
}

pub async fn published(scene: &Scene) -> Vec<Value> {
    let importers = scene.muster.importers();
    let made =
        importers.import_accounts("a.csv", "name_first,birthdate\nEve,1990-12-31\nMax,no\n").await.unwrap();
    assert_eq!(made.status, "pending");
    scene.app.run_jobs().await;
    let done = importers.retrieve(&made.id).await.unwrap();
    assert_eq!((done.successful_count, done.error_count), (1, 1), "{done:?}");
    assert!(importers.list().all().await.unwrap().contains(&done));
    let errors = importers.errors(&made.id).all().await.unwrap();
    assert_eq!((errors[0].row_number, errors[0].issues[0].severity.as_str()), (2, "error"));
    let table = importers.errors_csv(&made.id).await.unwrap();
    assert!(String::from_utf8_lossy(&table).contains(r#""Max","no","2""#));
    Vec::new()
}

pub async fn files(scene: &Scene, operation: &str) -> Vec<Value> {
    let files = scene.muster.importer_files();
    let id = file(scene).await;
    let found = files.retrieve(&id).await.unwrap();
    if operation.contains("mapping") {
        let proposed =
            files.propose_mapping(&id, Some(&scene.account_type.id), json!({ "delimiter": "," })).await;
        return values([proposed.unwrap()]);
    }
    values([found])
}

pub async fn pipelines(scene: &Scene, operation: &str) -> Vec<Value> {
    let run = started(scene, Effect::Written).await;
    if operation.starts_with("run-") {
        return values([run]);
    }
    let pipelines = scene.muster.importer_pipelines();
    let found = pipelines.retrieve(&run.importer_pipeline_id).await.unwrap();
    assert!(pipelines.list().all().await.unwrap().contains(&found));
    let changes = ImporterPipelineChanges::new().name("Other").status("inactive").config(config(scene));
    let changed = pipelines.update(&found.id, &changes).await.unwrap();
    assert_eq!((changed.name.as_str(), changed.status.as_str()), ("Other", "inactive"));
    assert!(pipelines.archive(&found.id).await.unwrap().archived_at.is_some());
    values([found, changed])
}

pub async fn runs(scene: &Scene, operation: &str) -> Vec<Value> {
    let runs = scene.muster.importer_pipeline_runs();
    let effect = if operation.starts_with("commit-") { Effect::DryRun } else { Effect::Written };
    let run = started(scene, effect).await;
    match operation.split('-').next().unwrap() {
        "pause" | "resume" => {
            scene.app.app.imports.set_interruption(Some(Arc::new(|_| ControlFlow::Break(()))));
            scene.app.run_jobs().await;
            scene.app.app.imports.set_interruption(None);
            assert_eq!(runs.pause(&run.id).await.unwrap().status, "paused");
            return values([runs.resume(&run.id).await.unwrap()]);
        }
        "cancel" => return values([runs.cancel(&run.id).await.unwrap()]),
        _ => scene.app.run_jobs().await,
    }
    let done = runs.retrieve(&run.id).await.unwrap();
    assert_eq!((done.status.as_str(), done.run_data.error_count), ("completed", 1), "{done:?}");
    let made = match operation.split('-').next().unwrap() {
        "commit" => runs.commit(&run.id, Some("final")).await.unwrap(),
        "undo" => runs.undo(&run.id, &NewImporterRun::default()).await.unwrap(),
        "retry" => runs.retry_failed(&run.id, None).await.unwrap(),
        "redact" => runs.redact(&run.id).await.unwrap(),
        _ => {
            let listed =
                runs.list().pipeline_id(&run.importer_pipeline_id).statuses(["completed"]).all().await;
            assert_eq!(listed.unwrap(), std::slice::from_ref(&done));
            let refused = runs.rows(&run.id).actions(["error"]).codes(["missing_key"]).all().await.unwrap();
            assert_eq!(refused[0].cells.as_ref().unwrap()["name"], "Nobody");
            assert!(!format!("{refused:?}").contains("Nobody"), "a row does not print what it holds");
            assert!(
                String::from_utf8_lossy(&runs.rejects_csv(&run.id).await.unwrap())
                    .contains(r#""Nobody","3","missing_key""#)
            );
            if operation.contains("rows") {
                return values(refused);
            }
            done
        }
    };
    scene.app.run_jobs().await;
    if operation.contains("rejects") { Vec::new() } else { values([made]) }
}
