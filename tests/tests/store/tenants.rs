//! The boundary between tenants: what is done in one environment is nobody else's business.
//!
//! Two environments hold the same IDs, keys and values; only the mark in the contents tells whose they are.

use std::collections::BTreeMap;

use muster_domain::{AccountId, AccountTypeId, EnvironmentId, EventId, JobId, ObjectId};
use muster_store::accounts::AccountRow;
use muster_store::consolidations::ConsolidationRow;
use muster_store::data_keys::NewDataKey;
use muster_store::events::{EventRow, Selection, Side};
use muster_store::idempotency::NewReply;
use muster_store::identifiers::UniqueKey;
use muster_store::jobs::JobRow;
use muster_store::relations::{self, RelationRow};
use muster_store::{
    Db, Result, Tx, accounts, consolidations, data_keys, events, idempotency, identifiers, jobs, params,
};
use muster_testkit::db::NOW;
use muster_testkit::{TestDb, on_both};

use crate::rows::{Tenant, event, read, sql, write};

/// Every table of a tenant, with its columns.
const TABLES: [(&str, &[&str]); 9] = [
    ("account_relations", &["account_id", "key", "target_id", "created_at"]),
    ("accounts", &["id", "fields", "version", "status_id", "reference_id", "tags", "updated_at"]),
    ("consolidations", &["source_id", "destination_id", "moved", "fields"]),
    ("data_keys", &["subject_id", "wrapped", "renewed_at"]),
    ("events", &["id", "object_id", "object_seq", "name", "actor", "payload"]),
    ("field_index", &["value", "account_id"]),
    ("idempotency_keys", &["key", "fingerprint", "status", "subject_id", "body", "created_at"]),
    ("identifiers", &["account_type_id", "key", "value", "account_id"]),
    ("jobs", &["id", "kind", "subject_id", "state", "due_at", "attempts", "failures"]),
];

on_both! {
    async fn reading_in_one_environment_shows_nothing_of_another(db: TestDb) {
        let open = db.open();
        let (here, _) = neighbours(&open).await;

        let tenant = here.clone();
        let marks = read(&open, move |tx| read_accounts(tx, &tenant)).await;
        assert_eq!(marks, vec!["here".to_owned(); 6 * 2 * 2]);

        let environment = here.environment.clone();
        let marks = read(&open, move |tx| read_events(tx, &environment)).await;
        assert_eq!(marks, vec!["here".to_owned(); 2 + 6 * 2 + 2]);

        let environment = here.environment;
        let (holders, newest, keys, replies) = read(&open, move |tx| read_keys(tx, &environment)).await;
        assert_eq!(holders, [Some(account("here")), Some(account("here")), None]);
        assert_eq!(newest, [2, 0]);
        assert_eq!(keys, [Some(b"here".to_vec()), Some(b"here".to_vec()), None]);
        assert_eq!(replies, ["here here", "here here", "none"]);
    }

    async fn writing_in_one_environment_changes_nothing_in_another(db: TestDb) {
        let open = db.open();
        let (here, there) = neighbours(&open).await;
        let before = (content(&open, &here).await, content(&open, &there).await);

        let environment = here.environment.clone();
        write(&open, move |tx| write_all(tx, &environment)).await;

        let after = (content(&open, &here).await, content(&open, &there).await);
        assert_eq!(after.1, before.1);
        // Each of the tables was changed here, so each of them could have been changed there.
        for (table, _) in TABLES {
            assert_ne!(after.0[table], before.0[table], "{table}");
        }
    }
}

/// Two environments of two organizations. `there` holds a third of everything that `here` has two of.
async fn neighbours(db: &Db) -> (Tenant, Tenant) {
    let (here, there) = (Tenant::create(db).await, Tenant::create(db).await);
    for (tenant, mark, size) in [(&here, "here", 2), (&there, "there", 3)] {
        let tenant = Tenant { account_type: account_type(), ..tenant.clone() };
        write(db, move |tx| (1..=size).try_for_each(|n| settle(tx, &tenant, mark, n))).await;
    }
    (here, there)
}

