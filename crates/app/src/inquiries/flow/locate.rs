//! The environment that a link leads into: links name inquiries and templates, not always their environment.

use muster_domain::{EnvironmentId, InquiryId};
use muster_store::organizations::{self, Environment};
use muster_store::{Tx, inquiry_templates, records};

use crate::Result;
use crate::inquiries::Template;

/// All environments: there are as many as somebody has set up.
fn environments(tx: &mut Tx<'_>) -> Result<Vec<Environment>> {
    let mut all = Vec::new();
    for organization in organizations::list(tx)? {
        all.extend(organizations::list_environments(tx, &organization.id)?);
    }
    Ok(all)
}

/// Finds the environment of an inquiry.
///
/// # Errors
/// What the store reports.
pub fn environment_of_inquiry(tx: &mut Tx<'_>, id: &InquiryId) -> Result<Option<EnvironmentId>> {
    let all: Vec<EnvironmentId> = environments(tx)?.into_iter().map(|one| one.id).collect();
    Ok(records::locate(tx, &all, id.as_str())?)
}

/// Finds the environment in which a link makes an inquiry: that of the kind it names, among those of the
/// organization of the template. None when there is no such one, or several.
///
/// # Errors
/// What the store reports.
pub fn environment_of_template(
    tx: &mut Tx<'_>,
    template: &Template,
    kind: Option<&str>,
) -> Result<Option<EnvironmentId>> {
    let mut found = Vec::new();
    for organization in organizations::list(tx)? {
        let is_here = match template {
            Template::Live(id) => inquiry_templates::find(tx, &organization.id, id)?.is_some(),
            Template::Version(id) => inquiry_templates::find_version(tx, &organization.id, id)?.is_some(),
        };
        if is_here {
            let all = organizations::list_environments(tx, &organization.id)?;
            found.extend(all.into_iter().filter(|one| kind.is_none_or(|kind| one.kind == kind)));
        }
    }
    Ok(if found.len() == 1 { found.pop().map(|one| one.id) } else { None })
}
