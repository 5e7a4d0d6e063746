//! Importers: files of any size become accounts.

mod files;
mod pipelines;
mod runs;

pub use files::{DetectedFile, FileFault, ImporterFile, ImporterFiles, ImporterMapping, UnresolvedColumn};
pub use pipelines::{Effect, ImporterPipeline, ImporterPipelineChanges, ImporterPipelines, NewImporterRun};
pub use runs::{
    ImporterPipelineRun, ImporterPipelineRunFilters, ImporterPipelineRuns, ImporterRow, ImporterRowFilters,
    RowIssue, RunData, RunWarning,
};

use bytes::Bytes;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::call::Call;
use crate::client::Client;
use crate::endpoints as to;
use crate::error::Result;
use crate::files::NewFile;
use crate::list::List;

/// An importer of a small file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub struct Importer {
    /// Its ID, `mprt_…`.
    pub id: String,
    /// `pending`, then `ready`, or `errored` where the file could not be read.
    pub status: String,
    /// Rows that made an account.
    pub successful_count: u64,
    /// Rows whose account was there already; they were left out.
    pub duplicate_count: u64,
    /// Rows that were refused.
    pub error_count: u64,
    /// When it was created.
    pub created_at: String,
    /// When it was done.
    pub completed_at: Option<String>,
}

/// What can be done with importers of small files.
#[derive(Clone, Debug)]
pub struct Importers {
    client: Client,
}

impl Importers {
    pub(crate) fn new(client: Client) -> Self {
        Self { client }
    }

    /// Makes an account of the default type of every row of a CSV file of up to 10 MiB.
    ///
    /// # Errors
    /// Any [`crate::Error`]; 422 when its columns are not understood.
    pub async fn import_accounts(&self, filename: &str, content: impl AsRef<[u8]>) -> Result<Importer> {
        let file = Value::from(NewFile::new(content).filename(filename));
        let body = json!({ "data": { "attributes": { "file": file } } });
        self.client.send(Call::new(to::IMPORT_ACCOUNTS).body(body)).await?.one()
    }

    /// Lists importers, newest first.
    pub fn list(&self) -> List<Importer> {
        List::new(self.client.clone(), Call::new(to::LIST_IMPORTERS))
    }

    /// Retrieves an importer.
    ///
    /// # Errors
    /// Any [`crate::Error`].
    pub async fn retrieve(&self, importer_id: &str) -> Result<Importer> {
        self.client.send(Call::of(to::RETRIEVE_IMPORTER, importer_id)).await?.one()
    }

    /// Lists the rows that were refused, in the order of the file.
    pub fn errors(&self, importer_id: &str) -> List<ImporterRow> {
        List::new(self.client.clone(), Call::of(to::LIST_IMPORTER_ERRORS, importer_id))
    }

    /// The rows that were refused, as a CSV file that can be mended and imported again.
    ///
    /// # Errors
    /// Any [`crate::Error`].
    pub async fn errors_csv(&self, importer_id: &str) -> Result<Bytes> {
        self.client.fetch(Call::of(to::DOWNLOAD_IMPORTER_ERRORS, importer_id)).await
    }
}
