//! Runs of pipelines, and what became of their rows.

use std::fmt;

use bytes::Bytes;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::NewImporterRun;
use crate::call::Call;
use crate::client::Client;
use crate::endpoints::{self as to, Endpoint};
use crate::error::Result;
use crate::list::List;

/// A run of a pipeline.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub struct ImporterPipelineRun {
    /// Its ID, `mprtpr_…`.
    pub id: String,
    /// The ID of its pipeline.
    pub importer_pipeline_id: String,
    /// `pending`, `running`, `paused`, `canceled`, `completed`, `errored` or `killed`.
    pub status: String,
    /// What you call it.
    pub reference_id: Option<String>,
    /// How often it was begun.
    pub run_count: u64,
    /// What it works on and how far it is.
    pub run_data: RunData,
    /// When it was made.
    pub created_at: String,
    /// When it last changed.
    pub updated_at: String,
    /// When it was begun first.
    pub started_at: Option<String>,
    /// When it ended.
    pub ended_at: Option<String>,
    /// When what became of its rows was erased.
    pub redacted_at: Option<String>,
}

/// What a run works on and how far it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub struct RunData {
    /// `import`, `dry-run` or `undo`.
    pub kind: String,
    /// The file that it reads.
    pub file_id: Option<String>,
    /// The dry run that it commits.
    pub plan_id: Option<String>,
    /// The run that it takes back.
    pub undo_of_id: Option<String>,
    /// The columns of its file.
    pub column_names: Vec<String>,
    /// How many rows it may have, as far as is known.
    pub estimated_total_count: Option<u64>,
    /// Rows that were read.
    pub rows_read: u64,
    /// Rows that were done.
    pub row_count: u64,
    /// Rows whose account is as they say.
    pub success_count: u64,
    /// Rows that made an account.
    pub created_count: u64,
    /// Rows that changed one.
    pub updated_count: u64,
    /// Rows whose account was already as they say.
    pub unchanged_count: u64,
    /// Rows that were left out, as the pipeline says.
    pub skipped_count: u64,
    /// Rows that were refused.
    pub error_count: u64,
    /// Warnings.
    pub warning_count: u64,
    /// How fast it is, or was.
    pub rows_per_second: Option<u64>,
    /// How long it still takes, as far as is known.
    pub seconds_left: Option<u64>,
    /// What somebody should know of it as a whole.
    pub warnings: Vec<RunWarning>,
    /// Why it gave up, and what to do about it.
    pub reason: Option<String>,
}

/// Something that somebody should know of a run as a whole.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub struct RunWarning {
    /// The kind, such as `same_file`.
    pub code: String,
    /// What it is.
    pub message: String,
    /// The run that it names.
    pub importer_pipeline_run_id: Option<String>,
}

/// What became of a row. `Debug` shows no values.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub struct ImporterRow {
    /// The run and the number of the row.
    pub id: String,
    /// Its number: 1 is the first row of data.
    pub row_number: u64,
    /// `created`, `updated`, `unchanged`, `skipped` or `error`; of a dry run `create`, `update` and `skip`.
    pub action: String,
    /// Its account, where there is one.
    pub account_id: Option<String>,
    /// Why it was refused, and what somebody should know of it.
    pub issues: Vec<RowIssue>,
    /// Its cells by the names of their columns, if it was refused.
    pub cells: Option<Map<String, Value>>,
    /// Of a dry run: every member of the account that would change, as `{"before", "after"}`.
    pub changes: Option<Map<String, Value>>,
}

impl fmt::Debug for ImporterRow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ImporterRow")
            .field("id", &self.id)
            .field("action", &self.action)
            .field("issues", &self.issues)
            .finish_non_exhaustive()
    }
}

/// Why a row was refused, or what somebody should know of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub struct RowIssue {
    /// `error` or `warning`.
    pub severity: String,
    /// The kind, such as `type_mismatch`.
    pub code: String,
    /// The column that it is about.
    pub column: Option<String>,
    /// The field that it is about.
    pub field: Option<String>,
    /// What is wrong and how to mend it.
    pub message: String,
}

/// The filters of the list of runs.
#[derive(Clone, Copy, Debug)]
pub enum ImporterPipelineRunFilters {}

impl List<ImporterPipelineRun, ImporterPipelineRunFilters> {
    /// Only runs of this pipeline.
    pub fn pipeline_id(self, id: &str) -> Self {
        self.with(|call| call.filter("importer-pipeline-id", [id]))
    }

    /// Only runs with one of these statuses.
    pub fn statuses<S: Into<String>>(self, statuses: impl IntoIterator<Item = S>) -> Self {
        self.with(|call| call.filter("status", statuses))
    }
}

