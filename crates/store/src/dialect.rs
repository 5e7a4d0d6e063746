//! Where the engines truly differ, both answers side by side. Budget: 15 functions (ADR 0002).

use std::sync::OnceLock;

use crate::db::Engine;
use crate::imports;
use crate::jobs;
use crate::organizations::{self, Hold};
use crate::sql::{Batch, ColumnType, Statement};

/// The source of rows of a set statement (see [`crate::Batch`]).
#[must_use]
pub fn rows(engine: Engine, columns: &[(&str, ColumnType)]) -> String {
    let names: Vec<&str> = columns.iter().map(|(name, _)| *name).collect();
    match engine {
        // One row per execution.
        Engine::Sqlite => {
            let list: Vec<String> =
                names.iter().enumerate().map(|(i, name)| format!("${} AS {name}", i + 1)).collect();
            format!("(SELECT {}) AS r", list.join(", "))
        }
        // One array per column.
        Engine::Postgres => {
            let arrays: Vec<String> = columns
                .iter()
                .enumerate()
                .map(|(i, (_, ty))| format!("${}::{}[]", i + 1, array_type(*ty)))
                .collect();
            format!("UNNEST({}) AS r({})", arrays.join(", "), names.join(", "))
        }
    }
}

/// The source of an insert: all columns of the rows, in order (see [`crate::Batch`]).
#[must_use]
pub fn values(engine: Engine, columns: &[(&str, ColumnType)], rows: &str) -> String {
    match engine {
        // `INSERT … SELECT` opens a statement journal on every run, `INSERT … VALUES` does not.
        Engine::Sqlite => {
            let list: Vec<String> = (1..=columns.len()).map(|n| format!("${n}")).collect();
            format!("VALUES ({})", list.join(", "))
        }
        Engine::Postgres => {
            let list: Vec<String> = columns.iter().map(|(name, _)| format!("r.{name}")).collect();
            format!("SELECT {} FROM {rows}", list.join(", "))
        }
    }
}

/// One statement that runs several, none of which sees what another changes; only PostgreSQL has such.
/// `parts`: the texts, each with the number of its parameters.
#[must_use]
pub fn together(parts: &[(&str, usize)]) -> String {
    let mut before = 0;
    let mut texts = Vec::with_capacity(parts.len());
    for (text, count) in parts {
        texts.push(renumbered(text, before));
        before += count;
    }
    let last = texts.pop().unwrap_or_default();
    let named: Vec<String> =
        texts.iter().enumerate().map(|(n, text)| format!("part_{n} AS ({text})")).collect();
    if named.is_empty() { last } else { format!("WITH {} {last}", named.join(", ")) }
}

/// Counts the parameters of a text on from `before`.
fn renumbered(text: &str, before: usize) -> String {
    let mut out = String::with_capacity(text.len() + 16);
    let mut pieces = text.split('$');
    out.push_str(pieces.next().unwrap_or_default());
    for piece in pieces {
        let digits = piece.bytes().take_while(u8::is_ascii_digit).count();
        let number: usize = piece[..digits].parse().unwrap_or(0);
        out.push_str(&format!("${}{}", number + before, &piece[digits..]));
    }
    out
}

fn array_type(ty: ColumnType) -> &'static str {
    match ty {
        ColumnType::Text => "text",
        ColumnType::Int => "bigint",
        ColumnType::Blob => "bytea",
    }
}

/// Fills the placeholders of a migration.
///
/// `{text}`: text that compares bytewise. `{clustered}`: rows live in their primary key.
#[must_use]
pub fn ddl(engine: Engine, text: &str) -> String {
    match engine {
        Engine::Sqlite => text.replace("{text}", "TEXT").replace("{clustered}", "WITHOUT ROWID"),
        Engine::Postgres => text.replace("{text}", "TEXT COLLATE \"C\"").replace("{clustered}", ""),
    }
}

/// Counts the tables of the database that are not the engine's own.
#[must_use]
pub fn count_tables(engine: Engine) -> &'static str {
    match engine {
        Engine::Sqlite => {
            "SELECT COUNT(*) FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
        }
        Engine::Postgres => {
            "SELECT COUNT(*) FROM information_schema.tables WHERE table_schema = current_schema()"
        }
    }
}

/// Counts the tables called `muster_meta`: 1 in a database of ours.
#[must_use]
pub fn count_meta_tables(engine: Engine) -> &'static str {
    match engine {
        Engine::Sqlite => "SELECT COUNT(*) FROM sqlite_schema WHERE type = 'table' AND name = 'muster_meta'",
        Engine::Postgres => {
            "SELECT COUNT(*) FROM information_schema.tables \
             WHERE table_schema = current_schema() AND table_name = 'muster_meta'"
        }
    }
}

/// Locks the schema against other processes until the end of the transaction.
#[must_use]
pub fn lock_schema(engine: Engine) -> Option<&'static str> {
    match engine {
        // `BEGIN IMMEDIATE` is the lock.
        Engine::Sqlite => None,
        Engine::Postgres => Some("LOCK TABLE muster_meta IN ACCESS EXCLUSIVE MODE"),
    }
}

