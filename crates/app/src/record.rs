//! How inquiries, sessions, verifications, documents, selfies and reports are kept: all in one way (ADR 0012).
//!
//! A record is a noun with a version and the data key that seals it. A change is written together with its
//! events. The first event of a change holds the members that changed, before and after; so the object can be
//! shown as it was at every event, by walking back from now.

use std::fmt;
use std::time::Duration;

use muster_domain::event::EventName;
use muster_domain::{EnvironmentId, EventId, ObjectId, Timestamp};
use muster_store::Tx;
use muster_store::data_keys::{self, NewDataKey};
use muster_store::events::{self, EventRow};
use muster_store::records::{self as rows, RecordRow, StoredRecord};
use muster_store::seal::{DataKey, MasterKey};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};

use crate::accounts::{Page, payload_identity};
use crate::idempotency::Subject;
use crate::{Cx, Error, Result, Scope};

/// A whole copy of the state goes into an event when this many have passed, so that walking back is short.
const SNAPSHOT_EVERY: i64 = 32;
/// Events of one object that are read at once on the way from a snapshot back to a moment.
const WALK_MAX: i64 = 512;

/// What of a noun stands in the clear beside its sealed state: nothing personal.
#[derive(Clone, Debug, Default)]
pub struct Columns {
    /// Its ID.
    pub id: String,
    /// What sort of its kind it is; empty where there is none.
    pub variant: &'static str,
    /// The inquiry it belongs to.
    pub parent: Option<String>,
    /// The account it hangs on.
    pub account: Option<String>,
    /// The template it was made from.
    pub template: Option<String>,
    /// Its status.
    pub status: &'static str,
    /// What else it is found by, 16 bytes.
    pub lookup: Option<Vec<u8>>,
    /// Whose data key seals it, if that is not its own.
    pub subject: Option<String>,
}

/// A noun that is kept as a record. Its members are its state, each a member of the JSON object it serializes to.
pub trait Noun: Serialize + DeserializeOwned + Clone {
    /// Its kind, such as `inquiry`.
    const KIND: &'static str;
    /// The prefix of its IDs.
    const PREFIX: &'static str;
    /// What of it stands in the clear.
    fn columns(&self) -> Columns;
    /// When it was created and last changed.
    fn times(&self) -> (Timestamp, Timestamp);
    /// Notes when it was last changed.
    fn set_updated_at(&mut self, at: Timestamp);
}

/// A noun as it is kept. `Debug` shows its ID and version only.
#[derive(Clone)]
pub struct Record<T> {
    /// The noun.
    pub item: T,
    /// `object_seq` of its newest event.
    pub version: i64,
    /// Seals it.
    pub key: DataKey,
    /// Whose data key that is.
    pub subject: String,
}

impl<T: Noun> fmt::Debug for Record<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Record({}, {})", self.item.columns().id, self.version)
    }
}

/// An event that is to be told of a change, and what it holds beside the change: names, IDs, texts.
pub type Told = (EventName, Map<String, Value>);

/// An event with nothing to add.
#[must_use]
pub fn told(name: EventName) -> Told {
    (name, Map::new())
}

/// An event of tags that changed.
#[must_use]
pub fn told_tags(name: EventName, before: &[String], after: &[String]) -> Told {
    let missing_in = |these: &[String], those: &[String]| -> Vec<String> {
        these.iter().filter(|one| !those.contains(one)).cloned().collect()
    };
    let context =
        json!({ "added-tags": missing_in(after, before), "removed-tags": missing_in(before, after) });
    (name, Map::from_iter([("context".to_owned(), context)]))
}

fn identity(id: &str) -> String {
    format!("records/{id}")
}

fn members<T: Noun>(item: &T) -> Result<Map<String, Value>> {
    match serde_json::to_value(item) {
        Ok(Value::Object(members)) => Ok(members),
        _ => Err(Error::bug("a record is not an object")),
    }
}

impl<T> Record<T> {
    /// Whose data key seals a reply that tells of it.
    #[must_use]
    pub fn subject(&self) -> Subject {
        Subject { id: self.subject.clone(), key: self.key.clone() }
    }
}

impl<T: Noun> Record<T> {
    fn open(stored: &StoredRecord, environment: &EnvironmentId, master: &MasterKey) -> Result<Self> {
        let StoredRecord { row, wrapped_key } = stored;
        let damaged = || Error::bug(format!("record {} is damaged", row.id));
        let wrapped = wrapped_key.as_ref().ok_or_else(damaged)?;
        let key = DataKey::unwrap(master, wrapped, environment.as_str(), &row.subject_id)?;
        let state = key.open_compressed(&row.state, &identity(&row.id))?;
        let item = serde_json::from_slice(&state).map_err(|_| damaged())?;
        Ok(Self { item, version: row.version, key, subject: row.subject_id.clone() })
    }

