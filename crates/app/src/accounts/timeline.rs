//! The history of an account for people: what happened, who set a value, how it was at an instant.

use std::collections::BTreeSet;
use std::sync::Arc;

use muster_domain::event::EventName;
use muster_domain::{AccountId, EventId, ObjectId, TagId, Timestamp};
use muster_store::accounts as account_rows;
use muster_store::events::{self as rows, EventRow, Selection, Side};
use serde_json::Value;

use super::history::is_redaction;
use super::{Account, History, Opened, Page, cut, state_after};
use crate::{Catalog, Error, ReadCx, Result};

/// Events that are read at once on the way to the first.
const READ_AT_ONCE: i64 = 500;

/// One event of an account, with who caused it and what changed.
#[derive(Clone, Debug)]
pub struct Entry {
    /// The ID of the event.
    pub id: EventId,
    /// Its name.
    pub name: String,
    /// When.
    pub at: Timestamp,
    /// Who or what caused it: the ID of an API key, `operator` or `system`.
    pub actor: String,
    /// Where from: the ID of a request or job, or `command-line`.
    pub source: String,
    /// What changed.
    pub changes: Changes,
}

/// What changed with an event: the values before and after.
#[derive(Clone, Default)]
pub struct Changes {
    /// The account, for the schemas of its fields.
    pub account: Option<Arc<Account>>,
    /// Fields by key.
    pub fields: Vec<(String, Option<Value>, Option<Value>)>,
    /// Names of the status.
    pub status: Option<(String, String)>,
    /// The reference ID.
    pub reference_id: Option<(Option<String>, Option<String>)>,
    /// Names of the tags that were added and removed.
    pub tags: Option<(Vec<String>, Vec<String>)>,
    /// The key of the relation and the other account.
    pub relation: Option<(String, String)>,
    /// The other account of a consolidation.
    pub other_account: Option<String>,
}

impl std::fmt::Debug for Changes {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Changes([redacted])")
    }
}

/// Opens an account for reading, archived or not.
fn open(cx: &mut ReadCx<'_, '_>, id: &AccountId) -> Result<Opened> {
    let stored = account_rows::find(cx.tx, cx.scope.place(), id)?.ok_or(Error::NotFound)?;
    let catalog = cx.catalog_at(stored.catalog_version)?;
    Opened::new(&stored, cx.scope, &catalog, cx.master)
}

/// Reads a page of what happened to an account, newest first.
///
/// # Errors
/// [`Error::NotFound`].
pub fn timeline(
    cx: &mut ReadCx<'_, '_>,
    id: &AccountId,
    size: usize,
    (after, before): (Option<&EventId>, Option<&EventId>),
) -> Result<Page<Entry>> {
    let now = open(cx, id)?;
    let (side, cursor) = match before {
        Some(cursor) => (Side::Before, Some(cursor)),
        None => (Side::After, after),
    };
    let limit = i64::try_from(size + 1).unwrap_or(i64::MAX);
    let selection = Selection::OfObject(id.as_str());
    let found = rows::page(cx.tx, &cx.scope.environment.id, selection, side, cursor, limit)?;
    let page = cut(found, size, after.is_some(), before.is_some());
    let catalog = cx.catalog()?;
    let items = page.items.into_iter().map(|row| entry(row, &now, &catalog)).collect::<Result<_>>()?;
    Ok(Page { items, has_newer: page.has_newer, has_older: page.has_older })
}

fn entry(row: EventRow, now: &Opened, catalog: &Catalog) -> Result<Entry> {
    let history = History::open(&row, now)?;
    let mut changes = changes(&history, now, catalog);
    let own = |name: EventName| row.name == name.as_str();
    // The event of one tag tells of one; the one of all tags tells of all.
    if own(EventName::AccountTagAdded) || own(EventName::AccountTagRemoved) {
        let tag = history.get("tag").and_then(Value::as_str).map(|id| TagId::trusted(id.to_owned()));
        let names: Vec<String> =
            tag.and_then(|id| catalog.tag(&id)).map(|tag| tag.name).into_iter().collect();
        let (added, removed) =
            if own(EventName::AccountTagAdded) { (names, Vec::new()) } else { (Vec::new(), names) };
        changes.tags = Some((added, removed));
    }
    let EventRow { id, name, at, actor, source, .. } = row;
    Ok(Entry { id, name, at, actor, source, changes })
}