/// Gives a tenant its `n`th of everything.
fn settle(tx: &mut Tx<'_>, tenant: &Tenant, mark: &str, n: i64) -> Result<()> {
    let environment = &tenant.environment;
    let id = format!("act_{n}");
    let row = AccountRow { fields: mark.into(), ..tenant.account(&AccountId::trusted(id.clone())) };
    accounts::insert(tx, &[(environment, &row)])?;
    data_keys::insert(tx, &[NewDataKey { environment, subject: &id, wrapped: mark.as_bytes() }])?;
    identifiers::insert_absent(tx, &[(&key(environment, n), &account(mark))])?;
    identifiers::insert_index(tx, &[(&key(environment, n), &account("same"))])?;
    let history = EventRow { actor: mark.into(), payload: Some(mark.into()), ..history(n) };
    events::insert(tx, &[(environment, &history)])?;
    let reply = NewReply { subject_id: Some(&id), body: mark.as_bytes(), ..reply(environment, n) };
    idempotency::claim(tx, &[reply], NOW)?;
    relations::insert_absent(tx, environment, &[relation(n)])?;
    consolidations::insert(tx, environment, &consolidation(n, mark))?;
    jobs::start(tx, &job(environment, n), NOW, NOW)
}

fn relation(n: i64) -> RelationRow {
    let account = AccountId::trusted(format!("act_{n}"));
    RelationRow { account, key: "owners".into(), target: self::account("same"), created_at: NOW }
}

fn consolidation(n: i64, mark: &str) -> ConsolidationRow {
    ConsolidationRow {
        source: AccountId::trusted(format!("act_{n}")),
        destination: account("same"),
        moved: mark.into(),
        fields: mark.into(),
        created_at: NOW,
    }
}

fn job(environment: &EnvironmentId, n: i64) -> JobRow {
    JobRow {
        id: JobId::trusted(format!("job_{n}")),
        environment: environment.clone(),
        kind: "kind".into(),
        subject_id: format!("act_{n}"),
        state: String::new(),
        attempts: 0,
        failures: 0,
    }
}

fn account(mark: &str) -> AccountId {
    AccountId::trusted(format!("act_{mark}"))
}

fn account_type() -> AccountTypeId {
    AccountTypeId::trusted("acttp_1".into())
}

fn key(environment: &EnvironmentId, n: i64) -> UniqueKey {
    let value = vec![u8::try_from(i64::from(b'a') + n).unwrap()];
    UniqueKey { environment: environment.clone(), account_type: account_type(), key: "email".into(), value }
}

fn history(n: i64) -> EventRow {
    event(&EventId::trusted(format!("evt_{n}")), &ObjectId::trusted("act_1".into()), n, "account.created")
}

fn reply(environment: &EnvironmentId, n: i64) -> NewReply<'_> {
    let key = [b"".as_slice(), b"k1", b"k2", b"k3"][usize::try_from(n).unwrap()];
    NewReply { environment, key, fingerprint: b"f", status: 200, subject_id: None, body: b"" }
}

/// The marks in all that the functions of `accounts` show: contents, and the keys to them.
fn read_accounts(tx: &mut Tx<'_>, tenant: &Tenant) -> Result<Vec<String>> {
    let (place, ids) = (tenant.place(), [1, 2, 3].map(|n| AccountId::trusted(format!("act_{n}"))));
    let mut seen = accounts::find_many(tx, &ids.each_ref().map(|id| (place, id)))?;
    for id in &ids {
        seen.extend(accounts::find(tx, place, id)?);
    }
    seen.extend(accounts::page_after(tx, place, None, 100)?);
    seen.extend(accounts::page_after(tx, place, Some(&ids[2]), 100)?);
    seen.extend(accounts::page_of_all(tx, place, None, 100)?);
    seen.extend(accounts::page_before(tx, place, &AccountId::trusted("act_".into()), 100)?);
    let marks =
        seen.into_iter().flat_map(|account| [Some(account.row.fields), account.wrapped_key]).flatten();
    Ok(marks.map(|mark| String::from_utf8(mark).unwrap()).collect())
}

/// The marks in all that the functions of `events` show.
fn read_events(tx: &mut Tx<'_>, environment: &EnvironmentId) -> Result<Vec<String>> {
    let mut seen = Vec::new();
    for n in 1..=3 {
        seen.extend(events::find(tx, environment, &history(n).id)?);
    }
    for selection in [Selection::All, Selection::Named("account.created"), Selection::OfObject("act_1")] {
        let begin = EventId::trusted("evt_".into());
        seen.extend(events::page(tx, environment, selection, Side::After, None, 100)?);
        seen.extend(events::page(tx, environment, selection, Side::Before, Some(&begin), 100)?);
    }
    seen.extend(events::later(tx, environment, &history(1).object_id, (0, 100), 100)?);
    Ok(seen.into_iter().map(|event| event.actor).collect())
}

