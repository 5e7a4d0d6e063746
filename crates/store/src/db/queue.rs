//! What waits in front of the database threads.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

use super::Tx;
use crate::error::{Error, Result};

/// What is to become of a unit's changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// Commit them.
    Keep,
    /// Roll them back; the unit has its answer.
    Undo,
    /// Roll them back and run the unit again after a pause: another transaction was in the way.
    Retry,
    /// Roll them back and run the unit again at once: it will go about it differently.
    Again,
}

/// One unit of work.
pub(super) trait Unit: Send {
    /// Its name, for logs.
    fn name(&self) -> &'static str;
    /// True when it only reads: it needs no transaction around it.
    fn only_reads(&self) -> bool {
        false
    }
    /// Runs it inside a transaction. May be called several times.
    fn run(&mut self, tx: &mut Tx<'_>) -> Verdict;
    /// Answers the caller, once: after the commit (`Ok`) or when it cannot be done.
    fn finish(&mut self, end: Result<()>);
}

/// Counts what waits and refuses more than the limit.
#[derive(Debug)]
pub(super) struct Backlog {
    waiting: AtomicUsize,
    writes_begun: AtomicU64,
    max: usize,
}

impl Backlog {
    pub(super) fn new(max: usize) -> Self {
        Self { waiting: AtomicUsize::new(0), writes_begun: AtomicU64::new(0), max }
    }

    /// How many writes were begun, those in bulk aside.
    pub(super) fn writes_begun(&self) -> u64 {
        self.writes_begun.load(Ordering::Relaxed)
    }

    /// Counts one.
    pub(super) fn note_write(&self) {
        self.writes_begun.fetch_add(1, Ordering::Relaxed);
    }

    /// Takes a place in the queue until the [`Place`] is dropped.
    pub(super) fn enter(self: &Arc<Self>) -> Result<Place> {
        if self.waiting.fetch_add(1, Ordering::Relaxed) >= self.max {
            self.waiting.fetch_sub(1, Ordering::Relaxed);
            return Err(Error::Busy);
        }
        Ok(Place(Arc::clone(self)))
    }
}

/// A place in the queue.
#[derive(Debug)]
pub(super) struct Place(Arc<Backlog>);

impl Drop for Place {
    fn drop(&mut self) {
        self.0.waiting.fetch_sub(1, Ordering::Relaxed);
    }
}

/// Runs a unit; a panic inside it is logged and becomes a refusal instead of ending the thread.
pub(super) fn run_guarded(unit: &mut dyn Unit, tx: &mut Tx<'_>) -> Result<Verdict> {
    let run = std::panic::AssertUnwindSafe(|| unit.run(tx));
    std::panic::catch_unwind(run)
        .map_err(|_| Error::Database(format!("{} stopped by a programming error", unit.name())))
}
