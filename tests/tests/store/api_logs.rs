//! Rows of the log of API requests, and what opens them.

use muster_domain::{EnvironmentId, RequestId};
use muster_store::Db;
use muster_store::api_logs::{self, LogRow};
use muster_store::data_keys::{self, NewDataKey};
use muster_store::events::Side;
use muster_testkit::db::NOW;
use muster_testkit::{TestDb, on_both};

use crate::rows::{id, read, write};

fn request(name: &str) -> RequestId {
    RequestId::trusted(format!("req_{name}"))
}

/// Adds rows; each is told by its second, its lowest and its highest ID.
async fn add(db: &Db, environment: &EnvironmentId, rows: &[(i64, &str, &str)]) {
    let environment = environment.clone();
    let rows: Vec<LogRow> = rows
        .iter()
        .map(|(bucket, first, last)| LogRow {
            bucket: *bucket,
            first_id: request(first),
            last_id: request(last),
            entries: first.as_bytes().to_vec(),
        })
        .collect();
    write(db, move |tx| {
        let rows: Vec<_> = rows.iter().map(|row| (&environment, row)).collect();
        api_logs::insert(tx, &rows)
    })
    .await;
}

/// The rows of a page, by their entries.
async fn page(db: &Db, environment: &EnvironmentId, side: Side, at: (i64, &'static str)) -> Vec<String> {
    let environment = environment.clone();
    let rows = read(db, move |tx| api_logs::page(tx, &environment, side, at, 3)).await;
    rows.into_iter().map(|row| String::from_utf8(row.entries).unwrap()).collect()
}

on_both! {
    async fn rows_are_read_from_a_place_outwards(db: TestDb) {
        let open = db.open();
        let (environment, other) = (id(), id());
        add(&open, &environment, &[(1, "a", "c"), (1, "b", "d"), (2, "e", "f"), (7, "g", "g"), (7, "h", "h")]).await;
        add(&open, &other, &[(1, "x", "y")]).await;

        assert_eq!(page(&open, &environment, Side::After, (i64::MAX, "")).await, ["h", "g", "e"]);
        assert_eq!(page(&open, &environment, Side::After, (2, "req_e")).await, ["b", "a"]);
        assert_eq!(page(&open, &environment, Side::After, (5, "")).await, ["e", "b", "a"]);
        assert_eq!(page(&open, &environment, Side::Before, (1, "")).await, ["a", "b", "e"]);
        assert_eq!(page(&open, &environment, Side::Before, (2, "req_e")).await, ["g", "h"]);
        assert_eq!(page(&open, &id(), Side::After, (i64::MAX, "")).await, Vec::<String>::new());
    }

    async fn an_id_is_looked_for_in_every_row_that_may_hold_it(db: TestDb) {
        let open = db.open();
        let environment: EnvironmentId = id();
        add(&open, &environment, &[(1, "a", "c"), (1, "b", "d"), (1, "e", "f"), (2, "a", "f")]).await;

        let found = read(&open, move |tx| api_logs::containing(tx, &environment, 1, &request("c"))).await;

        assert_eq!(found.iter().map(|row| row.first_id.as_str()).collect::<Vec<_>>(), ["req_b", "req_a"]);
    }

    async fn the_oldest_seconds_are_pruned_in_bites(db: TestDb) {
        let open = db.open();
        let (environment, other) = (id(), id());
        add(&open, &environment, &[(1, "a", "a"), (1, "b", "b"), (2, "c", "c"), (3, "d", "d")]).await;
        add(&open, &other, &[(1, "x", "x")]).await;

        let whose = environment.clone();
        let bites = write(&open, move |tx| {
            (0..3).map(|_| api_logs::prune(tx, &whose, 3, 2)).collect::<Result<Vec<_>, _>>()
        });
        let bites = bites.await;

        assert_eq!(bites.iter().sum::<u64>(), 3);
        assert!(bites[0] >= 2 && bites[2] == 0, "{bites:?}");
        assert_eq!(page(&open, &environment, Side::After, (i64::MAX, "")).await, ["d"]);
        assert_eq!(page(&open, &other, Side::After, (i64::MAX, "")).await, ["x"]);
    }

    async fn the_keys_of_subjects_are_those_of_now(db: TestDb) {
        let open = db.open();
        let environment: EnvironmentId = id();
        let keys = write(&open, move |tx| {
            let key = |subject, wrapped| NewDataKey { environment: &environment, subject, wrapped };
            data_keys::insert(tx, &[key("act_1", b"old"), key("inq_1", b"key")])?;
            data_keys::renew(tx, key("act_1", b"new"), NOW)?;
            api_logs::subject_keys(tx, &environment, &["act_1", "inq_1", "act_never"])
        });
        let mut keys = keys.await;
        keys.sort_by(|a, b| a.subject_id.cmp(&b.subject_id));

        let facts: Vec<_> =
            keys.into_iter().map(|key| (key.subject_id, key.wrapped.unwrap(), key.renewed_at)).collect();
        let fact = |id: &str, wrapped: &[u8], renewed_at| (id.to_owned(), wrapped.to_vec(), renewed_at);
        assert_eq!(facts, [fact("act_1", b"new", Some(NOW)), fact("inq_1", b"key", None)]);
    }
}
