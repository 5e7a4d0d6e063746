//! Which files of a source a pipeline has taken.

use muster_domain::{EnvironmentId, ImporterPipelineId, Timestamp};

use crate::error::Result;
use crate::{Tx, params};

crate::statements! {
    INSERT = "INSERT INTO import_seen (environment_id, pipeline_id, mark, seen_at) VALUES ($1, $2, $3, $4)
              ON CONFLICT (environment_id, pipeline_id, mark) DO NOTHING";
    FIND = "SELECT seen_at FROM import_seen WHERE environment_id = $1 AND pipeline_id = $2 AND mark = $3";
}

/// Notes that a pipeline has taken what a mark stands for.
///
/// # Errors
/// What the engine reports.
pub fn note(
    tx: &mut Tx<'_>,
    environment: &EnvironmentId,
    pipeline: &ImporterPipelineId,
    mark: &[u8],
    now: Timestamp,
) -> Result<()> {
    tx.execute(&INSERT, params![environment, pipeline.as_str(), mark, now]).map(|_| ())
}

/// Whether a pipeline has taken what a mark stands for.
///
/// # Errors
/// What the engine reports.
pub fn is_noted(
    tx: &mut Tx<'_>,
    environment: &EnvironmentId,
    pipeline: &ImporterPipelineId,
    mark: &[u8],
) -> Result<bool> {
    let found = tx.query_opt(&FIND, params![environment, pipeline.as_str(), mark], |row| row.int(0))?;
    Ok(found.is_some())
}
