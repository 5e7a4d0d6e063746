//! Filling a database fast: Muster's own rule, in this process, over slices of a thousand.

use std::path::Path;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use crossbeam_channel::{Receiver, Sender, bounded};
use muster_app::accounts::{Answer, FindOrCreate, NewAccount, OnExisting, Wishes, find_or_create, prepare};
use muster_app::{App, Catalog, Error, Scope, keys};
use muster_domain::account::ReferenceId;
use muster_domain::account_type::Requirements;
use muster_domain::event::{Actor, Source};
use muster_domain::{IdSource, Timestamp};
use muster_store::Db;
use muster_store::seal::MasterKey;

use crate::Outcome;
use crate::database::Database;
use crate::numbers::{Numbers, hex};
use crate::requests::{fields, reference};

/// Accounts of one transaction.
const SLICE: u64 = 1000;
/// Transactions at once: SQLite has one writer, PostgreSQL does not get faster with more.
const WRITERS: usize = 2;

/// Makes the account that goes with a unique text.
pub type Maker<'a> = dyn FnMut(&str) -> Outcome<NewAccount> + 'a;

/// Adds accounts to a database that a server has been started on before.
pub fn fill(database: &Database, key: &str, count: u64) -> Outcome<()> {
    fill_with(database, key, count, &mut new_account)
}

/// Adds accounts of the caller's own to a database that a server has been started on before.
pub fn fill_with(database: &Database, key: &str, count: u64, maker: &mut Maker<'_>) -> Outcome<()> {
    let db = Db::open(&muster_store::Options::parse(&database.url())?, now())?;
    let app = App::new(db, master_key(database.folder())?, Arc::new(now));
    let (scope, catalog) = surroundings(&app, key)?;
    let (slices, waiting) = bounded(WRITERS);
    thread::scope(|threads| {
        let writers: Vec<_> = (0..WRITERS).map(|_| threads.spawn(|| write(&app, &waiting))).collect();
        let made = make(&app, (&scope, &catalog), count, maker, &slices);
        // The writers end when there is nobody left who could send them anything.
        drop(slices);
        for writer in writers {
            writer.join().map_err(|_| "a filling thread panicked")??;
        }
        made
    })
}

#[expect(clippy::disallowed_methods, reason = "this process stands in for the server, which reads the clock")]
fn now() -> Timestamp {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or(Duration::ZERO);
    Timestamp::from_micros(i64::try_from(since.as_micros()).unwrap_or(i64::MAX))
}

fn master_key(folder: &Path) -> Outcome<MasterKey> {
    let text = std::fs::read_to_string(folder.join("master.key"))?;
    let bytes = <[u8; 32]>::try_from(STANDARD.decode(text.trim())?).map_err(|_| "master.key is damaged")?;
    Ok(MasterKey::new(bytes))
}

/// What a request with this key would find.
fn surroundings(app: &App, key: &str) -> Outcome<(Scope, Arc<Catalog>)> {
    let (hash, master, catalogs) =
        (keys::secret_hash(key), Arc::clone(&app.master), Arc::clone(&app.catalogs));
    let found = app.db.read_blocking("bench.surroundings", move |tx| {
        let principal = keys::find_principal(tx, &master, &hash)?.ok_or(Error::NotFound)?;
        let catalog = catalogs.current(tx, &principal.environment.organization)?;
        Ok::<_, Error>((principal, catalog))
    });
    let (principal, catalog) = found.map_err(told)?;
    let scope = Scope {
        environment: Arc::clone(&principal.environment),
        actor: Actor::ApiKey(principal.key_id.clone()),
        source: Source::Request(IdSource::random(app.now()).mint()),
        now: app.now(),
    };
    Ok((scope, catalog))
}

fn make(
    app: &App,
    (scope, catalog): (&Scope, &Arc<Catalog>),
    count: u64,
    maker: &mut Maker<'_>,
    slices: &Sender<Vec<FindOrCreate>>,
) -> Outcome<()> {
    let numbers = Numbers::new();
    let mut left = count;
    while left > 0 {
        let scope = Scope { now: app.now(), ..scope.clone() };
        let mut ids = IdSource::random(scope.now);
        let mut texts: Vec<String> = (0..left.min(SLICE))
            .map(|_| hex(numbers.next()).iter().map(|&byte| char::from(byte)).collect())
            .collect();
        left -= texts.len() as u64;
        // Neighbours in the index are written one after the other.
        texts.sort_unstable();
        let mut slice = Vec::with_capacity(texts.len());
        for text in &texts {
            let new = maker(text)?;
            slice.push(
                prepare(scope.clone(), Arc::clone(catalog), &app.master, &new, &mut ids, None)
                    .map_err(told)?,
            );
        }
        if slices.send(slice).is_err() {
            // The writers tell why they ended.
            return Ok(());
        }
    }
    Ok(())
}

fn new_account(unique: &str) -> Outcome<NewAccount> {
    let reference = ReferenceId::parse(&reference(unique))?;
    Ok(NewAccount {
        account_type_id: None,
        wishes: Wishes { reference_id: Some(Some(reference)), fields: fields(unique), ..Wishes::default() },
        upsert_by: None,
        on_existing: OnExisting::Reject,
        requirements: Requirements::Enforce,
    })
}

fn write(app: &App, waiting: &Receiver<Vec<FindOrCreate>>) -> Outcome<()> {
    while let Ok(slice) = waiting.recv() {
        let (master, wanted) = (Arc::clone(&app.master), slice.len());
        let created = app.db.write_blocking("bench.fill", move |tx| {
            let answers = find_or_create(tx, &master, &slice)?;
            Ok::<_, Error>(answers.iter().filter(|one| matches!(one, Answer::Outcome(Ok(_)))).count())
        });
        let created = created.map_err(told)?;
        if created != wanted {
            return Err(format!("only {created} of {wanted} accounts were created").into());
        }
    }
    Ok(())
}

#[expect(
    clippy::needless_pass_by_value,
    reason = "it is called with what failed, which nobody needs any more"
)]
fn told(error: Error) -> Box<dyn std::error::Error + Send + Sync> {
    format!("the database could not be filled: {error}").into()
}
