//! A fresh database per test, on either engine, gone when the test ends.

#![expect(clippy::expect_used, reason = "a test without its database has failed")]

use std::path::{Path, PathBuf};

use muster_domain::Timestamp;
use muster_store::db::Target;
use muster_store::{Db, Engine, Options, Result};
use postgres::{Client, NoTls};
use tempfile::TempDir;

/// The moment at which tests happen: 2026-03-02T09:14:07.412Z.
pub const NOW: Timestamp = Timestamp::from_micros(1_772_442_847_412_000);

/// Names the cluster in which every test gets a database of its own.
const CLUSTER: &str = "MUSTER_TEST_POSTGRES_URL";
/// Enough to run side by side, few enough for many tests at once.
const THREADS: usize = 4;

/// An empty database of one engine. It gets its schema when it is opened and goes with this value.
#[derive(Debug)]
pub struct TestDb {
    dir: TempDir,
    target: Target,
}

impl TestDb {
    /// A path at which there is no file yet.
    #[must_use]
    pub fn sqlite() -> Self {
        let dir = new_folder();
        let target = Target::Sqlite(dir.path().join("muster.sqlite3"));
        Self { dir, target }
    }

    /// A new database in the cluster of `MUSTER_TEST_POSTGRES_URL`.
    #[must_use]
    pub fn postgres() -> Self {
        let dir = new_folder();
        let cluster = cluster();
        let url = with_database(&cluster, &database_name(dir.path()));
        run_command(&cluster, &format!("CREATE DATABASE \"{}\"", database_name(dir.path())))
            .expect("a database can be created in the cluster");
        Self { dir, target: Target::Postgres(url) }
    }

    /// One of the engine's kind, as [`TestDb::sqlite`] or [`TestDb::postgres`].
    #[must_use]
    pub fn of(engine: Engine) -> Self {
        match engine {
            Engine::Sqlite => Self::sqlite(),
            Engine::Postgres => Self::postgres(),
        }
    }

    /// The engine.
    #[must_use]
    pub fn engine(&self) -> Engine {
        match self.target {
            Target::Sqlite(_) => Engine::Sqlite,
            Target::Postgres(_) => Engine::Postgres,
        }
    }

    /// A folder of the test's own; a SQLite file lies in it.
    #[must_use]
    pub fn dir(&self) -> &Path {
        self.dir.path()
    }

    /// Its address: `sqlite:PATH` or a PostgreSQL URL.
    #[must_use]
    pub fn url(&self) -> String {
        match &self.target {
            Target::Sqlite(path) => format!("sqlite:{}", path.display()),
            Target::Postgres(url) => url.clone(),
        }
    }

    /// Options with the usual limits and few threads.
    #[must_use]
    pub fn options(&self) -> Options {
        Options { threads: THREADS, ..Options::new(self.target.clone()) }
    }

    /// Opens it at [`NOW`]. Several handles of one database are like several processes.
    #[must_use]
    pub fn open(&self) -> Db {
        self.open_with(&self.options())
    }

    /// Opens it with options of the test's own.
    #[must_use]
    pub fn open_with(&self, options: &Options) -> Db {
        try_open(options).expect("the database can be opened")
    }

    /// Opens it, or tells why not.
    ///
    /// # Errors
    /// As [`Db::open`].
    pub fn try_open(&self) -> Result<Db> {
        try_open(&self.options())
    }

    /// All bytes at rest: SQLite's files as they are; of PostgreSQL every column of every row, as text
    /// and, where they are bytes, as they are.
    #[must_use]
    pub fn dump(&self) -> Vec<u8> {
        match &self.target {
            Target::Sqlite(path) => dump_files(path),
            Target::Postgres(url) => aside(|| dump_tables(url)).expect("every table can be read"),
        }
    }
}

impl Drop for TestDb {
    fn drop(&mut self) {
        if let Target::Postgres(_) = self.target {
            let drop = format!("DROP DATABASE \"{}\" WITH (FORCE)", database_name(self.dir.path()));
            // A test that broke its cluster has said so itself.
            let _ = run_command(&cluster(), &drop);
        }
    }
}

fn try_open(options: &Options) -> Result<Db> {
    aside(|| Db::open(options, NOW))
}

fn new_folder() -> TempDir {
    tempfile::Builder::new().prefix("muster_test_").tempdir().expect("a folder can be created")
}

