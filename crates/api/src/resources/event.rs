//! Events on the wire (spec D.1).

use std::sync::Arc;

use muster_app::events::{Event, Object};
use serde::Serialize;
use serde_json::{Value, json};

use super::Resource;
use crate::doc::{described, instant, named, object, resource};

/// The resource object of an event.
#[derive(Serialize)]
pub struct EventResource<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    id: &'a str,
    attributes: Attributes<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct Attributes<'a> {
    name: &'a str,
    payload: Payload,
    created_at: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    context: Option<Context<'a>>,
}

#[derive(Serialize)]
struct Payload {
    data: Resource,
}

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct Context<'a> {
    added_tags: &'a [String],
    removed_tags: &'a [String],
}

impl<'a> EventResource<'a> {
    /// Shows an event.
    pub fn new(event: &'a Event) -> Self {
        let data = match &event.object {
            Object::Account(account) => Resource::Account(Arc::clone(account)),
            Object::AccountType(ty) => Resource::AccountType(Arc::clone(ty)),
        };
        Self {
            kind: "event",
            id: event.id.as_str(),
            attributes: Attributes {
                name: &event.name,
                payload: Payload { data },
                created_at: event.at.to_rfc3339_millis(),
                context: event
                    .tags
                    .as_ref()
                    .map(|(added, removed)| Context { added_tags: added, removed_tags: removed }),
            },
        }
    }
}

/// The schema of the resource object.
pub fn schema() -> Value {
    let names = || json!({ "type": "array", "items": { "type": "string" } });
    let payload = json!({ "data": { "anyOf": [named("account"), named("account-type")] } });
    let context = json!({ "added-tags": names(), "removed-tags": names() });
    let members = json!({
        "name": { "type": "string", "description": "What happened, such as account.created." },
        "payload": described(
            object(&payload, &["data"]), "The object that it happened to, as it was right after."
        ),
        "created-at": described(instant(), "When it happened."),
        "context": described(
            object(&context, &["added-tags", "removed-tags"]), "The tags that changed, where tags did."
        ),
    });
    let attributes = object(&members, &["name", "payload", "created-at"]);
    let event = resource("event", "evt_", &attributes, &json!({}));
    described(event, "Something that happened to an object.")
}
