//! What is done to a report that is there (spec D.5).

use axum::http::Method;
use muster_app::accounts::TagChange;
use muster_app::reports::{self, Dismiss};
use muster_app::{Cx, Error, Result};
use muster_domain::{Permission, Timestamp};

use super::{base, doc, report_id, written};
use crate::call::Call;
use crate::members::text;
use crate::operation::{Operation, Run, Written};
use crate::operations::tags;

pub(super) fn operations() -> Vec<Operation> {
    let base = || Operation { permission: Some(Permission::ReportWrite), method: Method::POST, ..base() };
    vec![
        Operation {
            id: "redact-a-report",
            method: Method::DELETE,
            path: "/reports/{report-id}",
            summary: "Erases the personal data of a report, and of nothing else.",
            run: Run::Write(redact),
            ..base()
        },
        Operation {
            id: "report-action-re-run-report",
            path: "/reports/{report-id}/run",
            summary: "Runs a report once more, soon, beside its schedule.",
            run: Run::Write(rerun),
            ..base()
        },
        Operation {
            id: "report-action-pause-continuous-monitoring",
            path: "/reports/{report-id}/pause",
            summary: "Pauses the runs of a report on a schedule.",
            run: Run::Write(pause),
            ..base()
        },
        Operation {
            id: "report-action-resume-continuous-monitoring",
            path: "/reports/{report-id}/resume",
            summary: "Lets the runs of a report on a schedule go on.",
            run: Run::Write(resume),
            ..base()
        },
        Operation {
            id: "dismiss-matches",
            path: "/reports/{report-id}/dismiss",
            summary: "Says that hits of a report are somebody else.",
            doc: doc::DISMISS,
            run: Run::Write(dismiss),
            ..base()
        },
        Operation {
            id: "reports-add-tag",
            path: "/reports/{report-id}/add-tag",
            summary: "Adds a tag to a report; a new name becomes a tag of the organization.",
            doc: tags::one_of("report"),
            run: Run::Write(add_tag),
            ..base()
        },
        Operation {
            id: "reports-remove-tag",
            path: "/reports/{report-id}/remove-tag",
            summary: "Removes a tag from a report.",
            doc: tags::one_of("report"),
            run: Run::Write(remove_tag),
            ..base()
        },
        Operation {
            id: "reports-set-all-tags",
            path: "/reports/{report-id}/set-tags",
            summary: "Gives a report these tags and no others.",
            doc: tags::many_of("report"),
            run: Run::Write(set_tags),
            ..base()
        },
    ]
}

fn redact(cx: &mut Cx<'_, '_>, call: &Call) -> Result<Written> {
    let record = reports::redact(cx, &report_id(call)?)?;
    written(cx, call, 200, record)
}

fn rerun(cx: &mut Cx<'_, '_>, call: &Call) -> Result<Written> {
    let record = reports::rerun(cx, &report_id(call)?)?;
    written(cx, call, 200, record)
}

fn pause(cx: &mut Cx<'_, '_>, call: &Call) -> Result<Written> {
    let record = reports::pause(cx, &report_id(call)?)?;
    written(cx, call, 200, record)
}

fn resume(cx: &mut Cx<'_, '_>, call: &Call) -> Result<Written> {
    let record = reports::resume(cx, &report_id(call)?)?;
    written(cx, call, 200, record)
}

fn dismiss(cx: &mut Cx<'_, '_>, call: &Call) -> Result<Written> {
    let mut attributes = call.attributes()?;
    let mut meta = call.meta(&["completed-at"])?;
    let seen = text(&mut meta, &["meta"], "completed-at")?.flatten();
    let unfit =
        || Error::malformed(["meta", "completed_at"], "must be an instant such as 2026-01-31T09:30:00.000Z");
    let seen = seen.map(|text| Timestamp::parse(&text).ok_or_else(unfit)).transpose()?;
    let mut member = |key: &str| text(&mut attributes, &["data", "attributes"], key);
    let what = Dismiss {
        reason: member("reason")?.flatten(),
        dismiss_type: member("dismiss-type")?.flatten(),
        entity_id: member("entity-id")?.flatten(),
        seen,
    };
    let record = reports::dismiss(cx, &report_id(call)?, &what)?;
    written(cx, call, 200, record)
}

fn add_tag(cx: &mut Cx<'_, '_>, call: &Call) -> Result<Written> {
    change_tags(cx, call, &TagChange::Add(tags::one(call)?))
}

fn remove_tag(cx: &mut Cx<'_, '_>, call: &Call) -> Result<Written> {
    change_tags(cx, call, &TagChange::Remove(tags::one(call)?))
}

fn set_tags(cx: &mut Cx<'_, '_>, call: &Call) -> Result<Written> {
    change_tags(cx, call, &TagChange::Set(tags::many(call)?))
}

fn change_tags(cx: &mut Cx<'_, '_>, call: &Call, change: &TagChange) -> Result<Written> {
    let record = reports::change_tags(cx, &report_id(call)?, change)?;
    written(cx, call, 200, record)
}
