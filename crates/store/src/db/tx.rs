//! A transaction: the four verbs every statement goes through.

use std::collections::HashMap;

use super::Engine;
use crate::error::{Error, Result, Retry};
use crate::sql::{Batch, ColumnType, Statement};
use crate::value::{Inner, Row, Value};

/// An open transaction (or, in [`super::Db::read`], a reading connection).
pub struct Tx<'c> {
    conn: Conn<'c>,
    depth: usize,
    /// Set statements that wait to be run together.
    gathered: Option<Vec<Gathered>>,
}

pub(super) enum Conn<'c> {
    Sqlite(&'c rusqlite::Connection),
    Postgres(&'c mut PgSession),
}

/// A PostgreSQL connection with its prepared statements.
pub(super) struct PgSession {
    pub(super) client: postgres::Client,
    /// By address of the statement constant.
    pub(super) prepared: HashMap<usize, postgres::Statement>,
    /// Statements that run together, by the addresses of their constants.
    pub(super) groups: HashMap<Vec<usize>, postgres::Statement>,
}

impl PgSession {
    fn prepare(&mut self, key: usize, sql: &str) -> Result<postgres::Statement> {
        if let Some(found) = self.prepared.get(&key) {
            return Ok(found.clone());
        }
        let statement = self.client.prepare(sql)?;
        self.prepared.insert(key, statement.clone());
        Ok(statement)
    }

    /// Runs statements as parts of one.
    fn run_together(&mut self, all: &[Gathered]) -> Result<()> {
        if all.is_empty() {
            return Ok(());
        }
        let key: Vec<usize> = all.iter().map(|one| address(one.batch)).collect();
        let statement = match self.groups.get(&key) {
            Some(found) => found.clone(),
            None => {
                let texts: Vec<(&str, usize)> = all
                    .iter()
                    .map(|one| (one.batch.sql(Engine::Postgres), one.batch.columns.len()))
                    .collect();
                let statement = self.client.prepare(&crate::dialect::together(&texts))?;
                self.groups.insert(key, statement.clone());
                statement
            }
        };
        let params: Vec<&(dyn postgres_types::ToSql + Sync)> =
            all.iter().flat_map(|one| one.columns.iter().map(OwnedArray::as_sql)).collect();
        Ok(self.client.execute(&statement, &params).map(|_| ())?)
    }
}

/// A set statement that waits, with its rows.
struct Gathered {
    batch: &'static Batch,
    columns: Vec<OwnedArray>,
}

impl Gathered {
    fn new(batch: &'static Batch, rows: &[Vec<Value<'_>>]) -> Self {
        let columns = Arrays::new(batch, rows).columns.iter().map(OwnedArray::new).collect();
        Self { batch, columns }
    }
}

enum OwnedArray {
    Text(Vec<Option<String>>),
    Int(Vec<Option<i64>>),
    Blob(Vec<Option<Vec<u8>>>),
}

impl OwnedArray {
    fn new(array: &Array<'_>) -> Self {
        match array {
            Array::Text(x) => Self::Text(x.iter().map(|text| text.map(str::to_owned)).collect()),
            Array::Int(x) => Self::Int(x.clone()),
            Array::Blob(x) => Self::Blob(x.iter().map(|bytes| bytes.map(<[u8]>::to_vec)).collect()),
        }
    }

    fn as_sql(&self) -> &(dyn postgres_types::ToSql + Sync) {
        match self {
            Self::Text(x) => x,
            Self::Int(x) => x,
            Self::Blob(x) => x,
        }
    }
}

impl<'c> Tx<'c> {
    pub(super) fn new(conn: Conn<'c>) -> Self {
        Self { conn, depth: 0, gathered: None }
    }

    /// The engine behind it.
    #[must_use]
    pub fn engine(&self) -> Engine {
        match self.conn {
            Conn::Sqlite(_) => Engine::Sqlite,
            Conn::Postgres(_) => Engine::Postgres,
        }
    }

