//! Every example of every operation, sent as it stands.

use hyper::Method;
use muster_api::doc::{Example, Need};
use muster_api::{Operation, Uploads, operations};
use muster_domain::verification::VerificationKind;
use muster_testkit::{Tenant, TestApp, TestDb, on_both};
use serde_json::{Value, json};

use crate::bodies::attributes;
use crate::importers;
use crate::verifications::scene::Scene;

/// Makes what an ID is an ID of, such as `account-id`. A new kind gets its line here.
async fn make(app: &TestApp, kind: &str) -> String {
    match kind {
        "account-id" | "other-account-id" | "consolidated-account-id" => {
            let ty = person_type(app).await;
            let body = json!({ "account-type-id": ty, "name-first": "Ines", "birthdate": "1990-12-31" });
            app.post("/accounts", attributes(body)).await.id().to_owned()
        }
        "relation-schema-key" => "partners".to_owned(),
        "api-key-id" => app.post("/api-keys", attributes(json!({ "name": "Example" }))).await.id().to_owned(),
        "user-audit-log-id" => {
            // What is done to an API key is told, and production reads it.
            app.post("/api-keys", attributes(json!({ "name": "Told" }))).await.good();
            let key = production(app).await.key;
            app.request(Method::GET, "/user-audit-logs").key(&key).send().await.ids()[0].to_owned()
        }
        "account-type-id" => {
            let number = app.all("/account-types").await.len();
            let fields = json!([{ "key": "name" }, { "key": "birthdate" }, { "key": "email_address" }, { "key": "address" }]);
            let body = attributes(json!({ "name": format!("Type {number}"), "field-schemas": fields }));
            app.post("/account-types", body).await.id().to_owned()
        }
        "inquiry-template-id" | "inquiry-template-version-id" => {
            let number = app.all("/inquiry-templates").await.len();
            let definition = hello(&format!("Template {number}"));
            let made = app.post("/inquiry-templates", attributes(json!({ "definition": definition }))).await;
            if kind == "inquiry-template-id" {
                return made.id().to_owned();
            }
            made.at("/meta/inquiry-template-version-id").as_str().unwrap().to_owned()
        }
        "inquiry-id" => {
            let template = Box::pin(make(app, "inquiry-template-id")).await;
            app.post("/inquiries", attributes(json!({ "inquiry-template-id": template })))
                .await
                .id()
                .to_owned()
        }
        "inquiry-session-id" => {
            let inquiry = Box::pin(make(app, "inquiry-id")).await;
            app.post("/inquiry-sessions", attributes(json!({ "inquiry-id": inquiry }))).await.id().to_owned()
        }
        "report-id" => monitored_report(app).await,
        "report-template-id" => recurring_template(app).await,
        "importer-file-id" | "importer-pipeline-id" | "importer-pipeline-run-id" | "importer-id" => {
            importers::make(app, kind).await
        }
        "part-number" => "1".to_owned(),
        "api-log-id" => app.get("/accounts").await.header("request-id").to_owned(),
        "event-id" => {
            make_account(app).await;
            app.get("/events").await.ids()[0].to_owned()
        }
        _ => panic!("tests/tests/api/openapi/examples.rs: teach `make` to make a {kind}"),
    }
}

/// A report whose next run is scheduled.
async fn monitored_report(app: &TestApp) -> String {
    let template = recurring_template(app).await;
    let asked = json!({ "report-template-id": template, "query": { "term": "Ines" } });
    let id = app.post("/reports", attributes(asked)).await.id().to_owned();
    app.run_jobs().await;
    id
}

/// A template whose reports can be run again and again.
async fn recurring_template(app: &TestApp) -> String {
    let name = format!("Template {}", app.all("/report-templates").await.len());
    let new = json!({ "name": name, "kind": "watchlist", "definition": { "interval-days": 1 } });
    app.post("/report-templates", attributes(new)).await.id().to_owned()
}

/// A template that says hello to a name.
fn hello(name: &str) -> Value {
    let steps = json!([
        { "name": "start", "kind": "text", "title": name, "next": "success" },
        { "name": "success", "kind": "complete" },
    ]);
    let fields =
        json!([{ "key": "name-first" }, { "key": "name-last" }, { "key": "birthdate", "type": "date" }]);
    json!({ "name": name, "steps": steps, "field-schemas": fields })
}

/// A type whose accounts can be related to each other.
async fn person_type(app: &TestApp) -> String {
    let all = app.all("/account-types").await;
    if let Some(found) = all.iter().find(|ty| ty["attributes"]["name"] == "Person") {
        return found["id"].as_str().unwrap().to_owned();
    }
    let keys = ["name", "birthdate", "phone_number", "email_address", "address"];
    let fields: Vec<Value> = keys.iter().map(|key| json!({ "key": key })).collect();
    let relation = json!({ "key": "partners", "target": "Person", "many": true, "inverse": "partners" });
    let definition = json!({ "name": "Person", "field-schemas": fields, "relation-schemas": [relation] });
    app.post("/account-types", attributes(definition)).await.id().to_owned()
}

