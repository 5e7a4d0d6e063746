//! Pipelines: saved ways of importing.

use std::fmt;
use std::sync::Arc;

use muster_domain::import::PipelineConfig;
use muster_domain::{AccountType, ImporterPipelineId, ResourceId, Timestamp};
use muster_store::records as rows;
use serde::{Deserialize, Serialize};

use crate::accounts::Page;
use crate::record::{self, Columns, Noun, PageOf, Record};
use crate::{Catalog, Cx, Error, ReadCx, Result};

/// Longest name of a pipeline, in characters.
const NAME_CHARS_MAX: usize = 255;

/// Whether a pipeline runs by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PipelineStatus {
    /// It can be run, and runs by itself if it has a schedule.
    Active,
    /// Nothing runs it.
    Inactive,
}

impl PipelineStatus {
    /// Its name on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Inactive => "inactive",
        }
    }
}

/// What starts the runs of a pipeline.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RunType {
    /// Somebody does.
    Manual,
    /// Its schedule does.
    Recurring,
}

impl RunType {
    /// Its name on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Manual => "manual",
            Self::Recurring => "recurring",
        }
    }
}

/// A saved way of importing.
#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Pipeline {
    /// Its ID.
    pub id: ImporterPipelineId,
    /// What people call it.
    pub name: String,
    /// Whether it may run.
    pub status: PipelineStatus,
    /// What starts its runs.
    pub run_type: RunType,
    /// How the rows of a file become accounts.
    pub config: PipelineConfig,
    /// When it runs next by itself.
    #[serde(default)]
    pub next_run_at: Option<Timestamp>,
    /// When it was created.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
    /// When it was hidden.
    #[serde(default)]
    pub archived_at: Option<Timestamp>,
}

impl fmt::Debug for Pipeline {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Pipeline({}, {})", self.id, self.status.as_str())
    }
}

impl Noun for Pipeline {
    const KIND: &'static str = "importer-pipeline";
    const PREFIX: &'static str = ImporterPipelineId::PREFIX;

    fn columns(&self) -> Columns {
        let status = if self.archived_at.is_some() { "archived" } else { self.status.as_str() };
        Columns { id: self.id.to_string(), status, ..Columns::default() }
    }

    fn times(&self) -> (Timestamp, Timestamp) {
        (self.created_at, self.updated_at)
    }

    fn set_updated_at(&mut self, at: Timestamp) {
        self.updated_at = at;
    }
}

/// A pipeline that is to be saved.
#[derive(Clone)]
pub struct NewPipeline {
    /// What people call it.
    pub name: String,
    /// How the rows of a file become accounts.
    pub config: PipelineConfig,
}

/// What is to change of a pipeline; what is left out stays.
#[derive(Clone, Default)]
pub struct PipelineChanges {
    /// What people call it.
    pub name: Option<String>,
    /// How the rows of a file become accounts.
    pub config: Option<PipelineConfig>,
    /// Whether it may run.
    pub status: Option<PipelineStatus>,
}

/// Saves a pipeline.
///
/// # Errors
/// [`Error::Invalid`] for a name or a configuration that cannot be.
pub fn create(cx: &mut Cx<'_, '_>, new: NewPipeline) -> Result<Record<Pipeline>> {
    if !cx.scope.environment.active {
        return Err(Error::InactiveEnvironment);
    }
    let NewPipeline { name, config } = new;
    check(cx, &config)?;
    let pipeline = Pipeline {
        id: cx.ids.mint(),
        name: named(&name)?,
        status: PipelineStatus::Active,
        run_type: run_type(&config),
        config,
        next_run_at: None,
        created_at: cx.scope.now,
        updated_at: cx.scope.now,
        archived_at: None,
    };
    record::insert(cx, pipeline, None, Vec::new())
}

const fn run_type(config: &PipelineConfig) -> RunType {
    if config.schedule.is_some() { RunType::Recurring } else { RunType::Manual }
}

