//! Units of work: named, synchronous, re-runnable closures that run on database threads.
//!
//! * [`Db::write`] runs a closure in one transaction. On SQLite one writer thread commits whatever has
//!   queued up at once (each unit under a savepoint); on PostgreSQL each connection thread runs one.
//! * [`Db::write_bulk`] does so for many rows at once, behind whatever somebody waits for.
//! * [`Db::read`] runs a closure on a reading connection.
//! * [`Lane`] runs a hot command over slices: what has queued up goes through one call.
//!
//! No reply leaves before its commit is durable. A closure may run twice, so it must change nothing
//! but the database.

mod lane;
mod postgres;
mod queue;
mod sqlite;
mod tx;

use std::path::PathBuf;
use std::sync::Arc;

use crossbeam_channel::Sender;
use muster_domain::Timestamp;
use tokio::sync::oneshot;

pub use lane::Lane;
pub use tx::Tx;

use crate::error::{Error, Result, Retry};
use crate::migrate::Migration;
use queue::{Backlog, Unit, Verdict};

/// Which database engine is behind a [`Db`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Engine {
    /// One embedded file.
    Sqlite = 0,
    /// PostgreSQL, or an engine that speaks its protocol.
    Postgres = 1,
}

/// Where the database is and how hard it may be driven.
#[derive(Clone, Debug)]
pub struct Options {
    /// The address of the database.
    pub target: Target,
    /// Threads: readers on SQLite, connections on PostgreSQL.
    pub threads: usize,
    /// Units of work that may wait; beyond, callers are told to come back later.
    pub queue_units_max: usize,
    /// On SQLite, pages of the write-ahead log from which on writes wait until all of it is in the file, so that it begins
    /// anew; 256 MB by default.
    pub log_pages_max: u32,
    /// The fingerprint of the master key: noted in a new database, compared in others. None skips that.
    pub master_key: Option<String>,
}

/// The address of a database. It never prints, since it may hold a password.
#[derive(Clone)]
pub enum Target {
    /// An embedded file.
    Sqlite(PathBuf),
    /// A PostgreSQL connection string.
    Postgres(String),
}

impl Options {
    /// Options with the measured defaults (ADR 0001).
    #[must_use]
    pub fn new(target: Target) -> Self {
        let threads = match target {
            Target::Sqlite(_) => std::thread::available_parallelism().map_or(2, |n| n.get().clamp(2, 8)),
            Target::Postgres(_) => 16,
        };
        Self { target, threads, queue_units_max: 8192, log_pages_max: 64_000, master_key: None }
    }

    /// Reads `sqlite:PATH` or `postgres://…`.
    ///
    /// # Errors
    /// [`Error::Unusable`] that says which addresses there are.
    pub fn parse(url: &str) -> Result<Self> {
        let target = if let Some(path) = url.strip_prefix("sqlite:") {
            Target::Sqlite(PathBuf::from(path.strip_prefix("//").unwrap_or(path)))
        } else if url.starts_with("postgres://") || url.starts_with("postgresql://") {
            Target::Postgres(url.to_owned())
        } else {
            return Err(Error::Unusable(
                "--database must be sqlite:PATH or postgres://USER@HOST:PORT/NAME".into(),
            ));
        };
        if matches!(&target, Target::Sqlite(path) if path.as_os_str().is_empty()) {
            return Err(Error::Unusable(
                "--database sqlite: needs a path, as in sqlite:muster.sqlite3".into(),
            ));
        }
        Ok(Self::new(target))
    }
}

impl std::fmt::Debug for Target {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Sqlite(_) => "Sqlite",
            Self::Postgres(_) => "Postgres",
        })
    }
}

impl Target {
    /// Refuses a file that belongs to something else, as [`Db::open`] would, but without opening it.
    ///
    /// # Errors
    /// [`Error::Unusable`] with one line for the operator.
    pub fn check(&self) -> Result<()> {
        match self {
            Self::Sqlite(path) => sqlite::check_file(path),
            Self::Postgres(_) => Ok(()),
        }
    }
}

/// A database. Cloning it is cheap; the threads end when the last clone is gone.
#[derive(Clone)]
pub struct Db {
    inner: Arc<Inner>,
}

struct Inner {
    engine: Engine,
    writes: Option<Sender<Box<dyn Unit>>>,
    bulk: Option<Sender<Box<dyn Unit>>>,
    bulk_reads: Option<Sender<Box<dyn Unit>>>,
    reads: Option<Sender<Box<dyn Unit>>>,
    backlog: Arc<Backlog>,
    threads: parking_lot::Mutex<Vec<std::thread::JoinHandle<()>>>,
    /// Dropping it ends the checkpoint thread.
    _ticker: Option<Sender<()>>,
}