fn changes(history: &History, now: &Opened, catalog: &Catalog) -> Changes {
    let pair = |name: &str| history.get(name).and_then(Value::as_array);
    let text = |value: Option<&Value>| value.and_then(Value::as_str).map(str::to_owned);
    let set = |value: Option<&Value>| value.filter(|value| !value.is_null()).cloned();
    let fields = history.get("fields").and_then(Value::as_object).into_iter().flatten();
    let status = |value: Option<&Value>| {
        let id = muster_domain::AccountStatusId::trusted(text(value)?);
        now.account.account_type.status(&id).map(|status| status.name.clone())
    };
    let names = |ids: Vec<TagId>| ids.iter().filter_map(|id| catalog.tag(id)).map(|tag| tag.name).collect();
    let other = pair("consolidated-into").and_then(|pair| pair.iter().find_map(Value::as_str));
    let relation = history.get("relation");
    Changes {
        account: Some(Arc::clone(&now.account)),
        fields: fields.map(|(key, pair)| (key.clone(), set(pair.get(0)), set(pair.get(1)))).collect(),
        status: pair("status").and_then(|pair| status(pair.first()).zip(status(pair.get(1)))),
        reference_id: pair("reference").map(|pair| (text(pair.first()), text(pair.get(1)))),
        tags: history.tags_changed().map(|(added, removed)| (names(added), names(removed))),
        relation: relation.and_then(|one| text(one.get("key")).zip(text(one.get("target")))),
        other_account: other.map(str::to_owned).or_else(|| text(history.get("source"))),
    }
}

/// Where the value of a field comes from.
#[derive(Clone, Debug)]
pub struct Origin {
    /// The key of the field.
    pub key: String,
    /// The event that set it; none where a redaction took the trace.
    pub set_by: Option<Entry>,
}

/// Finds out, for each field that has a value, who set it, when, and from where.
///
/// # Errors
/// [`Error::NotFound`].
pub fn origins(cx: &mut ReadCx<'_, '_>, id: &AccountId) -> Result<(Arc<Account>, Vec<Origin>)> {
    let now = open(cx, id)?;
    let catalog = cx.catalog()?;
    let mut open: BTreeSet<String> = now.account.fields.0.keys().cloned().collect();
    let mut found: Vec<Origin> = Vec::with_capacity(open.len());
    let mut cursor: Option<EventId> = None;
    while !open.is_empty() {
        let selection = Selection::OfObject(id.as_str());
        let environment = &cx.scope.environment.id;
        let page = rows::page(cx.tx, environment, selection, Side::After, cursor.as_ref(), READ_AT_ONCE)?;
        let Some(last) = page.last() else { break };
        cursor = Some(last.id.clone());
        for row in page {
            let took_the_rest = is_redaction(&row.name);
            let entry = entry(row, &now, &catalog)?;
            let is_first = entry.name == EventName::AccountCreated.as_str();
            let set: Vec<String> = match is_first {
                true => open.iter().cloned().collect(),
                false => entry.changes.fields.iter().map(|(key, ..)| key.clone()).collect(),
            };
            for key in set.into_iter().filter(|key| open.remove(key)).collect::<Vec<_>>() {
                found.push(Origin { key, set_by: Some(entry.clone()) });
            }
            if took_the_rest {
                found.extend(std::mem::take(&mut open).into_iter().map(|key| Origin { key, set_by: None }));
            }
        }
    }
    found.sort_by(|a, b| a.key.cmp(&b.key));
    Ok((now.account, found))
}

/// Reads an account as it was at an instant. What was redacted since is gone from the past as well.
///
/// # Errors
/// [`Error::NotFound`] when there was no such account yet.
pub fn as_of(cx: &mut ReadCx<'_, '_>, id: &AccountId, at: Timestamp) -> Result<Arc<Account>> {
    let now = open(cx, id)?;
    let object = ObjectId::from(id.clone());
    let newest = rows::newest_at(cx.tx, &cx.scope.environment.id, &object, at)?.ok_or(Error::NotFound)?;
    let mut account = state_after(cx, &now, newest.object_seq)?;
    account.updated_at = newest.at;
    Ok(Arc::new(account))
}
