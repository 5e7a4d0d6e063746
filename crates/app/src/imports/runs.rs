//! Runs: one execution of a pipeline, from its start to its end.

use std::fmt;
use std::sync::Arc;

use muster_domain::event::{Actor, EventName};
use muster_domain::fold::fold;
use muster_domain::import::{Counters, PipelineConfig, RunAction, RunKind, RunStatus};
use muster_domain::{
    EnvironmentId, ImportFileId, ImporterId, ImporterPipelineId, ImporterPipelineRunId, ResourceId, Timestamp,
};
use muster_store::{import_sources, records as rows};
use serde::{Deserialize, Serialize};

use super::erase;
use super::files::{self, FileStatus};
use super::outcomes::counters;
use super::pipelines::{self, Pipeline, PipelineStatus};
use super::{plan, undo};
use crate::jobs::{self, Kind};
use crate::record::{self, Columns, Noun, PageOf, Record, Told, told};
use crate::{App, Cx, Error, Result, Scope};

mod read;

pub use read::{PageRequest, find, get, page};

/// Longest reference ID of a run, in characters.
const REFERENCE_CHARS_MAX: usize = 255;
/// Runs that are under way which are looked at: dry runs may be.
const UNDER_WAY: usize = 1000;
/// Runs of one content that are looked at to warn of the same file twice.
const LOOKED_AT: i64 = 8;

/// Something that somebody should know of a run as a whole.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct RunWarning {
    /// The kind, such as `same_file`.
    pub code: String,
    /// What it is.
    pub message: String,
    /// The run that it names.
    #[serde(default)]
    pub run: Option<ImporterPipelineRunId>,
}

/// One execution of a pipeline. `Debug` shows no more than its ID and how far it is.
#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Run {
    /// Its ID.
    pub id: ImporterPipelineRunId,
    /// The pipeline; none where it does the work of an importer.
    pub pipeline: Option<ImporterPipelineId>,
    /// The importer whose work it does.
    #[serde(default)]
    pub importer: Option<ImporterId>,
    /// What it does.
    pub kind: RunKind,
    /// The file that it reads; an undo reads none.
    pub file: Option<ImportFileId>,
    /// What tells the content of the file, in hexadecimal digits.
    #[serde(default)]
    pub digest: Option<String>,
    /// The dry run that it commits.
    #[serde(default)]
    pub plan: Option<ImporterPipelineRunId>,
    /// The run that it takes back.
    #[serde(default)]
    pub undo_of: Option<ImporterPipelineRunId>,
    /// The run that commits it, if it is a dry run.
    #[serde(default)]
    pub committed_by: Option<ImporterPipelineRunId>,
    /// The runs that take it back, the last one at the end; those before it were canceled.
    #[serde(default)]
    pub undone_by: Vec<ImporterPipelineRunId>,
    /// What people call it.
    pub reference_id: Option<String>,
    /// How far it is.
    pub status: RunStatus,
    /// How rows become accounts: as the pipeline said at the start.
    pub config: PipelineConfig,
    /// The unique identifiers of its account type at the start.
    #[serde(default)]
    pub unique_fields: Vec<String>,
    /// In whose name it writes, as an actor prints.
    pub actor: String,
    /// The columns of its source.
    #[serde(default)]
    pub columns: Vec<String>,
    /// What its rows came to. While it runs, as of half a second ago.
    #[serde(default)]
    pub counters: Counters,
    /// How many rows it may have, as far as is known.
    #[serde(default)]
    pub estimated_rows: Option<u64>,
    /// How often it was begun: 1 more with each resumption.
    pub run_count: u64,
    /// What somebody should know of it.
    #[serde(default)]
    pub warnings: Vec<RunWarning>,
    /// Why it gave up, and what to do about it.
    #[serde(default)]
    pub reason: Option<String>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
    /// When it was begun first.
    #[serde(default)]
    pub started_at: Option<Timestamp>,
    /// When it was begun or resumed last: its pace is told since then.
    #[serde(default)]
    pub begun_at: Option<Timestamp>,
    /// How many rows had been read by then.
    #[serde(default)]
    pub begun_with: u64,
    /// When it ended.
    #[serde(default)]
    pub ended_at: Option<Timestamp>,
    /// When what became of its rows was erased.
    #[serde(default)]
    pub redacted_at: Option<Timestamp>,
}

