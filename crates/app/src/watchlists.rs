//! Watchlists of an organization: importing them, asking them, removing them.
//!
//! A list is replaced as a whole. Its new version is written beside the old one, block by block, and takes its place
//! in one transaction; until then, and whenever an import fails, the old one is asked.

mod import;
mod indexes;
mod remove;
mod rescreen;

use muster_domain::{OrganizationId, Timestamp, WatchlistVersionId};
use muster_screening::{Hit, List, Options, Query};
use muster_store::watchlists::{self as rows, VersionRow};
use muster_store::{Db, Tx};

pub use import::{Import, ImportError, Imported, OnLoss, Progress, import};
pub use indexes::{Indexes, LoadedList, Screening};
pub use remove::remove;
pub use rescreen::{Switched, changed, novelties};

use crate::{Error, Result};

/// Blocks that are read or erased in one transaction, which takes some milliseconds.
const BLOCKS_AT_ONCE: i64 = 8;
/// Versions of a list that are looked at when what is left of old ones is erased.
const VERSIONS_MAX: i64 = 100;

/// A list of an organization.
#[derive(Clone, Debug)]
pub struct Watchlist {
    /// What is known of it as a whole.
    pub list: List,
    /// The version that is asked.
    pub version: Version,
}

/// A version of a list, as it was imported.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Version {
    /// Its ID.
    pub id: WatchlistVersionId,
    /// The list.
    pub slug: String,
    /// Where it came from and in which format.
    pub source: String,
    /// Hexadecimal SHA-256 over what its entities say.
    pub digest: String,
    /// How many entities it has.
    pub entities: u64,
    /// How many names they have that are matched.
    pub names: u64,
    /// When it was imported.
    pub imported_at: Timestamp,
}

impl From<VersionRow> for Version {
    fn from(row: VersionRow) -> Self {
        let count = |number: i64| u64::try_from(number).unwrap_or(0);
        Self {
            entities: count(row.entities),
            names: count(row.names),
            id: row.id,
            slug: row.slug,
            source: row.source,
            digest: row.digest,
            imported_at: row.imported_at,
        }
    }
}

/// The lists of an organization, by slug.
///
/// # Errors
/// What the store reports.
pub fn list(tx: &mut Tx<'_>, organization: &OrganizationId) -> Result<Vec<Watchlist>> {
    let mut lists = Vec::new();
    for row in rows::lists(tx, organization)? {
        let list = serde_json::from_str(&row.about)
            .map_err(|_| Error::bug("what is known of a watchlist is of an unknown form"))?;
        let version = rows::find_version(tx, organization, &row.version)?
            .ok_or_else(|| Error::bug("a watchlist names a version that does not exist"))?;
        lists.push(Watchlist { list, version: version.into() });
    }
    Ok(lists)
}

/// Finds a version of a list, also one that was replaced: what a report of old asked.
///
/// # Errors
/// What the store reports.
pub fn find_version(
    tx: &mut Tx<'_>,
    organization: &OrganizationId,
    id: &WatchlistVersionId,
) -> Result<Option<Version>> {
    Ok(rows::find_version(tx, organization, id)?.map(Into::into))
}

/// Asks the lists whom a query may mean, the most alike first.
#[must_use]
pub fn screen(screening: &Screening, query: &Query, options: &Options) -> Vec<Hit> {
    screening.index.screen(query, options)
}

/// Reads the blocks of a version one after another, some in each transaction, and hands them on. Blocks.
fn read_blocks(
    db: &Db,
    organization: &OrganizationId,
    version: &VersionRow,
    mut take: impl FnMut(&[u8]) -> Result<()>,
) -> Result<()> {
    let mut from = 0;
    while from < version.blocks {
        let to = (from + BLOCKS_AT_ONCE).min(version.blocks);
        let (organization, id) = (organization.clone(), version.id.clone());
        let blocks = db.read_blocking("watchlists.blocks", move |tx| {
            rows::blocks(tx, &organization, &id, from..to).map_err(Error::from)
        })?;
        if blocks.len() as i64 != to - from {
            return Err(Error::Retry("the version of a watchlist was replaced while it was read"));
        }
        blocks.iter().try_for_each(|block| take(block))?;
        from = to;
    }
    Ok(())
}

/// Erases the blocks of a version, some in each transaction. Blocks.
fn erase_blocks(db: &Db, organization: &OrganizationId, version: &VersionRow) -> Result<()> {
    let mut from = 0;
    while from < version.blocks {
        let (organization, id) = (organization.clone(), version.id.clone());
        db.write_blocking("watchlists.erase_blocks", move |tx| {
            rows::erase_blocks(tx, &organization, &id, from..from + BLOCKS_AT_ONCE).map_err(Error::from)
        })?;
        from += BLOCKS_AT_ONCE;
    }
    let (organization, id) = (organization.clone(), version.id.clone());
    db.write_blocking("watchlists.note_empty", move |tx| {
        rows::note_empty(tx, &organization, &id).map_err(Error::from)
    })
}
