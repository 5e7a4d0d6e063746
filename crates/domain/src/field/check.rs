//! Checks one value against its schema and normalises it.
//!
//! No message contains the value: it may be personal data.

use std::borrow::Cow;
use std::collections::HashSet;

use email_address::{EmailAddress, Options};
use serde_json::{Map, Number, Value};

use super::sanitize::strip_tags;
use super::{FieldKind, FieldSchema, RelationTarget, find_by_key};
use crate::time::Timestamp;
use crate::violation::Violation;

/// Most items of an array.
pub const ARRAY_ITEMS_MAX: usize = 1000;
/// Largest JSON value, in bytes of its compact form.
pub const JSON_BYTES_MAX: usize = 64 * 1024;
/// Deepest nesting of a JSON value.
pub const JSON_DEPTH_MAX: usize = 32;
/// Most options that a message lists.
const OPTIONS_LISTED_MAX: usize = 12;

type Checked = Result<Value, Vec<Violation>>;

impl FieldSchema {
    /// Checks one value and returns its normalised form; null stays null and clears the field.
    ///
    /// The value is raw, or in the form in which responses show it: `{"type": …, "value": …}` with the
    /// matching type, at every level. A normalised value is its own normalised form.
    ///
    /// # Errors
    /// Lists everything that is wrong; paths start below this field.
    pub fn check(&self, value: &Value) -> Result<Value, Vec<Violation>> {
        let value = self.unwrap(value);
        match (&self.kind, value) {
            (_, Value::Null) => Ok(Value::Null),
            (FieldKind::Array { item }, value) => check_array(item, value),
            (FieldKind::Hash { .. }, value) => self.check_hash(value),
            (FieldKind::File { .. }, value) => self.check_file(value),
            (kind, value) => check_scalar(kind, value).map_err(|message| vec![here(message)]),
        }
    }

    /// Takes `{"type": …, "value": …}` off a value if the type is this field's, as often as it is there.
    pub(crate) fn unwrap<'v>(&self, mut value: &'v Value) -> &'v Value {
        while let Some(inner) = self.inner_value(value) {
            value = inner;
        }
        value
    }

    /// What stands in `{"type": …, "value": …}`, if that is what the value is.
    pub(super) fn inner_value<'v>(&self, value: &'v Value) -> Option<&'v Value> {
        let Value::Object(object) = value else { return None };
        if object.len() != 2 {
            return None;
        }
        let (kind, inner) = (object.get("type")?.as_str()?, object.get("value")?);
        let matches = kind == self.kind.value_name() || kind == self.kind.name();
        // A hash may have members called `type` and `value`; then the inner value is not an object.
        let possible = !matches!(self.kind, FieldKind::Hash { .. }) || inner.is_object() || inner.is_null();
        (matches && possible).then_some(inner)
    }

    /// Checks the members of a hash.
    fn check_hash(&self, value: &Value) -> Checked {
        let FieldKind::Hash { items, ignore_unknown_keys } = &self.kind else { return Ok(Value::Null) };
        let Value::Object(members) = value else { return Err(vec![here(hash_message(items))]) };
        let mut checked = Map::new();
        let mut violations = Vec::new();
        for (sent, value) in members {
            let Some(schema) = find_by_key(items, sent) else {
                if !ignore_unknown_keys {
                    violations.push(Violation::new([sent.as_str()], "is not a member of this field"));
                }
                continue;
            };
            match schema.check(value) {
                Ok(Value::Null) => {}
                Ok(value) => match checked.get(&schema.key) {
                    Some(other) if *other != value => violations.push(twice(sent)),
                    Some(_) => {}
                    None => {
                        checked.insert(schema.key.clone(), value);
                    }
                },
                Err(below) => violations.extend(below.into_iter().map(|violation| violation.within(sent))),
            }
        }
        if violations.is_empty() { Ok(Value::Object(checked)) } else { Err(violations) }
    }
}

fn here(message: impl Into<String>) -> Violation {
    Violation { path: Vec::new(), message: message.into() }
}

fn twice(sent: &str) -> Violation {
    Violation::new([sent], "is given twice, in different spellings of its key and with different values")
}

