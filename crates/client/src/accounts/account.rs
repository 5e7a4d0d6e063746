//! An account as the server tells it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::field::FieldValue;

/// An account.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub struct Account {
    /// Its ID, `act_…`.
    pub id: String,
    /// The ID that another system gave it, as it was spelled.
    pub reference_id: Option<String>,
    /// The ID of its account type.
    pub account_type_id: String,
    /// The name of its account type.
    pub account_type_name: String,
    /// The name of its status.
    pub account_status: String,
    /// The names of its tags.
    #[serde(default)]
    pub tags: Vec<String>,
    /// Its fields by key, set or not.
    #[serde(default)]
    pub fields: BTreeMap<String, FieldValue>,
    /// When it was created.
    pub created_at: String,
    /// When it was last changed.
    pub updated_at: String,
    /// When its personal data was erased; none if it never was.
    pub redacted_at: Option<String>,
}

impl Account {
    /// A field, or a member of one: `birthdate`, `name.first`.
    #[must_use]
    pub fn field(&self, path: &str) -> Option<&FieldValue> {
        let mut keys = path.split('.');
        let field = self.fields.get(keys.next()?)?;
        keys.try_fold(field, |field, key| field.get(key))
    }

    /// The text of a field, or of a member of one; none when it is not set or no text.
    #[must_use]
    pub fn text(&self, path: &str) -> Option<&str> {
        self.field(path).and_then(FieldValue::text)
    }
}
