//! Reading of runs.

use muster_domain::import::RunStatus;
use muster_domain::{ImporterPipelineId, ImporterPipelineRunId};
use muster_store::records as rows;

use super::Run;
use crate::accounts::Page;
use crate::record::{self, Noun, PageOf, Record};
use crate::{Error, ReadCx, Result};

/// Reads one run.
///
/// # Errors
/// [`Error::NotFound`].
pub fn get(cx: &mut ReadCx<'_, '_>, id: &ImporterPipelineRunId) -> Result<Record<Run>> {
    let record = record::get::<Run>(cx.tx, cx.scope, cx.master, id.as_str())?;
    if record.item.importer.is_some() { Err(Error::NotFound) } else { Ok(record) }
}

/// Reads one run, also one that does the work of an importer.
///
/// # Errors
/// [`Error::NotFound`].
pub fn find(cx: &mut ReadCx<'_, '_>, id: &ImporterPipelineRunId) -> Result<Record<Run>> {
    record::get::<Run>(cx.tx, cx.scope, cx.master, id.as_str())
}

/// Which runs a page is to hold.
#[derive(Clone, Debug, Default)]
pub struct PageRequest {
    /// Where it lies.
    pub page: PageOf,
    /// Only those of this pipeline.
    pub pipeline: Option<ImporterPipelineId>,
    /// Only those with one of these statuses.
    pub statuses: Option<Vec<RunStatus>>,
}

/// Reads one page of runs, newest first.
///
/// # Errors
/// What the store reports.
pub fn page(cx: &mut ReadCx<'_, '_>, request: &PageRequest) -> Result<Page<Record<Run>>> {
    let environment = &cx.scope.environment.id;
    let statuses = request.statuses.clone().unwrap_or_else(|| RunStatus::ALL.to_vec());
    let at = (&mut *cx.tx, cx.scope, cx.master);
    if let Some(pipeline) = &request.pipeline {
        return record::page(at, &request.page, |tx, range| {
            let with: Vec<_> = statuses
                .iter()
                .map(|status| rows::Selection::OfTemplate(pipeline.as_str(), status.as_str()))
                .collect();
            record::merge(tx, environment, &with, range)
        });
    }
    record::page(at, &request.page, |tx, range| {
        let with: Vec<_> =
            statuses.iter().map(|status| rows::Selection::WithStatus(Run::KIND, status.as_str())).collect();
        record::merge(tx, environment, &with, range)
    })
}
