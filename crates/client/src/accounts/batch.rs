//! Many accounts in one request.

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{AccountChanges, Accounts, NewAccount};
use crate::call::Call;
use crate::endpoints as to;
use crate::error::{Problem, Result};

/// Up to 1,000 accounts that are to be created or changed, each by itself.
#[derive(Clone, Default, PartialEq)]
#[must_use]
pub struct Batch {
    items: Vec<Value>,
    upsert_by: Option<String>,
}

/// What became of a batch.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct BatchReply {
    /// What became of each item, in the order in which they were sent.
    pub items: Vec<BatchItem>,
    /// How many accounts were created.
    pub created: u64,
    /// How many were changed.
    pub updated: u64,
    /// How many were already as they were to be.
    pub unchanged: u64,
    /// How many items were refused.
    pub refused: u64,
}

/// What became of an item of a batch.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub struct BatchItem {
    /// Its place in the batch, from 0.
    pub id: String,
    /// The status that it would have had by itself.
    pub status: u16,
    /// What became of it.
    pub outcome: BatchOutcome,
    /// The ID of the account; none where it was refused.
    pub account_id: Option<String>,
    /// Why it was refused.
    pub errors: Vec<Problem>,
}

/// What became of an item of a batch, in a word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum BatchOutcome {
    /// The account was created.
    Created,
    /// It was changed.
    Updated,
    /// It was already as it was to be.
    Unchanged,
    /// The item was refused.
    Refused,
    /// What this version of the crate does not know.
    #[serde(other)]
    Other,
}

/// How often each outcome came up.
#[derive(Deserialize)]
struct Counts {
    created: u64,
    updated: u64,
    unchanged: u64,
    refused: u64,
}

impl Batch {
    /// A batch without items. An empty one is refused.
    pub fn new() -> Self {
        Self::default()
    }

    /// The key by which items that say nothing of it find their account; see [`NewAccount::upsert_by`].
    pub fn upsert_by(self, key: impl Into<String>) -> Self {
        Self { upsert_by: Some(key.into()), ..self }
    }

    /// Adds an account that is to be created or upserted.
    pub fn create(mut self, new: &NewAccount) -> Self {
        self.items.push(new.item());
        self
    }

    /// Adds an account that is to be changed.
    pub fn update(mut self, account_id: &str, changes: &AccountChanges) -> Self {
        self.items.push(changes.item(account_id));
        self
    }

    /// How many items it has.
    #[must_use]
    pub fn len(&self) -> usize {
        self.items.len()
    }

    /// Whether it has none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.items.is_empty()
    }

    fn body(&self) -> Value {
        let mut body = json!({ "data": self.items });
        if let Some(key) = &self.upsert_by {
            body["meta"] = json!({ "upsert-by": key });
        }
        body
    }
}

impl fmt::Debug for Batch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Batch of {} [redacted]", self.items.len())
    }
}

impl Accounts {
    /// Creates, upserts or updates the accounts of a batch, each by itself: that some are refused is no error.
    ///
    /// No order is promised among items. A batch that was cut off can be sent again with
    /// [`crate::Client::once`]: what was done is not done twice.
    ///
    /// # Errors
    /// Any [`crate::Error`] about the batch as a whole.
    pub async fn batch(&self, batch: &Batch) -> Result<BatchReply> {
        let mut reply = self.client.send(Call::new(to::BATCH_ACCOUNTS).body(batch.body())).await?;
        let Counts { created, updated, unchanged, refused } = reply.meta()?;
        Ok(BatchReply { items: reply.many()?, created, updated, unchanged, refused })
    }
}
