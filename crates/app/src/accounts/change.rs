//! Changing an account: what differs, what events tell of it, and how it is written.

use std::sync::Arc;
use std::time::Duration;

use muster_domain::account_type::Requirements;
use muster_domain::event::EventName;
use muster_domain::{AccountId, AccountType, EventId, IdSource, ObjectId, Timestamp};
use muster_store::events::EventRow;
use muster_store::identifiers::UniqueKey;
use muster_store::seal::DataKey;
use muster_store::{Tx, accounts as rows, events, identifiers};
use serde_json::{Map, Value, json};

use super::files::{self, FileDraft};
use super::history::is_redaction;
use super::keys::{KeyChanges, change_index, keys_of};
use super::{Account, Opened, TagMode, Wanted};
use crate::{Error, Result, Scope};

/// A whole copy of the state goes into an event when this many have passed, so that walking back is short.
pub(crate) const SNAPSHOT_EVERY: i64 = 32;

/// A change of one account, ready to be written.
#[derive(Clone, Debug)]
pub(super) struct Change {
    pub(super) after: Arc<Opened>,
    row: rows::AccountRow,
    old_version: i64,
    pub(super) keys: KeyChanges,
    events: Vec<EventRow>,
    files: Vec<FileDraft>,
}

/// Works out what must change for an account to be as wanted. None when it is already.
pub(super) fn plan(
    scope: &Scope,
    before: &Opened,
    wanted: &Wanted,
    requirements: Requirements,
) -> Result<Option<Change>> {
    let old = &before.account;
    let mut new = Account::clone(old);
    let ty = &old.account_type;
    let (changes, files) = files::settle(ty, Some(&old.fields), wanted, (&old.id, &before.key))?;
    new.fields = ty.apply(Some(&old.fields), &changes, requirements).map_err(Error::Invalid)?;
    if let Some(id) = &wanted.status {
        new.status =
            old.account_type.status(id).ok_or_else(|| Error::bug("a status vanished from its type"))?.clone();
    }
    if let Some(reference) = &wanted.reference_id {
        new.reference_id = reference.as_ref().map(|id| id.as_str().to_owned());
    }
    if let Some(tags) = &wanted.tags {
        match wanted.tag_mode {
            TagMode::Replace => new.tags.clone_from(tags),
            TagMode::Add => {
                let missing = tags.iter().filter(|tag| !old.tags.iter().any(|has| has.id == tag.id));
                new.tags.extend(missing.cloned());
            }
        }
    }
    let told = differences(old, &new);
    if told.is_empty() {
        return Ok(None);
    }
    Ok(Some(Change { files, ..alter(scope, before, new, told)? }))
}

/// An event that is to be told of a change, and what it holds.
pub(super) type Told = (EventName, Map<String, Value>);

/// Makes the change of an account to `new`, of which `told` tells.
pub(super) fn alter(scope: &Scope, before: &Opened, new: Account, told: Vec<Told>) -> Result<Change> {
    alter_under(scope, before, new, told, &before.key)
}

/// [`alter`], sealed under another key than before.
pub(super) fn alter_under(
    scope: &Scope,
    before: &Opened,
    mut new: Account,
    told: Vec<Told>,
    key: &DataKey,
) -> Result<Change> {
    let old = &before.account;
    new.version = old.version + i64::try_from(told.len()).unwrap_or(i64::MAX);
    new.updated_at = moment(scope, old);
    let keys = keys_of(scope, old).changes_to(&keys_of(scope, &new));
    let after = Opened { account: Arc::new(new), key: key.clone() };
    Ok(Change {
        row: after.to_row()?,
        old_version: old.version,
        keys,
        events: tell(scope, old.version, &after, told)?,
        files: Vec::new(),
        after: Arc::new(after),
    })
}