    /// Runs a statement and returns how many rows it changed.
    ///
    /// # Errors
    /// What the engine reports.
    pub fn execute(&mut self, statement: &'static Statement, params: &[Value<'_>]) -> Result<u64> {
        match &mut self.conn {
            Conn::Sqlite(conn) => {
                let mut prepared = conn.prepare_cached(statement.sql)?;
                bind(&mut prepared, params)?;
                Ok(prepared.raw_execute()? as u64)
            }
            Conn::Postgres(session) => {
                let prepared = session.prepare(address(statement), statement.sql)?;
                Ok(session.client.execute(&prepared, &as_sql(params))?)
            }
        }
    }

    /// Runs a statement and reads its rows.
    ///
    /// # Errors
    /// What the engine reports, or what `read` returns.
    pub fn query<T, E: From<Error>>(
        &mut self,
        statement: &'static Statement,
        params: &[Value<'_>],
        mut read: impl FnMut(&Row<'_>) -> Result<T, E>,
    ) -> Result<Vec<T>, E> {
        let mut all = Vec::new();
        match &mut self.conn {
            Conn::Sqlite(conn) => {
                let mut prepared = conn.prepare_cached(statement.sql).map_err(Error::from)?;
                bind(&mut prepared, params)?;
                let mut rows = prepared.raw_query();
                while let Some(row) = rows.next().map_err(Error::from)? {
                    all.push(read(&Row(Inner::Sqlite(row)))?);
                }
            }
            Conn::Postgres(session) => {
                let prepared = session.prepare(address(statement), statement.sql)?;
                let rows = session.client.query(&prepared, &as_sql(params)).map_err(Error::from)?;
                for row in &rows {
                    all.push(read(&Row(Inner::Postgres(row)))?);
                }
            }
        }
        Ok(all)
    }

    /// Runs a statement that yields at most one row.
    ///
    /// # Errors
    /// As [`Tx::query`].
    pub fn query_opt<T, E: From<Error>>(
        &mut self,
        statement: &'static Statement,
        params: &[Value<'_>],
        read: impl FnMut(&Row<'_>) -> Result<T, E>,
    ) -> Result<Option<T>, E> {
        Ok(self.query(statement, params, read)?.pop())
    }

    /// Runs a set statement over `rows`, each in the order of the statement's columns.
    ///
    /// # Errors
    /// What the engine reports.
    pub fn execute_batch(&mut self, batch: &'static Batch, rows: &[Vec<Value<'_>>]) -> Result<u64> {
        if rows.is_empty() {
            return Ok(0);
        }
        match &mut self.conn {
            Conn::Sqlite(conn) => {
                let mut prepared = conn.prepare_cached(batch.sql(Engine::Sqlite))?;
                let mut changed = 0;
                for row in rows {
                    bind(&mut prepared, row)?;
                    changed += prepared.raw_execute()? as u64;
                }
                Ok(changed)
            }
            Conn::Postgres(session) => {
                if let Some(gathered) = &mut self.gathered {
                    gathered.push(Gathered::new(batch, rows));
                    return Ok(0);
                }
                let prepared = session.prepare(address(batch), batch.sql(Engine::Postgres))?;
                let arrays = Arrays::new(batch, rows);
                Ok(session.client.execute(&prepared, &arrays.as_sql())?)
            }
        }
    }

    /// Runs set statements that do not depend on each other, all those of [`Tx::execute_batch`] in `work`, in
    /// one round trip where that saves time. How many rows they change is not told in `work`.
    ///
    /// # Errors
    /// What `work` returns, or what the engine reports.
    pub fn together<E: From<Error>>(
        &mut self,
        work: impl FnOnce(&mut Tx<'_>) -> Result<(), E>,
    ) -> Result<(), E> {
        if matches!(self.conn, Conn::Sqlite(_)) {
            return work(self);
        }
        self.gathered = Some(Vec::new());
        let done = work(self);
        let gathered = self.gathered.take().unwrap_or_default();
        done?;
        let Conn::Postgres(session) = &mut self.conn else { return Ok(()) };
        Ok(session.run_together(&gathered)?)
    }

    /// Runs a set statement over `rows` and reads what it returns, in no particular order.
    ///
    /// # Errors
    /// What the engine reports, or what `read` returns.
    pub fn query_batch<T, E: From<Error>>(
        &mut self,
        batch: &'static Batch,
        rows: &[Vec<Value<'_>>],
        mut read: impl FnMut(&Row<'_>) -> Result<T, E>,
    ) -> Result<Vec<T>, E> {
        let mut all = Vec::new();
        if rows.is_empty() {
            return Ok(all);
        }
        match &mut self.conn {
            Conn::Sqlite(conn) => {
                let mut prepared = conn.prepare_cached(batch.sql(Engine::Sqlite)).map_err(Error::from)?;
                for row in rows {
                    bind(&mut prepared, row)?;
                    let mut found = prepared.raw_query();
                    while let Some(row) = found.next().map_err(Error::from)? {
                        all.push(read(&Row(Inner::Sqlite(row)))?);
                    }
                }
            }
            Conn::Postgres(session) => {
                let prepared = session.prepare(address(batch), batch.sql(Engine::Postgres))?;
                let arrays = Arrays::new(batch, rows);
                let found = session.client.query(&prepared, &arrays.as_sql()).map_err(Error::from)?;
                for row in &found {
                    all.push(read(&Row(Inner::Postgres(row)))?);
                }
            }
        }
        Ok(all)
    }

    /// Runs `work` under a savepoint: its changes stay only if it succeeds.
    ///
    /// # Errors
    /// What `work` returns, or what the engine reports about the savepoint.
    pub fn savepoint<T, E: Retry>(&mut self, work: impl FnOnce(&mut Tx<'_>) -> Result<T, E>) -> Result<T, E> {
        let name = format!("s{}", self.depth);
        self.control(&format!("SAVEPOINT {name}"))?;
        self.depth += 1;
        let outcome = work(self);
        self.depth -= 1;
        if outcome.is_err() {
            self.control(&format!("ROLLBACK TO SAVEPOINT {name}"))?;
        }
        self.control(&format!("RELEASE SAVEPOINT {name}"))?;
        outcome
    }

    pub(super) fn control(&mut self, sql: &str) -> Result<()> {
        match &mut self.conn {
            Conn::Sqlite(conn) => Ok(conn.prepare_cached(sql)?.raw_execute().map(|_| ())?),
            Conn::Postgres(session) => Ok(session.client.batch_execute(sql)?),
        }
    }

    /// Runs text that may hold several statements, for migrations.
    pub(crate) fn raw_execute(&mut self, sql: &str) -> Result<()> {
        match &mut self.conn {
            Conn::Sqlite(conn) => Ok(conn.execute_batch(sql)?),
            Conn::Postgres(session) => Ok(session.client.batch_execute(sql)?),
        }
    }

    /// Runs a counting statement of the dialect.
    pub(crate) fn raw_count(&mut self, sql: &str) -> Result<i64> {
        match &mut self.conn {
            Conn::Sqlite(conn) => Ok(conn.query_row(sql, [], |row| row.get(0))?),
            Conn::Postgres(session) => Ok(session.client.query_one(sql, &[])?.get(0)),
        }
    }

    /// Prepares a text without running it and returns the engine's plan for it, one line per step:
    /// the means of the tests that prepare and explain every statement.
    ///
    /// # Errors
    /// What the engine reports: the text is not valid there.
    pub fn plan(&mut self, sql: &str) -> Result<String> {
        match &mut self.conn {
            Conn::Sqlite(conn) => {
                let mut prepared = conn.prepare(&crate::dialect::explain(Engine::Sqlite, sql))?;
                let mut rows = prepared.raw_query();
                let mut lines = Vec::new();
                while let Some(row) = rows.next()? {
                    lines.push(row.get::<_, String>(3)?);
                }
                Ok(lines.join("\n"))
            }
            Conn::Postgres(session) => {
                let text = crate::dialect::explain(Engine::Postgres, sql);
                let prepared = session.client.prepare(sql)?;
                let rows = session.client.simple_query(&with_nulls(&text, prepared.params()))?;
                let lines = rows.iter().filter_map(|message| match message {
                    postgres::SimpleQueryMessage::Row(row) => row.get(0).map(str::to_owned),
                    _ => None,
                });
                Ok(lines.collect::<Vec<_>>().join("\n"))
            }
        }
    }
}

/// Replaces `$n` by typed values, so that PostgreSQL can plan the text by itself.
fn with_nulls(text: &str, types: &[postgres_types::Type]) -> String {
    let mut out = text.to_owned();
    for (i, ty) in types.iter().enumerate().rev() {
        let sample = match ty.name() {
            "int8" => "'7'::bigint".to_owned(),
            "bool" => "true".to_owned(),
            "bytea" => "'\\x01'::bytea".to_owned(),
            "_text" => "ARRAY['x']::text[]".to_owned(),
            "_int8" => "ARRAY[7]::bigint[]".to_owned(),
            "_bytea" => "ARRAY['\\x01'::bytea]".to_owned(),
            other => format!("'x'::{other}"),
        };
        out = out.replace(&format!("${}", i + 1), &sample);
    }
    out
}

fn address<T>(constant: &'static T) -> usize {
    std::ptr::from_ref(constant).addr()
}

fn as_sql<'a>(params: &'a [Value<'a>]) -> Vec<&'a (dyn postgres_types::ToSql + Sync)> {
    params.iter().map(|value| value as &(dyn postgres_types::ToSql + Sync)).collect()
}

/// Binds each `$n` by the number in its name: SQLite itself numbers parameters by first appearance.
fn bind(statement: &mut rusqlite::Statement<'_>, params: &[Value<'_>]) -> Result<()> {
    for position in 1..=statement.parameter_count() {
        let number = statement
            .parameter_name(position)
            .and_then(|name| name.strip_prefix('$'))
            .and_then(|number| number.parse::<usize>().ok());
        let value = number
            .and_then(|n| params.get(n.wrapping_sub(1)))
            .ok_or_else(|| Error::Database(format!("no value for parameter {position} of a statement")))?;
        statement.raw_bind_parameter(position, value)?;
    }
    Ok(())
}

/// The columns of a set statement as PostgreSQL arrays.
struct Arrays<'a> {
    columns: Vec<Array<'a>>,
}

enum Array<'a> {
    Text(Vec<Option<&'a str>>),
    Int(Vec<Option<i64>>),
    Blob(Vec<Option<&'a [u8]>>),
}

impl<'a> Arrays<'a> {
    fn new(batch: &Batch, rows: &[Vec<Value<'a>>]) -> Self {
        let columns = batch
            .columns
            .iter()
            .enumerate()
            .map(|(i, (_, ty))| match ty {
                ColumnType::Text => Array::Text(
                    rows.iter().map(|row| if let Value::Text(x) = row[i] { Some(x) } else { None }).collect(),
                ),
                ColumnType::Int => Array::Int(
                    rows.iter().map(|row| if let Value::Int(x) = row[i] { Some(x) } else { None }).collect(),
                ),
                ColumnType::Blob => Array::Blob(
                    rows.iter().map(|row| if let Value::Blob(x) = row[i] { Some(x) } else { None }).collect(),
                ),
            })
            .collect();
        Self { columns }
    }

    fn as_sql(&self) -> Vec<&(dyn postgres_types::ToSql + Sync)> {
        self.columns
            .iter()
            .map(|array| match array {
                Array::Text(x) => x as &(dyn postgres_types::ToSql + Sync),
                Array::Int(x) => x,
                Array::Blob(x) => x,
            })
            .collect()
    }
}
