//! Reports, as those who ask for them meet them.

mod create;
mod list;
mod lists;
mod monitoring;
mod providers;
mod simulated;
mod templates;

use muster_testkit::{Reply, TestApp};
use serde_json::{Value, json};

/// The body that asks for a report.
pub fn asking(kind: &str, query: Value) -> Value {
    json!({ "data": { "type": format!("report/{kind}"), "attributes": { "query": query } } })
}

/// Asks for a report and returns its ID.
pub async fn ask(app: &TestApp, kind: &str, query: Value) -> String {
    app.post("/reports", asking(kind, query)).await.id().to_owned()
}

/// A report as it is now.
pub async fn report(app: &TestApp, id: &str) -> Reply {
    let reply = app.get(&format!("/reports/{id}")).await;
    reply.good();
    reply
}

/// What a report says under a name.
pub async fn attribute(app: &TestApp, id: &str, name: &str) -> Value {
    report(app, id).await.at(&format!("/data/attributes/{name}")).clone()
}
