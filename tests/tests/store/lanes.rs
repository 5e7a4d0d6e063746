//! Lanes: what queued up goes through one call, and nobody notices.

use std::time::Duration;

use muster_store::{Db, Error, Lane, Options, Result, Tx};
use muster_testkit::{TestDb, on_both};

use crate::gate::{Gate, answer_at_once, is_queued, stop_silently};
use crate::rows::{count, counter, create_counter, read, write};

/// Far longer than anything takes; an answer that never comes would stop the whole run.
const FOREVER: Duration = Duration::from_secs(10);

/// What an item does to the counter.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Item {
    Count,
    /// Counts a hundred, and then it is refused.
    Bad,
    /// Always finds another transaction in the way.
    InTheWay,
    /// Meets a programming error.
    Panics,
}

/// Counts a whole slice with one statement; each item gets its own number.
fn handle(tx: &mut Tx<'_>, items: &mut [Item]) -> Result<Vec<i64>> {
    let size = i64::try_from(items.len()).unwrap();
    let bad = i64::try_from(items.iter().filter(|item| **item == Item::Bad).count()).unwrap();
    let last = count(tx, size + 99 * bad)?;
    match items.iter().find(|item| **item != Item::Count) {
        None => Ok((last - size + 1..=last).collect()),
        Some(Item::InTheWay) => Err(Error::Retry("the test says so")),
        Some(Item::Panics) => stop_silently(),
        Some(_) => Err(Error::corrupt("refused")),
    }
}

fn lane(db: &Db, slice_max: usize) -> Lane<Item, i64, Error> {
    Lane::new(db, "count", slice_max, handle)
}

on_both! {
    async fn five_thousand_items_at_once_each_get_their_own_result(db: TestDb) {
        let open = db.open();
        create_counter(&open).await;
        let lane = std::sync::Arc::new(lane(&open, 64));

        let mut calls = tokio::task::JoinSet::new();
        for _ in 0..5000 {
            let lane = std::sync::Arc::clone(&lane);
            calls.spawn(async move { lane.submit(Item::Count).await.unwrap() });
        }
        let mut results = calls.join_all().await;

        results.sort_unstable();
        assert_eq!(results, (1..=5000).collect::<Vec<i64>>());
        assert_eq!(read(&open, counter).await, 5000);
    }

    async fn one_bad_item_does_not_take_others_with_it(db: TestDb) {
        let open = db.open_with(&Options { threads: 1, ..db.options() });
        create_counter(&open).await;
        let (lane, gate) = (lane(&open, 50), Gate::close(&open));

        let items = (0..200).map(|i| if i == 70 { Item::Bad } else { Item::Count });
        let mut calls: Vec<_> = items.map(|item| Box::pin(lane.submit(item))).collect();
        assert!(calls.iter_mut().all(is_queued));
        gate.open().await;

        let mut results = Vec::new();
        for (i, call) in calls.into_iter().enumerate() {
            match call.await {
                Ok(result) => results.push(result),
                Err(error) => {
                    let own = matches!(&error, Error::Corrupt(why) if why == "refused");
                    assert!(own && i == 70, "{i}: {error}");
                }
            }
        }
        results.sort_unstable();
        assert_eq!(results, (1..=199).collect::<Vec<i64>>());
        assert_eq!(read(&open, counter).await, 199);
    }

    /// The size of a slice is what keeps a lane from holding the database for long.
    async fn a_slice_is_never_larger_than_agreed(db: TestDb) {
        let open = db.open_with(&Options { threads: 1, ..db.options() });
        create_counter(&open).await;
        let gate = Gate::close(&open);
        let lane: Lane<(), usize, Error> =
            Lane::new(&open, "size", 7, |_, items| Ok(vec![items.len(); items.len()]));

        let mut calls: Vec<_> = (0..30).map(|_| Box::pin(lane.submit(()))).collect();
        assert!(calls.iter_mut().all(is_queued));
        gate.open().await;

        let mut sizes = Vec::new();
        for call in calls {
            sizes.push(call.await.unwrap());
        }
        assert_eq!(sizes, [[7; 7].as_slice(), &[7; 7], &[7; 7], &[7; 7], &[2; 2]].concat());
    }

    /// Items that wait in a lane fill the same queue as units do.
    async fn a_full_lane_refuses_at_once(db: TestDb) {
        let open = db.open_with(&Options { threads: 1, queue_units_max: 4, ..db.options() });
        create_counter(&open).await;
        let (lane, gate) = (lane(&open, 64), Gate::close(&open));

        let mut calls: Vec<_> = (0..3).map(|_| Box::pin(lane.submit(Item::Count))).collect();
        assert!(calls.iter_mut().all(is_queued));
        let fifth = answer_at_once(&mut Box::pin(lane.submit(Item::Count)));
        assert!(matches!(fifth, Some(Err(Error::Busy))), "{fifth:?}");

        gate.open().await;
        for call in calls {
            call.await.unwrap();
        }
        assert_eq!(read(&open, counter).await, 3);
    }

    /// A lane that stood still after a programming error would refuse its command until a restart.
    async fn a_lane_goes_on_after_a_slice_that_panics(db: TestDb) {
        goes_on_after(&db, Item::Panics, |error| matches!(error, Error::Database(_))).await;
    }

    async fn a_lane_goes_on_after_a_slice_that_is_always_in_the_way(db: TestDb) {
        goes_on_after(&db, Item::InTheWay, |error| matches!(error, Error::Busy)).await;
    }
}

