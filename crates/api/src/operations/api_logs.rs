//! Operations on the log of API requests.

use std::sync::Arc;

use axum::http::Method;
use muster_app::api_logs::{self, PageRequest};
use muster_app::{Error, ReadCx, Result};
use muster_domain::{Permission, RequestId};

use super::{cursors, list};
use crate::Api;
use crate::call::Call;
use crate::doc::Doc;
use crate::operation::{Operation, Pending, Run, Uploads};
use crate::payload::Payload;
use crate::resources::Resource;

pub(super) fn operations() -> Vec<Operation> {
    vec![
        Operation {
            id: "list-all-api-logs",
            method: Method::GET,
            path: "/api-logs",
            permission: Some(Permission::ApiLogRead),
            tag: "API Logs",
            summary: "Lists API requests, newest first.",
            doc: Doc {
                text: "Every request that came with a valid key is logged, refused ones as well; a reply that \
                    was repeated under its `Idempotency-Key` is not logged again. What tells of an account is \
                    kept sealed with it and is gone when the account is redacted. Other bodies and parameters \
                    stand as `[FILTERED]`, except what is no personal data.",
                ..Doc::page("api-log")
            },
            filters: &[],
            includes: &[],
            extension: false,
            uploads: Uploads::None,
            run: Run::Lane(|api, call| flushed(api, call, index)),
        },
        Operation {
            id: "retrieve-an-api-log",
            method: Method::GET,
            path: "/api-logs/{api-log-id}",
            permission: Some(Permission::ApiLogRead),
            tag: "API Logs",
            summary: "Retrieves an API request by the Request-Id of its reply.",
            doc: Doc::one("api-log"),
            filters: &[],
            includes: &[],
            extension: false,
            uploads: Uploads::None,
            run: Run::Lane(|api, call| flushed(api, call, retrieve)),
        },
    ]
}

/// Reads when everything that this process has answered so far is in the log: a client finds its own requests
/// there at once.
fn flushed(
    api: Arc<Api>,
    call: Arc<Call>,
    run: fn(&mut ReadCx<'_, '_>, &Call) -> Result<Payload>,
) -> Pending {
    Box::pin(async move {
        api.flush_log().await;
        api.read(&call, run).await
    })
}

fn index(cx: &mut ReadCx<'_, '_>, call: &Call) -> Result<Payload> {
    let (after, before) = cursors::<RequestId>(call)?;
    let page = api_logs::page(cx, &PageRequest { size: call.query.page.size as usize, after, before })?;
    Ok(list(call, page, |log| log.id.as_str(), |log| Resource::ApiLog(Box::new(log))))
}

fn retrieve(cx: &mut ReadCx<'_, '_>, call: &Call) -> Result<Payload> {
    let id = call.object_id.parse().map_err(|_| Error::NotFound)?;
    Ok(Payload::one(Resource::ApiLog(Box::new(api_logs::get(cx, &id)?))))
}