/// The moment of a change: now, but at least a millisecond after the change before. IDs of events carry it,
/// so that lists show the events of an account as they happened, whichever request came in first.
fn moment(scope: &Scope, old: &Account) -> Timestamp {
    scope.now.max(old.updated_at + Duration::from_millis(1))
}

/// What is told of a change: one event each, with the values before and after.
pub(super) fn differences(old: &Account, new: &Account) -> Vec<Told> {
    let mut told = Vec::new();
    let mut tell = |name, patch: Value| {
        if let Value::Object(patch) = patch {
            told.push((name, patch));
        }
    };
    let keys = old.fields.changed_keys(&new.fields);
    if !keys.is_empty() {
        let pairs: Map<String, Value> = keys
            .into_iter()
            .map(|key| {
                let pair = json!([old.fields.get(&key), new.fields.get(&key)]);
                (key, pair)
            })
            .collect();
        tell(EventName::AccountUpdatedFields, json!({ "fields": pairs }));
    }
    if old.status.id != new.status.id {
        tell(
            EventName::AccountStatusUpdated,
            json!({ "status": [old.status.id.as_str(), new.status.id.as_str()] }),
        );
    }
    if old.reference_id != new.reference_id {
        tell(
            EventName::AccountReferenceIdUpdated,
            json!({ "reference": [old.reference_id, new.reference_id] }),
        );
    }
    let ids = |account: &Account| account.tags.iter().map(|tag| tag.id.to_string()).collect::<Vec<_>>();
    let (before, after) = (ids(old), ids(new));
    let added: Vec<&String> = after.iter().filter(|id| !before.contains(id)).collect();
    let removed: Vec<&String> = before.iter().filter(|id| !after.contains(id)).collect();
    if !added.is_empty() || !removed.is_empty() {
        tell(EventName::AccountUpdatedTags, json!({ "tags": [before, after] }));
        for id in added {
            tell(EventName::AccountTagAdded, json!({ "tag": id }));
        }
        for id in removed {
            tell(EventName::AccountTagRemoved, json!({ "tag": id }));
        }
    }
    told
}

fn tell(scope: &Scope, old_version: i64, after: &Opened, told: Vec<Told>) -> Result<Vec<EventRow>> {
    let account = &after.account;
    // What stands before a redaction can no longer be read: nobody walks back through it.
    let redaction = told.iter().any(|(name, _)| is_redaction(name.as_str()));
    let snapshot = redaction || old_version / SNAPSHOT_EVERY != account.version / SNAPSHOT_EVERY;
    let mut ids = IdSource::random(account.updated_at);
    // Several events of one moment: their IDs must sort as they happened.
    let mut event_ids: Vec<EventId> = told.iter().map(|_| ids.mint()).collect();
    event_ids.sort();
    let mut events = Vec::with_capacity(told.len());
    for ((name, mut patch), id) in told.into_iter().zip(event_ids) {
        let object_seq = old_version + 1 + i64::try_from(events.len()).unwrap_or(0);
        if snapshot && object_seq == account.version {
            patch.insert("state".into(), state(account));
        }
        let text = serde_json::to_vec(&patch).map_err(|error| Error::bug(error.to_string()))?;
        events.push(EventRow {
            id,
            object_id: ObjectId::from(account.id.clone()),
            object_seq,
            name: name.as_str().to_owned(),
            actor: scope.actor.to_string(),
            source: scope.source.to_string(),
            at: account.updated_at,
            payload: Some(after.key.seal(&text, &payload_identity(account.id.as_str(), object_seq))?),
        });
    }
    Ok(events)
}

pub(crate) fn payload_identity(object: &str, object_seq: i64) -> String {
    format!("events/{object}/{object_seq}")
}

fn state(account: &Account) -> Value {
    json!({
        "fields": account.fields.0,
        "status": account.status.id.as_str(),
        "reference": account.reference_id,
        "tags": account.tags.iter().map(|tag| tag.id.as_str()).collect::<Vec<_>>(),
        "archived": account.archived_at.map(Timestamp::as_micros),
        "consolidated-into": account.consolidated_into.as_ref().map(AccountId::as_str),
    })
}

