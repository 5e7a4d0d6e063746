//! Account types: one row each, the whole definition as JSON.

use muster_domain::{AccountType, OrganizationId, fold::fold};

use crate::error::{Error, Result};
use crate::{Row, Tx, params};

crate::statements! {
    INSERT = "INSERT INTO account_types (organization_id, id, name_key, definition) VALUES ($1, $2, $3, $4)
              ON CONFLICT (organization_id, name_key) DO NOTHING";
    UPDATE = "UPDATE account_types SET name_key = $3, definition = $4 WHERE organization_id = $1 AND id = $2";
    LIST = "SELECT definition FROM account_types WHERE organization_id = $1 ORDER BY id";
}

/// Adds a type. False when the name is taken.
///
/// # Errors
/// What the engine reports.
pub fn insert(tx: &mut Tx<'_>, organization: &OrganizationId, ty: &AccountType) -> Result<bool> {
    let changed = tx.execute(&INSERT, params![organization, &ty.id, &fold(&ty.name), &ty.to_json()])?;
    Ok(changed == 1)
}

/// Replaces the definition of a type.
///
/// # Errors
/// What the engine reports.
pub fn update(tx: &mut Tx<'_>, organization: &OrganizationId, ty: &AccountType) -> Result<()> {
    tx.execute(&UPDATE, params![organization, &ty.id, &fold(&ty.name), &ty.to_json()]).map(|_| ())
}

/// Lists the types of an organization, oldest first.
///
/// # Errors
/// [`Error::Corrupt`] when a definition was written by a newer version.
pub fn list(tx: &mut Tx<'_>, organization: &OrganizationId) -> Result<Vec<AccountType>> {
    tx.query(&LIST, params![organization], |row: &Row<'_>| {
        AccountType::from_json(&row.text(0)?)
            .ok_or_else(|| Error::corrupt("the definition of an account type is of an unknown form"))
    })
}
