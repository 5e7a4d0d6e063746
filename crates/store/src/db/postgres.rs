//! PostgreSQL: a fixed number of connection threads that take units from one queue.

use std::collections::HashMap;
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use crossbeam_channel::{Receiver, select, unbounded};
use postgres::{Config, NoTls};
use rand::RngExt;

use super::queue::{Backlog, Unit, Verdict, run_guarded};
use super::tx::{Conn, PgSession};
use super::{Engine, Inner, Tx};
use crate::error::{Error, Result};
use crate::migrate::{self, Migration};

/// Runs of one unit before its caller is told that the database is busy.
const ATTEMPTS_MAX: u32 = 10;
/// Connections that write in bulk, and read for that: the buffers of each one grow to what it sends or gets at once, and
/// stay so. An import writes on two of them at once, and looks ahead on one.
const BULK_CONNECTIONS: usize = 3;
/// Longest pause between two runs of one unit.
const PAUSE_MAX: Duration = Duration::from_millis(200);
/// How often a lost connection is tried again before the unit that needs it is refused.
const RECONNECTS_MAX: u32 = 5;

/// Session settings. Every statement is served by an index (a test explains them all), so its plan must
/// not depend on statistics: on tables that have just grown, stale ones made a page of accounts 400 times
/// slower (ADR 0002).
const SETTINGS: [&str; 7] = [
    "SET jit = off",
    "SET max_parallel_workers_per_gather = 0",
    "SET default_toast_compression = 'lz4'",
    "SET enable_seqscan = off",
    "SET enable_hashjoin = off",
    "SET enable_mergejoin = off",
    "SET plan_cache_mode = force_generic_plan",
];

pub(super) fn start(
    url: &str,
    connections: usize,
    backlog: Arc<Backlog>,
    migration: Migration<'_>,
) -> Result<Inner> {
    let config = configure(url)?;
    let mut first = connect(&config)
        .map_err(|error| Error::Unusable(format!("the PostgreSQL database cannot be reached: {error}")))?;
    prepare(&mut first, migration)?;
    let (writes, queue) = unbounded::<Box<dyn Unit>>();
    let (bulk, bulk_queue) = unbounded::<Box<dyn Unit>>();
    let mut threads = Vec::with_capacity(connections);
    let mut session = Some(first);
    for number in 0..connections {
        let bulk = (number < BULK_CONNECTIONS).then(|| bulk_queue.clone());
        let (config, queue) = (config.clone(), queue.clone());
        let mut worker = Worker { config, session: session.take(), queue, bulk };
        threads.push(
            std::thread::Builder::new()
                .name("muster-postgres".into())
                .spawn(move || worker.run())
                .map_err(|error| Error::Database(format!("cannot start a thread: {error}")))?,
        );
    }
    Ok(Inner {
        engine: Engine::Postgres,
        reads: Some(writes.clone()),
        bulk_reads: Some(bulk.clone()),
        bulk: Some(bulk),
        writes: Some(writes),
        backlog,
        threads: parking_lot::Mutex::new(threads),
        _ticker: None,
    })
}

fn configure(url: &str) -> Result<Config> {
    let mut config = Config::from_str(url).map_err(|_| {
        // The error may quote the password.
        Error::Unusable("--database is not a valid PostgreSQL URL (postgres://USER@HOST:PORT/NAME)".into())
    })?;
    config.application_name("muster");
    if config.get_connect_timeout().is_none() {
        config.connect_timeout(Duration::from_secs(10));
    }
    Ok(config)
}

fn connect(config: &Config) -> Result<PgSession> {
    let mut client = config.connect(NoTls)?;
    client.batch_execute("SET default_transaction_isolation = 'read committed'")?;
    if client.batch_execute(&SETTINGS.join("; ")).is_err() {
        for setting in SETTINGS {
            // Gifts of the server: an engine that does not know one does without.
            let _ = client.batch_execute(setting);
        }
    }
    Ok(PgSession { client, prepared: HashMap::new(), groups: HashMap::new() })
}

