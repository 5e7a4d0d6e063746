//! `muster import`: the rows of a file become accounts.
//!
//! It works on the database, as `muster serve` does, and may do so beside it. The run is a durable job: this
//! process does it, and another one goes on with it if this one ends.

mod drive;
mod mapping;
mod progress;
mod report;
mod upload;

use std::io::{BufRead, IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use clap::{Args, ValueEnum};
use muster_app::imports::pipelines::{self, NewPipeline, PipelineChanges};
use muster_app::imports::runs::{self, NewRun};
use muster_app::imports::{Run, rows};
use muster_app::record::{PageOf, Record};
use muster_app::user_audit_logs::record_command;
use muster_app::{App, Cx, Error, ReadCx, Scope, jobs};
use muster_domain::ImporterPipelineId;
use muster_domain::import::{RunKind, WriteMode};
use serde_json::json;

use self::mapping::Mapped;
use super::place::{Named, Place, Whose};
use crate::config::Config;
use crate::installation;
use crate::operator;
use crate::output::{Failure, fail, line};

pub use self::report::{More, counts, rows, rows_after, tell_row};

/// What stands below the help of the command.
pub const AFTER_HELP: &str = "It ends with 0 if every row was taken, 2 if rows were refused, 130 if the run was paused, \
                              and 1 if it failed.";
/// Pipelines that are looked at to find the one of a name.
const PIPELINES_LOOKED_AT: usize = 1000;

#[derive(Args)]
pub struct Arguments {
    /// A CSV, TSV, JSON Lines or XLSX file, as it is or packed with gzip or zstd
    file: PathBuf,
    /// The account type, by its name [default: what the mapping file says]
    #[arg(long = "type", value_name = "NAME")]
    account_type: Option<String>,
    /// env_…, or sandbox or production where there is one of the kind [default: the only one]
    #[arg(long, value_name = "ID|KIND")]
    environment: Option<Named>,
    /// A mapping file, or COLUMN=TARGET; may be repeated. Targets are reference-id, account-id, account-status, tags,
    /// relations.KEY and fields; without any, a mapping is proposed
    #[arg(long = "map", value_name = "FILE|COLUMN=TARGET")]
    maps: Vec<String>,
    /// A column that is left alone on purpose; may be repeated
    #[arg(long, value_name = "COLUMN")]
    ignore: Vec<String>,
    /// What is done with rows [default: upsert]
    #[arg(long)]
    mode: Option<Mode>,
    /// By what accounts are found: reference-id, account-id, a unique identifier of the type, or none
    /// [default: reference-id]
    #[arg(long, value_name = "KEY")]
    key: Option<String>,
    /// Print a mapping file for this file and type, and do nothing else
    #[arg(long)]
    propose: bool,
    /// Only say what would change
    #[arg(long)]
    dry_run: bool,
    /// How many changes a dry run shows
    #[arg(long, default_value_t = 20, value_name = "N")]
    show: usize,
    /// Take a proposed mapping without asking
    #[arg(long)]
    yes: bool,
    /// Write the rows that were refused to a CSV file that can be mended and imported again
    #[arg(long, value_name = "FILE")]
    rejects: Option<PathBuf>,
    /// What a run is to be called: unique among the runs of files of this name
    #[arg(long, value_name = "TEXT")]
    reference_id: Option<String>,
    /// Leave the run to a server
    #[arg(long)]
    detach: bool,
    #[command(flatten)]
    reading: Reading,
    #[command(flatten)]
    whose: Whose,
}

/// How the file is read; what is left out is detected.
#[derive(Args)]
struct Reading {
    /// csv, tsv, json-lines or xlsx
    #[arg(long, value_name = "FORMAT")]
    format: Option<String>,
    /// What stands between cells: one character, or tab
    #[arg(long, value_name = "CHARACTER")]
    delimiter: Option<String>,
    /// utf-8, utf-16le, utf-16be or windows-1252
    #[arg(long, value_name = "NAME")]
    encoding: Option<String>,
    /// The first row is data
    #[arg(long)]
    no_header: bool,
    /// The names of the columns of a file without a header
    #[arg(long, value_delimiter = ',', value_name = "NAMES")]
    columns: Vec<String>,
    /// The sheet of a workbook [default: the first]
    #[arg(long, value_name = "NAME")]
    sheet: Option<String>,
    /// Lines before the header or the first row
    #[arg(long, value_name = "N")]
    skip_lines: Option<u64>,
    /// A cell that clears a field; may be repeated [default: \N]
    #[arg(long = "null", value_name = "TEXT", allow_hyphen_values = true)]
    null_tokens: Vec<String>,
    /// What a blank cell means [default: ignore]
    #[arg(long, value_name = "MEANING")]
    blank: Option<BlankMeans>,
}

#[derive(Clone, Copy, ValueEnum)]
enum Mode {
    /// Create new accounts and update those that are there
    Upsert,
    /// Create new accounts; skip rows whose account is there
    Insert,
    /// Update accounts; rows without one are errors
    Update,
}

impl From<Mode> for WriteMode {
    fn from(mode: Mode) -> Self {
        match mode {
            Mode::Upsert => Self::Upsert,
            Mode::Insert => Self::Insert,
            Mode::Update => Self::Update,
        }
    }
}

#[derive(Clone, Copy, ValueEnum)]
enum BlankMeans {
    /// Nothing: what the account has stays
    Ignore,
    /// What the account has is cleared
    Clear,
}

pub fn run(config: &Config, arguments: &Arguments) -> Result<ExitCode, Failure> {
    let app = installation::open(config)?;
    let place = Place::find_with(&app, &arguments.whose, arguments.environment.as_ref())?;
    let scope = place.environment(arguments.environment.as_ref())?;
    let mapped = mapping::settle(arguments, &place.catalog)?;
    if arguments.propose {
        line(mapping::written(&mapped)?.trim_end());
        return Ok(ExitCode::SUCCESS);
    }
    mapped.check()?;
    if mapped.is_proposed && !arguments.yes {
        ask(&mapped)?;
    }
    let file = upload::store(&app, &scope, &arguments.file)?;
    let pipeline = pipeline(&app, &scope, arguments, &mapped)?;
    let kind = if arguments.dry_run { RunKind::DryRun } else { RunKind::Import };
    let new = NewRun {
        pipeline,
        kind,
        file: Some(file.id.clone()),
        plan: None,
        undo_of: None,
        reference_id: arguments.reference_id.clone(),
    };
    let run = noted(&app, &scope, "import", move |cx| runs::start(cx, &new))?;
    if arguments.detach {
        line(format_args!("{}  {}", run.id, run.status.as_str()));
        return Ok(ExitCode::SUCCESS);
    }
    finish(&app, &scope, &run, &Wanted { show: arguments.show, rejects: arguments.rejects.as_deref() })
}

/// What is told of a run that has ended.
pub struct Wanted<'a> {
    /// How many changes of a dry run.
    pub show: usize,
    /// Where refused rows go.
    pub rejects: Option<&'a Path>,
}

