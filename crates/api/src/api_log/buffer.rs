//! A bounded buffer between requests, which must not wait, and a thread that may.

use std::time::{Duration, Instant};

use parking_lot::{Condvar, Mutex};
use tokio::sync::oneshot;

/// What may wait in a buffer, and when it no longer does.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Items; what comes beyond is dropped.
    pub items_max: usize,
    /// Bytes of all items together.
    pub bytes_max: usize,
    /// Items that are taken at once.
    pub ripe_items: usize,
    /// How long an item waits for others.
    pub ripe_after: Duration,
}

/// The buffer.
pub struct Buffer<T> {
    limits: Limits,
    state: Mutex<State<T>>,
    changed: Condvar,
}

struct State<T> {
    waiting: Vec<T>,
    bytes: usize,
    dropped: u64,
    flushes: Vec<oneshot::Sender<()>>,
    stopped: bool,
}

/// What was taken out of a buffer at once.
pub struct Batch<T> {
    /// In the order they came.
    pub items: Vec<T>,
    /// Items that were dropped since the last batch.
    pub dropped: u64,
    /// Who waits for the batch to be worked off.
    pub flushes: Vec<oneshot::Sender<()>>,
}

impl<T> Buffer<T> {
    pub fn new(limits: Limits) -> Self {
        let state = State { waiting: Vec::new(), bytes: 0, dropped: 0, flushes: Vec::new(), stopped: false };
        Self { limits, state: Mutex::new(state), changed: Condvar::new() }
    }

    /// Adds an item of about so many bytes, or drops it when there is no room.
    pub fn push(&self, item: T, bytes: usize) {
        let mut state = self.state.lock();
        if state.waiting.len() >= self.limits.items_max || state.bytes + bytes > self.limits.bytes_max {
            state.dropped += 1;
            return;
        }
        state.bytes += bytes;
        state.waiting.push(item);
        let count = state.waiting.len();
        drop(state);
        if count == 1 || count == self.limits.ripe_items {
            self.changed.notify_one();
        }
    }

    /// Has everything taken that is there now; the receiver hears when it is worked off.
    pub fn flush(&self) -> oneshot::Receiver<()> {
        let (sender, receiver) = oneshot::channel();
        let mut state = self.state.lock();
        if !state.stopped {
            state.flushes.push(sender);
        }
        drop(state);
        self.changed.notify_one();
        receiver
    }

    /// Lets the one who takes know that nothing more will come.
    pub fn stop(&self) {
        self.state.lock().stopped = true;
        self.changed.notify_one();
    }

    /// Waits for items until they are ripe. None when the buffer is stopped and empty.
    pub fn take(&self) -> Option<Batch<T>> {
        let mut state = self.state.lock();
        while state.waiting.is_empty() && state.flushes.is_empty() && !state.stopped {
            self.changed.wait(&mut state);
        }
        let ripe_at = Instant::now() + self.limits.ripe_after;
        while state.flushes.is_empty() && !state.stopped && state.waiting.len() < self.limits.ripe_items {
            if self.changed.wait_until(&mut state, ripe_at).timed_out() {
                break;
            }
        }
        if state.stopped && state.waiting.is_empty() && state.flushes.is_empty() && state.dropped == 0 {
            return None;
        }
        state.bytes = 0;
        Some(Batch {
            items: std::mem::take(&mut state.waiting),
            dropped: std::mem::take(&mut state.dropped),
            flushes: std::mem::take(&mut state.flushes),
        })
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    const HOUR: Duration = Duration::from_hours(1);
    const LIMITS: Limits = Limits { items_max: 5, bytes_max: 100, ripe_items: 3, ripe_after: HOUR };

    #[test]
    fn what_finds_no_room_is_dropped_and_counted() {
        let buffer = Buffer::new(LIMITS);
        for item in 0..8 {
            buffer.push(item, 1);
        }
        let batch = buffer.take().unwrap();
        assert_eq!((batch.items, batch.dropped), (vec![0, 1, 2, 3, 4], 3));

        for (item, bytes) in [(0, 60), (1, 41), (2, 40), (3, 0)] {
            buffer.push(item, bytes);
        }
        let batch = buffer.take().unwrap();
        assert_eq!((batch.items, batch.dropped), (vec![0, 2, 3], 1));
    }

    #[test]
    fn items_are_taken_when_there_are_enough_or_somebody_waits() {
        let buffer = Arc::new(Buffer::new(LIMITS));
        let taker = Arc::clone(&buffer);
        let taken = std::thread::spawn(move || taker.take().unwrap().items);
        for item in 0..3 {
            buffer.push(item, 1);
        }
        assert_eq!(taken.join().unwrap(), [0, 1, 2]);

        buffer.push(7, 1);
        let mut flushed = buffer.flush();
        let batch = buffer.take().unwrap();
        assert_eq!(batch.items, [7]);
        assert!(flushed.try_recv().is_err(), "not before the batch is worked off");
        batch.flushes.into_iter().for_each(|flush| flush.send(()).unwrap());
        assert!(flushed.try_recv().is_ok());
    }

    #[test]
    fn items_do_not_wait_for_others_for_ever() {
        let buffer = Buffer::new(Limits { ripe_after: Duration::from_millis(1), ..LIMITS });
        buffer.push(7, 1);
        assert_eq!(buffer.take().unwrap().items, [7]);
    }

    #[test]
    fn a_stopped_buffer_gives_what_it_has_and_then_nothing() {
        let buffer = Buffer::new(LIMITS);
        buffer.push(7, 1);
        buffer.stop();
        assert_eq!(buffer.take().unwrap().items, [7]);
        assert!(buffer.take().is_none());
        assert!(buffer.flush().try_recv().is_err(), "nobody waits for a buffer that was stopped");
    }
}
