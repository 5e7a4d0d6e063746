//! What happened to an account, where its values come from, and what it was like.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Account, Accounts};
use crate::call::Call;
use crate::endpoints as to;
use crate::error::Result;
use crate::field::FieldValue;
use crate::list::List;

/// Something that happened to an account, with who caused it and what changed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub struct TimelineEntry {
    /// The ID of the event, `evt_…`.
    pub id: String,
    /// The name of the event, such as `account.created`.
    pub name: Option<String>,
    /// When it happened.
    pub created_at: Option<String>,
    /// Who or what caused it: the ID of an API key, `operator` or `system`.
    pub actor: Option<String>,
    /// Where from: the ID of a request or of a job, or `command-line`.
    pub source: Option<String>,
    /// What changed; nothing where a redaction took it.
    pub changes: Changes,
}

/// What an event changed; what it did not change is not there.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", default)]
#[non_exhaustive]
pub struct Changes {
    /// Fields by key.
    pub fields: BTreeMap<String, Change<FieldValue>>,
    /// The name of the status.
    pub account_status: Option<Change<String>>,
    /// The reference ID.
    pub reference_id: Option<Change<String>>,
    /// The names of tags that were added.
    pub added_tags: Vec<String>,
    /// The names of tags that were removed.
    pub removed_tags: Vec<String>,
    /// The key of the relation that was added or removed.
    pub relation_schema_key: Option<String>,
    /// The ID of the account at the other end of the relation.
    pub target_account_id: Option<String>,
    /// The ID of the other account of a consolidation.
    pub other_account_id: Option<String>,
}

/// What was before and what is after; none where nothing was set.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change<T> {
    /// What was before.
    pub before: Option<T>,
    /// What is after.
    pub after: Option<T>,
}

/// Who set a value of an account; nothing but the field where a redaction took the trace.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub struct FieldOrigin {
    /// The account and the field.
    pub id: String,
    /// The key of the field.
    pub field: String,
    /// The ID of the event that set it.
    pub event_id: Option<String>,
    /// The name of that event.
    pub name: Option<String>,
    /// When it was set.
    pub created_at: Option<String>,
    /// Who or what set it.
    pub actor: Option<String>,
    /// Where from.
    pub source: Option<String>,
}

impl Accounts {
    /// Lists what happened to an account, newest first.
    pub fn timeline(&self, account_id: &str) -> List<TimelineEntry> {
        List::new(self.client.clone(), Call::of(to::LIST_TIMELINE, account_id))
    }

    /// Says for each value of an account who set it, when, and from where.
    ///
    /// # Errors
    /// Any [`crate::Error`].
    pub async fn field_origins(&self, account_id: &str) -> Result<Vec<FieldOrigin>> {
        self.client.send(Call::of(to::LIST_FIELD_ORIGINS, account_id)).await?.many()
    }

    /// Retrieves an account as it was at an instant such as `2026-01-31T12:00:00Z`, or at the end of a day.
    ///
    /// # Errors
    /// Any [`crate::Error`].
    pub async fn retrieve_as_of(&self, account_id: &str, instant: &str) -> Result<Account> {
        let call = Call::of(to::RETRIEVE_ACCOUNT_AS_OF, account_id).query("filter[at]", instant);
        self.client.send(call).await?.one()
    }
}
