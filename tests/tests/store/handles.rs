//! Several handles of one database: several processes that know nothing of each other.

use muster_store::{Db, Error, Result, Statement, Tx, params};
use muster_testkit::{TestDb, on_both};

use crate::rows::{counter, create_counter, read};

on_both! {
    /// What is read, changed and written back under a version must never be lost.
    async fn no_increment_is_lost_between_two_handles(db: TestDb) {
        let handles = [db.open(), db.open()];
        create_counter(&handles[0]).await;

        let mut calls = tokio::task::JoinSet::new();
        for task in 0..16 {
            let handle = handles[task % 2].clone();
            calls.spawn(async move {
                for _ in 0..25 {
                    increment(&handle).await;
                }
            });
        }
        calls.join_all().await;

        for handle in &handles {
            assert_eq!(read(handle, counter).await, 16 * 25);
        }
    }
}

/// Counts one, however often others are in the way.
async fn increment(db: &Db) {
    loop {
        match db.write("increment", increment_once).await {
            Err(Error::Busy) => {}
            outcome => return outcome.unwrap(),
        }
    }
}

static READ: Statement = Statement { name: "read", sql: "SELECT n, version FROM counters WHERE id = 1" };
static WRITE: Statement = Statement {
    name: "write",
    sql: "UPDATE counters SET n = $1, version = version + 1 WHERE id = 1 AND version = $2",
};

fn increment_once(tx: &mut Tx<'_>) -> Result<()> {
    let (n, version) =
        tx.query_opt(&READ, &[], |row| Ok::<_, Error>((row.int(0)?, row.int(1)?)))?.ok_or(Error::Closed)?;
    match tx.execute(&WRITE, params![n + 1, version])? {
        1 => Ok(()),
        _ => Err(Error::Retry("somebody else counted")),
    }
}