/// Brings about what an example needs beside the objects that it names.
async fn arrange(app: &TestApp, operation: &Operation, path: &str, body: &Value) {
    let before = match operation.id {
        "publish-an-inquiry-template" => {
            let (template, _) = path.rsplit_once('/').unwrap();
            let mut draft = attributes(json!({ "definition": hello("Draft") }));
            draft["meta"] = json!({ "publish": false });
            app.patch(template, draft).await.good();
            return;
        }
        "accounts-remove-relation" => "add-relation",
        "unconsolidate-an-account" => "consolidate",
        "report-action-resume-continuous-monitoring" => "pause",
        _ => return,
    };
    let (account, _) = path.rsplit_once('/').unwrap();
    let body = if body.is_null() { json!({}) } else { body.clone() };
    app.post(&format!("{account}/{before}"), body).await.good();
}

/// The organization's production environment: the user audit log is not for a sandbox.
async fn production(app: &TestApp) -> Tenant {
    app.sibling_environment().await
}

async fn make_account(app: &TestApp) {
    app.post("/accounts", attributes(json!({}))).await.good();
}

/// Puts IDs of new objects where an example says `$account-id` and the like, the same for the same name.
async fn filled(app: &TestApp, body: Value) -> Value {
    let mut text = body.to_string();
    while let Some((_, rest)) = text.split_once("\"$") {
        let name = rest.split_once('"').unwrap().0.to_owned();
        let id = make(app, &name).await;
        text = text.replace(&format!("\"${name}\""), &format!("\"{id}\""));
    }
    serde_json::from_str(&text).unwrap()
}

/// A verification or a document of the kind that an operation is about.
async fn handed_in(app: &TestApp, operation: &Operation) -> String {
    let scene = Scene::new(app).await;
    let kind = operation.doc.reply.schema().strip_prefix("verification-").and_then(VerificationKind::find);
    match operation.id {
        "retrieve-a-government-id-document" => scene.document("passport").await.to_string(),
        id if id.ends_with("-document") => scene.document("bill").await.to_string(),
        _ => scene.of_kind(kind.unwrap_or(VerificationKind::Selfie)).await.to_string(),
    }
}

async fn path(app: &TestApp, operation: &Operation) -> String {
    if matches!(operation.tag, "Verifications" | "Documents") {
        let (before, rest) = operation.path.split_once('{').unwrap();
        let (_, after) = rest.split_once('}').unwrap();
        return format!("{before}{}{after}", handed_in(app, operation).await);
    }
    let mut path = operation.path.to_owned();
    if let Some(verb) = path.strip_prefix("/importer-pipeline-runs/{importer-pipeline-run-id}") {
        return format!("/importer-pipeline-runs/{}{verb}", importers::run_for(app, operation.id).await);
    }
    if operation.uploads == Uploads::Piece {
        path = path.replace("{importer-file-id}", &importers::unfinished(app).await);
    }
    while let Some((before, rest)) = path.clone().split_once('{') {
        let (kind, after) = rest.split_once('}').unwrap();
        path = format!("{before}{}{after}", make(app, kind).await);
    }
    let mut required = Vec::new();
    for filter in operation.doc.filters {
        let Need::Required(value) = filter.need else { continue };
        let value = filled(app, json!(value)).await;
        required.push(format!("filter[{}]={}", filter.name, value.as_str().unwrap()));
    }
    let query = required.join("&");
    if query.is_empty() { path } else { format!("{path}?{query}") }
}

/// The examples of an operation; a request without a body where it takes none.
fn examples(operation: &Operation) -> Vec<Example> {
    match operation.doc.body {
        Some(_) => (operation.doc.examples)(),
        None => vec![Example { name: "no body", summary: "", body: Value::Null }],
    }
}

on_both! {
    /// The test client holds each reply to the schema of its status.
    async fn every_example_works(db: TestDb) {
        let app = TestApp::start(db).await;
        for operation in operations() {
            for example in examples(operation) {
                let path = path(&app, operation).await;
                let body = filled(&app, example.body).await;
                arrange(&app, operation, &path, &body).await;
                let request = app.request(operation.method.clone(), &path);
                let request = match operation.uploads {
                    Uploads::Piece => request.body_bytes("id,note\n"),
                    _ if body.is_null() => request,
                    _ => request.json(&body),
                };
                let request = match operation.path.starts_with("/user-audit-logs") {
                    true => request.key(&production(&app).await.key),
                    false => request,
                };
                let reply = request.send().await;
                let is_success = operation.doc.success.contains(&reply.status);
                assert!(is_success, "{} of {}: {}", example.name, operation.id, reply.problem());
            }
        }
    }
}

#[test]
fn every_example_fits_its_schema() {
    let document = muster_api::openapi::document(muster_api::versions::ApiVersion::NEWEST);
    for operation in operations() {
        let Some(body) = operation.doc.body else { continue };
        let schema = json!({ "components": document["components"], "allOf": [body()] });
        let validator = jsonschema::validator_for(&schema).unwrap();
        for example in (operation.doc.examples)() {
            let faults: Vec<String> =
                validator.iter_errors(&example.body).map(|e| format!("{}: {e}", e.instance_path())).collect();
            assert!(faults.is_empty(), "{} of {}: {}", example.name, operation.id, faults.join("; "));
        }
    }
}