fn named(name: &str) -> Result<String> {
    let name = name.trim();
    if name.is_empty() || name.chars().count() > NAME_CHARS_MAX || name.chars().any(char::is_control) {
        let message = format!("must be 1 to {NAME_CHARS_MAX} characters without control characters");
        return Err(Error::invalid(["name"], message));
    }
    Ok(name.to_owned())
}

/// The account type of a configuration, as it is now.
pub(super) fn type_of<'c>(catalog: &'c Catalog, config: &PipelineConfig) -> Result<&'c Arc<AccountType>> {
    match &config.account_type_id {
        None => catalog.default_account_type(),
        Some(id) => catalog.account_type(id).ok_or_else(|| {
            let message = "names no account type of this organization";
            Error::invalid(["pipeline-config", "account-type-id"], message)
        }),
    }
}

/// Refuses a configuration that does not fit its account type, whatever the columns of a file.
fn check(cx: &Cx<'_, '_>, config: &PipelineConfig) -> Result<()> {
    let ty = type_of(cx.catalog, config)?;
    config.check_without_file(ty).map_err(Error::Invalid)
}

/// Changes a pipeline. Runs that are under way go on as they began.
///
/// # Errors
/// [`Error::NotFound`], [`Error::Invalid`] as when it is created, [`Error::Conflict`] when it is archived.
pub fn update(
    cx: &mut Cx<'_, '_>,
    id: &ImporterPipelineId,
    changes: PipelineChanges,
) -> Result<Record<Pipeline>> {
    let mut record = open_active(cx, id)?;
    let mut pipeline = record.item.clone();
    if let Some(name) = &changes.name {
        pipeline.name = named(name)?;
    }
    if let Some(config) = changes.config {
        check(cx, &config)?;
        pipeline.run_type = run_type(&config);
        pipeline.config = config;
    }
    pipeline.status = changes.status.unwrap_or(pipeline.status);
    record::update(cx, &mut record, pipeline, Vec::new())?;
    Ok(record)
}

/// Hides a pipeline; nothing runs it any more. One that is hidden stays so.
///
/// # Errors
/// [`Error::NotFound`].
pub fn archive(cx: &mut Cx<'_, '_>, id: &ImporterPipelineId) -> Result<Record<Pipeline>> {
    let mut record = record::get::<Pipeline>(cx.tx, cx.scope, cx.master, id.as_str())?;
    if record.item.archived_at.is_none() {
        let mut pipeline = record.item.clone();
        pipeline.archived_at = Some(cx.scope.now);
        pipeline.status = PipelineStatus::Inactive;
        pipeline.next_run_at = None;
        record::update(cx, &mut record, pipeline, Vec::new())?;
    }
    Ok(record)
}

/// A pipeline that is not archived.
pub(super) fn open_active(cx: &mut Cx<'_, '_>, id: &ImporterPipelineId) -> Result<Record<Pipeline>> {
    let record = record::get::<Pipeline>(cx.tx, cx.scope, cx.master, id.as_str())?;
    match record.item.archived_at {
        None => Ok(record),
        Some(_) => Err(Error::Conflict {
            title: "Conflict",
            details: "this pipeline is archived; make another one".to_owned(),
        }),
    }
}

/// Reads one pipeline.
///
/// # Errors
/// [`Error::NotFound`].
pub fn get(cx: &mut ReadCx<'_, '_>, id: &ImporterPipelineId) -> Result<Record<Pipeline>> {
    record::get(cx.tx, cx.scope, cx.master, id.as_str())
}

/// Reads one page of pipelines, newest first, archived ones as well.
///
/// # Errors
/// What the store reports.
pub fn page(cx: &mut ReadCx<'_, '_>, request: &PageOf) -> Result<Page<Record<Pipeline>>> {
    let environment = &cx.scope.environment.id;
    record::page((cx.tx, cx.scope, cx.master), request, |tx, range| {
        Ok(rows::page(tx, environment, rows::Selection::All, range)?)
    })
}
