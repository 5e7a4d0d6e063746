//! Relations between accounts (spec B.5, C.7).

use std::sync::Arc;

use muster_domain::account_type::RelationSchema;
use muster_domain::event::EventName;
use muster_domain::fold::fold;
use muster_domain::{AccountId, AccountType, Timestamp};
use muster_store::Tx;
use muster_store::accounts as account_rows;
use muster_store::identifiers::{self, REFERENCE_ID};
use muster_store::organizations::Hold;
use muster_store::relations::{self as rows, RelationRow, Selection};
use serde_json::{Map, json};

use super::change::{self, Told, alter};
use super::find_or_create::archived;
use super::keys::unique_key;
use super::read::{cut, open as open_stored};
use super::update::{expect_types, open_many};
use super::{Account, Opened, Page};
use crate::{Catalog, Cx, Error, ReadCx, Result, Scope};

/// Relations of one account by one key that are looked at when another one is added.
const LOOKED_AT: i64 = 2;
/// Relations of one account by one key that an import looks at.
const RELATED_MAX: i64 = 10_000;

/// A relation that is to be added or removed.
#[derive(Clone, Debug)]
pub struct RelationChange {
    /// The account it starts from.
    pub id: AccountId,
    /// The key of its schema, in any inflection.
    pub key: String,
    /// The account it leads to.
    pub target: AccountId,
}

/// Both directions of a relation, with the accounts at its ends.
struct Pair {
    source: Opened,
    target: Opened,
    forth: RelationSchema,
    back: Option<RelationSchema>,
}

impl Pair {
    /// The rows of both directions.
    fn rows(&self, now: Timestamp) -> Vec<RelationRow> {
        let row = |from: &Opened, schema: &RelationSchema, to: &Opened| RelationRow {
            account: from.account.id.clone(),
            key: schema.key.clone(),
            target: to.account.id.clone(),
            created_at: now,
        };
        let mut rows = vec![row(&self.source, &self.forth, &self.target)];
        rows.extend(self.back.iter().map(|back| row(&self.target, back, &self.source)));
        rows
    }

    /// Writes the event of both ends, and returns the account it started from.
    fn tell(&self, cx: &mut Cx<'_, '_>, name: EventName) -> Result<Arc<Opened>> {
        let told = |schema: &RelationSchema, other: &Opened| -> Vec<Told> {
            let relation = json!({ "key": schema.key, "target": other.account.id.as_str() });
            vec![(name, Map::from_iter([("relation".to_owned(), relation)]))]
        };
        let same = |opened: &Opened| Account::clone(&opened.account);
        let source = alter(cx.scope, &self.source, same(&self.source), told(&self.forth, &self.target))?;
        let target = self
            .back
            .as_ref()
            .map(|back| alter(cx.scope, &self.target, same(&self.target), told(back, &self.source)));
        let target = target.transpose()?;
        let changes: Vec<_> = std::iter::once(&source).chain(&target).map(|one| (cx.scope, one)).collect();
        change::write(cx.tx, &changes)?;
        Ok(source.after)
    }
}

/// Relates two accounts, in both directions. Nothing happens when they are related already.
///
/// # Errors
/// [`Error::NotFound`] for either account, [`Error::Invalid`] for a key that the type does not have or an
/// account of another type than the relation leads to, [`Error::Conflict`] when the relation takes one
/// account only and has another, or when one of the two is archived.
pub fn add_relation(cx: &mut Cx<'_, '_>, command: &RelationChange) -> Result<Arc<Opened>> {
    let pair = find_pair(cx, command)?;
    if pair.source.account.archived_at.or(pair.target.account.archived_at).is_some() {
        return Err(archived());
    }
    let new = pair.rows(cx.scope.now);
    for (row, schema) in new.iter().zip(std::iter::once(&pair.forth).chain(&pair.back)) {
        if !schema.many {
            refuse_second(cx, row)?;
        }
    }
    match rows::insert_absent(cx.tx, &cx.scope.environment.id, &new)? {
        0 => Ok(Arc::new(pair.source)),
        _ => pair.tell(cx, EventName::AccountAddedRelation),
    }
}

