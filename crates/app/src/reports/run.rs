//! A run of a report: read, find out, write.

use std::sync::Arc;
use std::time::Duration;

use muster_domain::{ReportId, Timestamp};
use muster_store::jobs::JobRow;
use serde::{Deserialize, Serialize};

use super::apply::{Found, apply};
use super::{Report, RunType, provider, screen, simulate};
use crate::accounts::{TagChange, TagRef, settle_tags};
use crate::jobs::{self, Kind, Step};
use crate::record;
use crate::{App, Cx, Error, Result, Scope};

/// How long a provider may say that it is not ready.
const PENDING_MAX: Duration = Duration::from_hours(24);
/// What a report says of a run whose provider was not ready by then.
const NEVER_READY: &str = "the provider was not ready for 24 hours";
/// What a report says of a run that failed time and again for a reason of Muster's own.
const GIVEN_UP: &str =
    "the run failed time and again; the log of the server tells why, by the ID of the report's job";
/// The tag of reports whose result was made up.
const SIMULATED: &str = "simulated";

/// A run that is to be made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) struct Asked {
    /// Which run of the report it is: another one may have been quicker.
    pub number: i64,
    /// What makes it.
    pub run_type: RunType,
    /// The day for which it was scheduled.
    pub scheduled_date: Option<String>,
    /// When its provider first said that it was not ready.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pending_since: Option<Timestamp>,
}

impl Asked {
    /// The next run of a report.
    pub(super) fn after(report: &Report, run_type: RunType, scheduled: Option<Timestamp>) -> Self {
        let date = scheduled.map(|at| at.to_rfc3339_millis().chars().take("2026-01-31".len()).collect());
        Self { number: report.runs + 1, run_type, scheduled_date: date, pending_since: None }
    }

    /// As the state of a job.
    pub(super) fn written(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }
}

/// One run, as a job.
///
/// # Errors
/// What the store reports.
pub(crate) fn run(app: &App, scope: &Scope, job: &JobRow) -> Result<()> {
    let asked = serde_json::from_str(&job.state).map_err(|_| Error::bug("a run cannot be read"))?;
    match perform(app, scope, &ReportId::trusted(job.subject_id.clone()), &asked, Some(job)) {
        Err(error) if jobs::is_last_try(job) => give_up(app, scope, (job, asked), &error),
        end => end,
    }
}

/// Ends a run that failed time and again as one that could not be done, so that its schedule goes on.
fn give_up(app: &App, scope: &Scope, (job, asked): (&JobRow, Asked), error: &Error) -> Result<()> {
    tracing::error!(job = %job.id, %error, "a run of a report was given up");
    let (scope, job) = (Scope { now: app.now(), ..scope.clone() }, job.clone());
    jobs::transact(app, &scope, "reports.run.give_up", move |cx| {
        jobs::conclude(cx, &job, &Step::Done)?;
        end(cx, &ReportId::trusted(job.subject_id.clone()), &asked, &Found::Failed(GIVEN_UP.to_owned()))
    })
}

/// Makes the first run of a report at once, for somebody who waits for it; not where it was made already. Blocks;
/// never call it on an async thread.
///
/// # Errors
/// What the store reports.
pub fn run_now(app: &App, scope: &Scope, id: &ReportId) -> Result<()> {
    let asked = Asked { number: 1, run_type: RunType::Manual, scheduled_date: None, pending_since: None };
    perform(app, scope, id, &asked, None)
}

