//! Names of events and who or what causes a change.

use std::fmt;

use crate::id::{ApiKeyId, JobId, RequestId};

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
        }
    }
}

/// Who or what makes a change.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Actor {
    /// A request made with an API key.
    ApiKey(ApiKeyId),
    /// Somebody at the command line of the machine.
    Operator,
    /// Muster itself.
    System,
}

impl fmt::Display for Actor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ApiKey(id) => f.write_str(id.as_str()),
            Self::Operator => f.write_str("operator"),
            Self::System => f.write_str("system"),
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
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Request(id) => f.write_str(id.as_str()),
            Self::CommandLine => f.write_str("command-line"),
            Self::Job(id) => f.write_str(id.as_str()),
        }
    }
}
