//! `muster imports`: runs that were started, and what became of their rows.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use clap::{Args, Subcommand};
use muster_app::imports::rows::{self, Filter};
use muster_app::imports::runs::{self, PageRequest};
use muster_app::imports::{self, Run, pipelines, plan, undo};
use muster_app::record::{PageOf, Record};
use muster_app::{App, Cx, Error, ReadCx, Scope};
use muster_domain::import::{Action, RunKind, RunStatus};
use muster_domain::{ImporterPipelineRunId, Timestamp};

use super::import::{self, More, Wanted};
use super::place::{Place, Whose};
use crate::config::Config;
use crate::installation;
use crate::output::{Failure, fail, line};

/// Rows that are read at once.
const ROWS_AT_ONCE: usize = 1000;

#[derive(Subcommand)]
pub enum Command {
    /// List the newest runs
    List {
        /// How many
        #[arg(long, default_value_t = 20, value_name = "N")]
        limit: usize,
        #[command(flatten)]
        whose: Whose,
    },
    /// List the newest pipelines: when they look for files, and what the last look came to
    Pipelines {
        /// How many
        #[arg(long, default_value_t = 20, value_name = "N")]
        limit: usize,
        #[command(flatten)]
        whose: Whose,
    },
    /// Show one run
    Show(Which),
    /// Print what became of the rows of a run
    Rows {
        #[command(flatten)]
        which: Which,
        /// Only rows that came to this: created, updated, unchanged, skipped or error; may be repeated
        #[arg(long, value_name = "ACTION")]
        action: Vec<String>,
        /// From this row on
        #[arg(long, default_value_t = 1, value_name = "ROW")]
        from: u64,
        /// How many
        #[arg(long, default_value_t = 100, value_name = "N")]
        limit: usize,
    },
    /// Let a run wait; what it wrote stays
    Pause(Which),
    /// Let a run go on, in this process
    Resume {
        #[command(flatten)]
        which: Which,
        #[command(flatten)]
        how: How,
    },
    /// End a run for good; what it wrote stays
    Cancel(Which),
    /// Do what a dry run found
    Commit {
        #[command(flatten)]
        which: Which,
        #[command(flatten)]
        how: How,
    },
    /// Take back what a run wrote, where nobody else touched it since
    Undo {
        #[command(flatten)]
        which: Which,
        /// Only say what would change
        #[arg(long)]
        dry_run: bool,
        #[command(flatten)]
        how: How,
    },
    /// Import the rows that a run refused again, as they are: after the type or the pipeline was mended
    RetryFailed {
        #[command(flatten)]
        which: Which,
        #[command(flatten)]
        how: How,
    },
    /// Erase the cells and differences that a run keeps, and its file; what it wrote to accounts stays
    Redact(Which),
    /// Write the rows that were refused as CSV: they can be mended and imported again
    Rejects {
        #[command(flatten)]
        which: Which,
        /// Where to [default: standard output]
        #[arg(long, value_name = "FILE")]
        output: Option<PathBuf>,
    },
}

#[derive(Args)]
pub struct Which {
    /// mprtpr_…
    run: ImporterPipelineRunId,
    #[command(flatten)]
    whose: Whose,
}

/// How a run is done.
#[derive(Args)]
pub struct How {
    /// How many changes a dry run shows
    #[arg(long, default_value_t = 20, value_name = "N")]
    show: usize,
    /// Write the rows that were refused to this file
    #[arg(long, value_name = "FILE")]
    rejects: Option<PathBuf>,
    /// Leave the run to a server
    #[arg(long)]
    detach: bool,
}

pub fn run(config: &Config, command: Command) -> Result<ExitCode, Failure> {
    let app = installation::open(config)?;
    match command {
        Command::List { limit, whose } => list(&app, &Place::find(&app, whose)?, limit),
        Command::Pipelines { limit, whose } => list_pipelines(&app, &Place::find(&app, whose)?, limit),
        Command::Show(which) => {
            let (_, run) = find(&app, &which)?;
            show(&run);
            Ok(ExitCode::SUCCESS)
        }
        Command::Rows { which, action, from, limit } => rows(&app, &which, &action, (from, limit)),
        Command::Pause(which) => moved(&app, &which, "imports/pause", runs::pause),
        Command::Cancel(which) => moved(&app, &which, "imports/cancel", runs::cancel),
        Command::Resume { which, how } => resume(&app, &which, &how),
        Command::Commit { which, how } => commit(&app, &which, &how),
        Command::Undo { which, dry_run, how } => {
            let kind = if dry_run { RunKind::DryRun } else { RunKind::Undo };
            undo(&app, &which, kind, &how)
        }
        Command::RetryFailed { which, how } => retry_failed(&app, &which, &how),
        Command::Redact(which) => moved(&app, &which, "imports/redact", imports::redact),
        Command::Rejects { which, output } => rejects(&app, &which, output.as_deref()),
    }
}

