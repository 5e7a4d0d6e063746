//! Refuses searches by what a key must not see: who may ask for it by its value learns it in the end.

use muster_app::{Catalog, ReadCx, Result};

use crate::blocklist::Blocklist;
use crate::call::Call;
use crate::operations::searching::{plain, refuse_hidden};

/// Refuses a search whose condition or order names an attribute that the key's blocklist hides in accounts.
///
/// # Errors
/// 400 with the first place that does.
pub(super) fn refuse(cx: &mut ReadCx<'_, '_>, call: &Call) -> Result<()> {
    let Some(blocklist) = &call.blocklist else { return Ok(()) };
    let catalog = cx.catalog()?;
    refuse_hidden(call, &|attribute| is_hidden(blocklist, &catalog, attribute))
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
        return blocklist.hides("account", &[name]);
    }
    let key = attribute.strip_prefix("fields.").or_else(|| attribute.strip_prefix("identifiers."));
    let Some(key) = key.map(plain) else { return false };
    let places = catalog.account_types().iter().flat_map(|ty| ty.indexed_places());
    places.map(|place| place.key()).filter(|place| plain(place) == key).any(|place| {
        let path: Vec<&str> = ["fields"].into_iter().chain(place.split('.')).collect();
        blocklist.hides("account", &path)
    })
}