impl fmt::Debug for Run {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Run({}, {}, {})", self.id, self.kind.as_str(), self.status.as_str())
    }
}

impl Run {
    /// A run that nobody has begun, of no pipeline and without a file.
    pub(super) fn new(
        (id, kind): (ImporterPipelineRunId, RunKind),
        config: PipelineConfig,
        scope: &Scope,
    ) -> Self {
        Self {
            id,
            pipeline: None,
            importer: None,
            kind,
            file: None,
            digest: None,
            plan: None,
            undo_of: None,
            committed_by: None,
            undone_by: Vec::new(),
            reference_id: None,
            status: RunStatus::Pending,
            config,
            unique_fields: Vec::new(),
            actor: scope.actor.to_string(),
            columns: Vec::new(),
            counters: Counters::default(),
            estimated_rows: None,
            run_count: 1,
            warnings: Vec::new(),
            reason: None,
            created_at: scope.now,
            updated_at: scope.now,
            started_at: None,
            begun_at: None,
            begun_with: 0,
            ended_at: None,
            redacted_at: None,
        }
    }

    /// Who writes in it.
    #[must_use]
    pub fn actor(&self) -> Actor {
        Actor::parse(&self.actor).unwrap_or(Actor::System)
    }
}

/// The status of a run in the clear. Runs that do the work of an importer are in no list of runs.
pub(super) const fn status_column(run: &Run) -> &'static str {
    match (&run.importer, run.status) {
        (None, status) => status.as_str(),
        (Some(_), RunStatus::Running) => "importing",
        (Some(_), _) => "of-importer",
    }
}

impl Noun for Run {
    const KIND: &'static str = "importer-pipeline-run";
    const PREFIX: &'static str = ImporterPipelineRunId::PREFIX;

    fn columns(&self) -> Columns {
        Columns {
            id: self.id.to_string(),
            variant: self.kind.as_str(),
            parent: self.pipeline.as_ref().map(ToString::to_string),
            // Once more, for runs of one pipeline with one status.
            template: self.pipeline.as_ref().map(ToString::to_string),
            status: status_column(self),
            lookup: self.digest.as_deref().and_then(bytes),
            ..Columns::default()
        }
    }

    fn times(&self) -> (Timestamp, Timestamp) {
        (self.created_at, self.updated_at)
    }

    fn set_updated_at(&mut self, at: Timestamp) {
        self.updated_at = at;
    }
}

/// The bytes of hexadecimal digits.
fn bytes(digits: &str) -> Option<Vec<u8>> {
    let pair = |at: usize| u8::from_str_radix(digits.get(at..at + 2)?, 16).ok();
    (0..digits.len()).step_by(2).map(pair).collect()
}

/// A run that is to be started.
#[derive(Clone, Debug)]
pub struct NewRun {
    /// The pipeline.
    pub pipeline: ImporterPipelineId,
    /// What it is to do.
    pub kind: RunKind,
    /// The file that it is to read; for an undo, and for a commit that reads the file of its plan, none.
    pub file: Option<ImportFileId>,
    /// The dry run that it is to commit.
    pub plan: Option<ImporterPipelineRunId>,
    /// The run that it is to take back.
    pub undo_of: Option<ImporterPipelineRunId>,
    /// What people call it: unique among the runs of the pipeline.
    pub reference_id: Option<String>,
}

