//! Importers: files that become accounts.

mod files;
mod pipelines;
mod published;
mod rows;

use std::ops::ControlFlow;
use std::sync::Arc;

use hyper::Method;
use hyper::body::Bytes;
use muster_testkit::{Reply, TestApp};
use serde_json::{Value, json};

use crate::bodies::attributes;

/// Two customers in a file: their reference IDs, their tags, and a column that is of no use.
pub const CUSTOMERS: &str = "customer_id,segments,remarks\nc-1,vip,tall\nc-2,,short\n";

/// Uploads a file at once.
pub async fn file(app: &TestApp, content: &str) -> String {
    let made = app.post("/importer-files", attributes(json!({ "file": sent(content) }))).await;
    assert_eq!(made.status, 201, "{}", made.text());
    made.id().to_owned()
}

/// A file as a body has it.
pub fn sent(content: &str) -> Value {
    use base64::Engine as _;
    let data = base64::engine::general_purpose::STANDARD.encode(content);
    json!({ "data": data, "filename": "customers.csv" })
}

/// What a pipeline for [`CUSTOMERS`] is told.
pub fn config() -> Value {
    let key = json!({ "column": "customer_id", "target": "reference-id" });
    let tags = json!({ "column": "segments", "target": "tags", "split": ";" });
    json!({ "mapping": [key, tags], "ignore-columns": ["remarks"] })
}

/// Saves a pipeline.
pub async fn pipeline(app: &TestApp, config: Value) -> String {
    let made = app
        .post("/importer-pipelines", attributes(json!({ "name": "CRM", "pipeline-config": config })))
        .await;
    assert_eq!(made.status, 201, "{}", made.text());
    made.id().to_owned()
}

/// Starts a run of a pipeline.
pub async fn run(app: &TestApp, pipeline: &str, body: Value) -> Reply {
    app.post(&format!("/importer-pipelines/{pipeline}/run"), attributes(body)).await
}

/// Sends a part of a file.
pub async fn put_part(app: &TestApp, file: &str, number: &str, content: impl Into<Bytes>) -> Reply {
    let path = format!("/importer-files/{file}/parts/{number}");
    let request = app.request(Method::PUT, &path).header("content-type", "application/octet-stream");
    request.body_bytes(content).send().await
}

/// Makes what an ID is an ID of, for the examples of the documentation.
pub async fn make(app: &TestApp, kind: &str) -> String {
    match kind {
        "importer-file-id" => file(app, CUSTOMERS).await,
        "importer-pipeline-id" => pipeline(app, config()).await,
        "importer-pipeline-run-id" => {
            let (pipeline, file) = (pipeline(app, config()).await, file(app, CUSTOMERS).await);
            run(app, &pipeline, json!({ "file-id": file })).await.id().to_owned()
        }
        _ => {
            let made = app
                .post("/importer/accounts", attributes(json!({ "file": sent("name_first\nInes\n") })))
                .await;
            made.id().to_owned()
        }
    }
}

/// Begins an upload.
pub async fn unfinished(app: &TestApp) -> String {
    app.post("/importer-files", attributes(json!({ "filename": "a.csv" }))).await.id().to_owned()
}

/// Does jobs, but no run of an import gets further than its first chunk.
pub async fn begin_runs(app: &TestApp) {
    app.app.imports.set_interruption(Some(Arc::new(|_| ControlFlow::Break(()))));
    app.run_jobs().await;
    app.app.imports.set_interruption(None);
}

/// A run that an operation can be done to; one of its rows is refused.
pub async fn run_for(app: &TestApp, operation: &str) -> String {
    let content = format!("{CUSTOMERS},vip,nobody\n");
    let (pipeline, file) = (pipeline(app, config()).await, file(app, &content).await);
    let is_dry = operation.starts_with("commit-");
    let started = run(app, &pipeline, json!({ "file-id": file, "dry-run": is_dry })).await;
    let id = started.id().to_owned();
    match operation.split('-').next().unwrap() {
        "cancel" => {}
        "pause" => begin_runs(app).await,
        "resume" => {
            begin_runs(app).await;
            app.post(&format!("/importer-pipeline-runs/{id}/pause"), json!({})).await.good();
        }
        _ => app.run_jobs().await,
    }
    id
}
