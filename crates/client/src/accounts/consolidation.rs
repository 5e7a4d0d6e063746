//! Merging accounts into one, seeing before what it would do, and undoing it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{Account, Accounts};
use crate::call::Call;
use crate::endpoints as to;
use crate::error::Result;
use crate::field::FieldValue;

/// Which accounts are to be merged into another one.
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use]
pub struct Consolidation {
    sources: Vec<String>,
    survivors: BTreeMap<String, String>,
}

/// What a consolidation would do.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct ConsolidationPreview {
    /// The account that the others would be merged into, as it is now.
    pub account: Account,
    /// The fields in which the accounts differ, by key.
    pub fields: BTreeMap<String, DifferingField>,
    /// How many relations would move.
    pub relation_count: u64,
}

/// A field in which accounts differ.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct DifferingField {
    /// The ID of the account whose value would survive.
    pub survivor: String,
    /// The value of each account.
    pub values: Vec<ValueOf>,
}

/// The value of a field of one account.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub struct ValueOf {
    /// The ID of the account.
    pub account_id: String,
    /// The value; none where it cannot be shown.
    pub field: Option<FieldValue>,
}

/// What was brought back.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Unconsolidated {
    /// The account that the others had been merged into.
    pub account: Account,
    /// The IDs of the accounts that are back.
    pub restored_account_ids: Vec<String>,
    /// The keys of fields that keep what they took over, since it was changed afterwards.
    pub kept_fields: Vec<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
struct Previewed {
    fields: BTreeMap<String, DifferingField>,
    relation_count: u64,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
struct Undone {
    restored_account_ids: Vec<String>,
    kept_fields: Vec<String>,
}

impl Consolidation {
    /// Merges these accounts; no value of theirs survives unless it is said.
    pub fn of<S: Into<String>>(source_ids: impl IntoIterator<Item = S>) -> Self {
        Self { sources: source_ids.into_iter().map(Into::into).collect(), survivors: BTreeMap::new() }
    }

    /// Lets the value of a field survive that the account with this ID has.
    pub fn survivor(mut self, field: impl Into<String>, account_id: impl Into<String>) -> Self {
        self.survivors.insert(field.into(), account_id.into());
        self
    }

    fn meta(&self) -> Value {
        json!({ "source-account-ids": self.sources, "fields": self.survivors })
    }
}

impl Accounts {
    /// Merges accounts into this one: what hangs on them moves to it, and they lead to it. It can be undone.
    ///
    /// # Errors
    /// Any [`crate::Error`].
    pub async fn consolidate(&self, account_id: &str, wanted: &Consolidation) -> Result<Account> {
        self.meta(to::CONSOLIDATE, account_id, wanted.meta()).await
    }

    /// Shows what a consolidation would do, and does nothing.
    ///
    /// # Errors
    /// Any [`crate::Error`].
    pub async fn preview_consolidation(
        &self,
        account_id: &str,
        wanted: &Consolidation,
    ) -> Result<ConsolidationPreview> {
        let call = Call::of(to::PREVIEW_CONSOLIDATION, account_id).reading();
        let mut reply = self.client.send(call.body(json!({ "meta": wanted.meta() }))).await?;
        let Previewed { fields, relation_count } = reply.meta()?;
        Ok(ConsolidationPreview { account: reply.one()?, fields, relation_count })
    }

    /// Brings these accounts back that were merged into this one.
    ///
    /// # Errors
    /// Any [`crate::Error`].
    pub async fn unconsolidate(&self, account_id: &str, source_ids: &[&str]) -> Result<Unconsolidated> {
        self.undo(account_id, json!({ "meta": { "source-account-ids": source_ids } })).await
    }

    /// Brings all accounts back that were merged into this one.
    ///
    /// # Errors
    /// Any [`crate::Error`].
    pub async fn unconsolidate_all(&self, account_id: &str) -> Result<Unconsolidated> {
        self.undo(account_id, json!({})).await
    }

    async fn undo(&self, account_id: &str, body: Value) -> Result<Unconsolidated> {
        let mut reply = self.client.send(Call::of(to::UNCONSOLIDATE, account_id).body(body)).await?;
        let Undone { restored_account_ids, kept_fields } = reply.meta()?;
        Ok(Unconsolidated { account: reply.one()?, restored_account_ids, kept_fields })
    }
}
