//! What is told of a run that has ended: counts, changes, refused rows.

use std::process::ExitCode;
use std::sync::Arc;

use muster_app::imports::rows::{self, Filter, RowsRequest};
use muster_app::imports::{RowOutcome, Run};
use muster_app::{App, ReadCx, Scope};
use muster_domain::import::{Counters, RunKind, RunStatus};
use serde_json::Value;

use super::Wanted;
use super::drive::INTERRUPTED;
use crate::output::{Failure, fail, line};

/// How the program ends when rows were refused.
const ROWS_REFUSED: u8 = 2;
/// Refused rows that are told without being asked for.
const FAULTS_TOLD: usize = 10;
/// Longest value of a table, in characters.
const VALUE_CHARS_MAX: usize = 48;

/// The counts in words; what is 0 is left out.
pub fn counts(counters: &Counters) -> String {
    let all = [
        (counters.created, "created"),
        (counters.updated, "updated"),
        (counters.unchanged, "unchanged"),
        (counters.skipped, "skipped"),
        (counters.errors, "refused"),
        (counters.warnings, if counters.warnings == 1 { "warning" } else { "warnings" }),
    ];
    let told: Vec<String> =
        all.iter().filter(|(count, _)| *count > 0).map(|(count, what)| format!("{count} {what}")).collect();
    if told.is_empty() { "nothing yet".to_owned() } else { told.join(", ") }
}

/// A number of rows in words.
pub fn rows(count: u64) -> String {
    if count == 1 { "1 row".to_owned() } else { format!("{count} rows") }
}

/// Tells how a run ended.
///
/// # Errors
/// When it gave up or was taken down.
pub fn tell_end(app: &App, scope: &Scope, run: &Run, wanted: &Wanted<'_>) -> Result<ExitCode, Failure> {
    let would = if run.kind == RunKind::DryRun { "would be " } else { "" };
    line(format_args!(
        "{}  {}: {}, {would}{}",
        run.id,
        run.status.as_str(),
        rows(run.counters.read),
        counts(&run.counters)
    ));
    for warning in &run.warnings {
        line(format_args!("note: {}", warning.message));
    }
    if run.kind == RunKind::DryRun {
        tell_changes(app, scope, run, wanted.show)?;
    }
    if run.counters.errors > 0 {
        tell_faults(app, scope, run)?;
        match wanted.rejects {
            Some(path) => line(format_args!("the refused rows are in {}", path.display())),
            None => line(format_args!("muster imports rejects {} writes the refused rows as CSV", run.id)),
        }
    }
    if run.kind == RunKind::DryRun && run.status == RunStatus::Completed {
        line(format_args!("nothing was written; muster imports commit {} does it", run.id));
    }
    match run.status {
        RunStatus::Completed if run.counters.errors > 0 => Ok(ExitCode::from(ROWS_REFUSED)),
        RunStatus::Completed => Ok(ExitCode::SUCCESS),
        RunStatus::Errored => fail(format!(
            "the run gave up: {}",
            run.reason.as_deref().unwrap_or("too many rows were refused")
        )),
        RunStatus::Canceled | RunStatus::Killed => {
            fail(format!("the run is {}; what it wrote stays", run.status.as_str()))
        }
        RunStatus::Pending | RunStatus::Running | RunStatus::Paused => Ok(ExitCode::from(INTERRUPTED)),
    }
}

/// Some rows of a run that pass a filter, those after a row; and whether there are more.
pub fn rows_after(
    app: &App,
    scope: &Scope,
    run: &Run,
    (after, size): (u64, usize),
    filter: Filter,
) -> Result<(Vec<RowOutcome>, More), Failure> {
    let (master, catalogs) = (Arc::clone(&app.master), Arc::clone(&app.catalogs));
    let (at, id) = (scope.clone(), run.id.clone());
    let request = RowsRequest { size, after: Some(after), before: None, filter };
    let page = app.db.read_blocking("imports.rows", move |tx| {
        let cx = &mut ReadCx { tx, scope: &at, catalogs: &catalogs, master: &master };
        rows::page(cx, &id, &request)
    })?;
    Ok((page.items, if page.has_older { More::Yes } else { More::No }))
}

/// Whether there are more.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum More {
    /// There are.
    Yes,
    /// That was all.
    No,
}

fn tell_changes(app: &App, scope: &Scope, run: &Run, show: usize) -> Result<(), Failure> {
    if show == 0 {
        return Ok(());
    }
    let (found, more) = rows_after(app, scope, run, (0, show), Filter::written())?;
    found.iter().for_each(|outcome| tell_row(outcome, run.kind));
    if more == More::Yes {
        line(format_args!("… muster imports rows {} shows all", run.id));
    }
    Ok(())
}

/// One row and what becomes of it: a line, and below it each member that changes.
pub fn tell_row(outcome: &RowOutcome, kind: RunKind) {
    let action = match kind {
        RunKind::DryRun => outcome.action.as_planned(),
        RunKind::Import | RunKind::Undo => outcome.action.as_str(),
    };
    let account = outcome.account.as_ref().map(ToString::to_string).unwrap_or_default();
    line(format!("row {:<8} {action:<10} {account}", outcome.row).trim_end());
    for fault in outcome.faults.iter().chain(&outcome.warnings) {
        let place = fault.column.as_deref().or(fault.field.as_deref()).map(|place| format!("{place}: "));
        line(format_args!("    {} ({})", told(place, &fault.message), fault.code.as_str()));
    }
    let mut changes = Vec::new();
    for (member, change) in outcome.changes.iter().flatten() {
        leaves(member, &change[0], &change[1], &mut changes);
    }
    let width = changes.iter().map(|(member, ..)| member.chars().count()).max().unwrap_or(0);
    for (member, before, after) in changes {
        line(format_args!("    {member:<width$}  {before}  →  {after}"));
    }
}

/// What differs within two values, each with its place.
fn leaves(place: &str, before: &Value, after: &Value, into: &mut Vec<(String, String, String)>) {
    let nothing = serde_json::Map::new();
    let members = match (before, after) {
        (Value::Object(before), Value::Object(after)) => Some((before, after)),
        (Value::Object(before), Value::Null) => Some((before, &nothing)),
        (Value::Null, Value::Object(after)) => Some((&nothing, after)),
        _ => None,
    };
    let Some((before, after)) = members else {
        if before != after {
            into.push((place.to_owned(), short(before), short(after)));
        }
        return;
    };
    let new = after.keys().filter(|key| !before.contains_key(*key));
    for key in before.keys().chain(new) {
        let of = |members: &serde_json::Map<String, Value>| members.get(key).cloned().unwrap_or(Value::Null);
        leaves(&format!("{place}.{key}"), &of(before), &of(after), into);
    }
}

fn told(place: Option<String>, message: &str) -> String {
    format!("{}{message}", place.unwrap_or_default())
}

/// A value on one line: nothing, a text as it is, else JSON.
fn short(value: &Value) -> String {
    let text = match value {
        Value::Null => "–".to_owned(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    // A terminal must not obey what stands in a file.
    let mut shown: String =
        text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(VALUE_CHARS_MAX).collect();
    if text.chars().count() > VALUE_CHARS_MAX {
        shown.push('…');
    }
    shown
}

fn tell_faults(app: &App, scope: &Scope, run: &Run) -> Result<(), Failure> {
    let (found, more) = rows_after(app, scope, run, (0, FAULTS_TOLD), Filter::refused())?;
    found.iter().for_each(|outcome| tell_row(outcome, run.kind));
    if more == More::Yes {
        line(format_args!("… muster imports rows {} --action error shows all", run.id));
    }
    Ok(())
}
