//! What searches have in common, whatever is searched for: their body, their page, and what a key must not see.

use muster_app::{Error, Result};
use serde_json::{Map, Value, json};

use crate::call::Call;
use crate::doc::object;
use crate::query::{PAGE_SIZE_MAX, Page};

/// Refuses members of a search that are not known.
///
/// # Errors
/// 400.
pub(super) fn refuse_unknown(call: &Call) -> Result<()> {
    const KNOWN: [&str; 3] = ["query", "sort", "page"];
    match call.body.keys().find(|key| !KNOWN.contains(&key.as_str())) {
        None => Ok(()),
        Some(unknown) => {
            let message = format!("is not a member of this request; known are {}", KNOWN.join(", "));
            Err(Error::malformed([unknown.as_str()], message))
        }
    }
}

/// Refuses a search whose condition or order names an attribute that is hidden from the key: who may ask for it by
/// its value learns it in the end.
///
/// # Errors
/// 400 with the first place that does.
pub(super) fn refuse_hidden(call: &Call, is_hidden: &impl Fn(&str) -> bool) -> Result<()> {
    for member in ["query", "sort"] {
        if let Some(value) = call.body.get(member) {
            walk(value, &mut vec![member.to_owned()], is_hidden)?;
        }
    }
    Ok(())
}

/// Goes to every member `attribute` of a condition. What has no shape of a condition is refused later.
fn walk(value: &Value, path: &mut Vec<String>, is_hidden: &impl Fn(&str) -> bool) -> Result<()> {
    let members: Vec<(String, &Value)> = match value {
        Value::Object(members) => members.iter().map(|(key, value)| (key.clone(), value)).collect(),
        Value::Array(items) => items.iter().enumerate().map(|(i, item)| (i.to_string(), item)).collect(),
        _ => return Ok(()),
    };
    for (name, value) in members {
        let is_attribute = name == "attribute";
        path.push(name);
        match value.as_str().filter(|_| is_attribute) {
            Some(attribute) if is_hidden(attribute) => {
                return Err(Error::malformed(path.clone(), "is hidden from this API key"));
            }
            _ => walk(value, path, is_hidden)?,
        }
        path.pop();
    }
    Ok(())
}

/// Letters and digits alone, in lower case: one spelling for all inflections.
pub(super) fn plain(name: &str) -> String {
    name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// The page that is wanted: what the query says goes before what the body says. `of` is what a cursor is the ID of.
///
/// # Errors
/// 400 for a page that cannot be.
pub(super) fn page(call: &Call, of: &str) -> Result<Page> {
    let mut page = body_page(call.body.get("page"), of)?;
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

fn body_page(sent: Option<&Value>, of: &str) -> Result<Page> {
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
            "after" => page.after = body_cursor("after", value, of)?,
            "before" => page.before = body_cursor("before", value, of)?,
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

fn body_cursor(name: &str, value: &Value, of: &str) -> Result<Option<String>> {
    match value {
        Value::Null => Ok(None),
        Value::String(id) => Ok(Some(id.clone()).filter(|id| !id.is_empty())),
        _ => Err(Error::malformed(["page", name], format!("must be the ID of {of}, or be left out"))),
    }
}

/// The schema of the body of a search: which attributes conditions and orders can name, and what is searched for.
pub(super) fn body(attributes: &str, sorts: &str, noun: &str) -> Value {
    let leaf = object(
        &json!({
            "attribute": { "type": "string", "description": attributes },
            "operator": { "enum": ["eq", "gt", "gte", "lt", "lte"] },
            "value": { "type": ["string", "number", "boolean"] },
        }),
        &["attribute", "operator", "value"],
    );
    let inner = json!({ "type": "object", "description": "A condition of any of these forms." });
    let list = json!({ "type": "array", "items": inner, "minItems": 1, "maxItems": 20 });
    let form = |key: &str, schema: &Value| object(&json!({ key: schema }), &[key]);
    let cursor = |side: &str| json!({ "type": ["string", "null"], "description": format!("The {noun} that the page {side}.") });
    object(
        &json!({
            "query": { "oneOf": [form("and", &list), form("or", &list), form("not", &inner), leaf] },
            "sort": object(
                &json!({
                    "attribute": { "type": "string", "description": sorts },
                    "direction": { "enum": ["asc", "desc"], "default": "desc" },
                }),
                &["attribute"],
            ),
            "page": object(
                &json!({
                    "size": { "type": "integer", "minimum": 1, "maximum": PAGE_SIZE_MAX, "default": Page::default().size },
                    "after": cursor("starts after"),
                    "before": cursor("ends before"),
                }),
                &[],
            ),
        }),
        &[],
    )
}
