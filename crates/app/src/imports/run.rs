//! A run, as a durable job: what it reads goes into the database chunk by chunk.

use std::collections::VecDeque;
use std::collections::hash_map::RandomState;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, sync_channel};
use std::time::Duration;

use muster_domain::import::{Counters, RunAction, RunKind, RunStatus, Target};
use muster_domain::{IdSource, ImporterPipelineRunId, Timestamp};
use muster_store::Pending;
use muster_store::imports as rows;
use muster_store::jobs::{self as job_rows, JobRow};

use super::chunk::{self, Chunk, Owner, Written};
use super::covered::Covered;
use super::outcomes::counters;
use super::pace::{Company, InFlight, Speed};
use super::plan::Planned;
use super::prepare::State;
use super::runs::{self, Run};
use super::seen::Seen;
use super::source::{self, Order, Read, Source};
use super::undo::Undo;
use super::{erase, files, legacy, pipelines};
use crate::jobs::{self, Step};
use crate::record::{self, Record};
use crate::{App, Cx, Error, Result, Scope};

/// How long a process that ends leaves a run lying before another one goes on with it.
pub(crate) const LEASE: Duration = Duration::from_secs(15);
/// How often a run says how far it is, and keeps its lease.
pub(super) const TELL_EVERY: Duration = Duration::from_millis(500);
/// Chunks that are prepared ahead.
const AHEAD: usize = 1;
/// Chunks that are being written at once.
const AT_ONCE: usize = 2;
/// Chunks of which the list of what is done is read at once.
const COVERED_AT_ONCE: i64 = 5000;
/// Tries of a chunk while the database is busy or the types change.
const TRIES: u32 = 20;
/// Chunks for which others are taken into account after they wrote: some ten seconds.
const POLITE_FOR: u32 = 500;
/// How long to wait before such a try.
const PAUSE: Duration = Duration::from_millis(50);
/// Failures in a row after which a run is taken down: some four minutes.
const FAILURES_MAX: i64 = 8;

/// One run, as a job.
///
/// # Errors
/// What the store reports.
pub(crate) fn run(app: &App, scope: &Scope, job: &JobRow) -> Result<()> {
    let id = ImporterPipelineRunId::trusted(job.subject_id.clone());
    let Some(record) = begin(app, scope, job, &id)? else { return Ok(()) };
    let scope = Scope { actor: record.item.actor(), ..scope.clone() };
    let work = Work { app, scope: &scope, job, id: &id, record: &record };
    match work.go()? {
        End::Stopped => Ok(()),
        End::Over(action, reason) => work.finish(action, reason.as_deref()),
        End::HandedOver => {
            let (job, now) = (job.clone(), app.now());
            app.db.write_blocking("imports.hand_over", move |tx| {
                job_rows::release(tx, &job, now).map(|_| ()).map_err(Error::from)
            })
        }
    }
}

/// Takes a run up. None when there is nothing to be done.
fn begin(app: &App, scope: &Scope, job: &JobRow, id: &ImporterPipelineRunId) -> Result<Option<Record<Run>>> {
    let (id, job, now) = (id.clone(), job.clone(), app.now());
    let scope = Scope { now, ..scope.clone() };
    jobs::transact(app, &scope, "imports.begin", move |cx| {
        if !job_rows::release(cx.tx, &job, now + LEASE)? {
            return Ok(None);
        }
        let mut record = record::get::<Run>(cx.tx, cx.scope, cx.master, id.as_str())?;
        let mut run = record.item.clone();
        let told = match run.status {
            _ if job.failures >= FAILURES_MAX => {
                run.reason = Some("It could not be gone on with; see the log of the server.".to_owned());
                let _ = runs::move_on(&mut run, RunAction::Start, now);
                let told = runs::move_on(&mut run, RunAction::Kill, now)?;
                jobs::conclude(cx, &job, &Step::Done)?;
                run.counters = counters(rows::sums(cx.tx, &cx.scope.environment.id, &id)?);
                legacy::conclude(cx, &run, RunAction::Kill)?;
                erase::cells_later(cx, &id)?;
                record::update(cx, &mut record, run, told)?;
                return Ok(None);
            }
            RunStatus::Pending => runs::move_on(&mut run, RunAction::Start, now)?,
            RunStatus::Running => return Ok(Some(record)),
            _ => {
                jobs::conclude(cx, &job, &Step::Done)?;
                return Ok(None);
            }
        };
        record::update(cx, &mut record, run, told)?;
        Ok(Some(record))
    })
}

