//! Units of work: all or nothing, one by one, and answered only when they are there to stay.

use std::collections::HashSet;

use muster_store::{Error, Options, Result, Target, params};
use muster_testkit::{TestDb, on_both};

use crate::gate::{Gate, answer_at_once, is_queued, stop_silently};
use crate::rows::{count, counter, create_counter, read, sql, write};

on_both! {
    /// Units that happen to be committed together have nothing to do with each other.
    async fn a_refused_unit_leaves_nothing_and_harms_no_other(db: TestDb) {
        let open = db.open_with(&Options { threads: 1, ..db.options() });
        create_counter(&open).await;
        let gate = Gate::close(&open);

        let mut calls: Vec<_> = (0..60).map(|i| Box::pin(open.write("test", move |tx| {
            count(tx, 1 << (i % 3))?;
            if i % 3 == 1 { Err(Error::corrupt("refused")) } else { Ok(i) }
        }))).collect();
        assert!(calls.iter_mut().all(is_queued));
        gate.open().await;

        for (i, call) in calls.into_iter().enumerate() {
            let outcome = call.await;
            if i % 3 == 1 {
                assert!(matches!(&outcome, Err(Error::Corrupt(why)) if why == "refused"), "{outcome:?}");
            } else {
                assert_eq!(outcome.unwrap(), i);
            }
        }
        assert_eq!(read(&open, counter).await, 20 + 20 * 4);
    }

    async fn a_savepoint_can_fail_alone(db: TestDb) {
        let open = db.open();
        create_counter(&open).await;

        write(&open, |tx| {
            count(tx, 1)?;
            let refused: Result<()> = tx.savepoint(|tx| {
                count(tx, 10)?;
                tx.savepoint(|tx| count(tx, 100))?;
                Err(Error::corrupt("refused"))
            });
            assert!(refused.is_err());
            tx.savepoint(|tx| {
                count(tx, 1000)?;
                let refused: Result<()> = tx.savepoint(|tx| count(tx, 10_000).and(Err(Error::Closed)));
                assert!(refused.is_err());
                Ok::<_, Error>(())
            })?;
            count(tx, 100_000)
        })
        .await;

        assert_eq!(read(&open, counter).await, 101_001);
    }

    /// PostgreSQL takes nothing more after an error, unless a savepoint catches it.
    async fn a_statement_that_fails_in_a_savepoint_does_not_end_the_unit(db: TestDb) {
        let open = db.open();
        create_counter(&open).await;

        write(&open, |tx| {
            count(tx, 1)?;
            let twice = sql("INSERT INTO counters (id, n, version) VALUES (1, 0, 0)");
            let refused = tx.savepoint(|tx| tx.execute(twice, &[]));
            assert!(matches!(refused, Err(Error::Database(_))));
            count(tx, 1)
        })
        .await;

        assert_eq!(read(&open, counter).await, 2);
    }

    /// A programming error in one request must not take the others with it.
    async fn a_unit_that_panics_is_refused_and_the_database_goes_on(db: TestDb) {
        let open = db.open();
        create_counter(&open).await;

        for _ in 0..2 * db.options().threads {
            let outcome: Result<()> = open.write("test", |tx| {
                count(tx, 1)?;
                tx.savepoint(|tx| { count(tx, 1)?; stop_silently() })
            }).await;
            assert!(matches!(outcome, Err(Error::Database(_))), "{outcome:?}");
        }

        assert_eq!(write(&open, |tx| count(tx, 1)).await, 1);
        assert_eq!(read(&open, counter).await, 1);
    }

    /// A reader that stopped half way must not show the world as it was then, for ever.
    async fn a_read_that_panics_leaves_a_reader_with_fresh_eyes(db: TestDb) {
        let open = db.open_with(&Options { threads: 1, ..db.options() });
        create_counter(&open).await;

        let outcome: Result<()> = open.read("test", |tx| {
            tx.savepoint(|tx| { counter(tx)?; stop_silently() })
        }).await;
        assert!(matches!(outcome, Err(Error::Database(_))), "{outcome:?}");

        write(&open, |tx| count(tx, 1)).await;
        assert_eq!(read(&open, counter).await, 1);
    }

    async fn a_unit_in_the_way_of_another_is_run_again_from_the_start(db: TestDb) {
        let open = db.open();
        create_counter(&open).await;

        let mut runs = 0;
        let outcome = write(&open, move |tx| {
            runs += 1;
            let seen = count(tx, 1)?;
            if runs < 3 { Err(Error::Retry("the test says so")) } else { Ok((runs, seen)) }
        })
        .await;

        assert_eq!(outcome, (3, 1));
        assert_eq!(read(&open, counter).await, 1);
    }

    async fn a_unit_that_is_always_in_the_way_gives_up(db: TestDb) {
        let open = db.open();
        create_counter(&open).await;

        let outcome: Result<()> = open.write("test", |tx| {
            count(tx, 1)?;
            Err(Error::Retry("the test says so"))
        }).await;

        assert!(matches!(outcome, Err(Error::Busy)), "{outcome:?}");
        assert_eq!(write(&open, |tx| count(tx, 1)).await, 1);
    }

    /// Who was told "done" must find it done, here and in every other process.
    async fn an_answered_write_is_seen_by_the_next_read(db: TestDb) {
        let (here, there) = (db.open(), db.open());
        create_counter(&here).await;

        for n in 1..=1000 {
            assert_eq!(write(&here, |tx| count(tx, 1)).await, n);
            assert_eq!(read(&here, counter).await, n);
            assert_eq!(read(&there, counter).await, n);
        }
    }

    /// Work that nobody waits for any more is done all the same.
    async fn a_caller_that_goes_away_does_not_stop_its_unit(db: TestDb) {
        let open = db.open_with(&Options { threads: 1, ..db.options() });
        create_counter(&open).await;
        let gate = Gate::close(&open);

        let mut call = Box::pin(open.write("test", |tx| count(tx, 1)));
        assert!(is_queued(&mut call));
        drop(call);
        gate.open().await;

        assert_eq!(write(&open, |tx| count(tx, 1)).await, 2);
    }

    /// A flood is answered "later" at once instead of being kept waiting.
    async fn a_full_queue_refuses_at_once(db: TestDb) {
        let open = db.open_with(&Options { threads: 1, queue_units_max: 4, ..db.options() });
        create_counter(&open).await;
        let gate = Gate::close(&open);

        let mut calls: Vec<_> = (0..3).map(|_| Box::pin(open.write("test", |tx| count(tx, 1)))).collect();
        assert!(calls.iter_mut().all(is_queued));
        let fifth = answer_at_once(&mut Box::pin(open.write("test", |tx| count(tx, 1))));
        assert!(matches!(fifth, Some(Err(Error::Busy))), "{fifth:?}");

        gate.open().await;
        for call in calls {
            call.await.unwrap();
        }
        assert_eq!(read(&open, counter).await, 3);
    }

    /// Who has the answer is out of the queue, or the next call would be refused for nothing.
    async fn an_answered_caller_has_left_the_queue(db: TestDb) {
        let open = db.open_with(&Options { threads: 1, queue_units_max: 1, ..db.options() });
        create_counter(&open).await;

        let mut refused = 0;
        for _ in 0..1000 {
            refused += i32::from(open.read("test", counter).await.is_err());
        }

        assert_eq!(refused, 0);
    }

    /// The log of SQLite is ended under way: whoever writes waits for it, but neither for ever nor in vain.
    async fn a_log_that_is_ended_again_and_again_loses_nothing(db: TestDb) {
        let open = db.open_with(&Options { log_pages_max: 1, ..db.options() });
        create_counter(&open).await;
        let log = match db.options().target {
            Target::Sqlite(path) => Some(path.with_extension("sqlite3-wal")),
            Target::Postgres(_) => None,
        };

        let (mut seen, mut expected) = (HashSet::new(), 0);
        for _ in 0..5000 {
            let bulk: Vec<_> =
                (0..10).map(|_| open.write_bulk("test", |tx| count(tx, 1)).unwrap()).collect();
            write(&open, |tx| count(tx, 1000)).await;
            expected += 1010;
            tokio::task::spawn_blocking(|| bulk.into_iter().map(|one| one.wait().unwrap()).max())
                .await
                .unwrap();
            // A log that begins anew is salted anew.
            seen.extend(log.as_ref().map(|log| std::fs::read(log).unwrap()[16..24].to_vec()));
            if seen.len() == 4 || log.is_none() {
                break;
            }
        }

        assert_eq!(read(&open, counter).await, expected);
        assert!(log.is_none() || seen.len() == 4, "the log began anew {} times", seen.len());
    }

    /// Threads that a request may block, such as an import's, have doors of their own.
    fn a_blocking_caller_gets_the_same(db: TestDb) {
        let open = db.open();
        open.write_blocking("test", |tx| {
            tx.execute(sql("CREATE TABLE words (word TEXT)"), &[])?;
            tx.execute(sql("INSERT INTO words (word) VALUES ($1)"), params!["here"])
        }).unwrap();

        let words = open.read_blocking("test", |tx| {
            tx.query(sql("SELECT word FROM words"), &[], |row| row.text(0))
        });

        assert_eq!(words.unwrap(), ["here"]);
    }
}

/// A restart or failover of the server must not need one of Muster.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn cut_connections_to_postgresql_are_made_anew() {
    const CUT: &str = "SELECT pg_terminate_backend(pid)::text FROM pg_stat_activity
        WHERE datname = current_database() AND pid <> pg_backend_pid()";
    let db = TestDb::postgres();
    let (here, there) = (db.open(), db.open());
    create_counter(&here).await;

    for n in 1..=20 {
        write(&there, |tx| tx.query(sql(CUT), &[], |row| row.text(0))).await;
        assert_eq!(write(&here, |tx| count(tx, 1)).await, n);
    }

    assert_eq!(read(&there, counter).await, 20);
}
