//! Names of events and who or what causes a change.

use std::fmt;

use crate::id::{ApiKeyId, ImporterPipelineRunId, InquirySessionId, JobId, RequestId};
use crate::report::{ReportKind, ReportVerb};

/// The name of an event, as it stands in the Events API.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum EventName {
    /// An account was created, by whatever door.
    AccountCreated,
    /// One or more fields changed.
    AccountUpdatedFields,
    /// The status changed.
    AccountStatusUpdated,
    /// One tag was added (one event per tag, beside `account.updated-tags`).
    AccountTagAdded,
    /// One tag was removed (one event per tag, beside `account.updated-tags`).
    AccountTagRemoved,
    /// Tags changed by one update; the context names them.
    AccountUpdatedTags,
    /// The reference ID changed. Muster's own: the public API has no event for it.
    AccountReferenceIdUpdated,
    /// A relation to another object was added.
    AccountAddedRelation,
    /// A relation to another object was removed.
    AccountRemovedRelation,
    /// The account was merged into another one.
    AccountConsolidated,
    /// Another account was merged into this one.
    AccountConsolidatedWith,
    /// A merge was undone, told of the account that was merged away. Muster's own.
    AccountUnconsolidated,
    /// A merge was undone, told of the account that had received it. Muster's own.
    AccountUnconsolidatedFrom,
    /// The account was hidden.
    AccountArchived,
    /// The account was brought back.
    AccountRestored,
    /// The personal data of the account is erased; what hangs on it follows. Muster's own.
    AccountRedactionStarted,
    /// The personal data of the account and of all that hangs on it is erased.
    AccountRedacted,
    /// An account type was created. Muster's own.
    AccountTypeCreated,
    /// An account type was changed. Muster's own.
    AccountTypeUpdated,
    /// An inquiry was created.
    InquiryCreated,
    /// The person has begun to be verified.
    InquiryStarted,
    /// The person has reached the end.
    InquiryCompleted,
    /// The person has reached the end without success.
    InquiryFailed,
    /// The time for the inquiry is over.
    InquiryExpired,
    /// An inquiry that had expired goes on. Muster's own.
    InquiryResumed,
    /// Somebody is to look at the inquiry.
    InquiryMarkedForReview,
    /// The inquiry was approved.
    InquiryApproved,
    /// The inquiry was declined.
    InquiryDeclined,
    /// The person moved from one step to another.
    InquiryTransitioned,
    /// Fields, note or redirect of the inquiry changed. Muster's own.
    InquiryUpdated,
    /// Tags of the inquiry changed; the context names them.
    InquiryUpdatedTags,
    /// The personal data of the inquiry is erased; what hangs on it follows. Muster's own.
    InquiryRedactionStarted,
    /// The personal data of the inquiry and of all that hangs on it is erased.
    InquiryRedacted,
    /// A session was created. Muster's own.
    InquirySessionCreated,
    /// A session was opened in a browser.
    InquirySessionStarted,
    /// A session ended.
    InquirySessionExpired,
    /// The person left the inquiry.
    InquirySessionCanceled,
    /// A verification was created.
    VerificationCreated,
    /// What is to be verified is complete.
    VerificationSubmitted,
    /// A verification passed.
    VerificationPassed,
    /// A verification failed.
    VerificationFailed,
    /// A verification was given up.
    VerificationCanceled,
    /// A verification awaits a decision.
    VerificationTentativelyPassed,
    /// A verification is kept from redaction. Muster's own.
    VerificationLocked,
    /// A verification may be redacted again. Muster's own.
    VerificationUnlocked,
    /// What is to be verified changed. Muster's own.
    VerificationUpdated,
    /// Tags of the verification changed; the context names them.
    VerificationUpdatedTags,
    /// The personal data of the verification is erased. Muster's own.
    VerificationRedacted,
    /// A document was created.
    DocumentCreated,
    /// A document is complete.
    DocumentSubmitted,
    /// A document was read.
    DocumentProcessed,
    /// A document could not be read.
    DocumentErrored,
    /// The personal data of the document is erased. Muster's own.
    DocumentRedacted,
    /// A selfie was created.
    SelfieCreated,
    /// A selfie is complete.
    SelfieSubmitted,
    /// A selfie was looked at.
    SelfieProcessed,
    /// A selfie could not be looked at.
    SelfieErrored,
    /// The personal data of the selfie is erased. Muster's own.
    SelfieRedacted,
    /// A run of an importer pipeline has begun.
    ImporterPipelineRunStarted,
    /// A run of an importer pipeline waits to be resumed.
    ImporterPipelineRunPaused,
    /// A run of an importer pipeline goes on.
    ImporterPipelineRunResumed,
    /// A run of an importer pipeline was ended before its source was.
    ImporterPipelineRunCanceled,
    /// A run of an importer pipeline has reached the end of its source.
    ImporterPipelineRunCompleted,
    /// A run of an importer pipeline gave up.
    ImporterPipelineRunErrored,
    /// Something happened to a report.
    Report(ReportKind, ReportVerb),
}