/// Makes sure that a file can be read and that the mapping of a pipeline fits its columns, before a run of it is
/// started. Blocks; never call it on an async thread.
///
/// # Errors
/// [`Error::NotFound`] for an unknown pipeline or file, [`Error::Conflict`] when the file is not ready,
/// [`Error::Invalid`] for what does not fit.
pub fn check(app: &App, scope: &Scope, pipeline: &ImporterPipelineId, file: &ImportFileId) -> Result<()> {
    let (at, master, id) = (scope.clone(), Arc::clone(&app.master), pipeline.clone());
    let catalogs = Arc::clone(&app.catalogs);
    let (config, catalog) = app.db.read_blocking("imports.check", move |tx| {
        let pipeline = record::get::<Pipeline>(tx, &at, &master, id.as_str())?;
        Ok::<_, Error>((pipeline.item.config, catalogs.current(tx, &at.environment.organization)?))
    })?;
    let table = files::table(app, scope, file, &config.file)?;
    let table = table.map_err(|fault| Error::invalid(["file-id"], format!("cannot be read: {fault}")))?;
    let ty = pipelines::type_of(&catalog, &config)?;
    config.check(ty, table.columns()).map(|_| ()).map_err(Error::Invalid)
}

/// Starts a run: a worker begins it soon.
///
/// # Errors
/// [`Error::NotFound`] for an unknown pipeline or file, [`Error::Conflict`] when the pipeline is archived or inactive,
/// is being run, or has a run with this reference ID, and when the file is not ready.
pub fn start(cx: &mut Cx<'_, '_>, new: &NewRun) -> Result<Record<Run>> {
    if !cx.scope.environment.active {
        return Err(Error::InactiveEnvironment);
    }
    let plan = plan::to_commit(cx, new)?;
    let original = undo::to_undo(cx, new)?;
    let pipeline = match &original {
        // What was written can be taken back, whatever became of the pipeline.
        Some(_) => record::get::<Pipeline>(cx.tx, cx.scope, cx.master, new.pipeline.as_str())?,
        None => pipelines::open_active(cx, &new.pipeline)?,
    };
    if pipeline.item.status == PipelineStatus::Inactive && original.is_none() {
        return Err(conflict("this pipeline is inactive; activate it first"));
    }
    // A dry run is committed, and a run taken back, by the configuration that it was made with.
    let config = plan.as_ref().or(original.as_ref()).map(|record| record.item.config.clone());
    let config = config.unwrap_or_else(|| pipeline.item.config.clone());
    refuse_second(cx, &new.pipeline, new.kind)?;
    let reference_id =
        new.reference_id.as_deref().map(|text| reference(cx, &new.pipeline, text)).transpose()?;
    let file = new.file.as_ref().map(|id| files::find(cx.tx, cx.scope, cx.master, id)).transpose()?;
    if file.as_ref().is_some_and(|opened| opened.file.status != FileStatus::Ready) {
        return Err(conflict(
            "this file is not ready to be imported; complete its upload, or upload it again",
        ));
    }
    if file.is_none() && new.undo_of.is_none() {
        return Err(Error::invalid(["file-id"], "must name the file that is to be imported"));
    }
    let digest = file.as_ref().and_then(|opened| opened.file.digest.clone());
    let unique_fields = unique_fields(cx, &config)?;
    let blank = Run::new((cx.ids.mint(), new.kind), config, cx.scope);
    let run = Run {
        pipeline: Some(new.pipeline.clone()),
        file: new.file.clone(),
        warnings: same_file(cx, new.kind, digest.as_deref())?,
        digest: digest.map(|digest| digest.iter().map(|byte| format!("{byte:02x}")).collect()),
        plan: new.plan.clone(),
        undo_of: new.undo_of.clone(),
        reference_id,
        unique_fields,
        ..blank
    };
    touch(cx, &new.pipeline)?;
    let record = record::insert(cx, run, None, Vec::new())?;
    if let Some(plan) = plan {
        plan::note_committed(cx, plan, &record.item)?;
    }
    if let Some(original) = original {
        undo::note_undone(cx, original, &record.item)?;
    }
    jobs::enqueue(cx, Kind::RunImport, record.item.id.as_str(), "")?;
    Ok(record)
}

fn unique_fields(cx: &Cx<'_, '_>, config: &PipelineConfig) -> Result<Vec<String>> {
    let ty = pipelines::type_of(cx.catalog, config)?;
    Ok(ty.identifiers.iter().filter(|one| one.unique).map(|one| one.key.clone()).collect())
}

