//! Opening a database: ours is brought up to date, anything else is left as it is.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Barrier;

use muster_store::{Db, Engine, Error};
use muster_testkit::{TestDb, on_both};

use crate::rows::{Tenant, sql, write};

on_both! {
    /// A restart is not a change.
    async fn opening_again_changes_nothing(db: TestDb) {
        Tenant::create(&db.open()).await;
        let before = content(&db);

        drop(db.open());

        assert!(content(&db) == before);
    }

    /// Machines that start at once after an installation must all come up.
    fn several_processes_may_open_an_empty_database_at_once(first: TestDb) {
        // Who comes first, and how close the others are, is not the same every time.
        let engine = first.engine();
        for db in std::iter::once(first).chain((0..4).map(|_| TestDb::of(engine))) {
            let barrier = Barrier::new(6);
            let outcomes = std::thread::scope(|scope| {
                let open = || {
                    barrier.wait();
                    db.try_open()
                };
                let threads: Vec<_> = (0..6).map(|_| scope.spawn(open)).collect();
                threads.into_iter().map(|thread| thread.join().unwrap()).collect::<Vec<_>>()
            });

            let refused: Vec<_> = outcomes.iter().filter_map(|outcome| outcome.as_ref().err()).collect();
            assert!(refused.is_empty(), "{refused:?}");
        }
    }

    /// An old program must not write into what a newer one has made.
    async fn a_database_of_a_newer_muster_is_refused(db: TestDb) {
        let open = db.open();
        make_newer(&open).await;
        drop(open);
        let before = content(&db);

        assert_refused(db.try_open(), "999");

        assert!(content(&db) == before);
    }
}

/// A backup made with `VACUUM INTO` is not in WAL mode; refusing it must not put it there.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_copy_of_a_newer_database_is_refused_and_not_converted() {
    let db = TestDb::sqlite();
    let open = db.open();
    make_newer(&open).await;
    drop(open);
    let connection = rusqlite::Connection::open(sqlite_path(&db)).unwrap();
    connection.query_row("PRAGMA journal_mode = DELETE", [], |_| Ok(())).unwrap();
    drop(connection);
    let before = files(db.dir());

    assert_refused(db.try_open(), "999");

    assert!(files(db.dir()) == before);
}

#[test]
fn a_sqlite_file_of_another_program_is_refused() {
    for mode in ["DELETE", "WAL"] {
        let db = TestDb::sqlite();
        let connection = rusqlite::Connection::open(sqlite_path(&db)).unwrap();
        connection.query_row(&format!("PRAGMA journal_mode = {mode}"), [], |_| Ok(())).unwrap();
        connection
            .execute_batch("CREATE TABLE recipes (name TEXT); INSERT INTO recipes VALUES ('soup')")
            .unwrap();
        drop(connection);
        let before = files(db.dir());

        assert_refused(db.try_open(), "another program");

        assert!(files(db.dir()) == before, "{mode}");
    }
}

#[test]
fn a_file_that_is_no_database_is_refused() {
    for text in ["x", "SQLite format 2, or something like it", "PNG\r\n and so on and so on and so on"] {
        let db = TestDb::sqlite();
        std::fs::write(sqlite_path(&db), text).unwrap();

        assert_refused(db.try_open(), "not a SQLite database");

        assert_eq!(files(db.dir()), BTreeMap::from([(sqlite_path(&db), text.into())]));
    }
}

/// The header alone does not make a database.
#[test]
fn a_damaged_sqlite_file_is_refused() {
    let db = TestDb::sqlite();
    std::fs::write(sqlite_path(&db), b"SQLite format 3\0 and then something else entirely".repeat(100))
        .unwrap();
    let before = files(db.dir());

    assert_refused(db.try_open(), "");

    assert!(files(db.dir()) == before);
}

#[test]
fn a_postgresql_database_of_another_program_is_refused() {
    let db = TestDb::postgres();
    let mut client = postgres::Client::connect(&db.url(), postgres::NoTls).unwrap();
    client.batch_execute("CREATE TABLE recipes (name TEXT); INSERT INTO recipes VALUES ('soup')").unwrap();
    let before = db.dump();

    assert_refused(db.try_open(), "not Muster's");

    assert_eq!(tables(&db), ["recipes"]);
    assert!(db.dump() == before);
}

#[test]
fn a_database_that_is_not_there_is_refused() {
    let db = TestDb::postgres();
    let lost = muster_store::Options::parse(&format!("{}_lost", db.url())).unwrap();
    let outcome = std::thread::spawn(move || Db::open(&lost, muster_testkit::db::NOW)).join().unwrap();
    assert_refused(outcome, "cannot be reached");

    let db = TestDb::sqlite();
    let folder = muster_store::Options::parse(&format!("{}/no/such/folder", db.url())).unwrap();
    assert_refused(Db::open(&folder, muster_testkit::db::NOW), "cannot be opened");
    assert!(files(db.dir()).is_empty());
}

/// Gives the schema a number that no program knows yet.
async fn make_newer(db: &Db) {
    let newer = sql("UPDATE muster_meta SET value = '999' WHERE key = 'schema'");
    assert_eq!(write(db, move |tx| tx.execute(newer, &[])).await, 1);
}

/// Says that the operator was told in one line, in which `hint` occurs.
fn assert_refused(outcome: Result<Db, Error>, hint: &str) {
    match outcome {
        Err(Error::Unusable(why)) => assert!(why.contains(hint) && !why.contains('\n'), "{why}"),
        Err(error) => panic!("refused, but with {error:?}"),
        Ok(_) => panic!("opened"),
    }
}

/// What a closed database holds.
fn content(db: &TestDb) -> Vec<u8> {
    match db.engine() {
        // The shared memory beside the file is nobody's data.
        Engine::Sqlite => std::fs::read(sqlite_path(db)).unwrap(),
        Engine::Postgres => [db.dump(), tables(db).join(" ").into_bytes()].concat(),
    }
}

fn sqlite_path(db: &TestDb) -> PathBuf {
    PathBuf::from(db.url().trim_start_matches("sqlite:"))
}

/// Names and bytes of all files in a folder.
fn files(dir: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let paths = std::fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().path());
    paths.map(|path| (path.clone(), std::fs::read(path).unwrap())).collect()
}

fn tables(db: &TestDb) -> Vec<String> {
    const TABLES: &str = "SELECT relname::text FROM pg_class
        WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'i', 'v', 'S') ORDER BY 1";
    let url = db.url();
    let rows = std::thread::spawn(move || {
        postgres::Client::connect(&url, postgres::NoTls).unwrap().query(TABLES, &[]).unwrap()
    });
    rows.join().unwrap().iter().map(|row| row.get(0)).collect()
}
