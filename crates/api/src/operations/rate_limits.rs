//! Operations on rate limits.

use std::sync::Arc;

use axum::http::Method;
use muster_app::idempotency::Answered;

use crate::Api;
use crate::call::Call;
use crate::doc::{Doc, Shape};
use crate::operation::{Operation, Pending, Run, Uploads};
use crate::payload::{Data, Payload};
use crate::resources::Resource;

pub(super) fn operations() -> Vec<Operation> {
    vec![Operation {
        id: "list-all-rate-limits",
        method: Method::GET,
        path: "/rate-limits",
        permission: None,
        tag: "Rate Limits",
        summary: "Lists what is left of the requests of this minute. Asking counts as a request.",
        doc: Doc { reply: Shape::List("rate-limit"), ..Doc::page("rate-limit") },
        filters: &[],
        includes: &[],
        extension: false,
        uploads: Uploads::None,
        run: Run::Lane(index),
    }]
}

fn index(_: Arc<Api>, call: Arc<Call>) -> Pending {
    Box::pin(async move {
        let data = Data::Many(vec![Resource::RateLimit(call.limit)]);
        let mut payload = Payload { data, included: None, links: None, meta: None };
        Ok(Answered::plain(call.finish(200, &mut payload)))
    })
}
