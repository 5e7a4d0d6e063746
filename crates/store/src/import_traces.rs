//! Which rows of runs hold something of an account that they do not belong to.

use muster_domain::{EnvironmentId, ImporterPipelineRunId};

use crate::error::Result;
use crate::{Tx, params};

crate::statements! {
    FIND = "SELECT run_id, row_number FROM import_traces WHERE environment_id = $1 AND mark = $2 LIMIT $3";
    DELETE = "DELETE FROM import_traces
              WHERE environment_id = $1 AND run_id = $2 AND row_number >= $3 AND row_number < $4";
}

crate::batches! {
    INSERT (environment_id Text, run_id Text, row_number Int, mark Blob) =
        "INSERT INTO import_traces (environment_id, run_id, row_number, mark)
         {values}
         ON CONFLICT (environment_id, run_id, row_number, mark) DO NOTHING";
}

/// Notes that rows of a run hold something of the accounts that marks stand for: each with the number of its row.
///
/// # Errors
/// What the engine reports.
pub fn insert(
    tx: &mut Tx<'_>,
    environment: &EnvironmentId,
    run: &ImporterPipelineRunId,
    traces: &[(i64, Vec<u8>)],
) -> Result<()> {
    let rows: Vec<_> =
        traces.iter().map(|(row, mark)| params![environment, run, *row, mark].to_vec()).collect();
    tx.execute_batch(&INSERT, &rows).map(|_| ())
}

/// Up to `limit` rows, each with its run, that hold something of what a mark stands for.
///
/// # Errors
/// What the engine reports.
pub fn find(
    tx: &mut Tx<'_>,
    environment: &EnvironmentId,
    mark: &[u8],
    limit: i64,
) -> Result<Vec<(ImporterPipelineRunId, i64)>> {
    tx.query(&FIND, params![environment, mark, limit], |row| {
        Ok((ImporterPipelineRunId::trusted(row.text(0)?), row.int(1)?))
    })
}

/// Forgets what is noted of the rows of a run from one up to another.
///
/// # Errors
/// What the engine reports.
pub fn delete(
    tx: &mut Tx<'_>,
    environment: &EnvironmentId,
    run: &ImporterPipelineRunId,
    (from, until): (i64, i64),
) -> Result<()> {
    tx.execute(&DELETE, params![environment, run, from, until]).map(|_| ())
}
