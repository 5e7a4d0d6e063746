//! Account rows.

use muster_domain::{
    AccountId, AccountStatusId, AccountTypeId, EnvironmentId, OrganizationId, TagId, Timestamp,
};

use crate::error::Result;
use crate::{Row, Tx, Value, dialect, params};

/// An account as it is stored: field values are still sealed.
#[derive(Clone, Debug)]
pub struct AccountRow {
    /// Its ID.
    pub id: AccountId,
    /// Its type.
    pub account_type_id: AccountTypeId,
    /// Its status.
    pub status_id: AccountStatusId,
    /// The caller's key, as it was spelled.
    pub reference_id: Option<String>,
    /// Its tags.
    pub tags: Vec<TagId>,
    /// Field values, sealed.
    pub fields: Vec<u8>,
    /// `object_seq` of its newest event.
    pub version: i64,
    /// When it was created.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
    /// When its personal data was erased.
    pub redacted_at: Option<Timestamp>,
    /// When it was hidden.
    pub archived_at: Option<Timestamp>,
    /// The account that took it over.
    pub consolidated_into: Option<AccountId>,
}

/// An account as it was read, with what is needed to open it.
#[derive(Clone, Debug)]
pub struct StoredAccount {
    /// The row.
    pub row: AccountRow,
    /// The wrapped data key; none after redaction.
    pub wrapped_key: Option<Vec<u8>>,
    /// The version of the organization's catalog at that moment.
    pub catalog_version: i64,
}

crate::statements! {
    GET = "SELECT a.id, a.account_type_id, a.status_id, a.reference_id, a.tags, a.fields, a.version,
               a.created_at, a.updated_at, a.redacted_at, a.archived_at, a.consolidated_into, k.wrapped,
               (SELECT o.catalog_version FROM organizations o WHERE o.id = $3)
           FROM accounts a LEFT JOIN data_keys k ON k.environment_id = a.environment_id AND k.subject_id = a.id
           WHERE a.environment_id = $1 AND a.id = $2";
    PAGE_AFTER = "SELECT a.id, a.account_type_id, a.status_id, a.reference_id, a.tags, a.fields, a.version,
                      a.created_at, a.updated_at, a.redacted_at, a.archived_at, a.consolidated_into, k.wrapped,
                      (SELECT o.catalog_version FROM organizations o WHERE o.id = $3)
                  FROM accounts a
                  LEFT JOIN data_keys k ON k.environment_id = a.environment_id AND k.subject_id = a.id
                  WHERE a.environment_id = $1 AND a.id < $2 AND a.archived_at IS NULL
                  ORDER BY a.id DESC LIMIT $4";
    PAGE_OF_ALL = "SELECT a.id, a.account_type_id, a.status_id, a.reference_id, a.tags, a.fields, a.version,
                       a.created_at, a.updated_at, a.redacted_at, a.archived_at, a.consolidated_into, k.wrapped,
                       (SELECT o.catalog_version FROM organizations o WHERE o.id = $3)
                   FROM accounts a
                   LEFT JOIN data_keys k ON k.environment_id = a.environment_id AND k.subject_id = a.id
                   WHERE a.environment_id = $1 AND a.id > $2 ORDER BY a.id LIMIT $4";
    PAGE_BEFORE = "SELECT a.id, a.account_type_id, a.status_id, a.reference_id, a.tags, a.fields, a.version,
                       a.created_at, a.updated_at, a.redacted_at, a.archived_at, a.consolidated_into, k.wrapped,
                       (SELECT o.catalog_version FROM organizations o WHERE o.id = $3)
                   FROM accounts a
                   LEFT JOIN data_keys k ON k.environment_id = a.environment_id AND k.subject_id = a.id
                   WHERE a.environment_id = $1 AND a.id > $2 AND a.archived_at IS NULL
                   ORDER BY a.id LIMIT $4";
}

