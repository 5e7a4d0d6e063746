//! Operations on reports.

mod actions;
mod create;
mod doc;
mod history;

use axum::http::Method;
use muster_app::accounts;
use muster_app::record::PageOf;
use muster_app::record::Record;
use muster_app::reports::{self, PageRequest, Report};
use muster_app::{Cx, Error, ReadCx, Result};
use muster_domain::{Permission, ReportId};

use super::{cursors, filter, list};
use crate::call::Call;
use crate::doc::Doc;
use crate::operation::{Operation, Run, Uploads, Written};
use crate::payload::Payload;
use crate::resources::Resource;

pub(super) fn operations() -> Vec<Operation> {
    let mut all = vec![
        Operation {
            id: "list-all-reports",
            summary: "Lists reports, newest first.",
            doc: Doc::page("report"),
            filters: &["reference-id", "account-id"],
            includes: &[],
            ..base()
        },
        Operation {
            id: "create-a-report",
            method: Method::POST,
            permission: Some(Permission::ReportWrite),
            summary: "Asks for a report; it is run soon, or at once for those who wait for it.",
            doc: doc::CREATE,
            run: Run::Lane(create::create),
            ..base()
        },
        Operation {
            id: "retrieve-a-report",
            path: "/reports/{report-id}",
            summary: "Retrieves a report.",
            run: Run::Read(retrieve),
            ..base()
        },
    ];
    all.extend(actions::operations());
    all.extend(history::operations());
    all
}

/// What the operations on reports have in common.
fn base() -> Operation {
    Operation {
        id: "",
        method: Method::GET,
        path: "/reports",
        permission: Some(Permission::ReportRead),
        tag: "Reports",
        summary: "",
        doc: Doc::one("report"),
        filters: &[],
        includes: &["account", "report-template"],
        extension: false,
        uploads: Uploads::None,
        run: Run::Read(index),
    }
}

/// The report that a path names.
fn report_id(call: &Call) -> Result<ReportId> {
    call.object_id.parse().map_err(|_| Error::NotFound)
}

fn index(cx: &mut ReadCx<'_, '_>, call: &Call) -> Result<Payload> {
    let (after, before) = cursors::<ReportId>(call)?;
    let cursor = |id: Option<ReportId>| id.map(|id| id.to_string());
    let page = PageOf { size: call.query.page.size as usize, after: cursor(after), before: cursor(before) };
    let request = PageRequest {
        page,
        reference_ids: filter(call, "reference-id")?,
        account_ids: filter(call, "account-id")?,
    };
    let page = reports::page(cx, &request)?;
    Ok(list(call, page, |record| record.item.id.as_str(), |record| Resource::Report(Box::new(record.item))))
}

fn retrieve(cx: &mut ReadCx<'_, '_>, call: &Call) -> Result<Payload> {
    let record = reports::get(cx, &report_id(call)?)?;
    shown(cx, call, record.item)
}

/// The reply that shows a report, read on a reading connection.
fn shown(cx: &mut ReadCx<'_, '_>, call: &Call, report: Report) -> Result<Payload> {
    let mut included = Vec::new();
    if let (true, Some(id)) = (call.includes("account"), &report.account) {
        included.push(Resource::Account(accounts::get(cx, id)?));
    }
    if call.includes("report-template") {
        included.extend(template(cx.tx, cx.scope, &report)?);
    }
    Ok(payload(report, included))
}

/// The reply that shows a report that was written.
fn written(cx: &mut Cx<'_, '_>, call: &Call, status: u16, record: Record<Report>) -> Result<Written> {
    let subject = Some(record.subject());
    let report = record.item;
    let mut included = Vec::new();
    if let (true, Some(id)) = (call.includes("account"), &report.account) {
        included.push(Resource::Account(accounts::shown(cx, id)?));
    }
    if call.includes("report-template") {
        included.extend(template(cx.tx, cx.scope, &report)?);
    }
    Ok(Written { status, payload: payload(report, included), subject })
}

fn template(
    tx: &mut muster_store::Tx<'_>,
    scope: &muster_app::Scope,
    report: &Report,
) -> Result<Option<Resource>> {
    let found = reports::template_of(tx, scope, &report.template)?;
    Ok(found.map(|template| Resource::ReportTemplate(Box::new(template))))
}

fn payload(report: Report, included: Vec<Resource>) -> Payload {
    let mut payload = Payload::one(Resource::Report(Box::new(report)));
    payload.included = Some(included).filter(|included| !included.is_empty());
    payload
}
