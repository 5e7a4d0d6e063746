//! SQLite: one writer thread with group commit, reader threads, a checkpoint thread.
//!
//! The settings are the measured ones of ADR 0001.

use std::fs::File;
use std::mem::ManuallyDrop;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, bounded, select, unbounded};
use parking_lot::Mutex;
use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags};

use super::queue::{Backlog, Unit, Verdict, run_guarded};
use super::tx::Conn;
use super::{Engine, Inner, Tx};
use crate::error::{Error, Result};
use crate::migrate::{self, Migration};

/// Says "this file is Muster's" in the header of the file ("MUST").
const APPLICATION_ID: i32 = 0x4d55_5354;
/// Units committed at once.
const GROUP_MAX: usize = 256;
/// Longest time a group may hold the writer before it commits (decision 3).
const GROUP_TIME_MAX: Duration = Duration::from_millis(25);
/// How often the checkpoint thread moves the write-ahead log into the file.
const CHECKPOINT_EVERY: Duration = Duration::from_millis(100);
/// Pages of the write-ahead log (1 GiB) from which on a commit moves it into the file itself: only where several processes
/// keep each other's log from ending.
const LOG_PAGES_EMERGENCY: i64 = 256_000;
/// How often a write in bulk that waits for the checkpoint thread looks again.
const TURN_EVERY: Duration = Duration::from_millis(1);
/// How long to wait for another process that is preparing the same empty file.
const START_PAUSE: Duration = Duration::from_millis(50);
/// Runs of one unit before its caller is told that the database is busy.
const ATTEMPTS_MAX: u32 = 6;

pub(super) fn start(
    path: &Path,
    (readers, log_pages_max): (usize, u32),
    backlog: Arc<Backlog>,
    migration: Migration<'_>,
) -> Result<Inner> {
    let writer = open_prepared(path, migration)?;
    let (writes, write_queue) = unbounded();
    let (bulk, bulk_queue) = unbounded();
    let writes_noted = Arc::clone(&backlog);
    let turns = Arc::new(Turns::default());
    let writers_turns = Arc::clone(&turns);
    let (reads, read_queue) = unbounded::<Box<dyn Unit>>();
    let (ticker, tick) = bounded::<()>(0);
    let mut threads = vec![spawn("muster-writer", move || {
        let bulk = Bulk { queue: bulk_queue, backlog: writes_noted };
        write_loop(&writer, &write_queue, &bulk, &writers_turns);
    })?];
    for _ in 0..readers {
        let (connection, queue) = (open(path, OpenFlags::SQLITE_OPEN_READ_ONLY)?, read_queue.clone());
        threads.push(spawn("muster-reader", move || read_loop(&connection, &queue))?);
    }
    let checkpointer = Checkpointer::open(path, log_pages_max, turns)?;
    threads.push(spawn("muster-checkpoint", move || checkpointer.run(&tick))?);
    Ok(Inner {
        engine: Engine::Sqlite,
        writes: Some(writes),
        bulk: Some(bulk),
        bulk_reads: Some(reads.clone()),
        reads: Some(reads),
        backlog,
        threads: Mutex::new(threads),
        _ticker: Some(ticker),
    })
}

/// Opens the file for writing and brings its schema up to date. Another process may be doing the same to
/// an empty file at this moment: then it is tried again.
fn open_prepared(path: &Path, migration: Migration<'_>) -> Result<Connection> {
    let attempt = || {
        check_file(path)?;
        create_file(path)?;
        let writer = open(path, OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE)?;
        prepare_file(&writer, migration)?;
        writer.pragma_update(None, "cache_size", -WRITER_CACHE_KIB)?;
        Ok(writer)
    };
    let mut outcome = attempt();
    for _ in 1..ATTEMPTS_MAX {
        if !matches!(outcome, Err(Error::Retry(_))) {
            break;
        }
        std::thread::sleep(START_PAUSE);
        outcome = attempt();
    }
    outcome
}

/// Makes the file for its owner alone, if there is none; SQLite gives its companions the same rights.
fn create_file(path: &Path) -> Result<()> {
    use std::os::unix::fs::OpenOptionsExt;
    match std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path) {
        Err(error) if error.kind() != std::io::ErrorKind::AlreadyExists => {
            Err(Error::Unusable(format!("the database {} cannot be opened: {error}", path.display())))
        }
        _ => Ok(()),
    }
}