    fn row(&self) -> Result<RecordRow> {
        let columns = self.item.columns();
        let (created_at, updated_at) = self.item.times();
        let state = serde_json::to_vec(&self.item).map_err(|error| Error::bug(error.to_string()))?;
        Ok(RecordRow {
            state: self.key.seal_compressed(&state, &identity(&columns.id))?,
            id: columns.id,
            kind: T::KIND.to_owned(),
            variant: columns.variant.to_owned(),
            parent_id: columns.parent,
            account_id: columns.account,
            template_id: columns.template,
            status: columns.status.to_owned(),
            lookup: columns.lookup,
            subject_id: self.subject.clone(),
            version: self.version,
            created_at,
            updated_at,
        })
    }
}

/// Keeps a new noun; the first event is that of its creation. One that names no other subject gets a data key.
///
/// # Errors
/// What the store reports.
pub fn insert<T: Noun>(
    cx: &mut Cx<'_, '_>,
    item: T,
    under: Option<&DataKey>,
    told: Vec<Told>,
) -> Result<Record<T>> {
    let columns = item.columns();
    let (key, subject) = match (under, columns.subject) {
        (Some(key), Some(subject)) => (key.clone(), subject),
        (None, None) => {
            let key = DataKey::random();
            let environment = &cx.scope.environment.id;
            let wrapped = key.wrap(cx.master, environment.as_str(), &columns.id)?;
            data_keys::insert(cx.tx, &[NewDataKey { environment, subject: &columns.id, wrapped: &wrapped }])?;
            (key, columns.id)
        }
        _ => return Err(Error::bug("a record and its subject disagree")),
    };
    let mut record = Record { item, version: 0, key, subject };
    record.version = i64::try_from(told.len()).unwrap_or(i64::MAX);
    rows::insert(cx.tx, &cx.scope.environment.id, &record.row()?)?;
    let (at, _) = record.item.times();
    tell(cx, &record, (0, at), told, Map::new())?;
    Ok(record)
}

/// Writes a changed noun and the events of it. The record that was read becomes the one that is stored.
///
/// # Errors
/// [`Error::Retry`] when somebody else has changed it since it was read.
pub fn update<T: Noun>(cx: &mut Cx<'_, '_>, record: &mut Record<T>, item: T, told: Vec<Told>) -> Result<()> {
    update_under(cx, record, item, told, Under::SameKey)
}

/// Which key seals a change.
#[derive(Clone)]
enum Under {
    /// The one before.
    SameKey,
    /// A new one: what was before must not be sealed under it, or it would stay readable.
    NewKey(DataKey),
}

fn update_under<T: Noun>(
    cx: &mut Cx<'_, '_>,
    record: &mut Record<T>,
    mut item: T,
    told: Vec<Told>,
    under: Under,
) -> Result<()> {
    let (_, last) = record.item.times();
    // At least a millisecond after the change before: IDs of events carry it, and lists sort by them.
    let at = cx.scope.now.max(last + Duration::from_millis(1));
    item.set_updated_at(at);
    let (key, changed) = match under {
        Under::SameKey => (record.key.clone(), differences(&members(&record.item)?, &members(&item)?)),
        Under::NewKey(key) => (key, Map::new()),
    };
    let old_version = record.version;
    let version = old_version + i64::try_from(told.len()).unwrap_or(i64::MAX);
    let next = Record { item, version, key, subject: record.subject.clone() };
    if !rows::update(cx.tx, &cx.scope.environment.id, &next.row()?, (old_version, last))? {
        return Err(muster_store::Error::Retry("a record that has just changed").into());
    }
    tell(cx, &next, (old_version, at), told, changed)?;
    *record = next;
    Ok(())
}

/// Writes a noun whose personal data is erased, under a new data key: what the old one sealed is gone, its events
/// too. Records of the same subject must be written again in the same transaction, see [`reseal`].
///
/// # Errors
/// As [`update`].
pub fn redact<T: Noun>(cx: &mut Cx<'_, '_>, record: &mut Record<T>, item: T, told: Vec<Told>) -> Result<()> {
    let (key, environment) = (DataKey::random(), &cx.scope.environment.id);
    let wrapped = key.wrap(cx.master, environment.as_str(), &record.subject)?;
    data_keys::renew(
        cx.tx,
        NewDataKey { environment, subject: &record.subject, wrapped: &wrapped },
        cx.scope.now,
    )?;
    update_under(cx, record, item, told, Under::NewKey(key))
}