/// How the work on a run ended.
pub(super) enum End {
    /// It was paused or canceled, or somebody else has it.
    Stopped,
    /// It is over, and why if it gave up.
    Over(RunAction, Option<String>),
    /// The process ends: another one goes on.
    HandedOver,
}

/// A run that a worker is at.
pub(super) struct Work<'a> {
    pub(super) app: &'a App,
    pub(super) scope: &'a Scope,
    pub(super) job: &'a JobRow,
    pub(super) id: &'a ImporterPipelineRunId,
    pub(super) record: &'a Record<Run>,
}

impl Work<'_> {
    fn go(&self) -> Result<End> {
        let run = &self.record.item;
        if let Some(original) = &run.undo_of {
            return Undo::new(self, original)?.go();
        }
        let Some(file) = &run.file else { return Err(Error::bug("a run has nothing to read")) };
        let size = files::show(self.app, self.scope, file)?.byte_size;
        let table = match files::table(self.app, self.scope, file, &run.config.file) {
            Ok(Ok(table)) => table,
            Ok(Err(fault)) => return Ok(End::Over(RunAction::Fail, Some(fault.to_string()))),
            Err(error) if error.is_refusal() => {
                return Ok(End::Over(RunAction::Fail, Some(error.to_string())));
            }
            Err(error) => return Err(error),
        };
        let (covered, counters) = self.done_before()?;
        let (speed, in_flight) = (Speed::new(self.app.imports.pace()), InFlight::default());
        let columns = table.columns().to_vec();
        let source = Source {
            app: self.app,
            scope: self.scope.clone(),
            run,
            table,
            covered,
            speed: &speed,
            in_flight: &in_flight,
            hash: RandomState::new(),
            seen: Seen::default(),
            waiting: None,
            order: order(run),
            ids: IdSource::random(self.app.now()),
            planned: Planned::of(self.app, self.scope, run)?,
        };
        std::thread::scope(|threads| {
            let (to, from) = sync_channel(AHEAD);
            std::thread::Builder::new()
                .name("import".to_owned())
                .spawn_scoped(threads, move || source.send(&to))
                .map_err(|error| Error::bug(format!("cannot start a thread: {error}")))?;
            let writer = Writer {
                work: self,
                speed: &speed,
                in_flight: &in_flight,
                pending: VecDeque::new(),
                order: order(run),
                counters,
                columns,
                size,
                bytes_read: 0,
                told_at: self.app.now(),
                chunks: 0,
                writes_seen: self.app.db.writes_begun(),
                polite_for: 0,
            };
            writer.write_all(&from)
        })
    }

    /// What was done before: which rows, and what they came to.
    fn done_before(&self) -> Result<(Covered, Counters)> {
        let mut covered = Covered::default();
        let mut from = 0;
        loop {
            let (environment, id) = (self.scope.environment.id.clone(), self.id.clone());
            let chunks = self.app.db.read_blocking("imports.covered", move |tx| {
                rows::covered(tx, &environment, &id, from, COVERED_AT_ONCE).map_err(Error::from)
            })?;
            let Some((last, _)) = chunks.last() else { break };
            from = last + 1;
            for (first, count) in chunks {
                covered.push(u64::try_from(first).unwrap_or(0), u64::try_from(count).unwrap_or(0));
            }
        }
        let (environment, id) = (self.scope.environment.id.clone(), self.id.clone());
        let sums = self.app.db.read_blocking("imports.sums", move |tx| {
            rows::sums(tx, &environment, &id).map_err(Error::from)
        })?;
        Ok((covered, counters(sums)))
    }

    /// Says how far the run is, and keeps its lease. False when it is not to go on.
    pub(super) fn tell(
        &self,
        counters: Counters,
        columns: &[String],
        estimated: Option<u64>,
    ) -> Result<bool> {
        let now = self.app.now();
        let (job, id, columns) = (self.job.clone(), self.id.clone(), columns.to_vec());
        let scope = Scope { now, ..self.scope.clone() };
        jobs::transact(self.app, &scope, "imports.tell", move |cx| {
            let mut record = record::get::<Run>(cx.tx, cx.scope, cx.master, id.as_str())?;
            let is_mine = match counters.read > record.item.counters.read {
                true => job_rows::keep(cx.tx, &job, now + LEASE)?,
                false => job_rows::release(cx.tx, &job, now + LEASE)?,
            };
            if !is_mine {
                return Ok(false);
            }
            if record.item.status != RunStatus::Running {
                return Ok(false);
            }
            let mut run = record.item.clone();
            (run.counters, run.columns) = (counters, columns.clone());
            run.estimated_rows = estimated.or(run.estimated_rows);
            record::update(cx, &mut record, run, Vec::new())?;
            Ok(true)
        })
    }

    /// Ends the run: exact counts, status, event and job at once.
    fn finish(&self, action: RunAction, reason: Option<&str>) -> Result<()> {
        let (id, job, reason) = (self.id.clone(), self.job.clone(), reason.map(str::to_owned));
        let scope = Scope { now: self.app.now(), ..self.scope.clone() };
        jobs::transact(self.app, &scope, "imports.finish", move |cx| {
            if rows::hold_status(cx.tx, &job, &id)?.is_none() {
                return Ok(());
            }
            jobs::conclude(cx, &job, &Step::Done)?;
            let mut record = record::get::<Run>(cx.tx, cx.scope, cx.master, id.as_str())?;
            let mut run = record.item.clone();
            if run.status != RunStatus::Running {
                return Ok(());
            }
            let told = runs::move_on(&mut run, action, cx.scope.now)?;
            run.counters = counters(rows::sums(cx.tx, &cx.scope.environment.id, &id)?);
            run.reason.clone_from(&reason);
            if action == RunAction::Complete {
                run.estimated_rows = Some(run.counters.read);
            }
            archive_pipeline(cx, &run, action)?;
            legacy::conclude(cx, &run, action)?;
            erase::cells_later(cx, &id)?;
            record::update(cx, &mut record, run, told)
        })
    }
}

