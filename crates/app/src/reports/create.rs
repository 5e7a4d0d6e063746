//! Asking for a report (spec D.2).

use muster_domain::event::EventName;
use std::time::Duration;

use muster_domain::report::{ReportTemplate, ReportVerb};
use muster_domain::{AccountId, ReportKind, ReportQuery, ReportTemplateId, ResourceId};
use muster_store::report_templates;
use serde_json::{Map, Value};

use super::run::Asked;
use super::{Monitoring, Report, ReportStatus, RunType};
use crate::accounts::{AccountChoice, attach};
use crate::jobs::{self, Kind};
use crate::record::{self, Record, told};
use crate::{Cx, Error, Result};

/// A report that is asked for.
#[derive(Clone, Debug, Default)]
pub struct NewReport {
    /// What it is about; that of its template where it is left out.
    pub kind: Option<ReportKind>,
    /// Its template; the default one of its kind where it is left out.
    pub template: Option<ReportTemplateId>,
    /// What it asks, by the names of the API; none where it was left out.
    pub query: Option<Map<String, Value>>,
    /// The account that it is to hang on.
    pub account: AccountChoice,
    /// Who makes its first run.
    pub first_run: FirstRun,
}

/// Who makes the first run of a report.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum FirstRun {
    /// A job, soon.
    #[default]
    Job,
    /// Whoever asks for it, at once; a job only if that comes to nothing.
    Caller,
}

/// After how long a job makes a first run that its caller was to make.
const CALLER_WAITS: Duration = Duration::from_mins(1);

/// Creates a report, with its account where there is none yet, and has it run.
///
/// # Errors
/// [`Error::Malformed`] for a query that its kind does not take, or when kind and template disagree;
/// [`Error::NotFound`] for an unknown template, account or account type; [`Error::Invalid`] when there is no default
/// template; and as [`attach`]. [`Error::InactiveEnvironment`].
pub fn create(cx: &mut Cx<'_, '_>, new: &NewReport) -> Result<Record<Report>> {
    if !cx.scope.environment.active {
        return Err(Error::InactiveEnvironment);
    }
    let template = template_of(cx, new)?;
    let query = query_of(template.kind, new.query.as_ref())?;
    let account = attach(cx, &new.account)?;
    // Its creation is told after that of its account: events of one millisecond have no order.
    let is_new = |id: &AccountId| id.millis() == Some(cx.scope.now.as_millis());
    let now = match account.as_ref().is_some_and(is_new) {
        true => cx.scope.now + Duration::from_millis(1),
        false => cx.scope.now,
    };
    let report = Report {
        id: cx.ids.mint(),
        kind: template.kind,
        account,
        inquiry: None,
        template: template.id,
        revision: template.revision,
        monitoring: Monitoring { interval_days: template.definition.interval_days, ..Monitoring::default() },
        definition: template.definition,
        status: ReportStatus::Pending,
        query,
        result: None,
        provider_match: false,
        hits_left_out: 0,
        hits: Vec::new(),
        dismissals: Vec::new(),
        dismissed_media: Vec::new(),
        tags: Vec::new(),
        runs: 0,
        last_run: None,
        created_at: now,
        updated_at: now,
        completed_at: None,
        redacted_at: None,
    };
    let created = EventName::Report(report.kind, ReportVerb::Created);
    let asked = Asked::after(&report, RunType::Manual, None);
    let due_at = match new.first_run {
        FirstRun::Job => cx.scope.now,
        FirstRun::Caller => now + CALLER_WAITS,
    };
    jobs::enqueue_at(cx, Kind::RunReport, report.id.as_str(), &asked.written(), due_at)?;
    record::insert(cx, report, None, vec![told(created)])
}

fn template_of(cx: &mut Cx<'_, '_>, new: &NewReport) -> Result<ReportTemplate> {
    let organization = &cx.scope.environment.organization;
    let found = match (&new.template, new.kind) {
        (Some(id), _) => report_templates::find(cx.tx, organization, id)?.ok_or(Error::NotFound)?,
        (None, Some(kind)) => {
            report_templates::find_default(cx.tx, organization, kind)?.ok_or_else(|| {
                Error::invalid(
                    ["report-template-id"],
                    "must be given: there is no default template of this kind",
                )
            })?
        }
        (None, None) => {
            return Err(Error::malformed(
                ["data", "type"],
                "must be given, such as report/watchlist, or data.attributes.report_template_id in its place",
            ));
        }
    };
    if new.kind.is_some_and(|kind| kind != found.kind) {
        let message = format!(
            "must be {}, as its template is of that kind, or be left out",
            found.kind.resource_type()
        );
        return Err(Error::malformed(["data", "type"], message));
    }
    if !found.kind.can_be_created() {
        return Err(Error::malformed(["data", "type"], "is a kind of report that cannot be asked for"));
    }
    Ok(found)
}

fn query_of(kind: ReportKind, given: Option<&Map<String, Value>>) -> Result<ReportQuery> {
    let nothing = Map::new();
    // What a query must hold is told even where the whole of it is missing.
    ReportQuery::parse(kind, given.unwrap_or(&nothing)).map_err(|violations| {
        let outer = |mut violation: muster_domain::Violation| {
            violation.path = violation.path.iter().map(|key| key.replace('-', "_")).collect();
            violation.within("query").within("attributes").within("data")
        };
        Error::Malformed(violations.into_iter().map(outer).collect())
    })
}
