//! What requests write into accounts.

use serde_json::{Value, json};

use super::super::{AccountType, FieldChanges, Requirements};
use super::{create, lines, map, user};
use crate::account::Fields;
use crate::field::{LinkFiles, StoredFile};

/// No file has a URL here.
struct NoLinks;

impl LinkFiles for NoLinks {
    fn url(&self, _: &StoredFile) -> String {
        String::new()
    }
}

fn read(kind: &AccountType, top_level: Value, fields: Value) -> Result<Value, Vec<String>> {
    kind.read_changes(&map(top_level), &map(fields))
        .map(|changes| Value::Object(changes.0))
        .map_err(|violations| lines(&violations))
}

fn apply(
    kind: &AccountType,
    current: Option<Value>,
    changes: Value,
    requirements: Requirements,
) -> Result<Value, Vec<String>> {
    let current = current.map(|value| Fields(map(value)));
    kind.apply(current.as_ref(), &FieldChanges(map(changes)), requirements)
        .map(|fields| Value::Object(fields.0))
        .map_err(|violations| lines(&violations))
}

#[test]
fn top_level_attributes_stand_for_fields() {
    let top_level = json!({
        "name-first": "Ingrid", "name-middle": "M", "name-last": "Solheim", "birthdate": "1991-07-23",
        "phone-number": "+47", "email-address": "i@example.test", "address-street-1": "9 Harbour Row",
        "address-street-2": "b", "address-city": "Bergen", "address-subdivision": "Vestland",
        "address-postal-code": "5003", "country-code": "NO", "social-security-number": "123-45-6789",
        "selfie-photo": {"data": null},
    });
    let expected = json!({
        "name": {"first": "Ingrid", "middle": "M", "last": "Solheim"},
        "address": {"street_1": "9 Harbour Row", "street_2": "b", "city": "Bergen", "subdivision": "Vestland",
            "postal_code": "5003", "country_code": "NO"},
        "birthdate": "1991-07-23", "phone_number": "+47", "email_address": "i@example.test",
        "social_security_number": "123-45-6789", "selfie_photo": null,
    });
    assert_eq!(read(&user(), top_level, json!({})), Ok(expected));
}

#[test]
fn fields_are_understood_in_every_spelling() {
    for first in ["name_first", "name-first", "nameFirst"] {
        assert_eq!(
            read(&user(), json!({}), json!({first: "I"})),
            Ok(json!({"name": {"first": "I"}})),
            "{first}"
        );
    }
    for street in ["address_street_1", "address-street-1", "addressStreet1", "addressStreet_1"] {
        let read = read(&user(), json!({}), json!({street: "s"}));
        assert_eq!(read, Ok(json!({"address": {"street_1": "s"}})), "{street}");
    }
    for country in ["country_code", "countryCode", "address_country_code", "addressCountryCode"] {
        assert_eq!(
            read(&user(), json!({}), json!({country: "NO"})),
            Ok(json!({"address": {"country_code": "NO"}}))
        );
    }
    for phone in ["phone_number", "phone-number", "phoneNumber"] {
        assert_eq!(read(&user(), json!({}), json!({phone: "1"})), Ok(json!({"phone_number": "1"})));
    }
    let typed = json!({"name": {"type": "hash", "value": {"first": {"type": "string", "value": "I"}}},
        "address": {"postalCode": "1", "street-1": null}, "phone_number": {"type": "string", "value": null}});
    let expected = json!({"name": {"first": "I"}, "address": {"postal_code": "1", "street_1": null}, "phone_number": null});
    assert_eq!(read(&user(), json!({}), typed), Ok(expected));
}

#[test]
fn everything_that_is_wrong_is_told_at_once() {
    let violations = read(
        &user(),
        json!({"nickname": "x", "birthdate": "1.1.1990", "name-last": null, "selfie-photo": {"data": {"data": "", "filename": "a"}}}),
        json!({"shoe-size": 43, "name": {"nick": "x"}, "address": "x", "name_nick": "x", "identificationNumbers": [{"issuing_country": 1}]}),
    )
    .unwrap_err();
    assert_eq!(
        violations,
        [
            "birthdate must be a date like 1990-12-31",
            "name-last must be a text; to clear it, send null for its key under fields",
            "nickname is not an attribute of an account of type User; its own fields belong under fields",
            "selfie-photo.data must be a file of 1 to 10000000 bytes",
            "fields.address must be an object with the members street_1, street_2, city, subdivision, postal_code, country_code",
            "fields.identificationNumbers.0.issuing_country must be a text",
            "fields.name.nick is not a member of this field",
            "fields.name_nick is not a field of the account type User",
            "fields.shoe-size is not a field of the account type User",
        ]
    );
}

