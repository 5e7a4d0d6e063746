//! Records: inquiries, sessions, one-time links, verifications, documents, selfies, reports (ADR 0012).
//!
//! One table for all of them. Clear columns hold what is looked for; the object itself is sealed.

use muster_domain::{EnvironmentId, Timestamp};

use crate::error::Result;
use crate::{Row, Tx, Value, params};

/// A record as it is stored.
#[derive(Clone, Debug)]
pub struct RecordRow {
    /// Its ID.
    pub id: String,
    /// Its kind, such as `inquiry`.
    pub kind: String,
    /// What sort of its kind it is, such as `watchlist`; empty where there is none.
    pub variant: String,
    /// The inquiry that it belongs to.
    pub parent_id: Option<String>,
    /// The account that it hangs on.
    pub account_id: Option<String>,
    /// The template that it was made from.
    pub template_id: Option<String>,
    /// Its status.
    pub status: String,
    /// What else it is found by, 16 bytes.
    pub lookup: Option<Vec<u8>>,
    /// Whose data key seals it.
    pub subject_id: String,
    /// `object_seq` of its newest event.
    pub version: i64,
    /// The object, sealed.
    pub state: Vec<u8>,
    /// When it was created.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
}

/// A record as it was read, with what is needed to open it.
#[derive(Clone, Debug)]
pub struct StoredRecord {
    /// The row.
    pub row: RecordRow,
    /// The wrapped data key of its subject.
    pub wrapped_key: Option<Vec<u8>>,
}

crate::statements! {
    GET = "SELECT r.id, r.kind, r.variant, r.parent_id, r.account_id, r.template_id, r.status, r.lookup,
               r.subject_id, r.version, r.state, r.created_at, r.updated_at, k.wrapped
           FROM records r
           LEFT JOIN data_keys k ON k.environment_id = r.environment_id AND k.subject_id = r.subject_id
           WHERE r.environment_id = $1 AND r.id = $2";
    INSERT = "INSERT INTO records (environment_id, id, kind, variant, parent_id, account_id, template_id, status,
                  lookup, subject_id, version, state, created_at, updated_at)
              VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)";
    // What was read in the condition is the lock: nobody else changed the record since. A change that is not worth
    // an event has another time only.
    UPDATE = "UPDATE records SET parent_id = $5, account_id = $6, status = $7, lookup = $8, version = $9, state = $10,
                  updated_at = $11
              WHERE environment_id = $1 AND id = $2 AND version = $3 AND updated_at = $4";
    FIND_BY_LOOKUP = "SELECT environment_id, id FROM records WHERE lookup = $1 AND kind = $2 LIMIT 2";
    // Pages: `$2` and `$3` are the ends of the range of IDs, neither included; newest first or oldest first.
    PAGE_AFTER = "SELECT id FROM records WHERE environment_id = $1 AND id > $2 AND id < $3
                  ORDER BY id DESC LIMIT $4";
    PAGE_BEFORE = "SELECT id FROM records WHERE environment_id = $1 AND id > $2 AND id < $3
                   ORDER BY id LIMIT $4";
    OF_PARENT_AFTER = "SELECT id FROM records WHERE environment_id = $1 AND parent_id = $5 AND id > $2 AND id < $3
                       ORDER BY id DESC LIMIT $4";
    OF_PARENT_BEFORE = "SELECT id FROM records WHERE environment_id = $1 AND parent_id = $5 AND id > $2 AND id < $3
                        ORDER BY id LIMIT $4";
    OF_ACCOUNT_AFTER = "SELECT id FROM records WHERE environment_id = $1 AND account_id = $5 AND id > $2 AND id < $3
                        ORDER BY id DESC LIMIT $4";
    OF_ACCOUNT_BEFORE = "SELECT id FROM records WHERE environment_id = $1 AND account_id = $5 AND id > $2 AND id < $3
                         ORDER BY id LIMIT $4";
    OF_TEMPLATE_AFTER = "SELECT id FROM records
                         WHERE environment_id = $1 AND template_id = $5 AND status = $6 AND id > $2 AND id < $3
                         ORDER BY id DESC LIMIT $4";
    OF_TEMPLATE_BEFORE = "SELECT id FROM records
                          WHERE environment_id = $1 AND template_id = $5 AND status = $6 AND id > $2 AND id < $3
                          ORDER BY id LIMIT $4";
    WITH_STATUS_AFTER = "SELECT id FROM records
                         WHERE environment_id = $1 AND kind = $5 AND status = $6 AND id > $2 AND id < $3
                         ORDER BY id DESC LIMIT $4";
    WITH_STATUS_BEFORE = "SELECT id FROM records
                          WHERE environment_id = $1 AND kind = $5 AND status = $6 AND id > $2 AND id < $3
                          ORDER BY id LIMIT $4";
    WITH_LOOKUP_AFTER = "SELECT id FROM records WHERE environment_id = $1 AND lookup = $5 AND id > $2 AND id < $3
                         ORDER BY id DESC LIMIT $4";
    WITH_LOOKUP_BEFORE = "SELECT id FROM records WHERE environment_id = $1 AND lookup = $5 AND id > $2 AND id < $3
                          ORDER BY id LIMIT $4";
    BY_UPDATE_AFTER = "SELECT id, updated_at FROM records
                       WHERE environment_id = $1 AND kind = $2 AND (updated_at, id) < ($3, $4)
                       ORDER BY updated_at DESC, id DESC LIMIT $5";
    BY_UPDATE_BEFORE = "SELECT id, updated_at FROM records
                        WHERE environment_id = $1 AND kind = $2 AND (updated_at, id) > ($3, $4)
                        ORDER BY updated_at, id LIMIT $5";
}

