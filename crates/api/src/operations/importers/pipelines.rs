//! Pipelines: saved ways of importing.

use std::sync::Arc;

use axum::http::Method;
use muster_app::imports::{NewPipeline, NewRun, Pipeline, PipelineChanges, PipelineStatus, pipelines, runs};
use muster_app::record::{PageOf, Record};
use muster_app::{Cx, Error, ReadCx, Result};
use muster_domain::import::{PipelineConfig, RunKind};
use muster_domain::{ImportFileId, ImporterPipelineId};
use serde_json::{Map, Value};

use super::runs::written as written_run;
use super::{base, blocking, changed, cursors, doc, list, members};
use crate::Api;
use crate::call::Call;
use crate::doc::Doc;
use crate::inflection::kebab_keys;
use crate::members::{ATTRIBUTES, flag, given, text};
use crate::operation::{Operation, Pending, Run, Written};
use crate::payload::Payload;
use crate::resources::Resource;

pub(super) fn operations() -> Vec<Operation> {
    let one = |path| Operation { path, doc: Doc::one("importer-pipeline"), ..changed() };
    vec![
        Operation {
            id: "list-all-importer-pipelines",
            path: "/importer-pipelines",
            summary: "Lists importer pipelines, newest first, archived ones too.",
            doc: Doc::page("importer-pipeline"),
            run: Run::Read(index),
            ..base()
        },
        Operation {
            id: "create-an-importer-pipeline",
            summary: "Saves a way of making accounts of the rows of a file.",
            doc: doc::CREATE_PIPELINE,
            run: Run::Write(create),
            ..one("/importer-pipelines")
        },
        Operation {
            id: "retrieve-an-importer-pipeline",
            path: "/importer-pipelines/{importer-pipeline-id}",
            summary: "Retrieves an importer pipeline.",
            doc: Doc::one("importer-pipeline"),
            run: Run::Read(retrieve),
            ..base()
        },
        Operation {
            id: "update-an-importer-pipeline",
            method: Method::PATCH,
            summary: "Changes an importer pipeline; runs that are under way go on as they began.",
            doc: doc::UPDATE_PIPELINE,
            run: Run::Write(update),
            ..one("/importer-pipelines/{importer-pipeline-id}")
        },
        Operation {
            id: "archive-an-importer-pipeline",
            summary: "Archives an importer pipeline: nothing runs it any more.",
            run: Run::Write(archive),
            ..one("/importer-pipelines/{importer-pipeline-id}/archive")
        },
        Operation {
            id: "run-an-importer-pipeline",
            summary: "Runs an importer pipeline on a file, or finds out what a run would do.",
            doc: doc::RUN,
            includes: &["importer-pipeline"],
            run: Run::Lane(run),
            ..one("/importer-pipelines/{importer-pipeline-id}/run")
        },
    ]
}

/// The pipeline that a path names.
fn pipeline_id(call: &Call) -> Result<ImporterPipelineId> {
    call.object_id.parse().map_err(|_| Error::NotFound)
}

fn resource(pipeline: Pipeline) -> Resource {
    Resource::ImporterPipeline(Box::new(pipeline))
}

fn written(status: u16, record: Record<Pipeline>) -> Written {
    let subject = Some(record.subject());
    Written { status, payload: Payload::one(resource(record.item)), subject }
}

fn index(cx: &mut ReadCx<'_, '_>, call: &Call) -> Result<Payload> {
    let page = pipelines::page(cx, &page_of::<ImporterPipelineId>(call)?)?;
    Ok(list(call, page, |record| record.item.id.as_str(), |record| resource(record.item)))
}

/// The page that a request asks for, by IDs of a kind.
pub(super) fn page_of<I: muster_domain::ResourceId>(call: &Call) -> Result<PageOf> {
    let (after, before) = cursors::<I>(call)?;
    let cursor = |id: Option<I>| id.map(|id| id.as_str().to_owned());
    Ok(PageOf { size: call.query.page.size as usize, after: cursor(after), before: cursor(before) })
}

fn retrieve(cx: &mut ReadCx<'_, '_>, call: &Call) -> Result<Payload> {
    let record = pipelines::get(cx, &pipeline_id(call)?)?;
    Ok(Payload::one(resource(record.item)))
}

fn create(cx: &mut Cx<'_, '_>, call: &Call) -> Result<Written> {
    let mut attributes = members(call, &["name", "destination", "run-type", "pipeline-config"])?;
    let config = config(&mut attributes)?.ok_or_else(|| Error::invalid(["pipeline-config"], "is missing"))?;
    refuse_other(&mut attributes, &config)?;
    let name = given(&mut attributes, &ATTRIBUTES, "name")?;
    let new = NewPipeline { name: name.unwrap_or_default(), config };
    Ok(written(201, pipelines::create(cx, new)?))
}

