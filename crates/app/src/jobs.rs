//! Jobs: work that goes on after the command that caused it.
//!
//! A command puts a job in, in its own transaction. A worker takes what is due; each step is one transaction
//! that does a bounded piece and either ends the job or notes how far it is.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use muster_domain::event::{Actor, Source};
use muster_domain::{AccountId, EnvironmentId, IdSource, Timestamp};
use muster_store::jobs::{self as rows, JobRow, Postponed};
use muster_store::{Tx, consolidations};

use crate::{App, Cx, Error, Result, Scope, accounts, imports, inquiries, keys, reports, verifications};

/// How long a step may take before somebody else may take its job over: longer than the longest one, which waits half a
/// minute for a provider or some times ten seconds for a mail server.
const LEASE: Duration = Duration::from_mins(2);
/// How long after its claim a step may still begin; what is left of the lease must do for it.
const BEGUN_WITHIN: Duration = Duration::from_secs(30);
/// Jobs that are taken at once.
const CLAIMED_AT_ONCE: i64 = 8;
/// Failures after which a job stays as it is, for the operator to look at.
const FAILURES_MAX: i64 = 20;
/// Pause after the first failure; it doubles with each.
const FIRST_PAUSE: Duration = Duration::from_secs(1);
/// Longest pause after a failure.
const PAUSE_MAX: Duration = Duration::from_hours(1);
/// How long a job waits for another one.
pub(crate) const PAUSE: Duration = Duration::from_secs(1);
/// Accounts merged into one that are looked at.
const SOURCES_MAX: i64 = 10_000;

/// What a job does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Redacts what was merged into an account.
    RedactChildren,
    /// Ends an inquiry whose time is over.
    ExpireInquiry,
    /// Redacts what belongs to an inquiry.
    RedactInquiryChildren,
    /// Asks a provider what Muster cannot check of a verification.
    AskProvider,
    /// Makes a run of a report.
    RunReport,
    /// Makes the next run of a report due.
    RecurReport,
    /// Looks again at what is monitored, after a version of a watchlist was replaced.
    Rescreen,
    /// Sends a code to an e-mail address or a telephone number.
    SendCode,
    /// Imports the rows of a file.
    RunImport,
    /// Looks for files that a pipeline is to import by itself.
    LookForFiles,
    /// Erases the content of a file that was imported.
    EraseImportFile,
    /// Erases the cells of rows that were refused.
    EraseImportCells,
    /// Erases what rows of imports hold of an account that was redacted.
    EraseImportTraces,
}

/// A step that is one transaction.
type Inside = fn(&mut Cx<'_, '_>, &JobRow) -> Result<Step>;
/// A step that needs the world outside, or much time: it begins its own transactions, in the last of which it calls
/// [`conclude`].
type Outside = fn(&App, &Scope, &JobRow) -> Result<()>;

/// Which jobs a worker takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Work {
    /// All.
    Any,
    /// Those that wait for nobody: so a provider that hangs does not keep them from being done.
    Inside,
    /// All but imports, which may take hours.
    Brief,
    /// Imports, one at a time.
    Imports,
}

impl Work {
    fn includes(self, kind: Kind) -> bool {
        match self {
            Self::Any => true,
            Self::Inside => !kind.is_outside(),
            Self::Brief => kind != Kind::RunImport,
            Self::Imports => kind == Kind::RunImport,
        }
    }
}

/// How a kind of job is done.
enum Doing {
    Inside(Inside),
    Outside(Outside),
}

