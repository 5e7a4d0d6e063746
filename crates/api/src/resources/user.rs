//! Users on the wire (spec E.3). What is not known of one is left out: the public schema has no null for it.

use muster_app::user_audit_logs::User;
use serde::Serialize;
use serde_json::{Value, json};

use crate::doc::{described, object, resource};

/// The resource object of a user.
#[derive(Serialize)]
pub struct UserResource<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    id: &'a str,
    attributes: Attributes<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct Attributes<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    email_address: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    name_first: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    name_last: Option<&'a str>,
}

impl<'a> UserResource<'a> {
    /// Shows a user.
    pub fn new(user: &'a User) -> Self {
        Self {
            kind: "user",
            id: user.id.as_str(),
            attributes: Attributes {
                email_address: user.email_address.as_deref(),
                name_first: user.name_first.as_deref(),
                name_last: user.name_last.as_deref(),
            },
        }
    }
}

/// The schema of a user.
pub fn schema() -> Value {
    let text = || json!({ "type": "string" });
    let login = json!({ "type": "string", "description": "Of an operator: the name of the login." });
    let attributes = json!({ "email-address": text(), "name-first": login, "name-last": text() });
    described(
        resource("user", "user_", &object(&attributes, &[]), &json!({})),
        "Somebody who works with Muster.",
    )
}
