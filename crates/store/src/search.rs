//! What accounts are searched by: look-ups, ordered copies, and walks along them.
//!
//! Whatever is read comes in the order of an index, between two positions of it. A position is a gap between
//! two IDs: [`below`] or [`above`] one, or beyond all of them.

use muster_domain::search::Direction;
use muster_domain::{AccountId, AccountStatusId, AccountTypeId, EnvironmentId, Timestamp};

use crate::error::Result;
use crate::identifiers::{UniqueKey, with_accounts};
use crate::{Row, Tx, params};

/// The gap before all IDs of accounts.
pub const FIRST: &str = "act_";
/// The gap after all IDs of accounts: '~' sorts after every character of an ID.
pub const LAST: &str = "act_~";

/// The gap just before an ID.
#[must_use]
pub fn below(id: &AccountId) -> String {
    id.as_str().to_owned()
}

/// The gap just after an ID: '!' sorts before every character of an ID.
#[must_use]
pub fn above(id: &AccountId) -> String {
    format!("{id}!")
}

/// A part of an index in the order of IDs, and how much of it is wanted.
#[derive(Clone, Copy, Debug)]
pub struct Part<'a> {
    /// The gap where it begins.
    pub low: &'a str,
    /// The gap where it ends.
    pub high: &'a str,
    /// From which end it is read.
    pub direction: Direction,
    /// How many entries at the most.
    pub limit: i64,
}

