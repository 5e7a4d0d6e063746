//! Operations on inquiries (spec A.3 to A.11).

mod actions;
mod create;
mod doc;
mod links;
mod related;
mod search;
mod sessions;
mod simulate;
mod tags;
mod update;

use axum::http::Method;
use muster_app::accounts::Page;
use muster_app::idempotency::Subject;
use muster_app::inquiries::{self, Inquiry, PageRequest, Shown};
use muster_app::record::{PageOf, Record};
use muster_app::{Cx, Error, ReadCx, Result};
use muster_domain::account::ReferenceId;
use muster_domain::inquiry::InquiryStatus;
use muster_domain::{InquiryId, Permission};
use serde_json::Value;

use super::{REST_OF_DAY, cursors, filter, instant, list};
use crate::call::Call;
use crate::doc::{Doc, Shape};
use crate::operation::{Operation, Run, Uploads, Written};
use crate::payload::Payload;
use crate::print;
use crate::resources::Resource;

/// Relationships that `include` may name.
const INCLUDES: &[&str] = &[
    "account",
    "template",
    "inquiry-template",
    "inquiry-template-version",
    "transaction",
    "reviewer",
    "reports",
    "verifications",
    "sessions",
    "documents",
    "selfies",
];

pub(super) fn operations() -> Vec<Operation> {
    let mut all = own();
    all.extend(search::operations());
    all.extend(update::operations());
    all.extend(actions::operations());
    all.extend(tags::operations());
    all.extend(links::operations());
    all.extend(simulate::operations());
    all.extend(sessions::operations());
    all
}

/// What the operations on inquiries have in common.
fn base() -> Operation {
    Operation {
        id: "",
        method: Method::GET,
        path: "/inquiries",
        permission: Some(Permission::InquiryRead),
        tag: "Inquiries",
        summary: "",
        doc: Doc::one("inquiry"),
        filters: &[],
        includes: INCLUDES,
        extension: false,
        uploads: Uploads::None,
        run: Run::Read(index),
    }
}

/// What those that change one have in common.
fn changed() -> Operation {
    Operation { method: Method::POST, permission: Some(Permission::InquiryWrite), ..base() }
}

fn own() -> Vec<Operation> {
    vec![
        Operation {
            id: "list-all-inquiries",
            summary: "Lists inquiries, newest first.",
            doc: Doc { text: doc::LIST, filters: doc::FILTERS, ..Doc::page("inquiry") },
            filters: &[
                "inquiry-id",
                "account-id",
                "note",
                "reference-id",
                "inquiry-template-id",
                "template-id",
                "status",
                "created-at-start",
                "created-at-end",
            ],
            includes: &[],
            ..base()
        },
        Operation {
            id: "create-an-inquiry",
            summary: "Creates an inquiry, and finds or creates the account that it belongs to.",
            doc: doc::CREATE,
            run: Run::Write(create::create),
            ..changed()
        },
        Operation {
            id: "retrieve-an-inquiry",
            path: "/inquiries/{inquiry-id}",
            summary: "Retrieves an inquiry.",
            run: Run::Read(retrieve),
            ..base()
        },
        Operation {
            id: "print-an-inquiry-pdf",
            path: "/inquiries/{inquiry-id}/print",
            summary: "Prints an inquiry as PDF.",
            doc: Doc { reply: Shape::Pdf(print::INQUIRY), text: print::TEXT, ..Doc::one("inquiry") },
            includes: &[],
            run: Run::Lane(|api, call| Box::pin(print::answer(api, call, print::inquiry))),
            ..base()
        },
    ]
}

/// The inquiry that the path names.
fn id(call: &Call) -> Result<InquiryId> {
    call.object_id.parse().map_err(|_| Error::NotFound)
}

