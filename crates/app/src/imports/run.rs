//! A run, as a durable job.

use muster_store::jobs::JobRow;

use crate::{App, Error, Result, Scope};

/// One run, as a job.
///
/// # Errors
/// What the store reports.
pub(crate) fn run(_app: &App, _scope: &Scope, _job: &JobRow) -> Result<()> {
    Err(Error::bug("runs are not there yet"))
}
