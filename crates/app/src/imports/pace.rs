//! How much a run does at once, and what it has under way.

use std::collections::{HashMap, HashSet};
use std::fmt;
use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use parking_lot::Mutex;

/// How long the transaction of a chunk is to take, without its commit, while others want to write: they hardly notice.
const CHUNK_TIME: Duration = Duration::from_millis(8);
/// How long it may take while nobody does: large chunks write each page of an index once for many rows.
const CHUNK_TIME_ALONE: Duration = Duration::from_millis(80);

/// Whether others want to write as well.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Company {
    /// Nobody does.
    Alone,
    /// Some do.
    Others,
}

/// How many rows a chunk has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pace {
    /// The first ones.
    pub rows_first: usize,
    /// At least.
    pub rows_min: usize,
    /// At the most.
    pub rows_max: usize,
}

impl Default for Pace {
    fn default() -> Self {
        Self { rows_first: 200, rows_min: 50, rows_max: 2000 }
    }
}

/// Is asked after each chunk, with the number of chunks so far; `Break` ends the run as a crash would.
pub type Interruption = Arc<dyn Fn(u64) -> ControlFlow<()> + Send + Sync>;

/// The imports of this process.
#[derive(Default)]
pub struct Imports {
    stops: AtomicBool,
    pace: Mutex<Pace>,
    interruption: Mutex<Option<Interruption>>,
}

impl fmt::Debug for Imports {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Imports").field("stops", &self.stops).field("pace", &*self.pace.lock()).finish()
    }
}

impl Imports {
    /// Lets runs end after the chunk they are at, because the process does: another one goes on with them.
    pub fn stop(&self) {
        self.stops.store(true, Ordering::Relaxed);
    }

    pub(super) fn stops(&self) -> bool {
        self.stops.load(Ordering::Relaxed)
    }

    /// Sets how many rows chunks have.
    pub fn set_pace(&self, pace: Pace) {
        *self.pace.lock() = pace;
    }

    pub(super) fn pace(&self) -> Pace {
        *self.pace.lock()
    }

    /// Sets what is asked after each chunk, for tests of crashes.
    pub fn set_interruption(&self, interruption: Option<Interruption>) {
        *self.interruption.lock() = interruption;
    }

    pub(super) fn interruption(&self) -> Option<Interruption> {
        self.interruption.lock().clone()
    }
}

/// How many rows the next chunk has.
#[derive(Debug)]
pub(super) struct Speed {
    pace: Pace,
    rows: AtomicUsize,
}

impl Speed {
    pub(super) fn new(pace: Pace) -> Self {
        let rows = AtomicUsize::new(pace.rows_first.clamp(pace.rows_min, pace.rows_max).max(1));
        Self { pace, rows }
    }

    pub(super) fn rows(&self) -> usize {
        self.rows.load(Ordering::Relaxed)
    }

    /// Learns from a chunk how long its rows took: half or twice as many next time at the most.
    pub(super) fn learn(&self, rows: u64, took: Duration, company: Company) {
        let now = self.rows();
        // A last chunk, or one before a gap, says little.
        let rows = usize::try_from(rows).unwrap_or(now);
        if rows * 2 < now {
            return;
        }
        let took = took.as_micros().max(1);
        let wanted = match company {
            Company::Alone => CHUNK_TIME_ALONE,
            Company::Others => CHUNK_TIME,
        };
        let fitting = usize::try_from(rows as u128 * wanted.as_micros() / took).unwrap_or(usize::MAX);
        let next = fitting.clamp(now / 2, now * 2).clamp(self.pace.rows_min, self.pace.rows_max).max(1);
        self.rows.store(next, Ordering::Relaxed);
    }
}

/// What chunks that are not written yet concern.
#[derive(Debug, Default)]
pub(super) struct InFlight(Mutex<HashMap<u64, u32>>);

impl InFlight {
    pub(super) fn add(&self, touched: &[u64]) {
        let mut counts = self.0.lock();
        for key in touched {
            *counts.entry(*key).or_default() += 1;
        }
    }

    pub(super) fn remove(&self, touched: &[u64]) {
        let mut counts = self.0.lock();
        for key in touched {
            if let Some(count) = counts.get_mut(key) {
                *count -= 1;
                if *count == 0 {
                    counts.remove(key);
                }
            }
        }
    }

    /// What is concerned at this moment.
    pub(super) fn keys(&self) -> HashSet<u64> {
        self.0.lock().keys().copied().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::{Company, Duration, Pace, Speed};

    #[test]
    fn chunks_grow_and_shrink_towards_their_time() {
        let speed = Speed::new(Pace::default());
        speed.learn(200, Duration::from_millis(2), Company::Others);
        assert_eq!(speed.rows(), 400);
        speed.learn(400, Duration::from_millis(16), Company::Others);
        assert_eq!(speed.rows(), 200);
        speed.learn(10, Duration::from_millis(40), Company::Others);
        assert_eq!(speed.rows(), 200, "a short chunk says nothing");
        for _ in 0..9 {
            speed.learn(speed.rows() as u64, Duration::from_secs(1), Company::Others);
        }
        assert_eq!(speed.rows(), 50);
        for _ in 0..9 {
            speed.learn(speed.rows() as u64, Duration::from_micros(1), Company::Others);
        }
        assert_eq!(speed.rows(), 2000);
    }
}
