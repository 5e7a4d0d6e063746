//! Taking back what a run wrote: row by row, from the last to the first.
//!
//! An undo is a run itself. Its rows are those of the original that made or changed an account; each of its chunks is
//! one transaction, as in every run. It goes on where it stopped: below the lowest row that it has done.

use std::ops::ControlFlow;
use std::sync::Arc;
use std::time::Instant;

use muster_domain::event::Source;
use muster_domain::import::{Action, Counters, RowCode, RowFault, RunAction, RunKind, RunStatus, Target};
use muster_domain::{ImporterPipelineRunId, Timestamp};
use muster_store::imports::{self as rows, Order, With};
use serde_json::{Map, Value, json};

use super::chunk::{Owner, Written};
use super::outcomes::{self, RowOutcome, counters};
use super::pace::{Company, Speed};
use super::plan::{self, Planned};
use super::run::{End, TELL_EVERY, Work};
use super::runs::{self, NewRun, Run, conflict};
use super::traces;
use crate::accounts::{
    Account, Kept, Link, LinkChange, Made, Relating, TakeBack, TakenBack, preview_take_back, take_back,
};
use crate::record::{self, Record};
use crate::{Cx, Error, ReadCx, Result, Scope, jobs};

/// Most rows of a chunk: each needs its history.
const ROWS_MAX: usize = 200;

/// Starts a run that takes back what another one wrote: accounts that it created and nobody has touched since are
/// archived, and of those that it changed each member that nobody has changed since goes back to what it was. With
/// [`RunKind::DryRun`] it only says what it would do, and can be committed later.
///
/// # Errors
/// [`Error::NotFound`], [`Error::Conflict`] when the run is no import, has not ended, was taken back already, or what
/// became of its rows was erased, and as [`runs::start`].
pub fn undo(
    cx: &mut Cx<'_, '_>,
    original: &ImporterPipelineRunId,
    kind: RunKind,
    reference_id: Option<String>,
) -> Result<Record<Run>> {
    let record = find(cx, original)?;
    let pipeline = record.item.pipeline.ok_or(Error::NotFound)?;
    let kind = if kind == RunKind::DryRun { kind } else { RunKind::Undo };
    let undo_of = Some(original.clone());
    runs::start(cx, &NewRun { pipeline, kind, file: None, plan: None, undo_of, reference_id })
}

fn find(cx: &mut Cx<'_, '_>, id: &ImporterPipelineRunId) -> Result<Record<Run>> {
    let record = record::get::<Run>(cx.tx, cx.scope, cx.master, id.as_str())?;
    if record.item.importer.is_some() { Err(Error::NotFound) } else { Ok(record) }
}

/// The run that a new one takes back, if it may.
pub(super) fn to_undo(cx: &mut Cx<'_, '_>, new: &NewRun) -> Result<Option<Record<Run>>> {
    let Some(id) = &new.undo_of else { return Ok(None) };
    let record = find(cx, id)?;
    let original = &record.item;
    match original.kind {
        RunKind::Import => {}
        RunKind::DryRun => return Err(conflict("a dry run wrote nothing that could be taken back")),
        RunKind::Undo => {
            return Err(conflict(
                "an undo is not taken back itself; import the file again to have its values once more",
            ));
        }
    }
    if !original.status.has_ended() {
        let status = original.status.as_str();
        return Err(conflict(&format!("this run is {status}; wait for its end or cancel it first")));
    }
    if original.redacted_at.is_some() {
        return Err(conflict("what became of the rows of this run was erased; nothing tells what it wrote"));
    }
    if original.pipeline.as_ref() != Some(&new.pipeline) {
        return Err(conflict("a run is taken back on its own pipeline"));
    }
    if let Some(last) = original.undone_by.last() {
        let undo = find(cx, last)?.item;
        // One that was canceled has left the rest as it was.
        if undo.status != RunStatus::Canceled {
            let status = undo.status.as_str();
            return Err(conflict(&format!("{last} takes this run back already; it is {status}")));
        }
    }
    Ok(Some(record))
}

/// Notes at a run that it is being taken back. Whoever does the same at this moment finds it changed.
pub(super) fn note_undone(cx: &mut Cx<'_, '_>, mut original: Record<Run>, by: &Run) -> Result<()> {
    if by.kind == RunKind::DryRun {
        return Ok(());
    }
    let mut item = original.item.clone();
    item.undone_by.push(by.id.clone());
    record::update(cx, &mut original, item, Vec::new())
}

/// An undo, or its dry run, on its way.
pub(super) struct Undo<'a> {
    work: &'a Work<'a>,
    original: Record<Run>,
    /// How the sources of what the run wrote, and of what takes it back, begin.
    own: Arc<[String]>,
    relating: Relating,
    speed: Speed,
    planned: Option<Planned>,
    /// Rows of one chunk of the original that are still to be done, and wrote something.
    open: Vec<RowOutcome>,
    /// All rows from this one on are done.
    below: u64,
    counters: Counters,
    told_at: Timestamp,
}

