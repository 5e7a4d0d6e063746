//! What moves an inquiry from one status to another, and its redaction (spec A.8, A.10).

use axum::http::Method;
use muster_app::inquiries;
use muster_app::{Cx, Result};
use muster_domain::inquiry::Trigger;
use serde_json::json;

use super::{changed, doc, id, written};
use crate::call::Call;
use crate::doc::Doc;
use crate::members::{META, text};
use crate::operation::{Operation, Run, Written};

pub(super) fn operations() -> Vec<Operation> {
    vec![
        Operation {
            id: "redact-an-inquiry",
            method: Method::DELETE,
            path: "/inquiries/{inquiry-id}",
            summary: "Erases the personal data of an inquiry for good.",
            doc: Doc { text: doc::REDACT, ..Doc::one("inquiry") },
            run: Run::Write(redact),
            ..changed()
        },
        Operation {
            id: "approve-an-inquiry",
            path: "/inquiries/{inquiry-id}/approve",
            summary: "Approves an inquiry. The person cannot go on with it.",
            doc: doc::DECIDE,
            run: Run::Write(|cx, call| decide(cx, call, Trigger::Approve)),
            ..changed()
        },
        Operation {
            id: "decline-an-inquiry",
            path: "/inquiries/{inquiry-id}/decline",
            summary: "Declines an inquiry. The person cannot go on with it.",
            doc: doc::DECIDE,
            run: Run::Write(|cx, call| decide(cx, call, Trigger::Decline)),
            ..changed()
        },
        Operation {
            id: "mark-an-inquiry-for-review",
            path: "/inquiries/{inquiry-id}/mark-for-review",
            summary: "Asks for somebody to look at an inquiry. The person cannot go on with it.",
            run: Run::Write(mark_for_review),
            ..changed()
        },
        Operation {
            id: "expire-an-inquiry",
            path: "/inquiries/{inquiry-id}/expire",
            summary: "Ends an inquiry before its time, and its sessions and links with it.",
            run: Run::Write(expire),
            ..changed()
        },
        Operation {
            id: "resume-an-inquiry",
            path: "/inquiries/{inquiry-id}/resume",
            summary: "Lets the person go on with an inquiry, and gives the token of a session.",
            doc: doc::RESUME,
            run: Run::Write(resume),
            ..changed()
        },
    ]
}

fn redact(cx: &mut Cx<'_, '_>, call: &Call) -> Result<Written> {
    let inquiry = inquiries::redact(cx, &id(call)?)?;
    written(cx, call, inquiry, (200, None))
}

fn decide(cx: &mut Cx<'_, '_>, call: &Call, trigger: Trigger) -> Result<Written> {
    let comment = text(&mut call.meta(&["comment"])?, &META, "comment")?.flatten();
    let inquiry = inquiries::decide(cx, &id(call)?, trigger, comment.as_deref())?;
    written(cx, call, inquiry, (200, None))
}

fn mark_for_review(cx: &mut Cx<'_, '_>, call: &Call) -> Result<Written> {
    call.meta(&[])?;
    let inquiry = inquiries::decide(cx, &id(call)?, Trigger::MarkForReview, None)?;
    written(cx, call, inquiry, (200, None))
}

fn expire(cx: &mut Cx<'_, '_>, call: &Call) -> Result<Written> {
    call.meta(&[])?;
    let inquiry = inquiries::expire(cx, &id(call)?)?;
    written(cx, call, inquiry, (200, None))
}

fn resume(cx: &mut Cx<'_, '_>, call: &Call) -> Result<Written> {
    call.meta(&[])?;
    let resumed = inquiries::resume(cx, &id(call)?)?;
    let meta = json!({ "session-token": resumed.token });
    written(cx, call, resumed.inquiry, (200, Some(meta)))
}
