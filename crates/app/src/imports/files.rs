//! Files that are uploaded to be imported: in parts, each sealed, so that an upload goes on where it stopped.

use std::fmt;
use std::io::{self, Read, Seek, SeekFrom};
use std::sync::Arc;

use muster_domain::import::FileSettings;
use muster_domain::{ImportFileId, Timestamp};
use muster_store::data_keys::{self, NewDataKey};
use muster_store::imports::{self as rows, FileRow, PartRow};
use muster_store::seal::{DataKey, MasterKey, digest16};
use muster_store::{Db, Tx};
use muster_tabular::{Detected, Fault, FaultCode, Limits, Settings, Table};
use serde::{Deserialize, Serialize};

use super::erase;
use crate::{App, Cx, Error, Result, Scope, jobs};

/// Bytes of every part but the last.
pub const PART_BYTES: usize = 1 << 20;
/// Most parts of a file: 4 GiB.
pub const PARTS_MAX: u64 = 4096;
/// Longest name of a file, in characters.
const NAME_CHARS_MAX: usize = 255;
/// Parts that a reader keeps open: a workbook is read here and there.
const PARTS_KEPT: usize = 4;

/// How far a file is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileStatus {
    /// Parts are still missing.
    Uploading,
    /// It can be imported.
    Ready,
    /// Its content is gone.
    Erased,
}

impl FileStatus {
    /// Its name on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Uploading => "uploading",
            Self::Ready => "ready",
            Self::Erased => "erased",
        }
    }

    fn parse(text: &str) -> Result<Self> {
        let all = [Self::Uploading, Self::Ready, Self::Erased];
        let found = all.into_iter().find(|one| one.as_str() == text);
        found.ok_or_else(|| Error::bug("a file has an unknown status"))
    }
}

/// A file, without its content. `Debug` shows no name.
#[derive(Clone)]
pub struct File {
    /// Its ID.
    pub id: ImportFileId,
    /// Its name, as it was given.
    pub filename: String,
    /// How far it is.
    pub status: FileStatus,
    /// Bytes; 0 until it is ready.
    pub byte_size: u64,
    /// Parts; 0 until it is ready.
    pub parts: u64,
    /// Tells files of one content; none until it is ready.
    pub digest: Option<Vec<u8>>,
    /// What a look at the first rows said; none until it is ready, or where it is no table as it stands.
    pub detected: Option<Detected>,
    /// Why it is no table as it stands, and what to do; settings set by hand may mend it.
    pub fault: Option<Fault>,
    /// When its upload began.
    pub created_at: Timestamp,
    /// When its content was erased.
    pub erased_at: Option<Timestamp>,
}

impl fmt::Debug for File {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "File({}, {}, {} bytes)", self.id, self.status.as_str(), self.byte_size)
    }
}

/// What of a file is sealed beside its content.
#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", default)]
struct Header {
    filename: String,
    detected: Option<Detected>,
    fault: Option<Fault>,
}

/// A file and the key that seals it.
#[derive(Clone)]
pub(super) struct OpenedFile {
    pub(super) file: File,
    pub(super) key: DataKey,
}

fn identity(id: &ImportFileId) -> String {
    format!("import_files/{id}")
}

pub(super) fn part_identity(id: &ImportFileId, number: i64) -> String {
    format!("import_parts/{id}/{number}")
}

fn open_row(row: &FileRow, scope: &Scope, master: &MasterKey) -> Result<OpenedFile> {
    let wrapped = row.wrapped_key.as_ref().ok_or_else(|| Error::bug("a file has no data key"))?;
    let key = DataKey::unwrap(master, wrapped, scope.environment.id.as_str(), row.id.as_str())?;
    let header = match &row.header {
        None => Header::default(),
        Some(sealed) => serde_json::from_slice(&key.open(sealed, &identity(&row.id))?)
            .map_err(|_| Error::bug("the header of a file is damaged"))?,
    };
    let number = |number: i64| u64::try_from(number).unwrap_or(0);
    let file = File {
        id: row.id.clone(),
        filename: header.filename,
        status: FileStatus::parse(&row.status)?,
        byte_size: number(row.byte_size),
        parts: number(row.parts),
        digest: row.digest_hash.clone(),
        detected: header.detected,
        fault: header.fault,
        created_at: row.created_at,
        erased_at: row.erased_at,
    };
    Ok(OpenedFile { file, key })
}

pub(super) fn find(
    tx: &mut Tx<'_>,
    scope: &Scope,
    master: &MasterKey,
    id: &ImportFileId,
) -> Result<OpenedFile> {
    let row = rows::find_file(tx, &scope.environment.id, id)?.ok_or(Error::NotFound)?;
    open_row(&row, scope, master)
}