fn prepare(session: &mut PgSession, migration: Migration<'_>) -> Result<()> {
    let mut tx = Tx::new(Conn::Postgres(session));
    for attempt in 1.. {
        tx.control("BEGIN")?;
        let outcome = migrate::migrate(&mut tx, migration).and_then(|()| tx.control("COMMIT"));
        let Err(error) = outcome else { break };
        tx.control("ROLLBACK")?;
        // Two processes that start at once race to create the very first table.
        if matches!(error, Error::Unusable(_)) || attempt == ATTEMPTS_MAX {
            return Err(error);
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    Ok(())
}

struct Worker {
    config: Config,
    session: Option<PgSession>,
    queue: Receiver<Box<dyn Unit>>,
    /// What is written in bulk, if this one does that as well.
    bulk: Option<Receiver<Box<dyn Unit>>>,
}

impl Worker {
    /// The next unit; none when there will be no more.
    fn next(&self) -> Option<Box<dyn Unit>> {
        let Some(bulk) = &self.bulk else { return self.queue.recv().ok() };
        select! {
            recv(self.queue) -> unit => unit.or_else(|_| bulk.recv()).ok(),
            recv(bulk) -> unit => unit.or_else(|_| self.queue.recv()).ok(),
        }
    }

    fn run(&mut self) {
        // Now, and not when the first requests are waiting. What fails is tried again with the first of them.
        if self.session.is_none() {
            self.session = connect(&self.config).ok();
        }
        while let Some(mut unit) = self.next() {
            let end = self.run_unit(unit.as_mut());
            if let Err(error) = &end {
                tracing::warn!(%error, unit = unit.name(), "a unit of work could not be run");
            }
            unit.finish(end);
        }
    }

    fn run_unit(&mut self, unit: &mut dyn Unit) -> Result<()> {
        for attempt in 0..ATTEMPTS_MAX {
            let session = self.session()?;
            let mut tx = Tx::new(Conn::Postgres(session));
            let bare = unit.only_reads();
            if !bare && tx.control("BEGIN").is_err() {
                self.session = None;
                continue;
            }
            let guarded = run_guarded(unit, &mut tx);
            let verdict = *guarded.as_ref().unwrap_or(&Verdict::Undo);
            let ended = match verdict {
                _ if bare => Ok(()),
                Verdict::Keep => tx.control("COMMIT"),
                _ => tx.control("ROLLBACK"),
            };
            if self.session.as_ref().is_some_and(|s| s.client.is_closed()) {
                self.session = None;
                // Whether a commit that lost its connection took effect is not known: say so.
                if verdict == Verdict::Keep && !bare {
                    return ended;
                }
                continue;
            }
            guarded?;
            match (verdict, ended) {
                (Verdict::Keep | Verdict::Undo, Ok(())) => return Ok(()),
                (Verdict::Keep, Err(Error::Retry(_))) | (Verdict::Retry, _) => pause(attempt),
                (Verdict::Again, _) => {}
                (_, Err(error)) => return Err(error),
            }
        }
        Err(Error::Busy)
    }

    fn session(&mut self) -> Result<&mut PgSession> {
        let mut failures = 0;
        while self.session.is_none() {
            match connect(&self.config) {
                Ok(session) => self.session = Some(session),
                Err(error) if failures == RECONNECTS_MAX => return Err(error),
                Err(_) => {
                    failures += 1;
                    pause(failures + 3);
                }
            }
        }
        self.session.as_mut().ok_or(Error::Closed)
    }
}

/// Waits a random while that grows with the number of attempts.
fn pause(attempt: u32) {
    let longest = Duration::from_millis(2_u64.saturating_pow(attempt + 1)).min(PAUSE_MAX);
    std::thread::sleep(longest.mul_f64(rand::rng().random_range(0.2..1.0)));
}
