//! Operations on events.

use axum::http::Method;
use muster_app::events::{self, PageRequest};
use muster_app::{Error, ReadCx, Result};
use muster_domain::{EventId, Permission};

use super::{cursors, filter, list};
use crate::call::Call;
use crate::doc::Doc;
use crate::operation::{Operation, Run, Uploads};
use crate::payload::Payload;
use crate::resources::Resource;

pub(super) fn operations() -> Vec<Operation> {
    vec![
        Operation {
            id: "list-all-events",
            method: Method::GET,
            path: "/events",
            permission: Some(Permission::EventRead),
            tag: "Events",
            summary: "Lists events, newest first, each with its object as it was at that moment.",
            doc: Doc::page("event"),
            filters: &["name", "id", "object-id"],
            includes: &[],
            extension: false,
            uploads: Uploads::None,
            run: Run::Read(index),
        },
        Operation {
            id: "retrieve-an-event",
            method: Method::GET,
            path: "/events/{event-id}",
            permission: Some(Permission::EventRead),
            tag: "Events",
            summary: "Retrieves an event with its object as it was at that moment.",
            doc: Doc::one("event"),
            filters: &[],
            includes: &[],
            extension: false,
            uploads: Uploads::None,
            run: Run::Read(retrieve),
        },
    ]
}

fn index(cx: &mut ReadCx<'_, '_>, call: &Call) -> Result<Payload> {
    let (after, before) = cursors::<EventId>(call)?;
    let request = PageRequest {
        size: call.query.page.size as usize,
        after,
        before,
        // What is not an ID of an event names none.
        ids: filter(call, "id")?.map(|ids| ids.iter().filter_map(|id| id.parse().ok()).collect()),
        names: filter(call, "name")?,
        object_ids: filter(call, "object-id")?,
    };
    let page = events::page(cx, &request)?;
    Ok(list(call, page, |event| event.id.as_str(), |event| Resource::Event(Box::new(event))))
}

fn retrieve(cx: &mut ReadCx<'_, '_>, call: &Call) -> Result<Payload> {
    let id = call.object_id.parse().map_err(|_| Error::NotFound)?;
    let event = events::get(cx, &id)?;
    Ok(Payload::one(Resource::Event(Box::new(event))))
}
