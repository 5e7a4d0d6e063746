//! Holds a type of the client to the schema of the document: what it has, the schema must know; what the schema
//! requires, it must have.

use std::sync::LazyLock;

use muster_api::versions::ApiVersion;
use serde_json::{Map, Value, json};

static DOCUMENT: LazyLock<Value> = LazyLock::new(|| muster_api::openapi::document(ApiVersion::NEWEST));

/// The schema with a name.
pub fn named(name: &str) -> Value {
    json!({ "$ref": format!("#/components/schemas/{name}") })
}

/// What is wrong with a type of the client, seen by one value of it: its members as they are serialized, resource
/// objects flat (`id`, attributes, relationships as `<name>-id` or `<name>-ids`).
pub fn faults(schema: &Value, typed: &Value) -> Vec<String> {
    let mut found = Vec::new();
    walk(schema, typed, "", &mut found);
    found
}

fn walk(schema: &Value, typed: &Value, at: &str, found: &mut Vec<String>) {
    let schema = resolved(schema);
    if let Some(alternatives) = schema["anyOf"].as_array().or(schema["oneOf"].as_array()) {
        let outcomes = alternatives.iter().map(|one| {
            let mut own = Vec::new();
            walk(one, typed, at, &mut own);
            own
        });
        found.extend(outcomes.min_by_key(Vec::len).unwrap());
        return;
    }
    if !has_type(schema, typed) {
        found.push(format!("{at}: is {typed}, which the document does not know"));
        return;
    }
    match typed {
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                walk(&schema["items"], item, &format!("{at}/{index}"), found);
            }
        }
        Value::Object(members) => walk_members(&flat(schema), members, at, found),
        _ => {}
    }
}

fn walk_members(schema: &Value, members: &Map<String, Value>, at: &str, found: &mut Vec<String>) {
    let required: Vec<&str> =
        schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    for name in required.iter().filter(|name| !members.contains_key(**name)) {
        found.push(format!("{at}/{name}: the client does not have it"));
    }
    for (name, value) in members {
        let at = format!("{at}/{name}");
        let known = schema["properties"].get(name).or_else(|| schema.get("additionalProperties"));
        match known {
            Some(Value::Bool(false)) => found.push(format!("{at}: the document does not know it")),
            // What the wire leaves out is null in the type.
            Some(_) if value.is_null() && !required.contains(&name.as_str()) => {}
            Some(known) => walk(known, value, &at, found),
            None if schema.get("properties").is_none() => {}
            None => found.push(format!("{at}: the document does not know it")),
        }
    }
}

fn resolved(schema: &Value) -> &Value {
    match schema["$ref"].as_str() {
        Some(reference) => resolved(DOCUMENT.pointer(reference.trim_start_matches('#')).unwrap()),
        None => schema,
    }
}

/// The schema of a resource object, as the client sees it.
fn flat(schema: &Value) -> Value {
    let Some(attributes) = schema.pointer("/properties/attributes").map(resolved) else {
        return schema.clone();
    };
    let Some(mut members) = attributes["properties"].as_object().cloned() else { return schema.clone() };
    let mut required = attributes["required"].as_array().cloned().unwrap_or_default();
    let always = schema.pointer("/properties/relationships/required").and_then(Value::as_array);
    let mut add = |name: String, schema: Value, is_required: bool| {
        if is_required {
            required.push(name.clone().into());
        }
        members.insert(name, schema);
    };
    if let Some(id) = schema.pointer("/properties/id") {
        add("id".to_owned(), id.clone(), true);
    }
    let relationships = schema.pointer("/properties/relationships/properties").and_then(Value::as_object);
    for (name, relationship) in relationships.into_iter().flatten() {
        let data = &relationship["properties"]["data"];
        let is_required = always.is_some_and(|names| names.iter().any(|one| one == name.as_str()));
        match data.pointer("/items/properties/id") {
            Some(id) => add(format!("{name}-ids"), json!({ "type": "array", "items": id }), is_required),
            None => add(format!("{name}-id"), id_of(data), is_required),
        }
    }
    json!({ "type": "object", "properties": members, "required": required, "additionalProperties": false })
}

