//! A chunk of rows, in one transaction: what it does, and what became of each of its rows.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use muster_domain::import::{Action, Counters, RowCode, RowFault};
use muster_domain::{IdSource, ImporterPipelineRunId};
use muster_store::Tx;
use muster_store::imports as rows;
use muster_store::jobs::JobRow;
use muster_store::seal::{DataKey, MasterKey};

use super::outcomes::{self, RowOutcome, counters};
use super::plan::{self, Expected};
use super::prepare::{Line, Preparer, State};
use super::traces;
use crate::accounts::{Answer, FindOrCreate, Outcome, find_or_create, relate};
use crate::{Cx, Error, Result};

/// Rows that follow each other, ready to be written.
pub(super) struct Chunk {
    pub(super) lines: Vec<Line>,
    pub(super) items: Vec<FindOrCreate>,
    /// Where slices of the items end that can be done at once.
    pub(super) ends: Vec<usize>,
    pub(super) preparer: Arc<Preparer>,
    /// What the dry run that is being committed says of its rows.
    pub(super) planned: HashMap<u64, Expected>,
    /// What its items concern: chunks that share something are written one after the other.
    pub(super) touched: Vec<u64>,
    /// Bytes of the file up to its last row.
    pub(super) bytes_read: u64,
}

/// Whose rows they are.
#[derive(Clone)]
pub(super) struct Owner {
    pub(super) run: ImporterPipelineRunId,
    pub(super) key: DataKey,
    pub(super) job: JobRow,
}

/// How the transaction of a chunk ended.
pub(super) enum Written {
    /// The run is not to go on: nothing was written.
    Stopped,
    /// It is done.
    Done {
        /// What its rows came to.
        counters: Counters,
        /// How long it took.
        took: Duration,
    },
}

/// Writes a chunk: accounts, events and what became of the rows. It may run several times.
///
/// # Errors
/// [`Error::StaleCatalog`] when its items must be prepared again, else what the database reports.
pub(super) fn write(tx: &mut Tx<'_>, master: &MasterKey, owner: &Owner, chunk: &Chunk) -> Result<Written> {
    let started = Instant::now();
    match rows::hold_status(tx, &owner.job, &owner.run)?.as_deref() {
        Some("running" | "importing") => {}
        _ => return Ok(Written::Stopped),
    }
    let mut ends = if chunk.lines.iter().any(|line| !line.relations.is_empty()) {
        one_by_one(tx, master, chunk)?
    } else {
        together(tx, master, chunk)?
    };
    let mut all = Vec::with_capacity(chunk.lines.len());
    for line in &chunk.lines {
        all.push(match &line.state {
            State::Done(outcome) => outcome.clone(),
            State::Raw => return Err(Error::bug("a row was not prepared")),
            State::Write(at) => {
                let end = ends.get_mut(*at).and_then(Option::take);
                told(line, end.ok_or_else(|| Error::bug("a row was not answered"))?)
            }
        });
    }
    plan::compare(&chunk.planned, &mut all);
    let preparer = &chunk.preparer;
    traces::note(tx, (&owner.run, &preparer.scope), &all, |at, outcome| {
        preparer.mark(outcome.cells.as_ref().unwrap_or(&chunk.lines[at].cells))
    })?;
    let row = outcomes::seal(&owner.run, &owner.key, &all)?;
    rows::insert_chunk(tx, &owner.job.environment, &owner.run, &row)?;
    Ok(Written::Done { counters: counters(row.counts), took: started.elapsed() })
}

/// What the item of a row came to.
type End = std::result::Result<RowOutcome, Vec<RowFault>>;

fn together(tx: &mut Tx<'_>, master: &MasterKey, chunk: &Chunk) -> Result<Vec<Option<End>>> {
    let (mut all, mut from) = (Vec::with_capacity(chunk.items.len()), 0);
    for &until in &chunk.ends {
        for answer in find_or_create(tx, master, &chunk.items[from..until])? {
            all.push(Some(end(chunk, answer)?));
        }
        from = until;
    }
    Ok(all)
}

/// What an answer means for its row.
///
/// # Errors
/// What is no refusal: then the chunk as a whole is tried again.
fn end(chunk: &Chunk, answer: Answer) -> Result<End> {
    let Answer::Outcome(outcome) = answer else { return Err(Error::bug("a row has no idempotency key")) };
    match outcome {
        Ok(outcome) => Ok(Ok(of(&outcome))),
        Err(error) if error.is_refusal() => Ok(Err(chunk.preparer.faults(&error))),
        Err(error) => Err(error),
    }
}

