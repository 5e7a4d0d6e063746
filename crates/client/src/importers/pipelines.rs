//! Pipelines: saved ways of importing.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::ImporterPipelineRun;
use crate::call::Call;
use crate::client::Client;
use crate::endpoints as to;
use crate::error::Result;
use crate::list::List;

/// A saved way of importing.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub struct ImporterPipeline {
    /// Its ID, `mprtp_…`.
    pub id: String,
    /// What people call it.
    pub name: String,
    /// `active` or `inactive`.
    pub status: String,
    /// `manual` or `recurring`.
    pub run_type: String,
    /// What rows become: `account`.
    pub destination: String,
    /// When it runs next by itself.
    pub next_run_at: Option<String>,
    /// How the rows of a file become accounts.
    pub pipeline_config: Value,
    /// When it was created.
    pub created_at: String,
    /// When it was last changed.
    pub updated_at: String,
    /// When it was archived.
    pub archived_at: Option<String>,
}

/// What is to change of a pipeline.
#[derive(Clone, Debug, Default)]
pub struct ImporterPipelineChanges {
    attributes: Map<String, Value>,
}

impl ImporterPipelineChanges {
    /// Nothing yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// What people call it.
    #[must_use]
    pub fn name(self, name: &str) -> Self {
        self.attribute("name", name.into())
    }

    /// Whether it may run: `active` or `inactive`.
    #[must_use]
    pub fn status(self, status: &str) -> Self {
        self.attribute("status", status.into())
    }

    /// How the rows of a file become accounts, as a whole.
    #[must_use]
    pub fn config(self, config: Value) -> Self {
        self.attribute("pipeline-config", config)
    }

    fn attribute(mut self, name: &str, value: Value) -> Self {
        self.attributes.insert(name.to_owned(), value);
        self
    }
}

/// Whether a run writes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Effect {
    /// It does.
    #[default]
    Written,
    /// It only finds out what it would write.
    DryRun,
}

/// A run that is to be started.
#[derive(Clone, Debug, Default)]
pub struct NewImporterRun {
    /// Whether it writes.
    pub effect: Effect,
    /// What you call it.
    pub reference_id: Option<String>,
}

impl NewImporterRun {
    pub(super) fn attributes(&self) -> Value {
        json!({ "dry-run": self.effect == Effect::DryRun, "reference-id": self.reference_id })
    }
}

/// What can be done with pipelines.
#[derive(Clone, Debug)]
pub struct ImporterPipelines {
    client: Client,
}

impl ImporterPipelines {
    pub(crate) fn new(client: Client) -> Self {
        Self { client }
    }

    /// Lists pipelines, newest first.
    pub fn list(&self) -> List<ImporterPipeline> {
        List::new(self.client.clone(), Call::new(to::LIST_IMPORTER_PIPELINES))
    }

    /// Saves a pipeline.
    ///
    /// # Errors
    /// Any [`crate::Error`]; 422 when its configuration makes no sense.
    pub async fn create(&self, name: &str, config: Value) -> Result<ImporterPipeline> {
        let body = json!({ "data": { "attributes": { "name": name, "pipeline-config": config } } });
        self.client.send(Call::new(to::CREATE_IMPORTER_PIPELINE).body(body)).await?.one()
    }

    /// Retrieves a pipeline.
    ///
    /// # Errors
    /// Any [`crate::Error`].
    pub async fn retrieve(&self, pipeline_id: &str) -> Result<ImporterPipeline> {
        self.client.send(Call::of(to::RETRIEVE_IMPORTER_PIPELINE, pipeline_id)).await?.one()
    }

    /// Changes a pipeline.
    ///
    /// # Errors
    /// Any [`crate::Error`].
    pub async fn update(
        &self,
        pipeline_id: &str,
        changes: &ImporterPipelineChanges,
    ) -> Result<ImporterPipeline> {
        let body = json!({ "data": { "attributes": changes.attributes } });
        self.client.send(Call::of(to::UPDATE_IMPORTER_PIPELINE, pipeline_id).body(body)).await?.one()
    }

    /// Archives a pipeline: nothing runs it any more.
    ///
    /// # Errors
    /// Any [`crate::Error`].
    pub async fn archive(&self, pipeline_id: &str) -> Result<ImporterPipeline> {
        self.client.send(Call::of(to::ARCHIVE_IMPORTER_PIPELINE, pipeline_id).body(json!({}))).await?.one()
    }

    /// Runs a pipeline on a file.
    ///
    /// # Errors
    /// Any [`crate::Error`]; 409 when another run of it writes, or has this reference ID.
    pub async fn run(
        &self,
        pipeline_id: &str,
        file_id: &str,
        new: &NewImporterRun,
    ) -> Result<ImporterPipelineRun> {
        let mut attributes = new.attributes();
        attributes["file-id"] = file_id.into();
        let body = json!({ "data": { "attributes": attributes } });
        self.client.send(Call::of(to::RUN_IMPORTER_PIPELINE, pipeline_id).body(body)).await?.one()
    }
}
