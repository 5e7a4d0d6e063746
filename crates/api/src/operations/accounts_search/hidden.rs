//! Refuses searches by what a key must not see: who may ask for it by its value learns it in the end.

use muster_app::{Catalog, Error, ReadCx, Result};
use serde_json::Value;

use crate::blocklist::Blocklist;
use crate::call::Call;

/// Refuses a search whose condition or order names an attribute that the key's blocklist hides in accounts.
///
/// # Errors
/// 400 with the first place that does.
pub(super) fn refuse(cx: &mut ReadCx<'_, '_>, call: &Call) -> Result<()> {
    let Some(blocklist) = &call.blocklist else { return Ok(()) };
    let catalog = cx.catalog()?;
    for member in ["query", "sort"] {
        if let Some(value) = call.body.get(member) {
            walk(value, &mut vec![member.to_owned()], &|attribute| {
                is_hidden(blocklist, &catalog, attribute)
            })?;
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

/// Whether a name of an attribute, in any inflection, leads to something hidden in accounts of any type.
fn is_hidden(blocklist: &Blocklist, catalog: &Catalog, attribute: &str) -> bool {
    let fixed = match plain(attribute).as_str() {
        "status" => Some("account-status"),
        "createdat" => Some("created-at"),
        "updatedat" => Some("updated-at"),
        "referenceid" | "identifiersreferenceid" => Some("reference-id"),
        _ => None,
    };
    if let Some(name) = fixed {
        return blocklist.hides(&[name]);
    }
    let key = attribute.strip_prefix("fields.").or_else(|| attribute.strip_prefix("identifiers."));
    let Some(key) = key.map(plain) else { return false };
    let places = catalog.account_types().iter().flat_map(|ty| ty.indexed_places());
    places.map(|place| place.key()).filter(|place| plain(place) == key).any(|place| {
        let path: Vec<&str> = ["fields"].into_iter().chain(place.split('.')).collect();
        blocklist.hides(&path)
    })
}

/// Letters and digits alone, in lower case: one spelling for all inflections.
fn plain(name: &str) -> String {
    name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}
