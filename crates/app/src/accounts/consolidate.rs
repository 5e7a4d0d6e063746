//! Merging accounts into one (spec C.8): what hangs on the sources moves, and it can be undone.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use muster_domain::event::EventName;
use muster_domain::{AccountId, Fields};
use muster_store::consolidations::{self, ConsolidationRow};
use muster_store::organizations::Hold;
use muster_store::relations::{self, RelationRow};
use muster_store::{accounts as rows, identifiers};
use serde_json::{Map, Value, json};

use super::archive::archived_told;
use super::change::{self, Change, Told, alter, differences};
use super::find_or_create::taken;
use super::keys::keys_of;
use super::update::{expect_types, open_many};
use super::{Account, Opened, hanging, read};
use crate::{Cx, Error, ReadCx, Result};

/// Accounts that may be merged at once.
const SOURCES_MAX: usize = 100;
/// Relations of one account that are moved at the most.
const RELATIONS_MAX: i64 = 10_000;

/// Accounts that are to be merged into one.
#[derive(Clone, Debug)]
pub struct Consolidate {
    /// The account that stays.
    pub destination: AccountId,
    /// Those that are merged into it.
    pub sources: Vec<AccountId>,
    /// Whose value is to survive, by field. The destination's where nothing is said.
    pub fields: BTreeMap<String, AccountId>,
}

/// What a consolidation would do.
#[derive(Clone, Debug)]
pub struct Preview {
    /// The account that stays, as it would be.
    pub account: Arc<Account>,
    /// Where the accounts differ.
    pub fields: Vec<FieldPreview>,
    /// How many relations would move.
    pub relations: usize,
}

/// One field in which accounts that are to be merged differ.
#[derive(Clone, Debug)]
pub struct FieldPreview {
    /// Its key.
    pub key: String,
    /// Whose value survives.
    pub survivor: AccountId,
    /// The account and its value of each, the destination first.
    pub values: Vec<(Arc<Account>, Option<Value>)>,
}

/// Merges accounts into one. Their relations move; fields survive as chosen; the sources are archived and
/// lead to the destination from then on.
///
/// # Errors
/// [`Error::NotFound`] for the destination, [`Error::Invalid`] for a source that is not there, is of another
/// type or the destination itself, and for a field that cannot be taken over; [`Error::Conflict`] when one
/// of them is archived or was merged before.
pub fn consolidate(cx: &mut Cx<'_, '_>, command: &Consolidate) -> Result<Arc<Opened>> {
    expect_types(cx, Hold::AsItIs)?;
    let sources = checked_sources(command)?;
    let all: Vec<&AccountId> = std::iter::once(&command.destination).chain(sources.iter().copied()).collect();
    let mut found = open_many(cx, &all)?.into_iter();
    let destination = found.next().flatten().ok_or(Error::NotFound)?;
    let mut sources = present(found.collect())?;
    // One after the other, in an order that undoing can turn round.
    sources.sort_by(|a, b| a.account.id.cmp(&b.account.id));
    let after = survivors(&destination.account, &sources, command)?;
    hand_over_keys(cx, &sources, &after)?;
    for source in &sources {
        note(cx, &destination, source, &taken_over(command, source, &destination, &after))?;
    }
    let merged = merge_into(cx, &destination, &sources, after)?;
    let mut changes = vec![merged];
    for source in &sources {
        changes.push(merge_away(cx, source, &destination)?);
    }
    let plans: Vec<_> = changes.iter().map(|one| (cx.scope, one)).collect();
    if let Some(key) = change::write(cx.tx, &plans)?.into_iter().flatten().next() {
        return Err(taken(&key));
    }
    Ok(Arc::clone(&changes[0].after))
}

/// Says what a consolidation would do, and does nothing.
///
/// # Errors
/// As [`consolidate`].
pub fn preview(cx: &mut ReadCx<'_, '_>, command: &Consolidate) -> Result<Preview> {
    let ids = checked_sources(command)?;
    let stored = rows::find(cx.tx, cx.scope.place(), &command.destination)?.ok_or(Error::NotFound)?;
    let destination = read::open(cx, &stored)?;
    let wanted: Vec<_> = ids.iter().map(|id| (cx.scope.place(), *id)).collect();
    let stored = rows::find_many(cx.tx, &wanted)?;
    let mut found = Vec::with_capacity(ids.len());
    for id in &ids {
        let stored = stored.iter().find(|stored| stored.row.id == **id);
        let catalog = stored.map(|stored| cx.catalog_at(stored.catalog_version)).transpose()?;
        let opened =
            stored.zip(catalog).map(|(stored, catalog)| Opened::new(stored, cx.scope, &catalog, cx.master));
        found.push(opened.transpose()?);
    }
    let sources = present(found)?;
    let after = survivors(&destination, &sources, command)?;
    let mut moved = 0;
    for source in &sources {
        let has = related(cx.tx, cx.scope, &source.account.id)?;
        moved += has.iter().filter(|row| row.account == source.account.id).count();
    }
    let fields = differing(&destination, &sources, command);
    let account = Arc::new(Account { fields: after, ..Account::clone(&destination) });
    Ok(Preview { account, fields, relations: moved })
}

