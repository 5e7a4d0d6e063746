//! What imports leave behind goes after a while: files after 30 days, the cells of refused rows and the differences of
//! dry runs after 90. What became of each row stays.

use std::time::Duration;

use muster_domain::{ImportFileId, ImporterPipelineRunId};
use muster_store::data_keys::{self, NewDataKey};
use muster_store::jobs::JobRow;
use muster_store::seal::DataKey;
use muster_store::{import_traces, imports as rows};

use super::outcomes;
use super::runs::{self, Run};
use crate::jobs::{self, Kind, Step};
use crate::{Cx, Result, record};

const DAY: Duration = Duration::from_hours(24);
/// How long the content of a file is kept.
const FILE_KEPT: u32 = 30;
/// How long cells and differences are kept.
const CELLS_KEPT: u32 = 90;
/// Parts that are erased at once.
const PARTS_AT_ONCE: i64 = 16;
/// Runs of one content that are asked whether they still read it.
pub(super) const READERS: i64 = 100;
/// Chunks that are written anew at once.
const CHUNKS_AT_ONCE: i64 = 4;

/// Lets the content of a file go when its time is over.
pub(super) fn file_later(cx: &mut Cx<'_, '_>, file: &ImportFileId) -> Result<()> {
    let at = cx.scope.now + DAY * FILE_KEPT;
    jobs::enqueue_at(cx, Kind::EraseImportFile, file.as_str(), "", at)
}

/// Makes the content of a file unreadable at once, and lets it go piece by piece.
pub(super) fn file_now(cx: &mut Cx<'_, '_>, file: &ImportFileId) -> Result<()> {
    forget(cx, file)?;
    jobs::cancel(cx, Kind::EraseImportFile, file.as_str())?;
    jobs::enqueue(cx, Kind::EraseImportFile, file.as_str(), "")
}

/// Erases what opens a file: its header and its key.
fn forget(cx: &mut Cx<'_, '_>, id: &ImportFileId) -> Result<()> {
    let environment = &cx.scope.environment.id;
    rows::erase_file(cx.tx, environment, id, cx.scope.now)?;
    // What lies in a backup cannot be read any more either.
    let wrapped = DataKey::random().wrap(cx.master, environment.as_str(), id.as_str())?;
    let key = NewDataKey { environment, subject: id.as_str(), wrapped: &wrapped };
    data_keys::renew(cx.tx, key, cx.scope.now)?;
    Ok(())
}

/// Lets the cells of a run go when their time is over.
pub(super) fn cells_later(cx: &mut Cx<'_, '_>, run: &ImporterPipelineRunId) -> Result<()> {
    let at = cx.scope.now + DAY * CELLS_KEPT;
    jobs::enqueue_at(cx, Kind::EraseImportCells, run.as_str(), "", at)
}

/// Whether a run that has not ended reads a file.
fn is_in_use(cx: &mut Cx<'_, '_>, id: &ImportFileId) -> Result<bool> {
    let Some(file) = rows::find_file(cx.tx, &cx.scope.environment.id, id)? else { return Ok(false) };
    let Some(digest) = file.digest_hash else { return Ok(false) };
    let readers = runs::of_content(cx, &digest, READERS)?;
    Ok(readers.iter().any(|run| run.file.as_ref() == Some(id) && !run.status.has_ended()))
}

fn place(job: &JobRow) -> i64 {
    job.state.parse().unwrap_or(0)
}

/// Erases some parts of a file; before the first, its header and its key.
///
/// # Errors
/// What the store reports.
pub(crate) fn file_step(cx: &mut Cx<'_, '_>, job: &JobRow) -> Result<Step> {
    let (id, from) = (ImportFileId::trusted(job.subject_id.clone()), place(job));
    let environment = &cx.scope.environment.id;
    if from == 0 {
        if is_in_use(cx, &id)? {
            return Ok(Step::Again { state: String::new(), pause: DAY });
        }
        forget(cx, &id)?;
    }
    let until = from + PARTS_AT_ONCE;
    rows::erase_parts(cx.tx, environment, &id, (from, until))?;
    let is_last = rows::parts(cx.tx, environment, &id, until, 1)?.is_empty();
    Ok(if is_last { Step::Done } else { again(until) })
}

/// Takes cells and differences out of some chunks of a run.
///
/// # Errors
/// What the store reports.
pub(crate) fn cells_step(cx: &mut Cx<'_, '_>, job: &JobRow) -> Result<Step> {
    let (id, from) = (ImporterPipelineRunId::trusted(job.subject_id.clone()), place(job));
    let Some(record) = record::find::<Run>(cx.tx, cx.scope, cx.master, id.as_str())? else {
        return Ok(Step::Done);
    };
    let environment = &cx.scope.environment.id;
    let chunks = rows::chunks_from(cx.tx, environment, &id, from, CHUNKS_AT_ONCE)?;
    let Some(last) = chunks.last().map(|chunk| chunk.first_row) else { return Ok(Step::Done) };
    outcomes::without(cx, &record, &chunks, |_| true)?;
    let until = chunks.last().map_or(last, |chunk| last + chunk.counts.rows);
    import_traces::delete(cx.tx, environment, &id, (from, until))?;
    Ok(again(last + 1))
}

fn again(from: i64) -> Step {
    Step::Again { state: from.to_string(), pause: Duration::ZERO }
}