/// Submits an item that cannot be done, a few times, and then one that can.
async fn goes_on_after(db: &TestDb, item: Item, expected: fn(&Error) -> bool) {
    let open = db.open();
    create_counter(&open).await;
    let lane = lane(&open, 64);

    for _ in 0..3 {
        let outcome = tokio::time::timeout(FOREVER, lane.submit(item)).await.unwrap();
        assert!(outcome.as_ref().is_err_and(expected), "{outcome:?}");
    }

    assert_eq!(tokio::time::timeout(FOREVER, lane.submit(Item::Count)).await.unwrap().unwrap(), 1);
    assert_eq!(write(&open, |tx| count(tx, 1)).await, 2);
}

/// A database that cannot be reached is told to everybody who waits, and does not keep them waiting.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_lane_refuses_what_waits_when_postgresql_is_gone() {
    let test = TestDb::postgres();
    let db = test.open();
    create_counter(&db).await;
    let lane = lane(&db, 8);
    lane.submit(Item::Count).await.unwrap();
    let name = test.url().rsplit('/').next().unwrap().to_owned();
    tokio::task::spawn_blocking(move || {
        let url = std::env::var_os("MUSTER_TEST_POSTGRES_URL").unwrap().into_string().unwrap();
        let mut admin = postgres::Client::connect(&url, postgres::NoTls).unwrap();
        admin.batch_execute(&format!("ALTER DATABASE \"{name}\" ALLOW_CONNECTIONS false")).unwrap();
        let cut = "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = $1";
        admin.query(cut, &[&name]).unwrap();
    })
    .await
    .unwrap();

    let waiting = futures_of(&lane, 20);
    for answer in waiting {
        let answer = tokio::time::timeout(FOREVER, answer).await.expect("an answer").unwrap();
        assert!(answer.is_err(), "nothing can be stored now");
    }
}

/// Submits a number of items at once.
fn futures_of(lane: &Lane<Item, i64, Error>, count: usize) -> Vec<tokio::task::JoinHandle<Result<i64>>> {
    let lane = std::sync::Arc::new(lane.clone());
    (0..count)
        .map(|_| {
            let lane = std::sync::Arc::clone(&lane);
            tokio::spawn(async move { lane.submit(Item::Count).await })
        })
        .collect()
}