/// Writes changes of different accounts. Returns, per change, the key that another account holds.
pub(super) fn write(tx: &mut Tx<'_>, changes: &[(&Scope, &Change)]) -> Result<Vec<Option<String>>> {
    let mut keys: Vec<_> = changes
        .iter()
        .flat_map(|(_, change)| change.keys.taken.iter().map(|key| (key, &change.row.id)))
        .collect();
    keys.sort_unstable();
    let got = identifiers::insert_absent(tx, &keys)?;
    let held = |change: &Change, key: &UniqueKey| {
        got.iter().any(|(account, name)| account == change.row.id.as_str() && *name == key.key)
    };
    let refused: Vec<Option<String>> = changes
        .iter()
        .map(|(_, change)| change.keys.taken.iter().find(|key| !held(change, key)).map(|key| key.key.clone()))
        .collect();
    let mut given_back: Vec<(&UniqueKey, &AccountId)> = Vec::new();
    let mut good = Vec::with_capacity(changes.len());
    for ((scope, change), refused) in changes.iter().zip(&refused) {
        if refused.is_some() {
            let ours = change.keys.taken.iter().filter(|key| held(change, key));
            given_back.extend(ours.map(|key| (key, &change.row.id)));
        } else {
            given_back.extend(change.keys.freed.iter().map(|key| (key, &change.row.id)));
            good.push((&scope.environment.id, *change));
        }
    }
    identifiers::delete(tx, &given_back)?;
    let indexed: Vec<_> = good.iter().map(|(_, change)| (&change.keys, &change.row.id)).collect();
    change_index(tx, &indexed)?;
    good.sort_by(|a, b| a.1.row.id.cmp(&b.1.row.id));
    let updates: Vec<_> = good.iter().map(|(env, change)| (*env, &change.row, change.old_version)).collect();
    if rows::update(tx, &updates)? != updates.len() as u64 {
        return Err(muster_store::Error::Retry("an account changed in between").into());
    }
    let told: Vec<_> =
        good.iter().flat_map(|(env, change)| change.events.iter().map(|e| (*env, e))).collect();
    events::insert(tx, &told)?;
    let brought = good
        .iter()
        .map(|(env, change)| (*env, &change.row.id, change.files.as_slice(), change.row.updated_at));
    files::insert(tx, brought)?;
    Ok(refused)
}

/// Gives accounts the keys that a changed type asks for. Nothing else of them changes.
///
/// # Errors
/// [`Error::Conflict`] when two accounts would hold one unique key.
pub(crate) fn change_keys(
    tx: &mut Tx<'_>,
    scope: &Scope,
    accounts: &[Arc<Account>],
    after: &Arc<AccountType>,
) -> Result<()> {
    let mut changes = Vec::with_capacity(accounts.len());
    for account in accounts {
        let renewed = Account { account_type: Arc::clone(after), ..Account::clone(account) };
        changes.push((keys_of(scope, account).changes_to(&keys_of(scope, &renewed)), &account.id));
    }
    let freed: Vec<_> =
        changes.iter().flat_map(|(keys, id)| keys.freed.iter().map(move |key| (key, *id))).collect();
    let mut taken: Vec<_> =
        changes.iter().flat_map(|(keys, id)| keys.taken.iter().map(move |key| (key, *id))).collect();
    taken.sort_unstable();
    identifiers::delete(tx, &freed)?;
    if identifiers::insert_absent(tx, &taken)?.len() != taken.len() {
        return Err(Error::Conflict {
            title: "Record not unique",
            details: "data.attributes.identifiers: two stored accounts have the same value in a field that is to be unique"
                .to_owned(),
        });
    }
    change_index(tx, &changes.iter().map(|(keys, id)| (keys, *id)).collect::<Vec<_>>())
}
