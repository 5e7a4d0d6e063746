//! Reading events, each with its object as it was at that moment.

use std::collections::HashMap;
use std::sync::Arc;

use muster_domain::event::EventName;
use muster_domain::{
    AccountId, AccountType, DocumentId, EventId, ImporterPipelineRunId, InquiryId, InquirySessionId,
    ReportId, ResourceId, SelfieId, Timestamp, VerificationId,
};
use muster_store::accounts as account_rows;
use muster_store::events::{self as rows, EventRow, Selection, Side};
use serde_json::{Map, Value};

use crate::accounts::{Account, History, Opened, Page, cut, state_after};
use crate::documents::Document;
use crate::imports::Run;
use crate::inquiries::{self, Session};
use crate::record::{self, Noun};
use crate::reports::Report;
use crate::selfies::Selfie;
use crate::verifications;
use crate::{Catalog, Error, ReadCx, Result};

/// An event as it is shown.
#[derive(Clone, Debug)]
pub struct Event {
    /// Its ID.
    pub id: EventId,
    /// Its name.
    pub name: String,
    /// When it happened.
    pub at: Timestamp,
    /// The object at that moment.
    pub object: Object,
    /// What else is told of it.
    pub context: Context,
}

/// What is told of an event beside its object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Context {
    /// Nothing.
    None,
    /// Names of the tags that changed.
    Tags {
        /// Those that were added.
        added: Vec<String>,
        /// Those that were removed.
        removed: Vec<String>,
    },
    /// A relation that was added or removed; empty where a redaction took it.
    Relation {
        /// The key of its schema.
        key: Option<String>,
        /// The other account.
        target: Option<String>,
    },
}

/// What an event happened to.
#[derive(Clone, Debug)]
pub enum Object {
    /// An account.
    Account(Arc<Account>),
    /// An account type.
    AccountType(Arc<AccountType>),
    /// A report.
    Report(Box<Report>),
    /// An inquiry.
    Inquiry(Box<inquiries::Shown>),
    /// A session of an inquiry.
    InquirySession(Box<Session>),
    /// A verification.
    Verification(Box<verifications::Shown>),
    /// A document.
    Document(Box<Document>),
    /// Photos of a face.
    Selfie(Box<Selfie>),
    /// A run of an importer pipeline.
    ImporterPipelineRun(Box<Run>),
}

/// Turns what is kept as a record back to the moment of an event, and tells what else the event holds.
type AtEvent = fn(&mut ReadCx<'_, '_>, &EventRow) -> Result<(Object, Map<String, Value>)>;

/// The nouns that are kept as records, by the prefix of their IDs.
const RECORDS: [(&str, AtEvent); 7] = [
    (InquiryId::PREFIX, |cx, event| {
        let (shown, own) = inquiries::show_at_event(cx, event)?;
        Ok((Object::Inquiry(Box::new(shown)), own))
    }),
    (InquirySessionId::PREFIX, |cx, event| {
        plain(cx, event, |session| Object::InquirySession(Box::new(session)))
    }),
    (VerificationId::PREFIX, |cx, event| {
        let (shown, own) = verifications::show_at_event(cx, event)?;
        Ok((Object::Verification(Box::new(shown)), own))
    }),
    (DocumentId::PREFIX, |cx, event| plain(cx, event, |document| Object::Document(Box::new(document)))),
    (ReportId::PREFIX, |cx, event| plain(cx, event, |report| Object::Report(Box::new(report)))),
    (ImporterPipelineRunId::PREFIX, |cx, event| {
        plain(cx, event, |run| Object::ImporterPipelineRun(Box::new(run)))
    }),
    (SelfieId::PREFIX, |cx, event| plain(cx, event, |selfie| Object::Selfie(Box::new(selfie)))),
];

/// A record that is shown by itself, as it was right after an event.
fn plain<T: Noun>(
    cx: &mut ReadCx<'_, '_>,
    event: &EventRow,
    object: fn(T) -> Object,
) -> Result<(Object, Map<String, Value>)> {
    let now = record::get::<T>(cx.tx, cx.scope, cx.master, event.object_id.as_str())?;
    let (then, own) = record::at_event(cx.tx, &cx.scope.environment.id, &now, event)?;
    Ok((object(then), own))
}