impl Drop for Inner {
    fn drop(&mut self) {
        self.writes = None;
        self.bulk = None;
        self.bulk_reads = None;
        self.reads = None;
        self._ticker = None;
        for thread in self.threads.get_mut().drain(..) {
            // The last clone may be dropped by a database thread itself, which cannot wait for itself.
            if thread.thread().id() != std::thread::current().id() {
                let _ = thread.join();
            }
        }
    }
}

impl Db {
    /// Opens the database, brings its schema up to date and starts its threads.
    ///
    /// # Errors
    /// [`Error::Unusable`] with one line for the operator; nothing is touched then.
    pub fn open(options: &Options, now: Timestamp) -> Result<Self> {
        let backlog = Arc::new(Backlog::new(options.queue_units_max));
        let migration = Migration { now, master_key: options.master_key.as_deref() };
        let inner = match &options.target {
            Target::Sqlite(path) => {
                sqlite::start(path, (options.threads, options.log_pages_max), backlog, migration)?
            }
            Target::Postgres(url) => postgres::start(url, options.threads, backlog, migration)?,
        };
        Ok(Self { inner: Arc::new(inner) })
    }

    /// The engine behind it.
    #[must_use]
    pub fn engine(&self) -> Engine {
        self.inner.engine
    }

    /// How many writes were begun since it was opened, those in bulk aside: whoever writes in bulk learns from it
    /// whether anybody else writes. On SQLite, other processes that write count, too.
    #[must_use]
    pub fn writes_begun(&self) -> u64 {
        self.inner.backlog.writes_begun()
    }