/// Does a run to its end and tells what came of it.
pub fn finish(app: &Arc<App>, scope: &Scope, run: &Run, wanted: &Wanted<'_>) -> Result<ExitCode, Failure> {
    let Some(run) = drive::drive(app, scope, run)? else { return Ok(ExitCode::from(drive::INTERRUPTED)) };
    if let Some(path) = wanted.rejects.filter(|_| run.counters.errors > 0) {
        write_rejects(app, scope, &run, path)?;
    }
    report::tell_end(app, scope, &run, wanted)
}

/// Writes the refused rows to a file.
pub fn write_rejects(app: &App, scope: &Scope, run: &Run, path: &Path) -> Result<(), Failure> {
    let file = std::fs::File::create(path)
        .map_err(|error| Failure(format!("{} cannot be written: {error}", path.display())))?;
    rows::write_rejects(app, scope, &run.id, std::io::BufWriter::new(file))?.flush()?;
    Ok(())
}

/// Does something to a run and notes who did, in one transaction.
pub fn noted(
    app: &App,
    scope: &Scope,
    command: &'static str,
    step: impl Fn(&mut Cx<'_, '_>) -> muster_app::Result<Record<Run>> + Clone + Send + 'static,
) -> Result<Run, Failure> {
    let operator = operator::current();
    let scope = Scope { now: app.now(), ..scope.clone() };
    let record = jobs::transact(app, &scope, "imports.command", move |cx| {
        let record = step(cx)?;
        note(cx, &operator, command, &record.item)?;
        Ok(record)
    })?;
    Ok(record.item)
}