/// Relates an account to those of the relation's type that have these reference IDs: to them as well where it can be
/// related to many, else to this one alone. None at all takes its relations away. Returns the account as it is then,
/// if that changed it.
///
/// # Errors
/// [`Error::NotFound`] when no account has a reference ID; else as [`add_relation`].
pub fn relate(
    cx: &mut Cx<'_, '_>,
    account: &Account,
    key: &str,
    reference_ids: &[String],
) -> Result<Option<Arc<Opened>>> {
    let of = (&*account.account_type, Some(&account.id));
    let NewRelations { key, gone, come } =
        relating((&mut *cx.tx, cx.scope, cx.catalog), of, key, reference_ids)?;
    let change = |target: AccountId| RelationChange { id: account.id.clone(), key: key.clone(), target };
    let mut last = None;
    for target in gone {
        last = Some(remove_relation(cx, &change(target))?);
    }
    for target in come {
        last = Some(add_relation(cx, &change(target))?);
    }
    Ok(last)
}

/// What [`relate`] changes: the accounts that an account is related to no more, and those that it is related to then.
#[derive(Clone, Debug)]
pub struct NewRelations {
    /// The key of the relation.
    pub key: String,
    /// Those that go.
    pub gone: Vec<AccountId>,
    /// Those that come.
    pub come: Vec<AccountId>,
}

/// Says what [`relate`] would change of an account, or of one of a type that is not there yet. Writes nothing.
///
/// # Errors
/// [`Error::NotFound`] when no account has a reference ID, [`Error::Invalid`] for a key that the type does not have.
pub fn relating(
    (tx, scope, catalog): (&mut Tx<'_>, &Scope, &Catalog),
    (account_type, account): (&AccountType, Option<&AccountId>),
    key: &str,
    reference_ids: &[String],
) -> Result<NewRelations> {
    let schema = schema(account_type, key).map_err(|message| Error::invalid(["relations", key], message))?;
    let mut targets = Vec::with_capacity(reference_ids.len());
    for reference in reference_ids {
        targets.push(named((&mut *tx, scope, catalog), schema, reference)?);
    }
    let mut there = Vec::new();
    if let Some(account) = account {
        let selection = Selection { account, key: &schema.key, from: None, until: None };
        there = rows::page_after(tx, &scope.environment.id, selection, None, RELATED_MAX)?;
    }
    let there: Vec<AccountId> = there.into_iter().map(|row| row.target).collect();
    let goes = |id: &&AccountId| targets.is_empty() || (!schema.many && !targets.contains(id));
    let gone = there.iter().filter(goes).cloned().collect();
    let come = targets.iter().filter(|target| !there.contains(target)).cloned().collect();
    Ok(NewRelations { key: schema.key.clone(), gone, come })
}

/// The account at the other end of a relation, by its reference ID.
fn named(
    (tx, scope, catalog): (&mut Tx<'_>, &Scope, &Catalog),
    schema: &RelationSchema,
    reference: &str,
) -> Result<AccountId> {
    let ty = catalog.account_type_named(&schema.target).ok_or(Error::NotFound)?;
    let key = unique_key(scope, ty, REFERENCE_ID, fold(reference).into_bytes());
    let mut id = identifiers::find(tx, &[&key])?.pop().flatten().ok_or(Error::NotFound)?;
    // It may have been merged into others.
    while let Some(survivor) =
        account_rows::find(tx, scope.place(), &id)?.and_then(|stored| stored.row.consolidated_into)
    {
        id = survivor;
    }
    Ok(id)
}

/// A relation to one account must not get a second one.
fn refuse_second(cx: &mut Cx<'_, '_>, new: &RelationRow) -> Result<()> {
    let selection = Selection { account: &new.account, key: &new.key, from: None, until: None };
    let there = rows::page_after(cx.tx, &cx.scope.environment.id, selection, None, LOOKED_AT)?;
    if there.iter().all(|row| row.target == new.target) {
        return Ok(());
    }
    Err(Error::Conflict {
        title: "Conflict",
        details: format!(
            "{} has another account as its {}; remove that relation first",
            new.account, new.key
        ),
    })
}

/// Removes a relation, in both directions.
///
/// # Errors
/// [`Error::NotFound`] for either account or when they are not related, [`Error::Invalid`] as when adding.
pub fn remove_relation(cx: &mut Cx<'_, '_>, command: &RelationChange) -> Result<Arc<Opened>> {
    let pair = find_pair(cx, command)?;
    let gone = pair.rows(cx.scope.now);
    match rows::remove(cx.tx, &cx.scope.environment.id, &gone)? {
        0 => Err(Error::NotFound),
        _ => pair.tell(cx, EventName::AccountRemovedRelation),
    }
}

fn find_pair(cx: &mut Cx<'_, '_>, command: &RelationChange) -> Result<Pair> {
    expect_types(cx, Hold::AsItIs)?;
    let mut ends = open_many(cx, &[&command.id, &command.target])?;
    let (Some(Some(target)), Some(Some(source))) = (ends.pop(), ends.pop()) else {
        return Err(Error::NotFound);
    };
    let (from, to) = (&source.account.account_type, &target.account.account_type);
    let forth = schema(from, &command.key)
        .map_err(|message| Error::invalid(["meta", "relation-schema-key"], message))?;
    let forth = forth.clone();
    if fold(&forth.target) != fold(&to.name) {
        return Err(Error::invalid(
            ["meta", "target-object-id"],
            format!("must be an account of the type {}, where {} leads to", forth.target, forth.key),
        ));
    }
    if command.id == command.target {
        return Err(Error::invalid(["meta", "target-object-id"], "must be another account than the first"));
    }
    let back = forth.inverse.as_ref().and_then(|inverse| to.relation(inverse)).cloned();
    Ok(Pair { source, target, forth, back })
}

fn schema<'a>(ty: &'a AccountType, key: &str) -> Result<&'a RelationSchema, String> {
    ty.relation(key).ok_or_else(|| {
        let known: Vec<&str> = ty.relations.iter().map(|relation| relation.key.as_str()).collect();
        let known = if known.is_empty() { "there are none".to_owned() } else { known.join(", ") };
        format!("names no relation of this account type: {known}")
    })
}

