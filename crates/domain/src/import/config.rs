//! What a pipeline is told: where rows go, by which key, how, and how the file is read.

use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;

use super::Violations;
use super::entry::{Blank, MappingEntry, Target};
use crate::id::AccountTypeId;
use crate::violation::Violation;
use crate::written::{self, Explained, Nested, explain, explain_list};

/// The tokens that clear a field when nobody says otherwise: what databases write for NULL.
pub const NULL_TOKENS_DEFAULT: [&str; 1] = ["\\N"];

/// What is done with a row, depending on whether its account is there.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum WriteMode {
    /// Update the account, or create it.
    #[default]
    Upsert,
    /// Create the account; a row whose account is there is skipped.
    Insert,
    /// Update the account; a row whose account is not there is an error.
    Update,
}

/// By what the account of a row is found. The column is the one mapped to the same target.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "WrittenMatchKey", into = "WrittenMatchKey")]
pub enum MatchKey {
    /// The reference ID.
    #[default]
    ReferenceId,
    /// The ID of the account, `act_…`.
    AccountId,
    /// A unique identifier of the type, by its key.
    Identifier(String),
    /// Nothing: every row is a new account.
    None,
}

/// [`MatchKey`] as it is written: `{"kind": "identifier", "key": "email_address"}`.
#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct WrittenMatchKey {
    kind: MatchKind,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    key: Option<String>,
    /// Repeats what the mapping says; [`PipelineConfig::from_value`] compares both.
    #[serde(default, skip_serializing)]
    #[expect(dead_code, reason = "the form of others has it; it is compared before the form is read")]
    column: Option<String>,
}

#[derive(Clone, Copy, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum MatchKind {
    ReferenceId,
    AccountId,
    Identifier,
    None,
}

impl TryFrom<WrittenMatchKey> for MatchKey {
    type Error = &'static str;

    fn try_from(written: WrittenMatchKey) -> Result<Self, Self::Error> {
        match (written.kind, written.key) {
            (MatchKind::Identifier, Some(key)) => Ok(Self::Identifier(key)),
            (MatchKind::Identifier, None) => Err("missing field `key`, the key of the identifier"),
            (_, Some(_)) => Err("expected an object without key, which is for the kind identifier"),
            (MatchKind::ReferenceId, None) => Ok(Self::ReferenceId),
            (MatchKind::AccountId, None) => Ok(Self::AccountId),
            (MatchKind::None, None) => Ok(Self::None),
        }
    }
}

impl From<MatchKey> for WrittenMatchKey {
    fn from(match_key: MatchKey) -> Self {
        let (kind, key) = match match_key {
            MatchKey::ReferenceId => (MatchKind::ReferenceId, None),
            MatchKey::AccountId => (MatchKind::AccountId, None),
            MatchKey::Identifier(key) => (MatchKind::Identifier, Some(key)),
            MatchKey::None => (MatchKind::None, None),
        };
        Self { kind, key, column: None }
    }
}

/// What happens to rows of one file that have the same key.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Duplicates {
    /// All are applied in the order of the file, the later ones with a warning.
    #[default]
    Apply,
    /// The first is applied, the others are skipped.
    First,
    /// The first is applied, the others are errors.
    Reject,
}

/// The format of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FileFormat {
    /// Comma-separated values.
    Csv,
    /// Tab-separated values.
    Tsv,
    /// One JSON object a line.
    #[serde(alias = "jsonl")]
    JsonLines,
    /// An Excel workbook.
    Xlsx,
}

/// How a file is read, in the form that the reader of tables takes. What is left out is detected.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct FileSettings {
    /// The format.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub format: Option<FileFormat>,
    /// The encoding, such as `utf-8` or `windows-1252`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub encoding: Option<String>,
    /// What stands between cells.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub delimiter: Option<char>,
    /// What stands around cells that contain delimiters; the empty text if nothing ever does.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub quote: Option<String>,
    /// Whether the first row holds the names of the columns.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub header: Option<bool>,
    /// How many lines stand before the header or the first row.
    #[serde(skip_serializing_if = "is_default")]
    pub skip_lines: u64,
    /// The name of the sheet of a workbook; without one, the first.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sheet: Option<String>,
    /// The names of the columns of a file without a header.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub columns: Vec<String>,
}

/// The only destination so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Destination {
    /// Accounts of one type.
    #[default]
    Account,
}

