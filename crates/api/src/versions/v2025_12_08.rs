//! 2025-12-08: reports have a history of their own, and no longer a list of runs that was empty before.

use serde_json::{Value, json};

use super::{ApiVersion, Change, Release};

/// What 2025-12-08 changed.
pub(super) const RELEASE: Release = Release {
    version: ApiVersion::NEWEST,
    changes: &[
        of("report/watchlist"),
        of("report/politically-exposed-person"),
        of("report/business-watchlist"),
    ],
    requests: &[],
};

const fn of(kind: &'static str) -> Change {
    Change { kind, downgrade_reply: add_runs, downgrade_schema: add_runs_schema }
}

/// Gives a report the list of runs, which nobody filled any more.
fn add_runs(report: &mut Value) {
    if let Some(Value::Object(attributes)) = report.get_mut("attributes") {
        attributes.insert("run-history".to_owned(), json!([]));
    }
}

fn add_runs_schema(schema: &mut Value) {
    let Some(attributes) = schema.pointer_mut("/properties/attributes") else { return };
    let text = "Always empty: the history of a report tells of its runs.";
    attributes["properties"]["run-history"] =
        json!({ "type": "array", "maxItems": 0, "items": {}, "description": text });
    if let Some(required) = attributes["required"].as_array_mut() {
        required.push("run-history".into());
    }
}