#[test]
fn aliases_of_fields_that_the_type_lacks_are_unknown() {
    let kind = create(json!({"name": "Device", "field-schemas": [{"key": "serial", "type": "string"}]}));
    let violations =
        read(&kind, json!({"name-first": "x"}), json!({"name_first": "x", "country_code": "NO"}));
    assert_eq!(violations.unwrap_err().len(), 3);
}

#[test]
fn saying_a_thing_twice_is_fine_and_saying_two_things_is_not() {
    let twice = read(&user(), json!({"name-first": "A"}), json!({"name": {"first": "A"}, "nameFirst": "A"}));
    assert_eq!(twice, Ok(json!({"name": {"first": "A"}})));
    let same_date = json!({"birthdate": "1990-01-01"});
    assert_eq!(read(&user(), same_date.clone(), same_date.clone()), Ok(same_date));
    assert_eq!(
        read(&user(), json!({"name-first": "A", "phone-number": "1"}), json!({"name": {"first": "B"}, "phone_number": null})),
        Err(vec![
            "fields.name.first contradicts name-first: fields.name.first and name-first are the same datum; give one".to_owned(),
            "fields.phone_number contradicts phone-number: fields.phone_number and phone-number are the same datum; give one".to_owned(),
        ])
    );
    let violations = read(
        &user(),
        json!({}),
        json!({"phone_number": "1", "phone-number": "2", "name": null, "name_last": "x"}),
    );
    assert_eq!(violations.unwrap_err().len(), 2);
}

#[test]
fn messages_and_debug_never_show_values() {
    let secret = "s3cret";
    let wrong = json!({"birthdate": secret, "selfie_photo": secret, "name": secret, "identification_numbers": [secret]});
    let violations = read(&user(), json!({"name-first": {"x": secret}}), wrong).unwrap_err();
    assert_eq!(violations.len(), 5);
    assert!(!violations.concat().contains(secret));
    let changes = user().read_changes(&map(json!({"name-first": secret})), &map(json!({}))).unwrap();
    assert_eq!(format!("{changes:?}"), "FieldChanges([redacted])");
}

#[test]
fn name_and_address_are_merged_and_the_rest_is_replaced() {
    let current = json!({"name": {"first": "A", "middle": "M"}, "identification_numbers": [{"issuing_country": "NO"}], "phone_number": "1"});
    let changes =
        json!({"name": {"last": "B", "middle": null}, "identification_numbers": [], "phone_number": null});
    let after = apply(&user(), Some(current.clone()), changes, Requirements::Waive);
    assert_eq!(after, Ok(json!({"name": {"first": "A", "last": "B"}, "identification_numbers": []})));

    let cleared = json!({"name": {"first": null, "middle": null, "last": null}});
    let after = apply(&user(), Some(current), cleared, Requirements::Waive).unwrap();
    assert!(after.get("name").is_none());

    let kind = create(json!({"name": "T", "field-schemas": [
        {"key": "pair", "type": "hash", "config": {"item-schemas": [{"key": "a", "type": "string"}, {"key": "b", "type": "string"}]}}]}));
    let after =
        apply(&kind, Some(json!({"pair": {"a": "1"}})), json!({"pair": {"b": "2"}}), Requirements::Enforce);
    assert_eq!(after, Ok(json!({"pair": {"b": "2"}})));
}

fn strict() -> AccountType {
    create(json!({"name": "Strict", "field-schemas": [
        {"key": "crm_id", "type": "string", "config": {"write-policy": "write_once", "required": true}},
        {"key": "tier", "type": "choices", "default-value": "low", "config": {"options": ["low", "high"]}},
        {"key": "old", "type": "string", "config": {"deactivated-at": "2026-01-01T00:00:00Z", "required": true}},
        {"key": "gone", "type": "string", "config": {"archived-at": "2026-01-01T00:00:00Z"}},
        {"key": "party", "type": "hash", "config": {"item-schemas": [{"key": "role", "type": "string", "config": {"required": true}}, {"key": "note", "type": "string"}]}},
    ]}))
}

