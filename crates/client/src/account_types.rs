//! Account types.

mod definition;
mod published;

pub use definition::{AccountTypeDefinition, FieldDefinition};
pub use published::{
    AccountStatus, AccountType, ExtendedAccountType, FieldConfig, FieldSchema, Identifier, RelationSchema,
};

use serde::Deserialize;

use crate::call::Call;
use crate::client::Client;
use crate::endpoints as to;
use crate::error::Result;

/// What can be done with account types. They belong to the organization: all its environments have the same.
#[derive(Clone, Debug)]
pub struct AccountTypes {
    client: Client,
}

/// An account type that was given another definition.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct RevisedAccountType {
    /// The type as it is now.
    pub account_type: ExtendedAccountType,
    /// What changed, in words.
    pub changes: Vec<String>,
}

#[derive(Deserialize)]
struct Revised {
    changes: Vec<String>,
}

impl AccountTypes {
    pub(crate) fn new(client: Client) -> Self {
        Self { client }
    }

    /// Lists all account types, oldest first.
    ///
    /// # Errors
    /// Any [`crate::Error`].
    pub async fn list(&self) -> Result<Vec<ExtendedAccountType>> {
        self.client.send(Call::new(to::LIST_ACCOUNT_TYPES)).await?.many()
    }

    /// Retrieves an account type as the public API shows it.
    ///
    /// # Errors
    /// Any [`crate::Error`].
    pub async fn retrieve(&self, account_type_id: &str) -> Result<AccountType> {
        self.client.send(Call::of(to::RETRIEVE_ACCOUNT_TYPE, account_type_id)).await?.one()
    }

    /// Creates an account type.
    ///
    /// # Errors
    /// Any [`crate::Error`].
    pub async fn create(&self, definition: &AccountTypeDefinition) -> Result<ExtendedAccountType> {
        let call = Call::new(to::CREATE_ACCOUNT_TYPE).body(definition.body());
        self.client.send(call).await?.one()
    }

    /// Replaces the definition of an account type. Fields that are left out are deactivated.
    ///
    /// # Errors
    /// Any [`crate::Error`].
    pub async fn update(
        &self,
        account_type_id: &str,
        definition: &AccountTypeDefinition,
    ) -> Result<RevisedAccountType> {
        let call = Call::of(to::UPDATE_ACCOUNT_TYPE, account_type_id).body(definition.body());
        let mut reply = self.client.send(call).await?;
        let Revised { changes } = reply.meta()?;
        Ok(RevisedAccountType { account_type: reply.one()?, changes })
    }
}
