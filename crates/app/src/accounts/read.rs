//! Reading accounts.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use muster_domain::fold::fold;
use muster_domain::{AccountId, AccountTypeId};
use muster_store::accounts::{self as rows, StoredAccount};
use muster_store::identifiers::{self, REFERENCE_ID, UniqueKey};

use super::{Account, Opened};
use crate::{Error, ReadCx, Result, View};

/// What a page is to hold.
#[derive(Clone, Debug)]
pub struct PageRequest {
    /// How many accounts at the most.
    pub size: usize,
    /// Older than this one.
    pub after: Option<AccountId>,
    /// Newer than this one.
    pub before: Option<AccountId>,
    /// Only accounts with one of these reference IDs.
    pub reference_ids: Option<Vec<String>>,
}

/// One page, newest first.
#[derive(Clone, Debug)]
pub struct Page<T> {
    /// What is on it.
    pub items: Vec<T>,
    /// True when there is something newer.
    pub has_newer: bool,
    /// True when there is something older.
    pub has_older: bool,
}

/// Opens stored accounts with the catalog of the moment they were read at.
pub(super) fn open(cx: &mut ReadCx<'_, '_>, stored: &StoredAccount) -> Result<Arc<Account>> {
    let catalog = cx.catalog_at(stored.catalog_version)?;
    Opened::new(stored, cx.scope, &catalog, cx.master).map(|opened| opened.account)
}

/// Reads one account, archived or not.
///
/// # Errors
/// [`Error::NotFound`].
pub fn get(cx: &mut ReadCx<'_, '_>, id: &AccountId) -> Result<Arc<Account>> {
    let stored = rows::find(cx.tx, cx.scope.place(), id)?.ok_or(Error::NotFound)?;
    open(cx, &stored)
}

/// Reads accounts, archived or not, in no order; those that are not there are left out.
///
/// # Errors
/// What the store reports.
pub fn get_many(view: &mut View<'_, '_>, ids: &[AccountId]) -> Result<Vec<Arc<Account>>> {
    let wanted: Vec<_> = ids.iter().map(|id| (view.scope.place(), id)).collect();
    let stored = rows::find_many(view.tx, &wanted)?;
    let mut accounts = Vec::with_capacity(stored.len());
    for stored in &stored {
        let catalog = view.catalog_at(stored.catalog_version)?;
        accounts.push(Opened::new(stored, view.scope, &catalog, view.master)?.account);
    }
    Ok(accounts)
}

/// The types of accounts; unknown IDs are simply not among them.
///
/// # Errors
/// What the store reports.
pub fn types_of(cx: &mut ReadCx<'_, '_>, ids: &[AccountId]) -> Result<HashMap<AccountId, AccountTypeId>> {
    let wanted: Vec<_> = ids.iter().map(|id| (cx.scope.place(), id)).collect();
    let stored = rows::find_many(cx.tx, &wanted)?;
    Ok(stored.into_iter().map(|stored| (stored.row.id, stored.row.account_type_id)).collect())
}

/// Reads one page of accounts.
///
/// # Errors
/// What the store reports.
pub fn page(cx: &mut ReadCx<'_, '_>, request: &PageRequest) -> Result<Page<Arc<Account>>> {
    let stored = match &request.reference_ids {
        Some(references) => by_reference(cx, references, request)?,
        None => {
            let limit = i64::try_from(request.size + 1).unwrap_or(i64::MAX);
            match &request.before {
                Some(cursor) => rows::page_before(cx.tx, cx.scope.place(), cursor, limit)?,
                None => rows::page_after(cx.tx, cx.scope.place(), request.after.as_ref(), limit)?,
            }
        }
    };
    let page = cut(stored, request.size, request.after.is_some(), request.before.is_some());
    let mut items = Vec::with_capacity(page.items.len());
    for stored in &page.items {
        items.push(open(cx, stored)?);
    }
    Ok(Page { items, has_newer: page.has_newer, has_older: page.has_older })
}

/// Makes a page of up to `size + 1` rows that were read from a cursor outwards.
pub(crate) fn cut<T>(mut rows: Vec<T>, size: usize, after: bool, before: bool) -> Page<T> {
    let more = rows.len() > size;
    rows.truncate(size);
    if before {
        rows.reverse();
        Page { has_newer: more, has_older: true, items: rows }
    } else {
        Page { has_newer: after, has_older: more, items: rows }
    }
}

/// The accounts of some reference IDs, of whatever type, in the order of reading.
fn by_reference(
    cx: &mut ReadCx<'_, '_>,
    references: &[String],
    request: &PageRequest,
) -> Result<Vec<StoredAccount>> {
    let catalog = cx.catalog()?;
    let folded: HashSet<String> = references.iter().map(|text| fold(text)).collect();
    let keys: Vec<UniqueKey> = catalog
        .account_types()
        .iter()
        .flat_map(|ty| {
            folded.iter().map(|folded| UniqueKey {
                environment: cx.scope.environment.id.clone(),
                account_type: ty.id.clone(),
                key: REFERENCE_ID.to_owned(),
                value: folded.clone().into_bytes(),
            })
        })
        .collect();
    let ids: Vec<AccountId> =
        identifiers::find(cx.tx, &keys.iter().collect::<Vec<_>>())?.into_iter().flatten().collect();
    let wanted: Vec<_> = ids
        .iter()
        .filter(|id| request.after.as_ref().is_none_or(|cursor| *id < cursor))
        .filter(|id| request.before.as_ref().is_none_or(|cursor| *id > cursor))
        .map(|id| (cx.scope.place(), id))
        .collect();
    let mut found = rows::find_many(cx.tx, &wanted)?;
    found.retain(|stored| stored.row.archived_at.is_none());
    found.sort_by(|a, b| b.row.id.cmp(&a.row.id));
    if request.before.is_some() {
        found.reverse();
    }
    found.truncate(request.size + 1);
    Ok(found)
}
