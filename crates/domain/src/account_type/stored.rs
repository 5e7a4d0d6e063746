//! The form of a type in the database: complete, with what the public API does not show.

use serde::{Deserialize, Serialize};

use super::{AccountType, Identifier, RelationSchema};
use crate::account::{AccountStatus, exact_text, stored_id};
use crate::field::{FieldSchema, FieldSchemaSpec};
use crate::id::{AccountStatusId, AccountTypeId};
use crate::time::Timestamp;

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
struct StoredType {
    #[serde(with = "stored_id")]
    id: AccountTypeId,
    name: String,
    field_schemas: Vec<FieldSchemaSpec>,
    identifiers: Vec<Identifier>,
    account_statuses: Vec<AccountStatus>,
    #[serde(with = "stored_id")]
    default_account_status: AccountStatusId,
    relation_schemas: Vec<RelationSchema>,
    is_default: bool,
    created_at: String,
    updated_at: String,
}

impl AccountType {
    /// Writes the type as it is stored.
    #[must_use]
    pub fn to_json(&self) -> String {
        let stored = StoredType {
            id: self.id.clone(),
            name: self.name.clone(),
            field_schemas: self.fields.iter().map(FieldSchema::full_spec).collect(),
            identifiers: self.identifiers.clone(),
            account_statuses: self.statuses.clone(),
            default_account_status: self.default_status.clone(),
            relation_schemas: self.relations.clone(),
            is_default: self.is_default,
            created_at: exact_text(self.created_at),
            updated_at: exact_text(self.updated_at),
        };
        // Strings, numbers and lists of them can always be written.
        serde_json::to_string(&stored).unwrap_or_default()
    }

    /// Reads what [`AccountType::to_json`] wrote.
    #[must_use]
    pub fn from_json(json: &str) -> Option<Self> {
        let stored: StoredType = serde_json::from_str(json).ok()?;
        let fields = stored.field_schemas.iter().map(|field| field.read().ok()).collect::<Option<_>>()?;
        Some(Self {
            id: stored.id,
            name: stored.name,
            fields,
            identifiers: stored.identifiers,
            statuses: stored.account_statuses,
            default_status: stored.default_account_status,
            relations: stored.relation_schemas,
            is_default: stored.is_default,
            created_at: Timestamp::parse(&stored.created_at)?,
            updated_at: Timestamp::parse(&stored.updated_at)?,
        })
    }
}