/// Notes in the user audit log what was done to a run.
fn note(
    cx: &mut Cx<'_, '_>,
    operator: &muster_app::user_audit_logs::Operator,
    command: &str,
    run: &Run,
) -> muster_app::Result<()> {
    let told = json!({
        "data": {
            "type": "importer-pipeline-run",
            "id": run.id.to_string(),
            "attributes": { "kind": run.kind.as_str() },
        },
        "meta": {
            "environment-id": cx.scope.environment.id.to_string(),
            "importer-pipeline-id": run.pipeline.as_ref().map(ToString::to_string),
        },
    });
    let whose = (cx.master, &cx.scope.environment.organization);
    record_command(cx.tx, whose, operator, (command, told), (cx.ids, cx.scope.now))
}

/// The pipeline of files of this name, told what the command line says.
fn pipeline(
    app: &App,
    scope: &Scope,
    arguments: &Arguments,
    mapped: &Mapped,
) -> Result<ImporterPipelineId, Failure> {
    let name = format!("muster import {}", upload::name(&arguments.file));
    let (master, catalogs, wanted) = (Arc::clone(&app.master), Arc::clone(&app.catalogs), name.clone());
    let at = scope.clone();
    let known = app.db.read_blocking("imports.find_pipeline", move |tx| {
        let page = PageOf { size: PIPELINES_LOOKED_AT, ..PageOf::default() };
        let cx = &mut ReadCx { tx, scope: &at, catalogs: &catalogs, master: &master };
        let found = pipelines::page(cx, &page)?.items.into_iter();
        Ok::<_, Error>(
            found.map(|record| record.item).find(|one| one.name == wanted && one.archived_at.is_none()),
        )
    })?;
    let config = mapped.config.clone();
    match known {
        Some(known) if known.config == config => Ok(known.id),
        Some(known) => {
            let id = known.id.clone();
            let changes = PipelineChanges { config: Some(config), ..PipelineChanges::default() };
            jobs::transact(app, scope, "imports.pipeline", move |cx| {
                pipelines::update(cx, &id, changes.clone())
            })
            .map_err(|error| mapped.refused(error))?;
            Ok(known.id)
        }
        None => {
            let new = NewPipeline { name, config };
            let made =
                jobs::transact(app, scope, "imports.pipeline", move |cx| pipelines::create(cx, new.clone()));
            Ok(made.map_err(|error| mapped.refused(error))?.item.id)
        }
    }
}

/// Shows a mapping that was proposed and asks whether it is right.
fn ask(mapped: &Mapped) -> Result<(), Failure> {
    if !std::io::stdin().is_terminal() {
        return fail(
            "no mapping was given: --yes takes the proposed one, --propose prints it as a file for --map",
        );
    }
    for entry in &mapped.config.mapping {
        line(format_args!("{}  →  {}", entry.column().unwrap_or_default(), entry.target));
    }
    let _ = write!(std::io::stdout(), "Import like this? [y/N] ");
    let _ = std::io::stdout().flush();
    let mut answer = String::new();
    std::io::stdin().lock().read_line(&mut answer)?;
    if matches!(answer.trim(), "y" | "Y" | "yes") { Ok(()) } else { fail("nothing was imported") }
}
