//! Undoing a consolidation. Muster's own: the public API cannot.

use std::sync::Arc;

use muster_domain::event::EventName;
use muster_domain::{AccountId, Timestamp};
use muster_store::consolidations::{self, ConsolidationRow};
use muster_store::organizations::Hold;
use muster_store::relations::{self, RelationRow, Selection};
use muster_store::{accounts as rows, identifiers};
use serde_json::{Map, Value, json};

use super::archive::archived_told;
use super::change::{Told, alter, differences};
use super::consolidate::{detail_identity, moved_text, related};
use super::keys::keys_of;
use super::update::{expect_types, open, open_many, write};
use super::{Account, Opened, hanging};
use crate::jobs::{self, Kind};
use crate::{Cx, Error, Result};

/// Accounts that are brought back at once.
const SOURCES_MAX: i64 = 100;

/// What came of undoing consolidations.
#[derive(Clone, Debug)]
pub struct Unconsolidated {
    /// The account that had received the others.
    pub destination: Arc<Opened>,
    /// Those that are back.
    pub restored: Vec<AccountId>,
    /// Fields that were taken over and keep their values, since they were changed afterwards.
    pub kept_fields: Vec<String>,
}

/// Brings accounts back that were merged into one: themselves, their relations, their unique values; and
/// gives the destination the field values that it had, where nobody changed them since.
///
/// # Errors
/// [`Error::NotFound`] for the destination, [`Error::Invalid`] for an account that was not merged into it,
/// [`Error::Conflict`] when a unique value of one is in use by a third account meanwhile.
pub fn unconsolidate(
    cx: &mut Cx<'_, '_>,
    destination: &AccountId,
    sources: Option<&[AccountId]>,
) -> Result<Unconsolidated> {
    expect_types(cx, Hold::AsItIs)?;
    let account = open(cx, destination)?.account;
    let stop = |details: String| Err(Error::Conflict { title: "Conflict", details });
    if let Some(survivor) = &account.consolidated_into {
        return stop(format!(
            "this account was consolidated into {survivor} itself; unconsolidate it there first"
        ));
    }
    if jobs::is_under_way(cx, Kind::RedactChildren, destination)? {
        return stop("what was consolidated into this account is being redacted".to_owned());
    }
    let found = chosen(cx, destination, sources)?;
    let mut kept_fields = Vec::new();
    for row in &found {
        bring_back(cx, row, &mut kept_fields)?;
    }
    kept_fields.sort_unstable();
    kept_fields.dedup();
    let destination = Arc::new(open(cx, destination)?);
    Ok(Unconsolidated {
        destination,
        restored: found.into_iter().map(|row| row.source).collect(),
        kept_fields,
    })
}

/// The consolidations that are to be undone, the latest first.
fn chosen(
    cx: &mut Cx<'_, '_>,
    destination: &AccountId,
    sources: Option<&[AccountId]>,
) -> Result<Vec<ConsolidationRow>> {
    let environment = &cx.scope.environment.id;
    let Some(ids) = sources else {
        let mut found = consolidations::into(cx.tx, environment, destination, None, SOURCES_MAX)?;
        if found.is_empty() {
            let details = "no account was consolidated into this one".to_owned();
            return Err(Error::Conflict { title: "Conflict", details });
        }
        found.sort_by_key(|row| std::cmp::Reverse((row.created_at, row.source.clone())));
        return Ok(found);
    };
    if ids.len() > usize::try_from(SOURCES_MAX).unwrap_or(usize::MAX) {
        let message = format!("must name at most {SOURCES_MAX} accounts");
        return Err(Error::invalid(["meta", "source-account-ids"], message));
    }
    let mut found: Vec<ConsolidationRow> = Vec::with_capacity(ids.len());
    for (index, id) in ids.iter().enumerate() {
        let row = consolidations::find(cx.tx, environment, id)?.filter(|row| row.destination == *destination);
        let row = row.ok_or_else(|| {
            let at = ["meta".to_owned(), "source-account-ids".to_owned(), index.to_string()];
            Error::invalid(at, "was not consolidated into this account")
        })?;
        if !found.iter().any(|other| other.source == row.source) {
            found.push(row);
        }
    }
    found.sort_by_key(|row| std::cmp::Reverse((row.created_at, row.source.clone())));
    Ok(found)
}

