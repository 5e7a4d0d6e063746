//! Writes a JSON value as YAML 1.2, in an order that people read well.

use serde_json::{Map, Value};

/// Members that come first, in this order; the others follow by name.
const FIRST: [&str; 29] = [
    "openapi",
    "info",
    "title",
    "version",
    "servers",
    "security",
    "tags",
    "name",
    "in",
    "$ref",
    "type",
    "const",
    "enum",
    "summary",
    "description",
    "operationId",
    "parameters",
    "requestBody",
    "required",
    "properties",
    "additionalProperties",
    "style",
    "explode",
    "schema",
    "headers",
    "content",
    "responses",
    "paths",
    "components",
];

/// The YAML text of a value.
pub(super) fn write(value: &Value) -> String {
    let mut out = String::new();
    block(&mut out, value, 0);
    out.push('\n');
    out
}

/// Writes what follows a key or a dash, and a line break before it where it needs one.
fn block(out: &mut String, value: &Value, depth: usize) {
    match value {
        Value::Object(members) if !members.is_empty() => mapping(out, members, depth),
        Value::Array(items) if !items.is_empty() => {
            for (index, item) in items.iter().enumerate() {
                start_line(out, depth, index);
                out.push_str("- ");
                block(out, item, depth + 1);
            }
        }
        // Every JSON text is one of YAML, too.
        other => out.push_str(&other.to_string()),
    }
}

fn mapping(out: &mut String, members: &Map<String, Value>, depth: usize) {
    let mut keys: Vec<&String> = members.keys().collect();
    keys.sort_by_key(|key| (FIRST.iter().position(|first| first == key).unwrap_or(FIRST.len()), *key));
    for (index, key) in keys.into_iter().enumerate() {
        start_line(out, depth, index);
        out.push_str(&scalar(key));
        out.push(':');
        let value = &members[key];
        let is_nested = match value {
            Value::Object(members) => !members.is_empty(),
            Value::Array(items) => !items.is_empty(),
            _ => false,
        };
        if is_nested {
            out.push('\n');
            out.push_str(&"  ".repeat(depth + 1));
        } else {
            out.push(' ');
        }
        block(out, value, depth + 1);
    }
}

/// Breaks the line before every entry but the first, which stands where its parent ended.
fn start_line(out: &mut String, depth: usize, index: usize) {
    if index > 0 {
        out.push('\n');
        out.push_str(&"  ".repeat(depth));
    }
}

/// A key: bare where YAML cannot take it for anything else.
fn scalar(key: &str) -> String {
    let is_plain = key.len() > 3
        && key.starts_with(|c: char| c.is_ascii_alphabetic())
        && key.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_')
        && !["true", "false", "null"].contains(&key.to_ascii_lowercase().as_str());
    if is_plain { key.to_owned() } else { Value::from(key).to_string() }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn members_stand_in_an_order_that_people_read_well() {
        let value = json!({ "paths": { "/a": [] }, "info": { "title": "x: y", "version": "1" }, "list": [[1, 2], { "b": null }] });
        let expected = "info:\n  title: \"x: y\"\n  version: \"1\"\npaths:\n  \"/a\": []\nlist:\n  - - 1\n    - 2\n  - \"b\": null\n";
        assert_eq!(write(&value), expected);
    }
}
