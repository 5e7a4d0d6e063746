//! What an account is found by: everything that stands in an index because of it.

use muster_domain::fold::fold;
use muster_domain::search::Comparable;
use muster_domain::{AccountId, AccountType};
use muster_store::identifiers::{self, REFERENCE_ID, UniqueKey};
use muster_store::{Tx, search};

use super::Account;
use crate::{Result, Scope};

/// All entries of one account in the indexes.
#[derive(Clone, Debug, Default)]
pub(crate) struct Keys {
    /// Those no other account can have: the reference ID and unique identifiers.
    pub(super) unique: Vec<UniqueKey>,
    /// Blind indexes of the other searchable values.
    pub(super) index: Vec<UniqueKey>,
    /// Clear, ordered copies of values whose schema says so.
    pub(super) ordered: Vec<UniqueKey>,
}

/// What the entries of an account gain and lose.
#[derive(Clone, Debug, Default)]
pub(crate) struct KeyChanges {
    pub(super) taken: Vec<UniqueKey>,
    pub(super) freed: Vec<UniqueKey>,
    indexed: Vec<UniqueKey>,
    unindexed: Vec<UniqueKey>,
    ordered: Vec<UniqueKey>,
    unordered: Vec<UniqueKey>,
}

impl Keys {
    /// What changes when these become `new`; an account that is found by nothing any more has none.
    pub(crate) fn changes_to(&self, new: &Self) -> KeyChanges {
        let without = |all: &[UniqueKey], others: &[UniqueKey]| -> Vec<UniqueKey> {
            all.iter().filter(|key| !others.contains(key)).cloned().collect()
        };
        KeyChanges {
            taken: without(&new.unique, &self.unique),
            freed: without(&self.unique, &new.unique),
            indexed: without(&new.index, &self.index),
            unindexed: without(&self.index, &new.index),
            ordered: without(&new.ordered, &self.ordered),
            unordered: without(&self.ordered, &new.ordered),
        }
    }
}

/// Everything an account is found by.
pub(crate) fn keys_of(scope: &Scope, account: &Account) -> Keys {
    let ty = &account.account_type;
    let mut keys = Keys::default();
    if let Some(id) = &account.reference_id {
        keys.unique.push(unique_key(scope, ty, REFERENCE_ID, fold(id).into_bytes()));
    }
    for place in ty.indexed_places() {
        // A blank value is no key: otherwise all who leave it blank would be one.
        let Some(value) = place.value(&account.fields) else { continue };
        let key = place.key();
        let list = if place.unique { &mut keys.unique } else { &mut keys.index };
        list.push(unique_key(scope, ty, &key, blind_index(scope, ty, &key, &value)));
        if place.ordered {
            keys.ordered.push(unique_key(scope, ty, &key, value.ordered_bytes()));
        }
    }
    keys
}

/// The key of one value of an account type.
pub(super) fn unique_key(scope: &Scope, ty: &AccountType, key: &str, value: Vec<u8>) -> UniqueKey {
    UniqueKey {
        environment: scope.environment.id.clone(),
        account_type: ty.id.clone(),
        key: key.to_owned(),
        value,
    }
}

/// What a value is looked up by.
pub(super) fn blind_index(scope: &Scope, ty: &AccountType, key: &str, value: &Comparable) -> Vec<u8> {
    scope.environment.index_key.blind(ty.id.as_str(), key, &value.lookup_text())
}

type Entry<'a> = (&'a UniqueKey, &'a AccountId);

/// Adds the entries of new accounts that others may have as well.
pub(super) fn insert_index(tx: &mut Tx<'_>, accounts: &[(&Keys, &AccountId)]) -> Result<()> {
    let all = |pick: fn(&Keys) -> &Vec<UniqueKey>| -> Vec<Entry<'_>> {
        let entries = accounts.iter().flat_map(|(keys, id)| pick(keys).iter().map(move |key| (key, *id)));
        let mut entries: Vec<Entry<'_>> = entries.collect();
        // Neighbours in the index are written one after the other: of many rows, each page once.
        entries.sort_unstable_by(|a, b| a.0.value.cmp(&b.0.value));
        entries
    };
    identifiers::insert_index(tx, &all(|keys| &keys.index))?;
    Ok(search::insert_ordered(tx, &all(|keys| &keys.ordered))?)
}

/// Changes the entries that others may have as well.
pub(super) fn change_index(tx: &mut Tx<'_>, changes: &[(&KeyChanges, &AccountId)]) -> Result<()> {
    let all = |pick: fn(&KeyChanges) -> &Vec<UniqueKey>| -> Vec<Entry<'_>> {
        changes.iter().flat_map(|(keys, id)| pick(keys).iter().map(move |key| (key, *id))).collect()
    };
    identifiers::insert_index(tx, &all(|keys| &keys.indexed))?;
    identifiers::delete_index(tx, &all(|keys| &keys.unindexed))?;
    search::insert_ordered(tx, &all(|keys| &keys.ordered))?;
    Ok(search::delete_ordered(tx, &all(|keys| &keys.unordered))?)
}