fn spawn(name: &str, body: impl FnOnce() + Send + 'static) -> Result<std::thread::JoinHandle<()>> {
    std::thread::Builder::new()
        .name(name.to_owned())
        .spawn(body)
        .map_err(|error| Error::Database(format!("cannot start a thread: {error}")))
}

/// Refuses a file that is not a database of ours, before anything could touch it. The header tells:
/// its name stands at byte 0, the application's at byte 68.
pub(super) fn check_file(path: &Path) -> Result<()> {
    use std::io::Read;
    let refuse = |what: String| Err(Error::Unusable(format!("{} {what}", path.display())));
    let Ok(file) = File::open(path) else { return Ok(()) };
    let mut header = Vec::new();
    if let Err(error) = file.take(100).read_to_end(&mut header) {
        return refuse(format!("cannot be read: {error}"));
    }
    match (header.starts_with(b"SQLite format 3\0"), header.get(68..72)) {
        (true, Some(id)) if id == APPLICATION_ID.to_be_bytes() => Ok(()),
        (true, Some(_)) => refuse("belongs to another program; give another path".into()),
        _ if header.is_empty() => Ok(()),
        _ => refuse("is not a SQLite database; give another path".into()),
    }
}

/// Bytes of a page of a new file. Rows come into the indexes in no order: each writes a page of its own (ADR 0014).
const PAGE_BYTES: i64 = 4096;
/// Pages that the writer keeps, in KiB: few, since every commit walks through all of them (ADR 0013). It sees the file
/// through memory mapping, as readers do.
const WRITER_CACHE_KIB: i64 = 4_096;
const READER_CACHE_KIB: i64 = 8_192;

fn open(path: &Path, access: OpenFlags) -> Result<Connection> {
    let flags = access | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let unusable = |error: rusqlite::Error| {
        Error::Unusable(format!("the database {} cannot be opened: {error}", path.display()))
    };
    let connection = Connection::open_with_flags(path, flags).map_err(unusable)?;
    connection.busy_timeout(Duration::from_secs(10)).map_err(unusable)?;
    connection.set_prepared_statement_cache_capacity(256);
    // Plans must not depend on the values bound: otherwise a statement from the cache is prepared anew on
    // every use, since clearing its old values counts as a change (ADR 0001).
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true).map_err(unusable)?;
    for (name, value) in [
        ("cache_size", -READER_CACHE_KIB),
        ("mmap_size", 1 << 30),
        ("temp_store", 2),
        // What is redacted must not lie about in the free space of pages.
        ("secure_delete", 1),
        ("wal_autocheckpoint", LOG_PAGES_EMERGENCY),
    ] {
        connection.pragma_update(None, name, value).map_err(unusable)?;
    }
    connection.pragma_update(None, "synchronous", "FULL").map_err(unusable)?;
    Ok(connection)
}

/// Makes an empty file ours, or checks that it is ours, and brings its schema up to date.
fn prepare_file(connection: &Connection, migration: Migration<'_>) -> Result<()> {
    let id: i32 = connection.query_row("PRAGMA application_id", [], |row| row.get(0))?;
    if id != APPLICATION_ID {
        connection.pragma_update(None, "page_size", PAGE_BYTES)?;
        connection.pragma_update(None, "application_id", APPLICATION_ID)?;
        keep_log(connection)?;
    }
    let mut tx = Tx::new(Conn::Sqlite(connection));
    tx.control("BEGIN IMMEDIATE")?;
    match migrate::migrate(&mut tx, migration) {
        // Only now: a file that is refused must stay in the mode it was in.
        Ok(()) => tx.control("COMMIT").and_then(|()| keep_log(connection)),
        Err(error) => {
            tx.control("ROLLBACK")?;
            Err(error)
        }
    }
}

fn keep_log(connection: &Connection) -> Result<()> {
    // Returns the mode it is in now.
    Ok(connection.query_row("PRAGMA journal_mode = WAL", [], |_| Ok(()))?)
}

fn read_loop(connection: &Connection, queue: &Receiver<Box<dyn Unit>>) {
    while let Ok(mut unit) = queue.recv() {
        let mut tx = Tx::new(Conn::Sqlite(connection));
        let mut attempts = 1;
        let mut verdict = run_guarded(unit.as_mut(), &mut tx);
        while matches!(verdict, Ok(Verdict::Retry)) && attempts < ATTEMPTS_MAX {
            attempts += 1;
            verdict = run_guarded(unit.as_mut(), &mut tx);
        }
        if matches!(verdict, Ok(Verdict::Retry)) {
            verdict = Err(Error::Busy);
        }
        if !connection.is_autocommit() {
            // A panic left a savepoint open, and with it an old view of the data.
            let _ = tx.control("ROLLBACK");
        }
        unit.finish(verdict.map(|_| ()));
    }
}

