//! A typed client of the API of Muster.
//!
//! ```no_run
//! use muster_client::{Client, NewAccount, json};
//!
//! # async fn example() -> muster_client::Result<()> {
//! let muster = Client::new("http://127.0.0.1:8080/api/v1", "muster_sandbox_…")?;
//! let new = NewAccount::new()
//!     .reference_id("customer-1001")
//!     .field("name", json!({ "first": "Ines", "last": "Sala" }))
//!     .field("email_address", "ines.sala@example.com")
//!     .upsert_by("reference-id");
//! let saved = muster.accounts().create(&new).await?;
//! println!("{:?} {}", saved.outcome, saved.account.id);
//!
//! let mut pages = muster.accounts().list().page_size(100).pages();
//! while let Some(page) = pages.next().await? {
//!     let first = |account: &muster_client::Account| account.text("name.first").map(str::to_owned);
//!     println!("{:?}", page.items.iter().map(first).collect::<Vec<_>>());
//! }
//! # Ok(())
//! # }
//! ```
//!
//! A [`Client`] is cheap to clone and shares its connections with its clones. What belongs together is reached
//! through it: [`Client::accounts`], [`Client::account_types`], [`Client::events`] and so on.
//!
//! - **HTTP only.** The client speaks plain HTTP/1.1 and takes no `https://` address: TLS comes by a proxy on the
//!   same machine or in the same private network.
//! - **Retries.** What a server refuses for being busy (429, 503) is sent again when the reply says, a bounded
//!   number of times; so is what was lost on the way. A request that creates or changes by POST carries an
//!   `Idempotency-Key`, the same for every try, so that what is sent again happens once. Where a program itself
//!   may be cut off and start over, let it name the key: [`Client::once`].
//! - **Personal data.** No value of a field is in the `Debug` of a type or in the text of an [`Error`].
//! - **Blocklists.** Replies to an API key with a blocklist may lack what a type must have; such a reply is an
//!   [`Error::Unexpected`]. [`Client::get`] and [`Client::post`] return it as JSON.
//! - **Versions.** Every request names [`VERSION`], whatever the API key says.
//!
//! Times are texts as the server writes them, in RFC 3339.

mod account_types;
mod accounts;
mod api_keys;
mod api_logs;
mod builder;
mod call;
mod client;
mod endpoints;
mod error;
mod events;
mod field;
mod files;
mod importers;
mod inquiries;
mod inquiry_templates;
mod list;
mod rate_limits;
mod reports;
mod resource;
mod transport;
mod user_audit_logs;
mod verifications;

pub use account_types::{
    AccountStatus, AccountType, AccountTypeDefinition, AccountTypes, ExtendedAccountType, FieldConfig,
    FieldDefinition, FieldSchema, Identifier, RelationSchema, RevisedAccountType,
};
pub use accounts::{
    Account, AccountChanges, AccountFilters, Accounts, Batch, BatchItem, BatchOutcome, BatchReply, Change,
    Changes, Consolidation, ConsolidationPreview, DifferingField, FieldOrigin, NewAccount, Outcome,
    RelationFilters, Saved, TagReference, TimelineEntry, Unconsolidated, ValueOf,
};
pub use accounts::{Attribute, Query, SearchOptions, attribute, field, identifier};
pub use api_keys::{ApiKey, ApiKeyFilters, ApiKeySettings, ApiKeys, IssuedApiKey};
pub use api_logs::{ApiLog, ApiLogs, LoggedRequest, LoggedResponse};
pub use builder::Builder;
pub use client::Client;
pub use endpoints::{ENDPOINTS, Endpoint};
pub use error::{Error, Problem, Refusal, Result};
pub use events::{Event, EventContext, EventFilters, EventPayload, Events, Snapshot};
pub use field::FieldValue;
pub use files::{NewFile, StoredFile};
pub use importers::{
    DetectedFile, Effect, FileFault, Importer, ImporterFile, ImporterFiles, ImporterMapping,
    ImporterPipeline, ImporterPipelineChanges, ImporterPipelineRun, ImporterPipelineRunFilters,
    ImporterPipelineRuns, ImporterPipelines, ImporterRow, ImporterRowFilters, Importers, NewImporterRun,
    RowIssue, RunData, RunWarning, UnresolvedColumn,
};
pub use inquiries::{
    CreatedInquiry, Inquiries, Inquiry, InquiryChanges, InquiryFilters, InquirySession,
    InquirySessionFilters, InquirySessions, NewInquiry, OneTimeLink,
};
pub use inquiry_templates::{
    ExtendedInquiryTemplateVersion, InquiryTemplate, InquiryTemplateDraft, InquiryTemplateTranslations,
    InquiryTemplateVersion, InquiryTemplates, LocaleValue, SavedInquiryTemplate, Translation,
};
pub use list::{Cursor, List, Page, Pages};
pub use rate_limits::{RateLimit, RateLimits};
pub use reports::{
    Dismissed, NewReport, Report, ReportFilters, ReportHistoryEntry, ReportRun, ReportTemplate,
    ReportTemplates, Reports,
};
pub use serde_json::{Value, json};
pub use transport::Exchange;
pub use user_audit_logs::{UserAuditLog, UserAuditLogs};
pub use verifications::{
    Document, Documents, Verification, VerificationCheck, VerificationKind, Verifications,
};

/// The version of the API that the types of this crate are made for, sent as `Persona-Version`.
pub const VERSION: &str = "2025-12-08";