/// Writes a noun, stripped of what is personal, under the new data key of its subject.
///
/// # Errors
/// As [`update`].
pub fn reseal<T: Noun>(
    cx: &mut Cx<'_, '_>,
    record: &mut Record<T>,
    item: T,
    key: &DataKey,
    told: Vec<Told>,
) -> Result<()> {
    update_under(cx, record, item, told, Under::NewKey(key.clone()))
}

/// The members that changed, each as `[before, after]`.
fn differences(before: &Map<String, Value>, after: &Map<String, Value>) -> Map<String, Value> {
    let keys = before.keys().chain(after.keys().filter(|key| !before.contains_key(*key)));
    let changed = keys.filter(|key| before.get(*key) != after.get(*key));
    changed.map(|key| (key.clone(), json!([before.get(key), after.get(key)]))).collect()
}

fn tell<T: Noun>(
    cx: &mut Cx<'_, '_>,
    record: &Record<T>,
    (old_version, at): (i64, Timestamp),
    told: Vec<Told>,
    changed: Map<String, Value>,
) -> Result<()> {
    if told.is_empty() {
        return Ok(());
    }
    let snapshot = old_version > 0 && old_version / SNAPSHOT_EVERY != record.version / SNAPSHOT_EVERY;
    let scope = cx.scope;
    // What one command tells sorts as it happened: the IDs come from one source, which never goes back.
    cx.ids.advance(at);
    let event_ids: Vec<EventId> = told.iter().map(|_| cx.ids.mint()).collect();
    let object = record.item.columns().id;
    let mut changed = Some(changed).filter(|changed| !changed.is_empty());
    let mut events = Vec::with_capacity(told.len());
    for ((name, mut payload), id) in told.into_iter().zip(event_ids) {
        let object_seq = old_version + 1 + i64::try_from(events.len()).unwrap_or(0);
        if let Some(changed) = changed.take() {
            payload.insert("changed".to_owned(), Value::Object(changed));
        }
        if snapshot && object_seq == record.version {
            payload.insert("state".to_owned(), Value::Object(members(&record.item)?));
        }
        let sealed = match payload.is_empty() {
            true => None,
            false => {
                let text = serde_json::to_vec(&payload).map_err(|error| Error::bug(error.to_string()))?;
                Some(record.key.seal_compressed(&text, &payload_identity(&object, object_seq))?)
            }
        };
        events.push(EventRow {
            id,
            object_id: ObjectId::trusted(object.clone()),
            object_seq,
            name: name.as_str().to_owned(),
            actor: scope.actor.to_string(),
            source: scope.source.to_string(),
            at,
            payload: sealed,
        });
    }
    let events: Vec<_> = events.iter().map(|event| (&scope.environment.id, event)).collect();
    Ok(events::insert(cx.tx, &events)?)
}

/// Reads one record.
///
/// # Errors
/// What the store reports.
pub fn find<T: Noun>(
    tx: &mut Tx<'_>,
    scope: &Scope,
    master: &MasterKey,
    id: &str,
) -> Result<Option<Record<T>>> {
    let environment = &scope.environment.id;
    let stored = rows::find(tx, environment, id)?.filter(|stored| stored.row.kind == T::KIND);
    stored.map(|stored| Record::open(&stored, environment, master)).transpose()
}

/// Reads one record that must be there.
///
/// # Errors
/// [`Error::NotFound`].
pub fn get<T: Noun>(tx: &mut Tx<'_>, scope: &Scope, master: &MasterKey, id: &str) -> Result<Record<T>> {
    find(tx, scope, master, id)?.ok_or(Error::NotFound)
}

/// Reads records, in the order of their IDs as given; those that are not there are left out.
///
/// # Errors
/// What the store reports.
pub fn find_many<T: Noun>(
    tx: &mut Tx<'_>,
    scope: &Scope,
    master: &MasterKey,
    ids: &[String],
) -> Result<Vec<Record<T>>> {
    let environment = &scope.environment.id;
    let mut stored = rows::find_many(tx, environment, ids)?;
    stored.retain(|stored| stored.row.kind == T::KIND);
    let place = |id: &str| ids.iter().position(|one| one == id);
    stored.sort_by_key(|stored| place(&stored.row.id));
    stored.iter().map(|stored| Record::open(stored, environment, master)).collect()
}

