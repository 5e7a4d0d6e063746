//! Events: the history of every object.

use muster_domain::{EnvironmentId, EventId, ObjectId, Timestamp};

use crate::error::Result;
use crate::{Row, Tx, Value, params};

/// One stored event.
#[derive(Clone, Debug)]
pub struct EventRow {
    /// Its ID.
    pub id: EventId,
    /// What it happened to.
    pub object_id: ObjectId,
    /// Its place in the history of the object: 1, 2, 3 … without gaps.
    pub object_seq: i64,
    /// Its name.
    pub name: String,
    /// Who caused it.
    pub actor: String,
    /// Which request, step or row caused it.
    pub source: String,
    /// When.
    pub at: Timestamp,
    /// What changed, sealed under the data key of the object.
    pub payload: Option<Vec<u8>>,
}

crate::statements! {
    GET = "SELECT id, object_id, object_seq, name, actor, source, at, payload FROM events
           WHERE environment_id = $1 AND id = $2";
    PAGE_AFTER = "SELECT id, object_id, object_seq, name, actor, source, at, payload FROM events
                  WHERE environment_id = $1 AND id < $2 ORDER BY id DESC LIMIT $3";
    PAGE_BEFORE = "SELECT id, object_id, object_seq, name, actor, source, at, payload FROM events
                   WHERE environment_id = $1 AND id > $2 ORDER BY id LIMIT $3";
    // The inner select needs nothing but events_by_name: with nothing to go by, SQLite would rather walk
    // the primary key and look at every event of the environment.
    NAMED_AFTER = "SELECT id, object_id, object_seq, name, actor, source, at, payload FROM events
                   WHERE environment_id = $1 AND id IN
                       (SELECT n.id FROM events n WHERE n.environment_id = $1 AND n.name = $4 AND n.id < $2
                        ORDER BY n.id DESC LIMIT $3)
                   ORDER BY id DESC";
    NAMED_BEFORE = "SELECT id, object_id, object_seq, name, actor, source, at, payload FROM events
                    WHERE environment_id = $1 AND id IN
                        (SELECT n.id FROM events n WHERE n.environment_id = $1 AND n.name = $4 AND n.id > $2
                         ORDER BY n.id LIMIT $3)
                    ORDER BY id";
    // The same, and `id || ''` so that order is no reason for the primary key either: the events of one
    // object are few.
    OF_OBJECT_AFTER = "SELECT id, object_id, object_seq, name, actor, source, at, payload FROM events
                       WHERE environment_id = $1 AND id IN
                           (SELECT n.id FROM events n
                            WHERE n.environment_id = $1 AND n.object_id = $4 AND n.id || '' < $2
                            ORDER BY n.id || '' DESC LIMIT $3)
                       ORDER BY id DESC";
    OF_OBJECT_BEFORE = "SELECT id, object_id, object_seq, name, actor, source, at, payload FROM events
                        WHERE environment_id = $1 AND id IN
                            (SELECT n.id FROM events n
                             WHERE n.environment_id = $1 AND n.object_id = $4 AND n.id || '' > $2
                             ORDER BY n.id || '' LIMIT $3)
                        ORDER BY id";
    LATER = "SELECT id, object_id, object_seq, name, actor, source, at, payload FROM events
             WHERE environment_id = $1 AND object_id = $2 AND object_seq > $3 AND object_seq <= $4
             ORDER BY object_seq LIMIT $5";
    AS_OF = "SELECT id, object_id, object_seq, name, actor, source, at, payload FROM events
             WHERE environment_id = $1 AND object_id = $2 AND at <= $3 ORDER BY object_seq DESC LIMIT 1";
    NEWEST_SEQ = "SELECT object_seq FROM events WHERE environment_id = $1 AND object_id = $2
                  ORDER BY object_seq DESC LIMIT 1";
}

crate::batches! {
    INSERT (environment_id Text, id Text, object_id Text, object_seq Int, name Text, actor Text, source Text,
            at Int, payload Blob) =
        "INSERT INTO events (environment_id, id, object_id, object_seq, name, actor, source, at, payload)
         {values}";
}