/// Whose turn it is, the writer's or the checkpoint thread's. Both may be at it together but for the end of a long log.
#[derive(Default)]
struct Turns {
    /// Is held while something is written in bulk.
    bulk: Mutex<()>,
    /// Is held while anything is written.
    write: Mutex<()>,
}

/// What moves the write-ahead log into the database file.
struct Checkpointer {
    connection: Connection,
    /// The database file, to bring to the disk what was moved. It is never closed: with it the process would lose all its
    /// locks on the file, those of SQLite as well.
    file: ManuallyDrop<File>,
    log_pages_max: u32,
    turns: Arc<Turns>,
}

impl Checkpointer {
    fn open(path: &Path, log_pages_max: u32, turns: Arc<Turns>) -> Result<Self> {
        let connection = open(path, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
        let file = File::open(path).map_err(|error| {
            Error::Unusable(format!("the database {} cannot be opened: {error}", path.display()))
        })?;
        Ok(Self { connection, file: ManuallyDrop::new(file), log_pages_max, turns })
    }

    fn run(&self, tick: &Receiver<()>) {
        // The sender is only ever dropped: a timeout is the beat, a disconnect the end.
        while tick.recv_timeout(CHECKPOINT_EVERY) == Err(crossbeam_channel::RecvTimeoutError::Timeout) {
            if let Err(error) = self.checkpoint() {
                tracing::warn!(%error, "the write-ahead log could not be moved into the database file");
            }
        }
    }

    /// Moves the write-ahead log into the file. While the writer goes on, something is always left, and the log grows:
    /// when it has become long, what is written in bulk waits for what is left to be moved, and all else for what comes in
    /// meanwhile. SQLite waits for the disk only when nothing is left: then there is little to wait for, since the rest
    /// is there already. A commit that did the same on its own would keep everybody waiting for all of it (ADR 0014).
    fn checkpoint(&self) -> Result<()> {
        if self.move_log()? < i64::from(self.log_pages_max) {
            return Ok(());
        }
        self.sync()?;
        let _bulk = self.turns.bulk.lock();
        self.move_log()?;
        self.sync()?;
        let _write = self.turns.write.lock();
        self.move_log().map(|_| ())
    }

    /// Moves what there is, without waiting for anybody, and returns how many pages the log has.
    fn move_log(&self) -> Result<i64> {
        Ok(self.connection.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |row| row.get(1))?)
    }

    fn sync(&self) -> Result<()> {
        self.file.sync_data().map_err(|error| Error::Database(format!("the file cannot be synced: {error}")))
    }
}

/// What is written in bulk.
struct Bulk {
    queue: Receiver<Box<dyn Unit>>,
    /// Where writes of other processes are counted, too.
    backlog: Arc<Backlog>,
}

/// Takes turns: what has queued up, then one write in bulk. Neither keeps the other waiting for long.
fn write_loop(connection: &Connection, queue: &Receiver<Box<dyn Unit>>, bulk: &Bulk, turns: &Turns) {
    let mut version = None;
    let mut waiting: Vec<Box<dyn Unit>> = Vec::with_capacity(GROUP_MAX);
    let mut next_in_bulk = None;
    loop {
        if waiting.is_empty() && next_in_bulk.is_none() {
            // The other ends of both are dropped at once, when the database is closed.
            select! {
                recv(queue) -> unit => match unit {
                    Ok(unit) => waiting.push(unit),
                    Err(_) => break,
                },
                recv(bulk.queue) -> unit => match unit {
                    Ok(unit) => next_in_bulk = Some(unit),
                    Err(_) => break,
                },
            }
        }
        waiting.extend(queue.try_iter().take(GROUP_MAX - waiting.len()));
        if !waiting.is_empty() {
            let _turn = turns.write.lock();
            commit_group(connection, &mut waiting);
        }
        let Some(unit) = next_in_bulk.take().or_else(|| bulk.queue.try_recv().ok()) else { continue };
        let Some(_turn) = turns.bulk.try_lock() else {
            next_in_bulk = Some(unit);
            // Others do not wait with it. When their end is gone, so is everybody's: the loop finds out by itself.
            waiting.extend(queue.recv_timeout(TURN_EVERY));
            continue;
        };
        let now = data_version(connection);
        if now != version {
            bulk.backlog.note_write();
            version = now;
        }
        let _turn = turns.write.lock();
        commit_alone(connection, unit);
    }
    // What nobody waits for any more is done nevertheless.
    waiting.extend(queue.try_iter());
    while !waiting.is_empty() {
        commit_group(connection, &mut waiting);
    }
    bulk.queue.try_iter().for_each(|unit| commit_alone(connection, unit));
    let _ = connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()));
}

