//! Account rows: pages without gaps, and changes that never overwrite another.

use muster_domain::{AccountId, TagId};
use muster_store::accounts::{AccountRow, StoredAccount};
use muster_store::data_keys::NewDataKey;
use muster_store::{Db, accounts, data_keys, organizations, params};
use muster_testkit::db::NOW;
use muster_testkit::{TestDb, on_both};

use crate::rows::{Tenant, id, ids, read, sql, write};

on_both! {
    /// Whoever walks through all pages, forwards or backwards, meets every account once.
    async fn pages_have_no_gaps_and_no_repetitions(db: TestDb) {
        let open = db.open();
        let tenant = Tenant::create(&open).await;
        let all = ids::<AccountId>(250);
        add(&open, &tenant, all.iter().map(|id| tenant.account(id)).collect()).await;
        let archived: Vec<AccountId> = all.iter().step_by(9).cloned().collect();
        archive(&open, &tenant, archived.clone()).await;
        let mut expected: Vec<AccountId> = all.iter().filter(|id| !archived.contains(id)).cloned().collect();

        assert_eq!(walk_all(&open, &tenant).await, all);
        assert_eq!(walk_before(&open, &tenant).await, expected);
        expected.reverse();
        assert_eq!(walk_after(&open, &tenant).await, expected);
    }

    async fn an_account_comes_back_as_it_was_added(db: TestDb) {
        let open = db.open();
        let tenant = Tenant::create(&open).await;
        let full = AccountRow {
            reference_id: Some("Ümläut \u{1f980}".into()),
            tags: ids::<TagId>(3),
            fields: vec![0, 1, 0, 255],
            ..tenant.account(&id())
        };
        let bare = tenant.account(&id());
        add(&open, &tenant, vec![full.clone(), bare.clone()]).await;
        let (environment, account) = (tenant.environment.clone(), full.id.clone());
        write(&open, move |tx| {
            let subject = account.as_str();
            data_keys::insert(tx, &[NewDataKey { environment: &environment, subject, wrapped: b"key" }])
        })
        .await;
        bump_catalog(&open, &tenant).await;

        let found = find(&open, &tenant, &full.id).await.unwrap();
        assert_eq!(format!("{:?}", found.row), format!("{full:?}"));
        assert_eq!((found.wrapped_key, found.catalog_version), (Some(b"key".to_vec()), 2));
        let found = find(&open, &tenant, &bare.id).await.unwrap();
        assert_eq!(format!("{:?}", found.row), format!("{bare:?}"));
        assert_eq!((found.wrapped_key, found.catalog_version), (None, 2));
    }

    /// Archived is hidden from lists, not from whoever has the ID.
    async fn an_archived_account_is_found_by_its_id(db: TestDb) {
        let open = db.open();
        let tenant = Tenant::create(&open).await;
        let row = tenant.account(&id());
        add(&open, &tenant, vec![row.clone()]).await;
        archive(&open, &tenant, vec![row.id.clone()]).await;

        let found = find(&open, &tenant, &row.id).await.unwrap();

        assert_eq!(found.row.archived_at, Some(NOW));
    }

    async fn many_accounts_are_found_at_once(db: TestDb) {
        let open = db.open();
        let tenant = Tenant::create(&open).await;
        let all = ids::<AccountId>(20);
        add(&open, &tenant, all[..10].iter().map(|id| tenant.account(id)).collect()).await;

        let wanted = all.clone();
        let mut found = read(&open, move |tx| {
            let wanted: Vec<_> = wanted.iter().map(|id| (tenant.place(), id)).collect();
            accounts::find_many(tx, &wanted)
        })
        .await;

        found.sort_by(|a, b| a.row.id.cmp(&b.row.id));
        assert_eq!(found.into_iter().map(|account| account.row.id).collect::<Vec<_>>(), all[..10]);
    }

    /// A change made from an old reading would undo somebody else's.
    async fn a_change_from_another_version_changes_nothing(db: TestDb) {
        let open = db.open();
        let tenant = Tenant::create(&open).await;
        let [fresh, stale]: [AccountId; 2] = ids(2).try_into().unwrap();
        add(&open, &tenant, vec![tenant.account(&fresh), tenant.account(&stale)]).await;
        let change = |id| AccountRow { fields: b"new".to_vec(), version: 2, ..tenant.account(id) };
        let (right, wrong, environment) = (change(&fresh), change(&stale), tenant.environment.clone());

        let changed = write(&open, move |tx| {
            accounts::update(tx, &[(&environment, &right, 1), (&environment, &wrong, 7)])
        })
        .await;

        assert_eq!(changed, 1);
        let fresh = find(&open, &tenant, &fresh).await.unwrap().row;
        assert_eq!((fresh.fields, fresh.version), (b"new".to_vec(), 2));
        let stale = find(&open, &tenant, &stale).await.unwrap().row;
        assert_eq!((stale.fields, stale.version), (b"sealed".to_vec(), 1));
    }
}

