//! One round: everything once, each ratio's two lines next to each other.

use std::path::Path;

use muster_store::Engine;

use crate::database::Database;
use crate::figures::Results;
use crate::fill::fill;
use crate::options::{Options, Scenario};
use crate::raw::{self, Pressure};
use crate::requests::{Keys, Request};
use crate::sample::Sample;
use crate::scratch::Scratch;
use crate::server::{Server, Storage};
use crate::{Outcome, http, note};

const MIB: f64 = 1024.0 * 1024.0;
/// Accounts to read from when none are to be created.
const ACCOUNTS_TO_READ: u64 = 10_000;

/// What all rounds on one engine share.
pub struct Bench<'a> {
    /// The command line.
    pub options: &'a Options,
    /// The program under test.
    pub binary: &'a Path,
    /// Where everything is put.
    pub scratch: &'a Scratch,
    /// What an account looks like in the database.
    pub sample: &'a Sample,
    /// The engine.
    pub engine: Engine,
}

impl Bench<'_> {
    /// Runs one round.
    pub fn round(&self, results: &mut Results) -> Outcome<()> {
        let wants = |scenario| self.options.wants(scenario);
        if wants(Scenario::Create) {
            self.raw_create("raw create", Keys::Without, results)?;
        }
        if wants(Scenario::Create) || wants(Scenario::Retrieve) || wants(Scenario::List) {
            self.create_and_read(results)?;
        }
        if wants(Scenario::Idempotent) {
            self.raw_create("raw idempotent", Keys::Unique, results)?;
            self.create_idempotent(results)?;
        }
        if wants(Scenario::WithoutStorage) {
            self.create_nothing(results)?;
        }
        Ok(())
    }

    fn raw_create(&self, name: &str, keys: Keys, results: &mut Results) -> Outcome<()> {
        let database = Database::with_tables(self.scratch, self.engine)?;
        database.settle()?;
        results.add(name, raw::create(&database, self.sample, keys, self.pressure())?);
        Ok(())
    }

    fn create_and_read(&self, results: &mut Results) -> Outcome<()> {
        let database = Database::new(self.scratch, self.engine)?;
        let server = self.start(&database, Storage::Kept)?;
        let empty_bytes = self.empty_bytes(&database)?;
        if self.options.wants(Scenario::Create) {
            self.measure("create", &database, &server, &Request::create(&server, Keys::Without), results)?;
            let (peak, now) = server.memory_mib()?;
            results.add_size("server memory after create, peak, MiB", peak);
            results.add_size("server memory after create, MiB", now);
        } else {
            fill(&database, &server.key, ACCOUNTS_TO_READ)?;
        }
        let accounts = self.read("", &database, &server, results)?;
        let (peak, _) = server.memory_mib()?;
        results.add_size("server memory after reads, peak, MiB", peak);
        self.stop(server)?;
        results.add_size("bytes per account", bytes_each(&database, empty_bytes, accounts)?);
        Ok(())
    }

    fn create_idempotent(&self, results: &mut Results) -> Outcome<()> {
        let database = Database::new(self.scratch, self.engine)?;
        let server = self.start(&database, Storage::Kept)?;
        let empty_bytes = self.empty_bytes(&database)?;
        self.measure("idempotent", &database, &server, &Request::create(&server, Keys::Unique), results)?;
        self.stop(server)?;
        let accounts = database.accounts()?.ids.len();
        let bytes = bytes_each(&database, empty_bytes, accounts)?;
        results.add_size("bytes per account with idempotency key", bytes);
        Ok(())
    }

    fn create_nothing(&self, results: &mut Results) -> Outcome<()> {
        let database = Database::new(self.scratch, self.engine)?;
        let server = self.start(&database, Storage::Skipped)?;
        let request = Request::create(&server, Keys::Without);
        self.measure("without storage", &database, &server, &request, results)?;
        self.stop(server)
    }

    /// Reads what is there, over HTTP and without. Returns how many accounts there are.
    pub(crate) fn read(
        &self,
        suffix: &str,
        database: &Database,
        server: &Server,
        results: &mut Results,
    ) -> Outcome<usize> {
        let accounts = database.accounts()?;
        if self.options.wants(Scenario::Retrieve) || !suffix.is_empty() {
            let request = Request::retrieve(server, accounts.ids.clone());
            self.measure(&format!("retrieve{suffix}"), database, server, &request, results)?;
            let figure = raw::retrieve(database, &accounts, self.pressure())?;
            results.add(&format!("raw retrieve{suffix}"), figure);
        }
        if self.options.wants(Scenario::List) || !suffix.is_empty() {
            let request = Request::list(server, accounts.ids.clone());
            self.measure(&format!("list{suffix}"), database, server, &request, results)?;
            let figure = raw::list(database, &accounts, self.pressure())?;
            results.add(&format!("raw list{suffix}"), figure);
        }
        Ok(accounts.ids.len())
    }

    /// Puts a server under load.
    pub(crate) fn measure(
        &self,
        name: &str,
        database: &Database,
        server: &Server,
        request: &Request,
        results: &mut Results,
    ) -> Outcome<()> {
        database.settle()?;
        if self.options.profile {
            note(format_args!("{name}: {}", server.how_to_profile()));
        }
        let figure = http::measure(server, request, self.options.connections, self.options.seconds)?;
        results.add(name, figure);
        Ok(())
    }

    pub(crate) fn start(&self, database: &Database, storage: Storage) -> Outcome<Server> {
        Server::start(self.binary, self.scratch, database, storage)
    }

    /// Ends a server; what it complained about is shown.
    pub(crate) fn stop(&self, server: Server) -> Outcome<()> {
        let log = server.stop()?;
        if !log.is_empty() {
            note(format_args!("the server said:\n{log}"));
        }
        Ok(())
    }

    pub(crate) fn pressure(&self) -> Pressure {
        Pressure { clients: self.options.connections, seconds: self.options.seconds }
    }

    /// What the database takes before there is an account in it.
    fn empty_bytes(&self, database: &Database) -> Outcome<f64> {
        match self.engine {
            // While the server runs, it stands in the log.
            Engine::Sqlite => Ok(self.sample.empty_bytes),
            Engine::Postgres => database.size_bytes(),
        }
    }
}

#[expect(clippy::cast_precision_loss, reason = "counts are far below 2^52")]
fn bytes_each(database: &Database, empty_bytes: f64, accounts: usize) -> Outcome<f64> {
    Ok((database.size_bytes()? - empty_bytes) / accounts.max(1) as f64)
}

/// Megabytes.
pub fn mib(bytes: f64) -> f64 {
    bytes / MIB
}