/// What changes with every commit of another connection, such as that of another process.
fn data_version(connection: &Connection) -> Option<i64> {
    connection.query_row("PRAGMA data_version", [], |row| row.get(0)).ok()
}

/// Runs one unit in a transaction of its own.
fn commit_alone(connection: &Connection, mut unit: Box<dyn Unit>) {
    let mut tx = Tx::new(Conn::Sqlite(connection));
    let mut end = Err(Error::Busy);
    for _ in 0..ATTEMPTS_MAX {
        if let Err(error) = begin(&mut tx) {
            end = Err(error);
            break;
        }
        let verdict = run_guarded(unit.as_mut(), &mut tx);
        if matches!(verdict, Ok(Verdict::Keep)) {
            end = tx.control("COMMIT");
            if end.is_ok() {
                break;
            }
        }
        if !connection.is_autocommit() {
            let _ = tx.control("ROLLBACK");
        }
        match verdict {
            Ok(Verdict::Retry | Verdict::Again) => {}
            Ok(Verdict::Undo) => {
                end = Ok(());
                break;
            }
            Ok(Verdict::Keep) => break,
            Err(error) => {
                end = Err(error);
                break;
            }
        }
    }
    if let Err(error) = &end {
        tracing::warn!(%error, unit = unit.name(), "a unit of work could not be run");
    }
    unit.finish(end);
}

/// Runs units from the front until time is up, commits once, then answers them all.
fn commit_group(connection: &Connection, waiting: &mut Vec<Box<dyn Unit>>) {
    let mut tx = Tx::new(Conn::Sqlite(connection));
    if let Err(error) = begin(&mut tx) {
        tracing::error!(%error, "a transaction could not be started");
        for mut unit in waiting.drain(..) {
            unit.finish(Err(copy(&error)));
        }
        return;
    }
    let started = Instant::now();
    let mut ends = Vec::with_capacity(waiting.len());
    for unit in waiting.iter_mut() {
        let end = run_unit(&mut tx, unit.as_mut());
        if let Err(error) = &end {
            tracing::warn!(%error, unit = unit.name(), "a unit of work could not be run");
        }
        ends.push(end);
        if connection.is_autocommit() {
            // The engine gave the whole group up (a full disk, say): what follows must not run outside of it.
            break;
        }
        if started.elapsed() > GROUP_TIME_MAX {
            break;
        }
    }
    let committed = tx.control("COMMIT");
    if let Err(error) = &committed {
        tracing::error!(%error, "a group of changes could not be committed");
        let _ = tx.control("ROLLBACK");
    }
    // Each unit is finished once: a lane counts on it.
    for (mut unit, end) in waiting.drain(..ends.len()).zip(ends) {
        unit.finish(end.and_then(|()| committed.as_ref().copied().map_err(copy)));
    }
}

fn begin(tx: &mut Tx<'_>) -> Result<()> {
    let mut outcome = tx.control("BEGIN IMMEDIATE");
    for _ in 1..ATTEMPTS_MAX {
        if !matches!(outcome, Err(Error::Retry(_))) {
            break;
        }
        outcome = tx.control("BEGIN IMMEDIATE");
    }
    outcome.map_err(|error| if matches!(error, Error::Retry(_)) { Error::Busy } else { error })
}

/// Runs one unit under a savepoint. `Err` when the engine failed or retries are exhausted.
fn run_unit(tx: &mut Tx<'_>, unit: &mut dyn Unit) -> Result<()> {
    for _ in 0..ATTEMPTS_MAX {
        tx.control("SAVEPOINT unit")?;
        let verdict = run_guarded(unit, tx);
        if !matches!(verdict, Ok(Verdict::Keep)) {
            tx.control("ROLLBACK TO SAVEPOINT unit")?;
        }
        tx.control("RELEASE SAVEPOINT unit")?;
        if matches!(verdict?, Verdict::Keep | Verdict::Undo) {
            return Ok(());
        }
    }
    Err(Error::Busy)
}

/// The same error for another caller.
fn copy(error: &Error) -> Error {
    match error {
        Error::Busy => Error::Busy,
        Error::Closed => Error::Closed,
        other => Error::Database(other.to_string()),
    }
}
