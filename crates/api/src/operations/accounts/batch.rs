//! Many accounts in one request. Muster's own.
//!
//! Each item goes through the same lane as a request of its own would: the items of a batch share slices with
//! whatever else is waiting. Under an idempotency key each item has a key of its own, so that a batch that
//! was cut off goes on where it was when it is sent again.

use std::collections::HashMap;
use std::sync::Arc;

use axum::http::Method;
use muster_app::accounts::{Answer, FindOrCreate, Once, Outcome, Render, prepare, prepare_update, types_of};
use muster_app::idempotency::{Answered, Claim, Made, Reply, run_once};
use muster_app::{Error, ReadCx, Result};
use muster_domain::{AccountId, AccountTypeId, IdSource};
use serde_json::{Map, Value, json};

use super::{PREPARATIONS_MAX, base, changed, read_account, wishes};
use crate::call::{Call, attributes, meta};
use crate::doc::{Doc, Example, Shape, object};
use crate::operation::{Operation, Pending, Run};
use crate::payload::Payload;
use crate::resources::Resource;
use crate::{Api, problem};

/// Most items of a batch.
const ITEMS_MAX: usize = 1000;

pub(super) fn operations() -> Vec<Operation> {
    vec![Operation {
        id: "batch-accounts",
        method: Method::POST,
        path: "/accounts/batch",
        summary: "Creates, upserts or updates up to 1,000 accounts, each by itself.",
        extension: true,
        includes: &[],
        doc: Doc {
            text: "An item with an `id` changes that account; one without creates an account, or changes the \
                   one that its `meta.upsert-by` (or that of the batch) points at. The status is 200 also \
                   where items are refused: each tells what became of it. No order is promised among \
                   items: an account that two of them concern is changed by both, by either one first. With \
                   an `Idempotency-Key`, a batch that was cut off can be sent again: what was done is not \
                   done twice.",
            body: Some(body),
            examples,
            reply: Shape::List("batch-item"),
            meta: Some(meta_schema),
            ..Doc::one("batch-item")
        },
        run: Run::Lane(run),
        ..changed(base())
    }]
}

fn body() -> Value {
    let item = json!({
        "type": { "description": "The type of the resource. Not looked at." },
        "id": { "type": "string", "description": "The ID of the account that is to be changed." },
        "attributes": { "type": "object", "description": "As of an account that is created or updated." },
        "meta": object(&json!({ "upsert-by": { "type": ["string", "null"] } }), &[]),
    });
    let data = json!({ "type": "array", "items": object(&item, &[]), "minItems": 1, "maxItems": 1000 });
    let all =
        json!({ "upsert-by": { "type": ["string", "null"], "description": "For items that say nothing." } });
    object(&json!({ "data": data, "meta": object(&all, &[]) }), &["data"])
}

fn examples() -> Vec<Example> {
    let item = |reference: &str, name: &str| json!({ "attributes": { "reference-id": reference, "fields": { "name": { "first": name } } } });
    let items = json!([item("customer-3001", "Ines"), item("customer-3002", "Tomasz")]);
    let upsert = json!({ "data": items, "meta": { "upsert-by": "reference-id" } });
    let update = json!({ "data": [{ "id": "$account-id", "attributes": { "tags": ["verified"] } }] });
    vec![
        Example { name: "upsert", summary: "Two accounts by their reference IDs", body: upsert },
        Example { name: "update", summary: "One account by its ID", body: update },
    ]
}

fn meta_schema() -> Value {
    let count = || json!({ "type": "integer" });
    let members = json!({ "created": count(), "updated": count(), "unchanged": count(), "refused": count() });
    object(&members, &["created", "updated", "unchanged", "refused"])
}

/// One item, taken apart.
struct Item {
    id: Option<AccountId>,
    body: Map<String, Value>,
    upsert_by: Option<Value>,
}

fn run(api: Arc<Api>, call: Arc<Call>) -> Pending {
    Box::pin(async move {
        let items = Arc::new(items(&call)?);
        guard(&api, &call).await?;
        let types = Arc::new(known_types(&api, &call, &items).await?);
        let mut tasks = Vec::with_capacity(items.len());
        for index in 0..items.len() {
            let (api, call) = (Arc::clone(&api), Arc::clone(&call));
            let (items, types) = (Arc::clone(&items), Arc::clone(&types));
            tasks.push(tokio::spawn(async move { one(&api, &call, index, &items[index], &types).await }));
        }
        let mut ends = Vec::with_capacity(tasks.len());
        for (index, task) in tasks.into_iter().enumerate() {
            let end = task.await.unwrap_or_else(|_| Err(Error::bug("an item of a batch stopped")));
            ends.push(end.unwrap_or_else(|error| failed(&call, index, &error)));
        }
        // A batch whose items were all done before is one that was sent before.
        let is_replay = ends.iter().all(|end| matches!(end, Answered::Replayed(_)));
        let ends: Vec<Reply> = ends.into_iter().map(Answered::into_reply).collect();
        let reply = reply(&call, &ends);
        Ok(if is_replay { Answered::Replayed(reply) } else { Answered::plain(reply) })
    })
}

