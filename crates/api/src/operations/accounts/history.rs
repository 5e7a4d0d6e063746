//! The history of an account for its readers. Muster's own.

use std::sync::Arc;

use muster_app::accounts::{as_of, origins, timeline};
use muster_app::{Error, ReadCx, Result};
use muster_domain::EventId;

use super::{base, payload};
use crate::call::Call;
use crate::doc::{Doc, Need, OneValue, Shape};
use crate::operation::{Operation, Run};
use crate::operations::{REST_OF_DAY, cursors, instant, list};
use crate::payload::Payload;
use crate::resources::Resource;

pub(super) fn operations() -> Vec<Operation> {
    let base = || Operation { extension: true, includes: &[], ..base() };
    vec![
        Operation {
            id: "list-the-timeline-of-an-account",
            path: "/accounts/{account-id}/timeline",
            summary: "Lists what happened to an account, newest first: who, when, from where, before and after.",
            doc: Doc::page("timeline-entry"),
            run: Run::Read(index),
            ..base()
        },
        Operation {
            id: "list-the-field-origins-of-an-account",
            path: "/accounts/{account-id}/field-origins",
            summary: "Says for each value of an account who set it, when, and from where.",
            doc: Doc { reply: Shape::List("field-origin"), ..Doc::one("field-origin") },
            run: Run::Read(list_origins),
            ..base()
        },
        Operation {
            id: "retrieve-an-account-as-of",
            path: "/accounts/{account-id}/as-of",
            summary: "Retrieves an account as it was at an instant.",
            filters: &["at"],
            includes: &["account-type"],
            doc: Doc {
                text: "What was redacted since is gone from the past as well.",
                filters: &[OneValue {
                    name: "at",
                    about: "An instant such as `2026-01-31T12:00:00Z`, or a date, which stands for the end of \
                            that day in UTC.",
                    need: Need::Required("2030-01-01"),
                }],
                ..Doc::one("account")
            },
            run: Run::Read(retrieve),
            ..base()
        },
    ]
}

fn index(cx: &mut ReadCx<'_, '_>, call: &Call) -> Result<Payload> {
    let id = call.object_id.parse().map_err(|_| Error::NotFound)?;
    let (after, before) = cursors::<EventId>(call)?;
    let size = call.query.page.size as usize;
    let page = timeline(cx, &id, size, (after.as_ref(), before.as_ref()))?;
    Ok(list(call, page, |entry| entry.id.as_str(), |entry| Resource::TimelineEntry(Box::new(entry))))
}

fn list_origins(cx: &mut ReadCx<'_, '_>, call: &Call) -> Result<Payload> {
    let id = call.object_id.parse().map_err(|_| Error::NotFound)?;
    let (account, found) = origins(cx, &id)?;
    let resource = |origin| Resource::FieldOrigin(Arc::clone(&account), Box::new(origin));
    Ok(Payload::list(found.into_iter().map(resource).collect()))
}

fn retrieve(cx: &mut ReadCx<'_, '_>, call: &Call) -> Result<Payload> {
    let id = call.object_id.parse().map_err(|_| Error::NotFound)?;
    let at = instant(call, "at", REST_OF_DAY)?
        .ok_or_else(|| Error::malformed(["filter[at]"], "is missing: name the instant to be shown"))?;
    Ok(payload(call, as_of(cx, &id, at)?))
}