crate::batches! {
    GET_MANY (environment_id Text, id Text) =
        "SELECT x.id, x.kind, x.variant, x.parent_id, x.account_id, x.template_id, x.status, x.lookup,
             x.subject_id, x.version, x.state, x.created_at, x.updated_at, k.wrapped
         FROM {rows} CROSS JOIN records x
         LEFT JOIN data_keys k ON k.environment_id = x.environment_id AND k.subject_id = x.subject_id
         WHERE x.environment_id = r.environment_id AND x.id = r.id";
    LOCATE (environment_id Text, id Text) =
        "SELECT x.environment_id FROM {rows} CROSS JOIN records x
         WHERE x.environment_id = r.environment_id AND x.id = r.id";
    CHILDREN (environment_id Text, parent_id Text) =
        "SELECT x.parent_id, x.id, x.kind, x.variant, x.status FROM {rows} CROSS JOIN records x
         WHERE x.environment_id = r.environment_id AND x.parent_id = r.parent_id
         ORDER BY x.id";
}

fn stored(row: &Row<'_>) -> Result<StoredRecord> {
    Ok(StoredRecord {
        row: RecordRow {
            id: row.text(0)?,
            kind: row.text(1)?,
            variant: row.text(2)?,
            parent_id: row.opt_text(3)?,
            account_id: row.opt_text(4)?,
            template_id: row.opt_text(5)?,
            status: row.text(6)?,
            lookup: row.opt_blob(7)?,
            subject_id: row.text(8)?,
            version: row.int(9)?,
            state: row.blob(10)?,
            created_at: row.instant(11)?,
            updated_at: row.instant(12)?,
        },
        wrapped_key: row.opt_blob(13)?,
    })
}

/// Finds one record.
///
/// # Errors
/// What the engine reports.
pub fn find(tx: &mut Tx<'_>, environment: &EnvironmentId, id: &str) -> Result<Option<StoredRecord>> {
    tx.query_opt(&GET, params![environment, id], stored)
}

/// Finds the environment, of some, that a record is in.
///
/// # Errors
/// What the engine reports.
pub fn locate(tx: &mut Tx<'_>, among: &[EnvironmentId], id: &str) -> Result<Option<EnvironmentId>> {
    let rows: Vec<Vec<Value<'_>>> =
        among.iter().map(|environment| params![environment, id].to_vec()).collect();
    let mut found =
        tx.query_batch(&LOCATE, &rows, |row| Ok::<_, crate::Error>(EnvironmentId::trusted(row.text(0)?)))?;
    Ok(found.pop())
}

/// Finds records, in no order.
///
/// # Errors
/// What the engine reports.
pub fn find_many(tx: &mut Tx<'_>, environment: &EnvironmentId, ids: &[String]) -> Result<Vec<StoredRecord>> {
    let rows: Vec<Vec<Value<'_>>> = ids.iter().map(|id| params![environment, id].to_vec()).collect();
    tx.query_batch(&GET_MANY, &rows, stored)
}

/// Adds a record.
///
/// # Errors
/// What the engine reports.
pub fn insert(tx: &mut Tx<'_>, environment: &EnvironmentId, row: &RecordRow) -> Result<()> {
    tx.execute(
        &INSERT,
        params![
            environment,
            &row.id,
            &row.kind,
            &row.variant,
            row.parent_id.as_ref(),
            row.account_id.as_ref(),
            row.template_id.as_ref(),
            &row.status,
            row.lookup.as_ref(),
            &row.subject_id,
            row.version,
            &row.state,
            row.created_at,
            row.updated_at,
        ],
    )
    .map(|_| ())
}

/// Writes a record that was read at a version and a time of change. False when somebody else has changed it since.
///
/// # Errors
/// What the engine reports.
pub fn update(
    tx: &mut Tx<'_>,
    environment: &EnvironmentId,
    row: &RecordRow,
    (old_version, old_updated_at): (i64, Timestamp),
) -> Result<bool> {
    let changed = tx.execute(
        &UPDATE,
        params![
            environment,
            &row.id,
            old_version,
            old_updated_at,
            row.parent_id.as_ref(),
            row.account_id.as_ref(),
            &row.status,
            row.lookup.as_ref(),
            row.version,
            &row.state,
            row.updated_at,
        ],
    )?;
    Ok(changed == 1)
}

