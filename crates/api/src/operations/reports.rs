//! Operations on reports.

mod actions;
mod create;
mod doc;
mod history;

use std::sync::Arc;

use axum::http::Method;
use muster_app::accounts;
use muster_app::inquiries::{self, Inquiry};
use muster_app::record::{self, PageOf, Record};
use muster_app::reports::{self, PageRequest, Report};
use muster_app::{Cx, Error, ReadCx, Result, View};
use muster_domain::{Permission, ReportId};

use super::{cursors, filter, list};
use crate::Api;
use crate::call::Call;
use crate::doc::{Doc, Shape};
use crate::operation::{Operation, Pending, Run, Uploads, Written};
use crate::payload::Payload;
use crate::print;
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
    all.push(Operation {
        id: "print-report-pdf",
        path: "/reports/{report-id}/print",
        summary: "Prints a report as PDF.",
        doc: Doc { reply: Shape::Pdf(print::REPORT), text: print::TEXT, ..Doc::one("report") },
        includes: &[],
        run: Run::Lane(print_one),
        ..base()
    });
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
        includes: &["inquiry", "account", "report-template"],
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
    shown(&mut cx.view(), call, record.item)
}

/// The reply that shows a report that was written.
fn written(cx: &mut Cx<'_, '_>, call: &Call, status: u16, record: Record<Report>) -> Result<Written> {
    let subject = Some(record.subject());
    Ok(Written { status, payload: shown(&mut cx.view(), call, record.item)?, subject })
}

/// The reply that shows a report, with what it is to carry beside it.
fn shown(view: &mut View<'_, '_>, call: &Call, report: Report) -> Result<Payload> {
    let mut included = Vec::new();
    if let (true, Some(id)) = (call.includes("inquiry"), &report.inquiry) {
        let found = record::find::<Inquiry>(view.tx, view.scope, view.master, id.as_str())?;
        let items = found.into_iter().map(|record| record.item).collect();
        let all = inquiries::show(view, items)?;
        included.extend(all.into_iter().map(|shown| Resource::Inquiry(Box::new(shown))));
    }
    if let (true, Some(id)) = (call.includes("account"), &report.account) {
        let found = accounts::get_many(view, std::slice::from_ref(id))?;
        included.extend(found.into_iter().map(Resource::Account));
    }
    if call.includes("report-template") {
        let found = reports::template_of(view, &report.template)?;
        included.extend(found.map(|template| Resource::ReportTemplate(Box::new(template))));
    }
    let mut payload = Payload::one(Resource::Report(Box::new(report)));
    payload.included = Some(included).filter(|included| !included.is_empty());
    Ok(payload)
}

fn print_one(api: Arc<Api>, call: Arc<Call>) -> Pending {
    Box::pin(print::answer(api, call, print::report))
}