/// Reads the version of a catalog and keeps it as it is until the transaction ends.
#[must_use]
pub fn hold_catalog(engine: Engine, hold: Hold) -> &'static Statement {
    match (engine, hold) {
        // The single writer is the lock.
        (Engine::Sqlite, _) => &organizations::CATALOG_VERSION,
        (Engine::Postgres, Hold::AsItIs) => &HOLD_CATALOG,
        (Engine::Postgres, Hold::ToChange) => &TAKE_CATALOG,
    }
}

/// Keeps accounts as they are until the transaction ends.
#[must_use]
pub fn hold_accounts(engine: Engine) -> Option<&'static Batch> {
    match engine {
        // The single writer is the lock.
        Engine::Sqlite => None,
        Engine::Postgres => Some(&HOLD_ACCOUNTS),
    }
}

/// Takes jobs that are due.
#[must_use]
pub fn claim_jobs(engine: Engine) -> &'static Statement {
    match engine {
        // The single writer is the lock.
        Engine::Sqlite => &jobs::CLAIM,
        Engine::Postgres => &CLAIM_JOBS,
    }
}

/// Reads the status of a run and keeps it, and its job, as they are until the transaction ends.
#[must_use]
pub fn hold_run(engine: Engine) -> &'static Statement {
    match engine {
        // The single writer is the lock.
        Engine::Sqlite => &imports::STATUS_OF_MINE,
        Engine::Postgres => &HOLD_RUN,
    }
}

static HOLD_RUN: Statement = Statement {
    name: "dialect::HOLD_RUN",
    sql: "/* HOLD_RUN */ SELECT r.status FROM jobs j CROSS JOIN records r
          WHERE j.environment_id = $1 AND j.id = $2 AND j.attempts = $3
            AND r.environment_id = $1 AND r.id = $4 FOR SHARE",
};

/// [`jobs::CLAIM`], which leaves to others what they are claiming at this moment.
static CLAIM_JOBS: Statement = Statement {
    name: "dialect::CLAIM_JOBS",
    sql: "/* CLAIM_JOBS */ UPDATE jobs SET due_at = $2, attempts = attempts + 1
          WHERE (environment_id, id) IN
              (SELECT j.environment_id, j.id FROM jobs j
               WHERE j.due_at <= $1 AND $4 NOT LIKE '%,' || j.kind || ',%' ORDER BY j.due_at LIMIT $3
               FOR UPDATE SKIP LOCKED)
          RETURNING id, environment_id, kind, subject_id, state, attempts, failures",
};

static HOLD_ACCOUNTS: Batch = Batch {
    name: "dialect::HOLD_ACCOUNTS",
    columns: &[("environment_id", ColumnType::Text), ("id", ColumnType::Text)],
    sql: "/* HOLD_ACCOUNTS */ SELECT 1 FROM {rows} CROSS JOIN accounts a
         WHERE a.environment_id = r.environment_id AND a.id = r.id FOR NO KEY UPDATE OF a",
    expanded: [OnceLock::new(), OnceLock::new()],
};

static HOLD_CATALOG: Statement = Statement {
    name: "dialect::HOLD_CATALOG",
    sql: "/* HOLD_CATALOG */ SELECT catalog_version FROM organizations WHERE id = $1 FOR SHARE",
};

static TAKE_CATALOG: Statement = Statement {
    name: "dialect::TAKE_CATALOG",
    sql: "/* TAKE_CATALOG */ SELECT catalog_version FROM organizations WHERE id = $1 FOR NO KEY UPDATE",
};

/// Statements that only one engine knows, for the tests that prepare and explain them all.
#[must_use]
pub fn statements_of(engine: Engine) -> Vec<&'static Statement> {
    match engine {
        Engine::Sqlite => Vec::new(),
        Engine::Postgres => vec![&HOLD_CATALOG, &TAKE_CATALOG, &CLAIM_JOBS, &HOLD_RUN],
    }
}

/// Set statements that only one engine knows, for the same tests.
#[must_use]
pub fn batches_of(engine: Engine) -> Vec<&'static Batch> {
    match engine {
        Engine::Sqlite => Vec::new(),
        Engine::Postgres => vec![&HOLD_ACCOUNTS],
    }
}

/// Asks the planner how it would run a statement.
#[must_use]
pub fn explain(engine: Engine, sql: &str) -> String {
    match engine {
        Engine::Sqlite => format!("EXPLAIN QUERY PLAN {sql}"),
        Engine::Postgres => format!("EXPLAIN {sql}"),
    }
}

#[cfg(test)]
mod tests {
    use super::together;

    #[test]
    fn parts_count_their_parameters_on() {
        assert_eq!(together(&[]), "");
        assert_eq!(together(&[("A $1 $2", 2)]), "A $1 $2");
        let parts = [("A $1::text[], $2", 2), ("B $10 $1", 10), ("C $2$1", 2)];
        assert_eq!(together(&parts), "WITH part_0 AS (A $1::text[], $2), part_1 AS (B $12 $3) C $14$13");
    }
}