/// Begins the upload of a file.
///
/// # Errors
/// [`Error::Invalid`] for a name that cannot be.
pub fn create(cx: &mut Cx<'_, '_>, filename: &str) -> Result<File> {
    if !cx.scope.environment.active {
        return Err(Error::InactiveEnvironment);
    }
    let filename = filename.trim();
    if filename.is_empty()
        || filename.chars().count() > NAME_CHARS_MAX
        || filename.chars().any(char::is_control)
    {
        let message = format!("must be 1 to {NAME_CHARS_MAX} characters without control characters");
        return Err(Error::invalid(["filename"], message));
    }
    let (id, key, environment) = (cx.ids.mint::<ImportFileId>(), DataKey::random(), &cx.scope.environment.id);
    let wrapped = key.wrap(cx.master, environment.as_str(), id.as_str())?;
    data_keys::insert(cx.tx, &[NewDataKey { environment, subject: id.as_str(), wrapped: &wrapped }])?;
    let header = Header { filename: filename.to_owned(), ..Header::default() };
    rows::insert_file(cx.tx, environment, &id, &sealed(&key, &id, &header)?, cx.scope.now)?;
    erase::file_later(cx, &id)?;
    find(cx.tx, cx.scope, cx.master, &id).map(|opened| opened.file)
}

fn sealed(key: &DataKey, id: &ImportFileId, header: &Header) -> Result<Vec<u8>> {
    let text = serde_json::to_vec(header).map_err(|error| Error::bug(error.to_string()))?;
    Ok(key.seal(&text, &identity(id))?)
}

/// Stores a part; the same number again takes the place of the one before. Blocks; never call it on an async thread.
///
/// # Errors
/// [`Error::NotFound`], [`Error::Conflict`] when the file is complete, [`Error::Invalid`] for a part that is too long
/// or empty, or a number that cannot be.
pub fn put_part(app: &App, scope: &Scope, id: &ImportFileId, number: u64, content: &[u8]) -> Result<()> {
    if content.is_empty() || content.len() > PART_BYTES {
        return Err(Error::invalid(["part"], format!("must have 1 to {PART_BYTES} bytes")));
    }
    let at = i64::try_from(number).ok().filter(|_| number < PARTS_MAX);
    let Some(number) = at else {
        return Err(Error::invalid(["number"], format!("must be from 0 to {}", PARTS_MAX - 1)));
    };
    let opened = read(app, scope, id)?;
    refuse_unless_uploading(&opened.file)?;
    let digest = digest16(&[content]);
    let text: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
    let part = PartRow {
        number,
        byte_size: i64::try_from(content.len()).unwrap_or(i64::MAX),
        digest_hash: scope.environment.index_key.blind("import", "part", &text),
    };
    let sealed = opened.key.seal_compressed(content, &part_identity(id, number))?;
    let (scope, id, master) = (scope.clone(), id.clone(), Arc::clone(&app.master));
    app.db.write_blocking("imports.part", move |tx| {
        refuse_unless_uploading(&find(tx, &scope, &master, &id)?.file)?;
        rows::put_part(tx, &scope.environment.id, &id, &part, &sealed).map_err(Error::from)
    })
}

fn refuse_unless_uploading(file: &File) -> Result<()> {
    match file.status {
        FileStatus::Uploading => Ok(()),
        _ => Err(Error::Conflict {
            title: "Conflict",
            details: "this file is complete; upload another one to import something else".to_owned(),
        }),
    }
}

fn read(app: &App, scope: &Scope, id: &ImportFileId) -> Result<OpenedFile> {
    let (scope, id, master) = (scope.clone(), id.clone(), Arc::clone(&app.master));
    app.db.read_blocking("imports.file", move |tx| find(tx, &scope, &master, &id))
}