/// Adds events.
///
/// # Errors
/// What the engine reports.
pub fn insert(tx: &mut Tx<'_>, events: &[(&EnvironmentId, &EventRow)]) -> Result<()> {
    let rows: Vec<Vec<Value<'_>>> = events
        .iter()
        .map(|(environment, e)| {
            params![
                *environment,
                &e.id,
                &e.object_id,
                e.object_seq,
                &e.name,
                &e.actor,
                &e.source,
                e.at,
                e.payload.as_ref(),
            ]
            .to_vec()
        })
        .collect();
    tx.execute_batch(&INSERT, &rows).map(|_| ())
}

fn event(row: &Row<'_>) -> Result<EventRow> {
    Ok(EventRow {
        id: EventId::trusted(row.text(0)?),
        object_id: ObjectId::trusted(row.text(1)?),
        object_seq: row.int(2)?,
        name: row.text(3)?,
        actor: row.text(4)?,
        source: row.text(5)?,
        at: row.instant(6)?,
        payload: row.opt_blob(7)?,
    })
}

/// Finds one event.
///
/// # Errors
/// What the engine reports.
pub fn find(tx: &mut Tx<'_>, environment: &EnvironmentId, id: &EventId) -> Result<Option<EventRow>> {
    tx.query_opt(&GET, params![environment, id], event)
}

/// Which events a page is taken from.
#[derive(Clone, Copy, Debug)]
pub enum Selection<'a> {
    /// All of the environment.
    All,
    /// Those with a name.
    Named(&'a str),
    /// Those of an object.
    OfObject(&'a str),
}

/// On which side of the cursor a page lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// Older than the cursor; the page is newest first.
    After,
    /// Newer than the cursor; the page is oldest first.
    Before,
}

/// Up to `limit` events beside `cursor`. Without a cursor: the newest.
///
/// # Errors
/// What the engine reports.
pub fn page(
    tx: &mut Tx<'_>,
    environment: &EnvironmentId,
    selection: Selection<'_>,
    side: Side,
    cursor: Option<&EventId>,
    limit: i64,
) -> Result<Vec<EventRow>> {
    // '~' sorts after every character of an ID.
    let cursor = cursor.map_or("evt_~", EventId::as_str);
    match selection {
        Selection::All => {
            let statement = if side == Side::After { &PAGE_AFTER } else { &PAGE_BEFORE };
            tx.query(statement, params![environment, cursor, limit], event)
        }
        Selection::Named(name) => {
            let statement = if side == Side::After { &NAMED_AFTER } else { &NAMED_BEFORE };
            tx.query(statement, params![environment, cursor, limit, name], event)
        }
        Selection::OfObject(object) => {
            let statement = if side == Side::After { &OF_OBJECT_AFTER } else { &OF_OBJECT_BEFORE };
            tx.query(statement, params![environment, cursor, limit, object], event)
        }
    }
}

/// The events of an object after place `seq`, up to place `until`, oldest first, `limit` at most.
///
/// # Errors
/// What the engine reports.
pub fn later(
    tx: &mut Tx<'_>,
    environment: &EnvironmentId,
    object: &ObjectId,
    (seq, until): (i64, i64),
    limit: i64,
) -> Result<Vec<EventRow>> {
    tx.query(&LATER, params![environment, object, seq, until, limit], event)
}

/// The place of an object's newest event; 0 when there is none.
///
/// # Errors
/// What the engine reports.
pub fn newest_seq(tx: &mut Tx<'_>, environment: &EnvironmentId, object: &ObjectId) -> Result<i64> {
    Ok(tx.query_opt(&NEWEST_SEQ, params![environment, object], |row| row.int(0))?.unwrap_or(0))
}

/// The newest event of an object at an instant or before.
///
/// # Errors
/// What the engine reports.
pub fn newest_at(
    tx: &mut Tx<'_>,
    environment: &EnvironmentId,
    object: &ObjectId,
    at: Timestamp,
) -> Result<Option<EventRow>> {
    tx.query_opt(&AS_OF, params![environment, object, at], event)
}
