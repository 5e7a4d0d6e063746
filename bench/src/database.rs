//! Databases of their own for every measurement, on either engine.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use muster_domain::Timestamp;
use muster_store::db::Target;
use muster_store::{Db, Engine};
use postgres::{Client, NoTls};
use rusqlite::{Connection, OpenFlags};
use tempfile::TempDir;

use crate::Outcome;
use crate::scratch::Scratch;

/// Names the cluster in which every measurement gets a database of its own.
const CLUSTER: &str = "MUSTER_BENCH_POSTGRES_URL";

/// A new database. It goes with this value.
pub struct Database {
    folder: TempDir,
    place: Place,
}

enum Place {
    File(PathBuf),
    Cluster { name: String, url: String },
}

/// The accounts of one environment.
#[derive(Clone, Debug)]
pub struct Accounts {
    /// The environment.
    pub environment: String,
    /// Their IDs.
    pub ids: Arc<Vec<String>>,
}

impl Database {
    /// Makes an empty one.
    pub fn new(scratch: &Scratch, engine: Engine) -> Outcome<Self> {
        let folder = scratch.folder()?;
        let place = match engine {
            Engine::Sqlite => Place::File(folder.path().join("muster.sqlite3")),
            Engine::Postgres => {
                static NEXT: AtomicU32 = AtomicU32::new(1);
                let number = NEXT.fetch_add(1, Ordering::Relaxed);
                let name = format!("muster_bench_{}_{number}", std::process::id());
                let cluster = cluster()?;
                command(&cluster, &format!("CREATE DATABASE {name}"))?;
                Place::Cluster { url: with_database(&cluster, &name), name }
            }
        };
        Ok(Self { folder, place })
    }

    /// Makes one with Muster's tables in it.
    pub fn with_tables(scratch: &Scratch, engine: Engine) -> Outcome<Self> {
        let database = Self::new(scratch, engine)?;
        let target = match &database.place {
            Place::File(path) => Target::Sqlite(path.clone()),
            Place::Cluster { url, .. } => Target::Postgres(url.clone()),
        };
        // Opening it is what makes the tables; nothing asks for the time later.
        drop(Db::open(&muster_store::Options::new(target), Timestamp::from_micros(0))?);
        Ok(database)
    }

    /// The data folder of the server that uses it.
    pub fn folder(&self) -> &std::path::Path {
        self.folder.path()
    }

    /// Its address, for `--database`.
    pub fn url(&self) -> String {
        match &self.place {
            Place::File(path) => format!("sqlite:{}", path.display()),
            Place::Cluster { url, .. } => url.clone(),
        }
    }

    /// The engine.
    pub fn engine(&self) -> Engine {
        match self.place {
            Place::File(_) => Engine::Sqlite,
            Place::Cluster { .. } => Engine::Postgres,
        }
    }

    /// Opens it for reading, without Muster.
    pub fn sqlite_reader(&self) -> Outcome<Connection> {
        let Place::File(path) = &self.place else { return Err("not a SQLite database".into()) };
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        Ok(Connection::open_with_flags(path, flags)?)
    }

    /// Opens it for writing, without Muster.
    pub fn sqlite_writer(&self) -> Outcome<Connection> {
        let Place::File(path) = &self.place else { return Err("not a SQLite database".into()) };
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        Ok(Connection::open_with_flags(path, flags)?)
    }

    /// Connects to it, without Muster.
    pub fn postgres(&self) -> Outcome<Client> {
        Ok(Client::connect(&self.url(), NoTls)?)
    }

    /// The bytes it takes. SQLite's file is whole only after a clean stop.
    #[expect(clippy::cast_precision_loss, reason = "databases are smaller than 2^52 bytes")]
    pub fn size_bytes(&self) -> Outcome<f64> {
        match &self.place {
            Place::File(path) => {
                let log = path.with_extension("sqlite3-wal");
                let log = std::fs::metadata(log).map_or(0, |file| file.len());
                Ok((std::fs::metadata(path)?.len() + log) as f64)
            }
            Place::Cluster { .. } => {
                let size: i64 =
                    self.postgres()?.query_one("SELECT pg_database_size(current_database())", &[])?.get(0);
                Ok(size as f64)
            }
        }
    }

    /// Reads the IDs of all accounts. There is one environment that has any.
    pub fn accounts(&self) -> Outcome<Accounts> {
        const ALL: &str = "SELECT environment_id, id FROM accounts";
        let pairs: Vec<(String, String)> = match self.engine() {
            Engine::Sqlite => self
                .sqlite_reader()?
                .prepare(ALL)?
                .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?
                .collect::<Result<_, _>>()?,
            Engine::Postgres => {
                self.postgres()?.query(ALL, &[])?.iter().map(|row| (row.get(0), row.get(1))).collect()
            }
        };
        let environment = pairs.first().ok_or("no account was stored")?.0.clone();
        Ok(Accounts { environment, ids: Arc::new(pairs.into_iter().map(|(_, id)| id).collect()) })
    }

    /// Lets PostgreSQL write out what earlier measurements left, as a SQLite file does when it is closed.
    pub fn settle(&self) -> Outcome<()> {
        if self.engine() == Engine::Postgres {
            // Fresh statistics too: autovacuum would gather them in the middle of the measurement.
            self.postgres()?.batch_execute("ANALYZE; CHECKPOINT")?;
        }
        crate::machine::settle();
        Ok(())
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        if let (Place::Cluster { name, .. }, Ok(cluster)) = (&self.place, cluster()) {
            // The cluster may be gone, and the database with it.
            let _ = command(&cluster, &format!("DROP DATABASE {name} WITH (FORCE)"));
        }
    }
}

/// The address of the cluster for the measurements.
pub fn cluster() -> Outcome<String> {
    match std::env::var_os(CLUSTER).map(std::ffi::OsString::into_string) {
        Some(Ok(url)) => Ok(url),
        _ => Err(format!("set {CLUSTER}, or run: cargo xtask bench, or measure --engine sqlite").into()),
    }
}

fn command(url: &str, sql: &str) -> Outcome<()> {
    Ok(Client::connect(url, NoTls)?.batch_execute(sql)?)
}

/// The address of another database in the same cluster.
fn with_database(url: &str, name: &str) -> String {
    let host = url.find("://").map_or(0, |at| at + 3);
    let (address, settings) = url.split_once('?').map_or((url, String::new()), |(a, s)| (a, format!("?{s}")));
    let end = address[host..].find('/').map_or(address.len(), |at| host + at);
    format!("{}/{name}{settings}", &address[..end])
}