/// Whoever begins another run of the pipeline at this moment finds that it has changed, and looks again.
fn touch(cx: &mut Cx<'_, '_>, pipeline: &ImporterPipelineId) -> Result<()> {
    let mut pipeline = record::get::<Pipeline>(cx.tx, cx.scope, cx.master, pipeline.as_str())?;
    let same = pipeline.item.clone();
    record::update(cx, &mut pipeline, same, Vec::new())
}

/// Refuses to begin what writes while another run of the pipeline does.
fn refuse_second(cx: &mut Cx<'_, '_>, pipeline: &ImporterPipelineId, kind: RunKind) -> Result<()> {
    let writes = |kind: RunKind| kind != RunKind::DryRun;
    if !writes(kind) {
        return Ok(());
    }
    let all = PageOf { size: UNDER_WAY, after: None, before: None };
    let environment = &cx.scope.environment.id;
    let busy = record::page::<Run>((cx.tx, cx.scope, cx.master), &all, |tx, range| {
        let with = |status: RunStatus| rows::Selection::OfTemplate(pipeline.as_str(), status.as_str());
        record::merge(tx, environment, &[RunStatus::Pending, RunStatus::Running].map(with), range)
    })?;
    match busy.items.into_iter().find(|run| writes(run.item.kind)) {
        None => Ok(()),
        Some(Record { item: run, .. }) => {
            Err(conflict(&format!("{} of this pipeline is under way; wait for it or cancel it", run.id)))
        }
    }
}

fn reference(cx: &mut Cx<'_, '_>, pipeline: &ImporterPipelineId, text: &str) -> Result<String> {
    let text = text.trim();
    if text.is_empty() || text.chars().count() > REFERENCE_CHARS_MAX || text.chars().any(char::is_control) {
        let message = format!("must be 1 to {REFERENCE_CHARS_MAX} characters without control characters");
        return Err(Error::invalid(["reference-id"], message));
    }
    let environment = &cx.scope.environment;
    let mark = environment.index_key.blind("import", "reference", &fold(text));
    if import_sources::is_noted(cx.tx, &environment.id, pipeline, &mark)? {
        return Err(conflict("a run of this pipeline has this reference ID already"));
    }
    import_sources::note(cx.tx, &environment.id, pipeline, &mark, cx.scope.now)?;
    Ok(text.to_owned())
}

/// The newest runs of one content.
pub(super) fn of_content(cx: &mut Cx<'_, '_>, digest: &[u8], limit: i64) -> Result<Vec<Run>> {
    let last = format!("{}~", Run::PREFIX);
    let range = rows::Range { above: Run::PREFIX, below: &last, newest_first: true, limit };
    let ids = rows::page(cx.tx, &cx.scope.environment.id, rows::Selection::WithLookup(digest), range)?;
    let found = record::find_many::<Run>(cx.tx, cx.scope, cx.master, &ids)?;
    Ok(found.into_iter().map(|record| record.item).collect())
}

/// Warns of a file that was imported before.
fn same_file(cx: &mut Cx<'_, '_>, kind: RunKind, digest: Option<&[u8]>) -> Result<Vec<RunWarning>> {
    let Some(digest) = digest.filter(|_| kind == RunKind::Import) else { return Ok(Vec::new()) };
    let before = of_content(cx, digest, LOOKED_AT)?.into_iter().find(|run| {
        run.kind == RunKind::Import && run.importer.is_none() && run.status != RunStatus::Pending
    });
    Ok(before.map_or_else(Vec::new, |run| {
        let message = format!("A file with the same content was imported before, by {}.", run.id);
        vec![RunWarning { code: "same_file".to_owned(), message, run: Some(run.id) }]
    }))
}

pub(super) fn conflict(details: &str) -> Error {
    Error::Conflict { title: "Conflict", details: details.to_owned() }
}

/// Lets a run wait. What is written stays, and it goes on from there.
///
/// # Errors
/// [`Error::NotFound`], [`Error::Conflict`] when it is not running.
pub fn pause(cx: &mut Cx<'_, '_>, id: &ImporterPipelineRunId) -> Result<Record<Run>> {
    transition(cx, id, RunAction::Pause)
}

