//! Every business rule of Muster, once, as commands and queries.
//!
//! Commands are synchronous functions over a transaction; whoever owns the unit of work owns the
//! transaction. They record events, never start anything, and never learn who called them.

pub mod account_types;
pub mod accounts;
pub mod address;
pub mod api_logs;
pub mod catalog;
pub mod documents;
mod error;
pub mod events;
pub mod idempotency;
pub mod imports;
pub mod inquiries;
pub mod inquiry_templates;
pub mod jobs;
pub mod keys;
pub mod outside;
pub mod rate_limits;
pub mod record;
pub mod reports;
pub mod scope;
pub mod selfies;
pub mod setup;
pub mod user_audit_logs;
pub mod verifications;
pub mod watchlists;

use std::sync::Arc;

use muster_domain::Timestamp;
use muster_store::{Db, Lane, seal::MasterKey};

pub use catalog::{Catalog, Catalogs};
pub use error::{Error, Result};
pub use scope::{Cx, EnvironmentContext, ReadCx, Scope, View};

use accounts::{Answer, FindOrCreate};
use outside::Outside;

/// Reads the clock. The only one that does is in `server`; tests bring their own.
pub type Clock = Arc<dyn Fn() -> Timestamp + Send + Sync>;

/// Accounts that go through the rule in one transaction at the most.
const SLICE_MAX: usize = 256;

/// The running application: a database, its master key, its caches.
pub struct App {
    /// The database.
    pub db: Db,
    /// What wraps every other key.
    pub master: Arc<MasterKey>,
    /// Types and tags of the organizations.
    pub catalogs: Arc<Catalogs>,
    /// The watchlists of the organizations, as they were asked last.
    pub watchlists: watchlists::Indexes,
    /// The clock.
    pub clock: Clock,
    /// The one way in for accounts that may have to be created.
    pub accounts: Lane<FindOrCreate, Answer, Error>,
    /// The imports of this process.
    pub imports: imports::Imports,
    /// Mail, text messages and providers: never called inside a transaction.
    pub outside: Outside,
}

impl App {
    /// Puts an application on top of an open database.
    #[must_use]
    pub fn new(db: Db, master: MasterKey, clock: Clock) -> Self {
        let master = Arc::new(master);
        let lane_master = Arc::clone(&master);
        let accounts = Lane::new(&db, "accounts.find_or_create", SLICE_MAX, move |tx, items| {
            accounts::find_or_create(tx, &lane_master, items)
        });
        let catalogs = Arc::new(Catalogs::default());
        let watchlists = watchlists::Indexes::default();
        let (imports, outside) = (imports::Imports::default(), Outside::default());
        Self { db, master, catalogs, watchlists, clock, accounts, imports, outside }
    }

    /// The same application with something outside.
    #[must_use]
    pub fn with_outside(self, outside: Outside) -> Self {
        Self { outside, ..self }
    }

    /// The time it is.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        (self.clock)()
    }
}