/// What an outcome means for its row, whose number is not known here.
pub(super) fn of(outcome: &Outcome) -> RowOutcome {
    let action = match outcome {
        Outcome::Created(_) => Action::Created,
        Outcome::Existing(_) => Action::Skipped,
        Outcome::Updated(_) => Action::Updated,
        Outcome::Unchanged(_) => Action::Unchanged,
    };
    let account = outcome.account();
    let (id, version) = (Some(account.id.clone()), Some(account.version));
    RowOutcome { account: id, version, ..RowOutcome::new(0, action) }
}

fn told(line: &Line, end: End) -> RowOutcome {
    let warnings = line.warnings.clone();
    match end {
        Ok(outcome) => RowOutcome { row: line.row, warnings, ..outcome },
        Err(faults) => {
            let cells = Some(line.cells.clone());
            RowOutcome { faults, warnings, cells, ..RowOutcome::new(line.row, Action::Error) }
        }
    }
}

/// Rows that relate accounts take their turns: a later one may name an account that an earlier one makes. Each is done
/// as a whole or not at all.
fn one_by_one(tx: &mut Tx<'_>, master: &MasterKey, chunk: &Chunk) -> Result<Vec<Option<End>>> {
    let mut ends: Vec<Option<End>> = chunk.items.iter().map(|_| None).collect();
    for line in &chunk.lines {
        let State::Write(at) = line.state else { continue };
        let done = tx.savepoint(|tx| match one(tx, master, chunk, (line, at)) {
            Ok(Ok(outcome)) => Ok(outcome),
            Ok(Err(faults)) => Err(Undone::Refused(faults)),
            Err(error) => Err(Undone::Failed(error)),
        });
        ends[at] = Some(match done {
            Ok(outcome) => Ok(outcome),
            Err(Undone::Refused(faults)) => Err(faults),
            Err(Undone::Failed(error)) => return Err(error),
        });
    }
    Ok(ends)
}

/// Why a row is rolled back.
enum Undone {
    Refused(Vec<RowFault>),
    Failed(Error),
}

impl From<muster_store::Error> for Undone {
    fn from(error: muster_store::Error) -> Self {
        Self::Failed(error.into())
    }
}

impl muster_store::Retry for Undone {
    fn is_retry(&self) -> bool {
        matches!(self, Self::Failed(error) if error.is_retry())
    }
}

fn one(tx: &mut Tx<'_>, master: &MasterKey, chunk: &Chunk, (line, at): (&Line, usize)) -> Result<End> {
    let item = &chunk.items[at..=at];
    let answer = find_or_create(tx, master, item)?.pop();
    let Some(Answer::Outcome(Ok(outcome))) = answer else {
        return end(chunk, answer.ok_or_else(|| Error::bug("a row was not answered"))?);
    };
    let mut told = of(&outcome);
    if line.relations.is_empty() || matches!(outcome, Outcome::Existing(_)) {
        return Ok(Ok(told));
    }
    let scope = item[0].scope();
    let ids = &mut IdSource::random(scope.now);
    let cx = &mut Cx { tx, scope, catalog: &chunk.preparer.catalog, master, ids };
    for relation in &line.relations {
        match relate(cx, outcome.account(), &relation.relation, &relation.reference_ids) {
            Ok(None) => {}
            Ok(Some(after)) => {
                told.version = Some(after.account.version);
                if told.action == Action::Unchanged {
                    told.action = Action::Updated;
                }
            }
            Err(error) if error.is_refusal() => return Ok(Err(unrelated(chunk, &relation.relation, &error))),
            Err(error) => return Err(error),
        }
    }
    Ok(Ok(told))
}

fn unrelated(chunk: &Chunk, relation: &str, error: &Error) -> Vec<RowFault> {
    let field = Some(format!("relations.{relation}"));
    match error {
        Error::NotFound => {
            let message = "must be the reference ID of an account that is there; import that one first";
            vec![RowFault { field, ..RowFault::of_row(RowCode::RelationNotFound, message) }]
        }
        error => {
            let faults = chunk.preparer.faults(error).into_iter();
            faults.map(|fault| RowFault { field: field.clone(), ..fault }).collect()
        }
    }
}
