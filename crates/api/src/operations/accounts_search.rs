//! Searching accounts.

mod hidden;

use axum::http::Method;
use muster_app::accounts::{self, Among, Mark, SearchRequest};
use muster_app::{Error, ReadCx, Result};
use muster_domain::Permission;
use serde_json::{Value, json};

use super::{list, searching};
use crate::call::Call;
use crate::doc::{Doc, Example};
use crate::operation::{Operation, Run};
use crate::payload::Payload;
use crate::query::page_link;
use crate::resources::Resource;

pub(super) fn operations() -> Vec<Operation> {
    vec![Operation {
        id: "search-accounts",
        method: Method::POST,
        path: "/accounts/search",
        permission: Some(Permission::AccountRead),
        tag: "Accounts",
        summary: "Searches accounts by their attributes and fields.",
        doc: Doc {
            text: "Conditions can be combined with `and`, `or` and `not`, two levels deep, with up to 20 conditions \
                   in each list. Fields must be searchable in their account type, and ordered for ranges and sorting. \
                   A change is found by the next request. The links of a page are to be sent by POST with the same \
                   body; what a link says about the page goes before what the body says. A page that would take \
                   too long is cut short, and may be empty; its link to the next one leads on.",
            body: Some(body),
            examples,
            ..Doc::page("account")
        },
        filters: &[],
        uploads: crate::operation::Uploads::None,
        includes: &[],
        extension: false,
        run: Run::Read(search),
    }]
}

fn search(cx: &mut ReadCx<'_, '_>, call: &Call) -> Result<Payload> {
    searching::refuse_unknown(call)?;
    hidden::refuse(cx, call)?;
    let page = searching::page(call, "an account, act_…")?;
    let request = SearchRequest {
        query: call.body.get("query"),
        sort: call.body.get("sort"),
        size: page.size as usize,
        after: cursor("after", page.after.as_deref())?,
        before: cursor("before", page.before.as_deref())?,
        ..SearchRequest::default()
    };
    let found = accounts::search(cx, &request)?;
    let mut payload = list(call, found.page, |account| account.id.as_str(), Resource::Account);
    if let (Some(mark), Some(links)) = (&found.resume, &mut payload.links) {
        let (side, link) = match request.before {
            None => ("after", &mut links.next),
            Some(_) => ("before", &mut links.prev),
        };
        *link = Some(page_link(&call.path, &call.query.raw_pairs, (side, &written(mark))));
    }
    Ok(payload)
}

/// What stands behind the ID in a cursor that is a place among the accounts without a value.
const BLANK: &str = ".blank";

/// Reads a cursor: the ID of an account, or what [`written`] makes of a place among those without a value.
fn cursor(name: &str, sent: Option<&str>) -> Result<Option<Mark>> {
    let Some(sent) = sent else { return Ok(None) };
    let (id, among) = match sent.strip_suffix(BLANK) {
        Some(id) => (id, Among::Blank),
        None => (sent, Among::All),
    };
    match id.parse() {
        Ok(id) => Ok(Some(Mark { id, among })),
        Err(wrong) => Err(Error::malformed(["page", name], format!("{wrong}, or be left out"))),
    }
}

fn written(mark: &Mark) -> String {
    match mark.among {
        Among::All => mark.id.to_string(),
        Among::Blank => format!("{}{BLANK}", mark.id),
    }
}

fn body() -> Value {
    searching::body(
        "type, status, created_at, updated_at, reference_id, identifiers.<key> or fields.<key>",
        "created_at, updated_at, type, status or fields.<key> of an ordered field",
        "account",
    )
}

fn examples() -> Vec<Example> {
    vec![
        Example { name: "all", summary: "All accounts, newest first", body: json!({}) },
        Example {
            name: "by-email-address",
            summary: "Accounts with an e-mail address",
            body: json!({ "query": {
                "attribute": "fields.email_address", "operator": "eq", "value": "jane@example.com"
            } }),
        },
        Example {
            name: "combined",
            summary: "Accounts of this year with another status, last changed first",
            body: json!({
                "query": { "and": [
                    { "attribute": "created_at", "operator": "gte", "value": "2026-01-01" },
                    { "not": { "attribute": "status", "operator": "eq", "value": "Default" } },
                ] },
                "sort": { "attribute": "updated_at", "direction": "desc" },
                "page": { "size": 20 },
            }),
        },
    ]
}
