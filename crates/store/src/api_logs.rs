//! The log of API requests, in packed rows: each holds what one process wrote at once, of one second.
//!
//! Request IDs start with their time, so the rows of one second hold all its IDs and no others. Within a
//! second the rows of several processes may overlap.

use muster_domain::{EnvironmentId, RequestId, Timestamp};

use crate::error::Result;
use crate::events::Side;
use crate::{Row, Tx, Value, params};

crate::statements! {
    CONTAINING = "SELECT bucket, first_id, last_id, entries FROM api_logs
                  WHERE environment_id = $1 AND bucket = $2 AND first_id <= $3 AND last_id >= $3
                  ORDER BY first_id DESC";
    PAGE_AFTER = "SELECT bucket, first_id, last_id, entries FROM api_logs
                  WHERE environment_id = $1 AND (bucket, first_id) < ($2, $3)
                  ORDER BY bucket DESC, first_id DESC LIMIT $4";
    PAGE_BEFORE = "SELECT bucket, first_id, last_id, entries FROM api_logs
                   WHERE environment_id = $1 AND (bucket, first_id) > ($2, $3)
                   ORDER BY bucket, first_id LIMIT $4";
    PRUNE = "DELETE FROM api_logs WHERE environment_id = $1 AND bucket IN
                 (SELECT p.bucket FROM api_logs p
                  WHERE p.environment_id = $1 AND p.bucket < $2 ORDER BY p.bucket LIMIT $3)";
}

crate::batches! {
    INSERT (environment_id Text, bucket Int, first_id Text, last_id Text, entries Blob) =
        "INSERT INTO api_logs (environment_id, bucket, first_id, last_id, entries)
         {values}";
    SUBJECTS (environment_id Text, subject_id Text) =
        "SELECT k.subject_id, k.wrapped, k.renewed_at
         FROM {rows} CROSS JOIN data_keys k
         WHERE k.environment_id = r.environment_id AND k.subject_id = r.subject_id";
}

/// Entries that were written at once, all of one second.
#[derive(Clone, Debug)]
pub struct LogRow {
    /// Seconds since 1970.
    pub bucket: i64,
    /// The lowest ID among them.
    pub first_id: RequestId,
    /// The highest.
    pub last_id: RequestId,
    /// Compressed and sealed.
    pub entries: Vec<u8>,
}

/// What opens that which entries tell of a subject.
#[derive(Clone, Debug)]
pub struct SubjectKey {
    /// The subject.
    pub subject_id: String,
    /// Its wrapped key, as it is now; none when there is none any more.
    pub wrapped: Option<Vec<u8>>,
    /// When redaction put it in the place of another one.
    pub renewed_at: Option<Timestamp>,
}

/// Where a page starts: a second, and the `first_id` of a row in it.
pub type Position<'a> = (i64, &'a str);

/// Adds rows.
///
/// # Errors
/// What the engine reports.
pub fn insert(tx: &mut Tx<'_>, rows: &[(&EnvironmentId, &LogRow)]) -> Result<()> {
    let rows: Vec<Vec<Value<'_>>> = rows
        .iter()
        .map(|(environment, row)| {
            params![*environment, row.bucket, &row.first_id, &row.last_id, &row.entries].to_vec()
        })
        .collect();
    tx.execute_batch(&INSERT, &rows).map(|_| ())
}

fn log_row(row: &Row<'_>) -> Result<LogRow> {
    Ok(LogRow {
        bucket: row.int(0)?,
        first_id: RequestId::trusted(row.text(1)?),
        last_id: RequestId::trusted(row.text(2)?),
        entries: row.blob(3)?,
    })
}

/// The rows of one second among whose entries an ID may be.
///
/// # Errors
/// What the engine reports.
pub fn containing(
    tx: &mut Tx<'_>,
    environment: &EnvironmentId,
    bucket: i64,
    id: &RequestId,
) -> Result<Vec<LogRow>> {
    tx.query(&CONTAINING, params![environment, bucket, id], log_row)
}

/// Up to `limit` rows beside a position, from it outwards.
///
/// # Errors
/// What the engine reports.
pub fn page(
    tx: &mut Tx<'_>,
    environment: &EnvironmentId,
    side: Side,
    (bucket, first_id): Position<'_>,
    limit: i64,
) -> Result<Vec<LogRow>> {
    let statement = if side == Side::After { &PAGE_AFTER } else { &PAGE_BEFORE };
    tx.query(statement, params![environment, bucket, first_id, limit], log_row)
}

/// Finds the keys of subjects as they are now.
///
/// # Errors
/// What the engine reports.
pub fn subject_keys(
    tx: &mut Tx<'_>,
    environment: &EnvironmentId,
    subjects: &[&str],
) -> Result<Vec<SubjectKey>> {
    let rows: Vec<Vec<Value<'_>>> =
        subjects.iter().map(|subject| params![environment, *subject].to_vec()).collect();
    tx.query_batch(&SUBJECTS, &rows, |row| {
        Ok(SubjectKey {
            subject_id: row.text(0)?,
            wrapped: row.opt_blob(1)?,
            renewed_at: row.opt_instant(2)?,
        })
    })
}

/// Forgets the rows of the oldest seconds before `bucket`, about `limit` of them, and says how many.
///
/// # Errors
/// What the engine reports.
pub fn prune(tx: &mut Tx<'_>, environment: &EnvironmentId, bucket: i64, limit: i64) -> Result<u64> {
    tx.execute(&PRUNE, params![environment, bucket, limit])
}
