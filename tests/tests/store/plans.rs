//! Every statement is valid on both engines, and none of them reads a whole table.
//!
//! Both engines plan as they do in production: SQLite without statistics, so rows change nothing;
//! PostgreSQL with the settings of the store's own sessions and for whatever values may come, over 4,000
//! analyzed rows per table. `ANALYZE` reads all of so few rows, so the plans are the same on every run.
//! The settings make the planner avoid a scan of the table at any price: one that is left proves that
//! there is no index, and a walk along a whole index betrays itself by its filter.

use muster_store::{Db, Engine, Error, Tx, all_batches, all_statements, dialect};
use muster_testkit::{TestDb, on_both};

use crate::rows::{sql, write};

/// What may read a whole table, and why.
const SCANS_ALLOWED: [(&str, &str); 2] = [
    ("organizations::LIST", "the operator's list of all organizations of the installation"),
    ("migrate::GET_META", "a handful of rows, whatever the size of the installation"),
];

/// What may read rows and then leave them out, and why.
const FILTERS_ALLOWED: [(&str, &str); 33] = [
    ("accounts::PAGE_AFTER", "archived accounts are few and stand among the others"),
    ("accounts::PAGE_BEFORE", "archived accounts are few and stand among the others"),
    ("api_logs::CONTAINING", "the few rows of one second"),
    ("accounts::UPDATE", "one row, found by its key, at another version"),
    ("events::AS_OF", "the newest events of one object, down to an instant"),
    ("events::OF_OBJECT_AFTER", "the events of one object, on the other side of the cursor"),
    ("events::OF_OBJECT_BEFORE", "the events of one object, on the other side of the cursor"),
    ("identifiers::DELETE", "one row, found by its key, that another account holds"),
    ("idempotency::DELETE", "one row, found by its key, of another age"),
    ("inquiry_templates::UPDATE", "one row, found by its key, at another revision"),
    ("inquiry_templates::UPDATE_DRAFT", "one row, found by its key, that is published"),
    ("imports::COMPLETE_FILE", "one row, found by its key, that is complete already"),
    ("imports::SET_HEADER", "one row, found by its key, that was erased"),
    ("imports::AMONG_FROM", "chunks of one run, of which those of some outcomes are shown"),
    ("imports::AMONG_UNTIL", "chunks of one run, of which those of some outcomes are shown"),
    ("imports::STATUS_OF_MINE", "one row, found by its key, taken over by somebody else"),
    ("imports::SET_OUTCOMES", "one row, found by its key, that somebody else wrote anew"),
    ("dialect::HOLD_RUN", "one row, found by its key, taken over by somebody else"),
    ("jobs::CLAIM_OF", "one row, found by its key, not due or taken over by somebody else"),
    ("jobs::CLAIM", "the few due jobs of kinds that this worker leaves to others"),
    ("dialect::CLAIM_JOBS", "the few due jobs of kinds that this worker leaves to others"),
    ("jobs::KEEP", "one row, found by its key, taken over by somebody else"),
    ("jobs::RELEASE", "one row, found by its key, taken over by somebody else"),
    ("jobs::DELETE", "one row, found by its key, taken over by somebody else"),
    ("jobs::POSTPONE", "one row, found by its key, taken over by somebody else"),
    ("records::UPDATE", "one row, found by its key, at another version"),
    ("records::FIND_BY_LOOKUP", "the one row of a hash, of another kind"),
    ("watchlists::GROW", "one row, found by its key, that does not load any more"),
    ("watchlists::FINISH", "one row, found by its key, that does not load any more"),
    ("migrate::GET_META", "a handful of rows, whatever the size of the installation"),
    ("report_templates::UPDATE", "one row, found by its key, at another revision"),
    ("relations::PAGE_AFTER", "the relations of one account by one key, made at other times"),
    ("relations::PAGE_BEFORE", "the relations of one account by one key, made at other times"),
];

