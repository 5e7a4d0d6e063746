//! Importers: the published way of importing accounts, with its fixed columns (spec B.1).
//!
//! An importer is a run of its own, without a pipeline and without events, over the same engine.

use std::fmt;
use std::io::Cursor;
use std::sync::Arc;

use muster_domain::fold::fold;
use muster_domain::import::{
    Counters, Duplicates, FileFormat, FileSettings, MappingEntry, MatchKey, PipelineConfig, RunAction,
    RunKind, RunStatus, TagMode, Target, WriteMode,
};
use muster_domain::{AccountType, ImportFileId, ImporterId, ImporterPipelineRunId, ResourceId, Timestamp};
use muster_store::records as rows;
use muster_tabular::{FaultCode, Limits, Table};
use serde::{Deserialize, Serialize};

use super::files;
use super::runs::Run;
use crate::accounts::Page;
use crate::jobs::{self, Kind};
use crate::record::{self, Columns, Noun, PageOf, Record};
use crate::{App, Cx, Error, ReadCx, Result, Scope};

/// Most bytes of a file.
const FILE_BYTES_MAX: usize = 10 << 20;
/// Most rows of a file.
const ROWS_MAX: u64 = 50_000;

/// Columns and where they go.
const COLUMNS: [(&str, &str); 7] = [
    ("reference_id", "reference-id"),
    ("name_first", "fields.name-first"),
    ("name_middle", "fields.name-middle"),
    ("name_last", "fields.name-last"),
    ("birthdate", "fields.birthdate"),
    ("social_security_number", "fields.social-security-number"),
    ("tags", "tags"),
];

/// How far an importer is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ImporterStatus {
    /// It is under way.
    Pending,
    /// It has read its file to the end.
    Ready,
    /// Its file could not be read.
    Errored,
}

impl ImporterStatus {
    /// Its name on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Ready => "ready",
            Self::Errored => "errored",
        }
    }
}

/// An import through the published endpoints.
#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Importer {
    /// Its ID.
    pub id: ImporterId,
    /// The run that does its work.
    pub run: ImporterPipelineRunId,
    /// The file that it reads.
    pub file: ImportFileId,
    /// How far it is.
    pub status: ImporterStatus,
    /// Rows that made accounts.
    pub successful_count: u64,
    /// Rows whose accounts were there already.
    pub duplicate_count: u64,
    /// Rows that were refused.
    pub error_count: u64,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
    /// When it was done.
    pub completed_at: Option<Timestamp>,
}

impl fmt::Debug for Importer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Importer({}, {})", self.id, self.status.as_str())
    }
}

impl Noun for Importer {
    const KIND: &'static str = "importer";
    const PREFIX: &'static str = ImporterId::PREFIX;

    fn columns(&self) -> Columns {
        Columns {
            id: self.id.to_string(),
            variant: "account",
            status: self.status.as_str(),
            ..Columns::default()
        }
    }

    fn times(&self) -> (Timestamp, Timestamp) {
        (self.created_at, self.updated_at)
    }

    fn set_updated_at(&mut self, at: Timestamp) {
        self.updated_at = at;
    }
}

/// Starts to import accounts of the default type from a CSV file. Blocks; never call it on an async thread.
///
/// # Errors
/// [`Error::Invalid`] for a file that is too big, or whose header has an unknown column, none that is known, or one
/// twice; nothing is imported then.
pub fn create(app: &App, scope: &Scope, filename: &str, content: &[u8]) -> Result<Record<Importer>> {
    let kept = keep(app, scope, filename, content)?;
    jobs::transact(app, scope, "importers.create", move |cx| start(cx, &kept))
}

/// A file that was kept to be imported, and where its columns go.
#[derive(Clone, Debug)]
pub struct Kept {
    /// The file.
    pub file: ImportFileId,
    mapping: Vec<MappingEntry>,
    /// Why it cannot be read, if it cannot.
    fault: Option<String>,
}

/// Keeps a file that is going to be imported. Blocks; never call it on an async thread.
///
/// # Errors
/// As [`create`].
pub fn keep(app: &App, scope: &Scope, filename: &str, content: &[u8]) -> Result<Kept> {
    if content.len() > FILE_BYTES_MAX {
        return Err(invalid("must have at most 10 MiB; split it into several"));
    }
    let ty = default_type(app, scope)?;
    let (mapping, fault) = mapping(&ty, filename, content)?;
    let name = if filename.trim().is_empty() { "accounts.csv" } else { filename }.to_owned();
    let file = jobs::transact(app, scope, "importers.file", move |cx| files::create(cx, &name))?;
    for (part, number) in content.chunks(files::PART_BYTES).zip(0..) {
        files::put_part(app, scope, &file.id, number, part)?;
    }
    if !content.is_empty() {
        files::complete(app, scope, &file.id)?;
    }
    Ok(Kept { file: file.id, mapping, fault })
}

fn default_type(app: &App, scope: &Scope) -> Result<Arc<AccountType>> {
    let (catalogs, organization) = (Arc::clone(&app.catalogs), scope.environment.organization.clone());
    app.db.read_blocking("importers.type", move |tx| {
        catalogs.current(tx, &organization)?.default_account_type().map(Arc::clone)
    })
}

fn invalid(message: &str) -> Error {
    Error::invalid(["file"], message)
}

fn settings() -> FileSettings {
    FileSettings {
        format: Some(FileFormat::Csv),
        delimiter: Some(','),
        header: Some(true),
        ..FileSettings::default()
    }
}