fn differing(destination: &Arc<Account>, sources: &[Opened], command: &Consolidate) -> Vec<FieldPreview> {
    let all: Vec<&Arc<Account>> =
        std::iter::once(destination).chain(sources.iter().map(|source| &source.account)).collect();
    let keys: BTreeSet<&String> = all.iter().flat_map(|account| account.fields.0.keys()).collect();
    let differ = keys
        .into_iter()
        .filter(|key| all.iter().any(|account| account.fields.get(key) != destination.fields.get(key)));
    let field = |key: &String| FieldPreview {
        key: key.clone(),
        survivor: command.fields.get(key).unwrap_or(&destination.id).clone(),
        values: all.iter().map(|&one| (Arc::clone(one), one.fields.get(key).cloned())).collect(),
    };
    differ.map(field).collect()
}

fn at_source(index: usize, message: impl Into<String>) -> Error {
    Error::invalid(["meta".to_owned(), "source-account-ids".to_owned(), index.to_string()], message)
}

fn checked_sources(command: &Consolidate) -> Result<Vec<&AccountId>> {
    if command.sources.is_empty() {
        return Err(Error::malformed(["meta", "source_account_ids"], "must name at least one account"));
    }
    if command.sources.len() > SOURCES_MAX {
        let message = format!("must name at most {SOURCES_MAX} accounts");
        return Err(Error::invalid(["meta", "source-account-ids"], message));
    }
    let mut sources = Vec::with_capacity(command.sources.len());
    for (index, id) in command.sources.iter().enumerate() {
        if *id == command.destination {
            return Err(at_source(index, "is the account that the others are merged into"));
        }
        if !sources.contains(&id) {
            sources.push(id);
        }
    }
    Ok(sources)
}

fn present(found: Vec<Option<Opened>>) -> Result<Vec<Opened>> {
    let named = found.into_iter().enumerate();
    named
        .map(|(index, opened)| opened.ok_or_else(|| at_source(index, "names no account of this environment")))
        .collect()
}

/// The values of the destination after the merge.
fn survivors(destination: &Account, sources: &[Opened], command: &Consolidate) -> Result<Fields> {
    refuse_archived(destination)?;
    for (index, source) in sources.iter().enumerate() {
        refuse_archived(&source.account)?;
        if source.account.account_type.id != destination.account_type.id {
            return Err(at_source(index, "is an account of another type"));
        }
    }
    let mut fields = destination.fields.clone();
    for (key, survivor) in &command.fields {
        let bad = |message: &str| Error::invalid(["meta", "fields", key.as_str()], message);
        if *survivor == destination.id {
            continue;
        }
        let source = sources.iter().find(|source| source.account.id == *survivor);
        let source = source.ok_or_else(|| bad("must name one of the accounts that are merged"))?;
        if let Some(message) = destination.account_type.refuses_take_over(key, &destination.fields) {
            return Err(bad(message));
        }
        match source.account.fields.get(key) {
            Some(value) => fields.0.insert(key.clone(), value.clone()),
            None => fields.0.remove(key),
        };
    }
    Ok(fields)
}

fn refuse_archived(account: &Account) -> Result<()> {
    let details = match (&account.consolidated_into, account.archived_at) {
        (Some(survivor), _) => format!("{} was consolidated into {survivor} before", account.id),
        (None, Some(_)) => format!("{} is archived; restore it first", account.id),
        (None, None) => return Ok(()),
    };
    Err(Error::Conflict { title: "Conflict", details })
}

/// Sources give up the unique values that the destination is to have.
fn hand_over_keys(cx: &mut Cx<'_, '_>, sources: &[Opened], after: &Fields) -> Result<()> {
    for source in sources {
        let heir = Account { fields: after.clone(), reference_id: None, ..Account::clone(&source.account) };
        let wanted = keys_of(cx.scope, &heir).unique;
        let held = keys_of(cx.scope, &source.account).unique;
        let given: Vec<_> =
            held.iter().filter(|key| wanted.contains(key)).map(|key| (key, &source.account.id)).collect();
        identifiers::delete(cx.tx, &given)?;
    }
    Ok(())
}

/// What the destination takes over from a source: the values before and after, by field.
fn taken_over(
    command: &Consolidate,
    source: &Opened,
    destination: &Opened,
    after: &Fields,
) -> Map<String, Value> {
    let before = &destination.account.fields;
    let changed = before.changed_keys(after).into_iter();
    changed
        .filter(|key| command.fields.get(key) == Some(&source.account.id))
        .map(|key| (key.clone(), json!([before.get(&key), after.get(&key)])))
        .collect()
}

