//! Files on their way into accounts, and back out.
//!
//! A content is sealed as soon as it is there, off the database thread and before anybody knows whose it will
//! be: under a key of its own. In the transaction only that key is sealed under the account's.

use std::borrow::Cow;
use std::collections::HashSet;
use std::fmt;
use std::fmt::Write as _;
use std::sync::Arc;

use muster_domain::account_type::FieldChanges;
use muster_domain::field::{StoredFile, Upload};
use muster_domain::{AccountId, AccountType, EnvironmentId, Fields, FileId, IdSource, Timestamp};
use muster_store::Tx;
use muster_store::files::{self as rows, SealedFile};
use muster_store::seal::{DataKey, MasterKey};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::{Opened, Wanted, Wishes};
use crate::{Error, Result, Scope};

/// Files that are erased at once, where some of the account's stay.
const ERASED_AT_ONCE: i64 = 500;

/// A file that was brought along: its content is sealed, and it is nobody's yet.
pub struct BroughtFile {
    id: FileId,
    stored: StoredFile,
    key: DataKey,
    content: Vec<u8>,
}

impl fmt::Debug for BroughtFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BroughtFile").field("id", &self.id).finish_non_exhaustive()
    }
}

/// What the header of a file tells beside the key of its content.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
struct About {
    filename: String,
    mime_type: String,
}

/// A file of one account, ready to be written.
#[derive(Clone, Debug)]
pub(super) struct FileDraft {
    file: Arc<BroughtFile>,
    key: String,
    header: Vec<u8>,
}

/// Identity of both sealed parts of a file.
fn identity(id: &FileId) -> String {
    format!("files/{id}")
}

/// Whether wishes may have uploads in them that [`take_files`] has not seen.
#[must_use]
pub fn bring_files(wishes: &Wishes) -> bool {
    fn has_data(value: &Value) -> bool {
        match value {
            Value::Object(members) => members.contains_key("data") || members.values().any(has_data),
            Value::Array(items) => items.iter().any(has_data),
            _ => false,
        }
    }
    wishes.aliases.values().chain(wishes.fields.values()).any(has_data)
}

/// Takes the uploads that the fields of a type accept out of wishes, seals them, and leaves in their places what
/// an account holds of them. It is heavy work: it belongs on a thread where nobody waits.
///
/// # Errors
/// None that a caller could cause: what a field does not accept stays, and is refused with the wishes.
pub fn take_files(ty: &AccountType, wishes: &mut Wishes, ids: &mut IdSource) -> Result<()> {
    let mut uploads: Vec<(String, StoredFile, Upload)> = Vec::new();
    ty.take_uploads(&mut wishes.aliases, &mut wishes.fields, &mut |field, mut upload| {
        let file = describe(&mut upload, ids);
        let same = |other: &&(String, StoredFile, Upload)| other.0 == field && other.1.is_same(&file);
        // The same file given twice to one field is one file.
        if let Some((_, file, _)) = uploads.iter().find(same) {
            return file.clone();
        }
        uploads.push((field.to_owned(), file.clone(), upload));
        file
    });
    for (_, stored, upload) in uploads {
        wishes.files.push(Arc::new(BroughtFile::seal(stored, &upload.bytes)?));
    }
    Ok(())
}

/// What an account will hold of an upload.
fn describe(upload: &mut Upload, ids: &mut IdSource) -> StoredFile {
    StoredFile {
        id: ids.mint::<FileId>().to_string(),
        filename: std::mem::take(&mut upload.filename),
        mime_type: upload.mime_type.to_owned(),
        byte_size: upload.bytes.len() as u64,
        sha256: hex(&Sha256::digest(&upload.bytes)),
        page_count: upload.page_count,
    }
}

fn hex(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(2 * bytes.len());
    for byte in bytes {
        // Writing to a text cannot fail.
        let _ = write!(text, "{byte:02x}");
    }
    text
}

/// The wishes without uploads: as they are where nothing was left to take.
pub(super) fn without_uploads<'w>(
    ty: &AccountType,
    wishes: &'w Wishes,
    ids: &mut IdSource,
) -> Result<Cow<'w, Wishes>> {
    if !bring_files(wishes) {
        return Ok(Cow::Borrowed(wishes));
    }
    let mut taken = wishes.clone();
    take_files(ty, &mut taken, ids)?;
    Ok(Cow::Owned(taken))
}

/// The changes of an account whose files are known, and those that are to be stored, sealed for the account.
///
/// # Errors
/// [`Error::Invalid`] where a value names a file that is not there.
pub(super) fn settle<'w>(
    ty: &AccountType,
    current: Option<&Fields>,
    wanted: &'w Wanted,
    (account, key): (&AccountId, &DataKey),
) -> Result<(Cow<'w, FieldChanges>, Vec<FileDraft>)> {
    if !ty.touches_files(&wanted.fields) {
        return Ok((Cow::Borrowed(&wanted.fields), Vec::new()));
    }
    let find = |id: &str| wanted.files.iter().find(|file| file.id.as_str() == id);
    let settled =
        ty.settle_files(current, &wanted.fields, &|id| find(id).is_some()).map_err(Error::Invalid)?;
    let mut drafts = Vec::with_capacity(settled.brought.len());
    for (field, id) in settled.brought {
        let file =
            find(&id).ok_or_else(|| Error::bug(format!("a file of account {account} is not there")))?;
        drafts.push(FileDraft { header: file.header(key)?, file: Arc::clone(file), key: field });
    }
    Ok((Cow::Owned(settled.changes), drafts))
}

