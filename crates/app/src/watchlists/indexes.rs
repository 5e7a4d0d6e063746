//! The lists of organizations in memory, built when they are first asked and again when a version changed.

use std::collections::HashMap;
use std::sync::Arc;

use muster_domain::{OrganizationId, Timestamp, WatchlistVersionId};
use muster_screening::{Index, IndexBuilder, List, unpack};
use muster_store::Db;
use muster_store::watchlists::{self as rows, VersionRow};
use parking_lot::Mutex;

use super::read_blocks;
use crate::{Error, Result};

/// Times that an index is built before the lists are said to change too fast.
const TRIES_MAX: usize = 3;

/// The lists of an organization, ready to be asked.
pub struct Screening {
    /// Finds whom a query may mean. Without entities no answer means anything.
    pub index: Index,
    /// Which versions it was built from, by slug.
    pub lists: Vec<LoadedList>,
}

/// A version that an index was built from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LoadedList {
    /// What is known of the list.
    pub list: List,
    /// The version.
    pub version: WatchlistVersionId,
    /// When it was imported.
    pub imported_at: Timestamp,
}

/// The indexes of all organizations that were asked for.
#[derive(Default)]
pub struct Indexes {
    by_organization: Mutex<HashMap<OrganizationId, Arc<Slot>>>,
}

/// Holds the newest index; locked while one is built, so that it is built once.
#[derive(Default)]
struct Slot(Mutex<Option<Arc<Screening>>>);

/// What an index is to be built from.
struct Plan(Vec<(LoadedList, VersionRow)>);

impl Indexes {
    /// The lists as they are now. Builds their index if a version changed since it was asked last; meanwhile others
    /// wait. Blocks; never call it on an async thread, nor in a transaction.
    ///
    /// # Errors
    /// What the store reports; [`Error::Busy`] when the lists change faster than they can be read.
    pub fn current(&self, db: &Db, organization: &OrganizationId) -> Result<Arc<Screening>> {
        let slot = Arc::clone(self.by_organization.lock().entry(organization.clone()).or_default());
        let mut held = slot.0.lock();
        for _ in 0..TRIES_MAX {
            let plan = Plan::of(db, organization)?;
            if let Some(found) = held.as_ref().filter(|found| plan.is_of(found)) {
                return Ok(Arc::clone(found));
            }
            match plan.build(db, organization) {
                Ok(screening) => return Ok(Arc::clone(held.insert(Arc::new(screening)))),
                Err(Error::Retry(_)) => {}
                Err(error) => return Err(error),
            }
        }
        Err(Error::Busy)
    }
}

impl Plan {
    fn of(db: &Db, organization: &OrganizationId) -> Result<Self> {
        let organization = organization.clone();
        db.read_blocking("watchlists.plan", move |tx| {
            let mut plan = Vec::new();
            for row in rows::lists(tx, &organization)? {
                let list = serde_json::from_str(&row.about)
                    .map_err(|_| Error::bug("what is known of a watchlist is of an unknown form"))?;
                let version = rows::find_version(tx, &organization, &row.version)?
                    .ok_or_else(|| Error::bug("a watchlist names a version that does not exist"))?;
                let (id, imported_at) = (version.id.clone(), version.imported_at);
                plan.push((LoadedList { list, version: id, imported_at }, version));
            }
            Ok(Self(plan))
        })
    }

    fn is_of(&self, screening: &Screening) -> bool {
        self.0.iter().map(|(list, _)| list).eq(&screening.lists)
    }

    fn build(self, db: &Db, organization: &OrganizationId) -> Result<Screening> {
        let mut builder = IndexBuilder::new();
        let damaged = |error: muster_screening::PackError| Error::bug(error.to_string());
        for (loaded, version) in &self.0 {
            let list = builder.list(loaded.list.clone());
            read_blocks(db, organization, version, |block| {
                let entities = unpack(block).map_err(damaged)?;
                entities.into_iter().try_for_each(|entity| builder.add(list, entity)).map_err(damaged)
            })?;
        }
        let index = builder.build().map_err(damaged)?;
        Ok(Screening { index, lists: self.0.into_iter().map(|(list, _)| list).collect() })
    }
}