fn perform(app: &App, scope: &Scope, id: &ReportId, asked: &Asked, job: Option<&JobRow>) -> Result<()> {
    let (reading, master, wanted) = (scope.clone(), Arc::clone(&app.master), id.clone());
    let found = app.db.read_blocking("reports.run.read", move |tx| {
        record::find::<Report>(tx, &reading, &master, wanted.as_str())
    })?;
    let came = match found.map(|record| record.item) {
        Some(report) if is_due(&report, asked) => find_out(app, scope, &report, job)?,
        _ => Came::Nothing,
    };
    if job.is_none() && matches!(came, Came::Nothing) {
        return Ok(());
    }
    let scope = Scope { now: app.now(), ..scope.clone() };
    let (id, job) = (id.clone(), job.cloned());
    let pending_since = asked.pending_since.unwrap_or(scope.now);
    let came = match came {
        Came::Later(_) if pending_since + PENDING_MAX <= scope.now => {
            Came::Found(Box::new(Found::Failed(NEVER_READY.to_owned())))
        }
        came => came,
    };
    let asked = asked.clone();
    jobs::transact(app, &scope, "reports.run.write", move |cx| {
        match (&job, &came) {
            (Some(job), Came::Later(pause)) => {
                let waiting = Asked { pending_since: Some(pending_since), ..asked.clone() };
                let step = Step::Again { state: waiting.written(), pause: *pause };
                return jobs::conclude(cx, job, &step);
            }
            // The job of this run asks again in its own time.
            (None, Came::Later(_)) => return Ok(()),
            (Some(job), _) => jobs::conclude(cx, job, &Step::Done)?,
            // Somebody may have asked for another run since: that one is to be made all the same.
            (None, _) => jobs::cancel_as(cx, Kind::RunReport, id.as_str(), &asked.written())?,
        }
        match &came {
            Came::Found(found) => end(cx, &id, &asked, found),
            Came::Nothing | Came::Later(_) => Ok(()),
        }
    })
}

/// What came of a run.
#[derive(Clone)]
enum Came {
    /// It is over.
    Found(Box<Found>),
    /// It is not to be made any more.
    Nothing,
    /// A provider is not ready.
    Later(Duration),
}

/// Whether the run is still to be made.
fn is_due(report: &Report, asked: &Asked) -> bool {
    report.redacted_at.is_none() && report.runs + 1 == asked.number
}

/// Finds out what the report asks, outside of any transaction.
fn find_out(app: &App, scope: &Scope, report: &Report, job: Option<&JobRow>) -> Result<Came> {
    if report.kind.is_local() {
        return screen::screen(app, scope, report).map(Box::new).map(Came::Found);
    }
    let found = match provider::ask(app, scope, report) {
        provider::Asked::Told(found) => found,
        provider::Asked::Later(pause) => return Ok(Came::Later(pause)),
        provider::Asked::Unreachable(why) => {
            let why = format!("the provider is unreachable: {why}");
            match job {
                // The job tries again, later and later, but not for ever.
                Some(job) if jobs::is_last_try(job) => Found::Failed(why),
                Some(_) => return Err(Error::Internal(why)),
                // Nobody is kept waiting for that.
                None => return Ok(Came::Later(Duration::ZERO)),
            }
        }
        provider::Asked::Nobody => match scope.environment.kind.as_str() {
            "sandbox" => Found::Answer(simulate::answer(report.kind, &report.query)),
            _ => Found::Failed("no provider is configured for reports of this kind".to_owned()),
        },
    };
    Ok(Came::Found(Box::new(found)))
}

fn end(cx: &mut Cx<'_, '_>, id: &ReportId, asked: &Asked, found: &Found) -> Result<()> {
    let Some(mut record) = record::find::<Report>(cx.tx, cx.scope, cx.master, id.as_str())? else {
        return Ok(());
    };
    if !is_due(&record.item, asked) {
        return Ok(());
    }
    let (mut report, told) = apply(&record.item, asked, found, cx.scope.now);
    if report.last_run.as_ref().is_some_and(|run| run.simulated) {
        let mark = TagChange::Add(vec![TagRef::Name(SIMULATED.to_owned())]);
        report.tags = settle_tags(cx, &report.tags, &mark)?;
    }
    record::update(cx, &mut record, report, told)?;
    schedule(cx, &record.item)
}

/// Puts in the job that makes the next run, or takes it out.
///
/// # Errors
/// What the store reports.
pub(super) fn schedule(cx: &mut Cx<'_, '_>, report: &Report) -> Result<()> {
    match report.monitoring.next_run_at.filter(|_| report.is_recurring()) {
        Some(at) => jobs::enqueue_at(cx, Kind::RecurReport, report.id.as_str(), "", at),
        None => jobs::cancel(cx, Kind::RecurReport, report.id.as_str()),
    }
}
