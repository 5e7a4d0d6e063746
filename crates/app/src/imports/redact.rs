//! Erasing what a run keeps of the rows that it read.

use muster_domain::ImporterPipelineRunId;
use muster_store::imports as rows;

use super::files::{self, FileStatus};
use super::runs::{Run, conflict};
use crate::record::{self, Record};
use crate::{Cx, Error, Result};

/// Erases the cells and differences that a run keeps, and the content of its file. What it wrote to accounts stays, and
/// so do its counts; it cannot be taken back any more.
///
/// # Errors
/// [`Error::NotFound`], [`Error::Conflict`] when it has not ended, or was redacted already.
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
    rows::erase_outcomes(cx.tx, environment, id, (0, i64::MAX))?;
    if let Some(file) = &record.item.file
        && files::find(cx.tx, cx.scope, cx.master, file)?.file.status != FileStatus::Erased
    {
        rows::erase_parts(cx.tx, environment, file, (0, i64::MAX))?;
        rows::erase_file(cx.tx, environment, file, cx.scope.now)?;
    }
    let item = Run { redacted_at: Some(cx.scope.now), ..record.item.clone() };
    record::redact(cx, &mut record, item, Vec::new())?;
    Ok(record)
}
