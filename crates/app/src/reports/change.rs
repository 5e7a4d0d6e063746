//! Tags and redaction of a report.

use muster_domain::ReportId;
use muster_domain::event::EventName;
use muster_domain::report::{ReportQuery, ReportVerb};

use super::Report;
use super::monitor::open;
use crate::accounts::{TagChange, settle_tags};
use crate::jobs::{self, Kind};
use crate::record::{self, Record, told, told_tags};
use crate::{Cx, Result};

/// Changes the tags of a report; nothing happens when they are already as wanted.
///
/// # Errors
/// [`crate::Error::NotFound`] for an unknown report or tag ID, [`crate::Error::Invalid`] for names that no tag can
/// have, [`crate::Error::Conflict`] when it is redacted.
pub fn change_tags(cx: &mut Cx<'_, '_>, id: &ReportId, change: &TagChange) -> Result<Record<Report>> {
    let mut record = open(cx, id)?;
    let tags = settle_tags(cx, &record.item.tags, change)?;
    if tags != record.item.tags {
        let name = EventName::Report(record.item.kind, ReportVerb::UpdatedTags);
        let told = told_tags(name, &record.item.tags, &tags);
        let report = Report { tags, ..record.item.clone() };
        record::update(cx, &mut record, report, vec![told])?;
    }
    Ok(record)
}

/// Erases the personal data of a report, and of nothing else. It is never run again.
///
/// # Errors
/// [`crate::Error::NotFound`], [`crate::Error::Conflict`] when it was redacted before.
pub fn redact(cx: &mut Cx<'_, '_>, id: &ReportId) -> Result<Record<Report>> {
    let mut record = open(cx, id)?;
    let mut report = Report {
        query: ReportQuery::default(),
        result: None,
        hits: Vec::new(),
        dismissals: Vec::new(),
        dismissed_media: Vec::new(),
        tags: Vec::new(),
        redacted_at: Some(cx.scope.now),
        // Whether somebody was found stays known, as the status does; who does not.
        provider_match: record.item.has_match(),
        ..record.item.clone()
    };
    report.monitoring.next_run_at = None;
    let event = EventName::Report(report.kind, ReportVerb::Redacted);
    record::redact(cx, &mut record, report, vec![told(event)])?;
    for kind in [Kind::RunReport, Kind::RecurReport] {
        jobs::cancel(cx, kind, id.as_str())?;
    }
    Ok(record)
}
