//! Files that were given to fields of accounts, or to verifications.
//!
//! The header is small and sealed under the data key of its owner; the content is sealed under a key of its
//! own that stands in the header. So a content is sealed before anybody knows whose it will be, and giving an
//! account another data key takes its headers only.

use muster_domain::{EnvironmentId, FileId, Timestamp};

use crate::error::Result;
use crate::{Tx, Value, params};

crate::statements! {
    GET = "SELECT f.owner_id, f.header, f.content, k.wrapped
           FROM files f LEFT JOIN data_keys k ON k.environment_id = f.environment_id AND k.subject_id = f.owner_id
           WHERE f.environment_id = $1 AND f.id = $2";
    HEADERS_OF = "SELECT id, key, header FROM files
                          WHERE environment_id = $1 AND owner_id = $2 AND id > $3 ORDER BY id LIMIT $4";
    ERASE_OF = "UPDATE files SET header = NULL, content = NULL
                        WHERE environment_id = $1 AND owner_id = $2";
}

crate::batches! {
    INSERT (environment_id Text, id Text, owner_id Text, key Text, header Blob, content Blob, byte_size Int,
            created_at Int) =
        "INSERT INTO files (environment_id, id, owner_id, key, header, content, byte_size, created_at)
         {values}";
    ERASE (environment_id Text, id Text) =
        "UPDATE files SET header = NULL, content = NULL FROM {rows}
         WHERE files.environment_id = r.environment_id AND files.id = r.id";
    SET_HEADERS (environment_id Text, id Text, header Blob) =
        "UPDATE files SET header = r.header FROM {rows}
         WHERE files.environment_id = r.environment_id AND files.id = r.id";
}

/// A file on its way into the database.
#[derive(Clone, Copy, Debug)]
pub struct NewFile<'a> {
    /// Its environment.
    pub environment: &'a EnvironmentId,
    /// Its ID.
    pub id: &'a FileId,
    /// The account or verification it belongs to.
    pub owner: &'a str,
    /// The key of the field it was given to.
    pub key: &'a str,
    /// Sealed name, media type and key of the content.
    pub header: &'a [u8],
    /// Sealed content.
    pub content: &'a [u8],
    /// Bytes of the content in the clear.
    pub byte_size: i64,
    /// When it was given.
    pub created_at: Timestamp,
}

/// A file as it was read, still sealed.
#[derive(Clone, Debug)]
pub struct SealedFile {
    /// The account or verification it belongs to.
    pub owner_id: String,
    /// Sealed name, media type and key of the content; none once erased.
    pub header: Option<Vec<u8>>,
    /// Sealed content; none once erased.
    pub content: Option<Vec<u8>>,
    /// The wrapped data key of its owner; none after redaction.
    pub wrapped_key: Option<Vec<u8>>,
}

/// A file without its content.
#[derive(Clone, Debug)]
pub struct SealedHeader {
    /// Its ID.
    pub id: FileId,
    /// The key of the field it was given to.
    pub key: String,
    /// Sealed name, media type and key of the content; none once erased.
    pub header: Option<Vec<u8>>,
}

/// Adds files.
///
/// # Errors
/// What the engine reports.
pub fn insert(tx: &mut Tx<'_>, files: &[NewFile<'_>]) -> Result<()> {
    let rows: Vec<Vec<Value<'_>>> = files
        .iter()
        .map(|file| {
            params![
                file.environment,
                file.id,
                file.owner,
                file.key,
                file.header,
                file.content,
                file.byte_size,
                file.created_at,
            ]
            .to_vec()
        })
        .collect();
    tx.execute_batch(&INSERT, &rows).map(|_| ())
}

/// Finds one file with its content.
///
/// # Errors
/// What the engine reports.
pub fn find(tx: &mut Tx<'_>, environment: &EnvironmentId, id: &FileId) -> Result<Option<SealedFile>> {
    tx.query_opt(&GET, params![environment, id], |row| {
        Ok(SealedFile {
            owner_id: row.text(0)?,
            header: row.opt_blob(1)?,
            content: row.opt_blob(2)?,
            wrapped_key: row.opt_blob(3)?,
        })
    })
}

/// Up to `limit` files of an account after `cursor` (from the first, without one), oldest first, without their
/// contents.
///
/// # Errors
/// What the engine reports.
pub fn headers_of(
    tx: &mut Tx<'_>,
    environment: &EnvironmentId,
    owner: &str,
    cursor: Option<&FileId>,
    limit: i64,
) -> Result<Vec<SealedHeader>> {
    let cursor = cursor.map_or("", FileId::as_str);
    tx.query(&HEADERS_OF, params![environment, owner, cursor, limit], |row| {
        Ok(SealedHeader { id: FileId::trusted(row.text(0)?), key: row.text(1)?, header: row.opt_blob(2)? })
    })
}

/// Empties all files of an account, for its redaction. Returns how many it has.
///
/// # Errors
/// What the engine reports.
pub fn erase_of(tx: &mut Tx<'_>, environment: &EnvironmentId, owner: &str) -> Result<u64> {
    tx.execute(&ERASE_OF, params![environment, owner])
}

/// Empties files.
///
/// # Errors
/// What the engine reports.
pub fn erase(tx: &mut Tx<'_>, environment: &EnvironmentId, ids: &[FileId]) -> Result<u64> {
    let rows: Vec<Vec<Value<'_>>> = ids.iter().map(|id| params![environment, id].to_vec()).collect();
    tx.execute_batch(&ERASE, &rows)
}

/// Writes headers anew, for an account that gets another data key.
///
/// # Errors
/// What the engine reports.
pub fn set_headers(
    tx: &mut Tx<'_>,
    environment: &EnvironmentId,
    headers: &[(FileId, Vec<u8>)],
) -> Result<u64> {
    let rows: Vec<Vec<Value<'_>>> =
        headers.iter().map(|(id, header)| params![environment, id, header].to_vec()).collect();
    tx.execute_batch(&SET_HEADERS, &rows)
}