crate::batches! {
    GET_MANY (environment_id Text, id Text, organization_id Text) =
        "SELECT a.id, a.account_type_id, a.status_id, a.reference_id, a.tags, a.fields, a.version,
             a.created_at, a.updated_at, a.redacted_at, a.archived_at, a.consolidated_into, k.wrapped,
             (SELECT o.catalog_version FROM organizations o WHERE o.id = r.organization_id)
         FROM {rows} CROSS JOIN accounts a
         LEFT JOIN data_keys k ON k.environment_id = a.environment_id AND k.subject_id = a.id
         WHERE a.environment_id = r.environment_id AND a.id = r.id";
    INSERT (environment_id Text, id Text, account_type_id Text, status_id Text, reference_id Text, tags Text,
            fields Blob, version Int, created_at Int, updated_at Int) =
        "INSERT INTO accounts (environment_id, id, account_type_id, status_id, reference_id, tags, fields,
             version, created_at, updated_at)
         {values}";
    // The old version in the condition is the lock: nobody else changed the account since it was read.
    UPDATE (environment_id Text, id Text, status_id Text, reference_id Text, tags Text, fields Blob,
            version Int, updated_at Int, redacted_at Int, archived_at Int, consolidated_into Text,
            old_version Int) =
        "UPDATE accounts SET status_id = r.status_id, reference_id = r.reference_id, tags = r.tags,
             fields = r.fields, version = r.version, updated_at = r.updated_at, redacted_at = r.redacted_at,
             archived_at = r.archived_at, consolidated_into = r.consolidated_into
         FROM {rows}
         WHERE accounts.environment_id = r.environment_id AND accounts.id = r.id
           AND accounts.version = r.old_version";
}

fn stored(row: &Row<'_>) -> Result<StoredAccount> {
    let tags = row.text(4)?;
    Ok(StoredAccount {
        row: AccountRow {
            id: AccountId::trusted(row.text(0)?),
            account_type_id: AccountTypeId::trusted(row.text(1)?),
            status_id: AccountStatusId::trusted(row.text(2)?),
            reference_id: row.opt_text(3)?,
            tags: tags.split_ascii_whitespace().map(|tag| TagId::trusted(tag.to_owned())).collect(),
            fields: row.blob(5)?,
            version: row.int(6)?,
            created_at: row.instant(7)?,
            updated_at: row.instant(8)?,
            redacted_at: row.opt_instant(9)?,
            archived_at: row.opt_instant(10)?,
            consolidated_into: row.opt_text(11)?.map(AccountId::trusted),
        },
        wrapped_key: row.opt_blob(12)?,
        catalog_version: row.int(13)?,
    })
}

fn tag_list(tags: &[TagId]) -> String {
    tags.iter().map(TagId::as_str).collect::<Vec<_>>().join(" ")
}

/// The place of a reader: an environment and the organization it belongs to.
#[derive(Clone, Copy, Debug)]
pub struct Place<'a> {
    /// The environment.
    pub environment: &'a EnvironmentId,
    /// Its organization.
    pub organization: &'a OrganizationId,
}

/// Finds one account, archived or not.
///
/// # Errors
/// What the engine reports.
pub fn find(tx: &mut Tx<'_>, place: Place<'_>, id: &AccountId) -> Result<Option<StoredAccount>> {
    tx.query_opt(&GET, params![place.environment, id, place.organization], stored)
}

/// [`find_many`] for accounts that are going to be changed: on PostgreSQL nobody else can change them until
/// the transaction ends. Wanted in one order by all transactions, they wait for each other without deadlock.
///
/// # Errors
/// What the engine reports.
pub fn find_many_to_change(
    tx: &mut Tx<'_>,
    wanted: &[(Place<'_>, &AccountId)],
) -> Result<Vec<StoredAccount>> {
    let Some(hold) = dialect::hold_accounts(tx.engine()) else { return find_many(tx, wanted) };
    let rows: Vec<Vec<Value<'_>>> =
        wanted.iter().map(|(place, id)| params![place.environment, *id].to_vec()).collect();
    tx.query_batch(hold, &rows, |_| Ok::<_, crate::Error>(()))?;
    // Only now: whoever waited for the lock must see what was committed meanwhile, the data key as well.
    find_many(tx, wanted)
}

/// Finds accounts, archived or not, in no particular order; unknown IDs are simply not among them.
///
/// # Errors
/// What the engine reports.
pub fn find_many(tx: &mut Tx<'_>, wanted: &[(Place<'_>, &AccountId)]) -> Result<Vec<StoredAccount>> {
    let rows: Vec<Vec<Value<'_>>> = wanted
        .iter()
        .map(|(place, id)| params![place.environment, *id, place.organization].to_vec())
        .collect();
    tx.query_batch(&GET_MANY, &rows, stored)
}

