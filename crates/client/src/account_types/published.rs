//! Account types as the server tells them.

use serde::{Deserialize, Serialize};
use serde_json::{Number, Value};

/// An account type: the fields and statuses that its accounts have.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub struct AccountType {
    /// Its ID, `acttp_…`.
    pub id: String,
    /// What people call it.
    pub name: String,
    /// Its fields, archived and deactivated ones included, in the order in which they are shown.
    pub field_schemas: Vec<FieldSchema>,
    /// The IDs of its statuses.
    #[serde(rename = "account-statuses-ids")]
    pub account_status_ids: Vec<String>,
    /// The ID of the status of new accounts.
    pub default_account_status_id: String,
    /// When it was created.
    pub created_at: String,
    /// When it was last changed.
    pub updated_at: String,
}

/// An account type with everything that can be written.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub struct ExtendedAccountType {
    /// Its ID, `acttp_…`.
    pub id: String,
    /// What people call it.
    pub name: String,
    /// Its fields, archived and deactivated ones included, in the order in which they are shown.
    pub field_schemas: Vec<FieldSchema>,
    /// The statuses that its accounts can have.
    pub account_statuses: Vec<AccountStatus>,
    /// The fields by which accounts are looked up.
    pub identifiers: Vec<Identifier>,
    /// The links that its accounts can have to other accounts.
    pub relation_schemas: Vec<RelationSchema>,
    /// Whether accounts are of this type when a request names none.
    pub default: bool,
    /// The IDs of its statuses.
    #[serde(rename = "account-statuses-ids")]
    pub account_status_ids: Vec<String>,
    /// The ID of the status of new accounts.
    pub default_account_status_id: String,
    /// When it was created.
    pub created_at: String,
    /// When it was last changed.
    pub updated_at: String,
}

/// What one field may hold.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub struct FieldSchema {
    /// Its key under the fields of an account.
    pub key: String,
    /// What its values are: `string`, `email-address`, `hash` and so on.
    #[serde(rename = "type")]
    pub kind: String,
    /// What people call it.
    pub label: Option<String>,
    /// The value of new accounts.
    #[serde(default)]
    pub default_value: Option<Value>,
    /// Its settings.
    pub config: Box<FieldConfig>,
}

/// The settings of a field. Which of them it has depends on what its values are.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", default)]
#[non_exhaustive]
pub struct FieldConfig {
    /// Whether an account must have a value.
    pub required: Option<bool>,
    /// When the field was archived: it is not shown any more.
    pub archived_at: Option<String>,
    /// When the field was deactivated: it takes no new values.
    pub deactivated_at: Option<String>,
    /// Whether redacting an account erases its value: `never` means that it does not.
    pub redaction_policy: Option<String>,
    /// Whether its value can be overwritten: `write_once` means that it cannot.
    pub write_policy: Option<String>,
    /// Longest text, in characters.
    pub max_char_length: Option<u64>,
    /// What is taken out of a text before it is stored.
    pub sanitize: Option<Vec<String>>,
    /// Smallest number.
    pub min: Option<Number>,
    /// Largest number.
    pub max: Option<Number>,
    /// Earliest date.
    pub min_date: Option<String>,
    /// Latest date.
    pub max_date: Option<String>,
    /// Whether choices may be empty.
    pub allow_empty: Option<bool>,
    /// The options of choices.
    pub options: Option<Vec<String>>,
    /// What people see for each option, in the same order.
    pub option_labels: Option<Vec<String>>,
    /// Whether a hash drops members that have no schema.
    pub ignore_unknown_keys: Option<bool>,
    /// What a relation points to.
    pub target: Option<String>,
    /// What readers may expect of a JSON document.
    pub json_schema: Option<Value>,
    /// The schema of the items of an array.
    pub item_schema: Option<FieldSchema>,
    /// The schemas of the members of a hash.
    pub item_schemas: Option<Vec<FieldSchema>>,
    /// Largest file, in bytes.
    pub max_file_size_bytes: Option<u64>,
    /// Smallest file, in bytes.
    pub min_file_size_bytes: Option<u64>,
    /// Media types of files that are taken.
    pub supported_mime_types: Option<Vec<String>>,
    /// Whether the pages of a file are limited.
    pub page_count_limit_enabled: Option<bool>,
    /// Fewest pages of a file.
    pub page_count_min: Option<u64>,
    /// Most pages of a file.
    pub page_count_max: Option<u64>,
}

/// A status that accounts can have.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub struct AccountStatus {
    /// Its name.
    pub name: String,
    /// Its colour: gray, blue, green, yellow, orange, red or purple.
    pub color: String,
    /// Whether new accounts get it.
    #[serde(default)]
    pub default: bool,
}

/// A field by which accounts are looked up.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub struct Identifier {
    /// The key of the field.
    pub key: String,
    /// Whether two accounts may not have the same value.
    pub unique: bool,
    /// Whether values that differ only in letter case differ.
    pub case_sensitive: bool,
}

/// A link that accounts can have to other accounts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub struct RelationSchema {
    /// Its key, such as `beneficial_owners`.
    pub key: String,
    /// What people call the link.
    #[serde(default)]
    pub label: Option<String>,
    /// The name of the account type at the other end.
    pub target: String,
    /// Whether an account can have several such links.
    pub many: bool,
    /// The key of the same link seen from the other end.
    #[serde(default)]
    pub inverse: Option<String>,
}
