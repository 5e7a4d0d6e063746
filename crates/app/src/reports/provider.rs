//! Asking a provider (spec D.6); `docs/reports.md` is the contract of the question and its answer.

use std::time::Duration;

use muster_domain::ReportKind;
use muster_domain::report::shape::fit_members;
use muster_store::seal::digest16;
use serde_json::{Map, Value, json};

use super::apply::{Answer, Found};
use super::{Hit, Report};
use crate::outside::{self, Failure, Question};
use crate::{App, Scope};

/// Longest and shortest pause until a provider that is not ready is asked again, in seconds.
const PAUSES: (u64, u64) = (1, 3600);
/// The pause where the provider names none, in seconds.
const PAUSE: u64 = 30;
/// Attributes that Muster itself tells.
const OWN: [&str; 4] = ["query", "ignore-list", "ignore-list-media", "ignore-list-entity"];
/// Longest text of a provider on why it cannot tell anything, in characters.
const WHY_CHARS_MAX: usize = 200;

/// What came of asking a provider.
pub(super) enum Asked {
    /// Nobody answers questions about this kind.
    Nobody,
    /// It told something, or that it cannot.
    Told(Found),
    /// It is not ready; ask again after a while.
    Later(Duration),
    /// It could not be reached.
    Unreachable(String),
}

/// Asks a provider about a report.
pub(super) fn ask(app: &App, scope: &Scope, report: &Report) -> Asked {
    let topic = report.kind.resource_type();
    if !app.outside.knows(topic) {
        return Asked::Nobody;
    }
    let run = report.runs + 1;
    let body = json!({
        "report-id": report.id,
        "kind": report.kind,
        "run": run,
        "account-id": report.account,
        "environment-id": scope.environment.id,
        "report-template": {
            "id": report.template, "revision": report.revision, "definition": report.definition,
        },
        "query": report.query,
    });
    // A run that is made again is the same question.
    let id = format!("{}-{run}", report.id);
    match app.outside.ask(&Question { id, topic: topic.to_owned(), body }) {
        Ok(answer) => read(report.kind, &answer),
        Err(Failure::NotConfigured { .. }) => Asked::Nobody,
        Err(Failure::Unreachable(why)) => Asked::Unreachable(why),
        Err(failure) => Asked::Told(Found::Failed(format!("the provider was of no help: {failure}"))),
    }
}

fn read(kind: ReportKind, outside::Answer(answer): &outside::Answer) -> Asked {
    match answer.get("status").and_then(Value::as_str) {
        Some("pending" | "submitted") => {
            let seconds = answer.get("retry-after-seconds").and_then(Value::as_u64).unwrap_or(PAUSE);
            Asked::Later(Duration::from_secs(seconds.clamp(PAUSES.0, PAUSES.1)))
        }
        Some("ready") => Asked::Told(found(kind, answer)),
        Some("errored") => {
            let why = answer.get("error").and_then(Value::as_str).unwrap_or("it says that it cannot tell");
            let why: String = why.chars().take(WHY_CHARS_MAX).collect();
            Asked::Told(Found::Failed(format!("the provider has no result: {why}")))
        }
        _ => Asked::Told(Found::Failed("the answer of the provider has no status".to_owned())),
    }
}

fn found(kind: ReportKind, answer: &Value) -> Found {
    let attributes = answer.get("attributes").and_then(Value::as_object).cloned().unwrap_or_default();
    let mut attributes = match fit_members(kind.attributes(), &attributes) {
        Ok(fitted) => fitted,
        Err(faults) => {
            let places: Vec<String> = faults.iter().take(3).map(ToString::to_string).collect();
            return unfit(&places.join("; "));
        }
    };
    attributes.retain(|name, _| !OWN.contains(&name.as_str()));
    let says_match = match answer.get("has-match") {
        Some(Value::Bool(says)) => *says,
        _ => return unfit("has-match must be true or false"),
    };
    if id_member(kind).is_some() && !attributes.get("related-sources").is_some_and(Value::is_array) {
        return unfit(
            "attributes.related-sources must be given; it is an empty list where nothing was found",
        );
    }
    let hits = hits_of(kind, &mut attributes);
    if hits.iter().any(|hit| hit.key.is_empty()) {
        return unfit("each of attributes.related-sources must have an ID");
    }
    if says_match && hits.is_empty() && id_member(kind).is_some() {
        return unfit("attributes.related-sources must have somebody in it where has-match is true");
    }
    // Where there are hits, they say whether there is a match.
    Found::Answer(Answer {
        attributes,
        hits,
        has_match: says_match && id_member(kind).is_none(),
        simulated: false,
    })
}

/// An answer that must not pass for one that says that there is nothing.
fn unfit(why: &str) -> Found {
    Found::Failed(format!("the answer of the provider does not fit: {why}"))
}

/// The member that holds the ID of somebody or something that a provider found.
const fn id_member(kind: ReportKind) -> Option<&'static str> {
    match kind {
        ReportKind::AdverseMedia => Some("entity-id"),
        ReportKind::BusinessAdverseMedia => Some("id"),
        _ => None,
    }
}

/// Takes out of what a provider told who or what it found, for kinds whose hits can be dismissed.
pub(super) fn hits_of(kind: ReportKind, attributes: &mut Map<String, Value>) -> Vec<Hit> {
    let Some(member) = id_member(kind) else { return Vec::new() };
    let Some(Value::Array(entities)) = attributes.remove("related-sources") else { return Vec::new() };
    entities.into_iter().map(|shown| hit_of(member, shown)).collect()
}

fn hit_of(member: &str, shown: Value) -> Hit {
    let types = shown.get("match-types").or_else(|| shown.get("match_types")).cloned();
    let name = shown.get("name").and_then(Value::as_str).unwrap_or_default();
    let key = shown.get(member).and_then(Value::as_str).unwrap_or(name).to_owned();
    Hit { key, hash: hash_of(&shown), list: None, why: json!({ "match-types": types }), shown }
}

/// What changes when what is known of a hit does.
pub(super) fn hash_of(known: &Value) -> String {
    digest16(&[known.to_string().as_bytes()]).iter().map(|byte| format!("{byte:02x}")).collect()
}
