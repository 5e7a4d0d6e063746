//! `muster load`: the rows of a CSV file become accounts of a running server, one request each.
//!
//! It speaks the public API only, as a customer's own program would.

mod client;
mod mapping;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use clap::Args;
use serde_json::{Value, json};

use self::client::Client;
use self::mapping::{Mapping, Types};
use crate::output::{Failure, fail, line};

#[derive(Args)]
pub struct Arguments {
    /// A CSV file with a header
    file: PathBuf,
    /// A TOML file that says which column becomes which field
    #[arg(long, value_name = "FILE")]
    map: PathBuf,
    /// Where the API is
    #[arg(long, env = "MUSTER_BASE_URL", default_value = "http://127.0.0.1:8080/api/v1", value_name = "URL")]
    base_url: String,
    /// The API key
    #[arg(long, env = "MUSTER_API_KEY", hide_env_values = true, value_name = "KEY")]
    api_key: String,
    /// Requests at once
    #[arg(long, default_value_t = 4, value_name = "N")]
    concurrency: usize,
}

/// One row that was not taken.
struct Rejected {
    row: usize,
    status: u16,
    why: String,
}

pub fn run(arguments: &Arguments) -> Result<(), Failure> {
    let mapping = Mapping::read(&arguments.map)?;
    let table = read_table(&arguments.file)?;
    mapping.check_columns(&table.header)?;
    let client = Arc::new(Client::new(&arguments.base_url, &arguments.api_key)?);
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(load(client, mapping, table, arguments.concurrency.max(1)))
}

struct Table {
    header: Vec<String>,
    rows: Vec<Vec<String>>,
}

fn read_table(file: &PathBuf) -> Result<Table, Failure> {
    let name = file.display();
    let mut reader =
        csv::Reader::from_path(file).map_err(|error| Failure(format!("{name} cannot be read: {error}")))?;
    let bad = |error: csv::Error| Failure(format!("{name}: {error}"));
    let header = reader.headers().map_err(bad)?.iter().map(str::to_owned).collect();
    let rows = reader
        .records()
        .map(|record| record.map(|record| record.iter().map(str::to_owned).collect()))
        .collect::<Result<_, _>>()
        .map_err(bad)?;
    Ok(Table { header, rows })
}

async fn load(client: Arc<Client>, mapping: Mapping, table: Table, workers: usize) -> Result<(), Failure> {
    let types = account_type(&client, &mapping.account_type).await?;
    let shared = Arc::new((mapping, types, table, AtomicUsize::new(0)));
    let mut tasks = Vec::new();
    for _ in 0..workers {
        tasks.push(tokio::spawn(work(Arc::clone(&client), Arc::clone(&shared))));
    }
    let (mut statuses, mut rejected) = (BTreeMap::<u16, usize>::new(), Vec::new());
    for task in tasks {
        let (counted, refused) = task.await.map_err(|error| Failure(error.to_string()))??;
        for (status, count) in counted {
            *statuses.entry(status).or_default() += count;
        }
        rejected.extend(refused);
    }
    for (status, count) in &statuses {
        line(format_args!("{count} × {status}"));
    }
    rejected.sort_by_key(|one: &Rejected| one.row);
    for one in &rejected {
        line(format_args!("row {}: {} {}", one.row, one.status, one.why));
    }
    if rejected.is_empty() { Ok(()) } else { fail(format!("{} rows were not taken", rejected.len())) }
}

type Counted = (BTreeMap<u16, usize>, Vec<Rejected>);

async fn work(
    client: Arc<Client>,
    shared: Arc<(Mapping, Types, Table, AtomicUsize)>,
) -> Result<Counted, Failure> {
    let (mapping, types, table, next) = &*shared;
    let (mut statuses, mut rejected) = (BTreeMap::new(), Vec::new());
    loop {
        let index = next.fetch_add(1, Ordering::Relaxed);
        let Some(row) = table.rows.get(index) else { return Ok((statuses, rejected)) };
        // Line 1 is the header.
        let number = index + 2;
        let attributes = match mapping.attributes(types, &table.header, row) {
            Ok(attributes) => attributes,
            Err(why) => {
                rejected.push(Rejected { row: number, status: 0, why });
                continue;
            }
        };
        let body = json!({ "data": { "attributes": attributes }, "meta": { "upsert-by": "reference-id" } });
        let reply = client.post("/accounts", &body).await?;
        *statuses.entry(reply.status).or_default() += 1;
        if reply.status >= 300 {
            rejected.push(Rejected { row: number, status: reply.status, why: reply.problem() });
        }
    }
}

/// Finds the account type by its name and learns the kinds of its fields.
async fn account_type(client: &Client, name: &str) -> Result<Types, Failure> {
    let reply = client.get("/account-types").await?;
    if reply.status != 200 {
        return fail(format!("the account types cannot be listed: {} {}", reply.status, reply.problem()));
    }
    let all = reply.json.get("data").and_then(Value::as_array).cloned().unwrap_or_default();
    let found = all.iter().find(|ty| ty.pointer("/attributes/name").and_then(Value::as_str) == Some(name));
    match found {
        Some(ty) => Ok(Types::new(ty)),
        None => fail(format!("the server has no account type {name}; apply it first (muster types apply)")),
    }
}
