//! Replies that were given under an idempotency key.

use muster_domain::{EnvironmentId, Timestamp};

use crate::error::Result;
use crate::{Row, Tx, Value, params};

/// A reply stored under a key.
#[derive(Clone, Debug)]
pub struct StoredReply {
    /// What the request was: method, path, query and body, hashed.
    pub fingerprint: Vec<u8>,
    /// HTTP status; 0 while the transaction that claims the key is still running.
    pub status: i64,
    /// Whose data key seals the body; none = the environment's.
    pub subject_id: Option<String>,
    /// The body.
    pub body: Vec<u8>,
    /// The wrapped data key of the subject.
    pub wrapped_key: Option<Vec<u8>>,
    /// When redaction put that key in the place of another one, which no longer exists.
    pub key_renewed_at: Option<Timestamp>,
    /// When it was given.
    pub created_at: Timestamp,
}

/// A reply on its way into the database.
#[derive(Clone, Copy, Debug)]
pub struct NewReply<'a> {
    /// The environment of the request.
    pub environment: &'a EnvironmentId,
    /// The hash of the key.
    pub key: &'a [u8],
    /// The hash of the request.
    pub fingerprint: &'a [u8],
    /// HTTP status.
    pub status: i64,
    /// Whose data key seals the body.
    pub subject_id: Option<&'a str>,
    /// The body, sealed.
    pub body: &'a [u8],
}

crate::statements! {
    FIND = "SELECT i.fingerprint, i.status, i.subject_id, i.body, k.wrapped, i.created_at, k.renewed_at
            FROM idempotency_keys i
            LEFT JOIN data_keys k ON k.environment_id = i.environment_id AND k.subject_id = i.subject_id
            WHERE i.environment_id = $1 AND i.key = $2";
    DELETE = "DELETE FROM idempotency_keys WHERE environment_id = $1 AND key = $2 AND created_at < $3";
    UNCLAIM = "DELETE FROM idempotency_keys WHERE environment_id = $1 AND key = $2";
    PRUNE = "DELETE FROM idempotency_keys WHERE environment_id = $1 AND key IN
                 (SELECT p.key FROM idempotency_keys p
                  WHERE p.environment_id = $1 AND p.created_at < $2 ORDER BY p.created_at LIMIT $3)";
}

crate::batches! {
    CLAIM (environment_id Text, key Blob, fingerprint Blob, status Int, subject_id Text, body Blob, created_at Int) =
        "INSERT INTO idempotency_keys (environment_id, key, fingerprint, status, subject_id, body, created_at)
         {values}
         ON CONFLICT (environment_id, key) DO NOTHING
         RETURNING environment_id, key";
    SET_REPLY (environment_id Text, key Blob, status Int, subject_id Text, body Blob) =
        "UPDATE idempotency_keys SET status = r.status, subject_id = r.subject_id, body = r.body
         FROM {rows}
         WHERE idempotency_keys.environment_id = r.environment_id AND idempotency_keys.key = r.key";
}

/// Takes keys, each with the reply that is expected. Returns (environment, key) of those that were free.
///
/// On PostgreSQL it waits for a running transaction that holds the same key.
///
/// # Errors
/// What the engine reports.
pub fn claim(tx: &mut Tx<'_>, replies: &[NewReply<'_>], now: Timestamp) -> Result<Vec<(String, Vec<u8>)>> {
    let rows: Vec<Vec<Value<'_>>> = replies
        .iter()
        .map(|r| params![r.environment, r.key, r.fingerprint, r.status, r.subject_id, r.body, now].to_vec())
        .collect();
    tx.query_batch(&CLAIM, &rows, |row| Ok((row.text(0)?, row.blob(1)?)))
}

/// Replaces the replies of keys that this transaction has taken.
///
/// # Errors
/// What the engine reports.
pub fn set_replies(tx: &mut Tx<'_>, replies: &[NewReply<'_>]) -> Result<()> {
    let rows: Vec<Vec<Value<'_>>> = replies
        .iter()
        .map(|r| params![r.environment, r.key, r.status, r.subject_id, r.body].to_vec())
        .collect();
    tx.execute_batch(&SET_REPLY, &rows).map(|_| ())
}

/// Finds the reply stored under a key.
///
/// # Errors
/// What the engine reports.
pub fn find(tx: &mut Tx<'_>, environment: &EnvironmentId, key: &[u8]) -> Result<Option<StoredReply>> {
    tx.query_opt(&FIND, params![environment, key], |row: &Row<'_>| {
        Ok(StoredReply {
            fingerprint: row.blob(0)?,
            status: row.int(1)?,
            subject_id: row.opt_text(2)?,
            body: row.blob(3)?,
            wrapped_key: row.opt_blob(4)?,
            created_at: row.instant(5)?,
            key_renewed_at: row.opt_instant(6)?,
        })
    })
}

/// Gives back a key that this transaction has taken.
///
/// # Errors
/// What the engine reports.
pub fn unclaim(tx: &mut Tx<'_>, environment: &EnvironmentId, key: &[u8]) -> Result<()> {
    tx.execute(&UNCLAIM, params![environment, key]).map(|_| ())
}

/// Forgets one key if it is older than `before`.
///
/// # Errors
/// What the engine reports.
pub fn forget(tx: &mut Tx<'_>, environment: &EnvironmentId, key: &[u8], before: Timestamp) -> Result<()> {
    tx.execute(&DELETE, params![environment, key, before]).map(|_| ())
}

/// Forgets up to `limit` keys that are older than `before`, and says how many.
///
/// # Errors
/// What the engine reports.
pub fn prune(tx: &mut Tx<'_>, environment: &EnvironmentId, before: Timestamp, limit: i64) -> Result<u64> {
    tx.execute(&PRUNE, params![environment, before, limit])
}