/// The folder's name is nobody else's, so it is a good name for the database as well.
fn database_name(dir: &Path) -> String {
    dir.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

#[expect(clippy::panic, reason = "a test that is left out would say nothing about PostgreSQL")]
fn cluster() -> String {
    match std::env::var_os(CLUSTER).map(std::ffi::OsString::into_string) {
        Some(Ok(url)) => url,
        _ => panic!("set {CLUSTER}, or run: cargo xtask test"),
    }
}

/// The address of another database in the same cluster.
fn with_database(url: &str, name: &str) -> String {
    let host = url.find("://").map_or(0, |at| at + 3);
    let (address, settings) = url.split_once('?').map_or((url, None), |(a, s)| (a, Some(s)));
    let end = address[host..].find('/').map_or(address.len(), |at| host + at);
    let settings = settings.map(|s| format!("?{s}")).unwrap_or_default();
    format!("{}/{name}{settings}", &address[..end])
}

/// Runs `work` on a thread of its own: a blocking client must not run on an async one.
fn aside<T: Send>(work: impl FnOnce() -> T + Send) -> T {
    std::thread::scope(|scope| match scope.spawn(work).join() {
        Ok(done) => done,
        Err(panic) => std::panic::resume_unwind(panic),
    })
}

fn run_command(url: &str, sql: &str) -> Result<(), postgres::Error> {
    aside(|| Client::connect(url, NoTls)?.batch_execute(sql))
}

fn dump_files(path: &Path) -> Vec<u8> {
    let files = ["", "-wal", "-shm", "-journal"].map(|suffix| {
        let mut name = path.as_os_str().to_owned();
        name.push(suffix);
        // Which of them there are depends on who has the database open.
        std::fs::read(PathBuf::from(name)).unwrap_or_default()
    });
    files.concat()
}

fn dump_tables(url: &str) -> Result<Vec<u8>, postgres::Error> {
    const COLUMNS: &str = "SELECT table_name::text, column_name::text, data_type::text
        FROM information_schema.columns WHERE table_schema = current_schema()
        ORDER BY table_name, ordinal_position";
    let mut client = Client::connect(url, NoTls)?;
    let mut out = Vec::new();
    for column in client.query(COLUMNS, &[])? {
        let (table, name, kind): (String, String, String) = (column.get(0), column.get(1), column.get(2));
        out.extend_from_slice(format!("\n{table}.{name}\n").as_bytes());
        for row in client.query(&format!("SELECT \"{name}\"::text FROM \"{table}\" ORDER BY 1"), &[])? {
            out.extend_from_slice(row.get::<_, Option<&str>>(0).unwrap_or("null").as_bytes());
            out.push(b'\n');
        }
        if kind == "bytea" {
            for row in client.query(&format!("SELECT \"{name}\" FROM \"{table}\" ORDER BY 1"), &[])? {
                out.extend_from_slice(row.get::<_, Option<&[u8]>>(0).unwrap_or_default());
                out.push(b'\n');
            }
        }
    }
    Ok(out)
}

/// Declares tests that run on both engines, each with a database of its own: the test `name` becomes
/// `name::sqlite` and `name::postgres`.
///
/// ```text
/// on_both! {
///     /// Why it matters.
///     async fn a_sentence_that_is_true(db: TestDb) { … }
/// }
/// ```
#[macro_export]
macro_rules! on_both {
    () => {};
    ($(#[$meta:meta])* async fn $name:ident($db:ident: $ty:ty) $body:block $($rest:tt)*) => {
        $(#[$meta])*
        #[cfg(test)]
        mod $name {
            use super::*;

            async fn check($db: $ty) $body

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn sqlite() {
                check($crate::db::TestDb::sqlite()).await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn postgres() {
                check($crate::db::TestDb::postgres()).await;
            }
        }
        $crate::on_both! { $($rest)* }
    };
    ($(#[$meta:meta])* fn $name:ident($db:ident: $ty:ty) $body:block $($rest:tt)*) => {
        $(#[$meta])*
        #[cfg(test)]
        mod $name {
            use super::*;

            fn check($db: $ty) $body

            #[test]
            fn sqlite() {
                check($crate::db::TestDb::sqlite());
            }

            #[test]
            fn postgres() {
                check($crate::db::TestDb::postgres());
            }
        }
        $crate::on_both! { $($rest)* }
    };
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_address_of_another_database_keeps_the_rest() {
        let other = |url| with_database(url, "x");
        assert_eq!(other("postgres://u:p@h:5/postgres"), "postgres://u:p@h:5/x");
        assert_eq!(other("postgres://u@h"), "postgres://u@h/x");
        assert_eq!(other("postgres://u@h/d?host=/run/pg"), "postgres://u@h/x?host=/run/pg");
    }
}