fn items(call: &Call) -> Result<Vec<Item>> {
    let for_all = super::text(&mut call.meta(&["upsert-by"])?, &["meta"], "upsert-by")?.map(Value::from);
    let list = match call.body.get("data") {
        Some(Value::Array(list)) if !list.is_empty() => list,
        _ => return Err(Error::malformed(["data"], "must be an array of accounts")),
    };
    if list.len() > ITEMS_MAX {
        return Err(Error::malformed(["data"], format!("must have at most {ITEMS_MAX} items")));
    }
    list.iter().enumerate().map(|(index, value)| item(index, value, for_all.as_ref())).collect()
}

fn item(index: usize, value: &Value, for_all: Option<&Value>) -> Result<Item> {
    let at = |member: &str| ["data".to_owned(), index.to_string(), member.to_owned()];
    let Value::Object(members) = value else {
        return Err(Error::malformed(["data".to_owned(), index.to_string()], "must be an object"));
    };
    let mut data = members.clone();
    let own = match data.remove("meta") {
        None | Some(Value::Null) => Map::new(),
        Some(Value::Object(own)) => own,
        Some(_) => return Err(Error::malformed(at("meta"), "must be an object")),
    };
    let id = match data.get("id") {
        None | Some(Value::Null) => None,
        Some(id) => {
            let id = id.as_str().and_then(|text| text.parse().ok());
            Some(id.ok_or_else(|| Error::malformed(at("id"), "must be an ID that starts with act_"))?)
        }
    };
    let upsert_by = meta(&Map::from_iter([("meta".to_owned(), Value::Object(own))]), &["upsert-by"])?
        .remove("upsert-by")
        .or_else(|| for_all.cloned());
    Ok(Item { id, body: Map::from_iter([("data".to_owned(), Value::Object(data))]), upsert_by })
}

/// Makes sure that the idempotency key was not used for another batch.
async fn guard(api: &Arc<Api>, call: &Arc<Call>) -> Result<()> {
    if call.claim.is_none() {
        return Ok(());
    }
    let (app, call) = (Arc::clone(&api.app), Arc::clone(call));
    let end = api.app.db.write("accounts.batch", move |tx| {
        let whose = (&*call.scope.environment, &*app.master, call.scope.now);
        // What is kept is not the reply but that there was this batch: the items keep theirs.
        let made = Made { reply: Reply { status: 200, body: Vec::new() }, kept: None, subject: None };
        run_once(tx, whose, call.claim.as_ref(), problem::reply, |_| Ok(made))
    });
    end.await.map(|_| ())
}

/// The types of the accounts that are named by their IDs.
async fn known_types(
    api: &Arc<Api>,
    call: &Arc<Call>,
    items: &Arc<Vec<Item>>,
) -> Result<HashMap<AccountId, AccountTypeId>> {
    let ids: Vec<AccountId> = items.iter().filter_map(|item| item.id.clone()).collect();
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let (app, call) = (Arc::clone(&api.app), Arc::clone(call));
    let read = api.app.db.read("accounts.types_of", move |tx| {
        let (scope, catalogs) = (&call.scope, &app.catalogs);
        types_of(&mut ReadCx { tx, scope, catalogs, master: &app.master }, &ids)
    });
    read.await
}

/// Does one item. `Err` is no fault of the item: it may succeed when it is sent again.
async fn one(
    api: &Arc<Api>,
    call: &Arc<Call>,
    index: usize,
    item: &Item,
    types: &HashMap<AccountId, AccountTypeId>,
) -> Result<Answered> {
    let render: Render = Arc::new(move |end| rendered(index, end));
    for _ in 0..PREPARATIONS_MAX {
        let catalog = api.catalog(&call.scope).await?;
        let version = catalog.version;
        let once = claim(call, index, item).map(|claim| Once::new(claim, Arc::clone(&render)));
        let prepared = prepared(api, call, item, types, catalog, once);
        let end = match prepared {
            Ok(prepared) => api.app.accounts.submit(prepared).await?,
            Err(refusal) => {
                // Types and tags of before may refuse what those of now would take.
                api.refresh_catalog(&call.scope).await?;
                match api.catalog(&call.scope).await?.version == version {
                    true => Answer::Outcome(Err(refusal)),
                    false => continue,
                }
            }
        };
        match end {
            Answer::Outcome(Err(Error::StaleCatalog)) => api.refresh_catalog(&call.scope).await?,
            Answer::Outcome(Err(error)) if !error.is_refusal() => return Err(error),
            Answer::Outcome(end) => return Ok(Answered::plain(render(end.as_ref()))),
            Answer::Kept(answered) => return Ok(answered),
        }
    }
    Err(Error::Busy)
}

