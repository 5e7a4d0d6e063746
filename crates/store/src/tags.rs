//! Tags of an organization.

use muster_domain::{OrganizationId, TagId, Timestamp, fold::fold};

use crate::error::Result;
use crate::{Tx, Value, params};

/// A tag.
#[derive(Clone, Debug)]
pub struct Tag {
    /// Its ID.
    pub id: TagId,
    /// Its name, as it was first spelled.
    pub name: String,
}

crate::statements! {
    LIST = "SELECT id, name FROM tags WHERE organization_id = $1 ORDER BY id";
}

crate::batches! {
    INSERT (organization_id Text, id Text, name Text, name_key Text, created_at Int) =
        "INSERT INTO tags (organization_id, id, name, name_key, created_at)
         {values}
         ON CONFLICT (organization_id, name_key) DO NOTHING";
}

/// Adds tags; those whose name exists already are left as they are.
///
/// # Errors
/// What the engine reports.
pub fn insert_absent(
    tx: &mut Tx<'_>,
    organization: &OrganizationId,
    tags: &[Tag],
    now: Timestamp,
) -> Result<u64> {
    let keys: Vec<String> = tags.iter().map(|tag| fold(&tag.name)).collect();
    let rows: Vec<Vec<Value<'_>>> = tags
        .iter()
        .zip(&keys)
        .map(|(tag, key)| params![organization, &tag.id, &tag.name, key, now].to_vec())
        .collect();
    tx.execute_batch(&INSERT, &rows)
}

/// Lists the tags of an organization, oldest first.
///
/// # Errors
/// What the engine reports.
pub fn list(tx: &mut Tx<'_>, organization: &OrganizationId) -> Result<Vec<Tag>> {
    tx.query(&LIST, params![organization], |row| {
        Ok(Tag { id: TagId::trusted(row.text(0)?), name: row.text(1)? })
    })
}
