//! Reading reports, and what happened to them.

use std::collections::HashMap;

use muster_domain::account::ReferenceId;
use muster_domain::event::Actor;
use muster_domain::report::ReportVerb;
use muster_domain::{ApiKeyId, EnvironmentId, EventId, ReportId, ReportKind, Timestamp};
use muster_store::events::{self as event_rows, EventRow, Selection, Side};
use muster_store::records as rows;
use muster_store::{Tx, api_keys};
use serde_json::Value;

use super::{Report, Run};
use crate::accounts::{Page, cut, find_by_reference};
use crate::record::{self, PageOf, Record};
use crate::{ReadCx, Result};

/// Events of a report that are read at once.
const EVENTS_AT_ONCE: i64 = 128;

/// Which reports a page is to hold.
#[derive(Clone, Debug, Default)]
pub struct PageRequest {
    /// Where it lies.
    pub page: PageOf,
    /// Only those of accounts with one of these reference IDs.
    pub reference_ids: Option<Vec<String>>,
    /// Only those of these accounts.
    pub account_ids: Option<Vec<String>>,
}

/// Reads one report.
///
/// # Errors
/// [`crate::Error::NotFound`].
pub fn get(cx: &mut ReadCx<'_, '_>, id: &ReportId) -> Result<Record<Report>> {
    record::get(cx.tx, cx.scope, cx.master, id.as_str())
}

/// Reads one page of reports, newest first.
///
/// # Errors
/// What the store reports.
pub fn page(cx: &mut ReadCx<'_, '_>, request: &PageRequest) -> Result<Page<Record<Report>>> {
    let accounts = accounts(cx, request)?;
    let environment = &cx.scope.environment.id;
    record::page((cx.tx, cx.scope, cx.master), &request.page, |tx, range| match accounts {
        None => Ok(rows::page(tx, environment, rows::Selection::All, range)?),
        Some(ids) => {
            let of: Vec<_> = ids.iter().map(|id| rows::Selection::OfAccount(id)).collect();
            record::merge(tx, environment, &of, range)
        }
    })
}

/// The accounts whose reports are wanted; none for those of all.
fn accounts(cx: &mut ReadCx<'_, '_>, request: &PageRequest) -> Result<Option<Vec<String>>> {
    let Some(references) = &request.reference_ids else { return Ok(request.account_ids.clone()) };
    let mut found = Vec::new();
    for reference in references {
        // What cannot be a reference ID is nobody's.
        let Ok(reference) = ReferenceId::parse(reference) else { continue };
        found.extend(find_by_reference(cx, &reference)?.iter().map(ToString::to_string));
    }
    if let Some(wanted) = &request.account_ids {
        found.retain(|id| wanted.contains(id));
    }
    Ok(Some(found))
}

/// Which part of a history is wanted.
#[derive(Clone, Debug, Default)]
pub struct HistoryPage {
    /// How many at the most.
    pub size: usize,
    /// Older than this one.
    pub after: Option<EventId>,
    /// Newer than this one.
    pub before: Option<EventId>,
}

/// Something that happened to a report.
#[derive(Clone, Debug)]
pub struct HistoryEntry {
    /// The event that tells of it.
    pub id: EventId,
    /// What it was.
    pub what: Happening,
    /// When.
    pub at: Timestamp,
    /// Who did it.
    pub by: String,
}

/// What happened to a report.
#[derive(Clone, Debug)]
pub enum Happening {
    /// It was run; nothing more is known where a redaction took it.
    Ran(Option<Run>),
    /// Hits were dismissed.
    Dismissed,
    /// Its runs on a schedule were paused.
    Paused,
    /// Its runs on a schedule go on.
    Resumed,
}

/// A run with what it found.
#[derive(Clone, Debug)]
pub struct RunEntry {
    /// The event that tells of it.
    pub id: EventId,
    /// When it was over.
    pub at: Timestamp,
    /// The run; none where a redaction took it.
    pub run: Option<Run>,
    /// Its hits that were not dismissed, and why they are hits.
    pub hits: Vec<Value>,
}