impl Kind {
    const ALL: [Self; 13] = [
        Self::RedactChildren,
        Self::ExpireInquiry,
        Self::RedactInquiryChildren,
        Self::AskProvider,
        Self::RunReport,
        Self::RecurReport,
        Self::Rescreen,
        Self::SendCode,
        Self::RunImport,
        Self::LookForFiles,
        Self::EraseImportFile,
        Self::EraseImportCells,
        Self::EraseImportTraces,
    ];

    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::RedactChildren => "account.redact-children",
            Self::ExpireInquiry => "inquiry.expire",
            Self::RedactInquiryChildren => "inquiry.redact-children",
            Self::AskProvider => "verification.ask-provider",
            Self::RunReport => "report.run",
            Self::RecurReport => "report.recur",
            Self::Rescreen => "watchlists.rescreen",
            Self::SendCode => "verification.send-code",
            Self::RunImport => "importer.run",
            Self::LookForFiles => "importer.look",
            Self::EraseImportFile => "importer.erase-file",
            Self::EraseImportCells => "importer.erase-cells",
            Self::EraseImportTraces => "importer.erase-traces",
        }
    }

    fn is_outside(self) -> bool {
        matches!(self.doing(), Doing::Outside(_))
    }

    fn doing(self) -> Doing {
        match self {
            Self::RedactChildren => Doing::Inside(accounts::redact_children),
            Self::ExpireInquiry => Doing::Inside(inquiries::expire_step),
            Self::RedactInquiryChildren => Doing::Inside(inquiries::redact_children_step),
            Self::AskProvider => Doing::Outside(verifications::ask_provider),
            Self::RunReport => Doing::Outside(reports::run),
            Self::RecurReport => Doing::Inside(reports::recur),
            Self::Rescreen => Doing::Outside(reports::rescreen),
            Self::SendCode => Doing::Outside(inquiries::flow::send_code_step),
            Self::RunImport => Doing::Outside(imports::run),
            Self::LookForFiles => Doing::Outside(imports::look),
            Self::EraseImportFile => Doing::Inside(imports::file_step),
            Self::EraseImportCells => Doing::Inside(imports::cells_step),
            Self::EraseImportTraces => Doing::Inside(imports::traces_step),
        }
    }
}

/// What a step of a job comes to.
#[derive(Clone, Debug)]
pub(crate) enum Step {
    /// The job is finished.
    Done,
    /// There is more to do.
    Again {
        /// How far it is.
        state: String,
        /// How long to wait.
        pause: Duration,
    },
}

/// Whether a job stays as it is when it fails this time.
pub(crate) const fn is_last_try(job: &JobRow) -> bool {
    job.failures >= FAILURES_MAX
}

/// Puts a job in. One of this kind for this subject that is there already starts anew.
pub(crate) fn enqueue(cx: &mut Cx<'_, '_>, kind: Kind, subject: &str, state: &str) -> Result<()> {
    let now = cx.scope.now;
    enqueue_at(cx, kind, subject, state, now)
}

/// [`enqueue`], to be done at an instant.
pub(crate) fn enqueue_at(
    cx: &mut Cx<'_, '_>,
    kind: Kind,
    subject: &str,
    state: &str,
    due_at: Timestamp,
) -> Result<()> {
    let job = JobRow {
        id: cx.ids.mint(),
        environment: cx.scope.environment.id.clone(),
        kind: kind.as_str().to_owned(),
        subject_id: subject.to_owned(),
        state: state.to_owned(),
        attempts: 0,
        failures: 0,
    };
    Ok(rows::start(cx.tx, &job, due_at, cx.scope.now)?)
}

/// Takes a job out that need not be done any more.
pub(crate) fn cancel(cx: &mut Cx<'_, '_>, kind: Kind, subject: &str) -> Result<()> {
    Ok(rows::cancel(cx.tx, &cx.scope.environment.id, kind.as_str(), subject)?)
}

/// Takes a job out that need not be done any more, if it is still at this state: what was asked for since stays.
pub(crate) fn cancel_as(cx: &mut Cx<'_, '_>, kind: Kind, subject: &str, state: &str) -> Result<()> {
    let found = rows::find_of(cx.tx, &cx.scope.environment.id, kind.as_str(), subject)?;
    if let Some(job) = found.filter(|job| job.state == state) {
        rows::finish(cx.tx, &job)?;
    }
    Ok(())
}

/// How far the job of a kind for a subject is; none if there is none.
pub(crate) fn state_of(cx: &mut Cx<'_, '_>, kind: Kind, subject: &str) -> Result<Option<String>> {
    let found = rows::find_of(cx.tx, &cx.scope.environment.id, kind.as_str(), subject)?;
    Ok(found.map(|job| job.state))
}