impl<'a> Undo<'a> {
    pub(super) fn new(work: &'a Work<'a>, original: &ImporterPipelineRunId) -> Result<Self> {
        let (app, scope) = (work.app, work.scope);
        let (at, master, id) = (scope.clone(), Arc::clone(&app.master), original.clone());
        let original = app
            .db
            .read_blocking("imports.original", move |tx| record::get::<Run>(tx, &at, &master, id.as_str()))?;
        let (environment, id) = (scope.environment.id.clone(), work.id.clone());
        let (lowest, sums) = app.db.read_blocking("imports.undone", move |tx| {
            let lowest = rows::covered(tx, &environment, &id, 0, 1)?.first().map(|(row, _)| *row);
            Ok::<_, Error>((lowest, rows::sums(tx, &environment, &id)?))
        })?;
        let runs = [&original.item.id, work.id].into_iter().chain(&original.item.undone_by);
        let mapping = &original.item.config.mapping;
        Ok(Self {
            own: runs.map(|run| format!("import/{run}/")).collect(),
            relating: match mapping.iter().any(|entry| matches!(entry.target, Target::Relation(_))) {
                true => Relating::Maybe,
                false => Relating::No,
            },
            speed: Speed::new(app.imports.pace()),
            planned: Planned::of(app, scope, &work.record.item)?,
            open: Vec::new(),
            below: lowest.and_then(|row| u64::try_from(row).ok()).unwrap_or(u64::MAX),
            counters: counters(sums),
            told_at: app.now(),
            work,
            original,
        })
    }

    pub(super) fn go(mut self) -> Result<End> {
        if !self.tell()? {
            return Ok(End::Stopped);
        }
        let mut chunks = 0;
        loop {
            let slice = self.slice()?;
            if slice.is_empty() {
                return Ok(End::Over(RunAction::Complete, None));
            }
            let Written::Done { counters, took } = self.write(&slice)? else { return Ok(End::Stopped) };
            self.counters.add(&counters);
            self.speed.learn(counters.read, took, Company::Others);
            chunks += 1;
            let imports = &self.work.app.imports;
            if imports.interruption().is_some_and(|ask| ask(chunks) == ControlFlow::Break(())) {
                return Err(Error::Retry("an interruption"));
            }
            if imports.stops() {
                return Ok(End::HandedOver);
            }
            if self.work.app.now() >= self.told_at + TELL_EVERY && !self.tell()? {
                return Ok(End::Stopped);
            }
        }
    }

    fn tell(&mut self) -> Result<bool> {
        self.told_at = self.work.app.now();
        let Counters { created, updated, .. } = self.original.item.counters;
        self.work.tell(self.counters, &[], Some(created + updated))
    }

    /// The next rows to be taken back, the last one first.
    fn slice(&mut self) -> Result<Vec<RowOutcome>> {
        let wanted = self.speed.rows().min(ROWS_MAX);
        while self.open.is_empty() {
            let until = i64::try_from(self.below).unwrap_or(i64::MAX).saturating_sub(1);
            let (environment, run) = (self.work.scope.environment.id.clone(), self.original.item.id.clone());
            let chunk = self.work.app.db.read_bulk("imports.undo_next", move |tx| {
                let with = With { created: 1, updated: 1, ..With::default() };
                let found = rows::chunks_with(tx, &environment, &run, (until, Order::LastToFirst, 1), with)?;
                Ok::<_, Error>(found.into_iter().next())
            })?;
            let Some(chunk) = chunk else { return Ok(Vec::new()) };
            let all = outcomes::open(&self.original.item.id, &self.original.key, &chunk)?;
            let below = self.below;
            let wrote = |outcome: &RowOutcome| matches!(outcome.action, Action::Created | Action::Updated);
            self.open = all.into_iter().filter(|outcome| outcome.row < below && wrote(outcome)).collect();
            self.below = u64::try_from(chunk.first_row).unwrap_or(0);
        }
        let from = self.open.len().saturating_sub(wanted);
        let mut slice = self.open.split_off(from);
        slice.reverse();
        Ok(slice)
    }

