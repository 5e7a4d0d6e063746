//! Relations between accounts (spec C.7).

use std::sync::Arc;

use axum::http::Method;
use muster_app::accounts::{RelationChange, RelationPage, add_relation, relations, remove_relation};
use muster_app::{Cx, Error, ReadCx, Result};
use muster_domain::AccountId;
use serde_json::{Value, json};

use super::{base, changed, text, written};
use crate::call::Call;
use crate::doc::{Doc, Example, Need, OneValue, object};
use crate::operation::{Operation, Run, Written};
use crate::operations::{cursors, filter, instant, list};
use crate::payload::Payload;
use crate::resources::Resource;

pub(super) fn operations() -> Vec<Operation> {
    let change = || Operation { method: Method::POST, ..changed(base()) };
    vec![
        Operation {
            id: "accounts-list-all-relations",
            path: "/accounts/{account-id}/relations",
            summary: "Lists the accounts that an account is related to by a key, newest account first.",
            filters: &["key", "created-at-start", "created-at-end"],
            doc: Doc { filters: FILTERS, ..Doc::page("account") },
            run: Run::Read(index),
            ..base()
        },
        Operation {
            id: "accounts-add-relation",
            path: "/accounts/{account-id}/add-relation",
            summary: "Relates two accounts, in both directions.",
            doc: Doc { body: Some(body), examples, ..Doc::one("account") },
            run: Run::Write(add),
            ..change()
        },
        Operation {
            id: "accounts-remove-relation",
            path: "/accounts/{account-id}/remove-relation",
            summary: "Removes a relation of two accounts, in both directions.",
            doc: Doc { body: Some(body), examples, ..Doc::one("account") },
            run: Run::Write(remove),
            ..change()
        },
    ]
}

const FILTERS: &[OneValue] = &[
    OneValue { name: "key", about: "The key of the relation.", need: Need::Required("partners") },
    OneValue {
        name: "created-at-start",
        about: "Only relations that were made at this instant or later; a date stands for its beginning.",
        need: Need::Optional,
    },
    OneValue {
        name: "created-at-end",
        about: "Only relations that were made at this instant or before; a date stands for its end.",
        need: Need::Optional,
    },
];

fn body() -> Value {
    let members = json!({
        "relation-schema-key": { "type": "string", "description": "The key of a relation of the account's type." },
        "target-object-id": { "type": "string", "description": "The ID of the other account." },
    });
    let meta = object(&members, &["relation-schema-key", "target-object-id"]);
    object(&json!({ "meta": meta }), &["meta"])
}

fn examples() -> Vec<Example> {
    let meta =
        json!({ "relation-schema-key": "$relation-schema-key", "target-object-id": "$other-account-id" });
    vec![Example { name: "two-accounts", summary: "Two accounts", body: json!({ "meta": meta }) }]
}

fn add(cx: &mut Cx<'_, '_>, call: &Call) -> Result<Written> {
    let opened = add_relation(cx, &change(call)?)?;
    Ok(written(call, 200, &opened))
}

fn remove(cx: &mut Cx<'_, '_>, call: &Call) -> Result<Written> {
    let opened = remove_relation(cx, &change(call)?)?;
    Ok(written(call, 200, &opened))
}

fn change(call: &Call) -> Result<RelationChange> {
    let mut meta = call.meta(&["relation-schema-key", "target-object-id"])?;
    let mut required = |key: &str| {
        let given = text(&mut meta, &["meta"], key)?.flatten().filter(|text| !text.trim().is_empty());
        given.ok_or_else(|| Error::malformed(["meta", key], "is missing"))
    };
    let (key, target) = (required("relation-schema-key")?, required("target-object-id")?);
    let id = call.object_id.parse().map_err(|_| Error::NotFound)?;
    if target.starts_with("txn_") {
        let message = "must be an account: this version has no transactions";
        return Err(Error::invalid(["meta", "target-object-id"], message));
    }
    // What is not an ID of an account names none.
    let target = target.parse::<AccountId>().map_err(|_| Error::NotFound)?;
    Ok(RelationChange { id, key, target })
}

fn index(cx: &mut ReadCx<'_, '_>, call: &Call) -> Result<Payload> {
    let key = match filter(call, "key")?.as_deref() {
        Some([key]) if !key.is_empty() => key.clone(),
        Some([_, _, ..]) => return Err(Error::malformed(["filter[key]"], "takes one key")),
        _ => {
            return Err(Error::malformed(
                ["filter[key]"],
                "is missing: name the relation that is to be listed",
            ));
        }
    };
    let (after, before) = cursors::<AccountId>(call)?;
    let request = RelationPage {
        id: call.object_id.parse().map_err(|_| Error::NotFound)?,
        key,
        from: instant(call, "created-at-start", std::time::Duration::ZERO)?,
        until: instant(call, "created-at-end", super::super::REST_OF_DAY)?,
        size: call.query.page.size as usize,
        after,
        before,
    };
    let page = relations(cx, &request)?;
    let types = call.includes("account-type").then(|| {
        let mut types: Vec<_> = page.items.iter().map(|one| Arc::clone(&one.account_type)).collect();
        types.sort_by(|a, b| a.id.cmp(&b.id));
        types.dedup_by(|a, b| a.id == b.id);
        types.into_iter().map(Resource::AccountType).collect()
    });
    let mut payload = list(call, page, |account| account.id.as_str(), Resource::Account);
    payload.included = types;
    Ok(payload)
}