fn archive_pipeline(cx: &mut Cx<'_, '_>, run: &Run, action: RunAction) -> Result<()> {
    match &run.pipeline {
        Some(pipeline)
            if action == RunAction::Complete
                && run.kind == RunKind::Import
                && run.config.archive_after_completion =>
        {
            pipelines::archive(cx, pipeline).map(|_| ())
        }
        _ => Ok(()),
    }
}

/// Which order of the rows of a run counts.
fn order(run: &Run) -> Order {
    let key = run.config.key_target();
    let moves_keys = run
        .config
        .mapping
        .iter()
        .any(|entry| Some(&entry.target) != key.as_ref() && may_be_unique(run, &entry.target));
    if moves_keys { Order::OfAll } else { Order::OfOneKey }
}

/// Whether a target other than the key may be a key of its own.
fn may_be_unique(run: &Run, target: &Target) -> bool {
    match target {
        Target::Field(key) => {
            let is_it = |unique: &String| inflect(unique) == inflect(key);
            run.unique_fields.iter().any(is_it)
        }
        Target::ReferenceId | Target::Relation(_) => true,
        Target::AccountId | Target::Tags | Target::Status => false,
    }
}

/// A key whatever its inflection.
fn inflect(key: &str) -> String {
    key.chars().filter(|c| !matches!(c, '-' | '_')).flat_map(char::to_lowercase).collect()
}