/// A part of an index in the order of a value, then of IDs, and how much of it is wanted.
#[derive(Clone, Copy, Debug)]
pub struct OrderedPart<'a, V> {
    /// The value and the gap where it begins.
    pub low: (V, &'a str),
    /// The value and the gap where it ends.
    pub high: (V, &'a str),
    /// From which end it is read.
    pub direction: Direction,
    /// How many entries at the most.
    pub limit: i64,
}

crate::statements! {
    EQUAL_UP = "SELECT account_id FROM field_index
                WHERE environment_id = $1 AND value = $2
                  AND account_id >= $3 AND account_id < $4 ORDER BY account_id LIMIT $5";
    EQUAL_DOWN = "SELECT account_id FROM field_index
                  WHERE environment_id = $1 AND value = $2
                    AND account_id >= $3 AND account_id < $4 ORDER BY account_id DESC LIMIT $5";
    STATUS_UP = "SELECT id FROM accounts
                 WHERE environment_id = $1 AND status_id = $2
                   AND id >= $3 AND id < $4 ORDER BY id LIMIT $5";
    STATUS_DOWN = "SELECT id FROM accounts
                   WHERE environment_id = $1 AND status_id = $2
                     AND id >= $3 AND id < $4 ORDER BY id DESC LIMIT $5";
    ALL_UP = "SELECT id FROM accounts WHERE environment_id = $1 AND id >= $2 AND id < $3 ORDER BY id LIMIT $4";
    ALL_DOWN = "SELECT id FROM accounts WHERE environment_id = $1 AND id >= $2 AND id < $3
                ORDER BY id DESC LIMIT $4";
    ORDERED_UP = "SELECT account_id, value FROM ordered_index
                  WHERE environment_id = $1 AND account_type_id = $2 AND key = $3
                    AND (value, account_id) >= ($4, $5) AND (value, account_id) < ($6, $7)
                  ORDER BY value, account_id LIMIT $8";
    ORDERED_DOWN = "SELECT account_id, value FROM ordered_index
                    WHERE environment_id = $1 AND account_type_id = $2 AND key = $3
                      AND (value, account_id) >= ($4, $5) AND (value, account_id) < ($6, $7)
                    ORDER BY value DESC, account_id DESC LIMIT $8";
    UPDATED_UP = "SELECT id, updated_at FROM accounts
                  WHERE environment_id = $1 AND (updated_at, id) >= ($2, $3) AND (updated_at, id) < ($4, $5)
                  ORDER BY updated_at, id LIMIT $6";
    UPDATED_DOWN = "SELECT id, updated_at FROM accounts
                    WHERE environment_id = $1 AND (updated_at, id) >= ($2, $3) AND (updated_at, id) < ($4, $5)
                    ORDER BY updated_at DESC, id DESC LIMIT $6";
    BACKLOG = "SELECT after_id FROM search_backlog WHERE environment_id = $1";
    ADVANCE_BACKLOG = "UPDATE search_backlog SET after_id = $2 WHERE environment_id = $1";
    FINISH_BACKLOG = "DELETE FROM search_backlog WHERE environment_id = $1";
}

crate::batches! {
    INSERT_ORDERED (environment_id Text, account_type_id Text, key Text, value Blob, account_id Text) =
        "INSERT INTO ordered_index (environment_id, account_type_id, key, value, account_id)
         {values}
         ON CONFLICT (environment_id, account_type_id, key, value, account_id) DO NOTHING";
    DELETE_ORDERED (environment_id Text, account_type_id Text, key Text, value Blob, account_id Text) =
        "DELETE FROM ordered_index WHERE (environment_id, account_type_id, key, value, account_id) IN
             (SELECT r.environment_id, r.account_type_id, r.key, r.value, r.account_id FROM {rows})";
}

fn id(row: &Row<'_>) -> Result<AccountId> {
    Ok(AccountId::trusted(row.text(0)?))
}

/// The accounts that have a value in a field which is not unique, in the order of their IDs.
///
/// # Errors
/// What the engine reports.
pub fn equal(tx: &mut Tx<'_>, key: &UniqueKey, part: Part<'_>) -> Result<Vec<AccountId>> {
    let statement = match part.direction {
        Direction::Ascending => &EQUAL_UP,
        Direction::Descending => &EQUAL_DOWN,
    };
    tx.query(statement, params![&key.environment, &key.value, part.low, part.high, part.limit], id)
}

/// The accounts that have a status of their type, archived ones included, in the order of their IDs.
///
/// # Errors
/// What the engine reports.
pub fn of_status(
    tx: &mut Tx<'_>,
    environment: &EnvironmentId,
    status: &AccountStatusId,
    part: Part<'_>,
) -> Result<Vec<AccountId>> {
    let statement = match part.direction {
        Direction::Ascending => &STATUS_UP,
        Direction::Descending => &STATUS_DOWN,
    };
    tx.query(statement, params![environment, status, part.low, part.high, part.limit], id)
}

/// All accounts, archived ones included, in the order of their IDs.
///
/// # Errors
/// What the engine reports.
pub fn all(tx: &mut Tx<'_>, environment: &EnvironmentId, part: Part<'_>) -> Result<Vec<AccountId>> {
    let statement = match part.direction {
        Direction::Ascending => &ALL_UP,
        Direction::Descending => &ALL_DOWN,
    };
    tx.query(statement, params![environment, part.low, part.high, part.limit], id)
}

/// The accounts of a type in the order of a field, and the bytes by which they are ordered.
///
/// # Errors
/// What the engine reports.
pub fn ordered(
    tx: &mut Tx<'_>,
    environment: &EnvironmentId,
    (ty, key): (&AccountTypeId, &str),
    part: OrderedPart<'_, &[u8]>,
) -> Result<Vec<(AccountId, Vec<u8>)>> {
    let statement = match part.direction {
        Direction::Ascending => &ORDERED_UP,
        Direction::Descending => &ORDERED_DOWN,
    };
    let (low, high) = (part.low, part.high);
    tx.query(statement, params![environment, ty, key, low.0, low.1, high.0, high.1, part.limit], |row| {
        Ok((id(row)?, row.blob(1)?))
    })
}

/// All accounts in the order of their last change, archived ones included.
///
/// # Errors
/// What the engine reports.
pub fn updated(
    tx: &mut Tx<'_>,
    environment: &EnvironmentId,
    part: OrderedPart<'_, Timestamp>,
) -> Result<Vec<(AccountId, Timestamp)>> {
    let statement = match part.direction {
        Direction::Ascending => &UPDATED_UP,
        Direction::Descending => &UPDATED_DOWN,
    };
    let (low, high) = (part.low, part.high);
    tx.query(statement, params![environment, low.0, low.1, high.0, high.1, part.limit], |row| {
        Ok((id(row)?, row.instant(1)?))
    })
}

/// Notes values in the order they are searched by.
///
/// # Errors
/// What the engine reports.
pub fn insert_ordered(tx: &mut Tx<'_>, keys: &[(&UniqueKey, &AccountId)]) -> Result<()> {
    tx.execute_batch(&INSERT_ORDERED, &with_accounts(keys)).map(|_| ())
}

/// Forgets values in the order they were searched by.
///
/// # Errors
/// What the engine reports.
pub fn delete_ordered(tx: &mut Tx<'_>, keys: &[(&UniqueKey, &AccountId)]) -> Result<()> {
    tx.execute_batch(&DELETE_ORDERED, &with_accounts(keys)).map(|_| ())
}

/// How far an environment from before there was search is indexed: the gap after the last account that is.
/// None when all of it is.
///
/// # Errors
/// What the engine reports.
pub fn backlog(tx: &mut Tx<'_>, environment: &EnvironmentId) -> Result<Option<String>> {
    tx.query_opt(&BACKLOG, params![environment], |row| row.text(0))
}

/// Notes that accounts up to this one are indexed.
///
/// # Errors
/// What the engine reports.
pub fn advance_backlog(tx: &mut Tx<'_>, environment: &EnvironmentId, last: &AccountId) -> Result<()> {
    tx.execute(&ADVANCE_BACKLOG, params![environment, last]).map(|_| ())
}

/// Notes that all accounts of an environment are indexed.
///
/// # Errors
/// What the engine reports.
pub fn finish_backlog(tx: &mut Tx<'_>, environment: &EnvironmentId) -> Result<()> {
    tx.execute(&FINISH_BACKLOG, params![environment]).map(|_| ())
}
