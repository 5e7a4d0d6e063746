//! The ceiling on SQLite: one writer that commits what waits, readers with prepared statements.

use std::hint::black_box;
use std::thread;
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, RecvTimeoutError, Sender, bounded};
use rusqlite::types::ValueRef;
use rusqlite::{Connection, Statement, params};

use super::{Setting, Waiting, answer, take_group};
use crate::Outcome;
use crate::closed_loop::{Meter, Window};
use crate::database::{Accounts, Database};
use crate::figures::Figure;
use crate::numbers::Numbers;
use crate::requests::{Keys, pick};

/// The settings of the store; the page size of 8 KB is in the file.
fn tune(connection: &Connection) -> Outcome<()> {
    for (name, value) in [("cache_size", -131_072_i64), ("mmap_size", 1 << 30), ("temp_store", 2)] {
        connection.pragma_update(None, name, value)?;
    }
    connection.pragma_update(None, "wal_autocheckpoint", 16_000)?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.busy_timeout(Duration::from_secs(10))?;
    Ok(())
}

/// The thread that moves the log into the file. It ends with this value.
pub(super) struct Checkpointer {
    stop: Option<Sender<()>>,
    thread: Option<thread::JoinHandle<()>>,
}

impl Checkpointer {
    pub(super) fn start(database: &Database) -> Outcome<Self> {
        let connection = database.sqlite_writer()?;
        tune(&connection)?;
        let (stop, stopped) = bounded::<()>(0);
        let thread = thread::spawn(move || {
            while stopped.recv_timeout(Duration::from_millis(100)) == Err(RecvTimeoutError::Timeout) {
                // One that fails is made up for by the next.
                let _ = connection.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |_| Ok(()));
            }
        });
        Ok(Self { stop: Some(stop), thread: Some(thread) })
    }
}

impl Drop for Checkpointer {
    fn drop(&mut self) {
        self.stop = None;
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

struct Inserts<'c> {
    account: Statement<'c>,
    identifier: Statement<'c>,
    index: Statement<'c>,
    key: Statement<'c>,
    event: Statement<'c>,
    reply: Statement<'c>,
}

impl<'c> Inserts<'c> {
    fn prepare(connection: &'c Connection) -> Outcome<Self> {
        Ok(Self {
            account: connection.prepare(
                "INSERT INTO accounts (environment_id, id, account_type_id, status_id, reference_id, tags,
                     fields, version, created_at, updated_at)
                 VALUES (?1, ?2, ?3, ?4, ?5, '', ?6, 1, ?7, ?7)",
            )?,
            identifier: connection.prepare(
                "INSERT INTO identifiers (environment_id, account_type_id, key, value, account_id)
                 VALUES (?1, ?2, 'reference_id', ?3, ?4)",
            )?,
            index: connection.prepare(
                "INSERT INTO field_index (environment_id, value, account_id) VALUES (?1, ?2, ?3)",
            )?,
            key: connection
                .prepare("INSERT INTO data_keys (environment_id, subject_id, wrapped) VALUES (?1, ?2, ?3)")?,
            event: connection.prepare(
                "INSERT INTO events (environment_id, id, object_id, object_seq, name, actor, source, at, payload)
                 VALUES (?1, ?2, ?3, 1, ?4, ?5, ?6, ?7, NULL)",
            )?,
            reply: connection.prepare(
                "INSERT INTO idempotency_keys (environment_id, key, fingerprint, status, subject_id, body,
                     created_at)
                 VALUES (?1, ?2, ?2, 201, ?3, ?4, ?5)",
            )?,
        })
    }

    fn run(&mut self, setting: Setting<'_>, waiting: &Waiting) -> Outcome<()> {
        let (s, b, row) = (setting.sample, setting.blobs, &waiting.row);
        let fields = &b.fields[row.blob];
        self.account.execute(params![
            s.environment,
            row.account,
            s.account_type,
            s.status,
            row.reference,
            fields,
            s.at
        ])?;
        self.identifier.execute(params![
            s.environment,
            s.account_type,
            row.reference.as_bytes(),
            row.account
        ])?;
        // Everybody has the same telephone number, and an e-mail address of their own.
        for value in [row.key, [0; 16]] {
            self.index.execute(params![s.environment, value.as_slice(), row.account])?;
        }
        self.key.execute(params![s.environment, row.account, b.wrapped[row.blob]])?;
        self.event.execute(params![
            s.environment,
            row.event,
            row.account,
            s.event,
            s.actor,
            s.source,
            s.at
        ])?;
        if setting.keys == Keys::Unique {
            let reply = &b.replies[row.blob];
            self.reply.execute(params![s.environment, row.key.as_slice(), row.account, reply, s.at])?;
        }
        Ok(())
    }
}

/// Writes groups until all clients are gone.
pub(super) fn write(database: &Database, setting: Setting<'_>, waiting: &Receiver<Waiting>) -> Outcome<()> {
    let connection = database.sqlite_writer()?;
    tune(&connection)?;
    let mut begin = connection.prepare("BEGIN IMMEDIATE")?;
    let mut commit = connection.prepare("COMMIT")?;
    let mut inserts = Inserts::prepare(&connection)?;
    loop {
        let group = take_group(waiting);
        if group.is_empty() {
            return Ok(());
        }
        begin.execute([])?;
        for one in &group {
            inserts.run(setting, one)?;
        }
        commit.execute([])?;
        answer(group);
    }
}

/// Reads at random with as many threads, each as fast as it can.
pub(super) fn read(
    database: &Database,
    accounts: &Accounts,
    sql: &str,
    threads: usize,
    seconds: u64,
) -> Outcome<Figure> {
    let numbers = Numbers::new();
    let window = Window::open(seconds);
    let meters = thread::scope(|scope| {
        let readers: Vec<_> = (0..threads)
            .map(|_| {
                scope.spawn(|| read_loop(&database.sqlite_reader()?, accounts, sql, &numbers, window.meter()))
            })
            .collect();
        readers
            .into_iter()
            .map(|reader| reader.join().map_err(|_| "a raw reader panicked")?)
            .collect::<Outcome<Vec<Meter>>>()
    })?;
    Ok(window.figure(meters))
}

fn read_loop(
    connection: &Connection,
    accounts: &Accounts,
    sql: &str,
    numbers: &Numbers,
    mut meter: Meter,
) -> Outcome<Meter> {
    tune(connection)?;
    let mut statement = connection.prepare(sql)?;
    let columns = statement.column_count();
    loop {
        let began = Instant::now();
        let id = &accounts.ids[pick(numbers.next(), accounts.ids.len())];
        let mut rows = statement.query(params![accounts.environment, id])?;
        while let Some(row) = rows.next()? {
            for column in 0..columns {
                // A copy, as any program needs one: the row is gone with the next step.
                black_box(match row.get_ref(column)? {
                    ValueRef::Text(bytes) | ValueRef::Blob(bytes) => bytes.to_vec(),
                    _ => Vec::new(),
                });
            }
        }
        if !meter.note(began) {
            return Ok(meter);
        }
    }
}