/// What happened to a report, newest first: runs, dismissals, pauses.
///
/// # Errors
/// [`crate::Error::NotFound`].
pub fn history(cx: &mut ReadCx<'_, '_>, id: &ReportId, wanted: &HistoryPage) -> Result<Page<HistoryEntry>> {
    let record = get(cx, id)?;
    let page = select(cx, &record, wanted, |kind, name| verb(kind, name).is_some())?;
    let mut names: HashMap<String, String> = HashMap::new();
    let mut items = Vec::with_capacity(page.items.len());
    for event in page.items {
        let what = match verb(record.item.kind, &event.name) {
            Some(ReportVerb::Dismissed) => Happening::Dismissed,
            Some(ReportVerb::Paused) => Happening::Paused,
            Some(ReportVerb::Resumed) => Happening::Resumed,
            _ => Happening::Ran(run_of(&record, &event).0),
        };
        if !names.contains_key(&event.actor) {
            let name = name_of(cx.tx, &cx.scope.environment.id, &event.actor)?;
            names.insert(event.actor.clone(), name);
        }
        let by = names.get(&event.actor).cloned().unwrap_or_default();
        items.push(HistoryEntry { id: event.id, what, at: event.at, by });
    }
    Ok(Page { items, has_newer: page.has_newer, has_older: page.has_older })
}

/// The runs of a report, newest first, with the lists that were searched and why hits are hits.
///
/// # Errors
/// [`crate::Error::NotFound`].
pub fn runs(cx: &mut ReadCx<'_, '_>, id: &ReportId, wanted: &HistoryPage) -> Result<Page<RunEntry>> {
    let record = get(cx, id)?;
    let is_run = |kind, name: &str| matches!(verb(kind, name), Some(ReportVerb::Ready | ReportVerb::Errored));
    let page = select(cx, &record, wanted, is_run)?;
    let items = page.items.into_iter().map(|event| {
        let (run, hits) = run_of(&record, &event);
        RunEntry { id: event.id, at: event.at, run, hits }
    });
    Ok(Page { items: items.collect(), has_newer: page.has_newer, has_older: page.has_older })
}

/// What of the history an event tells, by its name.
fn verb(kind: ReportKind, name: &str) -> Option<ReportVerb> {
    use ReportVerb::{Dismissed, Errored, Paused, Ready, Resumed};
    [Ready, Errored, Dismissed, Paused, Resumed].into_iter().find(|verb| kind.event(*verb) == name)
}

fn run_of(record: &Record<Report>, event: &EventRow) -> (Option<Run>, Vec<Value>) {
    let mut payload = record::payload(record, event);
    let run = payload.remove("run").and_then(|run| serde_json::from_value(run).ok());
    let hits = match payload.remove("hits") {
        Some(Value::Array(hits)) => hits,
        _ => Vec::new(),
    };
    (run, hits)
}

/// Events of a report that pass, beside a cursor.
fn select(
    cx: &mut ReadCx<'_, '_>,
    record: &Record<Report>,
    wanted: &HistoryPage,
    passes: impl Fn(ReportKind, &str) -> bool,
) -> Result<Page<EventRow>> {
    let (side, mut cursor) = match &wanted.before {
        Some(cursor) => (Side::Before, Some(cursor.clone())),
        None => (Side::After, wanted.after.clone()),
    };
    let of = Selection::OfObject(record.item.id.as_str());
    let mut found = Vec::new();
    loop {
        let some =
            event_rows::page(cx.tx, &cx.scope.environment.id, of, side, cursor.as_ref(), EVENTS_AT_ONCE)?;
        let is_last = i64::try_from(some.len()).unwrap_or(0) < EVENTS_AT_ONCE;
        cursor = some.last().map(|event| event.id.clone());
        found.extend(some.into_iter().filter(|event| passes(record.item.kind, &event.name)));
        if is_last || found.len() > wanted.size {
            break;
        }
    }
    found.truncate(wanted.size + 1);
    Ok(cut(found, wanted.size, wanted.after.is_some(), wanted.before.is_some()))
}

/// How an actor is called: an API key by its name.
///
/// # Errors
/// What the store reports.
pub(super) fn name_of(tx: &mut Tx<'_>, environment: &EnvironmentId, actor: &str) -> Result<String> {
    let key = match actor.parse::<ApiKeyId>() {
        Ok(id) => api_keys::find(tx, environment, &id)?,
        Err(_) => None,
    };
    let fallback = || match actor {
        actor if actor == Actor::System.to_string() => "Muster".to_owned(),
        actor if actor == Actor::Operator.to_string() => "Operator".to_owned(),
        _ => "API".to_owned(),
    };
    Ok(key.map(|key| key.name).filter(|name| !name.trim().is_empty()).unwrap_or_else(fallback))
}
