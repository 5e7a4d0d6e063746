//! `muster load`: the rows of a CSV file become accounts of a running server, one request each.
//!
//! It speaks the public API only, as a customer's own program would.

mod mapping;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use clap::Args;
use muster_client::{Client, Error, Outcome, Refusal};

use self::mapping::{Mapping, Types};
use crate::output::{Failure, fail, line};

/// Times a request is sent before a busy server is given up.
const TRIES_MAX: u32 = 20;

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
    let client = connect(&arguments.base_url, &arguments.api_key)?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(load(client, mapping, table, arguments.concurrency.max(1)))
}

fn connect(base_url: &str, api_key: &str) -> Result<Client, Failure> {
    if !base_url.starts_with("http://") {
        return fail("--base-url must start with http:// (put a TLS proxy in front for other machines)");
    }
    let made = Client::builder(base_url, api_key).tries_max(TRIES_MAX).build();
    made.map_err(|error| match error {
        Error::Unusable(why) if why.starts_with("the address") => Failure("--base-url is not a URL".into()),
        other => Failure(other.to_string()),
    })
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

async fn load(client: Client, mapping: Mapping, table: Table, workers: usize) -> Result<(), Failure> {
    let types = account_type(&client, &mapping.account_type).await?;
    let shared = Arc::new((mapping, types, table, AtomicUsize::new(0)));
    let mut tasks = Vec::new();
    for _ in 0..workers {
        tasks.push(tokio::spawn(work(client.clone(), Arc::clone(&shared))));
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

async fn work(client: Client, shared: Arc<(Mapping, Types, Table, AtomicUsize)>) -> Result<Counted, Failure> {
    let (mapping, types, table, next) = &*shared;
    let (mut statuses, mut rejected) = (BTreeMap::new(), Vec::new());
    loop {
        let index = next.fetch_add(1, Ordering::Relaxed);
        let Some(row) = table.rows.get(index) else { return Ok((statuses, rejected)) };
        // Line 1 is the header.
        let number = index + 2;
        let new = match mapping.account(types, &table.header, row) {
            Ok(new) => new.upsert_by("reference-id"),
            Err(why) => {
                rejected.push(Rejected { row: number, status: 0, why });
                continue;
            }
        };
        let status = match client.accounts().create(&new).await {
            Ok(saved) if saved.outcome == Outcome::Created => 201,
            Ok(_) => 200,
            Err(Error::Refused(refusal)) => {
                let (status, why) = (refusal.status, problem(&refusal));
                rejected.push(Rejected { row: number, status, why });
                status
            }
            Err(error) => return fail(error.to_string()),
        };
        *statuses.entry(status).or_default() += 1;
    }
}

/// What the server says is wrong.
fn problem(refusal: &Refusal) -> String {
    let texts = refusal
        .errors
        .iter()
        .map(|one| format!("{} {}", one.title, one.details.as_deref().unwrap_or_default()).trim().to_owned());
    texts.collect::<Vec<_>>().join("; ")
}

/// Finds the account type by its name and learns the kinds of its fields.
async fn account_type(client: &Client, name: &str) -> Result<Types, Failure> {
    let all = match client.account_types().list().await {
        Ok(all) => all,
        Err(Error::Refused(refusal)) => {
            let (status, why) = (refusal.status, problem(&refusal));
            return fail(format!("the account types cannot be listed: {status} {why}"));
        }
        Err(error) => return fail(error.to_string()),
    };
    match all.iter().find(|ty| ty.name == name) {
        Some(ty) => Ok(Types::new(ty)),
        None => fail(format!("the server has no account type {name}; apply it first (muster types apply)")),
    }
}