fn bring_back(cx: &mut Cx<'_, '_>, row: &ConsolidationRow, kept: &mut Vec<String>) -> Result<()> {
    let mut both = open_many(cx, &[&row.destination, &row.source])?;
    let (Some(Some(source)), Some(Some(destination))) = (both.pop(), both.pop()) else {
        return Err(Error::bug("an account of a consolidation is not there"));
    };
    give_back_fields(cx, row, &destination, kept)?;
    move_relations_back(cx, row)?;
    hanging::hand_back(cx, &moved_records(&row.moved)?, (&row.destination, &row.source))?;
    let told = json!([row.destination.as_str(), null]);
    let back = Account { archived_at: None, consolidated_into: None, ..Account::clone(&source.account) };
    let told: Vec<Told> = vec![
        (EventName::AccountUnconsolidated, Map::from_iter([("consolidated-into".to_owned(), told)])),
        (EventName::AccountRestored, archived_told(&source.account, &back)),
    ];
    let change = alter(cx.scope, &source, back, told)?;
    write(cx, &change)?;
    take_keys_back(cx, &source)?;
    Ok(consolidations::forget(cx.tx, &cx.scope.environment.id, &row.source)?)
}

/// Gives the source its relations back, but for those that were removed since, or whose place is taken. What
/// another source that is still merged brought along as well stays with the destination.
fn move_relations_back(cx: &mut Cx<'_, '_>, row: &ConsolidationRow) -> Result<()> {
    let environment = &cx.scope.environment.id;
    let (gone, new) = moved(&row.moved)?;
    let there = related(cx.tx, cx.scope, &row.destination)?;
    let same =
        |a: &RelationRow, b: &RelationRow| a.account == b.account && a.key == b.key && a.target == b.target;
    let heir = |id: &AccountId, from: &AccountId| if id == from { &row.destination } else { id }.clone();
    let inherited = |relation: &RelationRow, from: &AccountId| RelationRow {
        account: heir(&relation.account, from),
        target: heir(&relation.target, from),
        ..relation.clone()
    };
    let was_removed = |relation: &&RelationRow| {
        let moved = inherited(relation, &row.source);
        new.iter().any(|one| same(one, &moved)) && !there.iter().any(|one| same(one, &moved))
    };
    let mut back: Vec<RelationRow> = gone.iter().filter(|one| !was_removed(one)).cloned().collect();
    let mut left = new.clone();
    for mut other in consolidations::into(cx.tx, environment, &row.destination, None, SOURCES_MAX)? {
        if other.source == row.source {
            continue;
        }
        let (theirs, mut made) = moved(&other.moved)?;
        let shared = |one: &RelationRow| theirs.iter().any(|x| same(&inherited(x, &other.source), one));
        let (kept, rest): (Vec<_>, Vec<_>) = left.into_iter().partition(shared);
        left = rest;
        if !kept.is_empty() {
            made.extend(kept);
            other.moved = moved_text(&theirs, &made, &moved_records(&other.moved)?);
            consolidations::update(cx.tx, environment, &other)?;
        }
    }
    relations::remove(cx.tx, environment, &left)?;
    let taken = places_taken(cx, &back)?;
    back.retain(|one| !taken.iter().any(|other| other.account == one.account && other.key == one.key));
    Ok(relations::insert_absent(cx.tx, environment, &back).map(|_| ())?)
}

/// Those of relations whose account may have one only and has another one by now.
fn places_taken(cx: &mut Cx<'_, '_>, wanted: &[RelationRow]) -> Result<Vec<RelationRow>> {
    let mut taken = Vec::new();
    for relation in wanted {
        let stored = rows::find(cx.tx, cx.scope.place(), &relation.account)?;
        let ty = stored.and_then(|stored| cx.catalog.account_type(&stored.row.account_type_id));
        if ty.and_then(|ty| ty.relation(&relation.key)).is_none_or(|schema| schema.many) {
            continue;
        }
        let selection = Selection { account: &relation.account, key: &relation.key, from: None, until: None };
        let there = relations::page_after(cx.tx, &cx.scope.environment.id, selection, None, 1)?;
        if there.iter().any(|other| other.target != relation.target) {
            taken.push(relation.clone());
        }
    }
    Ok(taken)
}