    fn write(&mut self, slice: &[RowOutcome]) -> Result<Written> {
        let (app, now) = (self.work.app, self.work.app.now());
        let (Some(last), Some(first)) = (slice.first(), slice.last()) else {
            return Err(Error::bug("an empty slice of an undo"));
        };
        let planned = match &mut self.planned {
            Some(planned) => {
                planned.rows_back(app, &self.work.scope.environment.id, (first.row, last.row))?
            }
            None => Default::default(),
        };
        let scope = Scope { now, ..self.work.scope.clone() };
        let items: Arc<[TakeBack]> = slice.iter().filter_map(|outcome| self.item(outcome, &scope)).collect();
        let numbers: Vec<u64> = slice.iter().map(|outcome| outcome.row).collect();
        let owner = Owner {
            run: self.work.id.clone(),
            key: self.work.record.key.clone(),
            job: self.work.job.clone(),
        };
        let foreseen = match self.work.record.item.kind {
            RunKind::DryRun => Some(self.foresee(&scope, &items, &numbers)?),
            _ => None,
        };
        jobs::transact(app, &scope, "imports.undo", move |cx| {
            let started = Instant::now();
            if rows::hold_status(cx.tx, &owner.job, &owner.run)?.as_deref() != Some("running") {
                return Ok(Written::Stopped);
            }
            let mut all = match &foreseen {
                Some(foreseen) => foreseen.clone(),
                None => told(&numbers, take_back(cx, &items)?, Showing::Nothing)?,
            };
            plan::compare(&planned, &mut all);
            traces::note(cx.tx, (&owner.run, cx.scope), &all, |_, _| None)?;
            let row = outcomes::seal(&owner.run, &owner.key, &all)?;
            rows::insert_chunk(cx.tx, &owner.job.environment, &owner.run, &row)?;
            Ok(Written::Done { counters: counters(row.counts), took: started.elapsed() })
        })
    }

    fn item(&self, outcome: &RowOutcome, scope: &Scope) -> Option<TakeBack> {
        let (account, version) = (outcome.account.clone()?, outcome.version?);
        let source = |run: &ImporterPipelineRunId| Source::Import { run: run.clone(), row: outcome.row };
        Some(TakeBack {
            scope: Scope { source: source(self.work.id), ..scope.clone() },
            account,
            relating: self.relating,
            made: if outcome.action == Action::Created { Made::Created } else { Made::Changed },
            version,
            row: source(&self.original.item.id).to_string(),
            own: Arc::clone(&self.own),
        })
    }

    fn foresee(&self, scope: &Scope, items: &Arc<[TakeBack]>, numbers: &[u64]) -> Result<Vec<RowOutcome>> {
        let app = self.work.app;
        let (catalogs, master) = (Arc::clone(&app.catalogs), Arc::clone(&app.master));
        let (scope, items, numbers) = (scope.clone(), Arc::clone(items), numbers.to_vec());
        app.db.read_bulk("imports.undo_preview", move |tx| {
            let cx = &mut ReadCx { tx, scope: &scope, catalogs: &catalogs, master: &master };
            told(&numbers, preview_take_back(cx, &items)?, Showing::Differences)
        })
    }
}

/// Whether an outcome shows what differs.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Showing {
    Differences,
    Nothing,
}

/// What became of rows, the first one first.
fn told(numbers: &[u64], ends: Vec<TakenBack>, showing: Showing) -> Result<Vec<RowOutcome>> {
    if numbers.len() != ends.len() {
        return Err(Error::bug("a row that wrote something names no account"));
    }
    let all = numbers.iter().zip(ends).rev();
    Ok(all.map(|(row, end)| outcome(*row, end, showing)).collect())
}

fn outcome(row: u64, end: TakenBack, showing: Showing) -> RowOutcome {
    let kept_all = |kept: Vec<Kept>| kept.into_iter().map(warning).collect::<Vec<_>>();
    match end {
        TakenBack::Changed { before, after, links, kept } => RowOutcome {
            account: Some(after.id.clone()),
            version: Some(after.version),
            warnings: kept_all(kept),
            changes: (showing == Showing::Differences).then(|| differences(&before, &after, &links)),
            ..RowOutcome::new(row, Action::Updated)
        },
        TakenBack::Same { account, kept } => {
            let action = if kept.is_empty() { Action::Unchanged } else { Action::Skipped };
            RowOutcome {
                account: Some(account.id.clone()),
                version: Some(account.version),
                warnings: kept_all(kept),
                ..RowOutcome::new(row, action)
            }
        }
        TakenBack::Refused(error) => {
            let message = match error {
                Error::Conflict { details, .. } => details.replace("data.attributes.", ""),
                other => other.to_string(),
            };
            let faults = vec![RowFault::of_row(RowCode::Conflict, message)];
            RowOutcome { faults, ..RowOutcome::new(row, Action::Error) }
        }
    }
}

fn differences(before: &Account, after: &Account, links: &[Link]) -> Map<String, Value> {
    let mut changes = plan::changes(Some(before), after);
    for link in links {
        let target = json!(link.target.as_str());
        let (gone, come) = match link.change {
            LinkChange::Added => (Value::Null, target),
            LinkChange::Removed => (target, Value::Null),
        };
        let pair = changes.entry(format!("relations.{}", link.key)).or_insert_with(|| json!([[], []]));
        for (at, id) in [gone, come].into_iter().enumerate() {
            if let (false, Some(list)) = (id.is_null(), pair.get_mut(at).and_then(Value::as_array_mut)) {
                list.push(id);
            }
        }
    }
    changes
}

fn warning(kept: Kept) -> RowFault {
    RowFault { field: kept.member, ..RowFault::of_row(RowCode::TouchedSince, kept.why) }
}