/// Whether an account that was merged into this one has a job of this kind.
pub(crate) fn is_any_under_way(cx: &mut Cx<'_, '_>, kind: Kind, of: &AccountId) -> Result<bool> {
    let environment = &cx.scope.environment.id;
    for source in consolidations::into(cx.tx, environment, of, None, SOURCES_MAX)? {
        if is_under_way_for(cx, kind, source.source.as_str())? {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Whether a job of this kind is under way for an account.
pub(crate) fn is_under_way(cx: &mut Cx<'_, '_>, kind: Kind, account: &AccountId) -> Result<bool> {
    is_there(cx, kind, account.as_str())
}

/// Whether there is a job of this kind for a subject.
pub(crate) fn is_there(cx: &mut Cx<'_, '_>, kind: Kind, subject: &str) -> Result<bool> {
    let environment = &cx.scope.environment.id;
    Ok(rows::find_of(cx.tx, environment, kind.as_str(), subject)?.is_some())
}

/// Whether a job of this kind, which another job waits for, is under way.
///
/// # Errors
/// When it failed for good.
pub(crate) fn is_under_way_for(cx: &mut Cx<'_, '_>, kind: Kind, subject: &str) -> Result<bool> {
    match rows::find_of(cx.tx, &cx.scope.environment.id, kind.as_str(), subject)? {
        None => Ok(false),
        Some(job) if job.failures > FAILURES_MAX => {
            Err(Error::bug(format!("the job {} that this one waits for failed for good", job.id)))
        }
        Some(_) => Ok(true),
    }
}

/// Takes what is due and does one step of each. Returns how many that were: when there were some, there may
/// be more. Blocks; never call it on an async thread.
///
/// # Errors
/// What the database reports. The failure of a job is noted at the job and logged.
pub fn run_due(app: &App, work: Work) -> Result<usize> {
    let now = app.now();
    let outside: Vec<&str> =
        Kind::ALL.into_iter().filter(|kind| kind.is_outside()).map(Kind::as_str).collect();
    let without: Vec<&str> =
        Kind::ALL.into_iter().filter(|kind| !work.includes(*kind)).map(Kind::as_str).collect();
    // An import keeps its lease itself: one that was cut off goes on soon.
    let (limit, lease) = match work {
        Work::Imports => (1, imports::LEASE),
        _ => (CLAIMED_AT_ONCE, LEASE),
    };
    let mut claimed: Vec<JobRow> = app.db.write_blocking("jobs.claim", move |tx| {
        let which = rows::Claim { now, lease_ends_at: now + lease, limit, without: &without };
        rows::claim(tx, which).map_err(Error::from)
    })?;
    let count = claimed.len();
    // What takes its time comes last.
    claimed.sort_by_key(|job| outside.contains(&job.kind.as_str()));
    for job in claimed {
        if app.now() > now + BEGUN_WITHIN {
            put_back(app, job)?;
            continue;
        }
        if let Err(error) = unwinding(app, &job) {
            tracing::warn!(job = %job.id, kind = job.kind, %error, "a job failed");
            put_off(app, job, error.to_string())?;
        }
    }
    Ok(count)
}

/// Takes the job of a kind for a subject and does one step of it. False when it is not due, somebody else has it, or
/// there is none. Blocks; never call it on an async thread.
///
/// # Errors
/// What the database reports, and the failure of the job, which is noted at the job.
pub(crate) fn run_of(app: &App, environment: &EnvironmentId, kind: Kind, subject: &str) -> Result<bool> {
    let (now, environment, subject) = (app.now(), environment.clone(), subject.to_owned());
    let claimed = app.db.write_blocking("jobs.claim_of", move |tx| {
        let which = (kind.as_str(), subject.as_str());
        rows::claim_of(tx, &environment, which, (now, now + LEASE)).map_err(Error::from)
    })?;
    let Some(job) = claimed else { return Ok(false) };
    if let Err(error) = run_one(app, &job) {
        put_off(app, job, error.to_string())?;
        return Err(error);
    }
    Ok(true)
}

/// [`run_one`], where a panic counts as a failure of the job: the worker goes on with others.
fn unwinding(app: &App, job: &JobRow) -> Result<()> {
    let done = std::panic::catch_unwind(AssertUnwindSafe(|| run_one(app, job)));
    // What it said is with the standard error output, and may hold anything.
    done.unwrap_or_else(|_| Err(Error::bug("a job panicked")))
}

fn run_one(app: &App, job: &JobRow) -> Result<()> {
    let kind = Kind::ALL.into_iter().find(|kind| kind.as_str() == job.kind);
    let kind = kind.ok_or_else(|| Error::bug("a job of a kind that this version does not know"))?;
    let (master, environment) = (Arc::clone(&app.master), job.environment.clone());
    let environment =
        app.db.read_blocking("jobs.environment", move |tx| keys::environment(tx, &master, &environment))?;
    let scope =
        Scope { environment, actor: Actor::System, source: Source::Job(job.id.clone()), now: app.now() };
    let inside = match kind.doing() {
        Doing::Inside(step) => step,
        Doing::Outside(step) => return step(app, &scope, job),
    };
    let step_of = job.clone();
    transact(app, &scope, "jobs.step", move |cx| {
        let done = inside(cx, &step_of)?;
        conclude(cx, &step_of, &done)
    })
}

/// Runs a command in a transaction of its own, with the types as they are then. It may run several times. Blocks;
/// never call it on an async thread.
///
/// # Errors
/// What the command returns.
pub fn transact<T: Send + 'static>(
    app: &App,
    scope: &Scope,
    name: &'static str,
    command: impl FnMut(&mut Cx<'_, '_>) -> Result<T> + Clone + Send + 'static,
) -> Result<T> {
    loop {
        let (catalogs, organization) = (Arc::clone(&app.catalogs), scope.environment.organization.clone());
        let catalog =
            app.db.read_blocking("catalog.current", move |tx| catalogs.current(tx, &organization))?;
        let (scope, master, mut command) = (scope.clone(), Arc::clone(&app.master), command.clone());
        let end = app.db.write_blocking(name, move |tx| {
            let ids = &mut IdSource::random(scope.now);
            command(&mut Cx { tx, scope: &scope, catalog: &catalog, master: &master, ids })
        });
        match end {
            Err(Error::StaleCatalog) => {}
            end => return end,
        }
    }
}

/// Notes what a step came to, in its transaction.
///
/// # Errors
/// When somebody else has taken the job over: then the step must not count.
pub(crate) fn conclude(cx: &mut Cx<'_, '_>, job: &JobRow, done: &Step) -> Result<()> {
    let mine = match done {
        Step::Done => rows::finish(cx.tx, job)?,
        Step::Again { state, pause } => {
            let due_at = Some(cx.scope.now + *pause);
            rows::postpone(cx.tx, job, &Postponed { due_at, state, failure: None })?
        }
    };
    if mine { Ok(()) } else { Err(Error::bug("the lease of a job ran out")) }
}

/// Gives a job back that was claimed and not begun.
fn put_back(app: &App, job: JobRow) -> Result<()> {
    let now = app.now();
    app.db.write_blocking("jobs.put_back", move |tx: &mut Tx<'_>| {
        rows::release(tx, &job, now).map(|_| ()).map_err(Error::from)
    })
}

fn put_off(app: &App, job: JobRow, why: String) -> Result<()> {
    let now = app.now();
    let due_at = (!is_last_try(&job)).then(|| now + pause_after(job.failures));
    app.db.write_blocking("jobs.put_off", move |tx: &mut Tx<'_>| {
        let how = Postponed { due_at, state: &job.state, failure: Some(&why) };
        rows::postpone(tx, &job, &how).map(|_| ()).map_err(Error::from)
    })
}

fn pause_after(failures: i64) -> Duration {
    let doublings = u32::try_from(failures.clamp(0, 16)).unwrap_or(0);
    (FIRST_PAUSE * 2_u32.pow(doublings)).min(PAUSE_MAX)
}
