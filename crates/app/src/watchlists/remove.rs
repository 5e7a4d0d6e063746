//! Takes a list out.

use muster_domain::{IdSource, OrganizationId};
use muster_store::watchlists as rows;
use serde_json::json;

use super::{VERSIONS_MAX, erase_blocks};
use crate::user_audit_logs::{Operator, record_command};
use crate::{App, Error, Result};

/// Removes a list: from now on nobody is screened against it. What reports noted of its versions stays. Blocks; never
/// call it on an async thread.
///
/// # Errors
/// [`Error::NotFound`] when there is no such list.
pub fn remove(app: &App, organization: &OrganizationId, slug: &str, operator: &Operator) -> Result<()> {
    let (now, master) = (app.now(), std::sync::Arc::clone(&app.master));
    let (whose, named, operator) = (organization.clone(), slug.to_owned(), operator.clone());
    let versions = app.db.write_blocking("watchlists.remove", move |tx| {
        let list = rows::find(tx, &whose, &named)?.ok_or(Error::NotFound)?;
        rows::remove(tx, &whose, &named)?;
        let versions = rows::versions(tx, &whose, &named, VERSIONS_MAX)?;
        for version in &versions {
            let status = if version.status == "loading" { "abandoned" } else { "replaced" };
            rows::set_status(tx, &whose, &version.id, status)?;
        }
        let attributes = json!({ "slug": named });
        let told =
            json!({ "data": { "type": "watchlist", "id": list.version.as_str(), "attributes": attributes } });
        let ids = &mut IdSource::random(now);
        record_command(tx, (&*master, &whose), &operator, ("watchlists/remove", told), (ids, now))?;
        Ok::<_, Error>(versions)
    })?;
    for version in versions.iter().filter(|version| version.blocks > 0) {
        erase_blocks(&app.db, organization, version)?;
    }
    Ok(())
}
