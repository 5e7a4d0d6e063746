//! The nouns of Muster: ids, account types, field values, validation. No I/O, no async, no clock.
//!
//! Everything here is a pure function of its arguments. Types that hold personal data print
//! `[redacted]` in `Debug`, so that they can never leak into a log line.

pub mod account;
pub mod account_type;
pub mod api_version;
pub mod event;
pub mod field;
pub mod fold;
pub mod id;
pub mod import;
pub mod inflection;
pub mod inquiry;
pub mod inquiry_template;
pub mod mrz;
pub mod permission;
pub mod report;
pub mod search;
pub mod time;
pub mod verification;
pub mod violation;
pub mod written;

pub use account::{AccountStatus, Fields};
pub use account_type::{AccountType, Identifier, RelationSchema};
pub use api_version::ApiVersion;
pub use field::{FieldKind, FieldSchema};
pub use id::{
    AccountId, AccountStatusId, AccountTypeId, ApiKeyId, DocumentFileId, DocumentId, EnvironmentId, EventId,
    FileId, IdSource, ImportFileId, ImporterId, ImporterPipelineId, ImporterPipelineRunId, InquiryId,
    InquirySessionId, InquiryTemplateId, InquiryTemplateVersionId, JobId, ObjectId, OneTimeLinkId,
    OrganizationId, ReportId, ReportTemplateId, RequestId, ResourceId, SelfieId, TagId, UserAuditLogId,
    UserId, UserSessionId, VerificationId, VerificationTemplateId, VerificationTemplateVersionId,
    WatchlistVersionId,
};
pub use inflection::Inflection;
pub use permission::{Grants, Permission};
pub use report::{ReportKind, ReportQuery, ReportTemplate, ReportVerb};
pub use time::Timestamp;
pub use violation::Violation;