/// What a pipeline is told.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct PipelineConfig {
    /// What rows become.
    #[serde(default)]
    pub destination: Destination,
    /// The type of the accounts; without one, the default type.
    #[serde(default, with = "optional_id", skip_serializing_if = "Option::is_none")]
    pub account_type_id: Option<AccountTypeId>,
    /// What is done with a row.
    #[serde(rename = "sync-mode", default, deserialize_with = "null_as_default")]
    pub write_mode: WriteMode,
    /// By what the account of a row is found.
    #[serde(default)]
    pub match_key: MatchKey,
    /// Which column goes where.
    #[serde(default)]
    pub mapping: Vec<MappingEntry>,
    /// What a blank cell means.
    #[serde(default)]
    pub blank_means: Blank,
    /// Cells that clear; they take the place of [`NULL_TOKENS_DEFAULT`].
    #[serde(default = "null_tokens_default")]
    pub null_tokens: Vec<String>,
    /// What happens to rows of one file that have the same key.
    #[serde(default)]
    pub duplicates: Duplicates,
    /// Whether a row with a blank key becomes a new account rather than an error.
    #[serde(default)]
    pub create_without_key: bool,
    /// The share of error rows at which a run gives up, from 0 to 1.
    #[serde(default = "max_error_ratio_default")]
    pub max_error_ratio: f64,
    /// Whether the run starts no workflows.
    #[serde(default = "yes")]
    pub suppress_workflows: bool,
    /// Whether the pipeline is archived once a run has completed.
    #[serde(default, deserialize_with = "null_as_default")]
    pub archive_after_completion: bool,
    /// The time zone of datetimes that have no offset: `UTC`, `+02:00` or a name such as `Europe/Berlin`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub zone: Option<String>,
    /// How the file is read.
    #[serde(default)]
    pub file: FileSettings,
    /// The columns that are left alone on purpose.
    #[serde(default)]
    pub ignore_columns: Vec<String>,
    /// When the pipeline runs by itself, in the form that the scheduler defines.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub schedule: Option<Value>,
    /// Where its files come from when it does, in the form that the scheduler defines.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<Value>,
}

impl Default for PipelineConfig {
    fn default() -> Self {
        Self {
            destination: Destination::Account,
            account_type_id: None,
            write_mode: WriteMode::Upsert,
            match_key: MatchKey::ReferenceId,
            mapping: Vec::new(),
            blank_means: Blank::Ignore,
            null_tokens: null_tokens_default(),
            duplicates: Duplicates::Apply,
            create_without_key: false,
            max_error_ratio: max_error_ratio_default(),
            suppress_workflows: true,
            archive_after_completion: false,
            zone: None,
            file: FileSettings::default(),
            ignore_columns: Vec::new(),
            schedule: None,
            source: None,
        }
    }
}

impl PipelineConfig {
    /// Reads what a customer wrote.
    ///
    /// # Errors
    /// Lists the members that are not understood; paths begin with `pipeline-config`.
    pub fn from_value(value: &Value) -> Result<Self, Violations> {
        let config: Self = written::read_json(value)
            .map_err(|below| below.into_iter().map(within_config).collect::<Vec<_>>())?;
        match config.stray_match_column(value) {
            Some(violation) => Err(vec![violation]),
            None => Ok(config),
        }
    }

    /// Reads a text file: the same members as TOML.
    ///
    /// # Errors
    /// Says at which line and column what is to be mended.
    pub fn from_toml(text: &str) -> Result<Self, String> {
        written::read_toml(text)
    }

    /// The target whose column holds the key; nothing if there is no key.
    #[must_use]
    pub fn key_target(&self) -> Option<Target> {
        match &self.match_key {
            MatchKey::ReferenceId => Some(Target::ReferenceId),
            MatchKey::AccountId => Some(Target::AccountId),
            MatchKey::Identifier(key) => Some(Target::Field(key.clone())),
            MatchKey::None => None,
        }
    }

    /// `match-key.column` repeats what the mapping says; it must not say anything else.
    fn stray_match_column(&self, written: &Value) -> Option<Violation> {
        let column = written.get("match-key")?.get("column")?.as_str()?;
        let target = self.key_target();
        let agrees = self
            .mapping
            .iter()
            .any(|entry| Some(&entry.target) == target.as_ref() && entry.column() == Some(column));
        (!agrees).then(|| {
            let message = "must be the column that the mapping maps to the key; map it so, or leave this out";
            within_config(Violation::new(["match-key", "column"], message))
        })
    }
}

/// A violation below `pipeline-config`, told from outside it.
pub(super) fn within_config(violation: Violation) -> Violation {
    violation.within("pipeline-config")
}

impl Explained for PipelineConfig {
    const NESTED: Nested = &[
        ("match-key", explain::<MatchKey>),
        ("mapping", explain_list::<MappingEntry>),
        ("file", explain::<FileSettings>),
    ];
}

impl Explained for MatchKey {}
impl Explained for MappingEntry {}
impl Explained for FileSettings {}

fn yes() -> bool {
    true
}

fn max_error_ratio_default() -> f64 {
    0.5
}

fn null_tokens_default() -> Vec<String> {
    NULL_TOKENS_DEFAULT.map(str::to_owned).into()
}

fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

fn null_as_default<'de, D: Deserializer<'de>, T: Default + Deserialize<'de>>(
    deserializer: D,
) -> Result<T, D::Error> {
    Ok(Option::<T>::deserialize(deserializer)?.unwrap_or_default())
}

/// Serde form of an optional ID: its text.
mod optional_id {
    use serde::de::{Deserialize, Deserializer, Error};
    use serde::ser::{Serialize, Serializer};

    use crate::id::{AccountTypeId, ResourceId};

    pub(super) fn serialize<S: Serializer>(
        id: &Option<AccountTypeId>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        id.as_ref().map(ResourceId::as_str).serialize(serializer)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<AccountTypeId>, D::Error> {
        let text = Option::<String>::deserialize(deserializer)?;
        let id = text.map(|text| text.parse().map_err(|_| Error::custom("expected an ID like acttp_…")));
        id.transpose()
    }
}
