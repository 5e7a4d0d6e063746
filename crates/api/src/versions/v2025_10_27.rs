//! 2025-10-27: accounts and inquiries keep their personal data under `fields` only.

mod inquiry;

use serde_json::{Map, Value, json};

use super::{ApiVersion, Change, Release, RequestChange};
use crate::doc::object;

/// What 2025-10-27 changed.
pub(super) const RELEASE: Release = Release {
    version: ApiVersion::V2025_10_27,
    changes: &[
        Change {
            kind: "account",
            downgrade_reply: flatten_account,
            downgrade_schema: flatten_account_schema,
        },
        Change {
            kind: "inquiry",
            downgrade_reply: inquiry::flatten,
            downgrade_schema: inquiry::flatten_schema,
        },
    ],
    requests: &[RequestChange {
        operations: &["create-an-inquiry", "update-an-inquiry"],
        upgrade_request: inquiry::take_for_fields,
    }],
};

/// The attribute, and the field it repeats: its key, then the key inside the hash.
const FLATTENED: [(&str, &[&str]); 13] = [
    ("birthdate", &["birthdate"]),
    ("name-first", &["name", "first"]),
    ("name-middle", &["name", "middle"]),
    ("name-last", &["name", "last"]),
    ("phone-number", &["phone_number"]),
    ("email-address", &["email_address"]),
    ("address-street-1", &["address", "street_1"]),
    ("address-street-2", &["address", "street_2"]),
    ("address-city", &["address", "city"]),
    ("address-subdivision", &["address", "subdivision"]),
    ("address-postal-code", &["address", "postal_code"]),
    ("country-code", &["address", "country_code"]),
    ("social-security-number", &["social_security_number"]),
];

/// The members of an identification number. The upstream schema forbids null in them, so an unset
/// one is left out; so are `created-at` and `updated-at`, which are optional and not recorded.
const IDENTIFICATION_MEMBERS: [(&str, &str); 3] = [
    ("issuing-country", "issuing_country"),
    ("identification-class", "identification_class"),
    ("identification-number", "identification_number"),
];

/// Gives an account the attributes that repeat its fields.
fn flatten_account(account: &mut Value) {
    let Some(Value::Object(attributes)) = account.get_mut("attributes") else { return };
    let fields = attributes.get("fields").unwrap_or(&Value::Null);
    let mut flat: Map<String, Value> =
        FLATTENED.iter().map(|(name, path)| ((*name).to_owned(), text_at(fields, path))).collect();
    flat.insert("identification-numbers".to_owned(), identification_numbers(fields));
    attributes.extend(flat);
}

/// Gives the schema of an account the attributes that repeat its fields; all are always there.
fn flatten_account_schema(schema: &mut Value) {
    let Some(attributes) = schema.pointer_mut("/properties/attributes") else { return };
    let mut add = |name: &str, member: Value| {
        attributes["properties"][name] = member;
        if let Some(required) = attributes["required"].as_array_mut() {
            required.push(name.into());
        }
    };
    for (name, path) in FLATTENED {
        let text = format!("What `fields` has under `{}`.", path.join("."));
        add(name, json!({ "type": ["string", "null"], "description": text }));
    }
    let members: Map<String, Value> = IDENTIFICATION_MEMBERS
        .iter()
        .map(|(name, _)| ((*name).to_owned(), json!({ "type": "string" })))
        .collect();
    let number = object(&Value::Object(members), &["identification-class"]);
    add(
        "identification-numbers",
        json!({
            "type": "object",
            "description": "The identification numbers of `fields`, by class.",
            "additionalProperties": { "type": "array", "items": number },
        }),
    );
}

/// Reads the text of a field, or of a member of a hash; null unless it is set.
fn text_at(fields: &Value, path: &[&str]) -> Value {
    let found = path.iter().try_fold(fields, |members, key| members.get(key)?.get("value"));
    found.filter(|value| value.is_string()).cloned().unwrap_or(Value::Null)
}

/// Groups the numbers by class; an empty object when there is none, as the schema allows no null.
fn identification_numbers(fields: &Value) -> Value {
    let mut by_class: Map<String, Value> = Map::new();
    let numbers = fields.pointer("/identification_numbers/value").and_then(Value::as_array);
    for number in numbers.into_iter().flatten().filter_map(|item| item.get("value")) {
        let Value::String(class) = text_at(number, &["identification_class"]) else { continue };
        let same_class = by_class.entry(class).or_insert_with(|| Value::Array(Vec::new()));
        if let Value::Array(list) = same_class {
            list.push(identification_number(number));
        }
    }
    Value::Object(by_class)
}

fn identification_number(number: &Value) -> Value {
    let members =
        IDENTIFICATION_MEMBERS.iter().map(|(name, key)| ((*name).to_owned(), text_at(number, &[key])));
    Value::Object(members.filter(|(_, value)| !value.is_null()).collect())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn flattened(fields: &Value) -> Value {
        let mut account =
            json!({"type": "account", "id": "act_1", "attributes": {"tags": [], "fields": fields}});
        flatten_account(&mut account);
        assert_eq!(account["attributes"]["fields"], *fields, "the fields stay");
        account["attributes"].take()
    }

    #[test]
    fn set_fields_are_repeated() {
        let text = |value: &str| json!({"type": "string", "value": value});
        let number = json!({"identification_class": text("pp"), "identification_number": text("N4"),
            "issuing_country": text("NO"), "hashed_identification_number": {"type": "string", "value": null}});
        let attributes = flattened(&json!({
            "name": {"type": "hash", "value": {"first": text("Ingrid"), "last": text("Solheim")}},
            "address": {"type": "hash", "value": {"street_1": text("9 Harbour Row"), "country_code": text("NO")}},
            "birthdate": {"type": "date", "value": "1991-07-23"},
            "social_security_number": text("123-45-6789"),
            "identification_numbers": {"type": "array", "value": [{"type": "hash", "value": number}]}}));
        let expected = [
            ("name-first", json!("Ingrid")),
            ("name-middle", json!(null)),
            ("name-last", json!("Solheim")),
            ("address-street-1", json!("9 Harbour Row")),
            ("country-code", json!("NO")),
            ("birthdate", json!("1991-07-23")),
            ("social-security-number", json!("123-45-6789")),
            ("phone-number", json!(null)),
        ];
        for (name, value) in expected {
            assert_eq!(attributes[name], value, "{name}");
        }
        let passport =
            json!({"issuing-country": "NO", "identification-class": "pp", "identification-number": "N4"});
        assert_eq!(attributes["identification-numbers"], json!({"pp": [passport]}));
    }

    #[test]
    fn unset_fields_are_null() {
        let redacted = json!({"name": {"type": "hash", "value": null}, "birthdate": {"type": "date", "value": null},
            "identification_numbers": {"type": "array", "value": null}, "phone_number": {"type": "x", "value": 1}});
        for fields in [json!({}), json!(null), redacted] {
            let attributes = flattened(&fields);
            for (name, _) in FLATTENED {
                assert_eq!(attributes.get(name), Some(&Value::Null), "{name}");
            }
            assert_eq!(attributes["identification-numbers"], json!({}));
        }
    }

    #[test]
    fn a_bare_identifier_gains_nothing() {
        let mut account = json!({"type": "account", "id": "act_1"});
        flatten_account(&mut account);
        assert_eq!(account, json!({"type": "account", "id": "act_1"}));
    }
}
