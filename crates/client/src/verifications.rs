//! Verifications, and the documents that were handed in for them.

use bytes::Bytes;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::call::Call;
use crate::client::Client;
use crate::endpoints::{self as to, Endpoint};
use crate::error::Result;

/// A verification: what was checked for an inquiry, and what came of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub struct Verification {
    /// Its ID, `ver_…`.
    pub id: String,
    /// Where it stands, such as `submitted`, `passed` or `failed`.
    pub status: String,
    /// When it was created.
    pub created_at: String,
    /// When all that it checks was handed in.
    pub submitted_at: Option<String>,
    /// When it was decided.
    pub completed_at: Option<String>,
    /// When its personal data was erased.
    pub redacted_at: Option<String>,
    /// The country of what is checked, in two letters.
    pub country_code: Option<String>,
    /// The names of its tags.
    pub tags: Vec<String>,
    /// What was checked.
    pub checks: Vec<VerificationCheck>,
    /// The ID of its inquiry.
    pub inquiry_id: Option<String>,
    /// The ID of its verification template: the same in every version.
    pub verification_template_id: Option<String>,
    /// The ID of the document that was handed in.
    #[serde(default)]
    pub document_id: Option<String>,
    /// What else it has: what belongs to its kind, such as `name-first` or `front-photo-url`, and further IDs.
    #[serde(flatten)]
    pub attributes: Map<String, Value>,
}

/// One check of a verification.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct VerificationCheck {
    /// Its name, such as `id_expired_detection`.
    pub name: String,
    /// `passed`, `failed`, or `not_applicable` where nobody could say.
    pub status: String,
    /// Why, in words for programs.
    pub reasons: Vec<String>,
    /// `required`, `not_required` or `requires_retry`.
    pub requirement: String,
    /// What was seen.
    pub metadata: Map<String, Value>,
}

/// A document that was handed in.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub struct Document {
    /// Its ID, `doc_…`.
    pub id: String,
    /// How far it is: `initiated`, `submitted`, `processed` or `errored`.
    pub status: String,
    /// When it was created.
    pub created_at: String,
    /// When it was looked at.
    pub processed_at: Option<String>,
    /// The ID of its inquiry.
    pub inquiry_id: Option<String>,
    /// The IDs of its files.
    pub document_files_ids: Vec<String>,
    /// What else it has: what belongs to its kind, such as `front-photo` or `files`, and further IDs.
    #[serde(flatten)]
    pub attributes: Map<String, Value>,
}

/// The kinds of verifications that have a path of their own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum VerificationKind {
    /// `aamva`
    Aamva,
    /// `database`
    Database,
    /// `database-ecbsv`
    DatabaseEcbsv,
    /// `database-phone-carrier`
    DatabasePhoneCarrier,
    /// `database-serpro`
    DatabaseSerpro,
    /// `database-standard`
    DatabaseStandard,
    /// `database-tin`
    DatabaseTin,
    /// `document`
    Document,
    /// `email-address`
    EmailAddress,
    /// `government-id`
    GovernmentId,
    /// `government-id-nfc`
    GovernmentIdNfc,
    /// `phone-number`
    PhoneNumber,
    /// `selfie`
    Selfie,
}

impl VerificationKind {
    const fn endpoint(self) -> Endpoint {
        match self {
            Self::Aamva => to::RETRIEVE_AAMVA,
            Self::Database => to::RETRIEVE_DATABASE,
            Self::DatabaseEcbsv => to::RETRIEVE_DATABASE_ECBSV,
            Self::DatabasePhoneCarrier => to::RETRIEVE_DATABASE_PHONE_CARRIER,
            Self::DatabaseSerpro => to::RETRIEVE_DATABASE_SERPRO,
            Self::DatabaseStandard => to::RETRIEVE_DATABASE_STANDARD,
            Self::DatabaseTin => to::RETRIEVE_DATABASE_TIN,
            Self::Document => to::RETRIEVE_DOCUMENT_VERIFICATION,
            Self::EmailAddress => to::RETRIEVE_EMAIL_ADDRESS,
            Self::GovernmentId => to::RETRIEVE_GOVERNMENT_ID,
            Self::GovernmentIdNfc => to::RETRIEVE_GOVERNMENT_ID_NFC,
            Self::PhoneNumber => to::RETRIEVE_PHONE_NUMBER,
            Self::Selfie => to::RETRIEVE_SELFIE,
        }
    }
}

