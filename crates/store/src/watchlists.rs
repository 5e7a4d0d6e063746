//! Watchlists of an organization, their versions, and blocks of packed entities. What a block holds is not known here.

use muster_domain::{OrganizationId, Timestamp, WatchlistVersionId};

use crate::error::Result;
use crate::{Row, Tx, params};

/// A list and the version of it that is asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListRow {
    /// Unique in its organization.
    pub slug: String,
    /// What is known of it as a whole, as JSON.
    pub about: String,
    /// The version that is asked.
    pub version: WatchlistVersionId,
    /// When it was first imported.
    pub created_at: Timestamp,
    /// When the version took the place of another one.
    pub updated_at: Timestamp,
}

/// An import of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VersionRow {
    /// Its ID.
    pub id: WatchlistVersionId,
    /// The list.
    pub slug: String,
    /// `loading`, `current`, `replaced`, or `abandoned` if its import did not end.
    pub status: String,
    /// Where it came from and in which format.
    pub source: String,
    /// Hexadecimal SHA-256 over what its entities say; empty while it loads.
    pub digest: String,
    /// How many entities it has.
    pub entities: i64,
    /// How many names they have.
    pub names: i64,
    /// How many blocks are there, numbered from 0; 0 once they are gone.
    pub blocks: i64,
    /// When its import ended, or began if it has not ended.
    pub imported_at: Timestamp,
}

crate::statements! {
    LISTS = "SELECT slug, about, version_id, created_at, updated_at FROM watchlists
             WHERE organization_id = $1 ORDER BY slug";
    GET = "SELECT slug, about, version_id, created_at, updated_at FROM watchlists
           WHERE organization_id = $1 AND slug = $2";
    PUT = "INSERT INTO watchlists (organization_id, slug, about, version_id, created_at, updated_at)
           VALUES ($1, $2, $3, $4, $5, $6)
           ON CONFLICT (organization_id, slug) DO UPDATE
               SET about = excluded.about, version_id = excluded.version_id, updated_at = excluded.updated_at";
    REMOVE = "DELETE FROM watchlists WHERE organization_id = $1 AND slug = $2";
    INSERT_VERSION = "INSERT INTO watchlist_versions
                          (organization_id, id, slug, status, source, digest, entities, names, blocks, imported_at)
                      VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";
    GROW = "UPDATE watchlist_versions SET blocks = $3
            WHERE organization_id = $1 AND id = $2 AND status = 'loading'";
    FINISH = "UPDATE watchlist_versions
              SET status = 'current', digest = $3, entities = $4, names = $5, imported_at = $6
              WHERE organization_id = $1 AND id = $2 AND status = 'loading'";
    SET_STATUS = "UPDATE watchlist_versions SET status = $3 WHERE organization_id = $1 AND id = $2";
    EMPTY = "UPDATE watchlist_versions SET blocks = 0 WHERE organization_id = $1 AND id = $2";
    GET_VERSION = "SELECT id, slug, status, source, digest, entities, names, blocks, imported_at
                   FROM watchlist_versions WHERE organization_id = $1 AND id = $2";
    VERSIONS = "SELECT id, slug, status, source, digest, entities, names, blocks, imported_at
                FROM watchlist_versions WHERE organization_id = $1 AND slug = $2 ORDER BY id DESC LIMIT $3";
    ERASE_VERSION = "DELETE FROM watchlist_versions WHERE organization_id = $1 AND id = $2";
    INSERT_BLOCK = "INSERT INTO watchlist_blocks (organization_id, version_id, number, entities)
                    VALUES ($1, $2, $3, $4)";
    BLOCKS = "SELECT entities FROM watchlist_blocks
              WHERE organization_id = $1 AND version_id = $2 AND number >= $3 AND number < $4 ORDER BY number";
    ERASE_BLOCKS = "DELETE FROM watchlist_blocks
                    WHERE organization_id = $1 AND version_id = $2 AND number >= $3 AND number < $4";
}

fn list(row: &Row<'_>) -> Result<ListRow> {
    Ok(ListRow {
        slug: row.text(0)?,
        about: row.text(1)?,
        version: WatchlistVersionId::trusted(row.text(2)?),
        created_at: row.instant(3)?,
        updated_at: row.instant(4)?,
    })
}

fn version(row: &Row<'_>) -> Result<VersionRow> {
    Ok(VersionRow {
        id: WatchlistVersionId::trusted(row.text(0)?),
        slug: row.text(1)?,
        status: row.text(2)?,
        source: row.text(3)?,
        digest: row.text(4)?,
        entities: row.int(5)?,
        names: row.int(6)?,
        blocks: row.int(7)?,
        imported_at: row.instant(8)?,
    })
}

/// The lists of an organization, by slug.
///
/// # Errors
/// What the engine reports.
pub fn lists(tx: &mut Tx<'_>, organization: &OrganizationId) -> Result<Vec<ListRow>> {
    tx.query(&LISTS, params![organization], list)
}

/// Finds a list.
///
/// # Errors
/// What the engine reports.
pub fn find(tx: &mut Tx<'_>, organization: &OrganizationId, slug: &str) -> Result<Option<ListRow>> {
    tx.query_opt(&GET, params![organization, slug], list)
}