/// Adds accounts.
async fn add(db: &Db, tenant: &Tenant, rows: Vec<AccountRow>) {
    let environment = tenant.environment.clone();
    write(db, move |tx| {
        let rows: Vec<_> = rows.iter().map(|row| (&environment, row)).collect();
        accounts::insert(tx, &rows)
    })
    .await;
}

async fn archive(db: &Db, tenant: &Tenant, ids: Vec<AccountId>) {
    let environment = tenant.environment.clone();
    let archive = sql("UPDATE accounts SET archived_at = $3 WHERE environment_id = $1 AND id = $2");
    write(db, move |tx| {
        for id in &ids {
            tx.execute(archive, params![&environment, id, NOW])?;
        }
        Ok(())
    })
    .await;
}

async fn bump_catalog(db: &Db, tenant: &Tenant) {
    let organization = tenant.organization.clone();
    write(db, move |tx| organizations::bump_catalog(tx, &organization)).await;
}

async fn find(db: &Db, tenant: &Tenant, id: &AccountId) -> Option<StoredAccount> {
    let (tenant, id) = (tenant.clone(), id.clone());
    read(db, move |tx| accounts::find(tx, tenant.place(), &id)).await
}

/// All accounts by pages of 37, newest first.
async fn walk_after(db: &Db, tenant: &Tenant) -> Vec<AccountId> {
    let mut seen: Vec<AccountId> = Vec::new();
    loop {
        let (tenant, cursor) = (tenant.clone(), seen.last().cloned());
        let page = read(db, move |tx| accounts::page_after(tx, tenant.place(), cursor.as_ref(), 37)).await;
        seen.extend(page.iter().map(|account| account.row.id.clone()));
        if page.len() < 37 {
            return seen;
        }
    }
}

/// All accounts by pages of 37, oldest first.
async fn walk_before(db: &Db, tenant: &Tenant) -> Vec<AccountId> {
    let mut seen: Vec<AccountId> = Vec::new();
    loop {
        let cursor = seen.last().cloned().unwrap_or_else(|| AccountId::trusted("act_".into()));
        let tenant = tenant.clone();
        let page = read(db, move |tx| accounts::page_before(tx, tenant.place(), &cursor, 37)).await;
        seen.extend(page.iter().map(|account| account.row.id.clone()));
        if page.len() < 37 {
            return seen;
        }
    }
}

/// All accounts, archived ones too, by pages of 37, oldest first.
async fn walk_all(db: &Db, tenant: &Tenant) -> Vec<AccountId> {
    let mut seen: Vec<AccountId> = Vec::new();
    loop {
        let (tenant, cursor) = (tenant.clone(), seen.last().cloned());
        let page = read(db, move |tx| accounts::page_of_all(tx, tenant.place(), cursor.as_ref(), 37)).await;
        seen.extend(page.iter().map(|account| account.row.id.clone()));
        if page.len() < 37 {
            return seen;
        }
    }
}
