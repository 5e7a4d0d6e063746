//! `--scale N`: whether a big database is as fast as a small one.

use std::time::Instant;

use crate::database::Database;
use crate::figures::Results;
use crate::fill::fill;
use crate::requests::{Keys, Request};
use crate::rounds::{Bench, mib};
use crate::server::Storage;
use crate::{Outcome, note};

/// The small database.
const FEW: u64 = 10_000;

impl Bench<'_> {
    /// Measures on a database of [`FEW`] accounts and on one of `many`.
    pub fn scale(&self, many: u64, results: &mut Results) -> Outcome<()> {
        results.scaled_to = Some(many);
        for _ in 0..self.options.repeat {
            // A new one each time: what is created in six seconds is more than it holds.
            let few = self.filled(FEW, results)?;
            self.measure_all(FEW, &few, results)?;
        }
        let database = self.filled(many, results)?;
        for _ in 0..self.options.repeat {
            self.measure_all(many, &database, results)?;
        }
        Ok(())
    }

    #[expect(clippy::cast_precision_loss, reason = "counts are far below 2^52")]
    fn filled(&self, accounts: u64, results: &mut Results) -> Outcome<Database> {
        note(format_args!("{}: filling a database with {accounts} accounts", results.title()));
        let database = Database::new(self.scratch, self.engine)?;
        // A first start sets up the organization and its key.
        let server = self.start(&database, Storage::Kept)?;
        let key = server.key.clone();
        self.stop(server)?;
        let began = Instant::now();
        fill(&database, &key, accounts)?;
        let rate = accounts as f64 / began.elapsed().as_secs_f64();
        results.add_size(&format!("accounts per second when filling up to {accounts}"), rate);
        results.add_size(&format!("database of {accounts} accounts, MiB"), mib(database.size_bytes()?));
        Ok(database)
    }

    /// Reads first: creating makes the database bigger.
    fn measure_all(&self, accounts: u64, database: &Database, results: &mut Results) -> Outcome<()> {
        let server = self.start(database, Storage::Kept)?;
        let suffix = format!(" at {accounts}");
        self.read(&suffix, database, &server, results)?;
        let request = Request::create(&server, Keys::Without);
        self.measure(&format!("create{suffix}"), database, &server, &request, results)?;
        let (peak, _) = server.memory_mib()?;
        results.add_size(&format!("server memory{suffix}, peak, MiB"), peak);
        self.stop(server)
    }
}
