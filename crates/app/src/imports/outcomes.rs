//! What became of the rows of a run.

use std::fmt;

use muster_domain::import::{Action, Counters, RowFault};
use muster_domain::{AccountId, ImporterPipelineRunId};
use muster_store::imports::{self as rows, ChunkCounts, ChunkRow, NewOutcomes};
use muster_store::seal::DataKey;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::runs::Run;
use crate::record::Record;
use crate::{Cx, Error, ReadCx, Result};

/// What became of one row. It holds no values but the cells of a row that was refused, and the differences in a dry
/// run; `Debug` shows neither.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct RowOutcome {
    /// Its number; 1 is the first row of data.
    #[serde(rename = "r")]
    pub row: u64,
    /// What became of it.
    #[serde(rename = "a")]
    pub action: Action,
    /// Its account, where there is one.
    #[serde(rename = "i", default, skip_serializing_if = "Option::is_none")]
    pub account: Option<AccountId>,
    /// The version of the account right after the row; in a dry run, the one that it would have then.
    #[serde(rename = "v", default, skip_serializing_if = "Option::is_none")]
    pub version: Option<i64>,
    /// Why it was refused.
    #[serde(rename = "f", default, skip_serializing_if = "Vec::is_empty")]
    pub faults: Vec<RowFault>,
    /// What somebody should know of it.
    #[serde(rename = "w", default, skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<RowFault>,
    /// Its cells, if it was refused.
    #[serde(rename = "o", default, skip_serializing_if = "Option::is_none")]
    pub cells: Option<Vec<String>>,
    /// In a dry run: each member that would change, as `[before, after]`.
    #[serde(rename = "d", default, skip_serializing_if = "Option::is_none")]
    pub changes: Option<Map<String, Value>>,
}

impl fmt::Debug for RowOutcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RowOutcome")
            .field("row", &self.row)
            .field("action", &self.action)
            .field("account", &self.account)
            .field("faults", &self.faults)
            .field("warnings", &self.warnings)
            .finish_non_exhaustive()
    }
}

impl RowOutcome {
    /// A row that came to an action, with nothing to tell beside.
    #[must_use]
    pub fn new(row: u64, action: Action) -> Self {
        let (faults, warnings) = (Vec::new(), Vec::new());
        Self { row, action, account: None, version: None, faults, warnings, cells: None, changes: None }
    }
}

pub(super) fn counters(counts: ChunkCounts) -> Counters {
    let count = |number: i64| u64::try_from(number).unwrap_or(0);
    Counters {
        read: count(counts.rows),
        created: count(counts.created),
        updated: count(counts.updated),
        unchanged: count(counts.unchanged),
        skipped: count(counts.skipped),
        errors: count(counts.errors),
        warnings: count(counts.warnings),
    }
}

fn chunk_counts(counters: Counters) -> ChunkCounts {
    let count = |number: u64| i64::try_from(number).unwrap_or(i64::MAX);
    ChunkCounts {
        rows: count(counters.read),
        created: count(counters.created),
        updated: count(counters.updated),
        unchanged: count(counters.unchanged),
        skipped: count(counters.skipped),
        errors: count(counters.errors),
        warnings: count(counters.warnings),
    }
}

fn identity(run: &ImporterPipelineRunId, first_row: i64) -> String {
    format!("import_chunks/{run}/{first_row}")
}

/// The row of a chunk, its outcomes sealed under the data key of the run.
///
/// # Errors
/// None that a caller could cause.
pub fn seal(run: &ImporterPipelineRunId, key: &DataKey, outcomes: &[RowOutcome]) -> Result<ChunkRow> {
    let mut counters = Counters::default();
    for outcome in outcomes {
        counters.count(outcome.action, outcome.warnings.len() as u64);
    }
    let first_row = outcomes.first().map_or(0, |outcome| i64::try_from(outcome.row).unwrap_or(i64::MAX));
    let text = serde_json::to_vec(outcomes).map_err(|error| Error::bug(error.to_string()))?;
    let sealed = key.seal_compressed(&text, &identity(run, first_row))?;
    Ok(ChunkRow { first_row, counts: chunk_counts(counters), outcomes: Some(sealed) })
}

/// The outcomes of a chunk; none where they were erased.
///
/// # Errors
/// When the chunk is damaged.
pub fn open(run: &ImporterPipelineRunId, key: &DataKey, chunk: &ChunkRow) -> Result<Vec<RowOutcome>> {
    let Some(sealed) = &chunk.outcomes else { return Ok(Vec::new()) };
    let text = key.open_compressed(sealed, &identity(run, chunk.first_row))?;
    serde_json::from_slice(&text).map_err(|_| Error::bug("the outcomes of a chunk are damaged"))
}

/// Writes chunks of a run anew, without the cells and differences of some of their rows.
///
/// # Errors
/// [`Error::Retry`] when somebody else wrote one of them anew at the same time.
pub(super) fn without(
    cx: &mut Cx<'_, '_>,
    record: &Record<Run>,
    chunks: &[ChunkRow],
    which: impl Fn(&RowOutcome) -> bool,
) -> Result<()> {
    let run = &record.item.id;
    let mut bare = Vec::with_capacity(chunks.len());
    for chunk in chunks {
        let Some(before) = &chunk.outcomes else { continue };
        let mut all = open(run, &record.key, chunk)?;
        for outcome in all.iter_mut().filter(|outcome| which(outcome)) {
            (outcome.cells, outcome.changes) = (None, None);
        }
        let sealed = seal(run, &record.key, &all)?.outcomes;
        let after = sealed.ok_or_else(|| Error::bug("a chunk was not sealed"))?;
        bare.push(NewOutcomes { first_row: chunk.first_row, before, after });
    }
    match rows::set_outcomes(cx.tx, &cx.scope.environment.id, run, &bare)? {
        written if written == bare.len() as u64 => Ok(()),
        _ => Err(Error::Retry("rows of a run that are being erased")),
    }
}

/// Which end of the rows of a run is read first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// From the first row on.
    FirstToLast,
    /// From the last row back.
    LastToFirst,
}

/// The outcomes of up to `limit` chunks of a run that begin at a row or beyond it in the direction.
///
/// # Errors
/// [`Error::NotFound`] for an unknown run.
pub fn chunks(
    cx: &mut ReadCx<'_, '_>,
    run: &ImporterPipelineRunId,
    (from, direction, limit): (u64, Direction, i64),
) -> Result<Vec<Vec<RowOutcome>>> {
    let record = super::runs::get(cx, run)?;
    let environment = &cx.scope.environment.id;
    let from = i64::try_from(from).unwrap_or(i64::MAX);
    let found = match direction {
        Direction::FirstToLast => rows::chunks_from(cx.tx, environment, run, from, limit)?,
        Direction::LastToFirst => rows::chunks_until(cx.tx, environment, run, from, limit)?,
    };
    found.iter().map(|chunk| open(run, &record.key, chunk)).collect()
}