/// Which events a page is to hold.
#[derive(Clone, Debug, Default)]
pub struct PageRequest {
    /// How many at the most.
    pub size: usize,
    /// Older than this one.
    pub after: Option<EventId>,
    /// Newer than this one.
    pub before: Option<EventId>,
    /// Only these.
    pub ids: Option<Vec<EventId>>,
    /// Only with one of these names.
    pub names: Option<Vec<String>>,
    /// Only of one of these objects.
    pub object_ids: Option<Vec<String>>,
}

/// Reads one event.
///
/// # Errors
/// [`Error::NotFound`].
pub fn get(cx: &mut ReadCx<'_, '_>, id: &EventId) -> Result<Event> {
    let row = rows::find(cx.tx, &cx.scope.environment.id, id)?.ok_or(Error::NotFound)?;
    let mut shown = show(cx, vec![row])?;
    shown.pop().ok_or(Error::NotFound)
}

/// Reads one page of events.
///
/// # Errors
/// What the store reports.
pub fn page(cx: &mut ReadCx<'_, '_>, request: &PageRequest) -> Result<Page<Event>> {
    let found = select(cx, request)?;
    let page = cut(found, request.size, request.after.is_some(), request.before.is_some());
    let items = show(cx, page.items)?;
    Ok(Page { items, has_newer: page.has_newer, has_older: page.has_older })
}

/// Up to `size + 1` rows from the cursor outwards that pass every filter.
fn select(cx: &mut ReadCx<'_, '_>, request: &PageRequest) -> Result<Vec<EventRow>> {
    let passes = |row: &EventRow| {
        request.ids.as_ref().is_none_or(|ids| ids.contains(&row.id))
            && request.names.as_ref().is_none_or(|names| names.contains(&row.name))
            && request.object_ids.as_ref().is_none_or(|ids| ids.iter().any(|id| id == row.object_id.as_str()))
    };
    let (side, cursor) = match &request.before {
        Some(cursor) => (Side::Before, Some(cursor)),
        None => (Side::After, request.after.as_ref()),
    };
    let mut found = Vec::new();
    if let Some(ids) = &request.ids {
        for id in ids {
            let row = rows::find(cx.tx, &cx.scope.environment.id, id)?;
            found.extend(row.filter(|row| match (side, cursor) {
                (_, None) => true,
                (Side::After, Some(cursor)) => row.id < *cursor,
                (Side::Before, Some(cursor)) => row.id > *cursor,
            }));
        }
        found.retain(&passes);
    } else {
        let selections: Vec<Selection<'_>> = match (&request.object_ids, &request.names) {
            (Some(ids), _) => ids.iter().map(|id| Selection::OfObject(id)).collect(),
            (None, Some(names)) => names.iter().map(|name| Selection::Named(name)).collect(),
            (None, None) => vec![Selection::All],
        };
        for selection in selections {
            found.extend(select_one(cx, selection, (side, cursor), request.size + 1, &passes)?);
        }
    }
    found.sort_by(|a, b| if side == Side::After { b.id.cmp(&a.id) } else { a.id.cmp(&b.id) });
    found.dedup_by(|a, b| a.id == b.id);
    found.truncate(request.size + 1);
    Ok(found)
}

/// Reads on from the cursor until enough rows have passed.
fn select_one(
    cx: &mut ReadCx<'_, '_>,
    selection: Selection<'_>,
    (side, cursor): (Side, Option<&EventId>),
    wanted: usize,
    passes: &impl Fn(&EventRow) -> bool,
) -> Result<Vec<EventRow>> {
    let limit = i64::try_from(wanted).unwrap_or(i64::MAX);
    let mut cursor = cursor.cloned();
    let mut found = Vec::new();
    loop {
        let rows = rows::page(cx.tx, &cx.scope.environment.id, selection, side, cursor.as_ref(), limit)?;
        let last = rows.len() < wanted;
        cursor = rows.last().map(|row| row.id.clone());
        found.extend(rows.into_iter().filter(|row| passes(row)));
        if last || found.len() >= wanted {
            return Ok(found);
        }
    }
}

