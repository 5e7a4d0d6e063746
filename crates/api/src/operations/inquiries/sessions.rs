//! Operations on sessions of inquiries (spec A.6).

use std::collections::BTreeSet;

use axum::http::Method;
use muster_app::idempotency::Subject;
use muster_app::inquiries::{self, Inquiry, Session};
use muster_app::record::{self, PageOf, Record};
use muster_app::{Cx, Error, ReadCx, Result, View};
use muster_domain::{InquirySessionId, Permission};
use serde_json::Value;

use super::{doc, links};
use crate::call::Call;
use crate::doc::Doc;
use crate::members::{ATTRIBUTES, given, id_or_404, texts};
use crate::operation::{Operation, Run, Uploads, Written};
use crate::operations::{cursors, filter, list};
use crate::payload::Payload;
use crate::resources::Resource;

pub(super) fn operations() -> Vec<Operation> {
    vec![
        Operation {
            id: "list-all-inquiry-sessions",
            summary: "Lists sessions of inquiries, newest first.",
            doc: Doc::page("inquiry-session"),
            filters: &["inquiry-id"],
            includes: &[],
            run: Run::Read(index),
            ..base()
        },
        Operation {
            id: "create-an-inquiry-session",
            method: Method::POST,
            permission: Some(Permission::InquiryWrite),
            summary: "Creates a session of an inquiry.",
            doc: doc::SESSION,
            run: Run::Write(create),
            ..base()
        },
        Operation {
            id: "expire-inquiry-sessions",
            method: Method::POST,
            path: "/inquiry-sessions/expire-all",
            permission: Some(Permission::InquiryWrite),
            summary: "Ends all sessions of inquiries, and shows those that it ended.",
            doc: doc::EXPIRE_ALL,
            run: Run::Write(expire_all),
            ..base()
        },
        Operation {
            id: "retrieve-an-inquiry-session",
            path: "/inquiry-sessions/{inquiry-session-id}",
            summary: "Retrieves a session.",
            run: Run::Read(retrieve),
            ..base()
        },
        Operation {
            id: "expire-an-inquiry-session",
            method: Method::POST,
            path: "/inquiry-sessions/{inquiry-session-id}/expire",
            permission: Some(Permission::InquiryWrite),
            summary: "Ends a session.",
            run: Run::Write(expire),
            ..base()
        },
        Operation {
            id: "generate-a-one-time-link-for-an-inquiry-session",
            method: Method::POST,
            path: "/inquiry-sessions/{inquiry-session-id}/generate-one-time-link",
            permission: Some(Permission::InquiryWrite),
            summary: "Makes a link that leads into a session, once.",
            doc: doc::SESSION_LINK,
            run: Run::Write(generate_link),
            ..base()
        },
    ]
}

fn base() -> Operation {
    Operation {
        id: "",
        method: Method::GET,
        path: "/inquiry-sessions",
        permission: Some(Permission::InquiryRead),
        tag: "Inquiry Sessions",
        summary: "",
        doc: Doc::one("inquiry-session"),
        filters: &[],
        includes: &["inquiry", "device", "network"],
        extension: false,
        uploads: Uploads::None,
        run: Run::Read(index),
    }
}

fn id(call: &Call) -> Result<InquirySessionId> {
    call.object_id.parse().map_err(|_| Error::NotFound)
}

fn index(cx: &mut ReadCx<'_, '_>, call: &Call) -> Result<Payload> {
    let (after, before) = cursors::<InquirySessionId>(call)?;
    let text = |id: Option<InquirySessionId>| id.map(|id| id.to_string());
    let request = PageOf { size: call.query.page.size as usize, after: text(after), before: text(before) };
    let inquiries = filter(call, "inquiry-id")?;
    let page = inquiries::page_of_sessions(cx, &request, inquiries.as_deref())?;
    Ok(list(call, page, |one| one.item.id.as_str(), |one| Resource::InquirySession(Box::new(one.item))))
}

/// The inquiries of sessions, where the reply is to carry them.
fn included(view: &mut View<'_, '_>, call: &Call, sessions: &[&Session]) -> Result<Option<Vec<Resource>>> {
    if !call.includes("inquiry") {
        return Ok(None);
    }
    let ids: BTreeSet<String> = sessions.iter().map(|session| session.inquiry.to_string()).collect();
    let ids: Vec<String> = ids.into_iter().collect();
    let found = record::find_many::<Inquiry>(view.tx, view.scope, view.master, &ids)?;
    let shown = inquiries::show(view, found.into_iter().map(|record| record.item).collect())?;
    Ok(Some(shown.into_iter().map(|one| Resource::Inquiry(Box::new(one))).collect()))
}

fn retrieve(cx: &mut ReadCx<'_, '_>, call: &Call) -> Result<Payload> {
    let session = inquiries::get_session(cx, &id(call)?)?.item;
    let included = included(&mut cx.view(), call, &[&session])?;
    Ok(Payload { included, ..Payload::one(Resource::InquirySession(Box::new(session))) })
}

fn written(
    cx: &mut Cx<'_, '_>,
    call: &Call,
    session: Record<Session>,
    (status, meta): (u16, Option<Value>),
) -> Result<Written> {
    let included = included(&mut cx.view(), call, &[&session.item])?;
    let subject = Some(Subject { id: session.subject, key: session.key });
    let one = Payload::one(Resource::InquirySession(Box::new(session.item)));
    Ok(Written { status, payload: Payload { included, meta, ..one }, subject })
}

fn create(cx: &mut Cx<'_, '_>, call: &Call) -> Result<Written> {
    call.meta(&[])?;
    let inquiry = given(&mut call.attributes()?, &ATTRIBUTES, "inquiry-id")?
        .ok_or_else(|| Error::malformed(["data", "attributes", "inquiry_id"], "is missing"))?;
    let session = inquiries::create_session(cx, &id_or_404(&inquiry)?)?;
    written(cx, call, session, (201, None))
}

fn expire(cx: &mut Cx<'_, '_>, call: &Call) -> Result<Written> {
    call.meta(&[])?;
    let session = inquiries::expire_session(cx, &id(call)?)?;
    written(cx, call, session, (200, None))
}

fn generate_link(cx: &mut Cx<'_, '_>, call: &Call) -> Result<Written> {
    call.meta(&[])?;
    let (session, link) = inquiries::generate_session_link(cx, &id(call)?)?;
    let meta = links::meta(call, &link);
    written(cx, call, session, (200, Some(meta)))
}

fn expire_all(cx: &mut Cx<'_, '_>, call: &Call) -> Result<Written> {
    let ids = texts(&mut call.meta(&["inquiry-ids"])?, "inquiry-ids")?
        .ok_or_else(|| Error::malformed(["meta", "inquiry_ids"], "is missing"))?;
    let ended = inquiries::expire_all_sessions(cx, &ids)?;
    let sessions: Vec<&Session> = ended.iter().map(|one| &one.item).collect();
    let included = included(&mut cx.view(), call, &sessions)?;
    let all = ended.into_iter().map(|one| Resource::InquirySession(Box::new(one.item))).collect();
    Ok(Written { status: 200, payload: Payload { included, ..Payload::list(all) }, subject: None })
}
