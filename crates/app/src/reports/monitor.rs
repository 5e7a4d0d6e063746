//! Runs on a schedule, and those between (spec D.5).

use std::time::Duration;

use muster_domain::ReportId;
use muster_domain::event::EventName;
use muster_domain::report::ReportVerb;
use muster_store::jobs::JobRow;

use super::apply::next_run;
use super::run::{Asked, schedule};
use super::{Report, RunType};
use crate::jobs::{self, Kind, Step};
use crate::record::{self, Record, told};
use crate::{Cx, Error, Result};

/// How long a scheduled run waits for one that is under way.
const WAIT: Duration = Duration::from_secs(5);

/// Runs a report once more, at once, beside its schedule. Also one that could not be run before.
///
/// # Errors
/// [`Error::NotFound`], [`Error::Conflict`] when it is redacted.
pub fn rerun(cx: &mut Cx<'_, '_>, id: &ReportId) -> Result<Record<Report>> {
    let record = open(cx, id)?;
    let asked = Asked::after(&record.item, RunType::Manual, None);
    jobs::enqueue(cx, Kind::RunReport, id.as_str(), &asked.written())?;
    Ok(record)
}

/// Pauses the runs on a schedule.
///
/// # Errors
/// [`Error::NotFound`], [`Error::Conflict`] when no run is scheduled.
pub fn pause(cx: &mut Cx<'_, '_>, id: &ReportId) -> Result<Record<Report>> {
    let mut record = open(cx, id)?;
    if !record.item.is_recurring() {
        return Err(conflict("the report has no run that is scheduled"));
    }
    let mut report = record.item.clone();
    report.monitoring.paused_at = Some(cx.scope.now);
    change(cx, &mut record, report, ReportVerb::Paused)?;
    Ok(record)
}

/// Lets the runs on a schedule go on; the next one is due after a whole interval.
///
/// # Errors
/// [`Error::NotFound`], [`Error::Conflict`] when they are not paused.
pub fn resume(cx: &mut Cx<'_, '_>, id: &ReportId) -> Result<Record<Report>> {
    let mut record = open(cx, id)?;
    if record.item.monitoring.paused_at.is_none() {
        return Err(conflict("the report is not paused"));
    }
    let mut report = record.item.clone();
    report.monitoring.paused_at = None;
    report.monitoring.next_run_at = next_run(&report, cx.scope.now);
    change(cx, &mut record, report, ReportVerb::Resumed)?;
    Ok(record)
}

fn change(cx: &mut Cx<'_, '_>, record: &mut Record<Report>, report: Report, verb: ReportVerb) -> Result<()> {
    let event = EventName::Report(report.kind, verb);
    record::update(cx, record, report, vec![told(event)])?;
    schedule(cx, &record.item)
}

/// A report that is going to be changed and is not redacted.
pub(super) fn open(cx: &mut Cx<'_, '_>, id: &ReportId) -> Result<Record<Report>> {
    let record = record::get::<Report>(cx.tx, cx.scope, cx.master, id.as_str())?;
    match record.item.redacted_at {
        None => Ok(record),
        Some(_) => Err(conflict("the report is redacted")),
    }
}

pub(super) fn conflict(details: &str) -> Error {
    Error::Conflict { title: "Conflict", details: details.to_owned() }
}

/// The job of a run that is due: it makes the run itself a job. One that is under way comes first.
///
/// # Errors
/// What the store reports.
pub(crate) fn recur(cx: &mut Cx<'_, '_>, job: &JobRow) -> Result<Step> {
    let found = record::find::<Report>(cx.tx, cx.scope, cx.master, &job.subject_id)?;
    let Some(report) = found.map(|record| record.item).filter(Report::is_recurring) else {
        return Ok(Step::Done);
    };
    if jobs::is_there(cx, Kind::RunReport, report.id.as_str())? {
        return Ok(Step::Again { state: job.state.clone(), pause: WAIT });
    }
    let asked = Asked::after(&report, RunType::Scheduled, report.monitoring.next_run_at);
    jobs::enqueue(cx, Kind::RunReport, report.id.as_str(), &asked.written())?;
    Ok(Step::Done)
}