/// Finds the objects of events and turns each back to the moment of its event.
fn show(cx: &mut ReadCx<'_, '_>, found: Vec<EventRow>) -> Result<Vec<Event>> {
    let mut accounts: HashMap<String, Opened> = HashMap::new();
    let wanted: Vec<AccountId> = found.iter().filter_map(|row| row.object_id.as_str().parse().ok()).collect();
    let places: Vec<_> = wanted.iter().map(|id| (cx.scope.place(), id)).collect();
    for stored in account_rows::find_many(cx.tx, &places)? {
        let catalog = cx.catalog_at(stored.catalog_version)?;
        let opened = Opened::new(&stored, cx.scope, &catalog, cx.master)?;
        accounts.insert(stored.row.id.to_string(), opened);
    }
    let mut shown = Vec::with_capacity(found.len());
    for row in found {
        let object = row.object_id.as_str();
        if object.starts_with(muster_domain::AccountTypeId::PREFIX) {
            shown.push(of_account_type(row)?);
        } else if let Some(now) = accounts.get(object) {
            shown.push(of_account(cx, row, now)?);
        } else if let Some((_, at_event)) = RECORDS.iter().find(|(prefix, _)| object.starts_with(prefix)) {
            let (object, own) = at_event(cx, &row)?;
            let context = context_of_record(&own);
            shown.push(Event { id: row.id, name: row.name, at: row.at, object, context });
        } else {
            return Err(Error::bug(format!("the object of event {} cannot be found", row.id)));
        }
    }
    Ok(shown)
}

fn of_account_type(row: EventRow) -> Result<Event> {
    let definition = row.payload.as_deref().and_then(|bytes| std::str::from_utf8(bytes).ok());
    let ty = definition
        .and_then(AccountType::from_json)
        .ok_or_else(|| Error::bug(format!("the payload of event {} is damaged", row.id)))?;
    Ok(Event {
        id: row.id,
        name: row.name,
        at: row.at,
        object: Object::AccountType(Arc::new(ty)),
        context: Context::None,
    })
}

fn of_account(cx: &mut ReadCx<'_, '_>, row: EventRow, now: &Opened) -> Result<Event> {
    let own = History::open(&row, now)?;
    let mut account = state_after(cx, now, row.object_seq)?;
    account.updated_at = row.at;
    let context = context(&row.name, &own, &*cx.catalog()?);
    Ok(Event { id: row.id, name: row.name, at: row.at, object: Object::Account(Arc::new(account)), context })
}

/// What an event of a record tells beside its object: the tags that changed.
fn context_of_record(own: &Map<String, Value>) -> Context {
    let Some(context) = own.get("context") else { return Context::None };
    let names = |member: &str| -> Vec<String> {
        let names = context.get(member).and_then(Value::as_array).into_iter().flatten();
        names.filter_map(Value::as_str).map(str::to_owned).collect()
    };
    Context::Tags { added: names("added-tags"), removed: names("removed-tags") }
}

fn context(name: &str, own: &History, catalog: &Catalog) -> Context {
    let names = |ids: Vec<muster_domain::TagId>| {
        ids.iter().filter_map(|id| catalog.tag(id)).map(|tag| tag.name).collect::<Vec<_>>()
    };
    if name == EventName::AccountUpdatedTags.as_str() {
        let (added, removed) = own.tags_changed().unwrap_or_default();
        return Context::Tags { added: names(added), removed: names(removed) };
    }
    let text = |value: Option<&Value>| value.and_then(Value::as_str).map(str::to_owned);
    if [EventName::AccountAddedRelation, EventName::AccountRemovedRelation]
        .map(EventName::as_str)
        .contains(&name)
    {
        let relation = |member: &str| text(own.get("relation").and_then(|relation| relation.get(member)));
        return Context::Relation { key: relation("key"), target: relation("target") };
    }
    Context::None
}
