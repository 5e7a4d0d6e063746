//! Runs of pipelines.

use std::sync::Arc;

use axum::http::Method;
use muster_app::imports::{self, Pipeline, Run as ImportRun, plan, runs, undo};
use muster_app::record::{self, Record};
use muster_app::{Cx, Error, ReadCx, Result, View};
use muster_domain::import::{RunKind, RunStatus};
use muster_domain::{ImporterPipelineId, ImporterPipelineRunId};

use super::pipelines::page_of;
use super::{base, blocking, changed, discard_unless_used, doc, filter, list, members};
use crate::Api;
use crate::call::Call;
use crate::doc::Doc;
use crate::members::{ATTRIBUTES, flag, given};
use crate::operation::{Operation, Pending, Run, Written};
use crate::payload::Payload;
use crate::resources::Resource;

/// What those that do something to a run have in common.
fn one(path: &'static str) -> Operation {
    Operation { path, doc: Doc::one("importer-pipeline-run"), includes: &["importer-pipeline"], ..changed() }
}

pub(super) fn operations() -> Vec<Operation> {
    let mut all = own();
    all.extend(consequences());
    all
}

fn own() -> Vec<Operation> {
    vec![
        Operation {
            id: "list-all-importer-pipeline-runs",
            method: Method::GET,
            summary: "Lists runs of importer pipelines, newest first.",
            doc: Doc::page("importer-pipeline-run"),
            filters: &["importer-pipeline-id", "status"],
            includes: &[],
            run: Run::Read(index),
            permission: base().permission,
            ..one("/importer-pipeline-runs")
        },
        Operation {
            id: "retrieve-an-importer-pipeline-run",
            method: Method::GET,
            summary: "Retrieves a run of an importer pipeline: how far it is, what its rows came to.",
            run: Run::Read(retrieve),
            permission: base().permission,
            ..one("/importer-pipeline-runs/{importer-pipeline-run-id}")
        },
        Operation {
            id: "pause-an-importer-pipeline-run",
            summary: "Lets a run wait; what is written stays.",
            run: Run::Write(pause),
            ..one("/importer-pipeline-runs/{importer-pipeline-run-id}/pause")
        },
        Operation {
            id: "resume-an-importer-pipeline-run",
            summary: "Lets a run go on that was paused, that gave up, or that was ended from outside.",
            run: Run::Write(resume),
            ..one("/importer-pipeline-runs/{importer-pipeline-run-id}/resume")
        },
        Operation {
            id: "cancel-an-importer-pipeline-run",
            summary: "Ends a run; what is written stays.",
            run: Run::Write(cancel),
            ..one("/importer-pipeline-runs/{importer-pipeline-run-id}/cancel")
        },
    ]
}

/// Those that start another run because of one, and the one that erases what it keeps.
fn consequences() -> Vec<Operation> {
    vec![
        Operation {
            id: "commit-an-importer-pipeline-run",
            summary: "Does what a dry run found out: a run of the same file by the same rules.",
            doc: doc::COMMIT,
            run: Run::Write(commit),
            ..one("/importer-pipeline-runs/{importer-pipeline-run-id}/commit")
        },
        Operation {
            id: "undo-an-importer-pipeline-run",
            summary: "Takes back what a run wrote and nobody touched since, or finds out what that would be.",
            doc: doc::UNDO,
            run: Run::Write(take_back),
            ..one("/importer-pipeline-runs/{importer-pipeline-run-id}/undo")
        },
        Operation {
            id: "retry-an-importer-pipeline-run",
            summary: "Imports the refused rows of a run again.",
            doc: doc::RETRY,
            run: Run::Lane(retry),
            ..one("/importer-pipeline-runs/{importer-pipeline-run-id}/retry-failed")
        },
        Operation {
            id: "redact-an-importer-pipeline-run",
            summary: "Erases what a run keeps of its rows, and its file; accounts stay as they are.",
            run: Run::Write(redact),
            ..one("/importer-pipeline-runs/{importer-pipeline-run-id}/redact")
        },
    ]
}

/// The run that a path names.
pub(super) fn run_id(call: &Call) -> Result<ImporterPipelineRunId> {
    call.object_id.parse().map_err(|_| Error::NotFound)
}

