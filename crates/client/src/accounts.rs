//! Accounts.

mod account;
mod batch;
mod consolidation;
mod draft;
mod history;
mod relations;
mod search;
mod tags;

pub use account::Account;
pub use batch::{Batch, BatchItem, BatchOutcome, BatchReply};
pub use consolidation::{Consolidation, ConsolidationPreview, DifferingField, Unconsolidated, ValueOf};
pub use draft::{AccountChanges, NewAccount};
pub use history::{Change, Changes, FieldOrigin, TimelineEntry};
pub use relations::RelationFilters;
pub use search::{Attribute, Query, SearchOptions, attribute, field, identifier};
pub use tags::TagReference;

use serde_json::{Value, json};

use crate::call::Call;
use crate::client::Client;
use crate::endpoints as to;
use crate::error::Result;
use crate::list::List;

/// What can be done with accounts.
#[derive(Clone, Debug)]
pub struct Accounts {
    client: Client,
}

/// The filters of the list of accounts.
#[derive(Clone, Copy, Debug)]
pub enum AccountFilters {}

/// An account that was created or found.
#[derive(Clone, Debug, PartialEq)]
pub struct Saved {
    /// The account as it is now.
    pub account: Account,
    /// What became of the request.
    pub outcome: Outcome,
}

/// What became of a request to create an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It was created.
    Created,
    /// It was there: `upsert_by` found it, and what was sent is what it is like now.
    Found,
}

impl Accounts {
    pub(crate) fn new(client: Client) -> Self {
        Self { client }
    }

    /// Lists accounts, newest first.
    pub fn list(&self) -> List<Account, AccountFilters> {
        List::new(self.client.clone(), Call::new(to::LIST_ACCOUNTS))
    }

    /// Creates an account, or updates the one that [`NewAccount::upsert_by`] finds.
    ///
    /// # Errors
    /// Any [`crate::Error`]; a refusal of 409 when the account is there and `upsert_by` was not said.
    pub async fn create(&self, new: &NewAccount) -> Result<Saved> {
        let mut reply = self.client.send(Call::new(to::CREATE_ACCOUNT).body(new.body())).await?;
        let outcome = if reply.status == 201 { Outcome::Created } else { Outcome::Found };
        Ok(Saved { account: reply.one()?, outcome })
    }

    /// Retrieves an account.
    ///
    /// # Errors
    /// Any [`crate::Error`]; a refusal of 404 when there is no such account.
    pub async fn retrieve(&self, account_id: &str) -> Result<Account> {
        self.client.send(Call::of(to::RETRIEVE_ACCOUNT, account_id)).await?.one()
    }

    /// Changes an account. Only what is sent changes.
    ///
    /// # Errors
    /// Any [`crate::Error`].
    pub async fn update(&self, account_id: &str, changes: &AccountChanges) -> Result<Account> {
        self.client.send(Call::of(to::UPDATE_ACCOUNT, account_id).body(changes.body())).await?.one()
    }

    /// Erases the personal data of an account; its skeleton stays. This cannot be undone.
    ///
    /// # Errors
    /// Any [`crate::Error`].
    pub async fn redact(&self, account_id: &str) -> Result<Account> {
        self.client.send(Call::of(to::REDACT_ACCOUNT, account_id)).await?.one()
    }

    /// Hides an account, until it is restored.
    ///
    /// # Errors
    /// Any [`crate::Error`].
    pub async fn archive(&self, account_id: &str) -> Result<Account> {
        self.client.send(Call::of(to::ARCHIVE_ACCOUNT, account_id)).await?.one()
    }

    /// Brings an archived account back.
    ///
    /// # Errors
    /// Any [`crate::Error`].
    pub async fn restore(&self, account_id: &str) -> Result<Account> {
        self.client.send(Call::of(to::RESTORE_ACCOUNT, account_id)).await?.one()
    }

    /// Runs an action of the account's type.
    ///
    /// # Errors
    /// Any [`crate::Error`]; a refusal of 422 when the type has no such action.
    pub async fn run_action(&self, account_id: &str, action_id: &str, parameters: &Value) -> Result<Account> {
        let data = json!({ "account-action-id": action_id, "parameters": parameters });
        let call = Call::of(to::RUN_ACCOUNT_ACTION, account_id).body(json!({ "data": data }));
        self.client.send(call).await?.one()
    }

    /// Sends a request about an account with a body `{"meta": …}`.
    async fn meta(&self, endpoint: crate::Endpoint, account_id: &str, meta: Value) -> Result<Account> {
        let call = Call::of(endpoint, account_id).body(json!({ "meta": meta }));
        self.client.send(call).await?.one()
    }
}

impl List<Account, AccountFilters> {
    /// Only accounts with one of these reference IDs, whatever their type. At most 100.
    pub fn reference_ids<S: Into<String>>(self, ids: impl IntoIterator<Item = S>) -> Self {
        self.with(|call| call.filter("reference-id", ids))
    }
}