fn hash_message(items: &[FieldSchema]) -> String {
    let keys: Vec<&str> = items.iter().map(|item| item.key.as_str()).collect();
    format!("must be an object with the members {}", keys.join(", "))
}

fn check_array(item: &FieldSchema, value: &Value) -> Checked {
    let Value::Array(items) = value else { return Err(vec![here("must be a list")]) };
    if items.len() > ARRAY_ITEMS_MAX {
        return Err(vec![here(format!("must have at most {ARRAY_ITEMS_MAX} items"))]);
    }
    let mut checked = Vec::with_capacity(items.len());
    let mut violations = Vec::new();
    for (index, value) in items.iter().enumerate() {
        match item.check(value) {
            Ok(Value::Null) => {
                violations.push(Violation::new([index.to_string()], "must not be null; leave the item out"));
            }
            Ok(value) => checked.push(value),
            Err(below) => {
                violations.extend(below.into_iter().map(|violation| violation.within(&index.to_string())));
            }
        }
    }
    if violations.is_empty() { Ok(Value::Array(checked)) } else { Err(violations) }
}

fn check_scalar(kind: &FieldKind, value: &Value) -> Result<Value, String> {
    match kind {
        FieldKind::String { max_char_length, sanitize_html } => {
            check_string(*max_char_length, *sanitize_html, value)
        }
        FieldKind::Integer { min, max } => check_integer(*min, *max, value),
        FieldKind::Number { min, max } => check_number(*min, *max, value),
        FieldKind::Boolean if value.is_boolean() => Ok(value.clone()),
        FieldKind::Boolean => Err("must be true or false".to_owned()),
        FieldKind::Date { min, max } => check_date(min.as_deref(), max.as_deref(), value),
        FieldKind::Datetime => check_datetime(value),
        FieldKind::EmailAddress => check_email_address(value),
        FieldKind::Choices { allow_empty, options, .. } => check_choice(*allow_empty, options, value),
        FieldKind::MultiChoices { allow_empty, options, .. } => check_choices(*allow_empty, options, value),
        FieldKind::Json { .. } => check_json(value),
        FieldKind::Relation { target } => check_relation(*target, value),
        FieldKind::File { .. } | FieldKind::Array { .. } | FieldKind::Hash { .. } => {
            Err("must be of the kind of its field".to_owned())
        }
    }
}

fn check_string(max_char_length: u32, sanitize_html: bool, value: &Value) -> Result<Value, String> {
    let Value::String(text) = value else { return Err("must be a text".to_owned()) };
    if text.chars().any(|c| c.is_control() && !matches!(c, '\n' | '\t' | '\r')) {
        return Err("must not contain control characters other than line breaks and tabs".to_owned());
    }
    let text = if sanitize_html { Cow::Owned(strip_tags(text)) } else { Cow::Borrowed(text.as_str()) };
    let limit = usize::try_from(max_char_length).unwrap_or(usize::MAX);
    // Bytes are at least as many as characters: most texts need not be counted.
    if text.len() > limit && text.chars().count() > limit {
        return Err(format!("must have at most {max_char_length} characters"));
    }
    Ok(Value::String(text.into_owned()))
}

fn check_integer(min: Option<f64>, max: Option<f64>, value: &Value) -> Result<Value, String> {
    let whole = value.as_i64().or_else(|| value.as_f64().filter(|_| !value.is_u64()).and_then(whole_number));
    let Some(whole) = whole else { return Err(number_message("a whole number", min, max)) };
    // Limits are floats: they are exact up to 2^53.
    let approximately = whole as f64;
    if is_within(min, max, approximately) {
        Ok(Value::Number(whole.into()))
    } else {
        Err(number_message("a whole number", min, max))
    }
}

/// The whole number that a float with nothing after the point stands for.
fn whole_number(float: f64) -> Option<i64> {
    const LIMIT: f64 = 9_223_372_036_854_775_808.0; // 2^63
    (float.fract() == 0.0 && (-LIMIT..LIMIT).contains(&float)).then_some(float as i64)
}

fn check_number(min: Option<f64>, max: Option<f64>, value: &Value) -> Result<Value, String> {
    match value.as_f64() {
        Some(float) if float.is_finite() && is_within(min, max, float) => Ok(value.clone()),
        _ => Err(number_message("a number", min, max)),
    }
}

