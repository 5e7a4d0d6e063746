//! Events on the wire (spec D.1).

use muster_app::events::{Event, Object};
use serde_json::{Value, json};

/// The resource object of an event.
pub fn event(event: &Event) -> Value {
    let data = match &event.object {
        Object::Account(account) => super::account(account),
        Object::AccountType(ty) => super::account_type(ty),
    };
    let mut resource = json!({
        "type": "event",
        "id": event.id.as_str(),
        "attributes": {
            "name": event.name,
            "payload": { "data": data },
            "created-at": event.at.to_rfc3339_millis(),
        },
    });
    if let Some((added, removed)) = &event.tags {
        resource["attributes"]["context"] = json!({ "added-tags": added, "removed-tags": removed });
    }
    resource
}