/// Where the columns of a file go; or none of them, and why it cannot be read.
fn mapping(ty: &AccountType, filename: &str, content: &[u8]) -> Result<(Vec<MappingEntry>, Option<String>)> {
    let settings = files::table_settings(&settings())?;
    let mut table =
        match Table::open(Box::new(Cursor::new(content.to_vec())), filename, &settings, Limits::default()) {
            Ok(table) => table,
            Err(fault) if matches!(fault.code, FaultCode::DuplicateHeader | FaultCode::BlankHeader) => {
                return Err(invalid(&format!("cannot be imported: {fault}")));
            }
            Err(fault) => return Ok((Vec::new(), Some(fault.to_string()))),
        };
    let mut mapping: Vec<MappingEntry> = Vec::with_capacity(COLUMNS.len());
    for (column, place) in table.columns().iter().zip(1..) {
        let plain = fold(column).replace(['-', ' '], "_");
        let target = COLUMNS.iter().find(|(name, _)| *name == plain).and_then(|(_, to)| Target::parse(to));
        let target = target.or_else(|| ty.field(&plain).map(|_| Target::Field(plain.clone())));
        let Some(target) = target else {
            let known: Vec<&str> = COLUMNS.iter().map(|(name, _)| *name).collect();
            return Err(invalid(&format!(
                "has a column in its header that is not known, column {place}; known are {} and the keys of fields of \
                 the default account type",
                known.join(", ")
            )));
        };
        if mapping.iter().any(|entry| entry.target == target) {
            return Err(invalid(&format!("has the column {plain} twice in its header")));
        }
        let mut entry = MappingEntry::column_to(column, target);
        if entry.target == Target::Tags {
            entry.split = Some(";".to_owned());
            entry.tags = Some(TagMode::Replace);
        }
        mapping.push(entry);
    }
    let mut count = 0;
    while let Ok(Some(_)) = table.next() {
        count += 1;
        if count > ROWS_MAX {
            return Err(invalid(&format!("must have at most {ROWS_MAX} rows; split it into several")));
        }
    }
    let nothing = || (Vec::new(), Some("The file has no rows below its header.".to_owned()));
    Ok(if count == 0 { nothing() } else { (mapping, None) })
}

/// The names of tags in one cell: between semicolons, bars or commas.
pub(super) fn tag_names(names: &[String]) -> Vec<String> {
    let split = names.iter().flat_map(|name| name.split([';', '|', ',']));
    split.map(str::trim).filter(|name| !name.is_empty()).map(str::to_owned).collect()
}

/// Starts to import what was kept.
///
/// # Errors
/// What the store reports.
pub fn start(cx: &mut Cx<'_, '_>, Kept { file, mapping, fault }: &Kept) -> Result<Record<Importer>> {
    let has_key = mapping.iter().any(|entry| entry.target == Target::ReferenceId);
    let config = PipelineConfig {
        write_mode: WriteMode::Insert,
        match_key: if has_key { MatchKey::ReferenceId } else { MatchKey::None },
        mapping: mapping.clone(),
        duplicates: Duplicates::First,
        create_without_key: has_key,
        max_error_ratio: 1.0,
        suppress_workflows: false,
        file: settings(),
        ..PipelineConfig::default()
    };
    let (id, run, now) = (cx.ids.mint::<ImporterId>(), cx.ids.mint::<ImporterPipelineRunId>(), cx.scope.now);
    let importer = Importer {
        id: id.clone(),
        run: run.clone(),
        file: file.clone(),
        status: if fault.is_some() { ImporterStatus::Errored } else { ImporterStatus::Pending },
        successful_count: 0,
        duplicate_count: 0,
        error_count: 0,
        created_at: now,
        updated_at: now,
        completed_at: fault.is_some().then_some(now),
    };
    let blank = Run::new((run, RunKind::Import), config, cx.scope);
    let status = if fault.is_some() { RunStatus::Errored } else { blank.status };
    let run = Run {
        importer: Some(id),
        file: Some(file.clone()),
        status,
        ended_at: fault.is_some().then_some(now),
        reason: fault.clone(),
        ..blank
    };
    let run = record::insert(cx, run, None, Vec::new())?;
    if fault.is_none() {
        jobs::enqueue(cx, Kind::RunImport, run.item.id.as_str(), "")?;
    }
    record::insert(cx, importer, None, Vec::new())
}

/// Notes at the importer what its run came to.
pub(super) fn conclude(cx: &mut Cx<'_, '_>, run: &Run, action: RunAction) -> Result<()> {
    let Some(id) = &run.importer else { return Ok(()) };
    let mut record = record::get::<Importer>(cx.tx, cx.scope, cx.master, id.as_str())?;
    let mut importer = record.item.clone();
    let Counters { created, skipped, errors, .. } = run.counters;
    (importer.successful_count, importer.duplicate_count, importer.error_count) = (created, skipped, errors);
    importer.status = match action {
        RunAction::Complete => ImporterStatus::Ready,
        _ => ImporterStatus::Errored,
    };
    importer.completed_at = Some(cx.scope.now);
    debug_assert!(run.status != RunStatus::Running);
    record::update(cx, &mut record, importer, Vec::new())
}

/// Reads one importer.
///
/// # Errors
/// [`Error::NotFound`].
pub fn get(cx: &mut ReadCx<'_, '_>, id: &ImporterId) -> Result<Record<Importer>> {
    record::get(cx.tx, cx.scope, cx.master, id.as_str())
}

/// Reads one page of importers, newest first.
///
/// # Errors
/// What the store reports.
pub fn page(cx: &mut ReadCx<'_, '_>, request: &PageOf) -> Result<Page<Record<Importer>>> {
    let environment = &cx.scope.environment.id;
    record::page((cx.tx, cx.scope, cx.master), request, |tx, range| {
        Ok(rows::page(tx, environment, rows::Selection::All, range)?)
    })
}