fn is_within(min: Option<f64>, max: Option<f64>, number: f64) -> bool {
    min.is_none_or(|min| number >= min) && max.is_none_or(|max| number <= max)
}

fn number_message(what: &str, min: Option<f64>, max: Option<f64>) -> String {
    match (min, max) {
        (Some(min), Some(max)) => format!("must be {what} from {min} to {max}"),
        (Some(min), None) => format!("must be {what} of at least {min}"),
        (None, Some(max)) => format!("must be {what} of at most {max}"),
        (None, None) => format!("must be {what}"),
    }
}

fn check_date(min: Option<&str>, max: Option<&str>, value: &Value) -> Result<Value, String> {
    let Some(date) = value.as_str().filter(|text| is_date(text)) else {
        return Err("must be a date like 1990-12-31".to_owned());
    };
    // Dates with four-digit years are in order as texts.
    if min.is_none_or(|min| date >= min) && max.is_none_or(|max| date <= max) {
        return Ok(Value::String(date.to_owned()));
    }
    Err(match (min, max) {
        (Some(min), Some(max)) => format!("must be a date from {min} to {max}"),
        (Some(min), None) => format!("must be a date no earlier than {min}"),
        (_, max) => format!("must be a date no later than {}", max.unwrap_or_default()),
    })
}

/// Whether a text is a real calendar date in the form `1990-12-31`.
pub(crate) fn is_date(text: &str) -> bool {
    let shape =
        |(at, byte): (usize, u8)| if matches!(at, 4 | 7) { byte == b'-' } else { byte.is_ascii_digit() };
    text.len() == 10 && text.bytes().enumerate().all(shape) && text.parse::<jiff::civil::Date>().is_ok()
}

fn check_datetime(value: &Value) -> Result<Value, String> {
    value
        .as_str()
        .and_then(normal_datetime)
        .map(Value::String)
        .ok_or_else(|| "must be an instant with an offset like 2026-03-02T09:14:07Z".to_owned())
}

fn normal_datetime(text: &str) -> Option<String> {
    let instant = jiff::Timestamp::from_microsecond(read_instant(text)?.as_micros()).ok()?;
    let utc = instant.to_string();
    // The offset may lead out of the years 0000 to 9999.
    utc.as_bytes()[0].is_ascii_digit().then_some(utc)
}

/// Reads an instant with an offset, such as `2026-03-02T09:14:07Z`, to the microsecond.
pub(crate) fn read_instant(text: &str) -> Option<Timestamp> {
    let bytes = text.as_bytes();
    let punctuation = [(4, b'-'), (7, b'-'), (10, b'T'), (13, b':'), (16, b':')];
    let shaped = bytes.len() >= 20 && bytes[0].is_ascii_digit() && !bytes.contains(&b'[');
    if !shaped || punctuation.iter().any(|&(at, byte)| bytes[at] != byte) {
        return None;
    }
    Timestamp::parse(text)
}

fn check_email_address(value: &Value) -> Result<Value, String> {
    let options = Options::default().without_display_text().without_domain_literal();
    let is_address = |text: &&str| {
        !text.contains(char::is_control) && EmailAddress::parse_with_options(text, options).is_ok()
    };
    match value.as_str().filter(is_address) {
        Some(text) => Ok(Value::String(text.to_owned())),
        None => Err("must be an e-mail address like jane@example.com".to_owned()),
    }
}

fn check_choice(allow_empty: bool, options: &[String], value: &Value) -> Result<Value, String> {
    match value.as_str() {
        Some(text) if (text.is_empty() && allow_empty) || is_option(options, text) => Ok(value.clone()),
        _ => Err(format!("must be one of {}", list_options(options))),
    }
}

fn check_choices(allow_empty: bool, options: &[String], value: &Value) -> Result<Value, String> {
    let Value::Array(entries) = value else {
        return Err(format!("must be a list of some of {}", list_options(options)));
    };
    if entries.is_empty() && !allow_empty {
        return Err("must have at least one entry; null clears it".to_owned());
    }
    let mut left: HashSet<&str> = options.iter().map(String::as_str).collect();
    for entry in entries {
        match entry.as_str() {
            Some(text) if left.remove(text) => {}
            Some(text) if is_option(options, text) => {
                return Err("must list each option at most once".to_owned());
            }
            _ => return Err(format!("must be a list of some of {}", list_options(options))),
        }
    }
    Ok(value.clone())
}

