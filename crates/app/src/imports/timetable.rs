//! Pipelines that look for files by themselves: at which times, and what they do with what they find.

use std::io::Read;
use std::sync::Arc;
use std::time::Duration;

use muster_domain::import::{FileSource, RunKind, RunStatus, Schedule};
use muster_domain::{ImportFileId, ImporterPipelineId, ImporterPipelineRunId, Timestamp};
use muster_store::import_sources;
use muster_store::jobs::{self as job_rows, JobRow};
use serde::{Deserialize, Serialize};

use super::erase;
use super::files::{self, PART_BYTES, PARTS_MAX};
use super::pipelines::{self, Pipeline, PipelineStatus};
use super::runs::{self, NewRun, PageRequest};
use crate::jobs::{self, Kind, Step};
use crate::outside::{Failure, FoundFile};
use crate::record::{self, PageOf};
use crate::{App, Cx, Error, ReadCx, Result, Scope};

/// How long the job is kept while files are read.
const LEASE: Duration = Duration::from_mins(2);
/// How soon a pipeline looks again while files wait for the run of another one.
const AGAIN: Duration = Duration::from_secs(10);
/// The state of a job that has more files to take.
const MORE: &str = "more";
/// Files in a row that cannot be had before a look gives up: more is likely to be out of reach then.
const OUT_OF_REACH_MAX: u32 = 3;

/// What a look for files came to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Look {
    /// When it was.
    pub at: Timestamp,
    /// What it came to.
    pub outcome: LookOutcome,
    /// The run that was started, or that was in the way.
    #[serde(default)]
    pub run: Option<ImporterPipelineRunId>,
    /// Why it failed, and how to mend it.
    #[serde(default)]
    pub reason: Option<String>,
}

/// What a look for files came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LookOutcome {
    /// There was a new file, and a run of it was started.
    Started,
    /// There was no new file.
    NothingNew,
    /// A run of the pipeline was under way.
    Skipped,
    /// The source could not be read, or its file not be imported.
    Failed,
}

impl LookOutcome {
    /// Its name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Started => "started",
            Self::NothingNew => "nothing-new",
            Self::Skipped => "skipped",
            Self::Failed => "failed",
        }
    }
}

/// Sets when a pipeline looks next, as its configuration and status say.
///
/// # Errors
/// [`Error::Invalid`] for a schedule or a source that makes no sense.
pub(super) fn set(cx: &mut Cx<'_, '_>, pipeline: &mut Pipeline) -> Result<()> {
    let timetable = pipeline.config.timetable().map_err(Error::Invalid)?;
    let works = pipeline.status == PipelineStatus::Active && pipeline.archived_at.is_none();
    let next = timetable.filter(|_| works).and_then(|(schedule, _)| schedule.next_after(cx.scope.now));
    if next != pipeline.next_run_at {
        jobs::cancel(cx, Kind::LookForFiles, pipeline.id.as_str())?;
        if let Some(at) = next {
            jobs::enqueue_at(cx, Kind::LookForFiles, pipeline.id.as_str(), "", at)?;
        }
    }
    pipeline.next_run_at = next;
    Ok(())
}

/// One look for files, as a job.
///
/// # Errors
/// What the store reports.
pub(crate) fn look(app: &App, scope: &Scope, job: &JobRow) -> Result<()> {
    let id = ImporterPipelineId::trusted(job.subject_id.clone());
    let pipeline = match read(app, scope, move |cx| pipelines::get(cx, &id)) {
        Ok(record) => Some(record.item).filter(|one| one.status == PipelineStatus::Active),
        Err(Error::NotFound) => None,
        Err(error) => return Err(error),
    };
    let timetable = pipeline.as_ref().and_then(|one| one.config.timetable().ok().flatten());
    let (Some(pipeline), Some((schedule, source))) = (pipeline, timetable) else {
        let job = job.clone();
        return jobs::transact(app, scope, "imports.no_look", move |cx| {
            jobs::conclude(cx, &job, &Step::Done)
        });
    };
    let looker = Looker { app, scope, job, pipeline: &pipeline, source: &source };
    let (found, left) = looker.look()?;
    looker.conclude(&schedule, found, left)
}

fn read<T: Send + 'static>(
    app: &App,
    scope: &Scope,
    mut query: impl FnMut(&mut ReadCx<'_, '_>) -> Result<T> + Send + 'static,
) -> Result<T> {
    let (scope, master, catalogs) = (scope.clone(), Arc::clone(&app.master), Arc::clone(&app.catalogs));
    app.db.read_blocking("imports.look", move |tx| {
        query(&mut ReadCx { tx, scope: &scope, catalogs: &catalogs, master: &master })
    })
}

/// Whether files were left for the next look.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Left {
    Nothing,
    More,
}

/// What became of a file that was found.
#[derive(Clone)]
enum Took {
    /// A run of it was started.
    Started(ImporterPipelineRunId),
    /// Its content was taken before.
    Known,
    /// It could not be read.
    OutOfReach(Failure),
    /// It is nothing that can be imported, and why.
    Refused(String),
}

