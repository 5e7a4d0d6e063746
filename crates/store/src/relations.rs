//! Relations between accounts: one row per direction.

use muster_domain::{AccountId, EnvironmentId, Timestamp};

use crate::error::Result;
use crate::{Row, Tx, Value, params};

/// One direction of a relation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RelationRow {
    /// The account that has it.
    pub account: AccountId,
    /// The key of its schema.
    pub key: String,
    /// The account it leads to.
    pub target: AccountId,
    /// When it was made.
    pub created_at: Timestamp,
}

crate::statements! {
    PAGE_AFTER = "SELECT account_id, key, target_id, created_at FROM account_relations
                  WHERE environment_id = $1 AND account_id = $2 AND key = $3 AND target_id < $4
                    AND created_at >= $5 AND created_at <= $6
                  ORDER BY target_id DESC LIMIT $7";
    PAGE_BEFORE = "SELECT account_id, key, target_id, created_at FROM account_relations
                   WHERE environment_id = $1 AND account_id = $2 AND key = $3 AND target_id > $4
                     AND created_at >= $5 AND created_at <= $6
                   ORDER BY target_id LIMIT $7";
    OF_ACCOUNT = "SELECT account_id, key, target_id, created_at FROM account_relations
                  WHERE environment_id = $1 AND account_id = $2 ORDER BY key, target_id LIMIT $3";
    TO_ACCOUNT = "SELECT account_id, key, target_id, created_at FROM account_relations
                  WHERE environment_id = $1 AND target_id = $2 ORDER BY account_id, key LIMIT $3";
}

crate::batches! {
    INSERT (environment_id Text, account_id Text, key Text, target_id Text, created_at Int) =
        "INSERT INTO account_relations (environment_id, account_id, key, target_id, created_at)
         {values}
         ON CONFLICT (environment_id, account_id, key, target_id) DO NOTHING";
    DELETE (environment_id Text, account_id Text, key Text, target_id Text) =
        "DELETE FROM account_relations WHERE (environment_id, account_id, key, target_id) IN
             (SELECT r.environment_id, r.account_id, r.key, r.target_id FROM {rows})";
}

fn relation(row: &Row<'_>) -> Result<RelationRow> {
    Ok(RelationRow {
        account: AccountId::trusted(row.text(0)?),
        key: row.text(1)?,
        target: AccountId::trusted(row.text(2)?),
        created_at: row.instant(3)?,
    })
}

/// Which relations of an account a page is taken from.
#[derive(Clone, Copy, Debug)]
pub struct Selection<'a> {
    /// The account.
    pub account: &'a AccountId,
    /// The key of the schema.
    pub key: &'a str,
    /// Made at this instant or later.
    pub from: Option<Timestamp>,
    /// Made at this instant or before.
    pub until: Option<Timestamp>,
}

/// Up to `limit` relations to accounts older than `cursor` (all, without one), newest account first.
///
/// # Errors
/// What the engine reports.
pub fn page_after(
    tx: &mut Tx<'_>,
    environment: &EnvironmentId,
    selection: Selection<'_>,
    cursor: Option<&AccountId>,
    limit: i64,
) -> Result<Vec<RelationRow>> {
    // '~' sorts after every character of an ID.
    let cursor = cursor.map_or("act_~", AccountId::as_str);
    tx.query(&PAGE_AFTER, &page_params(environment, selection, cursor, limit), relation)
}

/// Up to `limit` relations to accounts newer than `cursor`, oldest account first.
///
/// # Errors
/// What the engine reports.
pub fn page_before(
    tx: &mut Tx<'_>,
    environment: &EnvironmentId,
    selection: Selection<'_>,
    cursor: &AccountId,
    limit: i64,
) -> Result<Vec<RelationRow>> {
    tx.query(&PAGE_BEFORE, &page_params(environment, selection, cursor.as_str(), limit), relation)
}

fn page_params<'a>(
    environment: &'a EnvironmentId,
    selection: Selection<'a>,
    cursor: &'a str,
    limit: i64,
) -> [Value<'a>; 7] {
    [
        Value::from(environment),
        Value::from(selection.account),
        Value::from(selection.key),
        Value::from(cursor),
        Value::Int(selection.from.map_or(i64::MIN, Timestamp::as_micros)),
        Value::Int(selection.until.map_or(i64::MAX, Timestamp::as_micros)),
        Value::Int(limit),
    ]
}

/// Up to `limit` relations that an account has, by key.
///
/// # Errors
/// What the engine reports.
pub fn of_account(
    tx: &mut Tx<'_>,
    environment: &EnvironmentId,
    account: &AccountId,
    limit: i64,
) -> Result<Vec<RelationRow>> {
    tx.query(&OF_ACCOUNT, params![environment, account, limit], relation)
}

/// Up to `limit` relations that lead to an account.
///
/// # Errors
/// What the engine reports.
pub fn to_account(
    tx: &mut Tx<'_>,
    environment: &EnvironmentId,
    account: &AccountId,
    limit: i64,
) -> Result<Vec<RelationRow>> {
    tx.query(&TO_ACCOUNT, params![environment, account, limit], relation)
}

/// Adds relations; those that are there already stay as they are. Returns how many were new.
///
/// # Errors
/// What the engine reports.
pub fn insert_absent(tx: &mut Tx<'_>, environment: &EnvironmentId, relations: &[RelationRow]) -> Result<u64> {
    let rows: Vec<Vec<Value<'_>>> = relations
        .iter()
        .map(|r| params![environment, &r.account, &r.key, &r.target, r.created_at].to_vec())
        .collect();
    tx.execute_batch(&INSERT, &rows)
}

/// Removes relations. Returns how many there were.
///
/// # Errors
/// What the engine reports.
pub fn remove(tx: &mut Tx<'_>, environment: &EnvironmentId, relations: &[RelationRow]) -> Result<u64> {
    let rows: Vec<Vec<Value<'_>>> =
        relations.iter().map(|r| params![environment, &r.account, &r.key, &r.target].to_vec()).collect();
    tx.execute_batch(&DELETE, &rows)
}
