//! Searching accounts.

mod hidden;

use axum::http::Method;
use muster_app::accounts::{self, Among, Mark, SearchRequest};
use muster_app::{Error, ReadCx, Result};
use muster_domain::Permission;
use serde_json::{Map, Value, json};

use super::list;
use crate::call::Call;
use crate::doc::{Doc, Example, object};
use crate::operation::{Operation, Run};
use crate::payload::Payload;
use crate::query::{PAGE_SIZE_MAX, Page, page_link};
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
    const KNOWN: [&str; 3] = ["query", "sort", "page"];
    if let Some(unknown) = call.body.keys().find(|key| !KNOWN.contains(&key.as_str())) {
        let message = format!("is not a member of this request; known are {}", KNOWN.join(", "));
        return Err(Error::malformed([unknown.as_str()], message));
    }
    hidden::refuse(cx, call)?;
    let page = page(call)?;
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

/// The page that is wanted: what the query says goes before what the body says.
fn page(call: &Call) -> Result<Page> {
    let mut page = body_page(call.body.get("page"))?;
    let sent = &call.query.page;
    if call.query.raw_pairs.iter().any(|(name, _)| name == "page[size]") {
        page.size = sent.size;
    }
    if sent.after.is_some() || sent.before.is_some() {
        (page.after, page.before) = (sent.after.clone(), sent.before.clone());
    } else if page.after.is_some() && page.before.is_some() {
        return Err(Error::malformed(
            ["page", "before"],
            "cannot be combined with page.after: send one of them",
        ));
    }
    Ok(page)
}

fn body_page(sent: Option<&Value>) -> Result<Page> {
    let none = Map::new();
    let members = match sent {
        None | Some(Value::Null) => &none,
        Some(Value::Object(members)) => members,
        Some(_) => return Err(Error::malformed(["page"], "must be an object with size, after or before")),
    };
    let mut page = Page::default();
    for (key, value) in members {
        match key.as_str() {
            "size" => {
                let size = value.as_u64().and_then(|size| u32::try_from(size).ok());
                let size = size.filter(|size| (1..=PAGE_SIZE_MAX).contains(size));
                page.size = size.ok_or_else(|| {
                    let message = format!("must be a whole number from 1 to {PAGE_SIZE_MAX}");
                    Error::malformed(["page", "size"], message)
                })?;
            }
            "after" => page.after = body_cursor("after", value)?,
            "before" => page.before = body_cursor("before", value)?,
            unknown => {
                return Err(Error::malformed(
                    ["page", unknown],
                    "is not known here; known are size, after, before",
                ));
            }
        }
    }
    Ok(page)
}

fn body_cursor(name: &str, value: &Value) -> Result<Option<String>> {
    match value {
        Value::Null => Ok(None),
        Value::String(id) => Ok(Some(id.clone()).filter(|id| !id.is_empty())),
        _ => Err(Error::malformed(["page", name], "must be the ID of an account, act_…, or be left out")),
    }
}

fn body() -> Value {
    let leaf = object(
        &json!({
            "attribute": { "type": "string", "description": "type, status, created_at, updated_at, reference_id, identifiers.<key> or fields.<key>" },
            "operator": { "enum": ["eq", "gt", "gte", "lt", "lte"] },
            "value": { "type": ["string", "number", "boolean"] },
        }),
        &["attribute", "operator", "value"],
    );
    let inner = json!({ "type": "object", "description": "A condition of any of these forms." });
    let list = json!({ "type": "array", "items": inner, "minItems": 1, "maxItems": 20 });
    let form = |key: &str, schema: &Value| object(&json!({ key: schema }), &[key]);
    object(
        &json!({
            "query": { "oneOf": [form("and", &list), form("or", &list), form("not", &inner), leaf] },
            "sort": object(
                &json!({
                    "attribute": { "type": "string", "description": "created_at, updated_at, type, status or fields.<key> of an ordered field" },
                    "direction": { "enum": ["asc", "desc"], "default": "desc" },
                }),
                &["attribute"],
            ),
            "page": object(
                &json!({
                    "size": { "type": "integer", "minimum": 1, "maximum": PAGE_SIZE_MAX, "default": Page::default().size },
                    "after": { "type": ["string", "null"], "description": "The account that the page starts after." },
                    "before": { "type": ["string", "null"], "description": "The account that the page ends before." },
                }),
                &[],
            ),
        }),
        &[],
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