/// Up to `limit` accounts that are not archived and older than `cursor` (all, without one), newest first.
///
/// # Errors
/// What the engine reports.
pub fn page_after(
    tx: &mut Tx<'_>,
    place: Place<'_>,
    cursor: Option<&AccountId>,
    limit: i64,
) -> Result<Vec<StoredAccount>> {
    // '~' sorts after every character of an ID.
    let cursor = cursor.map_or("act_~", AccountId::as_str);
    tx.query(&PAGE_AFTER, params![place.environment, cursor, place.organization, limit], stored)
}

/// Up to `limit` accounts, archived or not, that are newer than `cursor` (from the first, without one),
/// oldest first: for work that must see them all.
///
/// # Errors
/// What the engine reports.
pub fn page_of_all(
    tx: &mut Tx<'_>,
    place: Place<'_>,
    cursor: Option<&AccountId>,
    limit: i64,
) -> Result<Vec<StoredAccount>> {
    let cursor = cursor.map_or("", AccountId::as_str);
    tx.query(&PAGE_OF_ALL, params![place.environment, cursor, place.organization, limit], stored)
}

/// Up to `limit` accounts that are not archived and newer than `cursor`, oldest first.
///
/// # Errors
/// What the engine reports.
pub fn page_before(
    tx: &mut Tx<'_>,
    place: Place<'_>,
    cursor: &AccountId,
    limit: i64,
) -> Result<Vec<StoredAccount>> {
    tx.query(&PAGE_BEFORE, params![place.environment, cursor, place.organization, limit], stored)
}

/// Adds accounts. Their unique keys must have been taken before ([`crate::identifiers::insert_absent`]).
///
/// # Errors
/// What the engine reports.
pub fn insert(tx: &mut Tx<'_>, accounts: &[(&EnvironmentId, &AccountRow)]) -> Result<()> {
    let tags: Vec<String> = accounts.iter().map(|(_, a)| tag_list(&a.tags)).collect();
    let rows: Vec<Vec<Value<'_>>> = accounts
        .iter()
        .zip(&tags)
        .map(|((environment, a), tags)| {
            params![
                *environment,
                &a.id,
                &a.account_type_id,
                &a.status_id,
                a.reference_id.as_ref(),
                tags,
                &a.fields,
                a.version,
                a.created_at,
                a.updated_at,
            ]
            .to_vec()
        })
        .collect();
    tx.execute_batch(&INSERT, &rows).map(|_| ())
}

/// Writes changed accounts over the versions they were read at. Returns how many were still at them.
///
/// # Errors
/// What the engine reports.
pub fn update(tx: &mut Tx<'_>, accounts: &[(&EnvironmentId, &AccountRow, i64)]) -> Result<u64> {
    let tags: Vec<String> = accounts.iter().map(|(_, a, _)| tag_list(&a.tags)).collect();
    let rows: Vec<Vec<Value<'_>>> = accounts
        .iter()
        .zip(&tags)
        .map(|((environment, a, old_version), tags)| {
            params![
                *environment,
                &a.id,
                &a.status_id,
                a.reference_id.as_ref(),
                tags,
                &a.fields,
                a.version,
                a.updated_at,
                a.redacted_at,
                a.archived_at,
                a.consolidated_into.as_ref(),
                *old_version,
            ]
            .to_vec()
        })
        .collect();
    tx.execute_batch(&UPDATE, &rows)
}
