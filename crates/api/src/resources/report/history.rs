//! What happened to a report, on the wire: plain objects, not resources (spec D.5), and runs as Muster tells them.

use muster_app::reports::{Happening, HistoryEntry, RunEntry};
use muster_domain::EventId;
use serde_json::{Value, json};

use crate::doc::{constant, described, instant, nullable, object, resource};

/// The ID of an entry, made of that of its event.
pub fn entry_id(entry: &HistoryEntry) -> String {
    let prefix = if matches!(entry.what, Happening::Ran(_)) { "rpr_" } else { "ract_" };
    prefix.to_owned() + entry.id.as_str().trim_start_matches("evt_")
}

/// The event that an ID of an entry was made of.
pub fn event_of(id: &str) -> Option<EventId> {
    let body = ["rpr_", "ract_", "evt_"].into_iter().find_map(|prefix| id.strip_prefix(prefix))?;
    format!("evt_{body}").parse().ok()
}

/// An entry, and its ID.
pub fn entry(entry: &HistoryEntry) -> (String, Value) {
    let id = entry_id(entry);
    let done = |kind: &str| {
        json!({
            "type": kind, "id": id, "created-at": entry.at.to_rfc3339_millis(), "creator-name": entry.by,
        })
    };
    let shown = match &entry.what {
        Happening::Dismissed => done("dismiss"),
        Happening::Paused => done("pause"),
        Happening::Resumed => done("resume"),
        Happening::Ran(run) => {
            let run_type = run.as_ref().map_or("manual", |run| run.run_type.as_str());
            let mut shown = json!({
                "type": "run", "id": id, "run-type": run_type,
                "completed-at": entry.at.to_rfc3339_millis(),
                "matches": run.as_ref().and_then(|run| run.matches),
            });
            if let Some(date) = run.as_ref().and_then(|run| run.scheduled_date.as_ref()) {
                shown["scheduled-date"] = date.clone().into();
            }
            shown
        }
    };
    (id, shown)
}

/// The schema of an entry.
pub fn entry_schema() -> Value {
    let run = json!({
        "type": constant("run"),
        "id": { "type": "string" },
        "run-type": described(json!({ "type": "string", "enum": ["manual", "scheduled"] }), "What made it: a request, or the schedule."),
        "scheduled-date": described(json!({ "type": "string", "format": "date" }), "The day for which it was scheduled."),
        "completed-at": described(nullable(instant()), "When it was over."),
        "matches": described(json!({ "type": ["integer", "null"] }), "Its hits that were not dismissed; null where it could not be done."),
    });
    let done = |kind: &str| {
        let members = json!({
            "type": constant(kind),
            "id": { "type": "string" },
            "created-at": described(instant(), "When it was done."),
            "creator-name": described(json!({ "type": "string" }), "Who did it: the name of an API key."),
        });
        object(&members, &["type", "id", "created-at", "creator-name"])
    };
    let run = object(&run, &["type", "id", "run-type", "completed-at", "matches"]);
    let all = [run, done("dismiss"), done("pause"), done("resume")];
    described(json!({ "oneOf": all }), "Something that happened to a report.")
}

/// A run as Muster tells it, and its ID.
pub fn run(entry: &RunEntry) -> (String, Value) {
    let id = format!("rpr_{}", entry.id.as_str().trim_start_matches("evt_"));
    let run = entry.run.as_ref();
    let lists: Vec<Value> = run
        .map(|run| run.lists.as_slice())
        .unwrap_or_default()
        .iter()
        .map(|list| {
            json!({ "slug": list.slug, "version": list.version, "loaded-at": list.loaded_at.to_rfc3339_millis() })
        })
        .collect();
    let shown = json!({
        "type": "report-run",
        "id": id,
        "attributes": {
            "run-type": run.map(|run| run.run_type.as_str()),
            "scheduled-date": run.and_then(|run| run.scheduled_date.as_deref()),
            "completed-at": entry.at.to_rfc3339_millis(),
            "status": run.map(|run| run.status.as_str()),
            "matches": run.and_then(|run| run.matches),
            "error": run.and_then(|run| run.error.as_deref()),
            "is-simulated": run.map(|run| run.simulated),
            "searched-lists": lists,
            "hits": entry.hits,
        },
    });
    (id, shown)
}

/// The schema of a run as Muster tells it.
pub fn run_schema() -> Value {
    let text = |about: &str| json!({ "type": ["string", "null"], "description": about });
    let list = object(
        &json!({
            "slug": { "type": "string" }, "version": { "type": "string" },
            "loaded-at": described(instant(), "When that version was loaded."),
        }),
        &["slug", "version", "loaded-at"],
    );
    let hit = object(
        &json!({
            "entity-id": described(json!({ "type": "string" }), "Its ID in its list, or that of the provider."),
            "list": text("The slug of its list."),
            "why": { "type": "object", "additionalProperties": true,
                "description": "Why it is a hit: the score, the ways of matching, what agreed." },
        }),
        &["entity-id", "list", "why"],
    );
    let attributes = json!({
        "run-type": text("What made it: `manual` or `scheduled`; null where a redaction took it, as with the rest."),
        "scheduled-date": text("The day for which it was scheduled."),
        "completed-at": described(instant(), "When it was over."),
        "status": text("How it ended: `ready` or `errored`."),
        "matches": { "type": ["integer", "null"], "description": "Its hits that were not dismissed." },
        "error": text("Why it could not be done."),
        "is-simulated": { "type": ["boolean", "null"], "description": "Whether a sandbox made its result up." },
        "searched-lists": { "type": "array", "items": list, "description": "The lists that were searched, as they were then." },
        "hits": { "type": "array", "items": hit, "description": "Its hits that were not dismissed, and why they are hits." },
    });
    let all: Vec<&str> =
        attributes.as_object().map(|all| all.keys().map(String::as_str).collect()).unwrap_or_default();
    let run = resource("report-run", "rpr_", &object(&attributes, &all), &json!({}));
    described(run, "A run of a report that is over.")
}