/// Finds a run in whichever environment it is.
fn find(app: &App, which: &Which) -> Result<(Scope, Run), Failure> {
    let place = Place::find_with(app, &which.whose, None)?;
    for scope in &place.scopes {
        let (master, catalogs) = (Arc::clone(&app.master), Arc::clone(&app.catalogs));
        let (at, id) = (scope.clone(), which.run.clone());
        let found = app.db.read_blocking("imports.find", move |tx| {
            let cx = &mut ReadCx { tx, scope: &at, catalogs: &catalogs, master: &master };
            match runs::get(cx, &id) {
                Ok(record) => Ok(Some(record.item)),
                Err(Error::NotFound) => Ok(None),
                Err(error) => Err(error),
            }
        })?;
        if let Some(run) = found {
            return Ok((scope.clone(), run));
        }
    }
    fail(format!("there is no run {}; muster imports list shows the newest", which.run))
}

fn list(app: &App, place: &Place, limit: usize) -> Result<ExitCode, Failure> {
    for scope in &place.scopes {
        let (master, catalogs, at) = (Arc::clone(&app.master), Arc::clone(&app.catalogs), scope.clone());
        let request =
            PageRequest { page: PageOf { size: limit, ..PageOf::default() }, ..PageRequest::default() };
        let page = app.db.read_blocking("imports.list", move |tx| {
            let cx = &mut ReadCx { tx, scope: &at, catalogs: &catalogs, master: &master };
            runs::page(cx, &request)
        })?;
        if place.scopes.len() > 1 && !page.items.is_empty() {
            line(format_args!("{}  {}", scope.environment.id, scope.environment.kind));
        }
        for record in &page.items {
            let run = &record.item;
            line(format_args!(
                "{}  {}  {:<8}  {:<9}  {}, {}",
                run.id,
                run.created_at.to_rfc3339_seconds(),
                run.kind.as_str(),
                run.status.as_str(),
                import::rows(run.counters.read),
                import::counts(&run.counters)
            ));
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn list_pipelines(app: &App, place: &Place, limit: usize) -> Result<ExitCode, Failure> {
    for scope in &place.scopes {
        let (master, catalogs, at) = (Arc::clone(&app.master), Arc::clone(&app.catalogs), scope.clone());
        let page = app.db.read_blocking("imports.pipelines", move |tx| {
            let cx = &mut ReadCx { tx, scope: &at, catalogs: &catalogs, master: &master };
            pipelines::page(cx, &PageOf { size: limit, ..PageOf::default() })
        })?;
        for record in &page.items {
            let one = &record.item;
            let status = if one.archived_at.is_some() { "archived" } else { one.status.as_str() };
            line(format_args!("{}  {:<8}  {}", one.id, status, one.name));
            if let Some(next) = one.next_run_at {
                line(format_args!("    looks for files at {}", next.to_rfc3339_seconds()));
            }
            if let Some(look) = &one.last_look {
                let run = look.run.as_ref().map(ToString::to_string);
                let what = look.reason.clone().or(run).unwrap_or_default();
                let told = format!(
                    "    looked at {}: {}  {what}",
                    look.at.to_rfc3339_seconds(),
                    look.outcome.as_str()
                );
                line(told.trim_end());
            }
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn show(run: &Run) {
    let at = |at: Option<Timestamp>| at.map_or_else(|| "–".to_owned(), Timestamp::to_rfc3339_seconds);
    line(format_args!("{}  {}  {}", run.id, run.kind.as_str(), run.status.as_str()));
    let ids = [
        ("pipeline", run.pipeline.as_ref().map(ToString::to_string)),
        ("file", run.file.as_ref().map(ToString::to_string)),
        ("commits", run.plan.as_ref().map(ToString::to_string)),
        ("takes back", run.undo_of.as_ref().map(ToString::to_string)),
        ("reference ID", run.reference_id.clone()),
        ("reason", run.reason.clone()),
        ("started by", Some(run.actor.clone())),
        ("times begun", Some(run.run_count.to_string())),
    ];
    for (name, value) in ids.into_iter().filter_map(|(name, value)| Some((name, value?))) {
        line(format_args!("{name:<13} {value}"));
    }
    line(format_args!("{:<13} {}", "created", run.created_at.to_rfc3339_seconds()));
    line(format_args!("{:<13} {}", "started", at(run.started_at)));
    line(format_args!("{:<13} {}", "ended", at(run.ended_at)));
    let of = run.estimated_rows.map(|rows| format!(" of about {rows}")).unwrap_or_default();
    line(format_args!("{:<13} {}{of}: {}", "rows", run.counters.read, import::counts(&run.counters)));
    for warning in &run.warnings {
        line(format_args!("note: {}", warning.message));
    }
}

fn rows(
    app: &App,
    which: &Which,
    actions: &[String],
    (from, limit): (u64, usize),
) -> Result<ExitCode, Failure> {
    let wanted: Option<Vec<Action>> = actions.iter().map(|text| Action::parse(text)).collect();
    let Some(wanted) = wanted else {
        return fail("--action must be created, updated, unchanged, skipped or error");
    };
    let (scope, run) = find(app, which)?;
    let filter = Filter { actions: (!wanted.is_empty()).then_some(wanted), ..Filter::default() };
    let (mut after, mut left) = (from.saturating_sub(1), limit);
    while left > 0 {
        let page = (after, left.min(ROWS_AT_ONCE));
        let (found, more) = import::rows_after(app, &scope, &run, page, filter.clone())?;
        found.iter().for_each(|outcome| import::tell_row(outcome, run.kind));
        (after, left) = (found.last().map_or(after, |last| last.row), left - found.len());
        if more == More::No {
            return Ok(ExitCode::SUCCESS);
        }
    }
    line(format_args!("… --from {} shows the next", after + 1));
    Ok(ExitCode::SUCCESS)
}

/// What moves a run to another state.
type Move = fn(&mut Cx<'_, '_>, &ImporterPipelineRunId) -> muster_app::Result<Record<Run>>;

fn moved(app: &App, which: &Which, command: &'static str, step: Move) -> Result<ExitCode, Failure> {
    let (scope, run) = find(app, which)?;
    let run = import::noted(app, &scope, command, move |cx| step(cx, &run.id))?;
    line(format_args!(
        "{}  {}: {}, {}",
        run.id,
        run.status.as_str(),
        import::rows(run.counters.read),
        import::counts(&run.counters)
    ));
    Ok(ExitCode::SUCCESS)
}

fn resume(app: &Arc<App>, which: &Which, how: &How) -> Result<ExitCode, Failure> {
    let (scope, run) = find(app, which)?;
    // One whose process ended goes on as it is, as soon as nobody else holds it.
    let run = match run.status {
        RunStatus::Pending | RunStatus::Running => run,
        _ => import::noted(app, &scope, "imports/resume", move |cx| runs::resume(cx, &run.id))?,
    };
    go(app, &scope, &run, how)
}

fn commit(app: &Arc<App>, which: &Which, how: &How) -> Result<ExitCode, Failure> {
    let (scope, dry_run) = find(app, which)?;
    let run = import::noted(app, &scope, "imports/commit", move |cx| plan::commit(cx, &dry_run.id, None))?;
    go(app, &scope, &run, how)
}

fn undo(app: &Arc<App>, which: &Which, kind: RunKind, how: &How) -> Result<ExitCode, Failure> {
    let (scope, original) = find(app, which)?;
    let step = move |cx: &mut Cx<'_, '_>| undo::undo(cx, &original.id, kind, None);
    let run = import::noted(app, &scope, "imports/undo", step)?;
    go(app, &scope, &run, how)
}

fn retry_failed(app: &Arc<App>, which: &Which, how: &How) -> Result<ExitCode, Failure> {
    let (scope, original) = find(app, which)?;
    let file = imports::refused_rows(app, &scope, &original.id)?;
    let kept = file.id.clone();
    let step = move |cx: &mut Cx<'_, '_>| imports::retry(cx, &original.id, &file.id, None);
    let run = import::noted(app, &scope, "imports/retry-failed", step);
    if run.is_err() {
        imports::files::discard(app, &scope, &kept)?;
    }
    go(app, &scope, &run?, how)
}

fn go(app: &Arc<App>, scope: &Scope, run: &Run, how: &How) -> Result<ExitCode, Failure> {
    if how.detach {
        line(format_args!("{}  {}", run.id, run.status.as_str()));
        return Ok(ExitCode::SUCCESS);
    }
    import::finish(app, scope, run, &Wanted { show: how.show, rejects: how.rejects.as_deref() })
}

fn rejects(app: &App, which: &Which, output: Option<&Path>) -> Result<ExitCode, Failure> {
    let (scope, run) = find(app, which)?;
    match output {
        Some(path) => import::write_rejects(app, &scope, &run, path)?,
        None => rows::write_rejects(app, &scope, &run.id, std::io::stdout())?.flush()?,
    }
    Ok(ExitCode::SUCCESS)
}
