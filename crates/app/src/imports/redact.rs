//! Erasing what a run keeps of the rows that it read.

use muster_domain::ImporterPipelineRunId;
use muster_store::{import_traces, imports as rows};

use super::erase;
use super::files::{self, FileStatus};
use super::runs::{self, Run, conflict};
use crate::record::{self, Noun, Record};
use crate::{Cx, Error, Result};

/// Erases the cells and differences that a run keeps, and the content of its file. What it wrote to accounts stays, and
/// so do its counts; it cannot be taken back any more.
///
/// # Errors
/// [`Error::NotFound`], [`Error::Conflict`] when it has not ended, was redacted already, is being taken back, or another
/// run that has not ended reads the same file.
pub fn redact(cx: &mut Cx<'_, '_>, id: &ImporterPipelineRunId) -> Result<Record<Run>> {
    let mut record = record::get::<Run>(cx.tx, cx.scope, cx.master, id.as_str())?;
    if record.item.importer.is_some() {
        return Err(Error::NotFound);
    }
    if record.item.redacted_at.is_some() {
        return Err(conflict("this run is redacted already"));
    }
    if !record.item.status.has_ended() {
        let status = record.item.status.as_str();
        return Err(conflict(&format!("this run is {status}; cancel it first, or wait for its end")));
    }
    let environment = &cx.scope.environment.id;
    refuse_taken_back(cx, &record.item)?;
    if let Some(file) = &record.item.file
        && files::find(cx.tx, cx.scope, cx.master, file)?.file.status != FileStatus::Erased
    {
        refuse_in_use(cx, &record.item)?;
        erase::file_now(cx, file)?;
    }
    rows::erase_outcomes(cx.tx, environment, id, (0, i64::MAX))?;
    import_traces::delete(cx.tx, environment, id, (0, i64::MAX))?;
    // Where the first row was taken for a header, its cells are the names of columns, which texts name, too.
    let (columns, reason) = (Vec::new(), None);
    let item = Run { redacted_at: Some(cx.scope.now), columns, reason, ..record.item.clone() };
    record::redact(cx, &mut record, item, Vec::new())?;
    Ok(record)
}

fn refuse_taken_back(cx: &mut Cx<'_, '_>, run: &Run) -> Result<()> {
    let Some(undo) = run.undone_by.last() else { return Ok(()) };
    match record::find::<Run>(cx.tx, cx.scope, cx.master, undo.as_str())? {
        Some(undo) if !undo.item.status.has_ended() => Err(conflict(&format!(
            "{} takes back what this run wrote; wait for its end, or cancel it",
            undo.item.id
        ))),
        _ => Ok(()),
    }
}

fn refuse_in_use(cx: &mut Cx<'_, '_>, run: &Run) -> Result<()> {
    let Some(digest) = run.columns().lookup else { return Ok(()) };
    let others = runs::of_content(cx, &digest, erase::READERS)?;
    match others
        .iter()
        .find(|other| other.file == run.file && other.id != run.id && !other.status.has_ended())
    {
        None => Ok(()),
        Some(other) => Err(conflict(&format!(
            "{} still reads the file of this run; cancel it first, or wait for its end",
            other.id
        ))),
    }
}
