//! Inquiries and their sessions (spec A).

mod actions;
mod create;
mod history;
mod list;
mod redaction;
mod search;
mod sessions;
mod simulate;
mod update;
mod versions;

use muster_testkit::{Reply, TestApp};
use serde_json::{Value, json};

use crate::bodies::attributes;

/// A template whose first page asks for a name, with settings of the test's own.
pub fn definition(name: &str, settings: &Value) -> Value {
    json!({
        "name": name,
        "settings": settings,
        "field-schemas": [
            { "key": "name-first" },
            { "key": "birthdate", "type": "date" },
            { "key": "identification-number", "type": "string", "config": { "redaction-policy": "never" } },
            { "key": "crm_id", "type": "string", "config": { "write-policy": "write_once" } },
        ],
        "verifications": [{ "key": "government_id", "kind": "government-id" }],
        "steps": [
            { "name": "start", "kind": "form", "title": "Who are you?", "inputs": [{ "field": "name-first" }], "next": "id" },
            { "name": "id", "kind": "government-id", "verification": "government_id", "next": "success" },
            { "name": "success", "kind": "complete" },
        ],
    })
}

/// Makes a template and returns its ID.
pub async fn template_with(app: &TestApp, name: &str, settings: Value) -> String {
    let made = app
        .post("/inquiry-templates", attributes(json!({ "definition": definition(name, &settings) })))
        .await;
    made.id().to_owned()
}

/// Makes a template and returns its ID.
pub async fn template(app: &TestApp) -> String {
    template_with(app, "Hello", json!({})).await
}

/// Creates an inquiry of a template; `rest` are more attributes.
pub async fn create(app: &TestApp, template: &str, rest: Value, meta: Value) -> Reply {
    let mut of = json!({ "inquiry-template-id": template });
    of.as_object_mut().unwrap().extend(rest.as_object().unwrap().clone());
    let mut body = attributes(of);
    body["meta"] = meta;
    app.post("/inquiries", body).await
}

/// Creates an inquiry and returns its ID.
pub async fn inquiry(app: &TestApp) -> String {
    let template = template(app).await;
    create(app, &template, json!({}), json!({})).await.id().to_owned()
}

/// Asks for something to be done to an inquiry.
pub async fn act(app: &TestApp, id: &str, action: &str) -> Reply {
    app.post(&format!("/inquiries/{id}/{action}"), json!({})).await
}

/// Pretends that things happen to an inquiry.
pub async fn simulate(app: &TestApp, id: &str, actions: &[&str]) -> Reply {
    let actions: Vec<Value> =
        actions.iter().map(|name| json!({ "type": format!("{name}_inquiry") })).collect();
    app.post(
        &format!("/inquiries/{id}/perform-simulate-actions"),
        json!({ "meta": { "simulate-actions": actions } }),
    )
    .await
}

/// The names of the events of an object, oldest first.
pub async fn told(app: &TestApp, id: &str) -> Vec<String> {
    let events = app.all(&format!("/events?filter[object-id]={id}")).await;
    events.iter().rev().map(|event| event["attributes"]["name"].as_str().unwrap().to_owned()).collect()
}