/// What can be done with verifications. They are made by inquiries.
#[derive(Clone, Debug)]
pub struct Verifications {
    client: Client,
}

impl Verifications {
    pub(crate) fn new(client: Client) -> Self {
        Self { client }
    }

    /// Retrieves a verification of any kind.
    ///
    /// # Errors
    /// Any [`crate::Error`].
    pub async fn retrieve(&self, verification_id: &str) -> Result<Verification> {
        self.client.send(Call::of(to::RETRIEVE_VERIFICATION, verification_id)).await?.one()
    }

    /// Retrieves a verification of this kind.
    ///
    /// # Errors
    /// Any [`crate::Error`]; 404 when it is of another kind.
    pub async fn retrieve_as(&self, kind: VerificationKind, verification_id: &str) -> Result<Verification> {
        self.client.send(Call::of(kind.endpoint(), verification_id)).await?.one()
    }

    /// Erases the personal data of a verification, for good.
    ///
    /// # Errors
    /// Any [`crate::Error`]; 409 while it is locked, and when it is redacted already.
    pub async fn redact(&self, verification_id: &str) -> Result<Verification> {
        self.client.send(Call::of(to::REDACT_VERIFICATION, verification_id)).await?.one()
    }

    /// Keeps a verification from redaction while somebody investigates.
    ///
    /// # Errors
    /// Any [`crate::Error`].
    pub async fn investigation_lock(&self, verification_id: &str) -> Result<Verification> {
        self.client.send(Call::of(to::LOCK_VERIFICATION, verification_id).body(json!({}))).await?.one()
    }

    /// Lets a verification be redacted again.
    ///
    /// # Errors
    /// Any [`crate::Error`].
    pub async fn investigation_unlock(&self, verification_id: &str) -> Result<Verification> {
        self.client.send(Call::of(to::UNLOCK_VERIFICATION, verification_id).body(json!({}))).await?.one()
    }

    /// Prints a verification: a PDF.
    ///
    /// # Errors
    /// Any [`crate::Error`].
    pub async fn print(&self, verification_id: &str) -> Result<Bytes> {
        self.client.fetch(Call::of(to::PRINT_VERIFICATION, verification_id)).await
    }
}

/// What can be done with documents.
#[derive(Clone, Debug)]
pub struct Documents {
    client: Client,
}

impl Documents {
    pub(crate) fn new(client: Client) -> Self {
        Self { client }
    }

    /// Retrieves a document of any kind.
    ///
    /// # Errors
    /// Any [`crate::Error`].
    pub async fn retrieve(&self, document_id: &str) -> Result<Document> {
        self.client.send(Call::of(to::RETRIEVE_DOCUMENT, document_id)).await?.one()
    }

    /// Retrieves a document that is no identity document.
    ///
    /// # Errors
    /// Any [`crate::Error`].
    pub async fn retrieve_generic(&self, document_id: &str) -> Result<Document> {
        self.client.send(Call::of(to::RETRIEVE_GENERIC_DOCUMENT, document_id)).await?.one()
    }

    /// Retrieves an identity document.
    ///
    /// # Errors
    /// Any [`crate::Error`].
    pub async fn retrieve_government_id(&self, document_id: &str) -> Result<Document> {
        self.client.send(Call::of(to::RETRIEVE_GOVERNMENT_ID_DOCUMENT, document_id)).await?.one()
    }
}