/// The column by which a page must be found, beside the environment.
const NARROWED: [(&str, &str); 22] = [
    ("api_keys::NAMED_AFTER", "name"),
    ("api_keys::NAMED_BEFORE", "name"),
    ("events::NAMED_AFTER", "name"),
    ("events::NAMED_BEFORE", "name"),
    ("events::OF_OBJECT_AFTER", "object_id"),
    ("events::OF_OBJECT_BEFORE", "object_id"),
    ("files::HEADERS_OF", "owner_id"),
    ("files::ERASE_OF", "owner_id"),
    ("records::OF_PARENT_AFTER", "parent_id"),
    ("records::OF_PARENT_BEFORE", "parent_id"),
    ("records::OF_ACCOUNT_AFTER", "account_id"),
    ("records::OF_ACCOUNT_BEFORE", "account_id"),
    ("records::OF_TEMPLATE_AFTER", "status"),
    ("records::OF_TEMPLATE_BEFORE", "status"),
    ("records::WITH_STATUS_AFTER", "status"),
    ("records::WITH_STATUS_BEFORE", "status"),
    ("records::WITH_LOOKUP_AFTER", "lookup"),
    ("records::WITH_LOOKUP_BEFORE", "lookup"),
    ("search::EQUAL_DOWN", "value"),
    ("search::EQUAL_UP", "value"),
    ("search::STATUS_DOWN", "status_id"),
    ("search::STATUS_UP", "status_id"),
];

/// The pairs of columns along which an index is walked, from one position to another.
const WALKED: [(&str, &str); 4] = [
    ("search::ORDERED_DOWN", "value, account_id"),
    ("search::ORDERED_UP", "value, account_id"),
    ("search::UPDATED_DOWN", "updated_at, id"),
    ("search::UPDATED_UP", "updated_at, id"),
];

/// What the 4,000 rows of each table hold, for a number `i`.
///
/// `{env}`: `x` in half of the rows. `{org}`: `x` in 40 of them, as any other. `{key}`: one that is
/// nobody else's, after `x` in half of the rows.
const ROWS: [(&str, &str); 35] = [
    ("organizations", "{key}, 'n', 1, i"),
    ("environments", "{key}, {org}, 'sandbox', 'n', true, '\\x00', i"),
    ("account_types", "{org}, {key}, {key}, '{}'"),
    ("tags", "{org}, {key}, 'n', {key}, i"),
    (
        "api_keys",
        "{env}, {key}, CASE i % 50 WHEN 0 THEN 'x' ELSE 'n' END, {hash}, NULL, '[]', 'v', 'i', NULL, i, NULL, '[]', 1, NULL",
    ),
    ("users", "{org}, {key}, CASE i % 2 WHEN 0 THEN 'x' ELSE 'k' END, NULL, '\\x00', i"),
    ("user_sessions", "{org}, {key}, {key}, i"),
    ("user_audit_logs", "{org}, {key}, NULL, NULL, 'POST', '/', '{}', NULL, NULL, 200, '{}', i"),
    ("data_keys", "{env}, {key}, '\\x00'"),
    ("account_relations", "{env}, 'a' || i / 4, 'k', {key}, i"),
    ("consolidations", "{env}, {key}, 'd' || i / 4, '', '\\x00', i"),
    ("jobs", "{env}, {key}, 'k', {key}, '', i, 0, 0, NULL, i"),
    (
        "accounts",
        "{env}, {key}, 't', 's', NULL, '', '\\x00', 1, i, i, NULL, CASE i % 100 WHEN 0 THEN i END, NULL",
    ),
    ("identifiers", "{env}, 't', 'k', {hash}, {key}"),
    ("field_index", "{env}, {hash}, {key}"),
    ("ordered_index", "{env}, 't', 'k', {hash}, {key}"),
    ("search_backlog", "{key}, ''"),
    ("events", "{env}, {key}, 'a' || i / 4, i, CASE i % 50 WHEN 0 THEN 'x' ELSE 'n' END, 'a', 's', i, NULL"),
    ("files", "{env}, {key}, 'a' || i / 4, 'k', '\\x00', '\\x00', 1, i"),
    (
        "records",
        "{env}, {key}, 'k', '', 'a' || i / 4, 'b' || i / 4, 't', CASE i % 50 WHEN 0 THEN 'x' ELSE 's' END, {hash}, {key}, 1, '\\x00', i, i",
    ),
    ("report_templates", "{org}, {key}, 'k' || i, 'n', {key}, i % 2 = 0, 1, '{}', i, i"),
    ("idempotency_keys", "{env}, {hash}, '\\x00', 200, {key}, '\\x00', i"),
    ("api_logs", "{env}, i / 4, {key}, {key}, '\\x00'"),
    ("rate_windows", "{key}, i, 0"),
    ("inquiry_templates", "{org}, {key}, {key}, '{}', NULL, 1, i, i"),
    (
        "inquiry_template_versions",
        "{org}, {key}, CASE i % 50 WHEN 0 THEN 'x' ELSE 't' || i END, 'published', '{}', NULL, i, i, i",
    ),
    ("verification_templates", "{org}, {key}, 'a' || i / 4, {key}, '{}'"),
    ("watchlists", "{org}, {key}, '{}', {key}, i, i"),
    ("watchlist_versions", "{org}, {key}, 'l' || i / 4, 'current', 's', 'd', 1, 1, 1, i"),
    ("import_files", "{env}, {key}, 'ready', '\\x00', 1, 1, {hash}, i, NULL"),
    ("import_parts", "{env}, 'f' || i / 4, i, 1, {hash}, '\\x00'"),
    ("import_seen", "{env}, 'p' || i / 4, {hash}, i"),
    ("import_traces", "{env}, 'r' || i / 4, i, {hash}"),
    ("import_chunks", "{env}, 'r' || i / 4, i, 1, 1, 0, 0, 0, 0, 0, '\\x00'"),
    ("watchlist_blocks", "{org}, 'v' || i / 4, i, '\\x00'"),
];