fn id_of(data: &Value) -> Value {
    let or_null = || json!({ "type": ["string", "null"] });
    // A relationship to nothing has no ID.
    if data["type"].as_array().is_some_and(|kinds| kinds.iter().any(|kind| kind == "null")) {
        return or_null();
    }
    data.pointer("/properties/id").cloned().unwrap_or_else(or_null)
}

fn has_type(schema: &Value, typed: &Value) -> bool {
    if schema.get("const").is_some_and(|one| one != typed) {
        return false;
    }
    if schema["enum"].as_array().is_some_and(|all| !all.contains(typed)) {
        return false;
    }
    let fits = |name: &str| match name {
        "null" => typed.is_null(),
        "string" => typed.is_string(),
        "boolean" => typed.is_boolean(),
        "integer" => typed.is_i64() || typed.is_u64(),
        "number" => typed.is_number(),
        "array" => typed.is_array(),
        "object" => typed.is_object(),
        other => panic!("{other} is no type of JSON Schema"),
    };
    match &schema["type"] {
        Value::String(name) => fits(name),
        Value::Array(names) => names.iter().filter_map(Value::as_str).any(fits),
        _ => true,
    }
}

/// A value with its resource objects as the client reads them, written down a second time: nothing may be lost.
pub fn deep(value: &Value) -> Value {
    match value {
        Value::Array(items) => items.iter().map(deep).collect(),
        Value::Object(members) if members.contains_key("attributes") => flattened(members),
        Value::Object(members) => members.iter().map(|(key, value)| (key.clone(), deep(value))).collect(),
        other => other.clone(),
    }
}

fn flattened(resource: &Map<String, Value>) -> Value {
    let id = resource.get("id").map(|id| ("id".to_owned(), id.clone()));
    let mut flat: Map<String, Value> = id.into_iter().collect();
    for (key, value) in resource["attributes"].as_object().unwrap() {
        flat.insert(key.clone(), deep(value));
    }
    for (name, relationship) in resource.get("relationships").and_then(Value::as_object).into_iter().flatten()
    {
        match &relationship["data"] {
            Value::Array(list) => {
                flat.insert(format!("{name}-ids"), list.iter().map(|one| one["id"].clone()).collect())
            }
            one => flat.insert(format!("{name}-id"), one["id"].clone()),
        };
    }
    Value::Object(flat)
}

/// Takes members away that are null, false or empty: a type has them, the wire may leave them out.
pub fn without_nothing(value: Value) -> Value {
    match value {
        Value::Array(items) => items.into_iter().map(without_nothing).collect(),
        Value::Object(members) => {
            let kept = members.into_iter().map(|(key, value)| (key, without_nothing(value)));
            let nothing = [Value::Null, json!(false), json!([]), json!({})];
            kept.filter(|(_, value)| !nothing.contains(value)).collect()
        }
        other => other,
    }
}

#[test]
fn a_member_that_the_document_does_not_know_is_found() {
    let item = |more: Value| {
        let mut item =
            json!({ "id": "0", "status": 200, "outcome": "created", "account-id": "act_1", "errors": [] });
        item.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        faults(&named("batch-item"), &item)
    };
    assert_eq!(item(json!({})), Vec::<String>::new());
    assert_eq!(item(json!({ "surprise": null })), ["/surprise: the document does not know it"]);
    assert_eq!(item(json!({ "outcome": "lost" })).len(), 1);
    assert_eq!(item(json!({ "status": "200" })).len(), 1);
}

#[test]
fn a_required_member_that_a_type_lacks_is_found() {
    let origin =
        json!({ "id": "x", "field": "name", "event-id": null, "name": null, "actor": null, "source": null });
    assert_eq!(faults(&named("field-origin"), &origin), ["/created-at: the client does not have it"]);
}

#[test]
fn alternatives_and_nested_resources_are_looked_into() {
    let account = json!({ "id": "act_1", "account-type-id": "acttp_1", "reference-id": null, "tags": [],
        "account-type-name": "User", "account-status": "Default", "created-at": "x", "updated-at": "x",
        "redacted-at": null, "fields": { "name": { "type": "hash", "value": { "first": { "type": "string", "value": 1 } } } } });
    let event = json!({ "id": "evt_1", "name": "x", "created-at": "x", "payload": { "data": account } });
    let found = faults(&named("event"), &event);
    assert!(
        found.iter().any(|fault| fault.contains("/payload/data/fields/name/value/first/value")),
        "{found:?}"
    );
}
