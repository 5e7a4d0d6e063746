//! Lanes: a hot command runs over slices of what has queued up, in one transaction per slice.

use std::collections::VecDeque;
use std::sync::Arc;

use parking_lot::Mutex;
use tokio::sync::oneshot;

use super::queue::{Place, Unit, Verdict};
use super::{Db, Engine, Tx};
use crate::error::{Error, Result, Retry};

/// What a lane does with a slice: one result per item, in order.
///
/// `Err` for the whole slice (not for one item) rolls it back; then, unless it is a retry, the items
/// run one by one, so that one bad item cannot take others with it.
type Handler<I, O, E> = dyn Fn(&mut Tx<'_>, &mut [I]) -> Result<Vec<O>, E> + Send + Sync;

/// A queue in front of one hot command.
pub struct Lane<I, O, E> {
    shared: Arc<Shared<I, O, E>>,
    db: Db,
}

impl<I, O, E> Clone for Lane<I, O, E> {
    fn clone(&self) -> Self {
        Self { shared: Arc::clone(&self.shared), db: self.db.clone() }
    }
}

struct Shared<I, O, E> {
    name: &'static str,
    slice_max: usize,
    workers_max: usize,
    handler: Box<Handler<I, O, E>>,
    state: Mutex<State<I, O, E>>,
}

struct State<I, O, E> {
    waiting: VecDeque<Waiting<I, O, E>>,
    /// Units of this lane that are queued or running.
    workers: usize,
}

struct Waiting<I, O, E> {
    item: I,
    reply: oneshot::Sender<Result<O, E>>,
    _place: Place,
}

impl<I, O, E> Lane<I, O, E>
where
    I: Send + 'static,
    O: Send + 'static,
    E: Retry + Send + 'static,
{
    /// Opens a lane that takes up to `slice_max` items at once.
    pub fn new(
        db: &Db,
        name: &'static str,
        slice_max: usize,
        handler: impl Fn(&mut Tx<'_>, &mut [I]) -> Result<Vec<O>, E> + Send + Sync + 'static,
    ) -> Self {
        let workers_max = match db.engine() {
            // There is one writer.
            Engine::Sqlite => 1,
            // Two were fastest in the prototype; at 64 clients one to four differ by little more than noise.
            Engine::Postgres => 2,
        };
        let state = Mutex::new(State { waiting: VecDeque::new(), workers: 0 });
        let shared = Shared { name, slice_max, workers_max, handler: Box::new(handler), state };
        Self { shared: Arc::new(shared), db: db.clone() }
    }

    /// Runs one item with whatever else is waiting and answers when it is durable.
    ///
    /// # Errors
    /// What the command returns for the item, or [`Error::Busy`] when the queue is full.
    pub async fn submit(&self, item: I) -> Result<O, E> {
        let (reply, receiver) = oneshot::channel();
        let place = self.db.inner.backlog.enter()?;
        self.db.inner.backlog.note_write();
        let start = {
            let mut state = self.shared.state.lock();
            state.waiting.push_back(Waiting { item, reply, _place: place });
            let start = state.workers < self.shared.workers_max;
            state.workers += usize::from(start);
            start
        };
        if start {
            self.start_worker()?;
        }
        receiver.await.unwrap_or_else(|_| Err(Error::Closed.into()))
    }

    fn start_worker(&self) -> Result<()> {
        let queue = self.db.inner.writes.as_ref().ok_or(Error::Closed)?;
        let unit = LaneUnit {
            shared: Arc::clone(&self.shared),
            queue: queue.clone(),
            items: Vec::new(),
            replies: Vec::new(),
            outcomes: Vec::new(),
            singly: false,
        };
        queue.send(Box::new(unit)).map_err(|_| Error::Closed)
    }
}

/// One slice on its way through a database thread.
struct LaneUnit<I, O, E> {
    shared: Arc<Shared<I, O, E>>,
    queue: crossbeam_channel::Sender<Box<dyn Unit>>,
    items: Vec<I>,
    replies: Vec<(oneshot::Sender<Result<O, E>>, Place)>,
    outcomes: Vec<Result<O, E>>,
    singly: bool,
}

impl<I, O, E> LaneUnit<I, O, E> {
    fn take_slice(&mut self) {
        let mut state = self.shared.state.lock();
        let count = state.waiting.len().min(self.shared.slice_max);
        for waiting in state.waiting.drain(..count) {
            self.items.push(waiting.item);
            self.replies.push((waiting.reply, waiting._place));
        }
    }
}

impl<I, O, E> LaneUnit<I, O, E>
where
    I: Send + 'static,
    O: Send + 'static,
    E: Retry + Send + 'static,
{
    /// Lets the next unit of the lane take this one's turn, if anything is waiting.
    fn hand_over(&self) {
        let mut state = self.shared.state.lock();
        let next = (!state.waiting.is_empty()).then(|| Self {
            shared: Arc::clone(&self.shared),
            queue: self.queue.clone(),
            items: Vec::new(),
            replies: Vec::new(),
            outcomes: Vec::new(),
            singly: false,
        });
        if next.is_none_or(|unit| self.queue.send(Box::new(unit)).is_err()) {
            state.workers -= 1;
        }
    }
}

impl<I, O, E> Unit for LaneUnit<I, O, E>
where
    I: Send + 'static,
    O: Send + 'static,
    E: Retry + Send + 'static,
{
    fn name(&self) -> &'static str {
        self.shared.name
    }

    fn run(&mut self, tx: &mut Tx<'_>) -> Verdict {
        if self.items.is_empty() {
            self.take_slice();
        }
        self.outcomes.clear();
        if self.singly {
            for item in &mut self.items {
                let outcome = tx.savepoint(|tx| {
                    (self.shared.handler)(tx, std::slice::from_mut(item))
                        .and_then(|mut one| one.pop().ok_or_else(|| Error::Closed.into()))
                });
                if outcome.as_ref().is_err_and(Retry::is_retry) {
                    return Verdict::Retry;
                }
                self.outcomes.push(outcome);
            }
            return Verdict::Keep;
        }
        match (self.shared.handler)(tx, &mut self.items) {
            Ok(outcomes) => {
                self.outcomes.extend(outcomes.into_iter().map(Ok));
                Verdict::Keep
            }
            Err(error) if error.is_retry() => Verdict::Retry,
            Err(error) if self.items.len() == 1 => {
                self.outcomes.push(Err(error));
                Verdict::Undo
            }
            Err(_) => {
                self.singly = true;
                Verdict::Again
            }
        }
    }

    fn finish(&mut self, end: Result<()>) {
        if self.items.is_empty() && end.is_err() {
            // It could not even begin: those who wait are told so, or the next unit would go the same way.
            self.take_slice();
        }
        self.hand_over();
        let mut outcomes = self.outcomes.drain(..);
        for (reply, place) in self.replies.drain(..) {
            let outcome = match (&end, outcomes.next()) {
                (Ok(()), Some(outcome)) => outcome,
                (Ok(()), None) => Err(Error::Closed.into()),
                (Err(Error::Busy), _) => Err(Error::Busy.into()),
                (Err(error), _) => Err(Error::Database(error.to_string()).into()),
            };
            drop(place);
            let _ = reply.send(outcome);
        }
    }
}
