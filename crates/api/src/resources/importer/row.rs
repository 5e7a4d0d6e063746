//! What became of a row of an imported file, on the wire.

use muster_app::imports::{RowOutcome, Run};
use muster_domain::import::{Action, RowFault, RunKind};
use serde_json::{Map, Value, json};

use crate::doc::{described, nullable, object, resource};

/// What of a row the caller may not see.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hidden {
    /// Nothing.
    Nothing,
    /// Its cells, and what would change: the blocklist of the caller's key hides attributes of accounts.
    Values,
}

/// The ID and the resource object of a row of a run.
pub fn row(run: &Run, outcome: &RowOutcome, hidden: Hidden) -> (String, Value) {
    let issues = |severity: &str, issues: &[RowFault]| -> Vec<Value> {
        let shown = |issue: &RowFault| {
            json!({
                "severity": severity, "code": issue.code.as_str(), "column": issue.column, "field": issue.field,
                "message": issue.message,
            })
        };
        issues.iter().map(shown).collect()
    };
    let mut all = issues("error", &outcome.faults);
    all.extend(issues("warning", &outcome.warnings));
    let is_hidden = hidden == Hidden::Values;
    let cells = outcome.cells.as_ref().filter(|_| !is_hidden).map(|cells| by_column(&run.columns, cells));
    let changes = outcome.changes.as_ref().filter(|_| !is_hidden).map(pairs);
    let id = format!("{}:{}", run.id, outcome.row);
    let shown = json!({
        "type": "importer-row",
        "id": id,
        "attributes": {
            "row-number": outcome.row,
            "action": action(run.kind, outcome.action),
            "account-id": outcome.account.as_ref().map(ToString::to_string),
            "issues": all,
            "cells": cells,
            "changes": changes,
        },
    });
    (id, shown)
}

/// The number of the row that an ID names; an ID of another run names none.
pub fn row_of(run: &str, id: &str) -> Option<u64> {
    let number = id.strip_prefix(run).and_then(|rest| rest.strip_prefix(':')).unwrap_or(id);
    number.parse().ok()
}

/// The action as the kind of the run calls it.
fn action(kind: RunKind, action: Action) -> &'static str {
    match kind {
        RunKind::DryRun => action.as_planned(),
        _ => action.as_str(),
    }
}

/// Cells by the names of their columns; those beyond the last column by their place.
fn by_column(columns: &[String], cells: &[String]) -> Map<String, Value> {
    let name = |at: usize| columns.get(at).cloned().unwrap_or_else(|| format!("column_{}", at + 1));
    cells.iter().enumerate().map(|(at, cell)| (name(at), Value::from(cell.as_str()))).collect()
}

/// Differences as `{before, after}`.
fn pairs(changes: &Map<String, Value>) -> Map<String, Value> {
    let pair = |change: &Value| json!({ "before": change[0], "after": change[1] });
    changes.iter().map(|(key, change)| (key.clone(), pair(change))).collect()
}

/// The schema of the resource object.
pub fn schema() -> Value {
    let text = |about: &str| json!({ "type": ["string", "null"], "description": about });
    let issue = json!({
        "severity": { "type": "string", "enum": ["error", "warning"] },
        "code": { "type": "string", "description": "The kind, such as `type_mismatch` or `duplicate_in_file`." },
        "column": text("The column that it is about."),
        "field": text("The field that it is about."),
        "message": { "type": "string", "description": "What is wrong and how to mend it. Values are never repeated." },
    });
    let issue = object(&issue, &["severity", "code", "column", "field", "message"]);
    let actions: Vec<&str> = Action::ALL.iter().flat_map(|one| [one.as_str(), one.as_planned()]).collect();
    let mut actions: Vec<&str> = actions;
    actions.sort_unstable();
    actions.dedup();
    let cells = json!({ "type": "object", "additionalProperties": { "type": "string" } });
    let pair = object(&json!({ "before": {}, "after": {} }), &["before", "after"]);
    let changes = json!({ "type": "object", "additionalProperties": pair });
    let attributes = json!({
        "row-number": { "type": "integer", "minimum": 1, "description": "Its number: 1 is the first row of data." },
        "action": { "type": "string", "enum": actions, "description":
            "What became of it; of a dry run `create`, `update` and `skip`: what would." },
        "account-id": text("Its account, where there is one."),
        "issues": { "type": "array", "items": issue, "description": "Why it was refused, and what somebody should know of it." },
        "cells": described(nullable(cells), "Its cells by the names of their columns, if it was refused; null where \
            they were erased or may not be seen."),
        "changes": described(nullable(changes), "Of a dry run: every member of the account that would change; null \
            where they were erased or may not be seen."),
    });
    let names: Vec<&str> =
        attributes.as_object().into_iter().flatten().map(|(name, _)| name.as_str()).collect();
    let attributes = object(&attributes, &names);
    let mut schema = resource("importer-row", "mprtpr_", &attributes, &json!({}));
    schema["properties"]["id"] =
        json!({ "type": "string", "description": "The run and the number of the row." });
    described(schema, "What became of a row of an imported file.")
}
