//! Replies: what an operation answers when it goes well, and the refusals that all share.

use axum::http::Method;
use serde_json::{Map, Value, json};

use super::parameters::{self, path_names};
use crate::doc::{Need, Shape, named, object};
use crate::operation::{Operation, Uploads};
use crate::operations::operations;
use crate::versions::{ApiVersion, default_includes};

/// A refusal: its status, its name, when it is met, and the title of its error.
type Refusal = (u16, &'static str, &'static str, &'static str);

const MALFORMED: Refusal = (400, "malformed", "The request does not have the right shape.", "Bad Request");
const UNAUTHENTICATED: Refusal =
    (401, "unauthenticated", "There is no API key, or it is nobody's.", "Token is invalid");
const FORBIDDEN: Refusal =
    (403, "forbidden", "The API key may not do this, or not from this address.", "Forbidden");
const NOT_FOUND: Refusal =
    (404, "not-found", "There is no such object in this environment.", "Record not found");
const TOO_SLOW: Refusal = (408, "too-slow", "The body did not come in time.", "Request Timeout");
const CONFLICT: Refusal = (409, "conflict", "Something else holds this key already.", "Conflict");
const INVALID: Refusal = (
    422,
    "invalid",
    "The request has the right shape, but the object cannot be like that.",
    "Record invalid",
);
const LIMITED: Refusal = (
    429,
    "rate-limited",
    "There were too many requests; `RateLimit-Reset` says when to go on.",
    "Rate limit exceeded",
);
const BUSY: Refusal = (
    503,
    "busy",
    "The server has too much to do; `Retry-After` says when to try again.",
    "Service unavailable",
);

const REFUSALS: [Refusal; 9] =
    [MALFORMED, UNAUTHENTICATED, FORBIDDEN, NOT_FOUND, TOO_SLOW, CONFLICT, INVALID, LIMITED, BUSY];

/// The headers of every reply to an API key that is known.
const HEADERS: [(&str, &str); 6] = [
    ("Request-Id", "The ID of this request, for logs and questions."),
    ("Persona-Environment-Id", "The environment of the API key."),
    ("Persona-Organization-Id", "The organization of the API key."),
    ("RateLimit-Limit", "How many requests the environment may send in a minute."),
    ("RateLimit-Remaining", "How many of them are left."),
    ("RateLimit-Reset", "In how many seconds the minute is over."),
];

/// The headers of replies.
pub(super) fn headers() -> Map<String, Value> {
    let mut all: Map<String, Value> = HEADERS
        .into_iter()
        .map(|(name, text)| {
            let kind = if name.starts_with("RateLimit") { "integer" } else { "string" };
            (name.to_owned(), json!({ "description": text, "required": true, "schema": { "type": kind } }))
        })
        .collect();
    let text = "In how many seconds it is worth trying again.";
    let wait = json!({ "description": text, "required": true, "schema": { "type": "integer" } });
    all.insert("Retry-After".to_owned(), wait);
    all
}

/// The refusals that operations share.
pub(super) fn refusals() -> Map<String, Value> {
    REFUSALS
        .into_iter()
        .map(|(status, name, text, title)| {
            let mut headers = if status == 401 { Map::new() } else { header_references() };
            if status == 503 {
                headers.insert("Retry-After".to_owned(), reference("headers", "Retry-After"));
            }
            let example = json!({ "errors": [{ "title": title }] });
            let content = json!({ "schema": named("refusal"), "example": example });
            let reply = json!({ "description": text, "headers": headers, "content": { "application/json": content } });
            (name.to_owned(), reply)
        })
        .collect()
}

/// Operations whose body names objects that must be there, though their path names none.
const NAMING_OTHERS: [&str; 3] = ["create-a-report", "create-an-inquiry", "create-an-inquiry-session"];

/// The replies of an operation by status.
pub(super) fn of(operation: &Operation) -> Map<String, Value> {
    let mut replies = Map::new();
    for status in operation.doc.success {
        replies.insert(status.to_string(), success(operation, *status));
    }
    for (status, name, ..) in REFUSALS.into_iter().filter(|(status, ..)| can_answer(operation, *status)) {
        replies.insert(status.to_string(), reference("responses", name));
    }
    replies
}

fn can_answer(operation: &Operation, status: u16) -> bool {
    match status {
        // A search refuses a cursor that is no object; a list takes it for a place.
        404 => {
            path_names(operation.path).next().is_some()
                || is_search(operation)
                || is_of_object(operation)
                || NAMING_OTHERS.contains(&operation.id)
        }
        408 => operation.doc.body.is_some() || operation.uploads == Uploads::Piece,
        409 | 422 => operation.method != Method::GET,
        _ => true,
    }
}

/// Whether a filter names the object that a list is about.
fn is_of_object(operation: &Operation) -> bool {
    let is_id = |need: Need| matches!(need, Need::Required(value) if value.starts_with('$'));
    operation.doc.filters.iter().any(|filter| is_id(filter.need))
}

fn is_search(operation: &Operation) -> bool {
    operation.method == Method::POST && matches!(operation.doc.reply, Shape::Page(_))
}

fn success(operation: &Operation, status: u16) -> Value {
    let text = match status {
        201 => "It was created.",
        202 => "It is under way.",
        _ => "It went well.",
    };
    let content = match operation.doc.reply {
        Shape::Pdf(_) => json!({ "application/pdf": { "schema": { "type": "string", "format": "binary" } } }),
        Shape::Csv(_) => json!({ "text/csv": { "schema": { "type": "string" } } }),
        _ => json!({ "application/json": { "schema": named(&schema_name(operation)) } }),
    };
    let mut reply = json!({ "description": text, "headers": header_references(), "content": content });
    if let Some(links) = links(operation) {
        reply["links"] = links;
    }
    reply
}

/// What can be done next with the ID of what was created.
fn links(operation: &Operation) -> Option<Value> {
    let is_creation = operation.doc.success.contains(&201) && !operation.path.contains('{');
    let name = parameters::kind_of(operation.doc.reply.schema()).filter(|_| is_creation)? + "-id";
    let takes_it = |next: &&Operation| path_names(next.path).eq([name.as_str()]);
    let links: Map<String, Value> = operations()
        .iter()
        .filter(takes_it)
        .map(|next| {
            let link = json!({ "operationId": next.id, "parameters": { &name: "$response.body#/data/id" } });
            (next.id.to_owned(), link)
        })
        .collect();
    (!links.is_empty()).then_some(Value::Object(links))
}

/// The name of the schema of a reply that went well.
pub(super) fn schema_name(operation: &Operation) -> String {
    format!("{}-reply", operation.id)
}

/// The schema of a reply that went well: `data` and what stands beside it.
pub(super) fn schema(operation: &Operation, version: ApiVersion) -> Value {
    let resource = named(operation.doc.reply.schema());
    let mut members = json!({ "included": included(operation, version) });
    let mut required = vec!["data"];
    match operation.doc.reply {
        Shape::One(_) | Shape::Pdf(_) | Shape::Csv(_) => members["data"] = resource,
        Shape::List(_) => members["data"] = json!({ "type": "array", "items": resource }),
        Shape::Page(_) => {
            members["data"] = json!({ "type": "array", "items": resource });
            members["links"] = named("links");
            required.push("links");
        }
        Shape::Whole(_) => {
            members["data"] = json!({ "type": "array", "items": resource });
            members["links"] =
                object(&json!({ "prev": { "type": "null" }, "next": { "type": "null" } }), &["prev", "next"]);
            required.push("links");
        }
    }
    if let Some(meta) = operation.doc.meta {
        members["meta"] = meta();
    }
    object(&members, &required)
}

fn included(operation: &Operation, version: ApiVersion) -> Value {
    // What has no schema is never there.
    let names = operation
        .includes
        .iter()
        .map(|name| resource_of(name))
        .filter(|name| parameters::KINDS.iter().any(|(known, _)| known == name));
    let kinds: Vec<Value> = names.map(named).collect();
    if kinds.is_empty() {
        return json!({ "type": "array", "maxItems": 0, "items": {}, "description": "Always empty here." });
    }
    let text = if default_includes(version) {
        "The resources of the relationships that `include` names; of all of them when it is left out."
    } else {
        "The resources of the relationships that `include` names; not there when it is left out."
    };
    json!({ "type": "array", "items": { "anyOf": kinds }, "description": text })
}

/// The schema of the resources behind a relationship: most are called as what they lead to. Some lead to what this
/// version does not have; those are never there.
fn resource_of(relationship: &str) -> &str {
    match relationship {
        "reports" => "report",
        "verifications" => "verification",
        "sessions" => "inquiry-session",
        "documents" => "document",
        "selfies" => "selfie",
        "reviewer" => "api-key",
        "latest-published-version" => "inquiry-template-version",
        "document-files" => "document-file",
        name => name,
    }
}

fn header_references() -> Map<String, Value> {
    HEADERS.into_iter().map(|(name, _)| (name.to_owned(), reference("headers", name))).collect()
}

fn reference(kind: &str, name: &str) -> Value {
    json!({ "$ref": format!("#/components/{kind}/{name}") })
}
