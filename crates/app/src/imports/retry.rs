//! Importing the refused rows of a run again.

use std::io::{self, Write};

use muster_domain::import::RunKind;
use muster_domain::{ImportFileId, ImporterPipelineRunId};

use super::files::{self, File, PART_BYTES};
use super::rows;
use super::runs::{self, NewRun, Run, conflict};
use crate::jobs;
use crate::record::{self, Record};
use crate::{App, Cx, Error, Result, Scope};

/// Keeps the rows that a run refused as a file that can be imported. Blocks; never call it on an async thread.
///
/// # Errors
/// [`Error::NotFound`], [`Error::Conflict`] when the run imported nothing, is under way, has refused no row, or its rows
/// were erased.
pub fn refused_rows(app: &App, scope: &Scope, id: &ImporterPipelineRunId) -> Result<File> {
    rows::refuse_erased(app, scope, id)?;
    let wanted = id.clone();
    let file = jobs::transact(app, scope, "imports.retry", move |cx| {
        let run = record::get::<Run>(cx.tx, cx.scope, cx.master, wanted.as_str())?.item;
        refuse(&run)?;
        files::create(cx, "rejects.csv")
    })?;
    let into = Parts { app, scope, file: &file.id, next: 0, part: Vec::with_capacity(PART_BYTES) };
    let mut parts = rows::write_rejects(app, scope, id, into)?;
    parts.flush().map_err(|error| Error::Internal(format!("refused rows cannot be kept: {error}")))?;
    files::complete(app, scope, &file.id)
}

fn refuse(run: &Run) -> Result<()> {
    if run.importer.is_some() {
        return Err(Error::NotFound);
    }
    if run.kind != RunKind::Import {
        return Err(conflict(
            "only what a run was to import can be imported again; this run is none of that kind",
        ));
    }
    if !run.status.has_ended() {
        return Err(conflict(&format!("this run is {}; it must have ended", run.status.as_str())));
    }
    if run.redacted_at.is_some() {
        return Err(conflict("the rows of this run were erased; import the file again"));
    }
    if run.counters.errors == 0 {
        return Err(conflict("no row of this run was refused"));
    }
    Ok(())
}

/// Starts a run of those rows, by what the pipeline says now.
///
/// # Errors
/// As [`runs::start`].
pub fn retry(
    cx: &mut Cx<'_, '_>,
    id: &ImporterPipelineRunId,
    file: &ImportFileId,
    reference_id: Option<String>,
) -> Result<Record<Run>> {
    let run = record::get::<Run>(cx.tx, cx.scope, cx.master, id.as_str())?.item;
    refuse(&run)?;
    let pipeline = run.pipeline.ok_or(Error::NotFound)?;
    let (file, kind) = (Some(file.clone()), RunKind::Import);
    runs::start(cx, &NewRun { pipeline, kind, file, plan: None, undo_of: None, reference_id })
}

/// Parts of a file that is being written.
struct Parts<'a> {
    app: &'a App,
    scope: &'a Scope,
    file: &'a ImportFileId,
    next: u64,
    part: Vec<u8>,
}

impl Parts<'_> {
    fn put(&mut self, part: &[u8]) -> io::Result<()> {
        files::put_part(self.app, self.scope, self.file, self.next, part).map_err(io::Error::other)?;
        self.next += 1;
        Ok(())
    }
}

impl Write for Parts<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.part.extend_from_slice(bytes);
        while self.part.len() >= PART_BYTES {
            let rest = self.part.split_off(PART_BYTES);
            let part = std::mem::replace(&mut self.part, rest);
            self.put(&part)?;
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        let part = std::mem::take(&mut self.part);
        if part.is_empty() { Ok(()) } else { self.put(&part) }
    }
}
