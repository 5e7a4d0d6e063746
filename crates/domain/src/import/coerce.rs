//! Makes raw values of cells, by the kind of the field they are for.
//!
//! What is read here is the form; whether a value is within the limits of its field (lengths, ranges, the
//! syntax of e-mail addresses) the type judges afterwards, as it does for any other request.

use std::collections::HashMap;

use jiff::tz::TimeZone;
use serde_json::Value;

use super::entry::MappingEntry;
use super::moment::{Instants, NoInstant};
use super::numbers::Digits;
use super::pattern::{Pattern, date_text};
use super::row::RowCode;
use crate::field::{FieldKind, FieldSchema};
use crate::fold::fold;

/// What separates the entries of a list in one cell when nobody says otherwise.
pub(super) const SEPARATOR: &str = ";";
/// Most names that a message lists.
const LISTED_MAX: usize = 12;
/// Why a file cannot be imported.
const NO_FILES: &str = "is a file, and a table holds no files; attach it through the API";

/// How cells become values.
#[derive(Clone, Debug)]
pub(super) enum Coercion {
    Text,
    Integer(Digits),
    Number(Digits),
    Boolean,
    Date(Pattern),
    Datetime(Box<Instants>),
    Choice(Options),
    Choices(Options, ListForm),
    List(Box<Coercion>, ListForm),
    /// A list whose items have members, too.
    JsonList,
    JsonObject,
    Json,
}

/// How a list stands in a cell.
#[derive(Clone, Debug)]
pub(super) enum ListForm {
    /// As a JSON list.
    Json,
    /// Entry by entry.
    Split(String),
    /// As a JSON list if it begins with `[`, else entry by entry.
    Either,
}

/// The options of a field by what cells may call them.
#[derive(Clone, Debug)]
pub(super) struct Options {
    /// Each option by its own text.
    exact: HashMap<String, String>,
    /// Each option by its folded text and its folded label; spellings that two options share are left out.
    folded: HashMap<String, Option<String>>,
    message: String,
}

/// Why a cell is no value.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Refusal {
    pub(super) code: RowCode,
    pub(super) message: String,
}

