//! What one row of cells says, and what is wrong with it.

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::entry::TagMode;
use crate::account::ReferenceId;
use crate::id::AccountId;

/// The kind of a fault or warning (spec B.3.5).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RowCode {
    /// The key is blank.
    MissingKey,
    /// An earlier row of the file has the same key.
    DuplicateInFile,
    /// The value does not meet what its field asks for.
    ValidationFailed,
    /// The cell cannot be read as a value of its field.
    TypeMismatch,
    /// The cell is no option of its field.
    UnknownChoice,
    /// The type has no such status.
    UnknownStatus,
    /// There is no account to relate to.
    RelationNotFound,
    /// Several accounts have the key.
    AmbiguousMatch,
    /// There is no account to update.
    NotFound,
    /// The account cannot be written as it is now.
    Conflict,
    /// Too much of something.
    LimitExceeded,
    /// The line cannot be read as a row, though its cells are in their columns.
    Malformed,
    /// It has fewer or more cells than there are columns.
    RaggedRow,
    /// Text follows a closing quote: rows below may have been taken into this one.
    StrayQuote,
    /// The line is no JSON object.
    NotAnObject,
    /// The object has a member that is no column, or one twice.
    UnknownColumn,
    /// The account changed after the dry run; the row was judged anew.
    ChangedSinceDryRun,
    /// The account changed after the run; the undo left it alone.
    TouchedSince,
    /// A fault of the program.
    Internal,
}

impl RowCode {
    /// All codes.
    pub const ALL: [Self; 19] = [
        Self::MissingKey,
        Self::DuplicateInFile,
        Self::ValidationFailed,
        Self::TypeMismatch,
        Self::UnknownChoice,
        Self::UnknownStatus,
        Self::RelationNotFound,
        Self::AmbiguousMatch,
        Self::NotFound,
        Self::Conflict,
        Self::LimitExceeded,
        Self::Malformed,
        Self::RaggedRow,
        Self::StrayQuote,
        Self::NotAnObject,
        Self::UnknownColumn,
        Self::ChangedSinceDryRun,
        Self::TouchedSince,
        Self::Internal,
    ];

    /// The code as it is shown, such as `missing_key`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::MissingKey => "missing_key",
            Self::DuplicateInFile => "duplicate_in_file",
            Self::ValidationFailed => "validation_failed",
            Self::TypeMismatch => "type_mismatch",
            Self::UnknownChoice => "unknown_choice",
            Self::UnknownStatus => "unknown_status",
            Self::RelationNotFound => "relation_not_found",
            Self::AmbiguousMatch => "ambiguous_match",
            Self::NotFound => "not_found",
            Self::Conflict => "conflict",
            Self::LimitExceeded => "limit_exceeded",
            Self::Malformed => "malformed",
            Self::RaggedRow => "ragged_row",
            Self::StrayQuote => "stray_quote",
            Self::NotAnObject => "not_an_object",
            Self::UnknownColumn => "unknown_column",
            Self::ChangedSinceDryRun => "changed_since_dry_run",
            Self::TouchedSince => "touched_since",
            Self::Internal => "internal",
        }
    }

    /// Reads a code as it is shown.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|code| code.as_str() == text)
    }
}

/// What is wrong with a row. Never holds a cell.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct RowFault {
    /// The kind.
    pub code: RowCode,
    /// The column, as the file calls it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub column: Option<String>,
    /// The target, such as `fields.birthdate`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
    /// What the cell must be: a sentence that says how to mend it, without its subject.
    pub message: String,
}

impl RowFault {
    /// A fault of the row as a whole.
    pub fn of_row(code: RowCode, message: impl Into<String>) -> Self {
        Self { code, column: None, field: None, message: message.into() }
    }
}

/// The tags that a row names.
#[derive(Clone, PartialEq, Eq)]
pub struct MappedTags {
    /// What happens to the tags that the account has.
    pub mode: TagMode,
    /// The names, none of them blank.
    pub names: Vec<String>,
}

/// The accounts that a row relates its account to.
#[derive(Clone, PartialEq, Eq)]
pub struct MappedRelation {
    /// The key of the relation.
    pub relation: String,
    /// The reference IDs of the accounts at the other end; none means that the links are to be cleared.
    pub reference_ids: Vec<String>,
}

/// What a row says. Without faults, its parts are ready to become wishes; `Debug` prints `[redacted]`.
#[derive(Clone, Default, PartialEq)]
pub struct MappedRow {
    /// The text by which the account is found, trimmed; nothing if it is blank or there is no key.
    pub key: Option<String>,
    /// The ID of the account, if that is the key.
    pub account_id: Option<AccountId>,
    /// The reference ID. `Some(None)` clears it.
    pub reference_id: Option<Option<ReferenceId>>,
    /// The name of a status of the type, as the type spells it.
    pub status: Option<String>,
    /// The tags.
    pub tags: Option<MappedTags>,
    /// The relations.
    pub relations: Vec<MappedRelation>,
    /// Field values by key, raw, as `AccountType::read_changes` takes them; null clears.
    pub fields: Map<String, Value>,
    /// What is wrong. A row with faults is not written.
    pub faults: Vec<RowFault>,
    /// What is odd, but does not keep the row from being written.
    pub warnings: Vec<RowFault>,
}

impl fmt::Debug for MappedTags {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MappedTags([redacted])")
    }
}

impl fmt::Debug for MappedRelation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MappedRelation([redacted])")
    }
}

impl fmt::Debug for MappedRow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "MappedRow([redacted], faults: {:?}, warnings: {:?})", self.faults, self.warnings)
    }
}
