//! Searching inquiries (spec A.5).

use axum::http::Method;
use muster_app::inquiries::{self, SearchRequest};
use muster_app::{Error, ReadCx, Result};
use muster_domain::{InquiryId, Permission};
use serde_json::{Value, json};

use super::base;
use crate::call::Call;
use crate::doc::{Doc, Example};
use crate::operation::{Operation, Run};
use crate::operations::searching::{self, plain};
use crate::payload::Payload;
use crate::query::page_link;

pub(super) fn operations() -> Vec<Operation> {
    vec![Operation {
        id: "search-inquiries",
        method: Method::POST,
        path: "/inquiries/search",
        permission: Some(Permission::InquiryRead),
        summary: "Searches inquiries by their attributes.",
        doc: Doc {
            text: "Conditions can be combined with `and`, `or` and `not`, two levels deep, with up to 20 conditions \
                   in each list. A change is found by the next request. The links of a page are to be sent by POST with \
                   the same body; what a link says about the page goes before what the body says. A page that would \
                   take too long is cut short, and may be empty; its link to the next one leads on.",
            body: Some(body),
            examples,
            ..Doc::page("inquiry")
        },
        includes: &[],
        run: Run::Read(search),
        ..base()
    }]
}

fn search(cx: &mut ReadCx<'_, '_>, call: &Call) -> Result<Payload> {
    searching::refuse_unknown(call)?;
    refuse_hidden(call)?;
    let page = searching::page(call, "an inquiry, inq_…")?;
    let request = SearchRequest {
        query: call.body.get("query"),
        sort: call.body.get("sort"),
        size: page.size as usize,
        after: cursor("after", page.after.as_deref())?,
        before: cursor("before", page.before.as_deref())?,
        ..SearchRequest::default()
    };
    let found = inquiries::search(cx, &request)?;
    let mut payload = super::page(call, found.page);
    if let (Some(id), Some(links)) = (&found.resume, &mut payload.links) {
        let (side, link) = match request.before {
            None => ("after", &mut links.next),
            Some(_) => ("before", &mut links.prev),
        };
        *link = Some(page_link(&call.path, &call.query.raw_pairs, (side, id.as_str())));
    }
    Ok(payload)
}

fn cursor(name: &str, sent: Option<&str>) -> Result<Option<InquiryId>> {
    let read = |text: &str| {
        text.parse().map_err(|wrong| Error::malformed(["page", name], format!("{wrong}, or be left out")))
    };
    sent.map(read).transpose()
}

/// Refuses a search by what the key's blocklist hides in inquiries.
fn refuse_hidden(call: &Call) -> Result<()> {
    const NAMES: [&str; 4] = ["status", "created-at", "updated-at", "reference-id"];
    let Some(blocklist) = &call.blocklist else { return Ok(()) };
    searching::refuse_hidden(call, &|attribute| {
        let named = NAMES.into_iter().find(|name| plain(name) == plain(attribute));
        named.is_some_and(|name| blocklist.hides("inquiry", &[name]))
    })
}

fn body() -> Value {
    searching::body(
        "status, created_at, updated_at, reference_id or inquiry_template_id",
        "created_at, updated_at or status",
        "inquiry",
    )
}

fn examples() -> Vec<Example> {
    vec![
        Example { name: "all", summary: "All inquiries, newest first", body: json!({}) },
        Example {
            name: "by-reference-id",
            summary: "Inquiries of the account with a reference ID",
            body: json!({ "query": { "attribute": "reference_id", "operator": "eq", "value": "customer-3001" } }),
        },
        Example {
            name: "combined",
            summary: "Inquiries of this year that are not finished, last changed first",
            body: json!({
                "query": { "and": [
                    { "attribute": "created_at", "operator": "gte", "value": "2026-01-01" },
                    { "or": [
                        { "attribute": "status", "operator": "eq", "value": "created" },
                        { "attribute": "status", "operator": "eq", "value": "pending" },
                    ] },
                ] },
                "sort": { "attribute": "updated_at", "direction": "desc" },
                "page": { "size": 20 },
            }),
        },
    ]
}
