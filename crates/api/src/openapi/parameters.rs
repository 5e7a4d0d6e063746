//! Parameters: of paths, queries and headers.

use std::sync::LazyLock;

use axum::http::Method;
use serde_json::{Value, json};

use super::example;
use crate::doc::{Need, OneValue, Shape};
use crate::operation::{Operation, Run};
use crate::resources;
use crate::versions::ApiVersion;

/// The parameters that operations share.
pub(super) fn components(version: ApiVersion) -> Value {
    json!({
        "persona-version": {
            "name": "Persona-Version", "in": "header",
            "description": "The version of the reply. Left out, it is that of the API key; this document describes one version only.",
            "schema": { "type": "string", "enum": [version.as_str()], "default": version.as_str() },
        },
        "key-inflection": {
            "name": "Key-Inflection", "in": "header",
            "description": "How keys of the reply are spelled. Left out, it is what the API key says. This document describes kebab.",
            "schema": { "type": "string", "enum": ["kebab", "camel", "snake"] },
        },
        "idempotency-key": {
            "name": "Idempotency-Key", "in": "header",
            "description": "A text of your own for this request. Sent again with the same request, it brings back the first reply and changes nothing.",
            "schema": { "type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[\\t -~]*[!-~][\\t -~]*$" },
        },
        "page-size": {
            "name": "page[size]", "in": "query",
            "description": "How many resources a page has.",
            "schema": { "type": "integer", "minimum": 1, "maximum": 100, "default": 10 },
        },
        "page-after": {
            "name": "page[after]", "in": "query",
            "description": "The ID of the last resource of the page before: the page of older ones. Not together with `page[before]`.",
            "schema": { "type": "string" },
        },
        "page-before": {
            "name": "page[before]", "in": "query",
            "description": "The ID of the first resource of the page after: the page of newer ones. Not together with `page[after]`.",
            "schema": { "type": "string" },
        },
    })
}

/// The parameters of an operation.
pub(super) fn of(operation: &Operation) -> Vec<Value> {
    let shared = |name: &str| json!({ "$ref": format!("#/components/parameters/{name}") });
    let mut all: Vec<Value> = path_names(operation.path).map(path_parameter).collect();
    if operation.method == Method::GET && matches!(operation.doc.reply, Shape::Page(_)) {
        all.extend(["page-size", "page-after", "page-before"].map(shared));
    }
    let one = |name: &str| operation.doc.filters.iter().find(|one| one.name == name);
    all.extend(operation.filters.iter().map(|name| one(name).map_or_else(|| filter(name), one_value)));
    if !operation.includes.is_empty() {
        all.push(include(operation.includes));
    }
    all.extend(kinds(operation).iter().map(|kind| fields(kind)));
    all.extend(["persona-version", "key-inflection"].map(shared));
    // What only reads can be sent again anyhow.
    if operation.method == Method::POST && !matches!(operation.run, Run::Read(_)) {
        all.push(shared("idempotency-key"));
    }
    all
}

/// The names between braces in a path.
pub(super) fn path_names(path: &str) -> impl Iterator<Item = &str> {
    path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'))
}

fn path_parameter(name: &str) -> Value {
    json!({
        "name": name, "in": "path", "required": true,
        "schema": { "type": "string" },
        "example": example::id(name),
    })
}

fn filter(name: &str) -> Value {
    json!({
        "name": format!("filter[{name}]"), "in": "query",
        "description": format!("Lists only those whose {} is one of these.", name.replace(['-', '.'], " ")),
        "style": "form", "explode": false,
        "schema": { "type": "array", "maxItems": 100, "items": { "type": "string" } },
    })
}

fn one_value(filter: &OneValue) -> Value {
    let mut parameter = json!({
        "name": format!("filter[{}]", filter.name), "in": "query",
        "description": filter.about,
        "schema": { "type": "string" },
    });
    if let Need::Required(example) = filter.need {
        parameter["required"] = true.into();
        parameter["example"] = example::filled(example.into());
    }
    parameter
}

fn include(names: &[&str]) -> Value {
    json!({
        "name": "include", "in": "query",
        "description": "Relationships whose resources the reply is to carry under `included`. The API key needs the permission to read each of them.",
        "style": "form", "explode": false,
        "schema": { "type": "array", "items": { "type": "string", "enum": names } },
    })
}

fn fields(kind: &str) -> Value {
    json!({
        "name": format!("fields[{kind}]"), "in": "query",
        "description": format!("Attributes that resources of type `{kind}` are narrowed to; all others are left out, required or not."),
        "style": "form", "explode": false,
        "schema": { "type": "array", "items": { "type": "string" } },
    })
}

/// The types of the resources in a reply.
fn kinds(operation: &Operation) -> Vec<String> {
    let mut kinds: Vec<String> = Vec::new();
    let names = [operation.doc.reply.schema()].into_iter().chain(operation.includes.iter().copied());
    for kind in names.filter_map(kind_of) {
        if !kinds.contains(&kind) {
            kinds.push(kind);
        }
    }
    kinds
}

/// The type of the resources that a schema describes; none where it describes none.
pub(super) fn kind_of(schema: &str) -> Option<String> {
    KINDS.iter().find(|(known, _)| *known == schema)?.1.clone()
}

/// The names of all schemas, and the type of the resources that each describes. Making the schemas takes long.
pub(super) static KINDS: LazyLock<Vec<(&'static str, Option<String>)>> = LazyLock::new(|| {
    let kind =
        |schema: &Value| schema.pointer("/properties/type/const").and_then(Value::as_str).map(str::to_owned);
    resources::schemas().iter().map(|(name, schema)| (*name, kind(schema))).collect()
});
