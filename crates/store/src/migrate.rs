//! Brings a database to the schema of this program, or says why it must not be touched.

use muster_domain::Timestamp;

use crate::db::{Engine, Tx};
use crate::dialect;
use crate::error::{Error, Result};

/// Migrations by number. A released one is never edited (`CHECKSUMS` and `cargo xtask tidy` watch it).
pub(crate) static MIGRATIONS: &[(i64, &str)] = &[
    (1, include_str!("../migrations/0001_foundation.sql")),
    (2, include_str!("../migrations/0002_search.sql")),
    (3, include_str!("../migrations/0003_api_keys.sql")),
    (4, include_str!("../migrations/0004_accounts.sql")),
    (5, include_str!("../migrations/0005_files.sql")),
    (6, include_str!("../migrations/0006_api_logs.sql")),
    (7, include_str!("../migrations/0007_records.sql")),
    (8, include_str!("../migrations/0008_templates.sql")),
    (9, include_str!("../migrations/0009_reports.sql")),
    (10, include_str!("../migrations/0010_watchlists.sql")),
    (11, include_str!("../migrations/0011_imports.sql")),
    (12, include_str!("../migrations/0012_import_sources.sql")),
    (13, include_str!("../migrations/0013_import_traces.sql")),
];

const META: &str =
    "CREATE TABLE IF NOT EXISTS muster_meta (key TEXT NOT NULL PRIMARY KEY, value TEXT NOT NULL)";

/// What a migration must know.
#[derive(Clone, Copy)]
pub(crate) struct Migration<'a> {
    /// The moment, noted beside each step.
    pub(crate) now: Timestamp,
    /// The fingerprint of the master key, to be noted or compared.
    pub(crate) master_key: Option<&'a str>,
}

/// Applies what is missing. Safe when several processes start at once.
///
/// # Errors
/// [`Error::Unusable`] with one line for the operator when the database belongs to something else or
/// to a newer Muster, or was made with another master key; nothing is changed then.
pub(crate) fn migrate(tx: &mut Tx<'_>, migration: Migration<'_>) -> Result<()> {
    let engine = tx.engine();
    // In this order: another process may commit the whole schema between the two.
    let empty = tx.raw_count(dialect::count_tables(engine))? == 0;
    if !empty && tx.raw_count(dialect::count_meta_tables(engine))? == 0 {
        return Err(Error::Unusable(
            "the database has tables that are not Muster's; give an empty database or another file".into(),
        ));
    }
    tx.raw_execute(META)?;
    if let Some(lock) = dialect::lock_schema(engine) {
        tx.raw_execute(lock)?;
    }
    let at = current(tx)?;
    let newest = MIGRATIONS.last().map_or(0, |(number, _)| *number);
    if at > newest {
        return Err(Error::Unusable(format!(
            "the database is of a newer Muster (schema {at}, this program knows {newest}); run that version"
        )));
    }
    check_master_key(tx, migration.master_key)?;
    for (number, text) in MIGRATIONS.iter().filter(|(number, _)| *number > at) {
        apply(tx, engine, text)?;
        set_meta(tx, "schema", &number.to_string())?;
        set_meta(tx, &format!("schema-{number}-at"), &migration.now.to_rfc3339_millis())?;
    }
    Ok(())
}

fn check_master_key(tx: &mut Tx<'_>, fingerprint: Option<&str>) -> Result<()> {
    let Some(fingerprint) = fingerprint else { return Ok(()) };
    match get_meta(tx, "master-key")? {
        None => set_meta(tx, "master-key", fingerprint),
        Some(known) if known == fingerprint => Ok(()),
        Some(_) => Err(Error::Unusable(
            "this master key is not the one the database was made with; give that one".into(),
        )),
    }
}

fn apply(tx: &mut Tx<'_>, engine: Engine, text: &str) -> Result<()> {
    tx.raw_execute(&dialect::ddl(engine, text))
}

fn current(tx: &mut Tx<'_>) -> Result<i64> {
    match get_meta(tx, "schema")? {
        Some(text) => text.parse().map_err(|_| Error::corrupt("muster_meta.schema is not a number")),
        None => Ok(0),
    }
}

crate::statements! {
    GET_META = "SELECT value FROM muster_meta WHERE key = $1";
    SET_META = "INSERT INTO muster_meta (key, value) VALUES ($1, $2)
                ON CONFLICT (key) DO UPDATE SET value = excluded.value";
}

/// One fact about the database as a whole.
pub(crate) fn get_meta(tx: &mut Tx<'_>, key: &str) -> Result<Option<String>> {
    tx.query_opt(&GET_META, crate::params![key], |row| row.text(0))
}

/// Notes one fact about the database as a whole.
pub(crate) fn set_meta(tx: &mut Tx<'_>, key: &str, value: &str) -> Result<()> {
    tx.execute(&SET_META, crate::params![key, value]).map(|_| ())
}