/// The reply that shows an inquiry that a command has written.
fn written(
    cx: &mut Cx<'_, '_>,
    call: &Call,
    inquiry: Record<Inquiry>,
    (status, meta): (u16, Option<Value>),
) -> Result<Written> {
    let subject = Subject { id: inquiry.subject, key: inquiry.key };
    let mut shown = inquiries::show(&mut cx.view(), vec![inquiry.item])?;
    let included = related::included(&mut cx.view(), call, &shown)?;
    let shown = shown.pop().ok_or(Error::NotFound)?;
    let payload = Payload { included, meta, ..Payload::one(Resource::Inquiry(Box::new(shown))) };
    Ok(Written { status, payload, subject: Some(subject) })
}

fn retrieve(cx: &mut ReadCx<'_, '_>, call: &Call) -> Result<Payload> {
    let shown = inquiries::get(cx, &id(call)?)?;
    let included = related::included(&mut cx.view(), call, std::slice::from_ref(&shown))?;
    Ok(Payload { included, ..Payload::one(Resource::Inquiry(Box::new(shown))) })
}

/// A page of inquiries.
fn page(call: &Call, page: Page<Shown>) -> Payload {
    list(call, page, |shown| shown.inquiry.id.as_str(), |shown| Resource::Inquiry(Box::new(shown)))
}

fn index(cx: &mut ReadCx<'_, '_>, call: &Call) -> Result<Payload> {
    let (after, before) = cursors::<InquiryId>(call)?;
    let text = |id: Option<InquiryId>| id.map(|id| id.to_string());
    let request = PageRequest {
        page: PageOf { size: call.query.page.size as usize, after: text(after), before: text(before) },
        ids: filter(call, "inquiry-id")?,
        accounts: filter(call, "account-id")?,
        note: note(call)?,
        reference_id: reference_id(call)?,
        templates: templates(call)?,
        statuses: statuses(call)?,
        created_from: instant(call, "created-at-start", std::time::Duration::ZERO)?,
        created_until: instant(call, "created-at-end", REST_OF_DAY)?,
    };
    Ok(page(call, inquiries::page(cx, &request)?))
}

/// A value that may have commas in it.
fn whole(call: &Call, name: &str) -> Option<String> {
    call.filter(name).map(|values| values.join(","))
}

fn note(call: &Call) -> Result<Option<String>> {
    let note = whole(call, "note");
    if note.is_some() && call.query.filters.len() > 1 {
        return Err(Error::malformed(["filter[note]"], "must be the only filter"));
    }
    // Who may ask for it by its value learns it in the end.
    let is_hidden = call.blocklist.as_ref().is_some_and(|blocklist| blocklist.hides("inquiry", &["note"]));
    if note.is_some() && is_hidden {
        return Err(Error::malformed(["filter[note]"], "is hidden from this API key"));
    }
    Ok(note)
}

fn reference_id(call: &Call) -> Result<Option<ReferenceId>> {
    let read = |text: String| {
        ReferenceId::parse(&text).map_err(|message| Error::malformed(["filter[reference-id]"], message))
    };
    whole(call, "reference-id").map(read).transpose()
}

/// The templates that an inquiry may be made from. There are none of the older kind, so nothing is made from them.
fn templates(call: &Call) -> Result<Option<Vec<String>>> {
    let (ours, legacy) = (filter(call, "inquiry-template-id")?, filter(call, "template-id")?);
    Ok(if legacy.is_some() { Some(Vec::new()) } else { ours })
}

fn statuses(call: &Call) -> Result<Option<Vec<InquiryStatus>>> {
    let Some(names) = filter(call, "status")? else { return Ok(None) };
    let read = |name: &String| {
        InquiryStatus::parse(name.trim()).ok_or_else(|| {
            let known = InquiryStatus::ALL.map(InquiryStatus::as_str).join(", ");
            Error::malformed(["filter[status]"], format!("must be among {known}"))
        })
    };
    names.iter().map(read).collect::<Result<Vec<_>>>().map(Some)
}
