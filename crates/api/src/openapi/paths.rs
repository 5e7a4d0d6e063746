//! Paths: one operation object for each row of the table.

use serde_json::{Map, Value, json};

use super::{example, parameters, replies};
use crate::doc::named;
use crate::operation::{Operation, Uploads};
use crate::operations::operations;

/// What is said of operations that files may come with.
const UPLOADS: &str = "\
The same body can be sent as `multipart/form-data`, with files as they are: the name of a part is the way to its \
member, such as `data[attributes][fields][passport]`. Bodies may have up to 16 MiB.";

/// All paths with their operations.
pub(super) fn paths() -> Map<String, Value> {
    let mut paths: Map<String, Value> = Map::new();
    for operation in operations() {
        let path = paths.entry(operation.path).or_insert_with(|| json!({}));
        path[operation.method.as_str().to_ascii_lowercase()] = object(operation);
    }
    paths
}

fn object(operation: &Operation) -> Value {
    let mut object = json!({
        "tags": [operation.tag],
        "summary": operation.summary.trim_end_matches('.'),
        "description": description(operation),
        "operationId": operation.id,
        "parameters": parameters::of(operation),
        "responses": replies::of(operation),
    });
    if let Some(body) = body(operation) {
        object["requestBody"] = body;
    }
    if operation.extension {
        object["x-muster-extension"] = true.into();
    }
    object
}

fn description(operation: &Operation) -> String {
    let mut parts = Vec::new();
    if !operation.doc.text.is_empty() {
        parts.push(operation.doc.text.to_owned());
    }
    let permissions: Vec<String> = operation.permissions().map(|one| format!("`{}`", one.as_str())).collect();
    parts.push(match permissions.as_slice() {
        [] => "Any API key will do.".to_owned(),
        [one] => format!("The API key needs the permission {one}."),
        many => format!("The API key needs the permissions {}.", many.join(" and ")),
    });
    if operation.uploads == Uploads::Accepted {
        parts.push(UPLOADS.to_owned());
    }
    if operation.extension {
        parts.push("Muster's own: the public API has no such operation.".to_owned());
    }
    parts.join("\n\n")
}

/// The name of the schema of a body.
pub(super) fn body_name(operation: &Operation) -> String {
    format!("{}-body", operation.id)
}

fn body(operation: &Operation) -> Option<Value> {
    if operation.uploads == Uploads::Piece {
        let schema = json!({ "type": "string", "format": "binary" });
        let content = json!({ "application/octet-stream": { "schema": schema } });
        return Some(json!({ "required": true, "content": content }));
    }
    let schema = (operation.doc.body?)();
    let needed = schema.get("required").and_then(Value::as_array).is_some_and(|names| !names.is_empty());
    let mut content = json!({ "schema": named(&body_name(operation)) });
    let examples: Map<String, Value> = (operation.doc.examples)()
        .into_iter()
        .map(|one| {
            let shown = json!({ "summary": one.summary, "value": example::filled(one.body) });
            (one.name.to_owned(), shown)
        })
        .collect();
    if !examples.is_empty() {
        content["examples"] = Value::Object(examples);
    }
    Some(json!({ "required": needed, "content": { "application/json": content } }))
}
