//! Entries of the user audit log on the wire (spec E.3).
//!
//! Address, program, user and session are left out where an API key did it: the public schema has no null for
//! them. The context then names the key, and the request, under whose ID the API log has the rest.

use muster_app::user_audit_logs::UserAuditLog;
use serde::Serialize;
use serde_json::{Map, Value};

use super::{Identity, ToOne};

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