/// Lets a run go on that was paused, that gave up, or that was taken down.
///
/// # Errors
/// [`Error::NotFound`], [`Error::Conflict`] when it is in another state.
pub fn resume(cx: &mut Cx<'_, '_>, id: &ImporterPipelineRunId) -> Result<Record<Run>> {
    transition(cx, id, RunAction::Resume)
}

/// Ends a run. What is written stays.
///
/// # Errors
/// [`Error::NotFound`], [`Error::Conflict`] when it has ended.
pub fn cancel(cx: &mut Cx<'_, '_>, id: &ImporterPipelineRunId) -> Result<Record<Run>> {
    transition(cx, id, RunAction::Cancel)
}

fn transition(cx: &mut Cx<'_, '_>, id: &ImporterPipelineRunId, action: RunAction) -> Result<Record<Run>> {
    // The job first, as whoever writes a chunk: nobody waits for the other in a circle.
    if action != RunAction::Resume {
        jobs::cancel(cx, Kind::RunImport, id.as_str())?;
    }
    let mut record = record::get::<Run>(cx.tx, cx.scope, cx.master, id.as_str())?;
    if record.item.importer.is_some() {
        return Err(Error::NotFound);
    }
    let mut run = record.item.clone();
    if let (RunAction::Resume, Some(undo)) = (action, run.undone_by.last()) {
        return Err(conflict(&format!(
            "{undo} takes back what this run wrote; import the file again instead"
        )));
    }
    run.counters = counters(muster_store::imports::sums(cx.tx, &cx.scope.environment.id, id)?);
    let told = move_on(&mut run, action, cx.scope.now)?;
    if action == RunAction::Cancel {
        erase::cells_later(cx, id)?;
    }
    if action == RunAction::Resume {
        if let Some(pipeline) = &run.pipeline {
            refuse_second(cx, pipeline, run.kind)?;
            touch(cx, pipeline)?;
        }
        jobs::enqueue(cx, Kind::RunImport, id.as_str(), "")?;
    }
    record::update(cx, &mut record, run, told)?;
    Ok(record)
}

/// Moves a run on. Returns what is told of it.
///
/// # Errors
/// [`Error::Conflict`] when that cannot be from the state it is in.
pub(super) fn move_on(run: &mut Run, action: RunAction, now: Timestamp) -> Result<Vec<Told>> {
    let Some(transition) = run.status.after(action) else {
        let can = |status: &&RunStatus| status.after(action).is_some();
        let from: Vec<&str> = RunStatus::ALL.iter().filter(can).map(|status| status.as_str()).collect();
        let details =
            format!("this run is {}; for this it must be {}", run.status.as_str(), from.join(" or "));
        return Err(conflict(&details));
    };
    run.status = transition.status;
    run.ended_at = transition.status.has_ended().then_some(now);
    if action == RunAction::Resume {
        run.run_count += 1;
        run.reason = None;
    }
    if run.status == RunStatus::Running {
        run.started_at = run.started_at.or(Some(now));
        run.begun_at = Some(now);
        run.begun_with = run.counters.read;
    }
    // What does the work of an importer is told by that.
    let tells = transition.event.is_some() && run.importer.is_none();
    Ok(event(action).filter(|_| tells).map(told).into_iter().collect())
}

const fn event(action: RunAction) -> Option<EventName> {
    Some(match action {
        RunAction::Start => EventName::ImporterPipelineRunStarted,
        RunAction::Pause => EventName::ImporterPipelineRunPaused,
        RunAction::Resume => EventName::ImporterPipelineRunResumed,
        RunAction::Cancel => EventName::ImporterPipelineRunCanceled,
        RunAction::Complete => EventName::ImporterPipelineRunCompleted,
        RunAction::Fail => EventName::ImporterPipelineRunErrored,
        RunAction::Kill => return None,
    })
}

/// Does a run in this process, to its end or until it is paused. False when there is nothing to do at the moment:
/// somebody else does it, it was put off after a failure, or it has ended. Blocks; never call it on an async thread.
///
/// # Errors
/// What keeps it from being done. It stays in, and is tried again.
pub fn take_up(app: &App, environment: &EnvironmentId, id: &ImporterPipelineRunId) -> Result<bool> {
    jobs::run_of(app, environment, Kind::RunImport, id.as_str())
}