/// Takes a file for something else than a field of an account, and seals it. It is heavy work: it belongs on a thread
/// where nobody waits.
///
/// # Errors
/// None that a caller could cause.
pub fn bring(mut upload: Upload, ids: &mut IdSource) -> Result<BroughtFile> {
    let stored = describe(&mut upload, ids);
    BroughtFile::seal(stored, &upload.bytes)
}

/// Writes files of something else than an account: of whoever has this data key.
///
/// # Errors
/// What the store reports.
pub(crate) fn keep(
    tx: &mut Tx<'_>,
    scope: &Scope,
    (owner, key): (&str, &DataKey),
    files: &[(&str, &BroughtFile)],
) -> Result<()> {
    let headers: Vec<Vec<u8>> = files.iter().map(|(_, file)| file.header(key)).collect::<Result<_>>()?;
    let rows: Vec<rows::NewFile<'_>> = files
        .iter()
        .zip(&headers)
        .map(|((place, file), header)| rows::NewFile {
            environment: &scope.environment.id,
            id: &file.id,
            owner,
            key: place,
            header,
            content: &file.content,
            byte_size: i64::try_from(file.stored.byte_size).unwrap_or(i64::MAX),
            created_at: scope.now,
        })
        .collect();
    Ok(rows::insert(tx, &rows)?)
}

impl BroughtFile {
    /// What is kept of it beside its content.
    #[must_use]
    pub fn stored(&self) -> &StoredFile {
        &self.stored
    }

    fn seal(stored: StoredFile, bytes: &[u8]) -> Result<Self> {
        let (id, key) = (FileId::trusted(stored.id.clone()), DataKey::random());
        let content = key.seal(bytes, &identity(&id))?;
        Ok(Self { id, stored, key, content })
    }

    fn header(&self, account_key: &DataKey) -> Result<Vec<u8>> {
        let about =
            About { filename: self.stored.filename.clone(), mime_type: self.stored.mime_type.clone() };
        let about = serde_json::to_vec(&about).map_err(|error| Error::bug(error.to_string()))?;
        Ok(account_key.seal_with_key(&self.key, &about, &identity(&self.id))?)
    }
}

/// Writes the files of accounts.
pub(super) fn insert<'f>(
    tx: &mut Tx<'_>,
    files: impl Iterator<Item = (&'f EnvironmentId, &'f AccountId, &'f [FileDraft], Timestamp)>,
) -> Result<()> {
    let rows: Vec<rows::NewFile<'_>> = files
        .flat_map(|(environment, account, drafts, created_at)| {
            drafts.iter().map(move |draft| rows::NewFile {
                environment,
                id: &draft.file.id,
                owner: account.as_str(),
                key: &draft.key,
                header: &draft.header,
                content: &draft.file.content,
                byte_size: i64::try_from(draft.file.stored.byte_size).unwrap_or(i64::MAX),
                created_at,
            })
        })
        .collect();
    Ok(rows::insert(tx, &rows)?)
}

/// Erases the files of an account that was redacted, those of its past too. What its values still name stays,
/// and is sealed under its new key.
///
/// # Errors
/// What the store reports.
pub(super) fn erase(tx: &mut Tx<'_>, scope: &Scope, after: &Opened, old_key: &DataKey) -> Result<()> {
    let (environment, account) = (&scope.environment.id, &after.account);
    let kept: HashSet<String> =
        account.account_type.files_of(&account.fields).into_iter().map(|(_, file)| file.id).collect();
    if kept.is_empty() {
        return Ok(rows::erase_of(tx, environment, account.id.as_str()).map(|_| ())?);
    }
    let mut cursor: Option<FileId> = None;
    loop {
        let page = rows::headers_of(tx, environment, account.id.as_str(), cursor.as_ref(), ERASED_AT_ONCE)?;
        let Some(last) = page.last() else { return Ok(()) };
        cursor = Some(last.id.clone());
        let (stay, go): (Vec<_>, Vec<_>) = page.into_iter().partition(|file| kept.contains(file.id.as_str()));
        let ids: Vec<FileId> = go.into_iter().map(|file| file.id).collect();
        rows::erase(tx, environment, &ids)?;
        let mut headers = Vec::with_capacity(stay.len());
        for file in stay {
            let Some(header) = &file.header else { continue };
            let (key, about) = old_key.open_with_key(header, &identity(&file.id))?;
            headers.push((file.id.clone(), after.key.seal_with_key(&key, &about, &identity(&file.id))?));
        }
        rows::set_headers(tx, environment, &headers)?;
    }
}

/// The content of a file, in the clear, with what is to be told with it. `Debug` shows neither.
pub struct OpenFile {
    /// Its name.
    pub filename: String,
    /// Its media type.
    pub mime_type: String,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

impl fmt::Debug for OpenFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("OpenFile([redacted])")
    }
}

/// Opens a file that was read. None when it was erased since.
///
/// # Errors
/// When it was damaged, moved, or sealed under another key.
pub fn open(
    file: &SealedFile,
    id: &FileId,
    environment: &EnvironmentId,
    master: &MasterKey,
) -> Result<Option<OpenFile>> {
    let (Some(header), Some(content), Some(wrapped)) = (&file.header, &file.content, &file.wrapped_key)
    else {
        return Ok(None);
    };
    let owner = DataKey::unwrap(master, wrapped, environment.as_str(), &file.owner_id)?;
    let (key, about) = owner.open_with_key(header, &identity(id))?;
    let about: About = serde_json::from_slice(&about)
        .map_err(|_| Error::bug(format!("the header of file {id} is damaged")))?;
    let bytes = key.open(content, &identity(id))?;
    Ok(Some(OpenFile { filename: about.filename, mime_type: about.mime_type, bytes }))
}
