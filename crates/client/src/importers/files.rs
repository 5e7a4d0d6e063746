//! Files that are uploaded to be imported.

use std::fmt;

use bytes::Bytes;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::call::Call;
use crate::client::Client;
use crate::endpoints as to;
use crate::error::Result;

/// A file that is uploaded to be imported. `Debug` shows neither its name nor its rows.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub struct ImporterFile {
    /// Its ID, `mprtf_…`.
    pub id: String,
    /// Its name, as it was given.
    pub filename: String,
    /// `uploading`, `ready` or `erased`.
    pub status: String,
    /// Its size; none until it is complete.
    pub byte_size: Option<u64>,
    /// Bytes of every part but the last.
    pub part_size: usize,
    /// The numbers of the parts that are there, from 1; empty once it is complete.
    pub parts: Vec<u64>,
    /// What it turned out to be; none until it is complete, and where it is no table as it stands.
    pub detected: Option<DetectedFile>,
    /// Why it is no table as it stands, and what to do.
    pub fault: Option<FileFault>,
    /// When its upload began.
    pub created_at: String,
    /// When its content was erased.
    pub erased_at: Option<String>,
}

/// What a file turned out to be. `Debug` does not show its rows.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub struct DetectedFile {
    /// `csv`, `tsv`, `json-lines` or `xlsx`.
    pub format: String,
    /// What it is packed with: `gzip` or `zstd`.
    pub compression: Option<String>,
    /// How its characters are stored, such as `utf-8`.
    pub encoding: String,
    /// What stands between cells; none where the format has nothing like it.
    pub delimiter: Option<String>,
    /// What stands around cells; empty where cells are never quoted.
    pub quote: Option<String>,
    /// Whether the first row names the columns.
    pub header: bool,
    /// The sheets of a workbook.
    pub sheets: Vec<String>,
    /// The names of the columns.
    pub columns: Vec<String>,
    /// The first rows, up to 20; none for an API key that may not read accounts, or not all of them.
    pub sample: Option<Vec<Vec<String>>>,
    /// What somebody should know before importing.
    pub notes: Vec<String>,
}

/// Why a file is no table as it stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub struct FileFault {
    /// The kind.
    pub code: String,
    /// The line where it is.
    pub line: Option<u64>,
    /// What is wrong and how to mend it.
    pub message: String,
}

/// What a pipeline could be told to import a file.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub struct ImporterMapping {
    /// The ID of the file.
    pub id: String,
    /// Can be saved once every unresolved column is mapped or ignored.
    pub pipeline_config: Value,
    /// The columns that somebody has to decide on.
    pub unresolved: Vec<UnresolvedColumn>,
    /// What the file is as it is read.
    pub detected: DetectedFile,
}

/// A column that somebody has to decide on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub struct UnresolvedColumn {
    /// Its name.
    pub column: String,
    /// Why it is not mapped.
    pub message: String,
}

impl fmt::Debug for ImporterFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ImporterFile")
            .field("id", &self.id)
            .field("status", &self.status)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for DetectedFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DetectedFile")
            .field("format", &self.format)
            .field("encoding", &self.encoding)
            .finish_non_exhaustive()
    }
}

/// What can be done with files that are to be imported.
#[derive(Clone, Debug)]
pub struct ImporterFiles {
    client: Client,
}

impl ImporterFiles {
    pub(crate) fn new(client: Client) -> Self {
        Self { client }
    }

    /// Begins the upload of a file.
    ///
    /// # Errors
    /// Any [`crate::Error`].
    pub async fn create(&self, filename: &str) -> Result<ImporterFile> {
        let body = json!({ "data": { "attributes": { "filename": filename } } });
        self.client.send(Call::new(to::CREATE_IMPORTER_FILE).body(body)).await?.one()
    }

    /// Shows a file: which parts of it are there, or what it turned out to be.
    ///
    /// # Errors
    /// Any [`crate::Error`].
    pub async fn retrieve(&self, file_id: &str) -> Result<ImporterFile> {
        self.client.send(Call::of(to::RETRIEVE_IMPORTER_FILE, file_id)).await?.one()
    }

    /// Sends a part, 1 for the first one. Every part but the last has [`ImporterFile::part_size`] bytes.
    ///
    /// # Errors
    /// Any [`crate::Error`]; 409 when the file is complete.
    pub async fn put_part(&self, file_id: &str, number: u64, content: Bytes) -> Result<ImporterFile> {
        let call = Call::of(to::PUT_IMPORTER_FILE_PART, file_id).part(&number.to_string());
        self.client.send(call.content(content)).await?.one()
    }

    /// Completes an upload, and checks the SHA-256 of the whole file (in hexadecimal digits) where it is given.
    ///
    /// # Errors
    /// Any [`crate::Error`]; 422 when a part is missing or the SHA-256 is another one.
    pub async fn complete(&self, file_id: &str, sha256: Option<&str>) -> Result<ImporterFile> {
        let attributes = sha256.map_or_else(|| json!({}), |sha256| json!({ "sha-256": sha256 }));
        let body = json!({ "data": { "attributes": attributes } });
        self.client.send(Call::of(to::COMPLETE_IMPORTER_FILE, file_id).body(body)).await?.one()
    }

    /// Uploads a whole file that is in memory: all of its parts, then completes it.
    ///
    /// # Errors
    /// Any [`crate::Error`].
    pub async fn upload(&self, filename: &str, content: Bytes) -> Result<ImporterFile> {
        let file = self.create(filename).await?;
        let size = file.part_size.max(1);
        for (number, start) in (1..).zip((0..content.len()).step_by(size)) {
            let part = content.slice(start..content.len().min(start + size));
            self.put_part(&file.id, number, part).await?;
        }
        self.complete(&file.id, None).await
    }

    /// Proposes what a pipeline could be told to import a file as accounts of a type, or of the default type. Settings
    /// say how the file is read where that was detected wrongly, such as `{"delimiter": ";"}`.
    ///
    /// # Errors
    /// Any [`crate::Error`].
    pub async fn propose_mapping(
        &self,
        file_id: &str,
        account_type_id: Option<&str>,
        settings: Value,
    ) -> Result<ImporterMapping> {
        let attributes = json!({ "account-type-id": account_type_id, "file": settings });
        let body = json!({ "data": { "attributes": attributes } });
        self.client.send(Call::of(to::PROPOSE_MAPPING, file_id).body(body)).await?.one()
    }
}
