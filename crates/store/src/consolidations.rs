//! What it takes to undo consolidations.

use muster_domain::{AccountId, EnvironmentId, Timestamp};

use crate::error::Result;
use crate::{Row, Tx, params};

/// One account that was merged into another one.
#[derive(Clone, Debug)]
pub struct ConsolidationRow {
    /// The account that was merged away.
    pub source: AccountId,
    /// The account that received it.
    pub destination: AccountId,
    /// Relations that were moved, as JSON.
    pub moved: String,
    /// Field values that were taken over, sealed under the data key of the destination.
    pub fields: Vec<u8>,
    /// When.
    pub created_at: Timestamp,
}

crate::statements! {
    INSERT = "INSERT INTO consolidations (environment_id, source_id, destination_id, moved, fields, created_at)
              VALUES ($1, $2, $3, $4, $5, $6)";
    GET = "SELECT source_id, destination_id, moved, fields, created_at FROM consolidations
           WHERE environment_id = $1 AND source_id = $2";
    INTO = "SELECT source_id, destination_id, moved, fields, created_at FROM consolidations
            WHERE environment_id = $1 AND destination_id = $2 AND source_id > $4
            ORDER BY source_id LIMIT $3";
    UPDATE = "UPDATE consolidations SET moved = $3, fields = $4 WHERE environment_id = $1 AND source_id = $2";
    DELETE = "DELETE FROM consolidations WHERE environment_id = $1 AND source_id = $2";
}

fn consolidation(row: &Row<'_>) -> Result<ConsolidationRow> {
    Ok(ConsolidationRow {
        source: AccountId::trusted(row.text(0)?),
        destination: AccountId::trusted(row.text(1)?),
        moved: row.text(2)?,
        fields: row.blob(3)?,
        created_at: row.instant(4)?,
    })
}

/// Notes a consolidation.
///
/// # Errors
/// What the engine reports.
pub fn insert(tx: &mut Tx<'_>, environment: &EnvironmentId, row: &ConsolidationRow) -> Result<()> {
    let values = params![environment, &row.source, &row.destination, &row.moved, &row.fields, row.created_at];
    tx.execute(&INSERT, values).map(|_| ())
}

/// Finds the consolidation of an account that was merged away.
///
/// # Errors
/// What the engine reports.
pub fn find(
    tx: &mut Tx<'_>,
    environment: &EnvironmentId,
    source: &AccountId,
) -> Result<Option<ConsolidationRow>> {
    tx.query_opt(&GET, params![environment, source], consolidation)
}

/// Up to `limit` accounts that were merged into an account, oldest first, from after `cursor` on.
///
/// # Errors
/// What the engine reports.
pub fn into(
    tx: &mut Tx<'_>,
    environment: &EnvironmentId,
    destination: &AccountId,
    cursor: Option<&AccountId>,
    limit: i64,
) -> Result<Vec<ConsolidationRow>> {
    let cursor = cursor.map_or("", AccountId::as_str);
    tx.query(&INTO, params![environment, destination, limit, cursor], consolidation)
}

/// Changes what it takes to undo a consolidation.
///
/// # Errors
/// What the engine reports.
pub fn update(tx: &mut Tx<'_>, environment: &EnvironmentId, row: &ConsolidationRow) -> Result<()> {
    tx.execute(&UPDATE, params![environment, &row.source, &row.moved, &row.fields]).map(|_| ())
}

/// Forgets a consolidation that was undone.
///
/// # Errors
/// What the engine reports.
pub fn forget(tx: &mut Tx<'_>, environment: &EnvironmentId, source: &AccountId) -> Result<()> {
    tx.execute(&DELETE, params![environment, source]).map(|_| ())
}
