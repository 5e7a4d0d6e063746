//! Reading the history of an account: what its events hold, and its state at each of them.

use muster_domain::event::EventName;
use muster_domain::{AccountId, AccountStatusId, ObjectId, TagId, Timestamp};
use muster_store::events::{self as rows, EventRow};
use serde_json::{Map, Value};

use super::change::payload_identity;
use super::{Account, Opened};
use crate::{Catalog, Error, ReadCx, Result};

/// Events of one object that are read at once on the way from a snapshot back to a moment.
const WALK_MAX: i64 = 512;

/// The sealed part of an event, opened.
#[derive(Clone, Default)]
pub struct History(Map<String, Value>);

impl History {
    /// Opens the payload of an event of an account. What happened before a redaction is empty.
    ///
    /// # Errors
    /// When it is damaged.
    pub fn open(event: &EventRow, of: &Opened) -> Result<Self> {
        let Some(sealed) = &event.payload else { return Ok(Self::default()) };
        let identity = payload_identity(event.object_id.as_str(), event.object_seq);
        let text = match (of.key.open(sealed, &identity), of.account.redacted_at) {
            (Ok(text), _) => text,
            (Err(_), Some(_)) => return Ok(Self::default()),
            (Err(error), None) => return Err(error.into()),
        };
        serde_json::from_slice(&text).map(Self).map_err(|_| Error::bug("the payload of an event is damaged"))
    }

    /// What the event holds under a name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.0.get(name)
    }

    /// The tags that an `account.updated-tags` event added and removed.
    #[must_use]
    pub fn tags_changed(&self) -> Option<(Vec<TagId>, Vec<TagId>)> {
        let pair = self.0.get("tags")?.as_array()?;
        let ids = |at: usize| -> Vec<TagId> {
            let list = pair.get(at).and_then(Value::as_array);
            list.into_iter()
                .flatten()
                .filter_map(Value::as_str)
                .map(|id| TagId::trusted(id.to_owned()))
                .collect()
        };
        let (before, after) = (ids(0), ids(1));
        let added = after.iter().filter(|id| !before.contains(id)).cloned().collect();
        let removed = before.iter().filter(|id| !after.contains(id)).cloned().collect();
        Some((added, removed))
    }

    /// True when the event carries the whole state after it.
    #[must_use]
    pub fn has_snapshot(&self) -> bool {
        self.0.contains_key("state")
    }
}

/// Whether an event of this name tells of a redaction.
pub(super) fn is_redaction(name: &str) -> bool {
    [EventName::AccountRedacted, EventName::AccountRedactionStarted].iter().any(|one| one.as_str() == name)
}

/// The state of an account just after its event number `seq`.
pub(crate) fn state_after(cx: &mut ReadCx<'_, '_>, now: &Opened, seq: i64) -> Result<Account> {
    let catalog = cx.catalog()?;
    let mut account = Account::clone(&now.account);
    let object = ObjectId::from(now.account.id.clone());
    // From the nearest snapshot (or from now) back to just after the event.
    let mut histories: Vec<(i64, History)> = Vec::new();
    let mut from = seq - 1;
    'walk: loop {
        let until = now.account.version;
        let later = rows::later(cx.tx, &cx.scope.environment.id, &object, (from, until), WALK_MAX)?;
        let Some(last) = later.last() else { break };
        from = last.object_seq;
        for event in &later {
            let history = History::open(event, now)?;
            let snapshot = history.has_snapshot();
            histories.push((event.object_seq, history));
            if snapshot {
                break 'walk;
            }
        }
    }
    if let Some((_, last)) = histories.last() {
        to_snapshot(&mut account, last, &catalog);
    }
    for (_, history) in histories.iter().rev().filter(|(at, _)| *at > seq) {
        walk_back(&mut account, history, &catalog);
    }
    account.version = seq;
    Ok(account)
}

/// Turns an account into the snapshot that an event carries, if it does.
fn to_snapshot(account: &mut Account, history: &History, catalog: &Catalog) {
    let Some(state) = history.0.get("state") else { return };
    if let Some(Value::Object(fields)) = state.get("fields") {
        account.fields.0.clone_from(fields);
    }
    set_status(account, state.get("status"));
    account.reference_id = state.get("reference").and_then(Value::as_str).map(str::to_owned);
    set_tags(account, state.get("tags"), catalog);
    account.archived_at = state.get("archived").and_then(Value::as_i64).map(Timestamp::from_micros);
    account.consolidated_into = account_id(state.get("consolidated-into"));
}

fn account_id(value: Option<&Value>) -> Option<AccountId> {
    value.and_then(Value::as_str).map(|id| AccountId::trusted(id.to_owned()))
}

/// Turns the state of an account after an event into the state before it.
pub(super) fn walk_back(account: &mut Account, history: &History, catalog: &Catalog) {
    let before = |key: &str| history.0.get(key).and_then(|pair| pair.get(0));
    if let Some(Value::Object(pairs)) = history.0.get("fields") {
        for (key, pair) in pairs {
            match pair.get(0) {
                None | Some(Value::Null) => account.fields.0.remove(key),
                Some(old) => account.fields.0.insert(key.clone(), old.clone()),
            };
        }
    }
    set_status(account, before("status"));
    if let Some(reference) = before("reference") {
        account.reference_id = reference.as_str().map(str::to_owned);
    }
    if let Some(archived) = before("archived") {
        account.archived_at = archived.as_i64().map(Timestamp::from_micros);
    }
    if let Some(into) = before("consolidated-into") {
        account.consolidated_into = account_id(Some(into));
    }
    set_tags(account, before("tags"), catalog);
}

fn set_status(account: &mut Account, id: Option<&Value>) {
    let Some(id) = id.and_then(Value::as_str) else { return };
    if let Some(status) = account.account_type.status(&AccountStatusId::trusted(id.to_owned())) {
        account.status = status.clone();
    }
}

fn set_tags(account: &mut Account, ids: Option<&Value>, catalog: &Catalog) {
    let Some(ids) = ids.and_then(Value::as_array) else { return };
    let ids = ids.iter().filter_map(Value::as_str).map(|id| TagId::trusted(id.to_owned()));
    account.tags = ids.filter_map(|id| catalog.tag(&id)).collect();
}
