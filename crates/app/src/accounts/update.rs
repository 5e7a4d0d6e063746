//! Changing an account that is named by its ID.

use std::sync::Arc;

use muster_domain::AccountId;
use muster_domain::account_type::Requirements;
use muster_store::organizations::Hold;
use muster_store::{accounts as rows, organizations, tags};

use super::change;
use super::find_or_create::{archived, taken};
use super::prepare::want;
use super::{Opened, Outcome, Wishes};
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
    let hold = if brings_tag { Hold::ToChange } else { Hold::AsItIs };
    let version = organizations::hold_catalog_version(cx.tx, &cx.catalog.organization, hold)?;
    if organizations::types_version(version) != cx.catalog.types_version() {
        return Err(Error::StaleCatalog);
    }
    let found = rows::find_many_to_change(cx.tx, &[(cx.scope.place(), &command.id)])?.pop();
    let stored = found.ok_or(Error::NotFound)?;
    if stored.row.archived_at.is_some() {
        return Err(archived());
    }
    let opened = Opened::new(&stored, cx.scope, cx.catalog, cx.master)?;
    let wanted = want(&opened.account.account_type, cx.catalog, &command.wishes, cx.ids)?;
    if !wanted.new_tags.is_empty() {
        let organization = &cx.catalog.organization;
        let created = tags::insert_absent(cx.tx, organization, &wanted.new_tags, cx.scope.now)?;
        if created != wanted.new_tags.len() as u64 {
            return Err(Error::StaleCatalog);
        }
        organizations::bump_catalog(cx.tx, organization)?;
    }
    let Some(change) = change::plan(cx.scope, &opened, &wanted, Requirements::Enforce)? else {
        return Ok(Outcome::Unchanged(Arc::new(opened)));
    };
    match change::write(cx.tx, &[(cx.scope, &change)])?.pop().flatten() {
        Some(key) => Err(taken(&key)),
        None => Ok(Outcome::Updated(change.after)),
    }
}