impl EventName {
    /// The name on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::AccountCreated => "account.created",
            Self::AccountUpdatedFields => "account.updated-fields",
            Self::AccountStatusUpdated => "account.status-updated",
            Self::AccountTagAdded => "account.tag-added",
            Self::AccountTagRemoved => "account.tag-removed",
            Self::AccountUpdatedTags => "account.updated-tags",
            Self::AccountReferenceIdUpdated => "account.updated-reference-id",
            Self::AccountAddedRelation => "account.added-relation",
            Self::AccountRemovedRelation => "account.removed-relation",
            Self::AccountConsolidated => "account.consolidated",
            Self::AccountConsolidatedWith => "account.consolidated-with",
            Self::AccountUnconsolidated => "account.unconsolidated",
            Self::AccountUnconsolidatedFrom => "account.unconsolidated-from",
            Self::AccountArchived => "account.archived",
            Self::AccountRestored => "account.restored",
            Self::AccountRedactionStarted => "account.redaction-started",
            Self::AccountRedacted => "account.redacted",
            Self::AccountTypeCreated => "account-type.created",
            Self::AccountTypeUpdated => "account-type.updated",
            Self::InquiryCreated => "inquiry.created",
            Self::InquiryStarted => "inquiry.started",
            Self::InquiryCompleted => "inquiry.completed",
            Self::InquiryFailed => "inquiry.failed",
            Self::InquiryExpired => "inquiry.expired",
            Self::InquiryResumed => "inquiry.resumed",
            Self::InquiryMarkedForReview => "inquiry.marked-for-review",
            Self::InquiryApproved => "inquiry.approved",
            Self::InquiryDeclined => "inquiry.declined",
            Self::InquiryTransitioned => "inquiry.transitioned",
            Self::InquiryUpdated => "inquiry.updated",
            Self::InquiryUpdatedTags => "inquiry.updated-tags",
            Self::InquiryRedactionStarted => "inquiry.redaction-started",
            Self::InquiryRedacted => "inquiry.redacted",
            Self::InquirySessionCreated => "inquiry-session.created",
            Self::InquirySessionStarted => "inquiry-session.started",
            Self::InquirySessionExpired => "inquiry-session.expired",
            Self::InquirySessionCanceled => "inquiry-session.canceled",
            Self::VerificationCreated => "verification.created",
            Self::VerificationSubmitted => "verification.submitted",
            Self::VerificationPassed => "verification.passed",
            Self::VerificationFailed => "verification.failed",
            Self::VerificationCanceled => "verification.canceled",
            Self::VerificationTentativelyPassed => "verification.tentatively-passed",
            Self::VerificationLocked => "verification.investigation-locked",
            Self::VerificationUnlocked => "verification.investigation-unlocked",
            Self::VerificationUpdated => "verification.updated",
            Self::VerificationUpdatedTags => "verification.updated-tags",
            Self::VerificationRedacted => "verification.redacted",
            Self::DocumentCreated => "document.created",
            Self::DocumentSubmitted => "document.submitted",
            Self::DocumentProcessed => "document.processed",
            Self::DocumentErrored => "document.errored",
            Self::DocumentRedacted => "document.redacted",
            Self::SelfieCreated => "selfie.created",
            Self::SelfieSubmitted => "selfie.submitted",
            Self::SelfieProcessed => "selfie.processed",
            Self::SelfieErrored => "selfie.errored",
            Self::SelfieRedacted => "selfie.redacted",
            Self::ImporterPipelineRunStarted => "importer-pipeline-run.started",
            Self::ImporterPipelineRunPaused => "importer-pipeline-run.paused",
            Self::ImporterPipelineRunResumed => "importer-pipeline-run.resumed",
            Self::ImporterPipelineRunCanceled => "importer-pipeline-run.canceled",
            Self::ImporterPipelineRunCompleted => "importer-pipeline-run.completed",
            Self::ImporterPipelineRunErrored => "importer-pipeline-run.errored",
            Self::Report(kind, verb) => kind.event(verb),
        }
    }
}

/// Who or what makes a change.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Actor {
    /// A request made with an API key.
    ApiKey(ApiKeyId),
    /// The person who answers an inquiry, in one session.
    InquirySession(InquirySessionId),
    /// Somebody at the command line of the machine.
    Operator,
    /// Muster itself.
    System,
}

impl fmt::Display for Actor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ApiKey(id) => f.write_str(id.as_str()),
            Self::InquirySession(id) => f.write_str(id.as_str()),
            Self::Operator => f.write_str("operator"),
            Self::System => f.write_str("system"),
        }
    }
}

impl Actor {
    /// The actor that prints like this, for work that goes on in somebody's name.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        match text {
            "operator" => Some(Self::Operator),
            "system" => Some(Self::System),
            _ => match (text.parse(), text.parse()) {
                (Ok(id), _) => Some(Self::ApiKey(id)),
                (_, Ok(id)) => Some(Self::InquirySession(id)),
                _ => None,
            },
        }
    }
}

/// Which request, step or row a change comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Source {
    /// An API request.
    Request(RequestId),
    /// A command line.
    CommandLine,
    /// A job.
    Job(JobId),
    /// A row of an imported file.
    Import {
        /// The run that imports it.
        run: ImporterPipelineRunId,
        /// Its number: 1 is the first row of data.
        row: u64,
    },
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Request(id) => f.write_str(id.as_str()),
            Self::CommandLine => f.write_str("command-line"),
            Self::Job(id) => f.write_str(id.as_str()),
            Self::Import { run, row } => write!(f, "import/{run}/row/{row}"),
        }
    }
}