type Keys = (Vec<Option<AccountId>>, [i64; 2], Vec<Option<Vec<u8>>>, Vec<String>);

/// What is found under the keys of all that `there` holds.
fn read_keys(tx: &mut Tx<'_>, environment: &EnvironmentId) -> Result<Keys> {
    let keys = [1, 2, 3].map(|n| key(environment, n));
    let holders = identifiers::find(tx, &keys.each_ref())?;
    let objects = ["act_1", "act_2", "act_3"].map(|id| ObjectId::trusted(id.into()));
    let newest =
        [&objects[0], &objects[2]].map(|object| events::newest_seq(tx, environment, object).unwrap());
    let wrapped =
        objects.iter().map(|object| data_keys::find(tx, environment, object)).collect::<Result<_>>()?;
    let mut replies = Vec::new();
    for n in 1..=3 {
        let found = idempotency::find(tx, environment, reply(environment, n).key)?;
        replies.push(found.map_or("none".to_owned(), |found| {
            [found.body, found.wrapped_key.unwrap()].map(|mark| String::from_utf8(mark).unwrap()).join(" ")
        }));
    }
    Ok((holders, newest, wrapped, replies))
}

/// Calls every function that changes something, with the keys of all that `there` holds.
fn write_all(tx: &mut Tx<'_>, environment: &EnvironmentId) -> Result<()> {
    let tenant = Tenant {
        environment: environment.clone(),
        organization: crate::rows::id(),
        account_type: account_type(),
    };
    let row = |n: i64| AccountRow {
        fields: b"new".to_vec(),
        version: 2,
        ..tenant.account(&AccountId::trusted(format!("act_{n}")))
    };
    accounts::insert(tx, &[(environment, &row(3))])?;
    assert_eq!(accounts::update(tx, &[(environment, &row(1), 1), (environment, &row(2), 1)])?, 2);
    data_keys::insert(tx, &[NewDataKey { environment, subject: "act_3", wrapped: b"new" }])?;
    let holder = account("here");
    identifiers::delete(tx, &[(&key(environment, 1), &holder), (&key(environment, 2), &holder)])?;
    data_keys::renew(tx, NewDataKey { environment, subject: "act_1", wrapped: b"new" }, NOW)?;
    relations::remove(tx, environment, &[relation(1)])?;
    assert_eq!(relations::insert_absent(tx, environment, &[relation(3)])?, 1);
    consolidations::forget(tx, environment, &AccountId::trusted("act_1".into()))?;
    jobs::start(tx, &job(environment, 3), NOW, NOW)?;
    let claimed = jobs::find_of(tx, environment, "kind", "act_1")?.unwrap();
    assert!(jobs::finish(tx, &claimed)?);
    assert_eq!(identifiers::insert_absent(tx, &[(&key(environment, 3), &account("new"))])?.len(), 1);
    identifiers::delete_index(tx, &[(&key(environment, 1), &account("same"))])?;
    identifiers::insert_index(tx, &[(&key(environment, 1), &account("new"))])?;
    events::insert(tx, &[(environment, &history(3))])?;
    assert_eq!(idempotency::claim(tx, &[reply(environment, 3)], NOW)?.len(), 1);
    idempotency::set_replies(tx, &[NewReply { body: b"new", ..reply(environment, 2) }])?;
    let later = NOW + std::time::Duration::from_secs(1);
    idempotency::forget(tx, environment, reply(environment, 1).key, later)?;
    assert_eq!(idempotency::prune(tx, environment, later, 100)?, 2);
    Ok(())
}

/// All rows of an environment, by table.
async fn content(db: &Db, tenant: &Tenant) -> BTreeMap<&'static str, Vec<String>> {
    let environment = tenant.environment.clone();
    read(db, move |tx| {
        let mut content = BTreeMap::new();
        for (table, columns) in TABLES {
            let list =
                columns.iter().map(|column| format!("CAST({column} AS TEXT)")).collect::<Vec<_>>().join(", ");
            let rows = sql(&format!("SELECT {list} FROM {table} WHERE environment_id = $1 ORDER BY {list}"));
            let rows = tx.query(rows, params![&environment], |row| {
                let values: Result<Vec<_>> = (0..columns.len()).map(|column| row.opt_text(column)).collect();
                values.map(|values| format!("{values:?}"))
            })?;
            content.insert(table, rows);
        }
        Ok(content)
    })
    .await
}
