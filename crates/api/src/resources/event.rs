//! Events on the wire (spec D.1).

use std::sync::Arc;

use muster_app::events::{Event, Object};
use serde::Serialize;

use super::Resource;

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