/// Gives the destination the values that it had before, where they are still those it took over.
fn give_back_fields(
    cx: &mut Cx<'_, '_>,
    row: &ConsolidationRow,
    destination: &Opened,
    kept: &mut Vec<String>,
) -> Result<()> {
    let mut new = Account::clone(&destination.account);
    for (key, pair) in taken_over(row, destination)? {
        let value = |at: usize| pair.get(at).filter(|value| !value.is_null());
        if new.fields.get(&key) != value(1) {
            hand_down(cx, row, destination, (&key, &pair))?;
            kept.push(key);
            continue;
        }
        match value(0) {
            Some(before) => new.fields.0.insert(key, before.clone()),
            None => new.fields.0.remove(&key),
        };
    }
    let mut told = differences(&destination.account, &new);
    let source = json!(row.source.as_str());
    told.push((EventName::AccountUnconsolidatedFrom, Map::from_iter([("source".to_owned(), source)])));
    let change = alter(cx.scope, destination, new, told)?;
    write(cx, &change).map(|_| ())
}

/// A later consolidation took over what this one had brought: undone, it must not bring that back, but what
/// was there before both.
fn hand_down(
    cx: &mut Cx<'_, '_>,
    row: &ConsolidationRow,
    destination: &Opened,
    (key, pair): (&str, &Value),
) -> Result<()> {
    let environment = &cx.scope.environment.id;
    for mut later in consolidations::into(cx.tx, environment, &row.destination, None, SOURCES_MAX)? {
        let mut fields = taken_over(&later, destination)?;
        let brought = fields.get_mut(key).filter(|theirs| theirs.get(0) == pair.get(1));
        if let (Some(theirs), true) = (brought, later.source != row.source) {
            theirs[0] = pair.get(0).cloned().unwrap_or_default();
            let text = serde_json::to_vec(&fields).map_err(|error| Error::bug(error.to_string()))?;
            later.fields = destination.key.seal(&text, &detail_identity(&later.source))?;
            consolidations::update(cx.tx, environment, &later)?;
        }
    }
    Ok(())
}

fn taken_over(row: &ConsolidationRow, destination: &Opened) -> Result<Map<String, Value>> {
    match destination.key.open(&row.fields, &detail_identity(&row.source)) {
        Ok(text) => serde_json::from_slice(&text).map_err(|_| Error::bug("a consolidation is damaged")),
        // The values went with the redaction of the destination.
        Err(_) if destination.account.redacted_at.is_some() => Ok(Map::new()),
        Err(error) => Err(error.into()),
    }
}

/// The source holds all its unique values again.
fn take_keys_back(cx: &mut Cx<'_, '_>, source: &Opened) -> Result<()> {
    let unique = keys_of(cx.scope, &source.account).unique;
    let wanted: Vec<_> = unique.iter().map(|key| (key, &source.account.id)).collect();
    identifiers::insert_absent(cx.tx, &wanted)?;
    let holders = identifiers::find(cx.tx, &unique.iter().collect::<Vec<_>>())?;
    for (key, holder) in unique.iter().zip(holders) {
        if holder.as_ref() != Some(&source.account.id) {
            let details = format!(
                "the {} of {} is in use by another account now; change it there first",
                key.key, source.account.id
            );
            return Err(Error::Conflict { title: "Record not unique", details });
        }
    }
    Ok(())
}

/// The relations that a consolidation took away and those that it made.
fn moved(text: &str) -> Result<(Vec<RelationRow>, Vec<RelationRow>)> {
    let damaged = || Error::bug("the relations of a consolidation are damaged");
    let value: Value = serde_json::from_str(text).map_err(|_| damaged())?;
    let read = |name: &str| -> Result<Vec<RelationRow>> {
        let list = value.get(name).and_then(Value::as_array).ok_or_else(damaged)?;
        list.iter().map(|item| relation(item).ok_or_else(damaged)).collect()
    };
    Ok((read("gone")?, read("new")?))
}

/// What hung on the source. Consolidations from before there was such know of none.
fn moved_records(text: &str) -> Result<Vec<String>> {
    let value: Value = serde_json::from_str(text).map_err(|_| Error::bug("a consolidation is damaged"))?;
    let ids = value.get("records").and_then(Value::as_array).into_iter().flatten();
    Ok(ids.filter_map(Value::as_str).map(str::to_owned).collect())
}

fn relation(item: &Value) -> Option<RelationRow> {
    let text = |at: usize| item.get(at)?.as_str().map(str::to_owned);
    Some(RelationRow {
        account: AccountId::trusted(text(0)?),
        key: text(1)?,
        target: AccountId::trusted(text(2)?),
        created_at: Timestamp::from_micros(item.get(3)?.as_i64()?),
    })
}