/// Completes an upload: checks that no part is missing and looks at what the file holds. A file that is complete
/// already is shown as it is. Blocks; never call it on an async thread.
///
/// # Errors
/// [`Error::NotFound`], [`Error::Invalid`] when a part is missing.
pub fn complete(app: &App, scope: &Scope, id: &ImportFileId) -> Result<File> {
    let (at, wanted, master) = (scope.clone(), id.clone(), Arc::clone(&app.master));
    app.db.write_blocking("imports.complete", move |tx| {
        let opened = find(tx, &at, &master, &wanted)?;
        if opened.file.status != FileStatus::Uploading {
            return Ok::<_, Error>(());
        }
        let limit = i64::try_from(PARTS_MAX).unwrap_or(i64::MAX);
        let parts = rows::parts(tx, &at.environment.id, &wanted, 0, limit)?;
        let byte_size = check_parts(&parts)?;
        let digests: Vec<&[u8]> = parts.iter().map(|part| part.digest_hash.as_slice()).collect();
        let count = i64::try_from(parts.len()).unwrap_or(i64::MAX);
        let digest = digest16(&digests);
        rows::complete_file(tx, &at.environment.id, &wanted, (byte_size, count), &digest)?;
        Ok(())
    })?;
    let opened = read(app, scope, id)?;
    if opened.file.detected.is_some() || opened.file.fault.is_some() {
        return Ok(opened.file);
    }
    let mut header = Header { filename: opened.file.filename.clone(), ..Header::default() };
    match muster_tabular::detect(Box::new(open(app, scope, id)?), &header.filename, &Settings::default()) {
        Ok(detected) => header.detected = Some(detected),
        Err(fault) if fault.code == FaultCode::Unreadable => return Err(out_of_reach()),
        Err(fault) => header.fault = Some(fault),
    }
    let text = sealed(&opened.key, id, &header)?;
    let (environment, wanted) = (scope.environment.id.clone(), id.clone());
    app.db.write_blocking("imports.detected", move |tx| {
        rows::set_header(tx, &environment, &wanted, &text).map_err(Error::from)
    })?;
    read(app, scope, id).map(|opened| opened.file)
}

/// Looks at the first rows of a file that is ready, read as the settings say. Blocks; never call it on an async
/// thread.
///
/// # Errors
/// As [`open`], and [`Error::Invalid`] when it is no table as it is read.
pub fn detect(app: &App, scope: &Scope, id: &ImportFileId, settings: &FileSettings) -> Result<Detected> {
    let file = show(app, scope, id)?;
    let settings = table_settings(settings)?;
    let found = muster_tabular::detect(Box::new(open(app, scope, id)?), &file.filename, &settings);
    found.map_err(|fault| match fault.code {
        FaultCode::Unreadable => out_of_reach(),
        _ => Error::invalid(["file-id"], format!("names a file that cannot be read: {fault}")),
    })
}

/// Its content lies in the database, which could not be asked: later it can.
pub(super) const fn out_of_reach() -> Error {
    Error::Retry("the content of a file, which could not be read")
}

/// Opens a file as a table, read as the settings say.
///
/// # Errors
/// As [`open`]; within, why it is no table.
pub(super) fn table(
    app: &App,
    scope: &Scope,
    id: &ImportFileId,
    settings: &FileSettings,
) -> Result<Result<Table, Fault>> {
    let file = show(app, scope, id)?;
    let settings = table_settings(settings)?;
    match Table::open(Box::new(open(app, scope, id)?), &file.filename, &settings, Limits::default()) {
        Err(fault) if fault.code == FaultCode::Unreadable => Err(out_of_reach()),
        table => Ok(table),
    }
}

/// Settings as the reader of tables has them.
pub(super) fn table_settings(settings: &FileSettings) -> Result<Settings> {
    let written = serde_json::to_value(settings).map_err(|error| Error::bug(error.to_string()))?;
    serde_json::from_value(written).map_err(|_| {
        let message = "has a setting that cannot be; encodings are utf-8, utf-16le, utf-16be and windows-1252, \
                       delimiter and quote are one ASCII character";
        Error::invalid(["pipeline-config", "file"], message)
    })
}

/// All parts are there, from 0 on, and all but the last are whole. Returns the bytes of all.
fn check_parts(parts: &[PartRow]) -> Result<i64> {
    let whole = i64::try_from(PART_BYTES).unwrap_or(i64::MAX);
    if parts.is_empty() {
        return Err(Error::invalid(["parts"], "must be one at least; send the content first"));
    }
    for (part, number) in parts.iter().zip(0..) {
        if part.number != number {
            return Err(Error::invalid(["parts"], format!("must be all there; part {number} is missing")));
        }
        if part.byte_size != whole && parts.len() as u64 != u64::try_from(number).unwrap_or(0) + 1 {
            let message = format!("must all have {PART_BYTES} bytes but the last; part {number} has not");
            return Err(Error::invalid(["parts"], message));
        }
    }
    Ok(parts.iter().map(|part| part.byte_size).sum())
}

/// Lets a file go that nobody is going to read: what would have read it was not begun. Blocks; never call it on an
/// async thread.
///
/// # Errors
/// What the store reports.
pub fn discard(app: &App, scope: &Scope, id: &ImportFileId) -> Result<()> {
    let id = id.clone();
    jobs::transact(app, scope, "imports.discard", move |cx| erase::file_now(cx, &id))
}

