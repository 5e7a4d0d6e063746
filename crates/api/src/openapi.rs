//! The OpenAPI 3.1 document of each version, made from the operation table and the schemas beside the resources.
//!
//! It is written in kebab case, the spelling that replies have when nobody asks for another.

mod example;
mod parameters;
mod paths;
mod replies;
mod yaml;

use std::sync::OnceLock;

use serde_json::{Map, Value, json};

use crate::doc::Shape;
use crate::operations::operations;
use crate::resources;
use crate::server::BASE;
use crate::versions::{ApiVersion, downgrade_schemas};

/// What stands at the head of the reference.
const ABOUT: &str = "\
Muster keeps track of who people and businesses are: accounts of types that you define, with every change as an \
event.

Send your API key as `Authorization: Bearer …`. Bodies and replies are JSON. Keys of a request may be spelled \
`reference-id`, `referenceId` or `reference_id`; replies are spelled as the header `Key-Inflection` says. \
An `Idempotency-Key` makes it safe to send a POST again.";

/// What is told of versions whose accounts bring their type along.
const OLD_INCLUDES: &str = "\
\n\nIn this version a reply that is not narrowed by `include` has all related resources under `included`.";

/// A document in both its forms.
pub struct Document {
    /// As JSON.
    pub json: String,
    /// As YAML.
    pub yaml: String,
}

/// The document of a version.
#[must_use]
pub fn document(version: ApiVersion) -> Value {
    let old = if crate::versions::default_includes(version) { OLD_INCLUDES } else { "" };
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Muster API",
            "version": version.as_str(),
            "description": format!("{ABOUT}{old}"),
            "license": { "name": "Apache License 2.0", "identifier": "Apache-2.0" },
        },
        "servers": [{ "url": BASE, "description": "The server that this document comes from." }],
        "security": [{ "api-key": [] }],
        "tags": tags(),
        "paths": paths::paths(),
        "components": {
            "securitySchemes": {
                "api-key": { "type": "http", "scheme": "bearer", "description": "An API key of an environment." },
            },
            "schemas": schemas(version),
            "parameters": parameters::components(version),
            "headers": replies::headers(),
            "responses": replies::refusals(),
        },
    })
}

/// Both forms of the document of a version, made once.
pub fn written(version: ApiVersion) -> &'static Document {
    static MADE: [OnceLock<Document>; ApiVersion::ALL.len()] =
        [const { OnceLock::new() }; ApiVersion::ALL.len()];
    let index = ApiVersion::ALL.iter().position(|one| *one == version).unwrap_or_default();
    MADE[index].get_or_init(|| {
        let document = document(version);
        Document { json: format!("{document:#}\n"), yaml: yaml::write(&document) }
    })
}

/// The groups of operations, in the order of the table.
fn tags() -> Vec<Value> {
    let mut names: Vec<&str> = Vec::new();
    for operation in operations() {
        if !names.contains(&operation.tag) {
            names.push(operation.tag);
        }
    }
    names.into_iter().map(|name| json!({ "name": name })).collect()
}

fn schemas(version: ApiVersion) -> Map<String, Value> {
    let named = resources::schemas()
        .into_iter()
        .chain([("refusal", crate::problem::schema()), ("links", crate::payload::links_schema())]);
    let mut schemas: Map<String, Value> = named.map(|(name, schema)| (name.to_owned(), schema)).collect();
    for operation in operations() {
        let is_json = !matches!(operation.doc.reply, Shape::Pdf(_) | Shape::Csv(_));
        if is_json && !operation.doc.success.is_empty() {
            schemas.insert(replies::schema_name(operation), replies::schema(operation, version));
        }
        schemas.extend(operation.doc.body.map(|body| (paths::body_name(operation), body())));
    }
    downgrade_schemas(&mut schemas, version);
    schemas
}

#[cfg(test)]
mod tests;