/// Adds a list, or gives the one of its slug another version; when it was first imported stays as it was.
///
/// # Errors
/// What the engine reports.
pub fn put(tx: &mut Tx<'_>, organization: &OrganizationId, row: &ListRow) -> Result<()> {
    let values = params![organization, &row.slug, &row.about, &row.version, row.created_at, row.updated_at];
    tx.execute(&PUT, values).map(|_| ())
}

/// Takes a list out. Its versions and their blocks are for the caller to erase.
///
/// # Errors
/// What the engine reports.
pub fn remove(tx: &mut Tx<'_>, organization: &OrganizationId, slug: &str) -> Result<()> {
    tx.execute(&REMOVE, params![organization, slug]).map(|_| ())
}

/// Adds a version.
///
/// # Errors
/// What the engine reports.
pub fn insert_version(tx: &mut Tx<'_>, organization: &OrganizationId, row: &VersionRow) -> Result<()> {
    let values = params![
        organization,
        &row.id,
        &row.slug,
        &row.status,
        &row.source,
        &row.digest,
        row.entities,
        row.names,
        row.blocks,
        row.imported_at
    ];
    tx.execute(&INSERT_VERSION, values).map(|_| ())
}

/// Notes how many blocks a version that loads has. False if it does not load any more: then nothing may be added.
///
/// # Errors
/// What the engine reports.
pub fn grow(
    tx: &mut Tx<'_>,
    organization: &OrganizationId,
    id: &WatchlistVersionId,
    blocks: i64,
) -> Result<bool> {
    Ok(tx.execute(&GROW, params![organization, id, blocks])? == 1)
}

/// Makes a version that loads the current one, with its digest, counts and time. False if it does not load any more.
///
/// # Errors
/// What the engine reports.
pub fn finish(tx: &mut Tx<'_>, organization: &OrganizationId, row: &VersionRow) -> Result<bool> {
    let values = params![organization, &row.id, &row.digest, row.entities, row.names, row.imported_at];
    Ok(tx.execute(&FINISH, values)? == 1)
}

/// Gives a version another status.
///
/// # Errors
/// What the engine reports.
pub fn set_status(
    tx: &mut Tx<'_>,
    organization: &OrganizationId,
    id: &WatchlistVersionId,
    status: &str,
) -> Result<()> {
    tx.execute(&SET_STATUS, params![organization, id, status]).map(|_| ())
}

/// Notes that the blocks of a version are gone.
///
/// # Errors
/// What the engine reports.
pub fn note_empty(tx: &mut Tx<'_>, organization: &OrganizationId, id: &WatchlistVersionId) -> Result<()> {
    tx.execute(&EMPTY, params![organization, id]).map(|_| ())
}

/// Finds a version.
///
/// # Errors
/// What the engine reports.
pub fn find_version(
    tx: &mut Tx<'_>,
    organization: &OrganizationId,
    id: &WatchlistVersionId,
) -> Result<Option<VersionRow>> {
    tx.query_opt(&GET_VERSION, params![organization, id], version)
}

/// The versions of a list, newest first.
///
/// # Errors
/// What the engine reports.
pub fn versions(
    tx: &mut Tx<'_>,
    organization: &OrganizationId,
    slug: &str,
    limit: i64,
) -> Result<Vec<VersionRow>> {
    tx.query(&VERSIONS, params![organization, slug, limit], version)
}

/// Erases the row of a version.
///
/// # Errors
/// What the engine reports.
pub fn erase_version(tx: &mut Tx<'_>, organization: &OrganizationId, id: &WatchlistVersionId) -> Result<()> {
    tx.execute(&ERASE_VERSION, params![organization, id]).map(|_| ())
}

/// Adds a block of a version.
///
/// # Errors
/// What the engine reports.
pub fn insert_block(
    tx: &mut Tx<'_>,
    organization: &OrganizationId,
    version: &WatchlistVersionId,
    (number, entities): (i64, &[u8]),
) -> Result<()> {
    tx.execute(&INSERT_BLOCK, params![organization, version, number, entities]).map(|_| ())
}

/// The blocks of a version whose numbers are in a range, in their order.
///
/// # Errors
/// What the engine reports.
pub fn blocks(
    tx: &mut Tx<'_>,
    organization: &OrganizationId,
    version: &WatchlistVersionId,
    numbers: std::ops::Range<i64>,
) -> Result<Vec<Vec<u8>>> {
    let values = params![organization, version, numbers.start, numbers.end];
    tx.query(&BLOCKS, values, |row| row.blob(0))
}

/// Erases the blocks of a version whose numbers are in a range, and says how many there were.
///
/// # Errors
/// What the engine reports.
pub fn erase_blocks(
    tx: &mut Tx<'_>,
    organization: &OrganizationId,
    version: &WatchlistVersionId,
    numbers: std::ops::Range<i64>,
) -> Result<u64> {
    tx.execute(&ERASE_BLOCKS, params![organization, version, numbers.start, numbers.end])
}
