//! Identifiers: one holder each, however many ask at once.

use std::collections::BTreeSet;
use std::sync::Barrier;

use muster_domain::{AccountId, AccountTypeId, EnvironmentId};
use muster_store::identifiers::{self, REFERENCE_ID, UniqueKey};
use muster_store::{Db, Options};
use muster_testkit::{TestDb, on_both};

use crate::rows::{id, ids, read, write};

on_both! {
    /// Two requests with one reference ID must not make two accounts.
    fn a_race_for_keys_has_one_winner_each(db: TestDb) {
        let handles = [(); 2].map(|()| db.open_with(&Options { threads: 8, ..db.options() }));
        let (keys, accounts) = (keys(20), ids::<AccountId>(16));
        let barrier = Barrier::new(accounts.len());

        let won: Vec<Vec<(String, String)>> = std::thread::scope(|scope| {
            let race = |(n, account): (usize, &AccountId)| {
                let (handle, barrier) = (&handles[n % 2], &barrier);
                let (mut keys, account) = (keys.clone(), account.clone());
                // Each comes from elsewhere, so that no order of locks is agreed upon.
                keys.rotate_left(n);
                scope.spawn(move || {
                    barrier.wait();
                    keys.iter().flat_map(|key| take_blocking(handle, key, &account)).collect()
                })
            };
            let threads: Vec<_> = accounts.iter().enumerate().map(race).collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).collect()
        });

        let wanted = keys.clone();
        let holders = handles[0].read_blocking("test", move |tx| {
            identifiers::find(tx, &wanted.iter().collect::<Vec<_>>())
        });
        let won: Vec<_> = won.into_iter().flatten().collect();
        assert_eq!(won.len(), keys.len());
        for (key, holder) in keys.iter().zip(holders.unwrap()) {
            assert!(won.contains(&(holder.unwrap().to_string(), key.key.clone())), "{}", key.key);
        }
    }

    /// A slice of an import may name one key twice.
    async fn a_key_that_a_slice_names_twice_has_one_winner(db: TestDb) {
        let open = db.open();
        let (key, [one, two]) = (keys(1).remove(0), [(); 2].map(|()| id::<AccountId>()));
        let wanted = key.clone();

        let won = write(&open, move |tx| {
            identifiers::insert_absent(tx, &[(&wanted, &one), (&wanted, &two)])
        })
        .await;

        assert_eq!(won.len(), 1);
        assert_eq!(find(&open, vec![key]).await, [Some(AccountId::trusted(won[0].0.clone()))]);
    }

    async fn keys_are_found_in_the_order_they_are_asked_for(db: TestDb) {
        let open = db.open();
        let (keys, accounts) = (keys(10), ids::<AccountId>(10));
        for i in [1, 4, 7] {
            take(&open, &keys[i], &accounts[i]).await;
        }

        let found = find(&open, [keys.clone(), keys.clone()].concat()).await;

        let held = |i: usize| [1, 4, 7].contains(&i).then(|| accounts[i].clone());
        assert_eq!(found, (0..10).chain(0..10).map(held).collect::<Vec<_>>());
    }

    /// Keys that differ in any one part are different keys.
    async fn a_key_is_all_of_its_parts(db: TestDb) {
        let open = db.open();
        let key = keys(1).remove(0);
        take(&open, &key, &id()).await;

        let others = vec![
            UniqueKey { environment: id(), ..key.clone() },
            UniqueKey { account_type: id(), ..key.clone() },
            UniqueKey { key: REFERENCE_ID.into(), ..key.clone() },
            UniqueKey { value: [key.value.as_slice(), &[0]].concat(), ..key.clone() },
        ];

        assert_eq!(find(&open, others).await, [const { None }; 4]);
    }

    async fn a_key_given_back_can_be_taken_by_another(db: TestDb) {
        let open = db.open();
        let (keys, [one, two]) = (keys(2), [(); 2].map(|()| id::<AccountId>()));
        for key in &keys {
            assert_eq!(take(&open, key, &one).await, 1);
        }

        let (given, holder) = (keys[0].clone(), one.clone());
        let (other, stranger) = (keys[1].clone(), two.clone());
        write(&open, move |tx| identifiers::delete(tx, &[(&given, &holder), (&other, &stranger)])).await;

        assert_eq!(take(&open, &keys[0], &two).await, 1);
        assert_eq!(take(&open, &keys[1], &two).await, 0);
        assert_eq!(find(&open, keys).await, [Some(two), Some(one)]);
    }

    /// Values that need not be unique may be noted twice, and are forgotten for one account only.
    async fn shared_values_are_noted_per_account(db: TestDb) {
        let open = db.open();
        let (key, accounts) = (keys(1).remove(0), ids::<AccountId>(3));
        let (shared, holders) = (key.clone(), accounts.clone());
        write(&open, move |tx| {
            let notes: Vec<_> = holders.iter().chain(&holders).map(|account| (&shared, account)).collect();
            identifiers::insert_index(tx, &notes)?;
            identifiers::insert_index(tx, &notes[..1])?;
            identifiers::delete_index(tx, &notes[1..2])
        })
        .await;

        let noted = crate::rows::sql("SELECT account_id FROM field_index ORDER BY account_id");
        let noted: BTreeSet<String> =
            read(&open, move |tx| tx.query(noted, &[], |row| row.text(0))).await.into_iter().collect();

        assert_eq!(noted, [0, 2].map(|i: usize| accounts[i].to_string()).into());
    }
}

/// Keys of one account type, each of another field.
fn keys(n: usize) -> Vec<UniqueKey> {
    let (environment, account_type): (EnvironmentId, AccountTypeId) = (id(), id());
    let key = |i| UniqueKey {
        environment: environment.clone(),
        account_type: account_type.clone(),
        key: format!("field-{i}"),
        value: vec![0, 255, 0, 1],
    };
    (0..n).map(key).collect()
}

async fn find(db: &Db, keys: Vec<UniqueKey>) -> Vec<Option<AccountId>> {
    read(db, move |tx| identifiers::find(tx, &keys.iter().collect::<Vec<_>>())).await
}

/// Takes a key for an account; 1 if it was free.
async fn take(db: &Db, key: &UniqueKey, account: &AccountId) -> usize {
    let (key, account) = (key.clone(), account.clone());
    write(db, move |tx| identifiers::insert_absent(tx, &[(&key, &account)])).await.len()
}

fn take_blocking(db: &Db, key: &UniqueKey, account: &AccountId) -> Vec<(String, String)> {
    let (key, account) = (key.clone(), account.clone());
    db.write_blocking("test", move |tx| identifiers::insert_absent(tx, &[(&key, &account)])).unwrap()
}