/// The filters of the list of rows.
#[derive(Clone, Copy, Debug)]
pub enum ImporterRowFilters {}

impl List<ImporterRow, ImporterRowFilters> {
    /// Only rows with one of these actions.
    pub fn actions<S: Into<String>>(self, actions: impl IntoIterator<Item = S>) -> Self {
        self.with(|call| call.filter("action", actions))
    }

    /// Only rows with an issue of one of these codes.
    pub fn codes<S: Into<String>>(self, codes: impl IntoIterator<Item = S>) -> Self {
        self.with(|call| call.filter("code", codes))
    }
}

/// What can be done with runs.
#[derive(Clone, Debug)]
pub struct ImporterPipelineRuns {
    client: Client,
}

impl ImporterPipelineRuns {
    pub(crate) fn new(client: Client) -> Self {
        Self { client }
    }

    async fn act(&self, endpoint: Endpoint, run_id: &str, attributes: Value) -> Result<ImporterPipelineRun> {
        let body = json!({ "data": { "attributes": attributes } });
        self.client.send(Call::of(endpoint, run_id).body(body)).await?.one()
    }

    /// Lists runs, newest first.
    pub fn list(&self) -> List<ImporterPipelineRun, ImporterPipelineRunFilters> {
        List::new(self.client.clone(), Call::new(to::LIST_IMPORTER_RUNS))
    }

    /// Retrieves a run.
    ///
    /// # Errors
    /// Any [`crate::Error`].
    pub async fn retrieve(&self, run_id: &str) -> Result<ImporterPipelineRun> {
        self.client.send(Call::of(to::RETRIEVE_IMPORTER_RUN, run_id)).await?.one()
    }

    /// Lets a run wait.
    ///
    /// # Errors
    /// Any [`crate::Error`]; 409 when it is not running.
    pub async fn pause(&self, run_id: &str) -> Result<ImporterPipelineRun> {
        self.act(to::PAUSE_IMPORTER_RUN, run_id, json!({})).await
    }

    /// Lets a run go on.
    ///
    /// # Errors
    /// Any [`crate::Error`]; 409 when it does not wait.
    pub async fn resume(&self, run_id: &str) -> Result<ImporterPipelineRun> {
        self.act(to::RESUME_IMPORTER_RUN, run_id, json!({})).await
    }

    /// Ends a run; what is written stays.
    ///
    /// # Errors
    /// Any [`crate::Error`]; 409 when it has ended.
    pub async fn cancel(&self, run_id: &str) -> Result<ImporterPipelineRun> {
        self.act(to::CANCEL_IMPORTER_RUN, run_id, json!({})).await
    }

    /// Does what a dry run found out.
    ///
    /// # Errors
    /// Any [`crate::Error`]; 409 when it is no dry run that has completed.
    pub async fn commit(&self, run_id: &str, reference_id: Option<&str>) -> Result<ImporterPipelineRun> {
        self.act(to::COMMIT_IMPORTER_RUN, run_id, json!({ "reference-id": reference_id })).await
    }

    /// Takes back what a run wrote and nobody touched since.
    ///
    /// # Errors
    /// Any [`crate::Error`]; 409 when it wrote nothing or has not ended.
    pub async fn undo(&self, run_id: &str, new: &NewImporterRun) -> Result<ImporterPipelineRun> {
        self.act(to::UNDO_IMPORTER_RUN, run_id, new.attributes()).await
    }

    /// Imports the refused rows of a run again.
    ///
    /// # Errors
    /// Any [`crate::Error`]; 409 when there are none.
    pub async fn retry_failed(
        &self,
        run_id: &str,
        reference_id: Option<&str>,
    ) -> Result<ImporterPipelineRun> {
        self.act(to::RETRY_IMPORTER_RUN, run_id, json!({ "reference-id": reference_id })).await
    }

    /// Erases the cells and differences that a run kept.
    ///
    /// # Errors
    /// Any [`crate::Error`]; 409 when it has not ended.
    pub async fn redact(&self, run_id: &str) -> Result<ImporterPipelineRun> {
        self.act(to::REDACT_IMPORTER_RUN, run_id, json!({})).await
    }

    /// Lists what became of the rows of a run, in the order of the file.
    pub fn rows(&self, run_id: &str) -> List<ImporterRow, ImporterRowFilters> {
        List::new(self.client.clone(), Call::of(to::LIST_IMPORTER_ROWS, run_id))
    }

    /// The rows that were refused, as a CSV file that can be mended and imported again.
    ///
    /// # Errors
    /// Any [`crate::Error`].
    pub async fn rejects_csv(&self, run_id: &str) -> Result<Bytes> {
        self.client.fetch(Call::of(to::DOWNLOAD_REJECTS, run_id)).await
    }
}