on_both! {
    /// A statement that only one engine takes would be found by a customer of the other.
    async fn every_statement_is_valid(db: TestDb) {
        let plans = plans(&db.open()).await;

        let refused = plans.iter().filter_map(|(name, plan)| Some((name, plan.as_ref().err()?)));
        let refused: Vec<_> = refused.collect();
        assert!(plans.len() > 40, "{} statements", plans.len());
        assert!(refused.is_empty(), "{refused:#?}");
    }

    /// What is quick with a hundred accounts must be quick with a hundred million.
    async fn no_statement_reads_a_whole_table(db: TestDb) {
        let open = db.open();
        fill(&open).await;
        let allowed = |name: &str| SCANS_ALLOWED.iter().any(|(other, _)| *other == name);

        let mut scans = Vec::new();
        for (name, plan) in plans(&open).await {
            let plan = plan.unwrap();
            if plan.lines().any(|step| is_scan(db.engine(), step)) && !allowed(&name) {
                scans.push(format!("{name}:\n{plan}"));
            }
        }

        assert!(scans.is_empty(), "{}", scans.join("\n\n"));
    }

    /// One customer's rare event must not be searched for in the whole history of its environment.
    async fn a_page_of_some_events_reads_no_others(db: TestDb) {
        let open = db.open();
        fill(&open).await;
        let plans = plans(&open).await;

        let mut walks = Vec::new();
        for (name, column) in NARROWED {
            let (_, plan) = plans.iter().find(|(other, _)| other == name).unwrap();
            let plan = plan.as_ref().unwrap();
            let narrowed = match open.engine() {
                Engine::Sqlite => plan.contains(&format!("{column}=?")),
                Engine::Postgres => plan.lines().any(|step| {
                    step.trim().starts_with("Index Cond:") && step.contains(&format!("({column} = "))
                }),
            };
            if !narrowed {
                walks.push(format!("{name}:\n{plan}"));
            }
        }

        assert!(walks.is_empty(), "{}", walks.join("\n\n"));
    }

    /// The next page of a million accounts is read from where the last one ended, and nothing is sorted.
    async fn a_search_walks_along_its_index(db: TestDb) {
        let open = db.open();
        fill(&open).await;
        let plans = plans(&open).await;
        let plan = |name: &str| plans.iter().find(|(other, _)| other == name).unwrap().1.clone().unwrap();

        for (name, _) in plans.iter().filter(|(name, _)| name.starts_with("search::")) {
            let plan = plan(name);
            assert!(!plan.contains("Sort") && !plan.contains("TEMP B-TREE"), "{name}:\n{plan}");
        }
        for (name, columns) in WALKED {
            let (plan, tight) = (plan(name), columns.replace(", ", ","));
            let bounds = match open.engine() {
                Engine::Sqlite => [format!("({tight})>(?,?)"), format!("({tight})<(?,?)")],
                Engine::Postgres => [format!("ROW({columns}) >= ROW("), format!("ROW({columns}) < ROW(")],
            };
            assert!(bounds.iter().all(|bound| plan.contains(bound)), "{name}:\n{plan}");
        }
    }
}

