//! Values come back from both engines as they were given, whatever they are.

use muster_store::{Db, Engine, Error, Statement, Value, params};
use muster_testkit::{TestDb, on_both};

use crate::rows::{read, sql, write};

on_both! {
    /// SQLite numbers parameters by first appearance; the numbers in the text must win.
    async fn parameters_are_bound_by_their_number(db: TestDb) {
        let open = db.open();

        let row = write(&open, |tx| {
            tx.execute(sql("CREATE TABLE pairs (a TEXT, b TEXT, c TEXT)"), &[])?;
            tx.execute(sql("INSERT INTO pairs (b, a, c) VALUES ($2, $1, $2)"), params!["one", "two"])?;
            tx.query_opt(
                sql("SELECT a, b, c FROM pairs WHERE b = $2 AND c = $2 AND a = $1"),
                params!["one", "two"],
                |row| Ok::<_, Error>((row.text(0)?, row.text(1)?, row.text(2)?)),
            )
        })
        .await;

        assert_eq!(row, Some(("one".into(), "two".into(), "two".into())));
    }

    /// A forgotten parameter must not become a null.
    async fn a_missing_parameter_is_an_error(db: TestDb) {
        let open = db.open();
        write(&open, |tx| tx.execute(sql("CREATE TABLE pairs (a TEXT, b TEXT)"), &[])).await;

        let insert = sql("INSERT INTO pairs (a, b) VALUES ($1, $2)");
        let outcome = open.write("test", move |tx| tx.execute(insert, params!["one"])).await;

        assert!(matches!(outcome, Err(Error::Database(_))), "{outcome:?}");
    }

    async fn nulls_stay_nulls(db: TestDb) {
        let open = db.open();
        create_values(&open).await;

        write(&open, |tx| tx.execute(INSERT, &NULLS)).await;

        let row = read(&open, |tx| {
            tx.query_opt(SELECT, params![1_i64], |row| {
                Ok::<_, Error>((row.opt_text(0)?, row.opt_blob(1)?, row.opt_int(2)?, row.opt_instant(2)?))
            })
        })
        .await;
        assert_eq!(row, Some((None, None, None, None)));
    }

    /// A null where the reader expects a value is damage, and must not be read as nothing.
    async fn a_null_is_not_read_as_a_value(db: TestDb) {
        let open = db.open();
        create_values(&open).await;
        write(&open, |tx| tx.execute(INSERT, &NULLS)).await;

        let text = open.read("test", |tx| tx.query_opt(SELECT, params![1_i64], |row| row.text(0))).await;
        let blob = open.read("test", |tx| tx.query_opt(SELECT, params![1_i64], |row| row.blob(1))).await;
        let int = open.read("test", |tx| tx.query_opt(SELECT, params![1_i64], |row| row.int(2))).await;

        assert!(matches!(text, Err(Error::Corrupt(_))), "{text:?}");
        assert!(matches!(blob, Err(Error::Corrupt(_))), "{blob:?}");
        assert!(matches!(int, Err(Error::Corrupt(_))), "{int:?}");
    }

    async fn extreme_values_come_back_whole(db: TestDb) {
        let open = db.open();
        create_values(&open).await;
        let blob: Vec<u8> = [0, 0, 255, 0].into_iter().chain(0..=255).chain([0]).collect();
        let text = "'\"\\ %_ $1 {rows} é e\u{301} 東 🦀 \u{10ffff}\n\t";

        let given = blob.clone();
        write(&open, move |tx| {
            tx.execute(INSERT, params![1_i64, text, &given, i64::MIN, true])?;
            tx.execute(INSERT, params![2_i64, "", &Vec::new(), i64::MAX, false])
        })
        .await;

        let mut found = Vec::new();
        for id in [1_i64, 2] {
            let row = read(&open, move |tx| {
                tx.query_opt(SELECT, params![id], |row| {
                    Ok::<_, Error>((row.text(0)?, row.blob(1)?, row.int(2)?, row.bool(3)?))
                })
            });
            found.extend(row.await);
        }
        let bare = (String::new(), vec![], i64::MAX, false);
        assert_eq!(found, [(text.to_owned(), blob, i64::MIN, true), bare]);
    }

    /// The tests that look for personal data at rest prove nothing if they look in the wrong place.
    async fn what_is_written_is_in_the_dump(db: TestDb) {
        let open = db.open();
        create_values(&open).await;
        let blob = b"\x00needle \xff";

        write(&open, move |tx| tx.execute(INSERT, params![1_i64, "Näh Nadel", &blob[..], 4_711_i64, true])).await;

        for needle in ["Näh Nadel".as_bytes(), blob] {
            assert!(db.dump().windows(needle.len()).any(|window| window == needle));
        }
    }

    /// Pages and merges rely on it: both engines sort as Rust does.
    async fn text_sorts_bytewise(db: TestDb) {
        let open = db.open();
        let words = ["act_Z", "act_a", "act_A", "z", "é", "e", "~", "_", "Z", "10", "9", "", "東", "act_~"];
        let kind = if db.engine() == Engine::Postgres { "TEXT COLLATE \"C\"" } else { "TEXT" };
        let create = format!("CREATE TABLE words (word {kind} NOT NULL PRIMARY KEY)");

        let (sorted, above) = write(&open, move |tx| {
            tx.execute(sql(&create), &[])?;
            for word in words {
                tx.execute(sql("INSERT INTO words (word) VALUES ($1)"), params![word])?;
            }
            let sorted = tx.query(sql("SELECT word FROM words ORDER BY word"), &[], |row| row.text(0))?;
            let above = sql("SELECT word FROM words WHERE word > $1 ORDER BY word");
            Ok((sorted, tx.query(above, params!["z"], |row| row.text(0))?))
        })
        .await;

        let mut expected = words.to_vec();
        expected.sort_unstable();
        assert_eq!(sorted, expected);
        assert_eq!(above, ["~", "é", "東"]);
    }
}

static INSERT: &Statement =
    &Statement { name: "insert", sql: "INSERT INTO samples (id, t, b, i, y) VALUES ($1, $2, $3, $4, $5)" };
static NULLS: [Value<'_>; 5] = [Value::Int(1), Value::Null, Value::Null, Value::Null, Value::Null];
static SELECT: &Statement =
    &Statement { name: "select", sql: "SELECT t, b, i, y FROM samples WHERE id = $1" };

async fn create_values(db: &Db) {
    write(db, |tx| {
        tx.execute(
            sql("CREATE TABLE samples (id BIGINT PRIMARY KEY, t TEXT, b BYTEA, i BIGINT, y BOOLEAN)"),
            &[],
        )
    })
    .await;
}