#[test]
fn new_accounts_get_defaults_and_need_what_is_required() {
    let (kind, enforce) = (strict(), Requirements::Enforce);
    assert_eq!(
        apply(&kind, None, json!({"crm_id": "1"}), enforce),
        Ok(json!({"crm_id": "1", "tier": "low"}))
    );
    assert_eq!(apply(&kind, None, json!({"crm_id": "1", "tier": null}), enforce), Ok(json!({"crm_id": "1"})));
    assert_eq!(apply(&kind, None, json!({}), enforce), Err(vec!["fields.crm_id is required".to_owned()]));
    assert_eq!(
        apply(&kind, None, json!({"crm_id": " "}), enforce),
        Err(vec!["fields.crm_id is required".to_owned()])
    );
    assert_eq!(apply(&kind, None, json!({}), Requirements::Waive), Ok(json!({"tier": "low"})));
    let without_role = json!({"crm_id": "1", "party": {"note": "x"}});
    assert_eq!(
        apply(&kind, None, without_role.clone(), enforce),
        Err(vec!["fields.party.role is required".to_owned()])
    );
    assert!(apply(&kind, None, without_role, Requirements::Waive).is_ok());
}

#[test]
fn updates_need_only_what_they_touch() {
    let (kind, enforce) = (strict(), Requirements::Enforce);
    assert_eq!(apply(&kind, Some(json!({})), json!({"tier": "high"}), enforce), Ok(json!({"tier": "high"})));
    assert_eq!(
        apply(&kind, Some(json!({})), json!({"crm_id": null}), enforce),
        Err(vec!["fields.crm_id is required and must not be cleared".to_owned()])
    );
}

#[test]
fn fields_that_are_written_once_or_inactive_refuse_other_values() {
    let kind = strict();
    let current = json!({"crm_id": "1", "old": "x", "gone": "y"});
    let same = apply(&kind, Some(current.clone()), current.clone(), Requirements::Enforce);
    assert_eq!(same, Ok(current.clone()));
    let changes = json!({"crm_id": "2", "old": null, "gone": "z", "unknown": 1});
    assert_eq!(
        apply(&kind, Some(current), changes, Requirements::Waive),
        Err(vec![
            "fields.crm_id has a value already and can be written only once".to_owned(),
            "fields.gone is archived and takes no new values".to_owned(),
            "fields.old is deactivated and takes no new values".to_owned(),
            "fields.unknown is not a field of the account type Strict".to_owned(),
        ])
    );
}

#[test]
fn accounts_show_every_field_that_is_not_archived() {
    let shown = json!(
        strict().present(&Fields(map(json!({"old": "x", "gone": "y", "party": {"note": "n"}}))), &NoLinks)
    );
    assert_eq!(
        shown,
        json!({
            "crm_id": {"type": "string", "value": null},
            "tier": {"type": "choices", "value": null},
            "old": {"type": "string", "value": "x"},
            "party": {"type": "hash", "value": {"note": {"type": "string", "value": "n"}}},
        })
    );
    let empty = json!(user().present(&Fields::default(), &NoLinks));
    assert_eq!(empty["name"]["value"]["middle"], json!({"type": "string", "value": null}));
    assert_eq!(empty["identification_numbers"]["value"], json!([]));
    assert_eq!(empty["selfie_photo"], json!({"type": "file", "value": null}));
}

#[test]
fn stored_values_are_checked_against_a_stricter_type() {
    let values = Fields(map(json!({"tier": "medium", "old": 7, "party": {"note": "n"}})));
    assert_eq!(
        lines(&strict().check_stored(&values)),
        [
            "fields.crm_id is required",
            r#"fields.tier must be one of "low", "high""#,
            "fields.party.role is required",
        ]
    );
    assert!(strict().check_stored(&Fields(map(json!({"crm_id": "1"})))).is_empty());
}
