//! Says in words what changes from one state of a template to the next.

use serde_json::{Map, Value};

use super::InquiryTemplateSpec;

/// The members by which entries of lists are told apart.
const NAMED_BY: [&str; 3] = ["name", "key", "field"];

impl InquiryTemplateSpec {
    /// Lists what changes from this spec to `new`, such as `steps verify_email: title changes`. Nothing means
    /// that both say the same.
    #[must_use]
    pub fn changes_to(&self, new: &Self) -> Vec<String> {
        let mut changes = Vec::new();
        compare("", &self.to_value(), &new.to_value(), &mut changes);
        changes
    }
}

fn compare(place: &str, old: &Value, new: &Value, changes: &mut Vec<String>) {
    if old == new {
        return;
    }
    match (old, new) {
        (Value::Object(old), Value::Object(new)) => compare_members(place, old, new, changes),
        (Value::Array(old), Value::Array(new)) if is_named(old) && is_named(new) => {
            compare_named(place, old, new, changes);
        }
        _ => changes.push(format!("{place}: changes")),
    }
}

fn compare_members(
    place: &str,
    old: &Map<String, Value>,
    new: &Map<String, Value>,
    changes: &mut Vec<String>,
) {
    let within = |key: &str| if place.is_empty() { key.to_owned() } else { format!("{place}.{key}") };
    for (key, value) in old {
        match new.get(key) {
            Some(other) => compare(&within(key), value, other, changes),
            None if is_list(value) => compare(&within(key), value, &Value::Array(Vec::new()), changes),
            None => changes.push(format!("{}: removed", within(key))),
        }
    }
    for (key, value) in new.iter().filter(|(key, _)| !old.contains_key(*key)) {
        if is_list(value) {
            compare(&within(key), &Value::Array(Vec::new()), value, changes);
        } else {
            changes.push(format!("{}: added", within(key)));
        }
    }
}

fn compare_named(place: &str, old: &[Value], new: &[Value], changes: &mut Vec<String>) {
    let find = |list: &[Value], name: &str| list.iter().find(|value| name_of(value) == Some(name)).cloned();
    for value in old {
        let Some(name) = name_of(value) else { continue };
        match find(new, name) {
            Some(other) => compare(&format!("{place} {name}"), value, &other, changes),
            None => changes.push(format!("{place} {name}: removed")),
        }
    }
    for name in new.iter().filter_map(name_of) {
        if find(old, name).is_none() {
            changes.push(format!("{place} {name}: added"));
        }
    }
    let order = |list: &[Value], other: &[Value]| -> Vec<String> {
        let names = list.iter().filter_map(name_of).filter(|name| find(other, name).is_some());
        names.map(str::to_owned).collect()
    };
    if order(old, new) != order(new, old) {
        changes.push(format!("{place}: order changes"));
    }
}

fn is_list(value: &Value) -> bool {
    value.as_array().is_some_and(|list| is_named(list))
}

fn is_named(list: &[Value]) -> bool {
    list.iter().all(|value| name_of(value).is_some())
}

fn name_of(value: &Value) -> Option<&str> {
    NAMED_BY.iter().find_map(|member| value.get(member)?.as_str())
}