/// What an event of a record holds, opened; empty where a redaction took it.
pub(crate) fn payload<T>(record: &Record<T>, event: &EventRow) -> Map<String, Value> {
    let Some(sealed) = &event.payload else { return Map::new() };
    let identity = payload_identity(event.object_id.as_str(), event.object_seq);
    let text = record.key.open_compressed(sealed, &identity).ok();
    text.and_then(|text| serde_json::from_slice(&text).ok()).unwrap_or_default()
}

/// A record as it was right after one of its events, and what else the event tells. What happened before a
/// redaction can no longer be told: then it is as it was right after that.
///
/// # Errors
/// What the store reports.
pub fn at_event<T: Noun>(
    tx: &mut Tx<'_>,
    environment: &EnvironmentId,
    now: &Record<T>,
    event: &EventRow,
) -> Result<(T, Map<String, Value>)> {
    let own = payload(now, event);
    let mut state = members(&now.item)?;
    let mut walked: Vec<(i64, Map<String, Value>)> = Vec::new();
    let mut from = event.object_seq - 1;
    'walk: loop {
        let later = events::later(tx, environment, &event.object_id, (from, now.version), WALK_MAX)?;
        let Some(last) = later.last() else { break };
        from = last.object_seq;
        for event in &later {
            let payload = payload(now, event);
            let snapshot = payload.get("state").and_then(Value::as_object).cloned();
            walked.push((event.object_seq, payload));
            if let Some(snapshot) = snapshot {
                state = snapshot;
                break 'walk;
            }
        }
    }
    for (_, payload) in walked.iter().rev().filter(|(seq, _)| *seq > event.object_seq) {
        let Some(changed) = payload.get("changed").and_then(Value::as_object) else { continue };
        for (key, pair) in changed {
            match pair.get(0) {
                None | Some(Value::Null) => state.remove(key),
                Some(before) => state.insert(key.clone(), before.clone()),
            };
        }
    }
    let mut item: T = serde_json::from_value(Value::Object(state))
        .map_err(|_| Error::bug(format!("the history of {} cannot be read", event.object_id)))?;
    item.set_updated_at(event.at);
    Ok((item, own))
}

/// Which records a page is to hold.
#[derive(Clone, Debug, Default)]
pub struct PageOf {
    /// How many at the most.
    pub size: usize,
    /// Older than this one.
    pub after: Option<String>,
    /// Newer than this one.
    pub before: Option<String>,
}

/// Reads a page of a kind, newest first. `select` gives up to `limit` IDs of a range, in its order.
///
/// # Errors
/// What the store reports.
pub fn page<T: Noun>(
    (tx, scope, master): (&mut Tx<'_>, &Scope, &MasterKey),
    request: &PageOf,
    select: impl FnOnce(&mut Tx<'_>, rows::Range<'_>) -> Result<Vec<String>>,
) -> Result<Page<Record<T>>> {
    let newest_first = request.before.is_none();
    // '~' sorts after every character of an ID.
    let (first, last) = (T::PREFIX.to_owned(), format!("{}~", T::PREFIX));
    let range = rows::Range {
        above: request.before.as_deref().unwrap_or(&first),
        below: request.after.as_deref().unwrap_or(&last),
        newest_first,
        limit: i64::try_from(request.size + 1).unwrap_or(i64::MAX),
    };
    let ids = select(tx, range)?;
    let page = crate::accounts::cut(ids, request.size, request.after.is_some(), request.before.is_some());
    let items = find_many(tx, scope, master, &page.items)?;
    Ok(Page { items, has_newer: page.has_newer, has_older: page.has_older })
}

/// Merges selections into one: up to `limit` different IDs of all of them, in the order of the range.
///
/// # Errors
/// What the store reports.
pub fn merge(
    tx: &mut Tx<'_>,
    environment: &EnvironmentId,
    selections: &[rows::Selection<'_>],
    range: rows::Range<'_>,
) -> Result<Vec<String>> {
    let mut ids = Vec::new();
    for selection in selections {
        ids.extend(rows::page(tx, environment, *selection, range)?);
    }
    ids.sort_unstable_by(|a, b| if range.newest_first { b.cmp(a) } else { a.cmp(b) });
    ids.dedup();
    ids.truncate(usize::try_from(range.limit).unwrap_or(usize::MAX));
    Ok(ids)
}
