//! Account types as customers, requests and the database see them.

mod requests;
mod revisions;
mod specs;

use serde_json::{Map, Value, json};

use super::{AccountType, AccountTypeSpec};
use crate::id::IdSource;
use crate::time::Timestamp;
use crate::violation::Violation;

const NOW: Timestamp = Timestamp::from_micros(1_772_442_847_412_999);
const LATER: Timestamp = Timestamp::from_micros(1_772_442_999_000_001);

fn ids() -> IdSource {
    IdSource::new(NOW, [7; 32])
}

fn user() -> AccountType {
    AccountType::user(&mut ids(), NOW)
}

fn spec(value: Value) -> AccountTypeSpec {
    AccountTypeSpec::from_value(value).unwrap()
}

fn create(value: Value) -> AccountType {
    AccountType::create(&spec(value), &mut ids(), NOW).unwrap()
}

fn map(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(map) => map,
        _ => Map::new(),
    }
}

fn lines(violations: &[Violation]) -> Vec<String> {
    violations.iter().map(Violation::to_string).collect()
}

fn revise(kind: &AccountType, value: Value) -> (AccountType, Vec<String>) {
    let (revised, changes) = kind.revise(&spec(value), &mut ids(), LATER).unwrap();
    let texts = changes.iter().map(|c| if c.stricter { format!("! {c}") } else { c.to_string() });
    (revised, texts.collect())
}

#[test]
fn the_default_type_has_the_system_fields_and_one_status() {
    let user = user();
    let keys: Vec<&str> = user.fields.iter().map(|field| field.key.as_str()).collect();
    assert_eq!(
        keys.join(" "),
        "name address identification_numbers birthdate phone_number email_address selfie_photo social_security_number"
    );
    assert!(user.is_default);
    assert_eq!(user.status_named(" default ").map(|status| &status.id), Some(&user.default_status));
    assert_eq!(user.status(&user.default_status).unwrap().name, "Default");
    assert!(user.status_named("Closed").is_none());
}

#[test]
fn the_default_type_is_published_as_the_api_has_it() {
    let published = user().published();
    assert_eq!(published["name"], "User");
    assert_eq!(published["created-at"], "2026-03-02T09:14:07.412Z");
    let schemas = published["field-schemas"].as_array().unwrap();
    let common = json!({"required": false, "archived-at": null, "deactivated-at": null,
        "redaction-policy": "none", "write-policy": "none"});
    let with = |more: Value| {
        let mut config = map(common.clone());
        config.extend(map(more));
        Value::Object(config)
    };
    let text = |key: &str, label: &str| {
        json!({"type": "string", "key": key, "label": label, "default-value": null,
            "config": with(json!({"max-char-length": 255, "sanitize": []}))})
    };
    assert_eq!(
        schemas[0],
        json!({"type": "hash", "key": "name", "label": "Name", "config": with(json!({
            "ignore-unknown-keys": false,
            "item-schemas": [text("first", "First name"), text("middle", "Middle name"), text("last", "Last name")],
        }))})
    );
    assert_eq!(schemas[2]["config"]["item-schema"]["type"], "hash");
    assert_eq!(
        schemas[3],
        json!({"type": "date", "key": "birthdate", "label": "Birthdate", "default-value": null,
            "config": with(json!({"min-date": null, "max-date": null}))})
    );
    assert_eq!(schemas[4], text("phone_number", "Phone number"));
    assert_eq!(schemas[6]["config"]["supported-mime-types"].as_array().unwrap().len(), 15);
}

/// The members of every published schema are those that the API's closed schemas know.
#[test]
fn published_schemas_have_no_unknown_members() {
    fn visit(schema: &Value) {
        for key in schema.as_object().unwrap().keys() {
            assert!(["type", "key", "label", "default-value", "config"].contains(&key.as_str()), "{key}");
        }
        let config = &schema["config"];
        assert!(config.get("searchable").is_none() && config.get("ordered").is_none());
        config.get("item-schema").into_iter().for_each(visit);
        config["item-schemas"].as_array().into_iter().flatten().for_each(visit);
    }
    for kind in [user(), AccountType::business(&mut ids(), NOW)] {
        kind.published()["field-schemas"].as_array().unwrap().iter().for_each(visit);
    }
}

#[test]
fn the_business_type_links_to_its_owners() {
    let business = AccountType::business(&mut ids(), NOW);
    assert_eq!((business.relations[0].target.as_str(), business.relations[0].many), ("User", true));
    assert!(!business.is_default);
    let again = AccountType::create(&business.to_spec(), &mut ids(), NOW).unwrap();
    assert_eq!(again.fields, business.fields);
}

#[test]
fn types_are_stored_completely() {
    let mut business = AccountType::business(&mut ids(), NOW);
    business.fields[0].deactivated_at = Some(LATER);
    business.fields[1].archived_at = Some(NOW);
    business.fields[2].required = true;
    business.fields[3].ordered = true;
    for kind in [user(), business] {
        assert_eq!(AccountType::from_json(&kind.to_json()), Some(kind));
    }
    assert_eq!(AccountType::from_json("{}"), None);
}

#[test]
fn identifiers_are_found_in_any_inflection() {
    let kind = create(json!({"name": "T", "field-schemas": [{"key": "crm_id", "type": "string"}],
        "identifiers": [{"key": "crm_id", "unique": true}]}));
    for key in ["crm_id", "crm-id", "crmId"] {
        assert!(kind.identifier(key).is_some_and(|identifier| identifier.unique), "{key}");
    }
    assert!(kind.identifier("crm").is_none());
    assert!(kind.field_in_any_inflection("crmId").is_some());
}