/// Shows a file: what it is called, and what it holds. Blocks; never call it on an async thread.
///
/// # Errors
/// [`Error::NotFound`].
pub fn show(app: &App, scope: &Scope, id: &ImportFileId) -> Result<File> {
    read(app, scope, id).map(|opened| opened.file)
}

/// The parts of a file that is being uploaded which are there: number and bytes.
///
/// # Errors
/// [`Error::NotFound`].
pub fn parts(app: &App, scope: &Scope, id: &ImportFileId) -> Result<Vec<(u64, u64)>> {
    let file = read(app, scope, id)?.file;
    let environment = scope.environment.id.clone();
    let limit = i64::try_from(PARTS_MAX).unwrap_or(i64::MAX);
    let found = app.db.read_blocking("imports.parts", move |tx| {
        rows::parts(tx, &environment, &file.id, 0, limit).map_err(Error::from)
    })?;
    let number = |number: i64| u64::try_from(number).unwrap_or(0);
    Ok(found.iter().map(|part| (number(part.number), number(part.byte_size))).collect())
}

/// Opens the content of a file that is ready.
///
/// # Errors
/// [`Error::NotFound`], [`Error::Conflict`] when it is not ready.
pub fn open(app: &App, scope: &Scope, id: &ImportFileId) -> Result<Content> {
    let OpenedFile { file, key } = read(app, scope, id)?;
    match file.status {
        FileStatus::Ready => {}
        FileStatus::Uploading => {
            let details =
                "this file is not complete; send the parts that are missing and complete it".to_owned();
            return Err(Error::Conflict { title: "Conflict", details });
        }
        FileStatus::Erased => {
            let details = "the content of this file was erased; upload it again".to_owned();
            return Err(Error::Conflict { title: "Conflict", details });
        }
    }
    let (db, scope) = (app.db.clone(), scope.clone());
    Ok(Content { db, scope, id: id.clone(), key, byte_size: file.byte_size, at: 0, kept: Vec::new() })
}

/// The content of a file, read part by part. Blocks; never use it on an async thread.
pub struct Content {
    db: Db,
    scope: Scope,
    id: ImportFileId,
    key: DataKey,
    byte_size: u64,
    at: u64,
    /// The parts that were read last, the newest at the end.
    kept: Vec<(u64, Vec<u8>)>,
}

impl Content {
    /// Bytes of the whole file.
    #[must_use]
    pub const fn byte_size(&self) -> u64 {
        self.byte_size
    }

    fn part(&mut self, number: u64) -> Result<&[u8]> {
        if let Some(place) = self.kept.iter().position(|(kept, _)| *kept == number) {
            let part = self.kept.remove(place);
            self.kept.push(part);
        } else {
            let at = i64::try_from(number).unwrap_or(i64::MAX);
            let (environment, id) = (self.scope.environment.id.clone(), self.id.clone());
            let sealed = self.db.read_bulk("imports.read_part", move |tx| {
                rows::find_part(tx, &environment, &id, at).map_err(Error::from)
            })?;
            let sealed = sealed.ok_or_else(|| Error::bug("a part of a file is gone"))?;
            let content = self.key.open_compressed(&sealed, &part_identity(&self.id, at))?;
            if self.kept.len() == PARTS_KEPT {
                self.kept.remove(0);
            }
            self.kept.push((number, content));
        }
        Ok(self.kept.last().map_or(&[][..], |(_, content)| content.as_slice()))
    }
}

impl Read for Content {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.at >= self.byte_size || buffer.is_empty() {
            return Ok(0);
        }
        let (number, from) = (self.at / PART_BYTES as u64, self.at % PART_BYTES as u64);
        let part = self.part(number).map_err(io::Error::other)?;
        let from = usize::try_from(from).unwrap_or(usize::MAX).min(part.len());
        let count = buffer.len().min(part.len() - from);
        buffer[..count].copy_from_slice(&part[from..from + count]);
        self.at += count as u64;
        Ok(count)
    }
}

impl Seek for Content {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let before = || io::Error::new(io::ErrorKind::InvalidInput, "a place before the beginning");
        self.at = match to {
            SeekFrom::Start(at) => at,
            SeekFrom::End(by) => self.byte_size.checked_add_signed(by).ok_or_else(before)?,
            SeekFrom::Current(by) => self.at.checked_add_signed(by).ok_or_else(before)?,
        };
        Ok(self.at)
    }
}

impl fmt::Debug for Content {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Content({}, at {} of {})", self.id, self.at, self.byte_size)
    }
}
