//! One entry of a mapping: from which cells, to which target, read how.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

/// Where the text of an entry comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum From {
    /// The cell of a column.
    Column(String),
    /// The same text for every row.
    Constant(String),
    /// Cells of several columns in one text: `{{first}} {{last}}`.
    Template(String),
}

/// Where the text of an entry goes.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Target {
    /// `reference-id`
    ReferenceId,
    /// `account-id`: only to find the account.
    AccountId,
    /// `fields.name-first`, `fields.address.city`: the path below `fields`.
    Field(String),
    /// `tags`
    Tags,
    /// `account-status`
    Status,
    /// `relations.employer`
    Relation(String),
}

impl Target {
    /// Reads a target as it is written.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let below = |prefix: &str| text.strip_prefix(prefix).filter(|key| !key.is_empty()).map(str::to_owned);
        match text {
            "reference-id" => Some(Self::ReferenceId),
            "account-id" => Some(Self::AccountId),
            "tags" => Some(Self::Tags),
            "account-status" => Some(Self::Status),
            _ => below("fields.").map(Self::Field).or_else(|| below("relations.").map(Self::Relation)),
        }
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ReferenceId => f.write_str("reference-id"),
            Self::AccountId => f.write_str("account-id"),
            Self::Field(key) => write!(f, "fields.{key}"),
            Self::Tags => f.write_str("tags"),
            Self::Status => f.write_str("account-status"),
            Self::Relation(key) => write!(f, "relations.{key}"),
        }
    }
}

impl TryFrom<String> for Target {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::parse(&text)
            .ok_or("expected reference-id, account-id, account-status, tags, fields.KEY or relations.KEY")
    }
}

impl std::convert::From<Target> for String {
    fn from(target: Target) -> Self {
        target.to_string()
    }
}

/// What a blank cell means.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Blank {
    /// Nothing: what the account has stays.
    #[default]
    Ignore,
    /// That what the account has is to be cleared.
    Clear,
}

/// What happens to the tags that an account has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TagMode {
    /// They stay.
    #[default]
    Add,
    /// They go.
    Replace,
}

/// One entry of a mapping.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "WrittenEntry", into = "WrittenEntry")]
pub struct MappingEntry {
    /// Where the text comes from.
    pub from: From,
    /// Where it goes.
    pub target: Target,
    /// The pattern of dates and datetimes, such as `%d/%m/%Y`; or `json`, for lists and hashes.
    pub format: Option<String>,
    /// What stands between the entries of a list in one cell.
    pub split: Option<String>,
    /// What a blank cell means, if not what the pipeline says.
    pub blank: Option<Blank>,
    /// What happens to the tags that an account has; only for `tags`.
    pub tags: Option<TagMode>,
    /// Cells that clear, beside those of the pipeline.
    pub null_tokens: Vec<String>,
    /// What cells stand for, by their texts; letter case and outer white space do not count.
    pub values: BTreeMap<String, String>,
    /// Whether outer white space is taken off texts.
    pub trim: bool,
    /// What stands between groups of three digits; without it, numbers have no groups.
    pub thousands: Option<char>,
    /// What stands before the fraction of a number, if not a point.
    pub decimal: Option<char>,
    /// The time zone of datetimes without an offset, if not that of the pipeline.
    pub zone: Option<String>,
    /// The first two-digit year that means 19xx; without it, `%y` is refused.
    pub pivot: Option<u8>,
}

impl MappingEntry {
    /// An entry for one column, without options.
    #[must_use]
    pub fn column_to(column: &str, target: Target) -> Self {
        Self::new(From::Column(column.to_owned()), target)
    }

    /// An entry without options.
    #[must_use]
    pub fn new(from: From, target: Target) -> Self {
        Self {
            from,
            target,
            format: None,
            split: None,
            blank: None,
            tags: None,
            null_tokens: Vec::new(),
            values: BTreeMap::new(),
            trim: true,
            thousands: None,
            decimal: None,
            zone: None,
            pivot: None,
        }
    }

    /// The column, if the entry is of one.
    #[must_use]
    pub fn column(&self) -> Option<&str> {
        match &self.from {
            From::Column(column) => Some(column),
            From::Constant(_) | From::Template(_) => None,
        }
    }
}

/// [`MappingEntry`] as it is written.
#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct WrittenEntry {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    column: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    constant: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    template: Option<String>,
    target: Target,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    format: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    split: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    blank_means: Option<Blank>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    mode: Option<TagMode>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    null_tokens: Vec<String>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    values: BTreeMap<String, String>,
    #[serde(default = "yes", skip_serializing_if = "is_yes")]
    trim: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    thousands: Option<char>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    decimal: Option<char>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    zone: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pivot: Option<u8>,
}

fn yes() -> bool {
    true
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "the form that serde calls")]
fn is_yes(trim: &bool) -> bool {
    *trim
}

impl TryFrom<WrittenEntry> for MappingEntry {
    type Error = &'static str;

    fn try_from(written: WrittenEntry) -> Result<Self, Self::Error> {
        let from = match (written.column, written.constant, written.template) {
            (Some(column), None, None) => From::Column(column),
            (None, Some(constant), None) => From::Constant(constant),
            (None, None, Some(template)) => From::Template(template),
            (None, None, None) => return Err("missing field `column` (or `constant`, or `template`)"),
            _ => return Err("expected an object with only one of column, constant and template"),
        };
        Ok(Self {
            from,
            target: written.target,
            format: written.format,
            split: written.split,
            blank: written.blank_means,
            tags: written.mode,
            null_tokens: written.null_tokens,
            values: written.values,
            trim: written.trim,
            thousands: written.thousands,
            decimal: written.decimal,
            zone: written.zone,
            pivot: written.pivot,
        })
    }
}

impl std::convert::From<MappingEntry> for WrittenEntry {
    fn from(entry: MappingEntry) -> Self {
        let (column, constant, template) = match entry.from {
            From::Column(column) => (Some(column), None, None),
            From::Constant(constant) => (None, Some(constant), None),
            From::Template(template) => (None, None, Some(template)),
        };
        Self {
            column,
            constant,
            template,
            target: entry.target,
            format: entry.format,
            split: entry.split,
            blank_means: entry.blank,
            mode: entry.tags,
            null_tokens: entry.null_tokens,
            values: entry.values,
            trim: entry.trim,
            thousands: entry.thousands,
            decimal: entry.decimal,
            zone: entry.zone,
            pivot: entry.pivot,
        }
    }
}