    /// Runs `work` in one transaction and answers when it is durable.
    ///
    /// `Err` from `work` rolls it back. It is run again after a serialization failure or deadlock.
    ///
    /// # Errors
    /// What `work` returns, or [`Error::Busy`] when the queue is full or retries are exhausted.
    pub async fn write<T, E, F>(&self, name: &'static str, work: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: Retry + Send + 'static,
        F: FnMut(&mut Tx<'_>) -> Result<T, E> + Send + 'static,
    {
        self.submit(Purpose::Write, name, work).await
    }

    /// Runs `work` on a reading connection. It sees every commit that was answered before.
    ///
    /// Statements of one `work` may see commits that happen in between.
    ///
    /// # Errors
    /// What `work` returns, or [`Error::Busy`] when the queue is full.
    pub async fn read<T, E, F>(&self, name: &'static str, work: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: Retry + Send + 'static,
        F: FnMut(&mut Tx<'_>) -> Result<T, E> + Send + 'static,
    {
        self.submit(Purpose::Read, name, work).await
    }

    /// [`Db::write`] for a thread that may wait. Never call it on an async thread.
    ///
    /// # Errors
    /// As [`Db::write`].
    pub fn write_blocking<T, E, F>(&self, name: &'static str, work: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: Retry + Send + 'static,
        F: FnMut(&mut Tx<'_>) -> Result<T, E> + Send + 'static,
    {
        let reply = self.enqueue(Purpose::Write, name, work)?;
        reply.blocking_recv().unwrap_or_else(|_| Err(Error::Closed.into()))
    }

    /// Begins a write of many rows and goes on; [`Pending::wait`] says how it ended.
    ///
    /// On SQLite it goes behind all writes that wait, alone in its transaction: without a savepoint, for which the
    /// engine would keep a copy of every page that changes. Some milliseconds are what others should have to wait.
    ///
    /// # Errors
    /// [`Error::Busy`] when the queue is full.
    pub fn write_bulk<T, E, F>(&self, name: &'static str, work: F) -> Result<Pending<T, E>, E>
    where
        T: Send + 'static,
        E: Retry + Send + 'static,
        F: FnMut(&mut Tx<'_>) -> Result<T, E> + Send + 'static,
    {
        self.enqueue(Purpose::Bulk, name, work).map(|reply| Pending { reply })
    }

    /// [`Db::read`] for a thread that may wait. Never call it on an async thread.
    ///
    /// # Errors
    /// As [`Db::read`].
    pub fn read_blocking<T, E, F>(&self, name: &'static str, work: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: Retry + Send + 'static,
        F: FnMut(&mut Tx<'_>) -> Result<T, E> + Send + 'static,
    {
        let reply = self.enqueue(Purpose::Read, name, work)?;
        reply.blocking_recv().unwrap_or_else(|_| Err(Error::Closed.into()))
    }

    /// [`Db::read_blocking`] of what many rows need at once, which whoever writes in bulk does.
    ///
    /// # Errors
    /// As [`Db::read`].
    pub fn read_bulk<T, E, F>(&self, name: &'static str, work: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: Retry + Send + 'static,
        F: FnMut(&mut Tx<'_>) -> Result<T, E> + Send + 'static,
    {
        let reply = self.enqueue(Purpose::BulkRead, name, work)?;
        reply.blocking_recv().unwrap_or_else(|_| Err(Error::Closed.into()))
    }

    async fn submit<T, E, F>(&self, purpose: Purpose, name: &'static str, work: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: Retry + Send + 'static,
        F: FnMut(&mut Tx<'_>) -> Result<T, E> + Send + 'static,
    {
        let reply = self.enqueue(purpose, name, work)?;
        reply.await.unwrap_or_else(|_| Err(Error::Closed.into()))
    }

    fn enqueue<T, E, F>(
        &self,
        purpose: Purpose,
        name: &'static str,
        work: F,
    ) -> Result<oneshot::Receiver<Result<T, E>>, E>
    where
        T: Send + 'static,
        E: Retry + Send + 'static,
        F: FnMut(&mut Tx<'_>) -> Result<T, E> + Send + 'static,
    {
        let (sender, receiver) = oneshot::channel();
        let place = self.inner.backlog.enter()?;
        let only_reads = matches!(purpose, Purpose::Read | Purpose::BulkRead);
        let unit =
            ClosureUnit { name, only_reads, work, outcome: None, reply: Some(sender), place: Some(place) };
        let queue = match purpose {
            Purpose::Read => &self.inner.reads,
            Purpose::Bulk => &self.inner.bulk,
            Purpose::BulkRead => &self.inner.bulk_reads,
            Purpose::Write => {
                self.inner.backlog.note_write();
                &self.inner.writes
            }
        };
        queue.as_ref().ok_or(Error::Closed)?.send(Box::new(unit)).map_err(|_| Error::Closed)?;
        Ok(receiver)
    }
}

/// A write that was begun.
#[derive(Debug)]
pub struct Pending<T, E> {
    reply: oneshot::Receiver<Result<T, E>>,
}

impl<T, E: Retry> Pending<T, E> {
    /// Waits until it is durable, or refused. Never call it on an async thread.
    ///
    /// # Errors
    /// As [`Db::write`].
    pub fn wait(self) -> Result<T, E> {
        self.reply.blocking_recv().unwrap_or_else(|_| Err(Error::Closed.into()))
    }
}

/// What a closure is for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Purpose {
    Read,
    Write,
    Bulk,
    BulkRead,
}

/// A closure on its way through a database thread.
struct ClosureUnit<T, E, F> {
    name: &'static str,
    only_reads: bool,
    work: F,
    outcome: Option<Result<T, E>>,
    reply: Option<oneshot::Sender<Result<T, E>>>,
    place: Option<queue::Place>,
}

impl<T, E, F> Unit for ClosureUnit<T, E, F>
where
    T: Send,
    E: Retry + Send,
    F: FnMut(&mut Tx<'_>) -> Result<T, E> + Send,
{
    fn name(&self) -> &'static str {
        self.name
    }

    fn only_reads(&self) -> bool {
        self.only_reads
    }

    fn run(&mut self, tx: &mut Tx<'_>) -> Verdict {
        let outcome = (self.work)(tx);
        let verdict = match &outcome {
            Ok(_) => Verdict::Keep,
            Err(error) if error.is_retry() => Verdict::Retry,
            Err(_) => Verdict::Undo,
        };
        self.outcome = Some(outcome);
        verdict
    }

    fn finish(&mut self, end: Result<()>) {
        let outcome = match (end, self.outcome.take()) {
            (Err(error), Some(Ok(_)) | None) => Err(error.into()),
            (Err(error), Some(Err(own))) => Err(if own.is_retry() { error.into() } else { own }),
            (Ok(()), Some(outcome)) => outcome,
            (Ok(()), None) => Err(Error::Closed.into()),
        };
        // Whoever has the answer is out of the queue.
        self.place = None;
        if let Some(reply) = self.reply.take() {
            // The caller may have gone away; what it asked for is done all the same.
            let _ = reply.send(outcome);
        }
    }
}
