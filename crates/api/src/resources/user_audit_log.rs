//! Entries of the user audit log on the wire (spec E.3).
//!
//! Address, program, user and session are left out where an API key did it: the public schema has no null for
//! them. The context then names the key, and the request, under whose ID the API log has the rest.

use muster_app::user_audit_logs::UserAuditLog;
use serde::Serialize;
use serde_json::{Map, Value, json};

use super::{Identity, ToOne};
use crate::doc::{described, instant, object, resource, to_one};

/// The resource object of an entry.
#[derive(Serialize)]
pub struct UserAuditLogResource<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    id: &'a str,
    attributes: Attributes<'a>,
    relationships: Relationships<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct Attributes<'a> {
    path: &'a str,
    method: &'a str,
    get_params: Map<String, Value>,
    post_params: &'a Value,
    #[serde(skip_serializing_if = "Option::is_none")]
    ip_address: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    user_agent: Option<&'a str>,
    response_status: i64,
    created_at: String,
    impersonator_email_address: Option<String>,
    context: &'a Value,
}

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct Relationships<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    user: Option<ToOne<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    user_session: Option<ToOne<'a>>,
}

impl<'a> UserAuditLogResource<'a> {
    /// Shows an entry.
    pub fn new(entry: &'a UserAuditLog) -> Self {
        let to_one = |kind, id| ToOne { data: Identity { kind, id } };
        Self {
            kind: "user-audit-log",
            id: entry.id.as_str(),
            attributes: Attributes {
                path: &entry.path,
                method: &entry.method,
                get_params: Map::new(),
                post_params: &entry.post_params,
                ip_address: entry.ip_address.as_deref(),
                user_agent: entry.user_agent.as_deref(),
                response_status: entry.response_status,
                created_at: entry.created_at.to_rfc3339_millis(),
                impersonator_email_address: None,
                context: &entry.context,
            },
            relationships: Relationships {
                user: entry.user_id.as_ref().map(|id| to_one("user", id.as_str())),
                user_session: entry.user_session_id.as_ref().map(|id| to_one("user-session", id.as_str())),
            },
        }
    }
}

/// The schema of an entry.
pub fn schema() -> Value {
    let text = |about: &str| json!({ "type": "string", "description": about });
    let params = |about: &str| json!({ "type": "object", "description": about });
    let attributes = json!({
        "path": text("Of the request; `/cli/…` for a command."),
        "method": text("Of the request; `POST` for a command."),
        "get-params": params("Parameters in the query of the request."),
        "post-params": params("To what it was done, and how. Nothing personal and no secret."),
        "ip-address": text("Not told of what an API key did."),
        "user-agent": text("Not told of what an API key did."),
        "response-status": { "type": "integer" },
        "created-at": instant(),
        "impersonator-email-address": { "type": ["string", "null"] },
        "context": params("Names the API key that did it, and the request, under whose ID its API log has the rest."),
    });
    let required = [
        "path",
        "method",
        "get-params",
        "post-params",
        "response-status",
        "created-at",
        "impersonator-email-address",
        "context",
    ];
    let mut schema = resource("user-audit-log", "ual_", &object(&attributes, &required), &json!({}));
    let people = json!({ "user": to_one("user", "user_"), "user-session": to_one("user-session", "uses_") });
    schema["properties"]["relationships"] = object(&people, &[]);
    described(schema, "What somebody, or an API key with API keys, did with Muster.")
}
