//! The minute that processes share, and the leases they take from it.

use std::time::Duration;

use muster_app::rate_limits::{Lease, lease};
use muster_domain::{EnvironmentId, Timestamp};
use muster_store::Db;
use muster_testkit::db::NOW;
use muster_testkit::{TestDb, on_both};

use crate::rows::id;

async fn take(db: &Db, environment: &EnvironmentId, limit: u32, now: Timestamp) -> Lease {
    let environment = environment.clone();
    db.write("test", move |tx| lease(tx, &environment, limit, now)).await.unwrap()
}

on_both! {
    async fn leases_shrink_and_never_exceed_the_limit(db: TestDb) {
        let open = db.open();
        for limit in [1_u32, 9, 10, 300, 10_000] {
            let environment = id();
            let (mut sum, mut last) = (0, limit);
            loop {
                let leased = take(&open, &environment, limit, NOW).await;
                sum += leased.granted;
                assert!(leased.granted <= last.max(1) && leased.left == limit - sum);
                last = leased.granted;
                if leased.granted == 0 {
                    break;
                }
            }
            assert_eq!(sum, limit);
        }
    }

    async fn a_window_lasts_a_minute_for_everybody(db: TestDb) {
        let (one, two) = (db.open(), db.open());
        let (environment, other) = (id(), id());
        let second = Duration::from_secs(1);
        let of = |opened_at, granted, left| Lease { opened_at, granted, left };

        assert_eq!(take(&one, &environment, 20, NOW).await, of(NOW, 2, 18));
        assert_eq!(take(&two, &environment, 20, NOW + second * 59).await, of(NOW, 1, 17));
        assert_eq!(take(&two, &other, 20, NOW + second * 59).await, of(NOW + second * 59, 2, 18));
        let next = NOW + second * 60;
        assert_eq!(take(&two, &environment, 20, next).await, of(next, 2, 18));
        // Its clock is a little behind.
        assert_eq!(take(&one, &environment, 20, next - second).await, of(next, 1, 17));
        // The limit was lowered meanwhile.
        assert_eq!(take(&one, &environment, 2, next).await, of(next, 0, 0));
    }

    /// Leases that are taken at the same time come one after the other.
    async fn leases_do_not_overlap(db: TestDb) {
        let (one, two) = (db.open(), db.open());
        let environment = id();
        let all = async |db: &Db| {
            let mut sum = 0;
            for _ in 0..40 {
                sum += take(db, &environment, 50, NOW).await.granted;
            }
            sum
        };
        let (a, b) = tokio::join!(all(&one), all(&two));
        assert_eq!(a + b, 50);
    }
}
