//! What a customer writes to define a type: a TOML file, or the JSON body of Muster's own endpoints.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{AccountType, Identifier, RelationSchema};
use crate::field::{FieldSchema, FieldSchemaSpec};
use crate::violation::Violation;
use crate::written::{self, Explained, Nested, explain_list};

/// The colours that a status can have.
pub const STATUS_COLORS: [&str; 7] = ["gray", "blue", "green", "yellow", "orange", "red", "purple"];

/// A type as a customer writes it: what is left out takes its default.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct AccountTypeSpec {
    /// The name.
    pub name: String,
    /// The statuses. None at all means one status called `Default`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub account_statuses: Vec<AccountStatusSpec>,
    /// The fields by which accounts are looked up.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub identifiers: Vec<Identifier>,
    /// The fields.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub field_schemas: Vec<FieldSchemaSpec>,
    /// The links to other accounts.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub relation_schemas: Vec<RelationSchema>,
}

/// A status as a customer writes it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct AccountStatusSpec {
    /// The name.
    pub name: String,
    /// The colour, one of [`STATUS_COLORS`].
    #[serde(default = "gray")]
    pub color: String,
    /// Whether new accounts get it. One of several statuses must say so.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub default: bool,
}

fn gray() -> String {
    STATUS_COLORS[0].to_owned()
}

impl AccountTypeSpec {
    /// Reads the text file of a type.
    ///
    /// # Errors
    /// Says at which line and column what is to be mended.
    pub fn from_toml(text: &str) -> Result<Self, String> {
        written::read_toml(text)
    }

    /// Reads the JSON form of a type.
    ///
    /// # Errors
    /// Lists the members that are not understood.
    #[expect(clippy::needless_pass_by_value, reason = "the body of a request ends here")]
    pub fn from_value(value: Value) -> Result<Self, Vec<Violation>> {
        written::read_json(&value)
    }

    /// Writes the text file of a type.
    #[must_use]
    pub fn to_toml(&self) -> String {
        // All members have a form in TOML: null is left out everywhere.
        toml::to_string(self).unwrap_or_default()
    }
}

impl Explained for AccountTypeSpec {
    const NESTED: Nested = &[
        ("account-statuses", explain_list::<AccountStatusSpec>),
        ("identifiers", explain_list::<Identifier>),
        ("field-schemas", explain_list::<FieldSchemaSpec>),
        ("relation-schemas", explain_list::<RelationSchema>),
    ];
}

impl Explained for AccountStatusSpec {}
impl Explained for Identifier {}
impl Explained for RelationSchema {}

impl AccountType {
    /// The type as a customer would write it. Applying it again changes nothing.
    #[must_use]
    pub fn to_spec(&self) -> AccountTypeSpec {
        let statuses = self.statuses.iter().filter(|status| status.deactivated_at.is_none());
        AccountTypeSpec {
            name: self.name.clone(),
            account_statuses: statuses
                .map(|status| AccountStatusSpec {
                    name: status.name.clone(),
                    color: status.color.clone(),
                    default: status.id == self.default_status,
                })
                .collect(),
            identifiers: self.identifiers.clone(),
            field_schemas: self.fields.iter().map(FieldSchema::to_spec).collect(),
            relation_schemas: self.relations.clone(),
        }
    }
}
