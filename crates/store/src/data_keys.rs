//! Data keys: one per subject, wrapped by the master key.

use muster_domain::{EnvironmentId, ObjectId, Timestamp};

use crate::error::Result;
use crate::{Tx, Value, params};

crate::statements! {
    GET = "SELECT wrapped FROM data_keys WHERE environment_id = $1 AND subject_id = $2";
    RENEW = "UPDATE data_keys SET wrapped = $3, renewed_at = $4 WHERE environment_id = $1 AND subject_id = $2";
}

crate::batches! {
    INSERT (environment_id Text, subject_id Text, wrapped Blob) =
        "INSERT INTO data_keys (environment_id, subject_id, wrapped)
         {values}";
}

/// A wrapped key on its way into the database.
#[derive(Clone, Copy, Debug)]
pub struct NewDataKey<'a> {
    /// The environment of the subject.
    pub environment: &'a EnvironmentId,
    /// The subject: an account, or an object that has none.
    pub subject: &'a str,
    /// The wrapped key.
    pub wrapped: &'a [u8],
}

/// Adds keys.
///
/// # Errors
/// What the engine reports.
pub fn insert(tx: &mut Tx<'_>, keys: &[NewDataKey<'_>]) -> Result<()> {
    let rows: Vec<Vec<Value<'_>>> =
        keys.iter().map(|key| params![key.environment, key.subject, key.wrapped].to_vec()).collect();
    tx.execute_batch(&INSERT, &rows).map(|_| ())
}

/// Finds the wrapped key of a subject; none when it never had one or was redacted.
///
/// # Errors
/// What the engine reports.
pub fn find(tx: &mut Tx<'_>, environment: &EnvironmentId, subject: &ObjectId) -> Result<Option<Vec<u8>>> {
    Ok(tx.query_opt(&GET, params![environment, subject], |row| row.opt_blob(0))?.flatten())
}

/// Puts a new key in the place of the old one: what the old one sealed can never be read again.
///
/// # Errors
/// What the engine reports.
pub fn renew(tx: &mut Tx<'_>, key: NewDataKey<'_>, now: Timestamp) -> Result<()> {
    tx.execute(&RENEW, params![key.environment, key.subject, key.wrapped, now]).map(|_| ())
}
