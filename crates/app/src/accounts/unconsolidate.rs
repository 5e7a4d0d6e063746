//! Undoing a consolidation. Muster's own: the public API cannot.

use std::sync::Arc;

use muster_domain::event::EventName;
use muster_domain::{AccountId, Timestamp};
use muster_store::consolidations::{self, ConsolidationRow};
use muster_store::identifiers;
use muster_store::organizations::Hold;
use muster_store::relations::{self, RelationRow};
use serde_json::{Map, Value, json};

use super::archive::archived_told;
use super::change::{Told, alter, differences};
use super::consolidate::detail_identity;
use super::keys::keys_of;
use super::update::{expect_types, open, open_many, write};
use super::{Account, Opened};
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
    open(cx, destination)?;
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
        found.sort_by_key(|row| std::cmp::Reverse(row.created_at));
        return Ok(found);
    };
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
    found.sort_by_key(|row| std::cmp::Reverse(row.created_at));
    Ok(found)
}

fn bring_back(cx: &mut Cx<'_, '_>, row: &ConsolidationRow, kept: &mut Vec<String>) -> Result<()> {
    let mut both = open_many(cx, &[&row.destination, &row.source])?;
    let (Some(Some(source)), Some(Some(destination))) = (both.pop(), both.pop()) else {
        return Err(Error::bug("an account of a consolidation is not there"));
    };
    give_back_fields(cx, row, &destination, kept)?;
    let environment = &cx.scope.environment.id;
    let (gone, new) = moved(&row.moved)?;
    relations::remove(cx.tx, environment, &new)?;
    relations::insert_absent(cx.tx, environment, &gone)?;
    let told = json!([row.destination.as_str(), null]);
    let back = Account { archived_at: None, consolidated_into: None, ..Account::clone(&source.account) };
    let told: Vec<Told> = vec![
        (EventName::AccountUnconsolidated, Map::from_iter([("consolidated-into".to_owned(), told)])),
        (EventName::AccountRestored, archived_told(&source.account, &back)),
    ];
    let change = alter(cx.scope, &source, back, told)?;
    write(cx, &change)?;
    take_keys_back(cx, &source)?;
    Ok(consolidations::forget(cx.tx, environment, &row.source)?)
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

fn relation(item: &Value) -> Option<RelationRow> {
    let text = |at: usize| item.get(at)?.as_str().map(str::to_owned);
    Some(RelationRow {
        account: AccountId::trusted(text(0)?),
        key: text(1)?,
        target: AccountId::trusted(text(2)?),
        created_at: Timestamp::from_micros(item.get(3)?.as_i64()?),
    })
}