/// Why a file need not be read at all.
fn unusable(found: &FoundFile) -> Option<&'static str> {
    match found.byte_size {
        0 => Some("it is empty"),
        bytes if bytes > PARTS_MAX * PART_BYTES as u64 => {
            Some("it has more than 4 GiB; split it into several")
        }
        _ => None,
    }
}

struct Looker<'a> {
    app: &'a App,
    scope: &'a Scope,
    job: &'a JobRow,
    pipeline: &'a Pipeline,
    source: &'a FileSource,
}

impl Looker<'_> {
    /// Looks once. A pipeline has one run at a time, so the first new file is taken.
    fn look(&self) -> Result<(Look, Left)> {
        if let Some(run) = self.under_way()? {
            let left = if self.job.state == MORE { Left::More } else { Left::Nothing };
            return Ok((self.came_to(LookOutcome::Skipped, Some(run), None), left));
        }
        let found = match self.app.outside.list_files(self.source) {
            Ok(found) => found,
            Err(failure) => return Ok((self.failed(&failure), Left::Nothing)),
        };
        let mut new = Vec::new();
        for file in found {
            if !self.is_noted(&format!("name/{}/{}", file.name, file.mark))? {
                new.push(file);
            }
        }
        // One file that cannot be had must not keep those behind it back.
        let (mut reason, mut out_of_reach) = (None::<String>, 0);
        for (index, file) in new.iter().enumerate() {
            let left = if index + 1 < new.len() { Left::More } else { Left::Nothing };
            match self.take(file) {
                Ok(Took::Started(run)) => {
                    return Ok((self.came_to(LookOutcome::Started, Some(run), reason), left));
                }
                // Its content came under another name before.
                Ok(Took::Known) => {}
                Ok(Took::Refused(why)) => {
                    reason.get_or_insert_with(|| format!("{}: {why}", file.name));
                }
                Ok(Took::OutOfReach(failure)) => {
                    reason.get_or_insert_with(|| format!("{}: {failure}", file.name));
                    out_of_reach += 1;
                    if out_of_reach == OUT_OF_REACH_MAX {
                        break;
                    }
                }
                Err(error) if error.is_refusal() => {
                    let reason = Some(format!("{}: {error}", file.name));
                    return Ok((self.came_to(LookOutcome::Failed, None, reason), Left::Nothing));
                }
                Err(error) => return Err(error),
            }
        }
        let outcome = if reason.is_some() { LookOutcome::Failed } else { LookOutcome::NothingNew };
        Ok((self.came_to(outcome, None, reason), Left::Nothing))
    }

    fn came_to(
        &self,
        outcome: LookOutcome,
        run: Option<ImporterPipelineRunId>,
        reason: Option<String>,
    ) -> Look {
        Look { at: self.app.now(), outcome, run, reason }
    }

    fn failed(&self, failure: &Failure) -> Look {
        self.came_to(LookOutcome::Failed, None, Some(failure.to_string()))
    }

    /// A run of the pipeline that another one would have to wait for.
    fn under_way(&self) -> Result<Option<ImporterPipelineRunId>> {
        let request = PageRequest {
            page: PageOf { size: 100, ..PageOf::default() },
            pipeline: Some(self.pipeline.id.clone()),
            statuses: Some(vec![RunStatus::Pending, RunStatus::Running]),
        };
        let page = read(self.app, self.scope, move |cx| runs::page(cx, &request))?;
        let mut busy = page.items.into_iter().map(|record| record.item);
        Ok(busy.find(|run| run.kind != RunKind::DryRun).map(|run| run.id))
    }

    fn mark(&self, text: &str) -> Vec<u8> {
        self.scope.environment.index_key.blind("import", "seen", text)
    }

    fn is_noted(&self, text: &str) -> Result<bool> {
        let (environment, pipeline) = (self.scope.environment.id.clone(), self.pipeline.id.clone());
        let mark = self.mark(text);
        self.app.db.read_blocking("imports.is_seen", move |tx| {
            import_sources::is_noted(tx, &environment, &pipeline, &mark).map_err(Error::from)
        })
    }

    /// Stores a file and starts a run of it, unless its content was taken before.
    fn take(&self, found: &FoundFile) -> Result<Took> {
        if let Some(why) = unusable(found) {
            return self.refuse(found, why.to_owned());
        }
        let id = match self.store(found) {
            Ok(Ok(id)) => id,
            Ok(Err(failure)) => return Ok(Took::OutOfReach(failure)),
            Err(error) if error.is_refusal() => return self.refuse(found, error.to_string()),
            Err(error) => return Err(error),
        };
        let file = files::show(self.app, self.scope, &id)?;
        let digest: String = file.digest.iter().flatten().map(|byte| format!("{byte:02x}")).collect();
        let (name, content) = (format!("name/{}/{}", found.name, found.mark), format!("content/{digest}"));
        let is_known = self.is_noted(&content)?;
        let marks = [self.mark(&name), self.mark(&content)];
        let new = NewRun {
            pipeline: self.pipeline.id.clone(),
            kind: RunKind::Import,
            file: Some(id.clone()),
            plan: None,
            undo_of: None,
            reference_id: None,
        };
        let scope = Scope { now: self.app.now(), ..self.scope.clone() };
        let kept = id.clone();
        let taken = jobs::transact(self.app, &scope, "imports.take", move |cx| {
            let environment = &cx.scope.environment.id;
            for mark in &marks {
                import_sources::note(cx.tx, environment, &new.pipeline, mark, cx.scope.now)?;
            }
            if is_known {
                erase::file_now(cx, &id)?;
                return Ok(Took::Known);
            }
            runs::start(cx, &new).map(|record| Took::Started(record.item.id))
        });
        if taken.is_err() {
            self.erase(kept)?;
        }
        taken
    }

    /// Notes a file that cannot be imported: it is not asked for again until it changes.
    fn refuse(&self, found: &FoundFile, why: String) -> Result<Took> {
        let mark = self.mark(&format!("name/{}/{}", found.name, found.mark));
        let pipeline = self.pipeline.id.clone();
        let scope = Scope { now: self.app.now(), ..self.scope.clone() };
        jobs::transact(self.app, &scope, "imports.refuse", move |cx| {
            let environment = &cx.scope.environment.id;
            Ok(import_sources::note(cx.tx, environment, &pipeline, &mark, cx.scope.now).map(|_| ())?)
        })?;
        Ok(Took::Refused(why))
    }

    fn erase(&self, file: ImportFileId) -> Result<()> {
        let scope = Scope { now: self.app.now(), ..self.scope.clone() };
        jobs::transact(self.app, &scope, "imports.erase", move |cx| erase::file_now(cx, &file))
    }

    fn store(&self, found: &FoundFile) -> Result<Result<ImportFileId, Failure>> {
        let mut content = match self.app.outside.open_file(self.source, found) {
            Ok(content) => content,
            Err(failure) => return Ok(Err(failure)),
        };
        let name = found.name.rsplit('/').next().unwrap_or(&found.name).to_owned();
        let scope = Scope { now: self.app.now(), ..self.scope.clone() };
        let file = jobs::transact(self.app, &scope, "imports.file", move |cx| files::create(cx, &name))?;
        let filled = self.fill(&file.id, &mut *content);
        if !matches!(filled, Ok(Ok(()))) {
            self.erase(file.id.clone())?;
        }
        filled.map(|filled| filled.map(|()| file.id))
    }

    fn fill(&self, file: &ImportFileId, content: &mut dyn Read) -> Result<Result<(), Failure>> {
        let (mut part, mut kept_at) = (Vec::with_capacity(PART_BYTES), self.app.now());
        self.keep()?;
        for number in 0..=PARTS_MAX {
            part.clear();
            if let Err(error) = (&mut *content).take(PART_BYTES as u64).read_to_end(&mut part) {
                let why = format!("a file broke off ({})", error.kind());
                return Ok(Err(Failure::Unreachable(why)));
            }
            if part.is_empty() {
                break;
            }
            files::put_part(self.app, self.scope, file, number, &part)?;
            if self.app.now() >= kept_at + LEASE / 4 {
                kept_at = self.app.now();
                self.keep()?;
            }
        }
        files::complete(self.app, self.scope, file).map(|_| Ok(()))
    }

    /// Keeps the job while a large file is read.
    fn keep(&self) -> Result<()> {
        let (job, until) = (self.job.clone(), self.app.now() + LEASE);
        let is_mine = self.app.db.write_blocking("imports.keep_look", move |tx| {
            job_rows::release(tx, &job, until).map_err(Error::from)
        })?;
        if is_mine { Ok(()) } else { Err(Error::bug("the lease of a job ran out")) }
    }

    /// Notes what the look came to, and when the next one is.
    fn conclude(&self, schedule: &Schedule, look: Look, left: Left) -> Result<()> {
        let now = self.app.now();
        let next = match left {
            Left::More => Some(now + AGAIN),
            Left::Nothing => schedule.next_after(now),
        };
        let state = if left == Left::More { MORE } else { "" };
        let scope = Scope { now, ..self.scope.clone() };
        let (id, job) = (self.pipeline.id.clone(), self.job.clone());
        // While files wait their turn, that a run is under way is as it should be.
        let is_waiting = self.job.state == MORE && look.outcome == LookOutcome::Skipped;
        jobs::transact(self.app, &scope, "imports.looked", move |cx| {
            let step = match next {
                None => Step::Done,
                Some(next) => {
                    let pause = next.as_micros() - now.as_micros();
                    let pause = Duration::from_micros(u64::try_from(pause).unwrap_or(0));
                    Step::Again { state: state.to_owned(), pause }
                }
            };
            jobs::conclude(cx, &job, &step)?;
            let mut record = record::get::<Pipeline>(cx.tx, cx.scope, cx.master, id.as_str())?;
            let mut pipeline = record.item.clone();
            pipeline.next_run_at = next;
            if !is_waiting {
                pipeline.last_look = Some(look.clone());
            }
            record::update(cx, &mut record, pipeline, Vec::new())
        })
    }
}
