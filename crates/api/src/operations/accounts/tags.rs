//! Adding, removing and setting tags (spec C.6).

use axum::http::Method;
use muster_app::accounts::{TagChange, TagRef, change_tags};
use muster_app::{Cx, Error, Result};
use muster_domain::TagId;
use serde_json::{Map, Value, json};

use super::{base, changed, text, written};
use crate::call::Call;
use crate::doc::{Doc, Example, object};
use crate::operation::{Operation, Run, Written};

pub(super) fn operations() -> Vec<Operation> {
    let base = || Operation { method: Method::POST, ..changed(base()) };
    vec![
        Operation {
            id: "accounts-add-tag",
            path: "/accounts/{account-id}/add-tag",
            summary: "Adds a tag to an account; a new name becomes a tag of the organization.",
            doc: Doc { body: Some(one_tag), examples: one_tag_examples, ..Doc::one("account") },
            run: Run::Write(add),
            ..base()
        },
        Operation {
            id: "accounts-remove-tag",
            path: "/accounts/{account-id}/remove-tag",
            summary: "Removes a tag from an account.",
            doc: Doc { body: Some(one_tag), examples: one_tag_examples, ..Doc::one("account") },
            run: Run::Write(remove),
            ..base()
        },
        Operation {
            id: "accounts-set-all-tags",
            path: "/accounts/{account-id}/set-tags",
            summary: "Gives an account these tags and no others.",
            doc: Doc { body: Some(all_tags), examples: all_tags_examples, ..Doc::one("account") },
            run: Run::Write(set),
            ..base()
        },
    ]
}

pub(in crate::operations) fn one_tag() -> Value {
    let meta = object(
        &json!({
            "tag-name": { "type": "string", "description": "The name of the tag, in any letter case." },
            "tag-id": { "type": "string", "description": "The ID of a tag that exists." },
        }),
        &[],
    );
    object(&json!({ "meta": meta }), &["meta"])
}

pub(in crate::operations) fn one_tag_examples() -> Vec<Example> {
    let body = json!({ "meta": { "tag-name": "reviewed" } });
    vec![Example { name: "by-name", summary: "A tag by its name", body }]
}

pub(in crate::operations) fn all_tags() -> Value {
    let list = |of: &str| json!({ "type": "array", "items": { "type": "string" }, "description": of });
    let members = json!({ "tag-name": list("Names of tags."), "tag-id": list("IDs of tags that exist.") });
    object(&json!({ "meta": object(&members, &[]) }), &["meta"])
}

pub(in crate::operations) fn all_tags_examples() -> Vec<Example> {
    let body = json!({ "meta": { "tag-name": ["reviewed", "vip"] } });
    vec![Example { name: "by-name", summary: "Two tags by their names", body }]
}

fn add(cx: &mut Cx<'_, '_>, call: &Call) -> Result<Written> {
    change(cx, call, &TagChange::Add(one(call)?))
}

fn remove(cx: &mut Cx<'_, '_>, call: &Call) -> Result<Written> {
    change(cx, call, &TagChange::Remove(one(call)?))
}

fn set(cx: &mut Cx<'_, '_>, call: &Call) -> Result<Written> {
    change(cx, call, &TagChange::Set(many(call)?))
}

fn change(cx: &mut Cx<'_, '_>, call: &Call, change: &TagChange) -> Result<Written> {
    let id = call.object_id.parse().map_err(|_| Error::NotFound)?;
    let outcome = change_tags(cx, &id, change)?;
    Ok(written(call, 200, outcome.opened()))
}

fn meta(call: &Call) -> Result<Map<String, Value>> {
    let meta = call.meta(&["tag-name", "tag-id"])?;
    match meta.values().all(Value::is_null) {
        true => Err(Error::malformed(["meta"], "must have tag_name or tag_id")),
        false => Ok(meta),
    }
}

pub(in crate::operations) fn one(call: &Call) -> Result<Vec<TagRef>> {
    let mut meta = meta(call)?;
    let name = text(&mut meta, &["meta"], "tag-name")?.flatten().map(TagRef::Name);
    let id = text(&mut meta, &["meta"], "tag-id")?.flatten().map(|id| tag_id(&id)).transpose()?;
    Ok(name.into_iter().chain(id).collect())
}

pub(in crate::operations) fn many(call: &Call) -> Result<Vec<TagRef>> {
    let mut meta = meta(call)?;
    let mut refs: Vec<TagRef> = Vec::new();
    for (member, spelled) in [("tag-name", "tag_name"), ("tag-id", "tag_id")] {
        let list = match meta.remove(member) {
            None | Some(Value::Null) => continue,
            Some(Value::Array(list)) => list,
            Some(_) => return Err(Error::malformed(["meta", spelled], "must be an array of strings")),
        };
        for (i, item) in list.into_iter().enumerate() {
            let Value::String(item) = item else {
                let path = ["meta".to_owned(), spelled.to_owned(), i.to_string()];
                return Err(Error::malformed(path, "must be a string"));
            };
            refs.push(if member == "tag-id" { tag_id(&item)? } else { TagRef::Name(item) });
        }
    }
    Ok(refs)
}

/// What is not an ID of a tag names none.
fn tag_id(text: &str) -> Result<TagRef> {
    text.parse::<TagId>().map(TagRef::Id).map_err(|_| Error::NotFound)
}
