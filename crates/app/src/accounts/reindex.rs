//! Indexing accounts that were stored before there was search.

use muster_domain::event::{Actor, Source};
use muster_domain::{AccountId, EnvironmentId, Timestamp};
use muster_store::organizations::Hold;
use muster_store::seal::MasterKey;
use muster_store::search::{self as index, FIRST};
use muster_store::{Tx, accounts as rows, organizations};

use super::Opened;
use super::keys::{insert_index, keys_of};
use crate::{Catalog, Error, Result, Scope, keys};

/// Accounts that are indexed in one transaction.
const SLICE: i64 = 500;

/// How far indexing has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reindexed {
    /// Accounts of this slice.
    pub accounts: usize,
    /// Whether there are more.
    pub progress: Progress,
}

/// Whether there is more to be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress {
    /// There is.
    Underway,
    /// There is not.
    Done,
}

/// Lists the environments some of whose accounts are not indexed yet.
///
/// # Errors
/// What the store reports.
pub fn environments_to_reindex(tx: &mut Tx<'_>) -> Result<Vec<organizations::Environment>> {
    let mut waiting = Vec::new();
    for organization in organizations::list(tx)? {
        for environment in organizations::list_environments(tx, &organization.id)? {
            if index::backlog(tx, &environment.id)?.is_some() {
                waiting.push(environment);
            }
        }
    }
    Ok(waiting)
}

/// Indexes the next slice of the accounts of an environment. It may be run twice, and by two processes at once.
///
/// # Errors
/// [`Error::StaleCatalog`] when `catalog` is not the one of now, [`Error::NotFound`].
pub fn reindex_environment(
    tx: &mut Tx<'_>,
    master: &MasterKey,
    (environment, catalog): (&EnvironmentId, &Catalog),
    now: Timestamp,
) -> Result<Reindexed> {
    let environment = keys::environment(tx, master, environment)?;
    let version = organizations::hold_catalog_version(tx, &environment.organization, Hold::AsItIs)?;
    if version != catalog.version {
        return Err(Error::StaleCatalog);
    }
    let Some(after) = index::backlog(tx, &environment.id)? else {
        return Ok(Reindexed { accounts: 0, progress: Progress::Done });
    };
    let scope = Scope { environment, actor: Actor::System, source: Source::CommandLine, now };
    let cursor = AccountId::trusted(if after.is_empty() { FIRST.to_owned() } else { after });
    let page = rows::page_of_all(tx, scope.place(), Some(&cursor), SLICE)?;
    let Some(last) = page.last() else {
        index::finish_backlog(tx, &scope.environment.id)?;
        return Ok(Reindexed { accounts: 0, progress: Progress::Done });
    };
    // Read again and held: nobody changes a value between here and its entry in the index.
    let wanted: Vec<_> = page.iter().map(|stored| (scope.place(), &stored.row.id)).collect();
    let mut entries = Vec::with_capacity(page.len());
    for stored in rows::find_many_to_change(tx, &wanted)? {
        let account = Opened::new(&stored, &scope, catalog, master)?.account;
        entries.push((keys_of(&scope, &account), stored.row.id));
    }
    insert_index(tx, &entries.iter().map(|(keys, id)| (keys, id)).collect::<Vec<_>>())?;
    index::advance_backlog(tx, &scope.environment.id, &last.row.id)?;
    Ok(Reindexed { accounts: page.len(), progress: Progress::Underway })
}
