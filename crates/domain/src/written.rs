//! Reads what customers write, as TOML or JSON, and says where it is wrong and how to mend it.

use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use toml::de::{DeTable, DeValue};

use crate::violation::Violation;

/// Finds what cannot be read in a value; the path leads to the value.
pub(crate) type Look = fn(&Value, &mut Vec<String>, &mut Vec<Violation>);
/// The members of a spec that are specs themselves, or lists of them.
pub(crate) type Nested = &'static [(&'static str, Look)];

/// A form that customers write, whose wrong members are to be named one by one.
pub(crate) trait Explained: DeserializeOwned {
    /// The members that are looked into.
    const NESTED: Nested = &[];
}

/// Reads a text file.
///
/// # Errors
/// Says at which line and column what is to be mended.
pub(crate) fn read_toml<T: DeserializeOwned>(text: &str) -> Result<T, String> {
    toml::from_str(text).map_err(|error| {
        let (line, column) = line_and_column(text, error.span().map_or(0, |span| span.start));
        format!("line {line}, column {column}: {}", error.message())
    })
}

/// Reads a JSON document.
///
/// # Errors
/// Lists the members that are not understood.
pub(crate) fn read_json<T: Explained>(value: &Value) -> Result<T, Vec<Violation>> {
    T::deserialize(value).map_err(|error| {
        let mut violations = Vec::new();
        explain::<T>(value, &mut Vec::new(), &mut violations);
        if violations.is_empty() {
            violations.push(Violation { path: Vec::new(), message: plain_message(&error) });
        }
        violations
    })
}

/// Where in a TOML file the member stands that a path leads to, as line and column from 1; where it is
/// missing, the nearest thing around it.
#[must_use]
pub fn place_in_toml(text: &str, path: &[String]) -> Option<(usize, usize)> {
    let document = DeTable::parse(text).ok()?;
    let mut at = None;
    let mut table = Some(document.get_ref());
    let mut list = None;
    for key in path {
        let next = match (table, list) {
            (Some(table), _) => {
                table.get_key_value(key.as_str()).map(|(key, value)| (key.span().start, value))
            }
            (_, Some(list)) => {
                let items: &toml::de::DeArray<'_> = list;
                key.parse::<usize>().ok().and_then(|index| items.get(index)).map(|v| (v.span().start, v))
            }
            _ => None,
        };
        let Some((start, value)) = next else { break };
        at = Some(start);
        table = value.get_ref().as_table();
        list = value.get_ref().as_array();
        if !matches!(value.get_ref(), DeValue::Table(_) | DeValue::Array(_)) {
            break;
        }
    }
    at.map(|start| line_and_column(text, start))
}

fn line_and_column(text: &str, at: usize) -> (usize, usize) {
    let before = text.get(..at.min(text.len())).unwrap_or_default();
    let column = before.chars().rev().take_while(|c| *c != '\n').count() + 1;
    (before.matches('\n').count() + 1, column)
}

/// Finds the members for which a value cannot be read as a `T`, as deep as the schema is known.
///
/// Each member is read alone, so that every wrong one is found and the path of each is known. What can be
/// read is then read together, to find a member that is missing.
pub(crate) fn explain<T: Explained>(value: &Value, path: &mut Vec<String>, violations: &mut Vec<Violation>) {
    let Err(error) = T::deserialize(value) else { return };
    let before = violations.len();
    let mut readable = Map::new();
    for (key, member) in value.as_object().into_iter().flatten() {
        path.push(key.clone());
        let nested = T::NESTED.iter().find(|(name, _)| name == key).filter(|_| !member.is_null());
        if let Some((_, look)) = nested {
            look(member, path, violations);
        } else {
            let alone = Value::Object(Map::from_iter([(key.clone(), member.clone())]));
            match T::deserialize(&alone).err().filter(|error| !is_missing(error)) {
                Some(error) => {
                    violations.push(Violation { path: path.clone(), message: plain_message(&error) });
                }
                None => readable.extend([(key.clone(), member.clone())]),
            }
        }
        path.pop();
    }
    let missing =
        T::deserialize(&Value::Object(readable)).err().filter(|_| value.is_object()).filter(is_missing);
    if violations.len() == before || missing.is_some() {
        let message = plain_message(missing.as_ref().unwrap_or(&error));
        violations.push(Violation { path: path.clone(), message });
    }
}

/// The same for every item of a list.
pub(crate) fn explain_list<T: Explained>(
    list: &Value,
    path: &mut Vec<String>,
    violations: &mut Vec<Violation>,
) {
    let Value::Array(items) = list else {
        violations.push(Violation { path: path.clone(), message: "must be a list".to_owned() });
        return;
    };
    for (index, item) in items.iter().enumerate() {
        path.push(index.to_string());
        explain::<T>(item, path, violations);
        path.pop();
    }
}

fn is_missing(error: &serde_json::Error) -> bool {
    error.to_string().starts_with("missing field")
}

/// What serde complains about, without the value it complains about.
fn plain_message(error: &serde_json::Error) -> String {
    let text = error.to_string();
    let expected = || text.rsplit_once("expected ").map_or("something else", |(_, expected)| expected);
    if let Some(field) = text.strip_prefix("missing field ") {
        return format!("must have the member {field}");
    }
    if text.starts_with("unknown field") {
        return format!("is not known here; known are {}", expected().trim_start_matches("one of "));
    }
    if text.starts_with("unknown variant") {
        return format!("must be {}", expected());
    }
    let expected = match expected() {
        "f64" => "a number",
        "u32" | "u64" => "a whole number that is not negative",
        "a sequence" => "a list",
        text if text.starts_with("struct") => "an object",
        text => text,
    };
    format!("must be {expected}")
}
