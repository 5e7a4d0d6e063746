//! A report on paper.

use muster_app::reports::{self, Dismissal, HistoryPage, Hit, Report, RunEntry};
use muster_app::{Error, ReadCx, Result};
use muster_domain::{AccountId, InquiryId, ReportTemplate};
use muster_print::Document;
use serde_json::Value;

use super::{footer, moment};
use crate::call::Call;

/// Runs that are printed at the most.
const RUNS_MAX: usize = 50;

/// Reads a report and lays it out.
pub fn report(cx: &mut ReadCx<'_, '_>, call: &Call) -> Result<Document> {
    let id = call.object_id.parse().map_err(|_| Error::NotFound)?;
    let report = reports::get(cx, &id)?.item;
    let runs = reports::runs(cx, &id, &HistoryPage { size: RUNS_MAX, ..HistoryPage::default() })?.items;
    let title = format!("Report: {}", report.kind.as_str().replace('-', " "));
    let mut document = Document::new(title, report.id.as_str()).with_footer(footer(cx.scope));
    summary(&mut document, &report);
    let asked: Vec<_> = report.query.members().iter().flat_map(|(key, value)| rows(key, value)).collect();
    if !asked.is_empty() {
        document.section("What was asked").rows(asked);
    }
    hits(&mut document, &report, &runs);
    dismissals(&mut document, &report.dismissals);
    result(&mut document, &report);
    history(&mut document, &runs);
    Ok(document)
}

fn summary(document: &mut Document, report: &Report) {
    let text = |id: Option<&str>| id.unwrap_or_default().to_owned();
    let result = match (report.has_match(), report.status.as_str()) {
        (true, _) => "match",
        (false, "ready") => "no match",
        (false, _) => "none",
    };
    document.section("Summary").rows([
        ("Status", report.status.as_str().to_owned()),
        ("Result", result.to_owned()),
        ("Account", text(report.account.as_ref().map(AccountId::as_str))),
        ("Inquiry", text(report.inquiry.as_ref().map(InquiryId::as_str))),
        ("Template", format!("{} {}", report.template, ReportTemplate::version_name(report.revision))),
        ("Created", moment(Some(report.created_at))),
        ("Last run", moment(report.completed_at)),
        ("Next run", moment(report.monitoring.next_run_at.filter(|_| report.is_recurring()))),
        ("Redacted", moment(report.redacted_at)),
        ("Tags", report.tags.join(", ")),
    ]);
    let last = report.last_run.as_ref();
    if let Some(why) = last.and_then(|run| run.error.as_deref()) {
        document.note(format!("The last run could not be done: {why}."));
    }
    if last.is_some_and(|run| run.simulated) {
        document.note("Simulated: a sandbox made this result up.");
    }
}

/// A member as rows: the members of an object one by one.
fn rows(key: &str, value: &Value) -> Vec<(String, String)> {
    let name = key.replace('-', " ");
    match value {
        Value::Null => Vec::new(),
        Value::String(text) => vec![(name, text.clone())],
        Value::Object(members) => members.iter().flat_map(|(key, value)| rows(key, value)).collect(),
        Value::Array(items) if items.iter().any(Value::is_object) => {
            items.iter().flat_map(|item| rows(key, item)).collect()
        }
        Value::Array(items) => {
            let texts =
                items.iter().map(|item| item.as_str().map_or_else(|| item.to_string(), str::to_owned));
            vec![(name, texts.collect::<Vec<_>>().join(", "))]
        }
        other => vec![(name, other.to_string())],
    }
}

/// The name of a hit: that of the first of its names.
fn name_of(hit: &Hit) -> String {
    let first = hit.shown.as_array().and_then(|names| names.first()).unwrap_or(&hit.shown);
    first.get("name").and_then(Value::as_str).unwrap_or_default().to_owned()
}

fn list_of(hit: &Hit) -> String {
    hit.list.as_ref().map(|list| list.name.clone()).unwrap_or_default()
}

/// Why it is a hit, in a line.
fn why(hit: &Hit) -> String {
    let all: Vec<String> = hit
        .why
        .as_object()
        .into_iter()
        .flatten()
        .flat_map(|(key, value)| rows(key, value))
        .map(line)
        .collect();
    all.join("; ")
}

fn line((key, value): (String, String)) -> String {
    format!("{key}: {value}")
}

fn hits(document: &mut Document, report: &Report, runs: &[RunEntry]) {
    if report.hits.is_empty() {
        return;
    }
    document.section("Hits that nobody has dismissed").table(
        ["Name", "List", "ID", "Why"],
        report.hits.iter().map(|hit| vec![name_of(hit), list_of(hit), hit.key.clone(), why(hit)]),
    );
    let searched = runs.iter().find_map(|entry| entry.run.as_ref()).map(|run| run.lists.as_slice());
    if let Some(lists) = searched.filter(|lists| !lists.is_empty()) {
        let names: Vec<String> = lists.iter().map(|list| format!("{} {}", list.slug, list.version)).collect();
        document.note(format!("Lists that were searched: {}.", names.join(", ")));
    }
}

fn dismissals(document: &mut Document, all: &[Dismissal]) {
    if all.is_empty() {
        return;
    }
    document.section("Dismissed").table(
        ["Name", "List", "When", "By", "Reason"],
        all.iter().map(|one| {
            vec![
                name_of(&one.hit),
                list_of(&one.hit),
                moment(Some(one.at)),
                one.by.clone(),
                one.reason.clone(),
            ]
        }),
    );
}

fn result(document: &mut Document, report: &Report) {
    let told = report.result.iter().flatten();
    let all: Vec<_> = told.flat_map(|(key, value)| rows(key, value)).collect();
    if !all.is_empty() {
        document.section("Result").rows(all);
    }
}

fn history(document: &mut Document, runs: &[RunEntry]) {
    if runs.is_empty() {
        return;
    }
    document.section("Runs").table(
        ["When", "Made by", "Status", "Hits", "Error"],
        runs.iter().map(|entry| {
            let run = entry.run.as_ref();
            vec![
                moment(Some(entry.at)),
                run.map(|run| run.run_type.as_str()).unwrap_or_default().to_owned(),
                run.map(|run| run.status.as_str()).unwrap_or_default().to_owned(),
                run.and_then(|run| run.matches).map(|hits| hits.to_string()).unwrap_or_default(),
                run.and_then(|run| run.error.clone()).unwrap_or_default(),
            ]
        }),
    );
}
