//! What happened to an account, on the wire. Muster's own.

use muster_app::accounts::{Account, Changes, Entry, Origin};
use muster_domain::AccountType;
use serde_json::{Map, Value, json};

use crate::doc::{described, instant, named, nullable, object, resource};
use crate::links::FileLinks;

/// The resource object of an entry of a timeline.
pub fn entry(entry: &Entry, links: &FileLinks) -> Value {
    let mut attributes = cause(entry);
    attributes.insert("changes".to_owned(), changes(&entry.changes, links));
    json!({ "type": "timeline-entry", "id": entry.id.as_str(), "attributes": attributes })
}

/// The resource object that tells where a value comes from.
pub fn origin(account: &Account, origin: &Origin) -> Value {
    let mut attributes = match &origin.set_by {
        Some(entry) => cause(entry),
        None => ["name", "created-at", "actor", "source"]
            .map(|key| (key.to_owned(), Value::Null))
            .into_iter()
            .collect(),
    };
    attributes.insert("field".to_owned(), origin.key.as_str().into());
    attributes.insert("event-id".to_owned(), origin.set_by.as_ref().map(|entry| entry.id.as_str()).into());
    json!({ "type": "field-origin", "id": format!("{}:{}", account.id, origin.key), "attributes": attributes })
}

/// Who or what caused an event, when, and from where.
fn cause(entry: &Entry) -> Map<String, Value> {
    let members = [
        ("name", Value::from(entry.name.as_str())),
        ("created-at", entry.at.to_rfc3339_millis().into()),
        ("actor", entry.actor.as_str().into()),
        ("source", entry.source.as_str().into()),
    ];
    members.into_iter().map(|(key, value)| (key.to_owned(), value)).collect()
}

fn changes(changes: &Changes, links: &FileLinks) -> Value {
    let pair = |before: Value, after: Value| json!({ "before": before, "after": after });
    let mut all = Map::new();
    let mut put = |key: &str, value: Value| drop(all.insert(key.to_owned(), value));
    if let (Some(account), false) = (&changes.account, changes.fields.is_empty()) {
        let ty = &account.account_type;
        let fields = changes.fields.iter().map(|(key, before, after)| {
            let typed = |value: &Option<Value>| typed(ty, key, value.as_ref(), links);
            (key.clone(), pair(typed(before), typed(after)))
        });
        put("fields", fields.collect::<Map<_, _>>().into());
    }
    if let Some((before, after)) = &changes.status {
        put("account-status", pair(before.as_str().into(), after.as_str().into()));
    }
    if let Some((before, after)) = &changes.reference_id {
        put("reference-id", pair(before.as_deref().into(), after.as_deref().into()));
    }
    if let Some((added, removed)) = &changes.tags {
        put("added-tags", json!(added));
        put("removed-tags", json!(removed));
    }
    if let Some((key, target)) = &changes.relation {
        put("relation-schema-key", key.as_str().into());
        put("target-account-id", target.as_str().into());
    }
    if let Some(other) = &changes.other_account {
        put("other-account-id", other.as_str().into());
    }
    Value::Object(all)
}

/// A value as an account shows it; null where it was not set or the field is none any more.
fn typed(ty: &AccountType, key: &str, value: Option<&Value>, links: &FileLinks) -> Value {
    let shown = value.and_then(|value| ty.field(key).map(|schema| schema.typed(Some(value)).linked(links)));
    shown.and_then(|shown| serde_json::to_value(shown).ok()).unwrap_or_default()
}

fn cause_schema() -> Value {
    let text = |about: &str| json!({ "type": ["string", "null"], "description": about });
    json!({
        "name": text("The name of the event."),
        "created-at": described(nullable(instant()), "When it happened."),
        "actor": text("Who or what caused it: the ID of an API key, `operator` or `system`."),
        "source": text("Where from: the ID of a request or of a job, or `command-line`."),
    })
}

/// The schema of an entry of a timeline.
pub fn entry_schema() -> Value {
    let value = || json!({ "anyOf": [{ "type": "null" }, named("typed-value")] });
    let pair = |of: Value| object(&json!({ "before": of, "after": of }), &["before", "after"]);
    let text = || json!({ "type": ["string", "null"] });
    let list = || json!({ "type": "array", "items": { "type": "string" } });
    let changes = json!({
        "fields": { "type": "object", "additionalProperties": pair(value()) },
        "account-status": pair(text()),
        "reference-id": pair(text()),
        "added-tags": list(),
        "removed-tags": list(),
        "relation-schema-key": text(),
        "target-account-id": text(),
        "other-account-id": text(),
    });
    let mut members = cause_schema();
    members["changes"] = described(object(&changes, &[]), "What changed; nothing where a redaction took it.");
    let attributes = object(&members, &["name", "created-at", "actor", "source", "changes"]);
    described(
        resource("timeline-entry", "evt_", &attributes, &json!({})),
        "Something that happened to an account, with who caused it and what changed.",
    )
}

/// The schema of what tells where a value comes from.
pub fn origin_schema() -> Value {
    let mut members = cause_schema();
    members["field"] = json!({ "type": "string", "description": "The key of the field." });
    members["event-id"] = json!({ "type": ["string", "null"], "description": "The ID of the event." });
    let attributes = object(&members, &["name", "created-at", "actor", "source", "field", "event-id"]);
    let mut schema = resource("field-origin", "act_", &attributes, &json!({}));
    schema["properties"]["id"] = json!({ "type": "string", "description": "The account and the field." });
    described(schema, "Who set a value of an account; null where a redaction took the trace.")
}
