//! The ceiling: the same rows written and read straight on the engine, with no Muster in between.

mod postgres;
mod sqlite;

use std::sync::Arc;
use std::thread;
use std::time::Instant;

use crossbeam_channel::{Receiver, Sender, unbounded};
use muster_store::Engine;
use tokio::sync::oneshot;
use tokio::task::JoinSet;

use crate::Outcome;
use crate::closed_loop::Window;
use crate::database::{Accounts, Database};
use crate::figures::Figure;
use crate::numbers::{Numbers, hex, id, noise};
use crate::requests::{Keys, reference};
use crate::sample::Sample;

/// Rows of one transaction.
const GROUP_MAX: usize = 64;
/// Different blobs: enough that no cache holds them all, few enough to be made beforehand.
const BLOBS: usize = 4096;

/// An account with its key: what `GET /accounts/{id}` must read.
const GET: &str = "SELECT a.id, a.account_type_id, a.status_id, a.reference_id, a.tags, a.fields, a.version,
        a.created_at, a.updated_at, a.redacted_at, a.archived_at, a.consolidated_into, k.wrapped
    FROM accounts a LEFT JOIN data_keys k ON k.environment_id = a.environment_id AND k.subject_id = a.id
    WHERE a.environment_id = $1 AND a.id = $2";

/// Ten of them, the older ones next to a cursor: what `GET /accounts` must read.
const PAGE: &str = "SELECT a.id, a.account_type_id, a.status_id, a.reference_id, a.tags, a.fields, a.version,
        a.created_at, a.updated_at, a.redacted_at, a.archived_at, a.consolidated_into, k.wrapped
    FROM accounts a LEFT JOIN data_keys k ON k.environment_id = a.environment_id AND k.subject_id = a.id
    WHERE a.environment_id = $1 AND a.id < $2 AND a.archived_at IS NULL ORDER BY a.id DESC LIMIT 10";

/// How hard and how long.
#[derive(Clone, Copy, Debug)]
pub struct Pressure {
    /// Clients that wait at once.
    pub clients: usize,
    /// Length of the measurement.
    pub seconds: u64,
}

/// Writes the rows of new accounts.
pub fn create(database: &Database, sample: &Sample, keys: Keys, pressure: Pressure) -> Outcome<Figure> {
    let blobs = Blobs::new(sample);
    let setting = Setting { sample, blobs: &blobs, keys };
    let (queue, waiting) = unbounded();
    let stop = Receiver::clone(&waiting);
    let checked = match database.engine() {
        Engine::Sqlite => Some(sqlite::Checkpointer::start(database)?),
        Engine::Postgres => None,
    };
    let measured = thread::scope(|scope| {
        let writers: Vec<_> = match database.engine() {
            Engine::Sqlite => vec![scope.spawn(|| sqlite::write(database, setting, &waiting))],
            Engine::Postgres => {
                (0..2).map(|_| scope.spawn(|| postgres::write(database, setting, &waiting))).collect()
            }
        };
        let measured = submit(queue, pressure);
        drop(stop);
        for writer in writers {
            // What went wrong with the database says more than that nobody answered.
            writer.join().map_err(|_| "a raw writer panicked")??;
        }
        measured
    });
    drop(checked);
    measured
}

/// Reads accounts at random.
pub fn retrieve(database: &Database, accounts: &Accounts, pressure: Pressure) -> Outcome<Figure> {
    match database.engine() {
        Engine::Sqlite => sqlite::read(database, accounts, GET, 2, pressure.seconds),
        Engine::Postgres => postgres::retrieve(database, accounts, GET, pressure),
    }
}

/// Reads pages of ten at random.
pub fn list(database: &Database, accounts: &Accounts, pressure: Pressure) -> Outcome<Figure> {
    match database.engine() {
        Engine::Sqlite => sqlite::read(database, accounts, PAGE, 1, pressure.seconds),
        Engine::Postgres => postgres::list(database, accounts, PAGE, pressure.seconds),
    }
}

/// What all writers share.
#[derive(Clone, Copy)]
struct Setting<'a> {
    sample: &'a Sample,
    blobs: &'a Blobs,
    keys: Keys,
}

/// Bytes in the place of sealed ones, made beforehand.
struct Blobs {
    fields: Vec<Vec<u8>>,
    wrapped: Vec<Vec<u8>>,
    replies: Vec<Vec<u8>>,
}

impl Blobs {
    fn new(sample: &Sample) -> Self {
        let numbers = Numbers::new();
        let make = |length: usize| (0..BLOBS).map(|_| noise(length, &numbers)).collect();
        Self {
            fields: make(sample.fields_bytes),
            wrapped: make(sample.wrapped_bytes),
            replies: make(sample.reply_bytes),
        }
    }
}

/// What is unique about one account.
struct Row {
    account: String,
    event: String,
    reference: String,
    /// Idempotency key and fingerprint, hashed.
    key: [u8; 16],
    /// Which of the [`Blobs`] it takes.
    blob: usize,
}

/// A client that waits for its row to be durable.
struct Waiting {
    row: Row,
    done: oneshot::Sender<()>,
}

fn new_row(numbers: &Numbers, started: Instant) -> Row {
    /// Some moment: IDs begin with the time, so that new ones stand at the end of the index.
    const EPOCH_MILLIS: u64 = 1_772_442_847_412;
    let millis = EPOCH_MILLIS + u64::try_from(started.elapsed().as_millis()).unwrap_or(0);
    let number = numbers.next();
    let digits = hex(number);
    Row {
        account: id("act_", millis, numbers),
        event: id("evt_", millis, numbers),
        reference: reference(std::str::from_utf8(&digits).unwrap_or_default()),
        key: digits,
        blob: usize::try_from(number).unwrap_or(0) % BLOBS,
    }
}

/// Lets clients submit rows, each the next when its last one is durable.
fn submit(queue: Sender<Waiting>, pressure: Pressure) -> Outcome<Figure> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let numbers = Arc::new(Numbers::new());
    runtime.block_on(async {
        let window = Window::open(pressure.seconds);
        let started = Instant::now();
        let mut clients = JoinSet::new();
        for _ in 0..pressure.clients {
            let (queue, numbers, mut meter) = (queue.clone(), Arc::clone(&numbers), window.meter());
            clients.spawn(async move {
                loop {
                    let began = Instant::now();
                    let (done, answer) = oneshot::channel();
                    let row = new_row(&numbers, started);
                    queue.send(Waiting { row, done }).map_err(|_| "the raw writers are gone")?;
                    answer.await.map_err(|_| "a raw writer gave up")?;
                    if !meter.note(began) {
                        return Outcome::Ok(meter);
                    }
                }
            });
        }
        drop(queue);
        let mut meters = Vec::with_capacity(pressure.clients);
        while let Some(ended) = clients.join_next().await {
            meters.push(ended??);
        }
        Ok(window.figure(meters))
    })
}

/// Waits for rows and takes as many as go into one transaction. Nothing when all clients are gone.
fn take_group(waiting: &Receiver<Waiting>) -> Vec<Waiting> {
    let Ok(first) = waiting.recv() else { return Vec::new() };
    let mut group = Vec::with_capacity(GROUP_MAX);
    group.push(first);
    group.extend(waiting.try_iter().take(GROUP_MAX - 1));
    group
}

/// Answers those whose rows are durable.
fn answer(group: Vec<Waiting>) {
    for waiting in group {
        // A client whose time is up may have gone.
        let _ = waiting.done.send(());
    }
}
