//! 2025-10-27: an inquiry keeps its personal data under `fields` only, in replies and in requests.

use serde_json::{Map, Value, json};

use crate::inflection::kebab;

/// The attributes that repeat a field of the same key.
const FLATTENED: [&str; 15] = [
    "birthdate",
    "name-first",
    "name-middle",
    "name-last",
    "phone-number",
    "email-address",
    "social-security-number",
    "address-street-1",
    "address-street-2",
    "address-city",
    "address-subdivision",
    "address-postal-code",
    "address-subdivision-abbr",
    "address-postal-code-abbr",
    "identification-number",
];

/// The attributes of requests that are no fields.
const ATTRIBUTES: [&str; 13] = [
    "template-id",
    "inquiry-template-id",
    "inquiry-template-version-id",
    "reference-id",
    "account-id",
    "creator-email-address",
    "theme-id",
    "theme-set-id",
    "redirect-uri",
    "note",
    "fields",
    "tags",
    "initial-step-name",
];

/// Gives an inquiry the attributes that repeat its fields.
pub(super) fn flatten(inquiry: &mut Value) {
    let Some(Value::Object(attributes)) = inquiry.get_mut("attributes") else { return };
    let fields = attributes.get("fields").and_then(Value::as_object).cloned().unwrap_or_default();
    let text_of = |name: &str| {
        let field = fields.iter().find(|(key, _)| kebab(key) == name).map(|(_, field)| &field["value"]);
        field.filter(|value| value.is_string()).cloned().unwrap_or_default()
    };
    attributes.extend(FLATTENED.map(|name| (name.to_owned(), text_of(name))));
}

/// Gives the schema of an inquiry the attributes that repeat its fields; all are always there.
pub(super) fn flatten_schema(schema: &mut Value) {
    let Some(attributes) = schema.pointer_mut("/properties/attributes") else { return };
    for name in FLATTENED {
        let text = format!("What `fields` has under `{name}`.");
        attributes["properties"][name] = json!({ "type": ["string", "null"], "description": text });
        if let Some(required) = attributes["required"].as_array_mut() {
            required.push(name.into());
        }
    }
}

/// Takes attributes that are not known for fields; where both are sent, `fields` counts.
pub(super) fn take_for_fields(body: &mut Map<String, Value>) {
    let attributes = body.get_mut("data").and_then(|data| data.get_mut("attributes"));
    let Some(Value::Object(attributes)) = attributes else { return };
    let is_field = |key: &str| !ATTRIBUTES.contains(&&*kebab(key));
    let loose: Vec<String> = attributes.keys().filter(|key| is_field(key)).cloned().collect();
    if loose.is_empty()
        || attributes.get("fields").is_some_and(|fields| !fields.is_object() && !fields.is_null())
    {
        return;
    }
    let mut fields = match attributes.remove("fields") {
        Some(Value::Object(fields)) => fields,
        _ => Map::new(),
    };
    for key in loose {
        let value = attributes.remove(&key).unwrap_or_default();
        if !fields.keys().any(|known| kebab(known) == kebab(&key)) {
            fields.insert(key, value);
        }
    }
    attributes.insert("fields".to_owned(), Value::Object(fields));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn set_fields_are_repeated() {
        let text = |value: &str| json!({ "type": "string", "value": value });
        let fields = json!({ "name_first": text("Ada"), "birthdate": { "type": "date", "value": "1990-12-31" }, "tier": text("x"),
            "phone-number": { "type": "integer", "value": 7 } });
        let mut inquiry = json!({ "type": "inquiry", "attributes": { "fields": fields } });
        flatten(&mut inquiry);
        let attributes = &inquiry["attributes"];
        assert_eq!(attributes["fields"], fields);
        for name in FLATTENED {
            let expected = match name {
                "name-first" => json!("Ada"),
                "birthdate" => json!("1990-12-31"),
                _ => Value::Null,
            };
            assert_eq!(attributes[name], expected, "{name}");
        }
        assert_eq!(attributes.get("tier"), None);
    }

    #[test]
    fn unknown_attributes_become_fields() {
        let upgraded = |attributes: Value| {
            let mut body = json!({ "data": { "attributes": attributes } }).as_object().cloned().unwrap();
            take_for_fields(&mut body);
            body["data"]["attributes"].clone()
        };
        let table = [
            (json!({ "note": "n", "accountId": "a" }), json!({ "note": "n", "accountId": "a" })),
            (
                json!({ "name_first": "Ada", "note": "n" }),
                json!({ "note": "n", "fields": { "name_first": "Ada" } }),
            ),
            (
                json!({ "nameFirst": "Ada", "fields": { "name-first": "Ida" } }),
                json!({ "fields": { "name-first": "Ida" } }),
            ),
            (json!({ "tier": "x", "fields": null }), json!({ "fields": { "tier": "x" } })),
            (json!({ "tier": "x", "fields": [] }), json!({ "tier": "x", "fields": [] })),
        ];
        for (sent, expected) in table {
            assert_eq!(upgraded(sent.clone()), expected, "{sent}");
        }
        let mut nothing = Map::new();
        take_for_fields(&mut nothing);
        assert!(nothing.is_empty());
    }
}
