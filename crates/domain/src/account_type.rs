//! Account types: which fields, statuses, identifiers and relations accounts of a type have.
//!
//! - `system` defines the fields that Muster knows by key, and the types of a new organization;
//! - `changes` reads what a request wants to write, `apply` writes it into the values of an account;
//! - `files` takes uploads out of a request and settles which files an account has;
//! - `spec`, `create` and `revise` turn what a customer writes into a type; `diff` says what changes;
//! - `stored` is the form in the database.

mod apply;
mod changes;
mod create;
mod diff;
mod files;
mod redact;
mod revise;
mod spec;
mod stored;
mod system;
#[cfg(test)]
mod tests;

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

pub use apply::PresentedFields;
pub(crate) use changes::flat_target;
pub use files::SettledChanges;
pub use spec::{AccountStatusSpec, AccountTypeSpec, STATUS_COLORS};
pub(crate) use system::{is_merged, system_field};

use crate::account::AccountStatus;
use crate::field::{FieldSchema, find_by_key};
use crate::fold::fold;
use crate::id::{AccountStatusId, AccountTypeId};
use crate::time::Timestamp;

/// The template of accounts.
#[derive(Clone, Debug, PartialEq)]
pub struct AccountType {
    /// The ID, `acttp_…`.
    pub id: AccountTypeId,
    /// The name, such as `User`.
    pub name: String,
    /// The fields, archived and deactivated ones included, in the order in which they are shown.
    pub fields: Vec<FieldSchema>,
    /// The fields by which accounts are looked up.
    pub identifiers: Vec<Identifier>,
    /// The statuses, deactivated ones included.
    pub statuses: Vec<AccountStatus>,
    /// The status of new accounts.
    pub default_status: AccountStatusId,
    /// The links that accounts of the type can have.
    pub relations: Vec<RelationSchema>,
    /// Whether accounts are of this type when a request names none.
    pub is_default: bool,
    /// When the type was created.
    pub created_at: Timestamp,
    /// When the type was last changed.
    pub updated_at: Timestamp,
}

/// A field by which accounts are looked up.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Identifier {
    /// The key of a top-level `string` or `email-address` field.
    pub key: String,
    /// Whether two accounts may not have the same value.
    #[serde(default)]
    pub unique: bool,
    /// Whether values that differ only in letter case differ.
    #[serde(default)]
    pub case_sensitive: bool,
}

/// A link that accounts of a type can have to other accounts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct RelationSchema {
    /// The key, such as `beneficial_owners`.
    pub key: String,
    /// What people call the link.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    /// The name of the account type at the other end.
    pub target: String,
    /// Whether an account can have several such links.
    #[serde(default)]
    pub many: bool,
    /// The key of the same link seen from the other end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub inverse: Option<String>,
}

/// What a request wants to write: canonical key to checked value, or null to clear.
///
/// The system hashes `name` and `address` hold only the members to be written, and a null member is to be
/// cleared. `Debug` prints `[redacted]`.
#[derive(Clone, Default, PartialEq)]
pub struct FieldChanges(pub Map<String, Value>);

impl fmt::Debug for FieldChanges {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("FieldChanges([redacted])")
    }
}

/// Whether required fields must have values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Requirements {
    /// They must: a person or program creates or updates the account directly.
    Enforce,
    /// They need not: the account is imported or created by the way.
    Waive,
}

/// One difference between a type and its revision.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TypeChange {
    /// What changes, such as ``field party: options lose "Independent"``.
    pub text: String,
    /// Whether accounts that were right before may be wrong after.
    pub stricter: bool,
}

impl fmt::Display for TypeChange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl AccountType {
    /// Finds a field by its exact key, archived and deactivated ones included.
    #[must_use]
    pub fn field(&self, key: &str) -> Option<&FieldSchema> {
        self.fields.iter().find(|field| field.key == key)
    }

    /// Finds a field by its key in any inflection.
    #[must_use]
    pub fn field_in_any_inflection(&self, key: &str) -> Option<&FieldSchema> {
        find_by_key(&self.fields, key)
    }

    /// Finds a status by its name; letter case and outer white space do not matter.
    #[must_use]
    pub fn status_named(&self, name: &str) -> Option<&AccountStatus> {
        self.statuses.iter().find(|status| status.name == name).or_else(|| {
            let folded = fold(name);
            self.statuses.iter().find(|status| fold(&status.name) == folded)
        })
    }

    /// Finds a status by its ID.
    #[must_use]
    pub fn status(&self, id: &AccountStatusId) -> Option<&AccountStatus> {
        self.statuses.iter().find(|status| status.id == *id)
    }

    /// Finds a relation by its key in any inflection.
    #[must_use]
    pub fn relation(&self, key: &str) -> Option<&RelationSchema> {
        let exact = self.relations.iter().find(|relation| relation.key == key);
        exact.or_else(|| {
            self.relations.iter().find(|relation| crate::field::is_inflection(key, &relation.key))
        })
    }

    /// Finds an identifier by its key in any inflection.
    #[must_use]
    pub fn identifier(&self, key: &str) -> Option<&Identifier> {
        let exact = self.identifiers.iter().find(|identifier| identifier.key == key);
        exact.or_else(|| {
            self.identifiers.iter().find(|identifier| crate::field::is_inflection(key, &identifier.key))
        })
    }

    /// The `attributes` object of the type in the public API.
    #[must_use]
    pub fn published(&self) -> Value {
        let mut attributes = Map::new();
        attributes.insert("name".to_owned(), self.name.as_str().into());
        attributes.insert("created-at".to_owned(), self.created_at.to_rfc3339_millis().into());
        attributes.insert("updated-at".to_owned(), self.updated_at.to_rfc3339_millis().into());
        let schemas = self.fields.iter().map(FieldSchema::published).collect();
        attributes.insert("field-schemas".to_owned(), Value::Array(schemas));
        Value::Object(attributes)
    }
}
