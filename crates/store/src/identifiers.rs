//! What accounts are found by: reference IDs, unique identifiers and others.

use muster_domain::{AccountId, AccountTypeId, EnvironmentId};

use crate::error::Result;
use crate::{Tx, Value, params};

/// The key under which reference IDs stand. No field can have it.
pub const REFERENCE_ID: &str = "reference_id";

/// One value of an index: environment, account type, key and what identifies the value.
///
/// The value is the folded UTF-8 of a reference ID, the blind index of a field, or, in the ordered index, its
/// bytes in order.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UniqueKey {
    /// The environment.
    pub environment: EnvironmentId,
    /// The account type.
    pub account_type: AccountTypeId,
    /// [`REFERENCE_ID`], the key of a field, or `hash.member`.
    pub key: String,
    /// The value.
    pub value: Vec<u8>,
}

crate::batches! {
    FIND (n Int, environment_id Text, account_type_id Text, key Text, value Blob) =
        "SELECT r.n, i.account_id FROM {rows} CROSS JOIN identifiers i
         WHERE i.environment_id = r.environment_id AND i.account_type_id = r.account_type_id
           AND i.key = r.key AND i.value = r.value";
    INSERT (environment_id Text, account_type_id Text, key Text, value Blob, account_id Text) =
        "INSERT INTO identifiers (environment_id, account_type_id, key, value, account_id)
         {values}
         ON CONFLICT (environment_id, account_type_id, key, value) DO NOTHING
         RETURNING account_id, key";
    // Never another account's: a consolidation may have handed the value on.
    DELETE (environment_id Text, account_type_id Text, key Text, value Blob, account_id Text) =
        "DELETE FROM identifiers WHERE (environment_id, account_type_id, key, value, account_id) IN
             (SELECT r.environment_id, r.account_type_id, r.key, r.value, r.account_id FROM {rows})";
    INSERT_INDEX (environment_id Text, value Blob, account_id Text) =
        "INSERT INTO field_index (environment_id, value, account_id)
         {values}
         ON CONFLICT (environment_id, value, account_id) DO NOTHING";
    DELETE_INDEX (environment_id Text, value Blob, account_id Text) =
        "DELETE FROM field_index WHERE (environment_id, value, account_id) IN
             (SELECT r.environment_id, r.value, r.account_id FROM {rows})";
}

fn row<'a>(key: &'a UniqueKey) -> [Value<'a>; 4] {
    [
        Value::from(&key.environment),
        Value::from(&key.account_type),
        Value::from(&key.key),
        Value::from(&key.value),
    ]
}

/// Looks up the accounts that hold keys: one entry per key, in order.
///
/// # Errors
/// What the engine reports.
pub fn find(tx: &mut Tx<'_>, keys: &[&UniqueKey]) -> Result<Vec<Option<AccountId>>> {
    let rows: Vec<Vec<Value<'_>>> = keys
        .iter()
        .enumerate()
        .map(|(n, key)| {
            std::iter::once(Value::Int(i64::try_from(n).unwrap_or(i64::MAX))).chain(row(key)).collect()
        })
        .collect();
    let mut found = vec![None; keys.len()];
    let pairs = tx.query_batch(&FIND, &rows, |row| Ok::<_, crate::Error>((row.int(0)?, row.text(1)?)))?;
    for (n, account) in pairs {
        if let Some(slot) = usize::try_from(n).ok().and_then(|n| found.get_mut(n)) {
            *slot = Some(AccountId::trusted(account));
        }
    }
    Ok(found)
}

/// Takes keys for accounts. Returns (account, key name) of those that were free; the others belong to
/// somebody already, perhaps since a moment ago.
///
/// # Errors
/// What the engine reports.
pub fn insert_absent(tx: &mut Tx<'_>, keys: &[(&UniqueKey, &AccountId)]) -> Result<Vec<(String, String)>> {
    tx.query_batch(&INSERT, &with_accounts(keys), |row| Ok((row.text(0)?, row.text(1)?)))
}

/// Gives keys back, as far as the accounts hold them.
///
/// # Errors
/// What the engine reports.
pub fn delete(tx: &mut Tx<'_>, keys: &[(&UniqueKey, &AccountId)]) -> Result<()> {
    tx.execute_batch(&DELETE, &with_accounts(keys)).map(|_| ())
}

/// Notes values of searchable fields that need not be unique.
///
/// # Errors
/// What the engine reports.
pub fn insert_index(tx: &mut Tx<'_>, keys: &[(&UniqueKey, &AccountId)]) -> Result<()> {
    tx.execute_batch(&INSERT_INDEX, &blind(keys)).map(|_| ())
}

/// Forgets values of searchable fields that need not be unique.
///
/// # Errors
/// What the engine reports.
pub fn delete_index(tx: &mut Tx<'_>, keys: &[(&UniqueKey, &AccountId)]) -> Result<()> {
    tx.execute_batch(&DELETE_INDEX, &blind(keys)).map(|_| ())
}

/// The rows of blind indexes: these are made of the type and the field, too.
fn blind<'a>(keys: &[(&'a UniqueKey, &'a AccountId)]) -> Vec<Vec<Value<'a>>> {
    keys.iter().map(|(key, account)| params![&key.environment, &key.value, *account].to_vec()).collect()
}

pub(crate) fn with_accounts<'a>(keys: &[(&'a UniqueKey, &'a AccountId)]) -> Vec<Vec<Value<'a>>> {
    keys.iter().map(|(key, account)| row(key).into_iter().chain([Value::from(*account)]).collect()).collect()
}