/// A member of an entry that makes no sense for its target, and what would.
pub(super) type OptionFault = (&'static str, String);

fn mismatch(message: impl Into<String>) -> Refusal {
    Refusal { code: RowCode::TypeMismatch, message: message.into() }
}

impl Coercion {
    /// Plans how the cells of an entry become values of a field.
    ///
    /// # Errors
    /// Lists the options of the entry that make no sense for the field; `target` stands for the field.
    pub(super) fn new(
        field: &FieldSchema,
        entry: &MappingEntry,
        zone: Option<&TimeZone>,
    ) -> Result<Self, Vec<OptionFault>> {
        let coercion = Self::of_kind(field, entry, zone).map_err(|fault| vec![fault])?;
        let faults = coercion.stray_options(entry);
        if faults.is_empty() { Ok(coercion) } else { Err(faults) }
    }

    fn of_kind(
        field: &FieldSchema,
        entry: &MappingEntry,
        zone: Option<&TimeZone>,
    ) -> Result<Self, OptionFault> {
        let digits = || {
            Digits::new(entry.thousands, entry.decimal)
                .map_err(|(member, message)| (member, message.to_owned()))
        };
        let format = entry.format.as_deref();
        let in_format = |message| ("format", message);
        Ok(match &field.kind {
            FieldKind::String { .. } | FieldKind::EmailAddress | FieldKind::Relation { .. } => Self::Text,
            FieldKind::Integer { .. } => Self::Integer(digits()?),
            FieldKind::Number { .. } => Self::Number(digits()?),
            FieldKind::Boolean => Self::Boolean,
            FieldKind::Date { .. } => {
                let pattern = Pattern::parse(format.unwrap_or("%Y-%m-%d"), entry.pivot).map_err(in_format)?;
                if pattern.has_offset() {
                    let message = "has %z, and a date has no offset: write what stands there as text";
                    return Err(in_format(message.to_owned()));
                }
                Self::Date(pattern)
            }
            FieldKind::Datetime => Self::Datetime(Box::new(
                Instants::new(format, entry.pivot, zone.cloned()).map_err(in_format)?,
            )),
            FieldKind::Choices { options, option_labels, .. } => {
                Self::Choice(Options::new(options, option_labels))
            }
            FieldKind::MultiChoices { options, option_labels, .. } => {
                Self::Choices(Options::new(options, option_labels), ListForm::of(entry)?)
            }
            FieldKind::Array { item } => Self::of_list(item, entry, zone)?,
            FieldKind::Hash { .. } => Self::of_hash(field, format)?,
            FieldKind::Json { .. } => Self::Json,
            FieldKind::File { .. } => return Err(("target", NO_FILES.to_owned())),
        })
    }

    fn of_list(
        item: &FieldSchema,
        entry: &MappingEntry,
        zone: Option<&TimeZone>,
    ) -> Result<Self, OptionFault> {
        if holds_files(item) {
            return Err(("target", NO_FILES.to_owned()));
        }
        let form = ListForm::of(entry)?;
        if matches!(item.kind, FieldKind::Hash { .. } | FieldKind::Array { .. } | FieldKind::Json { .. }) {
            return match form {
                ListForm::Split(_) => {
                    Err(("split", "does not go with a list of objects; its cells hold JSON".to_owned()))
                }
                ListForm::Json | ListForm::Either => Ok(Self::JsonList),
            };
        }
        // `format` belongs to the list if it says json, else to its items.
        let mut of_item = entry.clone();
        if matches!(form, ListForm::Json) {
            of_item.format = None;
        }
        Ok(Self::List(Box::new(Self::of_kind(item, &of_item, zone)?), form))
    }

    fn of_hash(field: &FieldSchema, format: Option<&str>) -> Result<Self, OptionFault> {
        if holds_files(field) {
            return Err(("target", NO_FILES.to_owned()));
        }
        if format == Some("json") {
            return Ok(Self::JsonObject);
        }
        let members: Vec<String> =
            field.members().iter().map(|member| format!("{}.{}", field.key, member.key)).collect();
        let message = format!(
            "is an object; map its members, which are {}, or set format to json for cells that hold the \
             whole object",
            listed(&members)
        );
        Err(("target", message))
    }

    /// The options of an entry that do nothing for this kind of value.
    fn stray_options(&self, entry: &MappingEntry) -> Vec<OptionFault> {
        let leaf = match self {
            Self::List(item, _) => item,
            other => other,
        };
        let (dated, timed) = (matches!(leaf, Self::Date(_)), matches!(leaf, Self::Datetime(_)));
        let numeric = matches!(leaf, Self::Integer(_) | Self::Number(_));
        let listed = matches!(self, Self::List(..) | Self::Choices(..) | Self::JsonList);
        let json = entry.format.as_deref() == Some("json");
        let takes_format =
            dated || timed || (json && (listed || matches!(self, Self::Json | Self::JsonObject)));
        [
            (
                "format",
                entry.format.is_some() && !takes_format,
                "is for dates and datetimes, or json for lists",
            ),
            ("pivot", entry.pivot.is_some() && !(dated || timed), "is for dates and datetimes"),
            ("zone", entry.zone.is_some() && !timed, "is for datetimes"),
            ("thousands", entry.thousands.is_some() && !numeric, "is for numbers"),
            ("decimal", entry.decimal.is_some() && !numeric, "is for numbers"),
            ("split", entry.split.is_some() && !listed, "is for lists"),
            ("mode", entry.tags.is_some(), "is for tags"),
        ]
        .into_iter()
        .filter(|(_, stray, _)| *stray)
        .map(|(member, _, reason)| (member, format!("{reason}; leave it out for this target")))
        .collect()
    }

    /// Makes a value of a cell that is not blank.
    pub(super) fn value(&self, cell: &str) -> Result<Value, Refusal> {
        match self {
            Self::Text => Ok(Value::String(cell.to_owned())),
            Self::Integer(digits) => digits.integer(cell).ok_or_else(|| mismatch(integer_message(*digits))),
            Self::Number(digits) => digits.number(cell).ok_or_else(|| mismatch(number_message(*digits))),
            Self::Boolean => boolean(cell),
            Self::Date(pattern) => pattern
                .read(cell)
                .map(|moment| Value::String(date_text(moment.civil.date())))
                .ok_or_else(|| mismatch(format!("must be a date of the form {}", pattern.described()))),
            Self::Datetime(instants) => instants.read(cell).map(Value::String).map_err(|why| match why {
                NoInstant::Form => mismatch(instants.message()),
                NoInstant::Unclear => {
                    mismatch("must have an offset: clocks in its zone show this time twice or never")
                }
            }),
            Self::Choice(options) => options.find(cell).map(Value::from),
            Self::Choices(options, form) => choices(options, form, cell),
            Self::List(item, form) => list(item, form, cell),
            Self::JsonList => json(cell).filter(Value::is_array).ok_or_else(|| mismatch(json_list_message())),
            Self::JsonObject => json(cell)
                .filter(Value::is_object)
                .ok_or_else(|| mismatch("must be a JSON object such as {\"city\": \"Berlin\"}")),
            Self::Json => json(cell)
                .ok_or_else(|| mismatch("must be JSON; a text stands in quotation marks, such as \"a\"")),
        }
    }
}

impl ListForm {
    /// How the lists of an entry stand in cells.
    pub(super) fn of(entry: &MappingEntry) -> Result<Self, OptionFault> {
        let json = entry.format.as_deref() == Some("json");
        match entry.split.as_deref() {
            Some(_) if json => {
                Err(("split", "does not go with the format json; leave one of them out".to_owned()))
            }
            Some("") => Err(("split", "must not be empty; it is what stands between entries".to_owned())),
            Some(separator) => Ok(Self::Split(separator.to_owned())),
            None if json => Ok(Self::Json),
            None => Ok(Self::Either),
        }
    }

    /// The separator of entries in a cell; nothing if the cell holds JSON.
    fn separator(&self, cell: &str) -> Option<&str> {
        match self {
            Self::Json => None,
            Self::Split(separator) => Some(separator),
            Self::Either => (!cell.starts_with('[')).then_some(SEPARATOR),
        }
    }
}

impl Options {
    fn new(options: &[String], labels: &[String]) -> Self {
        let exact = options.iter().map(|option| (option.clone(), option.clone())).collect();
        let mut folded: HashMap<String, Option<String>> = HashMap::new();
        for option in options {
            // Two options of one folded text can only be told apart by their exact texts.
            let sole = (!folded.contains_key(&fold(option))).then(|| option.clone());
            folded.insert(fold(option), sole);
        }
        let own = folded.clone();
        for (option, label) in options.iter().zip(labels) {
            let label = fold(label);
            if own.contains_key(&label) {
                continue;
            }
            let sole = folded.get(&label).is_none_or(|other| other.as_ref() == Some(option));
            folded.insert(label, sole.then(|| option.clone()));
        }
        Self { exact, folded, message: format!("must be one of {}", listed(options)) }
    }

    fn find(&self, cell: &str) -> Result<&str, Refusal> {
        self.exact
            .get(cell)
            .or_else(|| self.folded.get(&fold(cell)).and_then(Option::as_ref))
            .map(String::as_str)
            .ok_or_else(|| Refusal { code: RowCode::UnknownChoice, message: self.message.clone() })
    }
}

/// The entries of a cell, without blank ones.
pub(super) fn entries<'c>(cell: &'c str, separator: &'c str) -> impl Iterator<Item = &'c str> {
    cell.split(separator).map(str::trim).filter(|entry| !entry.is_empty())
}

fn choices(options: &Options, form: &ListForm, cell: &str) -> Result<Value, Refusal> {
    let mut chosen: Vec<&str> = Vec::new();
    let mut choose = |entry: &str| -> Result<(), Refusal> {
        let option = options.find(entry)?;
        if !chosen.contains(&option) {
            chosen.push(option);
        }
        Ok(())
    };
    match form.separator(cell) {
        Some(separator) => entries(cell, separator).try_for_each(&mut choose)?,
        None => {
            let Some(Value::Array(items)) = json(cell) else { return Err(mismatch(json_list_message())) };
            for item in &items {
                choose(item.as_str().ok_or_else(|| mismatch(json_list_message()))?)?;
            }
        }
    }
    Ok(chosen.into())
}

fn list(item: &Coercion, form: &ListForm, cell: &str) -> Result<Value, Refusal> {
    match form.separator(cell) {
        Some(separator) => {
            let values = entries(cell, separator).map(|entry| {
                item.value(entry).map_err(|refusal| Refusal {
                    message: format!("has an entry that {}", refusal.message),
                    ..refusal
                })
            });
            values.collect::<Result<Vec<_>, _>>().map(Value::Array)
        }
        None => json(cell).filter(Value::is_array).ok_or_else(|| mismatch(json_list_message())),
    }
}

fn json(cell: &str) -> Option<Value> {
    serde_json::from_str(cell).ok()
}

fn json_list_message() -> String {
    "must be a JSON list such as [\"a\", \"b\"]; for entries with something between them, set split"
        .to_owned()
}

fn boolean(cell: &str) -> Result<Value, Refusal> {
    const TRUE: [&str; 5] = ["true", "yes", "1", "y", "t"];
    const FALSE: [&str; 5] = ["false", "no", "0", "n", "f"];
    let is_in = |words: &[&str]| words.iter().any(|word| cell.eq_ignore_ascii_case(word));
    match (is_in(&TRUE), is_in(&FALSE)) {
        (true, _) => Ok(Value::Bool(true)),
        (_, true) => Ok(Value::Bool(false)),
        _ => Err(mismatch("must be true or false, yes or no, 1 or 0; set values for other words")),
    }
}

fn integer_message(digits: Digits) -> String {
    format!("must be a whole number in digits, without an exponent{}", groups_message(digits))
}

fn number_message(digits: Digits) -> String {
    format!("must be a number such as 12{}5{}", digits.decimal, groups_message(digits))
}

fn groups_message(digits: Digits) -> &'static str {
    if digits.thousands.is_none() { "; set thousands if groups of digits are separated" } else { "" }
}

fn holds_files(field: &FieldSchema) -> bool {
    match &field.kind {
        FieldKind::File { .. } => true,
        FieldKind::Array { item } => holds_files(item),
        FieldKind::Hash { items, .. } => items.iter().any(holds_files),
        _ => false,
    }
}

/// Names for a message, not too many.
pub(super) fn listed<T: AsRef<str>>(names: &[T]) -> String {
    let shown: Vec<&str> = names.iter().take(LISTED_MAX).map(AsRef::as_ref).collect();
    match names.len() - shown.len() {
        0 => shown.join(", "),
        more => format!("{} and {more} more", shown.join(", ")),
    }
}
