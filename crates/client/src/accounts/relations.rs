//! Relations between accounts.

use serde_json::{Value, json};

use super::{Account, Accounts};
use crate::call::Call;
use crate::endpoints as to;
use crate::error::Result;
use crate::list::List;

/// The filters of the list of related accounts.
#[derive(Clone, Copy, Debug)]
pub enum RelationFilters {}

impl Accounts {
    /// Lists the accounts that an account is related to by a key, newest account first.
    pub fn relations(&self, account_id: &str, key: &str) -> List<Account, RelationFilters> {
        let call = Call::of(to::LIST_RELATIONS, account_id).query("filter[key]", key);
        List::new(self.client.clone(), call)
    }

    /// Relates two accounts by a key of the account's type, in both directions.
    ///
    /// # Errors
    /// Any [`crate::Error`].
    pub async fn add_relation(&self, account_id: &str, key: &str, other_id: &str) -> Result<Account> {
        self.meta(to::ADD_RELATION, account_id, relation(key, other_id)).await
    }

    /// Removes a relation of two accounts, in both directions.
    ///
    /// # Errors
    /// Any [`crate::Error`].
    pub async fn remove_relation(&self, account_id: &str, key: &str, other_id: &str) -> Result<Account> {
        self.meta(to::REMOVE_RELATION, account_id, relation(key, other_id)).await
    }
}

fn relation(key: &str, other_id: &str) -> Value {
    json!({ "relation-schema-key": key, "target-object-id": other_id })
}

impl List<Account, RelationFilters> {
    /// Only relations that were made at this instant or later; a date stands for its beginning in UTC.
    pub fn created_from(self, instant: &str) -> Self {
        self.with(|call| call.query("filter[created-at-start]", instant))
    }

    /// Only relations that were made at this instant or before; a date stands for its end in UTC.
    pub fn created_until(self, instant: &str) -> Self {
        self.with(|call| call.query("filter[created-at-end]", instant))
    }
}