/// Finds what a secret opens, in whatever environment: the environment and the ID. None when two have the same.
///
/// # Errors
/// What the engine reports.
pub fn find_by_lookup(tx: &mut Tx<'_>, kind: &str, lookup: &[u8]) -> Result<Option<(EnvironmentId, String)>> {
    let mut found = tx.query(&FIND_BY_LOOKUP, params![lookup, kind], |row| {
        Ok::<_, crate::Error>((EnvironmentId::trusted(row.text(0)?), row.text(1)?))
    })?;
    Ok(if found.len() == 1 { found.pop() } else { None })
}

/// Which records a page is taken from.
#[derive(Clone, Copy, Debug)]
pub enum Selection<'a> {
    /// All of a kind.
    All,
    /// Those that belong to an inquiry.
    OfParent(&'a str),
    /// Those that hang on an account.
    OfAccount(&'a str),
    /// Those of a template that have a status.
    OfTemplate(&'a str, &'a str),
    /// Those of a kind that have a status.
    WithStatus(&'a str, &'a str),
    /// Those with a blind index or hash.
    WithLookup(&'a [u8]),
}

/// Which IDs of a selection are wanted: between two, neither included, from one end.
#[derive(Clone, Copy, Debug)]
pub struct Range<'a> {
    /// Only greater ones.
    pub above: &'a str,
    /// Only lesser ones.
    pub below: &'a str,
    /// From the greatest on downwards, or from the least on upwards.
    pub newest_first: bool,
    /// How many at the most.
    pub limit: i64,
}

/// IDs of a selection.
///
/// # Errors
/// What the engine reports.
pub fn page(
    tx: &mut Tx<'_>,
    environment: &EnvironmentId,
    selection: Selection<'_>,
    range: Range<'_>,
) -> Result<Vec<String>> {
    let Range { above, below, newest_first, limit } = range;
    let pick = |after, before| if newest_first { after } else { before };
    let id = |row: &Row<'_>| row.text(0);
    match selection {
        Selection::All => {
            tx.query(pick(&PAGE_AFTER, &PAGE_BEFORE), params![environment, above, below, limit], id)
        }
        Selection::OfParent(one) => tx.query(
            pick(&OF_PARENT_AFTER, &OF_PARENT_BEFORE),
            params![environment, above, below, limit, one],
            id,
        ),
        Selection::OfAccount(one) => tx.query(
            pick(&OF_ACCOUNT_AFTER, &OF_ACCOUNT_BEFORE),
            params![environment, above, below, limit, one],
            id,
        ),
        Selection::OfTemplate(one, status) => tx.query(
            pick(&OF_TEMPLATE_AFTER, &OF_TEMPLATE_BEFORE),
            params![environment, above, below, limit, one, status],
            id,
        ),
        Selection::WithStatus(kind, status) => tx.query(
            pick(&WITH_STATUS_AFTER, &WITH_STATUS_BEFORE),
            params![environment, above, below, limit, kind, status],
            id,
        ),
        Selection::WithLookup(lookup) => tx.query(
            pick(&WITH_LOOKUP_AFTER, &WITH_LOOKUP_BEFORE),
            params![environment, above, below, limit, lookup],
            id,
        ),
    }
}

/// IDs of a kind by their last change, from a place on: downwards, or upwards.
///
/// # Errors
/// What the engine reports.
pub fn by_update(
    tx: &mut Tx<'_>,
    environment: &EnvironmentId,
    kind: &str,
    (at, id): (Timestamp, &str),
    (newest_first, limit): (bool, i64),
) -> Result<Vec<(String, Timestamp)>> {
    let statement = if newest_first { &BY_UPDATE_AFTER } else { &BY_UPDATE_BEFORE };
    tx.query(statement, params![environment, kind, at, id, limit], |row| Ok((row.text(0)?, row.instant(1)?)))
}

/// A record that belongs to an inquiry, as far as it stands in the clear.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Child {
    /// The inquiry.
    pub parent_id: String,
    /// Its ID.
    pub id: String,
    /// Its kind.
    pub kind: String,
    /// What sort of its kind it is.
    pub variant: String,
    /// Its status.
    pub status: String,
}

/// Everything that belongs to some inquiries, oldest first.
///
/// # Errors
/// What the engine reports.
pub fn children(tx: &mut Tx<'_>, environment: &EnvironmentId, parents: &[&str]) -> Result<Vec<Child>> {
    let rows: Vec<Vec<Value<'_>>> =
        parents.iter().map(|parent| params![environment, *parent].to_vec()).collect();
    tx.query_batch(&CHILDREN, &rows, |row| {
        Ok(Child {
            parent_id: row.text(0)?,
            id: row.text(1)?,
            kind: row.text(2)?,
            variant: row.text(3)?,
            status: row.text(4)?,
        })
    })
}