/// Moves the relations of a source, and what hangs on it, and notes what it takes to undo all of it.
fn note(
    cx: &mut Cx<'_, '_>,
    destination: &Opened,
    source: &Opened,
    taken: &Map<String, Value>,
) -> Result<()> {
    let environment = &cx.scope.environment.id;
    let gone = related(cx.tx, cx.scope, &source.account.id)?;
    let there = related(cx.tx, cx.scope, &destination.account.id)?;
    let new = inherited(&destination.account, &source.account.id, &gone, &there);
    if relations::remove(cx.tx, environment, &gone)? < gone.len() as u64 {
        return Err(muster_store::Error::Retry("a relation that changed in between").into());
    }
    relations::insert_absent(cx.tx, environment, &new)?;
    let records = hanging::hand_over(cx, &source.account.id, &destination.account.id)?;
    let sealed = serde_json::to_vec(taken).map_err(|error| Error::bug(error.to_string()))?;
    let row = ConsolidationRow {
        source: source.account.id.clone(),
        destination: destination.account.id.clone(),
        moved: moved_text(&gone, &new, &records),
        fields: destination.key.seal(&sealed, &detail_identity(&source.account.id))?,
        created_at: cx.scope.now,
    };
    Ok(consolidations::insert(cx.tx, environment, &row)?)
}

pub(super) fn detail_identity(source: &AccountId) -> String {
    format!("consolidations/{source}")
}

/// Every relation an account has, in both directions.
pub(super) fn related(
    tx: &mut muster_store::Tx<'_>,
    scope: &crate::Scope,
    account: &AccountId,
) -> Result<Vec<RelationRow>> {
    let environment = &scope.environment.id;
    let mut rows = relations::of_account(tx, environment, account, RELATIONS_MAX + 1)?;
    rows.extend(relations::to_account(tx, environment, account, RELATIONS_MAX + 1)?);
    if rows.len() > usize::try_from(RELATIONS_MAX).unwrap_or(usize::MAX) {
        let details = format!("{account} has more than {RELATIONS_MAX} relations; remove some first");
        return Err(Error::Conflict { title: "Conflict", details });
    }
    Ok(rows)
}

/// What becomes of the relations of a source: the same ones of the destination, but none to itself, none
/// twice, and no second one where only one may be.
fn inherited(
    destination: &Account,
    source: &AccountId,
    gone: &[RelationRow],
    there: &[RelationRow],
) -> Vec<RelationRow> {
    let is_free = |row: &RelationRow| {
        let schema = destination.account_type.relation(&row.key);
        schema.is_none_or(|schema| schema.many)
            || !there.iter().any(|other| other.account == destination.id && other.key == row.key)
    };
    // A relation the destination cannot take is dropped in both directions.
    let mut dropped: Vec<(&AccountId, &str)> = Vec::new();
    for row in gone.iter().filter(|row| row.account == *source && !is_free(row)) {
        let back = destination.account_type.relation(&row.key).and_then(|schema| schema.inverse.as_deref());
        dropped.push((&row.target, &row.key));
        dropped.extend(back.map(|back| (&row.target, back)));
    }
    let mut new: Vec<RelationRow> = Vec::new();
    for row in gone {
        let (from_source, other) = match row.account == *source {
            true => (true, &row.target),
            false => (false, &row.account),
        };
        if *other == destination.id || dropped.contains(&(other, row.key.as_str())) {
            continue;
        }
        let moved = match from_source {
            true => RelationRow { account: destination.id.clone(), ..row.clone() },
            false => RelationRow { target: destination.id.clone(), ..row.clone() },
        };
        let same = |one: &RelationRow| {
            one.account == moved.account && one.key == moved.key && one.target == moved.target
        };
        if !there.iter().any(same) && !new.iter().any(same) {
            new.push(moved);
        }
    }
    new
}

/// The relations that a consolidation took away and those that it made, and the IDs of what hung on the source, as
/// they are stored.
pub(super) fn moved_text(gone: &[RelationRow], new: &[RelationRow], records: &[String]) -> String {
    json!({ "gone": listed(gone), "new": listed(new), "records": records }).to_string()
}

fn listed(rows: &[RelationRow]) -> Vec<Value> {
    let item = |row: &RelationRow| {
        json!([row.account.as_str(), row.key, row.target.as_str(), row.created_at.as_micros()])
    };
    rows.iter().map(item).collect()
}

fn merge_into(cx: &Cx<'_, '_>, destination: &Opened, sources: &[Opened], after: Fields) -> Result<Change> {
    let new = Account { fields: after, ..Account::clone(&destination.account) };
    let mut told: Vec<Told> = differences(&destination.account, &new);
    for source in sources {
        let id = json!(source.account.id.as_str());
        told.push((EventName::AccountConsolidatedWith, Map::from_iter([("source".to_owned(), id)])));
    }
    alter(cx.scope, destination, new, told)
}

fn merge_away(cx: &Cx<'_, '_>, source: &Opened, destination: &Opened) -> Result<Change> {
    let survivor = destination.account.id.clone();
    let told = json!([null, survivor.as_str()]);
    let new = Account {
        archived_at: Some(cx.scope.now),
        consolidated_into: Some(survivor),
        ..Account::clone(&source.account)
    };
    let archived = archived_told(&source.account, &new);
    let told = vec![
        (EventName::AccountConsolidated, Map::from_iter([("consolidated-into".to_owned(), told)])),
        (EventName::AccountArchived, archived),
    ];
    alter(cx.scope, source, new, told)
}
