//! Idempotency keys: claimed once, answered alike, forgotten in time.

use std::time::Duration;

use muster_domain::{EnvironmentId, Timestamp};
use muster_store::data_keys::NewDataKey;
use muster_store::idempotency::{NewReply, StoredReply};
use muster_store::{Db, Error, Result, data_keys, idempotency};
use muster_testkit::db::NOW;
use muster_testkit::{TestDb, on_both};

use crate::rows::{id, read, write};

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

on_both! {
    async fn a_key_is_claimed_once(db: TestDb) {
        let open = db.open();
        let environment = id();

        assert_eq!(claim(&open, &environment, &[b"a", b"b"], NOW).await, 2);
        assert_eq!(claim(&open, &environment, &[b"b", b"c"], NOW + DAY).await, 1);
        assert_eq!(claim(&open, &environment, &[b"d", b"d"], NOW).await, 1);
        assert_eq!(claim(&open, &environment, &[b"a\0", b""], NOW).await, 2);
    }

    /// A request that failed half way leaves neither an effect nor a reply.
    async fn a_refused_unit_gives_its_key_back(db: TestDb) {
        let open = db.open();
        let (environment, other) = (id(), id());
        let refused = EnvironmentId::clone(&environment);
        let outcome: Result<()> = open.write("test", move |tx| {
            idempotency::claim(tx, &[reply(&refused, b"a")], NOW)?;
            Err(Error::corrupt("refused"))
        }).await;
        assert!(outcome.is_err());

        assert_eq!(claim(&open, &environment, &[b"a"], NOW).await, 1);
        assert_eq!(claim(&open, &other, &[b"a"], NOW).await, 1);
    }

    async fn the_reply_is_found_with_what_opens_it(db: TestDb) {
        let open = db.open();
        let environment = id();
        claim(&open, &environment, &[b"a", b"b"], NOW).await;
        let there = environment.clone();
        write(&open, move |tx| {
            let (subject, body) = ("act_1", &[0, 9]);
            let answered = NewReply { status: 201, subject_id: Some(subject), body, ..reply(&there, b"a") };
            idempotency::set_replies(tx, &[answered])?;
            data_keys::insert(tx, &[NewDataKey { environment: &there, subject, wrapped: b"key" }])
        })
        .await;

        let answered = find(&open, &environment, b"a").await.unwrap();
        assert_eq!((answered.status, answered.body, answered.created_at), (201, vec![0, 9], NOW));
        assert_eq!(answered.subject_id.as_deref(), Some("act_1"));
        assert_eq!(answered.wrapped_key.as_deref(), Some(b"key".as_slice()));
        assert_eq!(answered.fingerprint, b"fingerprint");
        let running = find(&open, &environment, b"b").await.unwrap();
        assert_eq!((running.status, running.subject_id, running.wrapped_key), (0, None, None));
        assert!(find(&open, &environment, b"c").await.is_none());
    }

    async fn one_key_is_forgotten_when_it_is_old_enough(db: TestDb) {
        let open = db.open();
        let environment = id();
        claim(&open, &environment, &[b"a", b"b"], NOW).await;

        let there = environment.clone();
        write(&open, move |tx| {
            idempotency::forget(tx, &there, b"a", NOW)?;
            idempotency::forget(tx, &there, b"b", NOW + DAY)
        })
        .await;

        assert!(find(&open, &environment, b"a").await.is_some());
        assert!(find(&open, &environment, b"b").await.is_none());
    }

    /// Pruning takes the oldest, in bites.
    async fn old_keys_are_pruned_in_bites(db: TestDb) {
        let open = db.open();
        let environment = id();
        for (key, age) in [(b"new", 0_u32), (b"mid", 2), (b"old", 3), (b"end", 4)] {
            claim(&open, &environment, &[key], NOW - DAY * age).await;
        }

        let there = environment.clone();
        let prune = move |tx: &mut muster_store::Tx<'_>| idempotency::prune(tx, &there, NOW - DAY, 2);
        assert_eq!(write(&open, prune.clone()).await, 2);
        assert!(find(&open, &environment, b"mid").await.is_some());
        assert!(find(&open, &environment, b"old").await.is_none());
        assert_eq!(write(&open, prune.clone()).await, 1);
        assert_eq!(write(&open, prune).await, 0);
        assert!(find(&open, &environment, b"new").await.is_some());
    }
}

/// A claim without a reply yet.
fn reply<'a>(environment: &'a EnvironmentId, key: &'a [u8]) -> NewReply<'a> {
    NewReply { environment, key, fingerprint: b"fingerprint", status: 0, subject_id: None, body: &[] }
}

/// Claims keys; returns how many were free.
async fn claim(db: &Db, environment: &EnvironmentId, keys: &[&'static [u8]], now: Timestamp) -> usize {
    let (environment, keys) = (environment.clone(), keys.to_vec());
    write(db, move |tx| {
        let replies: Vec<_> = keys.iter().map(|key| reply(&environment, key)).collect();
        idempotency::claim(tx, &replies, now)
    })
    .await
    .len()
}

async fn find(db: &Db, environment: &EnvironmentId, key: &'static [u8]) -> Option<StoredReply> {
    let environment = environment.clone();
    read(db, move |tx| idempotency::find(tx, &environment, key)).await
}
