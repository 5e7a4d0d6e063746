//! Events.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::account_types::AccountType;
use crate::accounts::Account;
use crate::call::Call;
use crate::client::Client;
use crate::endpoints as to;
use crate::error::Result;
use crate::list::List;
use crate::resource;
use crate::verifications::{Document, Verification};

/// Something that happened to an object.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub struct Event {
    /// Its ID, `evt_…`.
    pub id: String,
    /// What happened, such as `account.created`.
    pub name: String,
    /// When it happened.
    pub created_at: String,
    /// What it happened to.
    pub payload: EventPayload,
    /// The tags that changed, or the relation that was added or removed.
    #[serde(default)]
    pub context: Option<EventContext>,
}

/// What an event happened to.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct EventPayload {
    /// The object as it was right after.
    pub data: Snapshot,
}

/// An object as it was right after an event.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Value", untagged)]
#[non_exhaustive]
pub enum Snapshot {
    /// An account.
    Account(Box<Account>),
    /// An account type.
    AccountType(Box<AccountType>),
    /// A verification.
    Verification(Box<Verification>),
    /// A document.
    Document(Box<Document>),
    /// An object that this version of the crate has no type for: its type and its ID.
    Other {
        /// Its type, such as `inquiry`.
        kind: String,
        /// Its ID.
        id: String,
    },
}

/// What an event tells beside the object.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged, rename_all_fields = "kebab-case")]
#[non_exhaustive]
pub enum EventContext {
    /// The names of tags.
    Tags {
        /// Those that were added.
        added_tags: Vec<String>,
        /// Those that were removed.
        removed_tags: Vec<String>,
    },
    /// A relation.
    Relation {
        /// Its key.
        relation_schema_key: Option<String>,
        /// The ID of the account at its other end.
        target_account_id: Option<String>,
        /// The ID of the transaction at its other end.
        target_txn_id: Option<String>,
    },
    /// Something that this version of the crate has no type for.
    Other(serde_json::Map<String, Value>),
}

impl TryFrom<Value> for Snapshot {
    type Error = &'static str;

    fn try_from(object: Value) -> std::result::Result<Self, Self::Error> {
        let text = |name: &str| object.get(name).and_then(Value::as_str).map(str::to_owned);
        let (kind, id) = (text("type").unwrap_or_default(), text("id").unwrap_or_default());
        match kind.as_str() {
            "account" => resource::read(object).map(Self::Account).ok_or("an account that is none"),
            "account-type" => {
                resource::read(object).map(Self::AccountType).ok_or("an account type that is none")
            }
            _ if kind.starts_with("verification/") => {
                resource::read(object).map(Self::Verification).ok_or("a verification that is none")
            }
            _ if kind.starts_with("document/") => {
                resource::read(object).map(Self::Document).ok_or("a document that is none")
            }
            _ => Ok(Self::Other { kind, id }),
        }
    }
}

impl Event {
    /// The account that it happened to, as it was right after.
    #[must_use]
    pub fn account(&self) -> Option<&Account> {
        match &self.payload.data {
            Snapshot::Account(account) => Some(account),
            _ => None,
        }
    }
}

/// What can be done with events.
#[derive(Clone, Debug)]
pub struct Events {
    client: Client,
}

/// The filters of the list of events.
#[derive(Clone, Copy, Debug)]
pub enum EventFilters {}

impl Events {
    pub(crate) fn new(client: Client) -> Self {
        Self { client }
    }

    /// Lists events, newest first.
    pub fn list(&self) -> List<Event, EventFilters> {
        List::new(self.client.clone(), Call::new(to::LIST_EVENTS))
    }

    /// Retrieves an event.
    ///
    /// # Errors
    /// Any [`crate::Error`].
    pub async fn retrieve(&self, event_id: &str) -> Result<Event> {
        self.client.send(Call::of(to::RETRIEVE_EVENT, event_id)).await?.one()
    }
}

impl List<Event, EventFilters> {
    /// Only events with one of these names.
    pub fn names<S: Into<String>>(self, names: impl IntoIterator<Item = S>) -> Self {
        self.with(|call| call.filter("name", names))
    }

    /// Only these events.
    pub fn ids<S: Into<String>>(self, ids: impl IntoIterator<Item = S>) -> Self {
        self.with(|call| call.filter("id", ids))
    }

    /// Only events of one of these objects.
    pub fn object_ids<S: Into<String>>(self, ids: impl IntoIterator<Item = S>) -> Self {
        self.with(|call| call.filter("object-id", ids))
    }
}
