//! Rows a second of an import: `import ENGINE_URL ROWS`, first of new rows, then of the same again.

#![expect(clippy::unwrap_used, reason = "a measurement that cannot go on has failed")]

use std::fmt::Write;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use muster_app::imports::{NewPipeline, NewRun, files, pipelines, runs};
use muster_app::jobs::{Work, run_due, transact};
use muster_app::{App, Error, Scope, keys, setup};
use muster_domain::event::{Actor, Source};
use muster_domain::import::{PipelineConfig, RunKind, propose};
use muster_domain::{IdSource, Timestamp};
use muster_store::Db;
use muster_store::seal::MasterKey;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

#[expect(clippy::disallowed_methods, reason = "this process stands in for the server, which reads the clock")]
fn now() -> Timestamp {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or(Duration::ZERO);
    Timestamp::from_micros(i64::try_from(since.as_micros()).unwrap_or(i64::MAX))
}

const COLUMNS: &str = "reference-id,name-first,name-middle,name-last,birthdate,email-address,phone-number,\
    address-street-1,address-city,address-subdivision,address-postal-code,address-country-code";

fn row(text: &mut String, n: u64) {
    let bad = n % 100 == 7;
    let birthdate = if bad {
        "31.02.1990".to_owned()
    } else {
        format!("19{:02}-0{}-1{}", n % 90 + 10, n % 9 + 1, n % 10)
    };
    // References in no order, as they mostly come.
    let key = n.wrapping_mul(0x9E37_79B9_7F4A_7C15);
    writeln!(
        text,
        "c-{key:016x},Anna{},Maria,Meier{},{birthdate},anna{n}@example.test,+49151{:08},Hauptstrasse {},Zwickau,Sachsen,0{},DE",
        n % 1000, n % 5000, n % 100_000_000, n % 300, n % 9000 + 1000
    )
    .unwrap();
}

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    let rows: u64 = arguments[2].parse().unwrap();
    let db = Db::open(&muster_store::Options::parse(&arguments[1]).unwrap(), now()).unwrap();
    let app = App::new(db, MasterKey::new([7; 32]), Arc::new(now));
    let master = Arc::clone(&app.master);
    let environment = app
        .db
        .write_blocking("bench", move |tx| {
            let ids = &mut IdSource::random(now());
            let organization = setup::create_organization(tx, "Bench", ids, now())?;
            let place = ("sandbox", "Bench");
            let made = setup::create_environment(tx, &master, &organization.id, place, ids, now())?;
            keys::environment(tx, &master, &made.id)
        })
        .unwrap();
    let scope = Scope { environment, actor: Actor::Operator, source: Source::CommandLine, now: now() };
    let started = Instant::now();
    let file = transact(&app, &scope, "bench", |cx| files::create(cx, "bench.csv")).unwrap();
    let (mut text, mut part, mut n) = (format!("{COLUMNS}\n"), 0, 0);
    while n < rows || !text.is_empty() {
        while n < rows && text.len() < files::PART_BYTES {
            row(&mut text, n);
            n += 1;
        }
        let rest = text.split_off(text.len().min(files::PART_BYTES));
        files::put_part(&app, &scope, &file.id, part, text.as_bytes()).unwrap();
        (text, part) = (rest, part + 1);
    }
    let file = files::complete(&app, &scope, &file.id).unwrap();
    println(&format!("upload: {} bytes in {:?}", file.byte_size, started.elapsed()));
    let detected = file.detected.unwrap();
    let organization = scope.environment.organization.clone();
    let catalogs = Arc::clone(&app.catalogs);
    let catalog = app.db.read_blocking("bench", move |tx| catalogs.current(tx, &organization)).unwrap();
    let proposal = propose(catalog.default_account_type().unwrap(), &detected.columns, &detected.sample);
    let ignore_columns = proposal.unresolved.iter().map(|(column, _)| column.clone()).collect::<Vec<_>>();
    println(&format!("left out: {ignore_columns:?}"));
    let config = PipelineConfig { mapping: proposal.mapping, ignore_columns, ..PipelineConfig::default() };
    for round in ["new", "unchanged"] {
        let new = NewPipeline { name: round.to_owned(), config: config.clone() };
        let id = file.id.clone();
        let run = transact(&app, &Scope { now: now(), ..scope.clone() }, "bench", move |cx| {
            let pipeline = pipelines::create(cx, new.clone())?.item.id;
            let (kind, file) = (RunKind::Import, Some(id.clone()));
            runs::start(cx, &NewRun { pipeline, kind, file, plan: None, undo_of: None, reference_id: None })
        })
        .unwrap();
        let started = Instant::now();
        while run_due(&app, Work::Imports).unwrap() > 0 {}
        let took = started.elapsed();
        let (at, master, id) = (scope.clone(), Arc::clone(&app.master), run.item.id.clone());
        let run = app.db.read_blocking("bench", move |tx| {
            let catalogs = muster_app::Catalogs::default();
            let cx = &mut muster_app::ReadCx { tx, scope: &at, catalogs: &catalogs, master: &master };
            Ok::<_, Error>(runs::get(cx, &id)?.item)
        });
        let run = run.unwrap();
        let a_second = rows as f64 / took.as_secs_f64();
        println(&format!(
            "{round}: {a_second:.0} rows/s, {:?} {:?} {:?}",
            run.status, run.counters, run.reason
        ));
    }
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    println(status.lines().find(|line| line.starts_with("VmHWM")).unwrap());
}

#[expect(clippy::print_stdout, reason = "this is what it is for")]
fn println(text: &str) {
    println!("{text}");
}
