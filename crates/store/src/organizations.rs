//! Organizations and their environments.

use muster_domain::{EnvironmentId, OrganizationId, Timestamp};

use crate::error::{Error, Result};
use crate::{Row, Tx, dialect, params};

/// An organization.
#[derive(Clone, Debug)]
pub struct Organization {
    /// Its ID.
    pub id: OrganizationId,
    /// Its name.
    pub name: String,
}

/// An environment of an organization: the tenant boundary.
#[derive(Clone, Debug)]
pub struct Environment {
    /// Its ID.
    pub id: EnvironmentId,
    /// The organization it belongs to.
    pub organization_id: OrganizationId,
    /// `sandbox` or `production`.
    pub kind: String,
    /// Its name.
    pub name: String,
    /// False when nothing may be created in it.
    pub active: bool,
    /// The wrapped index key.
    pub index_key: Vec<u8>,
}

crate::statements! {
    INSERT = "INSERT INTO organizations (id, name, catalog_version, created_at) VALUES ($1, $2, 1, $3)";
    GET = "SELECT id, name FROM organizations WHERE id = $1";
    LIST = "SELECT id, name FROM organizations ORDER BY id";
    CATALOG_VERSION = "SELECT catalog_version FROM organizations WHERE id = $1";
    BUMP_CATALOG = "UPDATE organizations SET catalog_version = catalog_version + $2 WHERE id = $1";
    INSERT_ENVIRONMENT = "INSERT INTO environments (id, organization_id, kind, name, active, index_key, created_at)
                          VALUES ($1, $2, $3, $4, $5, $6, $7)";
    GET_ENVIRONMENT = "SELECT id, organization_id, kind, name, active, index_key FROM environments WHERE id = $1";
    LIST_ENVIRONMENTS = "SELECT id, organization_id, kind, name, active, index_key FROM environments
                         WHERE organization_id = $1 ORDER BY id";
}

/// Adds an organization.
///
/// # Errors
/// What the engine reports.
pub fn insert(tx: &mut Tx<'_>, organization: &Organization, now: Timestamp) -> Result<()> {
    tx.execute(&INSERT, params![&organization.id, &organization.name, now]).map(|_| ())
}

/// Finds an organization.
///
/// # Errors
/// What the engine reports.
pub fn find(tx: &mut Tx<'_>, id: &OrganizationId) -> Result<Option<Organization>> {
    tx.query_opt(&GET, params![id], organization)
}

/// Lists all organizations of the installation, oldest first.
///
/// # Errors
/// What the engine reports.
pub fn list(tx: &mut Tx<'_>) -> Result<Vec<Organization>> {
    tx.query(&LIST, &[], organization)
}

fn organization(row: &Row<'_>) -> Result<Organization> {
    Ok(Organization { id: OrganizationId::trusted(row.text(0)?), name: row.text(1)? })
}

/// The number that grows with every change of the organization's types and tags.
///
/// # Errors
/// [`Error::Corrupt`] when there is no such organization.
pub fn catalog_version(tx: &mut Tx<'_>, id: &OrganizationId) -> Result<i64> {
    tx.query_opt(&CATALOG_VERSION, params![id], |row| row.int(0))?
        .ok_or_else(|| Error::corrupt("an environment names an organization that does not exist"))
}

/// What a transaction that holds a catalog is about to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Hold {
    /// To rely on it.
    AsItIs,
    /// To change it. Whoever relied on it first would run into a deadlock with another one like it.
    ToChange,
}

/// [`catalog_version`], which nobody else can change until the transaction ends.
///
/// # Errors
/// As [`catalog_version`].
pub fn hold_catalog_version(tx: &mut Tx<'_>, id: &OrganizationId, hold: Hold) -> Result<i64> {
    let statement = dialect::hold_catalog(tx.engine(), hold);
    tx.query_opt(statement, params![id], |row| row.int(0))?
        .ok_or_else(|| Error::corrupt("an environment names an organization that does not exist"))
}

/// Tells every cache that the organization has more tags.
///
/// # Errors
/// What the engine reports.
pub fn bump_catalog(tx: &mut Tx<'_>, id: &OrganizationId) -> Result<()> {
    tx.execute(&BUMP_CATALOG, params![id, 1_i64]).map(|_| ())
}

/// The upper half of a catalog's version counts the changes of its types, the lower half the additions of
/// tags: what was worked out by the types of then still holds when a tag has been added.
const TYPES: i64 = 1 << 32;

/// Tells every cache that the types of the organization changed, and makes what was prepared by them void.
///
/// # Errors
/// What the engine reports.
pub fn bump_types(tx: &mut Tx<'_>, id: &OrganizationId) -> Result<()> {
    tx.execute(&BUMP_CATALOG, params![id, TYPES]).map(|_| ())
}

/// How often the types had changed at a version of a catalog.
#[must_use]
pub fn types_version(catalog_version: i64) -> i64 {
    catalog_version / TYPES
}

/// Adds an environment.
///
/// # Errors
/// What the engine reports.
pub fn insert_environment(tx: &mut Tx<'_>, environment: &Environment, now: Timestamp) -> Result<()> {
    let e = environment;
    tx.execute(
        &INSERT_ENVIRONMENT,
        params![&e.id, &e.organization_id, &e.kind, &e.name, e.active, &e.index_key, now],
    )
    .map(|_| ())
}

/// Finds an environment.
///
/// # Errors
/// What the engine reports.
pub fn find_environment(tx: &mut Tx<'_>, id: &EnvironmentId) -> Result<Option<Environment>> {
    tx.query_opt(&GET_ENVIRONMENT, params![id], environment)
}

/// Lists the environments of an organization, oldest first.
///
/// # Errors
/// What the engine reports.
pub fn list_environments(tx: &mut Tx<'_>, organization: &OrganizationId) -> Result<Vec<Environment>> {
    tx.query(&LIST_ENVIRONMENTS, params![organization], environment)
}

fn environment(row: &Row<'_>) -> Result<Environment> {
    Ok(Environment {
        id: EnvironmentId::trusted(row.text(0)?),
        organization_id: OrganizationId::trusted(row.text(1)?),
        kind: row.text(2)?,
        name: row.text(3)?,
        active: row.bool(4)?,
        index_key: row.blob(5)?,
    })
}