/// What repeats the configuration must not say anything else.
fn refuse_other(attributes: &mut Map<String, Value>, config: &PipelineConfig) -> Result<()> {
    let destination = given(attributes, &ATTRIBUTES, "destination")?;
    if destination.is_some_and(|destination| destination != "account") {
        return Err(Error::invalid(["destination"], "must be account: nothing else can be imported"));
    }
    let wanted = if config.schedule.is_some() { "recurring" } else { "manual" };
    let run_type = given(attributes, &ATTRIBUTES, "run-type")?;
    if run_type.is_some_and(|run_type| run_type != wanted) {
        let message = "must be recurring where pipeline-config has a schedule, else manual; leave it out";
        return Err(Error::invalid(["run-type"], message));
    }
    Ok(())
}

fn update(cx: &mut Cx<'_, '_>, call: &Call) -> Result<Written> {
    let id = pipeline_id(call)?;
    let mut attributes = members(call, &["name", "status", "pipeline-config"])?;
    let status = given(&mut attributes, &ATTRIBUTES, "status")?;
    let status = status.map(|text| match text.as_str() {
        "active" => Ok(PipelineStatus::Active),
        "inactive" => Ok(PipelineStatus::Inactive),
        _ => Err(Error::invalid(["status"], "must be active or inactive")),
    });
    let changes = PipelineChanges {
        name: text(&mut attributes, &ATTRIBUTES, "name")?.map(Option::unwrap_or_default),
        config: config(&mut attributes)?,
        status: status.transpose()?,
    };
    Ok(written(200, pipelines::update(cx, &id, changes)?))
}

fn archive(cx: &mut Cx<'_, '_>, call: &Call) -> Result<Written> {
    members(call, &[])?;
    Ok(written(200, pipelines::archive(cx, &pipeline_id(call)?)?))
}

/// Takes what a pipeline is told. Its keys may be in any spelling, but for those of `values`.
fn config(attributes: &mut Map<String, Value>) -> Result<Option<PipelineConfig>> {
    let path = ["data", "attributes", "pipeline-config"];
    let folded = |value: Value| match value {
        Value::Object(members) => kebab_keys(members).map(Value::Object),
        other => Ok(other),
    };
    let mut config = match attributes.remove("pipeline-config") {
        None | Some(Value::Null) => return Ok(None),
        Some(Value::Object(config)) => kebab_keys(config).map_err(|both| Error::malformed(path, both))?,
        Some(_) => return Err(Error::malformed(path, "must be an object")),
    };
    for (key, value) in &mut config {
        let spelled = match (key.as_str(), value.take()) {
            ("mapping", Value::Array(entries)) => entries.into_iter().map(folded).collect(),
            ("match-key" | "file" | "schedule" | "source", value) => folded(value),
            (_, value) => Ok(value),
        };
        *value = spelled.map_err(|both| Error::malformed(path, both))?;
    }
    PipelineConfig::from_value(&Value::Object(config)).map(Some).map_err(Error::Invalid)
}

fn run(api: Arc<Api>, call: Arc<Call>) -> Pending {
    Box::pin(async move {
        let new = new_run(&call)?;
        if let (Some(file), pipeline) = (new.file.clone(), new.pipeline.clone()) {
            let scope = call.scope.clone();
            blocking(&api.app, move |app| runs::check(app, &scope, &pipeline, &file)).await?;
        }
        api.write(&call, move |cx, call| {
            let record = runs::start(cx, &new)?;
            written_run(cx, call, 202, record)
        })
        .await
    })
}

fn new_run(call: &Call) -> Result<NewRun> {
    let mut attributes = members(call, &["file-id", "dry-run", "reference-id"])?;
    let pipeline = pipeline_id(call)?;
    let file = given(&mut attributes, &ATTRIBUTES, "file-id")?;
    let file =
        file.ok_or_else(|| Error::invalid(["file-id"], "must name the file that is to be imported"))?;
    let file = file
        .parse::<ImportFileId>()
        .map_err(|_| Error::invalid(["file-id"], "names no file: upload one with POST /importer-files"))?;
    let is_dry = flag(&mut attributes, &ATTRIBUTES, "dry-run")? == Some(true);
    Ok(NewRun {
        pipeline,
        kind: if is_dry { RunKind::DryRun } else { RunKind::Import },
        file: Some(file),
        plan: None,
        undo_of: None,
        reference_id: given(&mut attributes, &ATTRIBUTES, "reference-id")?,
    })
}