/// A chunk that is being written.
struct UnderWay {
    chunk: Arc<Chunk>,
    end: Pending<Written, Error>,
}

/// The writing end of a run.
struct Writer<'a> {
    work: &'a Work<'a>,
    speed: &'a Speed,
    in_flight: &'a InFlight,
    pending: VecDeque<UnderWay>,
    order: Order,
    counters: Counters,
    columns: Vec<String>,
    size: u64,
    bytes_read: u64,
    told_at: Timestamp,
    chunks: u64,
    /// How many writes others had begun when it last looked.
    writes_seen: u64,
    /// Chunks for which it still takes others into account.
    polite_for: u32,
}

impl Writer<'_> {
    fn write_all(mut self, from: &Receiver<Read>) -> Result<End> {
        self.tell()?;
        let end = loop {
            match from.recv_timeout(TELL_EVERY) {
                Ok(Read::Chunk(chunk)) => {
                    if let Some(end) = self.write(Arc::from(chunk))? {
                        return Ok(end);
                    }
                }
                Ok(Read::End) => break End::Over(RunAction::Complete, None),
                Ok(Read::Fault(reason)) => break End::Over(RunAction::Fail, Some(reason)),
                Ok(Read::Failed(error)) => return Err(error),
                // What was done before is read over for a while: the lease must not run out meanwhile.
                Err(RecvTimeoutError::Timeout) => {
                    if !self.tell()? {
                        return Ok(End::Stopped);
                    }
                }
                Err(RecvTimeoutError::Disconnected) => {
                    return Err(Error::bug("the reading thread of an import stopped"));
                }
            }
        };
        while !self.pending.is_empty() {
            if let Some(end) = self.settle_oldest()? {
                return Ok(end);
            }
        }
        Ok(end)
    }

    /// Begins to write a chunk. Returns an end when the run is not to go on.
    fn write(&mut self, chunk: Arc<Chunk>) -> Result<Option<End>> {
        let at_once = if self.order == Order::OfAll { 1 } else { AT_ONCE };
        while self.pending.len() >= at_once || self.is_in_the_way(&chunk) {
            if let Some(end) = self.settle_oldest()? {
                return Ok(Some(end));
            }
        }
        let end = self.begin(&chunk)?;
        self.pending.push_back(UnderWay { chunk, end });
        Ok(None)
    }

    fn is_in_the_way(&self, chunk: &Chunk) -> bool {
        self.pending.iter().any(|other| chunk.touched.iter().any(|key| other.chunk.touched.contains(key)))
    }

    fn begin(&self, chunk: &Arc<Chunk>) -> Result<Pending<Written, Error>> {
        let Work { app, job, id, record, .. } = self.work;
        let owner = Owner { run: (*id).clone(), key: record.key.clone(), job: (*job).clone() };
        let (chunk, master) = (Arc::clone(chunk), Arc::clone(&app.master));
        app.db.write_bulk("imports.chunk", move |tx| chunk::write(tx, &master, &owner, &chunk))
    }

    /// Waits for the chunk that was begun first. Returns an end when the run is not to go on.
    fn settle_oldest(&mut self) -> Result<Option<End>> {
        let Some(UnderWay { chunk, end }) = self.pending.pop_front() else { return Ok(None) };
        let (mut chunk, mut written) = (chunk, end.wait());
        for _ in 0..TRIES {
            match written {
                Err(Error::StaleCatalog) => match self.prepared_again(&chunk) {
                    Ok(again) => chunk = again,
                    // Its texts name columns: they belong into the run, not into a log.
                    Err(Error::Invalid(violations)) => {
                        let reason = source::does_not_fit(&violations);
                        return Ok(Some(End::Over(RunAction::Fail, Some(reason))));
                    }
                    Err(error) => return Err(error),
                },
                Err(Error::Busy | Error::Retry(_)) => std::thread::sleep(PAUSE),
                _ => break,
            }
            written = self.begin(&chunk)?.wait();
        }
        let Written::Done { counters, took } = written? else { return Ok(Some(End::Stopped)) };
        self.in_flight.remove(&chunk.touched);
        self.speed.learn(counters.read, took, self.company());
        self.counters.add(&counters);
        self.bytes_read = self.bytes_read.max(chunk.bytes_read);
        self.chunks += 1;
        self.after_chunk()
    }

    /// Whether somebody else wrote lately.
    fn company(&mut self) -> Company {
        let writes = self.work.app.db.writes_begun();
        if writes != self.writes_seen {
            (self.writes_seen, self.polite_for) = (writes, POLITE_FOR);
        }
        self.polite_for = self.polite_for.saturating_sub(1);
        if self.polite_for > 0 { Company::Others } else { Company::Alone }
    }

    fn after_chunk(&mut self) -> Result<Option<End>> {
        let Work { app, record, .. } = self.work;
        if let Some(interruption) = app.imports.interruption()
            && interruption(self.chunks).is_break()
        {
            return Ok(Some(End::Stopped));
        }
        let run = &record.item;
        if run.importer.is_none() && self.counters.is_hopeless(run.config.max_error_ratio) {
            // What is under way ends before the run does: the counts are of all.
            while let Some(UnderWay { end, .. }) = self.pending.pop_front() {
                let _ = end.wait();
            }
            let Counters { read, errors, .. } = self.counters;
            let reason = format!(
                "{errors} of the first {read} rows were refused. Mend the mapping or the file, or raise \
                 max-error-ratio, and start again; what was written stays."
            );
            return Ok(Some(End::Over(RunAction::Fail, Some(reason))));
        }
        if app.imports.stops() {
            while let Some(UnderWay { end, .. }) = self.pending.pop_front() {
                let _ = end.wait();
            }
            return Ok(Some(End::HandedOver));
        }
        if app.now() >= self.told_at + TELL_EVERY && !self.tell()? {
            return Ok(Some(End::Stopped));
        }
        Ok(None)
    }

    /// The same rows, prepared at the catalog of now.
    fn prepared_again(&self, chunk: &Chunk) -> Result<Arc<Chunk>> {
        let Work { app, scope, record, .. } = self.work;
        let preparer = Arc::new(source::preparer(app, scope, &record.item, &self.columns)?);
        let mut lines = chunk.lines.clone();
        let named = lines.iter().filter(|line| matches!(line.state, State::Write(_)));
        let named = named.filter_map(|line| preparer.map(&line.cells).account_id).collect();
        let types = source::types(app, &preparer, named)?;
        let mut items = Vec::with_capacity(chunk.items.len());
        source::prepare_again(&preparer, &mut lines, &mut items, &types);
        let ids = &mut IdSource::random(preparer.scope.now);
        for item in &mut items {
            item.draft(&app.master, ids);
        }
        let (touched, planned) = (chunk.touched.clone(), chunk.planned.clone());
        let bytes_read = chunk.bytes_read;
        let ends = match self.order {
            Order::OfOneKey if items.is_empty() => Vec::new(),
            Order::OfOneKey => vec![items.len()],
            Order::OfAll => (1..=items.len()).collect(),
        };
        Ok(Arc::new(Chunk { lines, items, ends, preparer, planned, touched, bytes_read }))
    }

    /// Says how far the run is, and keeps its lease. False when it is not to go on.
    fn tell(&mut self) -> Result<bool> {
        self.told_at = self.work.app.now();
        let told = self.work.tell(self.counters, &self.columns, self.estimated());
        // This one was our own.
        self.writes_seen += 1;
        told
    }

    /// How many rows the file may have, going by those that were read.
    fn estimated(&self) -> Option<u64> {
        let whole = u128::from(self.counters.read) * u128::from(self.size);
        whole.checked_div(u128::from(self.bytes_read)).and_then(|rows| u64::try_from(rows).ok())
    }
}