/// What is told of an item that could not be done, through no fault of its own: others were.
fn failed(call: &Call, index: usize, error: &Error) -> Answered {
    tracing::warn!(request = %call.scope.source, index, %error, "an item of a batch failed");
    Answered::plain(rendered(index, Err(error)))
}

/// The idempotency key of an item: that of the batch and its place.
fn claim(call: &Call, index: usize, item: &Item) -> Option<Claim> {
    let batch = call.claim.as_ref()?;
    let body = Value::Object(item.body.clone()).to_string();
    Some(batch.of_item(index, body.as_bytes()))
}

fn prepared(
    api: &Api,
    call: &Call,
    item: &Item,
    types: &HashMap<AccountId, AccountTypeId>,
    catalog: Arc<muster_app::Catalog>,
    once: Option<Once>,
) -> Result<FindOrCreate> {
    let mut attributes = attributes(&item.body)?;
    let mut ids = IdSource::random(call.scope.now);
    let Some(id) = &item.id else {
        let mut meta = Map::new();
        meta.extend(item.upsert_by.clone().map(|by| ("upsert-by".to_owned(), by)));
        let new = read_account(attributes, meta)?;
        return prepare(call.scope.clone(), catalog, &api.app.master, &new, &mut ids, once);
    };
    let ty = types.get(id).ok_or(Error::NotFound)?;
    super::refuse_type(&attributes)?;
    let wishes = wishes(&mut attributes)?;
    prepare_update(call.scope.clone(), catalog, (id.clone(), ty), &wishes, &mut ids, once)
}

/// What became of an item, as it is kept under its idempotency key: status, and the resource object.
fn rendered(index: usize, end: Result<&Outcome, &Error>) -> Reply {
    let (status, outcome, account, errors) = match end {
        Ok(done) => {
            let (status, outcome) = match done {
                Outcome::Created(_) => (201, "created"),
                Outcome::Updated(_) => (200, "updated"),
                Outcome::Existing(_) | Outcome::Unchanged(_) => (200, "unchanged"),
            };
            (status, outcome, Some(done.account().id.to_string()), json!([]))
        }
        Err(error) => {
            let reply = problem::reply(error);
            (reply.status, "refused", None, placed(index, &reply.body))
        }
    };
    let attributes = json!({ "status": status, "outcome": outcome, "account-id": account, "errors": errors });
    let item = json!({ "type": "batch-item", "id": index.to_string(), "attributes": attributes });
    Reply { status, body: item.to_string().into_bytes() }
}

/// The errors of an item, at its place in the batch.
fn placed(index: usize, body: &[u8]) -> Value {
    let mut errors = serde_json::from_slice::<Value>(body).unwrap_or_default()["errors"].take();
    for error in errors.as_array_mut().into_iter().flatten() {
        for (member, from, to) in [
            ("/source/pointer", "/data/", format!("/data/{index}/")),
            ("/source/pointer", "/meta/", format!("/data/{index}/meta/")),
            ("/details", "data.", format!("data.{index}.")),
            ("/details", "meta.", format!("data.{index}.meta.")),
        ] {
            let Some(Value::String(text)) = error.pointer_mut(member) else { continue };
            if let Some(rest) = text.strip_prefix(from) {
                *text = format!("{to}{rest}");
            }
        }
    }
    errors
}

fn reply(call: &Call, ends: &[Reply]) -> Reply {
    let items: Vec<Value> =
        ends.iter().map(|end| serde_json::from_slice(&end.body).unwrap_or_default()).collect();
    let count = |outcome: &str| {
        items.iter().filter(|item| item["attributes"]["outcome"].as_str() == Some(outcome)).count()
    };
    let meta = json!({
        "created": count("created"), "updated": count("updated"),
        "unchanged": count("unchanged"), "refused": count("refused"),
    });
    let mut payload = Payload::list(items.into_iter().map(|item| Resource::Made(Box::new(item))).collect());
    payload.meta = Some(meta);
    call.finish(200, &mut payload)
}

/// The schema of what became of an item.
pub fn schema() -> Value {
    let outcome = json!({ "type": "string", "enum": ["created", "updated", "unchanged", "refused"] });
    let attributes = json!({
        "status": { "type": "integer", "description": "The status that the item would have had by itself." },
        "outcome": outcome,
        "account-id": { "type": ["string", "null"], "description": "The ID of the account; null where refused." },
        "errors": { "type": "array", "items": { "type": "object" },
            "description": "Why it was refused, as in the reply to a request of its own." },
    });
    let attributes = object(&attributes, &["status", "outcome", "account-id", "errors"]);
    let members = json!({
        "type": crate::doc::constant("batch-item"),
        "id": { "type": "string", "description": "Its place in the batch, from 0." },
        "attributes": attributes,
    });
    crate::doc::described(
        object(&members, &["type", "id", "attributes"]),
        "What became of an item of a batch.",
    )
}
