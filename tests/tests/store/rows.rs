//! Rows that tests need and do not care about, and statements that only tests run.

use muster_domain::{
    AccountId, AccountStatusId, AccountTypeId, EnvironmentId, EventId, IdSource, ObjectId, OrganizationId,
    ResourceId,
};
use muster_store::accounts::{AccountRow, Place};
use muster_store::events::EventRow;
use muster_store::organizations::{Environment, Organization};
use muster_store::{Db, Error, Result, Statement, Tx, events, organizations, params};
use muster_testkit::db::NOW;

/// A statement of a test's own. It lives as long as the process, as the store expects.
pub fn sql(text: &str) -> &'static Statement {
    Box::leak(Box::new(Statement { name: "test", sql: text.to_owned().leak() }))
}

/// Runs a unit that must succeed.
pub async fn write<T: Send + 'static>(
    db: &Db,
    work: impl FnMut(&mut Tx<'_>) -> Result<T> + Send + 'static,
) -> T {
    db.write("test", work).await.unwrap()
}

/// Runs a reading unit that must succeed.
pub async fn read<T: Send + 'static>(
    db: &Db,
    work: impl FnMut(&mut Tx<'_>) -> Result<T> + Send + 'static,
) -> T {
    db.read("test", work).await.unwrap()
}

/// `n` IDs of one kind, oldest first.
pub fn ids<I: ResourceId + Ord>(n: usize) -> Vec<I> {
    let mut source = IdSource::random(NOW);
    let mut ids: Vec<I> = (0..n).map(|_| source.mint()).collect();
    ids.sort();
    ids
}

/// One ID.
pub fn id<I: ResourceId>() -> I {
    IdSource::random(NOW).mint()
}

/// An environment with an organization of its own.
#[derive(Clone, Debug)]
pub struct Tenant {
    pub organization: OrganizationId,
    pub environment: EnvironmentId,
    pub account_type: AccountTypeId,
}

impl Tenant {
    /// Adds one to the database.
    pub async fn create(db: &Db) -> Self {
        let tenant = Self { organization: id(), environment: id(), account_type: id() };
        let new = tenant.clone();
        write(db, move |tx| {
            let organization = Organization { id: new.organization.clone(), name: "Acme".into() };
            organizations::insert(tx, &organization, NOW)?;
            let environment = Environment {
                id: new.environment.clone(),
                organization_id: new.organization.clone(),
                kind: "sandbox".into(),
                name: "Sandbox".into(),
                active: true,
                index_key: vec![1],
            };
            organizations::insert_environment(tx, &environment, NOW)
        })
        .await;
        tenant
    }

    /// Where its readers stand.
    pub fn place(&self) -> Place<'_> {
        Place { environment: &self.environment, organization: &self.organization }
    }

    /// An account of its type at version 1.
    pub fn account(&self, id: &AccountId) -> AccountRow {
        AccountRow {
            id: id.clone(),
            account_type_id: self.account_type.clone(),
            status_id: AccountStatusId::trusted("actst_1".into()),
            reference_id: None,
            tags: Vec::new(),
            fields: b"sealed".to_vec(),
            version: 1,
            created_at: NOW,
            updated_at: NOW,
            redacted_at: None,
            archived_at: None,
            consolidated_into: None,
        }
    }

    /// Adds events, each the next of its object's history as they come.
    pub async fn record(&self, db: &Db, events: Vec<EventRow>) {
        let environment = self.environment.clone();
        write(db, move |tx| {
            let rows: Vec<_> = events.iter().map(|event| (&environment, event)).collect();
            events::insert(tx, &rows)
        })
        .await;
    }
}

/// An event without payload.
pub fn event(id: &EventId, object: &ObjectId, object_seq: i64, name: &str) -> EventRow {
    EventRow {
        id: id.clone(),
        object_id: object.clone(),
        object_seq,
        name: name.to_owned(),
        actor: "system".into(),
        source: "test".into(),
        at: NOW,
        payload: None,
    }
}

/// Adds a table `counters` with one row, `n = 0` at version 0.
pub async fn create_counter(db: &Db) {
    write(db, |tx| {
        tx.execute(
            sql("CREATE TABLE counters (id BIGINT PRIMARY KEY, n BIGINT NOT NULL, version BIGINT NOT NULL)"),
            &[],
        )?;
        tx.execute(sql("INSERT INTO counters (id, n, version) VALUES (1, 0, 0)"), &[])
    })
    .await;
}

/// Reads the counter.
pub fn counter(tx: &mut Tx<'_>) -> Result<i64> {
    static COUNTER: Statement = Statement { name: "counter", sql: "SELECT n FROM counters WHERE id = 1" };
    tx.query_opt(&COUNTER, &[], |row| row.int(0))?.ok_or(Error::Closed)
}

/// Adds to the counter and returns what it then is.
pub fn count(tx: &mut Tx<'_>, more: i64) -> Result<i64> {
    static COUNT: Statement =
        Statement { name: "count", sql: "UPDATE counters SET n = n + $1 WHERE id = 1 RETURNING n" };
    tx.query_opt(&COUNT, params![more], |row| row.int(0))?.ok_or(Error::Closed)
}
