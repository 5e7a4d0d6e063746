//! Looking at monitored reports again as soon as a list has changed, and only at what is new in it (spec D.5).
//!
//! A report that may have a hit is run at once, as if its time had come; all others wait for theirs.

use std::sync::Arc;
use std::time::Duration;

use muster_domain::{ReportId, ReportKind, ResourceId};
use muster_screening::Index;
use muster_store::jobs::JobRow;
use muster_store::records::{self as rows, Range, Selection};
use serde::{Deserialize, Serialize};

use super::run::Asked;
use super::{Report, ReportStatus, RunType, monitored_mark, screen};
use crate::jobs::{self, Kind, Step};
use crate::record::{self, Record};
use crate::watchlists::{Switched, novelties};
use crate::{App, Cx, Error, Result, Scope};

/// Reports that are read at once.
const AT_ONCE: i64 = 200;
/// How long one step goes on.
const STEP: Duration = Duration::from_secs(20);

/// How far a job is.
#[derive(Clone, Serialize, Deserialize)]
struct State {
    /// What it is about.
    #[serde(flatten)]
    switched: Switched,
    /// The kind of the last report that was looked at.
    #[serde(default)]
    kind: Option<ReportKind>,
    /// The last report that was looked at.
    #[serde(default)]
    after: Option<String>,
}

/// A step of the job that a new version of a list brings about, in one environment.
///
/// # Errors
/// What the store reports.
pub(crate) fn rescreen(app: &App, scope: &Scope, job: &JobRow) -> Result<()> {
    let mut state: State =
        serde_json::from_str(&job.state).map_err(|_| Error::bug("a change of a list cannot be read"))?;
    let organization = &scope.environment.organization;
    let new = novelties(app, organization, &state.switched)?;
    let whole = match new {
        Some(_) => None,
        None => Some(app.watchlists.current(&app.db, organization)?),
    };
    // What is new cannot be told: then everything may be.
    let index = new.as_ref().or(whole.as_ref().map(|screening| &screening.index));
    let until = app.now() + STEP;
    let kinds = ReportKind::ALL.iter().copied().filter(|kind| kind.is_local());
    for kind in kinds.filter(|kind| state.kind.is_none_or(|reached| *kind >= reached)).collect::<Vec<_>>() {
        let mut after = state.after.take().filter(|_| state.kind == Some(kind));
        while let Some(last) = look_at(app, scope, (kind, after.as_deref()), (&state.switched, index))? {
            if app.now() > until {
                state = State { kind: Some(kind), after: Some(last), ..state };
                let state = serde_json::to_string(&state).map_err(|error| Error::bug(error.to_string()))?;
                return conclude(app, scope, job, Step::Again { state, pause: Duration::ZERO });
            }
            after = Some(last);
        }
    }
    conclude(app, scope, job, Step::Done)
}

fn conclude(app: &App, scope: &Scope, job: &JobRow, step: Step) -> Result<()> {
    let job = job.clone();
    jobs::transact(app, scope, "reports.rescreen.end", move |cx| jobs::conclude(cx, &job, &step))
}

/// Looks at some monitored reports of a kind, and has those run that may have a hit. Returns the last of them; none
/// when there are no more.
fn look_at(
    app: &App,
    scope: &Scope,
    (kind, after): (ReportKind, Option<&str>),
    (switched, index): (&Switched, Option<&Index>),
) -> Result<Option<String>> {
    let reports = read(app, scope, kind, after)?;
    let Some(last) = reports.last().map(|record| record.item.id.to_string()) else { return Ok(None) };
    let mut due = Vec::new();
    for report in reports.into_iter().map(|record| record.item) {
        if !screen::looks_into(&report, &switched.list) {
            continue;
        }
        let has_news = match index {
            Some(index) => screen::finds_any(&report, index)?,
            None => true,
        };
        // One that could not be run may be run now.
        if has_news || report.status == ReportStatus::Errored {
            due.push(report.id.to_string());
        }
    }
    if !due.is_empty() {
        jobs::transact(app, scope, "reports.rescreen", move |cx| demand(cx, &due))?;
    }
    Ok(Some(last))
}

/// Has reports run, each as it is now: since it was looked at it may have been run, paused or redacted.
fn demand(cx: &mut Cx<'_, '_>, due: &[String]) -> Result<()> {
    for record in record::find_many::<Report>(cx.tx, cx.scope, cx.master, due)? {
        let report = record.item;
        if report.redacted_at.is_none() && report.is_recurring() {
            let asked = Asked::after(&report, RunType::Scheduled, Some(cx.scope.now));
            jobs::enqueue(cx, Kind::RunReport, report.id.as_str(), &asked.written())?;
        }
    }
    Ok(())
}

/// The next monitored reports of a kind, oldest first.
fn read(app: &App, scope: &Scope, kind: ReportKind, after: Option<&str>) -> Result<Vec<Record<Report>>> {
    let (scope, master) = (scope.clone(), Arc::clone(&app.master));
    let above = after.unwrap_or(ReportId::PREFIX).to_owned();
    app.db.read_blocking("reports.rescreen.read", move |tx| {
        let mark = monitored_mark(kind);
        // '~' sorts after every character of an ID.
        let range = Range { above: &above, below: "rep_~", newest_first: false, limit: AT_ONCE };
        let ids = rows::page(tx, &scope.environment.id, Selection::WithLookup(&mark), range)?;
        record::find_many::<Report>(tx, &scope, &master, &ids)
    })
}
