//! What operations on tags take, whatever has the tags (spec C.6).

use muster_app::accounts::TagRef;
use muster_app::{Error, Result};
use muster_domain::TagId;
use serde_json::{Map, Value, json};

use crate::call::Call;
use crate::doc::{Doc, Example, object};
use crate::members::{META, text, texts};

/// An operation that takes one tag and shows what has it.
pub(super) const fn one_of(resource: &'static str) -> Doc {
    Doc { body: Some(one_tag), examples: one_tag_examples, ..Doc::one(resource) }
}

/// An operation that takes tags and shows what has them.
pub(super) const fn many_of(resource: &'static str) -> Doc {
    Doc { body: Some(all_tags), examples: all_tags_examples, ..Doc::one(resource) }
}

fn one_tag() -> Value {
    let meta = object(
        &json!({
            "tag-name": { "type": "string", "description": "The name of the tag, in any letter case." },
            "tag-id": { "type": "string", "description": "The ID of a tag that exists." },
        }),
        &[],
    );
    object(&json!({ "meta": meta }), &["meta"])
}

fn one_tag_examples() -> Vec<Example> {
    let body = json!({ "meta": { "tag-name": "reviewed" } });
    vec![Example { name: "by-name", summary: "A tag by its name", body }]
}

fn all_tags() -> Value {
    let list = |of: &str| json!({ "type": "array", "items": { "type": "string" }, "description": of });
    let members = json!({ "tag-name": list("Names of tags."), "tag-id": list("IDs of tags that exist.") });
    object(&json!({ "meta": object(&members, &[]) }), &["meta"])
}

fn all_tags_examples() -> Vec<Example> {
    let body = json!({ "meta": { "tag-name": ["reviewed", "vip"] } });
    vec![Example { name: "by-name", summary: "Two tags by their names", body }]
}

fn meta(call: &Call) -> Result<Map<String, Value>> {
    let meta = call.meta(&["tag-name", "tag-id"])?;
    match meta.values().all(Value::is_null) {
        true => Err(Error::malformed(["meta"], "must have tag_name or tag_id")),
        false => Ok(meta),
    }
}

/// The tag that a request names.
///
/// # Errors
/// 400 when it names none, 404 for what is not an ID of a tag.
pub(super) fn one(call: &Call) -> Result<Vec<TagRef>> {
    let mut meta = meta(call)?;
    let name = text(&mut meta, &META, "tag-name")?.flatten().map(TagRef::Name);
    let id = text(&mut meta, &META, "tag-id")?.flatten().map(|id| tag_id(&id)).transpose()?;
    Ok(name.into_iter().chain(id).collect())
}

/// The tags that a request names.
///
/// # Errors
/// As [`one`].
pub(super) fn many(call: &Call) -> Result<Vec<TagRef>> {
    let mut meta = meta(call)?;
    let names = texts(&mut meta, "tag-name")?.unwrap_or_default();
    let ids = texts(&mut meta, "tag-id")?.unwrap_or_default();
    let ids = ids.iter().map(|id| tag_id(id)).collect::<Result<Vec<_>>>()?;
    Ok(names.into_iter().map(TagRef::Name).chain(ids).collect())
}

/// What is not an ID of a tag names none.
fn tag_id(text: &str) -> Result<TagRef> {
    text.parse::<TagId>().map(TagRef::Id).map_err(|_| Error::NotFound)
}