/// Which related accounts a page is to hold.
#[derive(Clone, Debug)]
pub struct RelationPage {
    /// The account whose relations they are.
    pub id: AccountId,
    /// The key of the relation.
    pub key: String,
    /// Related at this instant or later.
    pub from: Option<Timestamp>,
    /// Related at this instant or before.
    pub until: Option<Timestamp>,
    /// How many at the most.
    pub size: usize,
    /// Older than this account.
    pub after: Option<AccountId>,
    /// Newer than this account.
    pub before: Option<AccountId>,
}

/// Reads a page of the accounts that an account is related to, newest account first, archived ones as well.
///
/// # Errors
/// [`Error::NotFound`] for an unknown account, [`Error::Malformed`] for an unknown key.
pub fn relations(cx: &mut ReadCx<'_, '_>, request: &RelationPage) -> Result<Page<Arc<Account>>> {
    let stored = account_rows::find(cx.tx, cx.scope.place(), &request.id)?.ok_or(Error::NotFound)?;
    let account = open_stored(cx, &stored)?;
    let schema = schema(&account.account_type, &request.key);
    let key = schema.map_err(|message| Error::malformed(["filter[key]"], message))?.key.clone();
    let environment = &cx.scope.environment.id;
    let limit = i64::try_from(request.size + 1).unwrap_or(i64::MAX);
    let selection = Selection { account: &request.id, key: &key, from: request.from, until: request.until };
    let found = match &request.before {
        Some(cursor) => rows::page_before(cx.tx, environment, selection, cursor, limit)?,
        None => rows::page_after(cx.tx, environment, selection, request.after.as_ref(), limit)?,
    };
    let page = cut(found, request.size, request.after.is_some(), request.before.is_some());
    let wanted: Vec<_> = page.items.iter().map(|row| (cx.scope.place(), &row.target)).collect();
    let stored = account_rows::find_many(cx.tx, &wanted)?;
    let mut items = Vec::with_capacity(page.items.len());
    for row in &page.items {
        if let Some(stored) = stored.iter().find(|stored| stored.row.id == row.target) {
            items.push(open_stored(cx, stored)?);
        }
    }
    Ok(Page { items, has_newer: page.has_newer, has_older: page.has_older })
}