/// An index that only half fits makes the engine read rows and throw them away.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_statement_reads_rows_in_vain() {
    let db = TestDb::postgres();
    let open = db.open();
    fill(&open).await;
    let allowed = |name: &str| FILTERS_ALLOWED.iter().any(|(other, _)| *other == name);

    let mut filters = Vec::new();
    for (name, plan) in plans(&open).await {
        let plan = plan.unwrap();
        if plan.lines().any(|step| step.trim().starts_with("Filter:")) && !allowed(&name) {
            filters.push(format!("{name}:\n{plan}"));
        }
    }

    assert!(filters.is_empty(), "{}", filters.join("\n\n"));
}

/// A database that sorts like a dictionary would give pages another order than SQLite does.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_text_column_compares_bytewise_on_postgresql() {
    const OTHERS: &str = "SELECT table_name::text || '.' || column_name::text FROM information_schema.columns
        WHERE table_schema = current_schema() AND data_type = 'text' AND collation_name IS DISTINCT FROM 'C'
          AND table_name <> 'muster_meta'";
    let db = TestDb::postgres();

    let others = write(&db.open(), |tx| tx.query(sql(OTHERS), &[], |row| row.text(0))).await;

    assert_eq!(others, Vec::<String>::new());
}

/// Gives the planner of PostgreSQL something to choose from.
async fn fill(db: &Db) {
    if db.engine() == Engine::Postgres {
        write(db, |tx| {
            for (table, row) in ROWS {
                let row = row
                    .replace("{env}", "CASE i % 2 WHEN 0 THEN 'x' ELSE 'y' END")
                    .replace("{org}", "CASE i % 100 WHEN 0 THEN 'x' ELSE 'o' || i % 100 END")
                    .replace("{key}", "substr('kz', 1 + i % 4 / 2, 1) || i")
                    .replace("{hash}", "decode(md5(i::text), 'hex')");
                tx.execute(
                    sql(&format!("INSERT INTO {table} SELECT {row} FROM generate_series(1, 4000) i")),
                    &[],
                )?;
            }
            tx.execute(sql("ANALYZE"), &[])
        })
        .await;
    }
}

/// The plan of every statement, or why it is not valid, under `module::NAME`.
async fn plans(db: &Db) -> Vec<(String, Result<String, String>)> {
    let mut plans = Vec::new();
    let own = dialect::statements_of(db.engine());
    let single = all_statements().into_iter().chain(own).map(|s| (s.name, s.sql.to_owned()));
    let own = dialect::batches_of(db.engine());
    let sets = all_batches().into_iter().chain(own).map(|b| (b.name, b.sql(db.engine()).to_owned()));
    for (name, text) in single.chain(sets) {
        // Each in a transaction of its own: after an error PostgreSQL takes nothing more in one.
        let plan =
            db.write("plan", move |tx| tx.plan(&text).and_then(|plan| production_plan(tx, &text, plan)));
        let plan = plan.await.map_err(|error| error.to_string());
        plans.push((name.trim_start_matches("muster_store::").to_owned(), plan));
    }
    plans
}

/// PostgreSQL runs a prepared statement by a plan for whatever values may come, and not by the one for
/// the sample values of `Tx::plan`.
fn production_plan(tx: &mut Tx<'_>, text: &str, sampled: String) -> Result<String, Error> {
    if tx.engine() == Engine::Sqlite {
        return Ok(sampled);
    }
    let count = (1..).take_while(|n| text.contains(&format!("${n}"))).count();
    let values = if count == 0 { String::new() } else { format!("({})", vec!["NULL"; count].join(", ")) };
    tx.execute(sql(&format!("PREPARE explained AS {text}")), &[])?;
    let lines = tx.query(sql(&format!("EXPLAIN EXECUTE explained{values}")), &[], |row| row.text(0))?;
    tx.execute(sql("DEALLOCATE explained"), &[])?;
    Ok(lines.join("\n"))
}

/// Tells whether a step of a plan reads a whole table, and not just the rows `r` given to it.
fn is_scan(engine: Engine, step: &str) -> bool {
    match engine {
        Engine::Sqlite => {
            step.strip_prefix("SCAN ").is_some_and(|what| what != "CONSTANT ROW" && what != "r")
        }
        Engine::Postgres => step.contains("Seq Scan on"),
    }
}