fn index(cx: &mut ReadCx<'_, '_>, call: &Call) -> Result<Payload> {
    let pipelines = filter(call, "importer-pipeline-id")?;
    let pipeline = match pipelines.as_deref() {
        None => None,
        Some([one]) => Some(one.parse::<ImporterPipelineId>().map_err(|_| {
            Error::malformed(["filter[importer-pipeline-id]"], "must be the ID of a pipeline, mprtp_…")
        })?),
        Some(_) => {
            return Err(Error::malformed(["filter[importer-pipeline-id]"], "must be the ID of one pipeline"));
        }
    };
    let statuses = filter(call, "status")?.map(|names| names.iter().map(|name| status(name)).collect());
    let page = page_of::<ImporterPipelineRunId>(call)?;
    let request = runs::PageRequest { page, pipeline, statuses: statuses.transpose()? };
    let page = runs::page(cx, &request)?;
    Ok(list(
        call,
        page,
        |record| record.item.id.as_str(),
        |record| Resource::ImporterPipelineRun(Box::new(record.item)),
    ))
}

fn status(name: &str) -> Result<RunStatus> {
    RunStatus::parse(name).ok_or_else(|| {
        let all: Vec<&str> = RunStatus::ALL.iter().map(|status| status.as_str()).collect();
        Error::malformed(["filter[status]"], format!("must be one of {}", all.join(", ")))
    })
}

fn retrieve(cx: &mut ReadCx<'_, '_>, call: &Call) -> Result<Payload> {
    let record = runs::get(cx, &run_id(call)?)?;
    shown(&mut cx.view(), call, record.item)
}

/// The reply that shows a run, with its pipeline where that is asked for.
fn shown(view: &mut View<'_, '_>, call: &Call, run: ImportRun) -> Result<Payload> {
    let mut included = None;
    if let (true, Some(id)) = (call.includes("importer-pipeline"), &run.pipeline) {
        let found = record::find::<Pipeline>(view.tx, view.scope, view.master, id.as_str())?;
        included = found.map(|record| vec![Resource::ImporterPipeline(Box::new(record.item))]);
    }
    Ok(Payload { included, ..Payload::one(Resource::ImporterPipelineRun(Box::new(run))) })
}

/// The reply that shows a run that was written.
pub(super) fn written(
    cx: &mut Cx<'_, '_>,
    call: &Call,
    status: u16,
    record: Record<ImportRun>,
) -> Result<Written> {
    let subject = Some(record.subject());
    Ok(Written { status, payload: shown(&mut cx.view(), call, record.item)?, subject })
}

fn pause(cx: &mut Cx<'_, '_>, call: &Call) -> Result<Written> {
    members(call, &[])?;
    let record = runs::pause(cx, &run_id(call)?)?;
    written(cx, call, 200, record)
}

fn resume(cx: &mut Cx<'_, '_>, call: &Call) -> Result<Written> {
    members(call, &[])?;
    let record = runs::resume(cx, &run_id(call)?)?;
    written(cx, call, 200, record)
}

fn cancel(cx: &mut Cx<'_, '_>, call: &Call) -> Result<Written> {
    members(call, &[])?;
    let record = runs::cancel(cx, &run_id(call)?)?;
    written(cx, call, 200, record)
}

fn commit(cx: &mut Cx<'_, '_>, call: &Call) -> Result<Written> {
    let mut attributes = members(call, &["reference-id"])?;
    let reference_id = given(&mut attributes, &ATTRIBUTES, "reference-id")?;
    let record = plan::commit(cx, &run_id(call)?, reference_id)?;
    written(cx, call, 202, record)
}

fn take_back(cx: &mut Cx<'_, '_>, call: &Call) -> Result<Written> {
    let mut attributes = members(call, &["dry-run", "reference-id"])?;
    let is_dry = flag(&mut attributes, &ATTRIBUTES, "dry-run")? == Some(true);
    let kind = if is_dry { RunKind::DryRun } else { RunKind::Undo };
    let reference_id = given(&mut attributes, &ATTRIBUTES, "reference-id")?;
    let record = undo::undo(cx, &run_id(call)?, kind, reference_id)?;
    written(cx, call, 202, record)
}

fn retry(api: Arc<Api>, call: Arc<Call>) -> Pending {
    Box::pin(async move {
        let mut attributes = members(&call, &["reference-id"])?;
        let reference_id = given(&mut attributes, &ATTRIBUTES, "reference-id")?;
        let (id, scope) = (run_id(&call)?, call.scope.clone());
        let wanted = id.clone();
        let file = blocking(&api.app, move |app| imports::refused_rows(app, &scope, &wanted)).await?;
        let kept = file.id.clone();
        let answered = api.write(&call, move |cx, call| {
            let record = imports::retry(cx, &id, &file.id, reference_id.clone())?;
            written(cx, call, 202, record)
        });
        discard_unless_used(&api, &call, kept, answered.await).await
    })
}

fn redact(cx: &mut Cx<'_, '_>, call: &Call) -> Result<Written> {
    members(call, &[])?;
    let record = imports::redact(cx, &run_id(call)?)?;
    written(cx, call, 200, record)
}
