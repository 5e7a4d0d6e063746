//! Changing an account that is named by its ID.

use std::sync::Arc;

use muster_domain::AccountId;
use muster_domain::account_type::Requirements;
use muster_store::organizations::Hold;
use muster_store::{accounts as rows, organizations, tags};

use super::change::{self, Change};
use super::find_or_create::{archived, taken};
use super::prepare::want;
use super::{Opened, Outcome, Wanted, Wishes};
use crate::{Cx, Error, Result};

/// A change of one account.
#[derive(Clone, Debug)]
pub struct UpdateAccount {
    /// The account.
    pub id: AccountId,
    /// What it is to be like.
    pub wishes: Wishes,
}

/// Changes an account; [`Outcome::Unchanged`] when it is already as wanted.
///
/// # Errors
/// [`Error::NotFound`], [`Error::Invalid`], [`Error::Conflict`] when a key is in use by another account.
pub fn update(cx: &mut Cx<'_, '_>, command: &UpdateAccount) -> Result<Outcome> {
    let brings_tag = command.wishes.tags.iter().flatten().any(|name| cx.catalog.tag_named(name).is_none());
    expect_types(cx, if brings_tag { Hold::ToChange } else { Hold::AsItIs })?;
    let opened = open_active(cx, &command.id)?;
    let wanted = want(&opened.account.account_type, cx.catalog, &command.wishes, cx.ids)?;
    fulfil(cx, opened, &wanted)
}

/// Writes the tags that are new.
///
/// # Errors
/// [`Error::StaleCatalog`] when somebody else brought one of them first.
pub(super) fn insert_new(cx: &mut Cx<'_, '_>, wanted: &Wanted) -> Result<()> {
    if wanted.new_tags.is_empty() {
        return Ok(());
    }
    let organization = &cx.catalog.organization;
    let created = tags::insert_absent(cx.tx, organization, &wanted.new_tags, cx.scope.now)?;
    if created != wanted.new_tags.len() as u64 {
        return Err(Error::StaleCatalog);
    }
    Ok(organizations::bump_catalog(cx.tx, organization)?)
}

/// Makes an account as wanted, new tags and all.
pub(super) fn fulfil(cx: &mut Cx<'_, '_>, opened: Opened, wanted: &Wanted) -> Result<Outcome> {
    insert_new(cx, wanted)?;
    match change::plan(cx.scope, &opened, wanted, Requirements::Enforce)? {
        None => Ok(Outcome::Unchanged(Arc::new(opened))),
        Some(change) => write(cx, &change).map(Outcome::Updated),
    }
}

/// Makes sure that the types the command was prepared with are those of now, and stay so.
///
/// # Errors
/// [`Error::StaleCatalog`] when they are not.
pub(super) fn expect_types(cx: &mut Cx<'_, '_>, hold: Hold) -> Result<()> {
    let version = organizations::hold_catalog_version(cx.tx, &cx.catalog.organization, hold)?;
    match organizations::types_version(version) == cx.catalog.types_version() {
        true => Ok(()),
        false => Err(Error::StaleCatalog),
    }
}

/// Opens accounts that are going to be changed, archived or not: one entry per ID, in order.
pub(super) fn open_many(cx: &mut Cx<'_, '_>, ids: &[&AccountId]) -> Result<Vec<Option<Opened>>> {
    // One order for all transactions: they wait for each other's accounts without deadlock.
    let mut sorted = ids.to_vec();
    sorted.sort_unstable();
    sorted.dedup();
    let wanted: Vec<_> = sorted.iter().map(|id| (cx.scope.place(), *id)).collect();
    let stored = rows::find_many_to_change(cx.tx, &wanted)?;
    ids.iter()
        .map(|id| {
            let found = stored.iter().find(|stored| stored.row.id == **id);
            found.map(|stored| Opened::new(stored, cx.scope, cx.catalog, cx.master)).transpose()
        })
        .collect()
}

/// Opens an account that is going to be changed, archived or not.
///
/// # Errors
/// [`Error::NotFound`].
pub(super) fn open(cx: &mut Cx<'_, '_>, id: &AccountId) -> Result<Opened> {
    open_many(cx, &[id])?.pop().flatten().ok_or(Error::NotFound)
}

/// [`open`], but not for an archived one.
///
/// # Errors
/// [`Error::NotFound`], [`Error::Conflict`] when it is archived.
pub(super) fn open_active(cx: &mut Cx<'_, '_>, id: &AccountId) -> Result<Opened> {
    let opened = open(cx, id)?;
    match opened.account.archived_at {
        None => Ok(opened),
        Some(_) => Err(archived()),
    }
}

/// Makes sure that there is an account.
///
/// # Errors
/// [`Error::NotFound`].
pub fn expect(cx: &mut Cx<'_, '_>, id: &AccountId) -> Result<()> {
    rows::find(cx.tx, cx.scope.place(), id)?.map(|_| ()).ok_or(Error::NotFound)
}

/// Writes one change.
///
/// # Errors
/// [`Error::Conflict`] when another account holds a key it takes.
pub(super) fn write(cx: &mut Cx<'_, '_>, change: &Change) -> Result<Arc<Opened>> {
    match change::write(cx.tx, &[(cx.scope, change)])?.pop().flatten() {
        Some(key) => Err(taken(&key)),
        None => Ok(Arc::clone(&change.after)),
    }
}
