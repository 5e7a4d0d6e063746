//! Documents: what somebody handed in to have it verified, with its files (spec C.4).
//!
//! A document belongs to a verification, and is sealed under the data key of that.

use std::fmt;

use muster_domain::field::StoredFile;
use muster_domain::{
    DocumentFileId, DocumentId, InquiryId, InquiryTemplateId, InquiryTemplateVersionId, ResourceId,
    Timestamp, VerificationId,
};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::record::{self, Columns, Noun};
use crate::{ReadCx, Result};

/// The kinds of documents.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DocumentKind {
    /// A paper of any kind.
    Generic,
    /// An identity document.
    GovernmentId,
}

impl DocumentKind {
    /// The name: what follows `document/` in the type of a resource.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Generic => "generic",
            Self::GovernmentId => "government-id",
        }
    }
}

/// How far a document or a selfie is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CaptureStatus {
    /// It waits for its files.
    Initiated,
    /// It is complete.
    Submitted,
    /// It was looked at.
    Processed,
    /// It could not be looked at.
    Errored,
}

impl CaptureStatus {
    /// The name in the API.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Initiated => "initiated",
            Self::Submitted => "submitted",
            Self::Processed => "processed",
            Self::Errored => "errored",
        }
    }
}

/// One file of a document, or one photo of a selfie. `Debug` does not show its name.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct CapturedFile {
    /// The ID under which a document shows it.
    pub id: DocumentFileId,
    /// What it shows, such as `front`; empty for a paper of any kind.
    pub page: String,
    /// How it came here, such as `upload`.
    pub capture_method: String,
    /// The file; none once it was redacted.
    pub file: Option<StoredFile>,
}

/// A document. `Debug` shows its ID and status only.
#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Document {
    /// Its ID.
    pub id: DocumentId,
    /// Its kind.
    pub kind: DocumentKind,
    /// How far it is.
    pub status: CaptureStatus,
    /// The verification it belongs to.
    pub verification: VerificationId,
    /// The inquiry it was handed in for.
    pub inquiry: Option<InquiryId>,
    /// The template of that.
    pub inquiry_template: Option<InquiryTemplateId>,
    /// The version of it.
    pub inquiry_template_version: Option<InquiryTemplateVersionId>,
    /// What the template calls it.
    pub name: String,
    /// What it says, by the names of the API with underscores.
    pub attributes: Map<String, Value>,
    /// Its files.
    pub files: Vec<CapturedFile>,
    /// When it was created.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
    /// When it was looked at.
    pub processed_at: Option<Timestamp>,
    /// When its personal data was erased.
    pub redacted_at: Option<Timestamp>,
}

impl Document {
    /// The file of a page, such as `front`.
    #[must_use]
    pub fn page(&self, page: &str) -> Option<&StoredFile> {
        self.files.iter().find(|file| file.page == page)?.file.as_ref()
    }

    /// The document without what is personal.
    pub(crate) fn redacted(&self, at: Timestamp) -> Self {
        let strip = |file: &CapturedFile| CapturedFile { file: None, ..file.clone() };
        Self {
            attributes: Map::new(),
            files: self.files.iter().map(strip).collect(),
            redacted_at: Some(at),
            ..self.clone()
        }
    }
}

impl fmt::Debug for Document {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Document").field("id", &self.id).field("status", &self.status).finish_non_exhaustive()
    }
}

impl Noun for Document {
    const KIND: &'static str = "document";
    const PREFIX: &'static str = DocumentId::PREFIX;

    fn columns(&self) -> Columns {
        Columns {
            id: self.id.to_string(),
            variant: self.kind.as_str(),
            parent: self.inquiry.as_ref().map(ToString::to_string),
            status: self.status.as_str(),
            subject: Some(self.verification.to_string()),
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

/// Reads one document.
///
/// # Errors
/// [`crate::Error::NotFound`].
pub fn get(cx: &mut ReadCx<'_, '_>, id: &DocumentId) -> Result<Document> {
    Ok(record::get::<Document>(cx.tx, cx.scope, cx.master, id.as_str())?.item)
}
