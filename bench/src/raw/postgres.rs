//! The ceiling on PostgreSQL: two writers with one statement per group, 16 reading connections.

use std::hint::black_box;
use std::sync::Arc;
use std::time::Instant;

use crossbeam_channel::Receiver;
use postgres::types::ToSql;
use tokio::task::JoinSet;
use tokio_postgres::NoTls;

use super::{Pressure, Setting, Waiting, answer, take_group};
use crate::Outcome;
use crate::closed_loop::Window;
use crate::database::{Accounts, Database};
use crate::figures::Figure;
use crate::numbers::Numbers;
use crate::requests::{Keys, pick};

/// Connections of readers, as many as the store opens.
const READERS: usize = 16;

/// All rows of a group in one round trip. `{more}`: the idempotency keys.
const INSERT: &str = "WITH a AS (
        INSERT INTO accounts (environment_id, id, account_type_id, status_id, reference_id, tags, fields,
            version, created_at, updated_at)
        SELECT $1::text, r.id, $2::text, $3::text, r.reference_id, '', r.fields, 1, $4::bigint, $4::bigint
        FROM UNNEST($8::text[], $9::text[], $10::bytea[]) AS r(id, reference_id, fields)
    ), i AS (
        INSERT INTO identifiers (environment_id, account_type_id, key, value, account_id)
        SELECT $1::text, $2::text, 'reference_id', r.value, r.id
        FROM UNNEST($8::text[], $11::bytea[]) AS r(id, value)
    ), f AS (
        INSERT INTO field_index (environment_id, value, account_id)
        SELECT $1::text, v.value, r.id
        FROM UNNEST($8::text[]) AS r(id)
        CROSS JOIN LATERAL (VALUES (decode(md5(r.id), 'hex')), (decode(md5(''), 'hex'))) AS v(value)
    ), k AS (
        INSERT INTO data_keys (environment_id, subject_id, wrapped)
        SELECT $1::text, r.id, r.wrapped FROM UNNEST($8::text[], $12::bytea[]) AS r(id, wrapped)
    ), e AS (
        INSERT INTO events (environment_id, id, object_id, object_seq, name, actor, source, at, payload)
        SELECT $1::text, r.event, r.id, 1, $5::text, $6::text, $7::text, $4::bigint, NULL
        FROM UNNEST($8::text[], $13::text[]) AS r(id, event)
    ){more} SELECT 1";

const INSERT_REPLIES: &str = ", o AS (
        INSERT INTO idempotency_keys (environment_id, key, fingerprint, status, subject_id, body, created_at)
        SELECT $1::text, r.key, r.key, 201, r.id, r.body, $4::bigint
        FROM UNNEST($8::text[], $14::bytea[], $15::bytea[]) AS r(id, key, body)
    )";

/// Writes groups until all clients are gone.
pub(super) fn write(database: &Database, setting: Setting<'_>, waiting: &Receiver<Waiting>) -> Outcome<()> {
    let mut client = database.postgres()?;
    client.batch_execute("SET synchronous_commit = on; SET jit = off")?;
    let more = if setting.keys == Keys::Unique { INSERT_REPLIES } else { "" };
    let statement = client.prepare(&INSERT.replace("{more}", more))?;
    let (s, b) = (setting.sample, setting.blobs);
    loop {
        let group = take_group(waiting);
        if group.is_empty() {
            return Ok(());
        }
        let rows = || group.iter().map(|waiting| &waiting.row);
        let accounts: Vec<&str> = rows().map(|row| row.account.as_str()).collect();
        let events: Vec<&str> = rows().map(|row| row.event.as_str()).collect();
        let references: Vec<&str> = rows().map(|row| row.reference.as_str()).collect();
        let values: Vec<&[u8]> = rows().map(|row| row.reference.as_bytes()).collect();
        let fields: Vec<&[u8]> = rows().map(|row| b.fields[row.blob].as_slice()).collect();
        let wrapped: Vec<&[u8]> = rows().map(|row| b.wrapped[row.blob].as_slice()).collect();
        let keys: Vec<&[u8]> = rows().map(|row| row.key.as_slice()).collect();
        let replies: Vec<&[u8]> = rows().map(|row| b.replies[row.blob].as_slice()).collect();
        let mut parameters: Vec<&(dyn ToSql + Sync)> = vec![
            &s.environment,
            &s.account_type,
            &s.status,
            &s.at,
            &s.event,
            &s.actor,
            &s.source,
            &accounts,
            &references,
            &fields,
            &values,
            &wrapped,
            &events,
        ];
        if setting.keys == Keys::Unique {
            parameters.extend([&keys as &(dyn ToSql + Sync), &replies]);
        }
        client.query(&statement, &parameters)?;
        answer(group);
    }
}

/// Reads at random: clients share the connections, each of which may carry several queries at once.
pub(super) fn retrieve(
    database: &Database,
    accounts: &Accounts,
    sql: &'static str,
    pressure: Pressure,
) -> Outcome<Figure> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let url = database.url();
    runtime.block_on(async {
        let mut readers = Vec::with_capacity(READERS);
        for _ in 0..READERS {
            let (client, connection) = tokio_postgres::connect(&url, NoTls).await?;
            tokio::spawn(connection);
            let statement = client.prepare(sql).await?;
            readers.push((Arc::new(client), statement));
        }
        let (window, numbers) = (Window::open(pressure.seconds), Arc::new(Numbers::new()));
        let mut clients = JoinSet::new();
        for n in 0..pressure.clients {
            let (client, statement) = readers[n % READERS].clone();
            let (numbers, accounts, mut meter) = (Arc::clone(&numbers), accounts.clone(), window.meter());
            clients.spawn(async move {
                loop {
                    let began = Instant::now();
                    let id = &accounts.ids[pick(numbers.next(), accounts.ids.len())];
                    black_box(client.query(&statement, &[&accounts.environment, id]).await?);
                    if !meter.note(began) {
                        return Outcome::Ok(meter);
                    }
                }
            });
        }
        let mut meters = Vec::with_capacity(pressure.clients);
        while let Some(ended) = clients.join_next().await {
            meters.push(ended??);
        }
        Ok(window.figure(meters))
    })
}

/// Reads pages at random, one after the other.
pub(super) fn list(database: &Database, accounts: &Accounts, sql: &str, seconds: u64) -> Outcome<Figure> {
    let mut client = database.postgres()?;
    let statement = client.prepare(sql)?;
    let numbers = Numbers::new();
    let window = Window::open(seconds);
    let mut meter = window.meter();
    loop {
        let began = Instant::now();
        let id = &accounts.ids[pick(numbers.next(), accounts.ids.len())];
        black_box(client.query(&statement, &[&accounts.environment, id])?);
        if !meter.note(began) {
            return Ok(window.figure(vec![meter]));
        }
    }
}