fn is_option(options: &[String], text: &str) -> bool {
    options.iter().any(|option| option == text)
}

fn list_options(options: &[String]) -> String {
    if options.len() > OPTIONS_LISTED_MAX {
        return format!("the {} options of this field", options.len());
    }
    options.iter().map(|option| format!("\"{option}\"")).collect::<Vec<_>>().join(", ")
}

fn check_json(value: &Value) -> Result<Value, String> {
    if !is_nested_within(value, JSON_DEPTH_MAX) {
        return Err(format!("must be nested at most {JSON_DEPTH_MAX} levels deep"));
    }
    if !serde_json::to_vec(value).is_ok_and(|json| json.len() <= JSON_BYTES_MAX) {
        return Err(format!("must have at most {JSON_BYTES_MAX} bytes as JSON"));
    }
    if has_nul(value) {
        return Err("must not contain the character U+0000".to_owned());
    }
    Ok(value.clone())
}

fn is_nested_within(value: &Value, levels: usize) -> bool {
    match value {
        Value::Array(items) => levels > 0 && items.iter().all(|item| is_nested_within(item, levels - 1)),
        Value::Object(members) => {
            levels > 0 && members.values().all(|member| is_nested_within(member, levels - 1))
        }
        _ => true,
    }
}

fn has_nul(value: &Value) -> bool {
    match value {
        Value::String(text) => text.contains('\0'),
        Value::Array(items) => items.iter().any(has_nul),
        Value::Object(members) => members.iter().any(|(key, member)| key.contains('\0') || has_nul(member)),
        _ => false,
    }
}

fn check_relation(target: RelationTarget, value: &Value) -> Result<Value, String> {
    let prefix = target.id_prefix();
    let is_id = |text: &&str| {
        text.strip_prefix(prefix).is_some_and(|body| {
            (1..=64).contains(&body.len()) && body.bytes().all(|b| b.is_ascii_alphanumeric())
        })
    };
    match value.as_str().filter(is_id) {
        Some(text) => Ok(Value::String(text.to_owned())),
        None => Err(format!("must be an ID that starts with {prefix}")),
    }
}

/// Whether a value counts as missing where one is required: nothing, or nothing but white space.
pub(crate) fn is_blank(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.trim().is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::Object(members) => members.values().all(is_blank),
        Value::Bool(_) | Value::Number(_) => false,
    }
}

/// A number as a limit shows it in JSON: without a fraction where there is none.
pub(super) fn limit(number: f64) -> Value {
    whole_number(number)
        .map_or_else(|| Number::from_f64(number).map_or(Value::Null, Value::Number), Value::from)
}

impl FieldSchema {
    /// Collects the required members that are missing anywhere in a value; `path` leads to the value.
    pub(crate) fn missing_members(
        &self,
        value: &Value,
        missing: &mut Vec<Violation>,
        path: &mut Vec<String>,
    ) {
        match (&self.kind, value) {
            (FieldKind::Array { item }, Value::Array(values)) if has_required_members(item) => {
                for (index, value) in values.iter().enumerate() {
                    path.push(index.to_string());
                    item.missing_members(value, missing, path);
                    path.pop();
                }
            }
            (FieldKind::Hash { items, .. }, Value::Object(members)) => {
                for item in items {
                    let member = members.get(&item.key);
                    path.push(item.key.clone());
                    if item.required && member.is_none_or(is_blank) {
                        missing.push(Violation { path: path.clone(), message: "is required".to_owned() });
                    } else if let Some(member) = member {
                        item.missing_members(member, missing, path);
                    }
                    path.pop();
                }
            }
            _ => {}
        }
    }
}

fn has_required_members(schema: &FieldSchema) -> bool {
    match &schema.kind {
        FieldKind::Array { item } => has_required_members(item),
        FieldKind::Hash { items, .. } => items.iter().any(|item| item.required || has_required_members(item)),
        _ => false,
    }
}
