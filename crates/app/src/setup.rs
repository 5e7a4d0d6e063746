//! Setting up an installation: organizations and environments.

use muster_domain::{AccountType, IdSource, OrganizationId, ReportKind, ReportTemplate, Timestamp};
use muster_store::organizations::{self, Environment, Organization};
use muster_store::seal::{IndexKey, MasterKey};
use muster_store::{Tx, account_types, report_templates};

use crate::{Error, Result};

/// Creates an organization with the default account type `User` and a default report template of every kind.
///
/// # Errors
/// What the store reports.
pub fn create_organization(
    tx: &mut Tx<'_>,
    name: &str,
    ids: &mut IdSource,
    now: Timestamp,
) -> Result<Organization> {
    let organization = Organization { id: ids.mint(), name: name.trim().to_owned() };
    if organization.name.is_empty() {
        return Err(Error::invalid(["name"], "must not be blank"));
    }
    organizations::insert(tx, &organization, now)?;
    account_types::insert(tx, &organization.id, &AccountType::user(ids, now))?;
    for kind in ReportKind::ALL {
        report_templates::insert(tx, &organization.id, &ReportTemplate::default_of(*kind, ids, now))?;
    }
    Ok(organization)
}

/// Kinds of environment.
pub const KINDS: [&str; 2] = ["sandbox", "production"];

/// Creates an environment of an organization.
///
/// # Errors
/// [`Error::NotFound`] when there is no such organization, [`Error::Invalid`] for an unknown kind.
pub fn create_environment(
    tx: &mut Tx<'_>,
    master: &MasterKey,
    organization: &OrganizationId,
    (kind, name): (&str, &str),
    ids: &mut IdSource,
    now: Timestamp,
) -> Result<Environment> {
    if !KINDS.contains(&kind) {
        return Err(Error::invalid(["kind"], "must be sandbox or production"));
    }
    let organization = organizations::find(tx, organization)?.ok_or(Error::NotFound)?;
    let id = ids.mint::<muster_domain::EnvironmentId>();
    let environment = Environment {
        index_key: IndexKey::random().wrap(master, id.as_str())?,
        id,
        organization_id: organization.id,
        kind: kind.to_owned(),
        name: name.trim().to_owned(),
        active: true,
    };
    organizations::insert_environment(tx, &environment, now)?;
    Ok(environment)
}
