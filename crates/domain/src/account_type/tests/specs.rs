//! Types as customers write them.

use serde_json::{Value, json};

use super::super::{AccountType, AccountTypeSpec};
use super::{LATER, NOW, create, ids, lines, revise, spec, user};

fn faults(value: Value) -> Vec<String> {
    lines(&AccountType::create(&spec(value), &mut ids(), NOW).unwrap_err())
}

fn field_faults(fields: &Value) -> Vec<String> {
    faults(json!({"name": "T", "field-schemas": fields}))
}

const FILE: &str = r#"
name = "Counterparty"

[[account-statuses]]
name = "Open"
default = true

[[account-statuses]]
name = "Closed"
color = "red"

[[identifiers]]
key = "crm_id"
unique = true

[[field-schemas]]
key = "name"

[[field-schemas]]
key = "birthdate"
config = { searchable = true, required = true }

[[field-schemas]]
key = "crm_id"
type = "string"
label = "CRM ID"

[field-schemas.config]
max-char-length = 64
write-policy = "write_once"
searchable = true

[[field-schemas]]
key = "since"
type = "date"
default-value = 2020-01-01
config = { min-date = 1990-01-01 }

[[field-schemas]]
key = "party"
type = "choices"
config = { options = ["Independent", "Party"] }

[[field-schemas]]
key = "score"
type = "number"
config = { min = 0, max = 1.5, searchable = true, ordered = true }

[[field-schemas]]
key = "contacts"
type = "array"

[field-schemas.config.item-schema]
type = "hash"

[[field-schemas.config.item-schema.config.item-schemas]]
key = "email"
type = "email-address"

[[field-schemas]]
key = "extra"
type = "json"
config = { json-schema = { type = "object" } }

[[relation-schemas]]
key = "owners"
target = "User"
many = true
"#;

#[test]
fn a_text_file_makes_a_type_and_is_written_back() {
    let spec = AccountTypeSpec::from_toml(FILE).unwrap();
    let kind = AccountType::create(&spec, &mut ids(), NOW).unwrap();
    assert_eq!(kind.field("since").unwrap().default_value, Some(json!("2020-01-01")));
    assert_eq!(kind.status(&kind.default_status).unwrap().name, "Open");
    assert!(kind.field("birthdate").unwrap().required);

    let text = kind.to_spec().to_toml();
    let again = AccountTypeSpec::from_toml(&text).unwrap();
    assert_eq!(again, kind.to_spec(), "{text}");
    assert_eq!(AccountTypeSpec::from_value(serde_json::to_value(&again).unwrap()).unwrap(), again);
    assert!(text.contains("key = \"name\"\n\n"), "a system field is not spelled out:\n{text}");

    let created = AccountType::create(&again, &mut ids(), NOW).unwrap();
    assert_eq!(created, kind);
    let (revised, changes) = kind.revise(&again, &mut ids(), LATER).unwrap();
    assert_eq!((revised, changes), (kind, vec![]));
}

#[test]
fn applying_the_own_spec_changes_nothing() {
    let mut kind = user();
    kind.fields[1].deactivated_at = Some(NOW);
    kind.fields[2].archived_at = Some(NOW);
    kind.fields[4].searchable = false;
    kind.fields[5].label = None;
    let (revised, changes) = kind.revise(&kind.to_spec(), &mut ids(), LATER).unwrap();
    assert_eq!((revised, changes), (kind, vec![]));
}

/// What the API publishes of a type can be posted back as its field schemas.
#[test]
fn published_schemas_are_specs() {
    let user = user();
    let value = json!({"name": "User", "field-schemas": user.published()["field-schemas"]});
    let (_, changes) = revise(&user, value);
    assert_eq!(
        changes,
        ["field phone_number: no longer searchable", "field email_address: no longer searchable"]
    );
}

#[test]
fn mistakes_in_the_text_file_name_their_line() {
    let error = AccountTypeSpec::from_toml("name = \"T\"\ncolour = 1\n").unwrap_err();
    assert!(error.contains("line 2, column 1") && error.contains("unknown field `colour`"), "{error}");
    let error = AccountTypeSpec::from_toml("name = ").unwrap_err();
    assert!(error.contains("line 1"), "{error}");
}

#[test]
fn mistakes_in_json_name_their_member_and_not_their_value() {
    let violations = AccountTypeSpec::from_value(json!({
        "colour": 1,
        "account-statuses": "s3cret",
        "identifiers": [{"unique": "s3cret"}],
        "field-schemas": [
            {"key": "a", "type": "string", "config": {"required": "s3cret", "maximum": 1}},
            {"key": "b", "type": "array", "config": {"item-schema": {"config": {"min": "s3cret"}}}},
            {"key": "c", "type": "relation-schema", "config": {"target": "s3cret"}},
        ],
    }))
    .unwrap_err();
    let lines = lines(&violations);
    assert!(!lines.concat().contains("s3cret"), "{lines:#?}");
    for line in [
        "account-statuses must be a list",
        "field-schemas.0.config.required must be a boolean",
        "field-schemas.1.config.item-schema.config.min must be a number",
        "identifiers.0.unique must be a boolean",
        "identifiers.0 must have the member `key`",
        " must have the member `name`",
    ] {
        assert!(lines.iter().any(|l| l == line), "{line} not in {lines:#?}");
    }
    assert!(lines.iter().any(|l| l.starts_with("colour is not known here; known are ")), "{lines:#?}");
    assert!(
        lines
            .iter()
            .any(|l| l.starts_with("field-schemas.2.config.target must be one of `document-generic`"))
    );
    assert_eq!(AccountTypeSpec::from_value(json!([])).unwrap_err().len(), 1);
}

const KEY_MESSAGE: &str =
    "key must be a small letter followed by small letters, digits and _, at most 64 characters";

/// Asserts what is said about the only field of a type.
fn assert_refused(table: &[(Value, &str)]) {
    for (field, message) in table {
        let found = field_faults(&json!([field]));
        let line = format!("field-schemas.0.{message}");
        assert!(found.iter().any(|found| found.starts_with(&line)), "{message}\n{found:#?}");
    }
}

#[test]
fn keys_and_texts_that_make_no_sense_are_refused() {
    assert_refused(&[
        (json!({"key": "Tier", "type": "string"}), KEY_MESSAGE),
        (json!({"key": "", "type": "string"}), KEY_MESSAGE),
        (
            json!({"key": "reference_id", "type": "string"}),
            "key is reserved: every account has a reference ID",
        ),
        (
            json!({"key": "x", "type": "string", "label": " "}),
            "label must not be blank or contain control characters",
        ),
        (
            json!({"key": "x", "type": "string", "config": {"max-char-length": 1025}}),
            "config.max-char-length must be from 1 to 1024",
        ),
        (
            json!({"key": "x", "type": "string", "config": {"max-char-length": 0}}),
            "config.max-char-length must be from 1 to 1024",
        ),
        (
            json!({"key": "x", "type": "string", "config": {"min": 1}}),
            "config.min is not a setting of a string field; leave it out",
        ),
        (
            json!({"key": "birthdate", "config": {"min-date": "1900-01-01"}}),
            "config.min-date cannot be set while the type is left out; write type \"date\" to set it",
        ),
    ]);
}

#[test]
fn limits_options_and_defaults_that_make_no_sense_are_refused() {
    assert_refused(&[
        (
            json!({"key": "x", "type": "integer", "config": {"min": 2, "max": 1}}),
            "config.max must not be less than min",
        ),
        (
            json!({"key": "x", "type": "date", "config": {"min-date": "1990"}}),
            "config.min-date must be a date like 1990-12-31",
        ),
        (
            json!({"key": "x", "type": "date", "config": {"min-date": "1990-01-02", "max-date": "1990-01-01"}}),
            "config.max-date must not be earlier than min-date",
        ),
        (json!({"key": "x", "type": "choices"}), "config.options must list from 1 to 1000 options"),
        (
            json!({"key": "x", "type": "choices", "config": {"options": ["a", "a"]}}),
            "config.options must list each option once",
        ),
        (
            json!({"key": "x", "type": "choices", "config": {"options": [""]}}),
            "config.options must be texts of 1 to 255 characters",
        ),
        (
            json!({"key": "x", "type": "choices", "config": {"options": ["a"], "option-labels": ["A", "B"]}}),
            "config.option-labels must have one label for each of the options, or be left out",
        ),
        (
            json!({"key": "x", "type": "choices", "default-value": "b", "config": {"options": ["a"]}}),
            "default-value must be one of \"a\"",
        ),
        (
            json!({"key": "x", "type": "integer", "default-value": "1"}),
            "default-value must be a whole number",
        ),
        (
            json!({"key": "x", "type": "file", "default-value": "1"}),
            "default-value cannot be set for this field; leave it out",
        ),
    ]);
}

#[test]
fn structures_and_settings_that_make_no_sense_are_refused() {
    assert_refused(&[
        (json!({"key": "x", "type": "array"}), "config.item-schema must say what the items are"),
        (json!({"key": "x", "type": "hash"}), "config.item-schemas must list from 1 to 200 members"),
        (
            json!({"key": "x", "type": "hash", "config": {"item-schemas": [{"key": "a", "type": "string", "config": {"write-policy": "write_once"}}]}}),
            "config.item-schemas.0.config.write-policy is a setting of a whole field; leave it out here",
        ),
        (
            json!({"key": "x", "type": "hash", "config": {"item-schemas": [{"key": "a_b", "type": "string"}, {"key": "aB", "type": "string"}]}}),
            "config.item-schemas.1.key must be a small letter",
        ),
        (
            json!({"key": "x", "type": "json", "config": {"json-schema": [1]}}),
            "config.json-schema must be an object",
        ),
        (
            json!({"key": "x", "type": "json", "config": {"searchable": true}}),
            "config.searchable cannot be set: only single values outside lists can be searched",
        ),
        (
            json!({"key": "x", "type": "integer", "config": {"ordered": true}}),
            "config.ordered needs searchable = true",
        ),
        (
            json!({"key": "x", "type": "boolean", "config": {"ordered": true, "searchable": true}}),
            "config.ordered cannot be set: only texts, numbers and dates outside lists have an order",
        ),
        (
            json!({"key": "x", "type": "relation-schema"}),
            "config.target must say what the field points to, such as selfie",
        ),
        (
            json!({"key": "x", "type": "string", "config": {"archived-at": "soon"}}),
            "config.archived-at must be an instant with an offset like 2026-03-02T09:14:07Z, or be left out",
        ),
        (json!({"key": "name", "type": "string"}), "key is a system field of type hash; leave its type out"),
        (
            json!({"key": "name", "type": "hash", "config": {"item-schemas": [{"key": "first", "type": "string"}]}}),
            "key is a system field of type hash; leave its type out",
        ),
    ]);
}

#[test]
fn fields_need_a_known_type() {
    let missing = field_faults(&json!([{"key": "x"}, {"key": "y", "type": "text"}]));
    assert_eq!(missing.len(), 2);
    assert!(missing[1].starts_with("field-schemas.1.type must be one of string, integer"), "{missing:#?}");
}

#[test]
fn keys_are_unique_in_every_spelling() {
    let twice =
        field_faults(&json!([{"key": "street_1", "type": "string"}, {"key": "street1", "type": "string"}]));
    assert_eq!(
        twice,
        [
            "field-schemas.1.key must be unique; another one has this key or reads the same in camel case (field street1)"
        ]
    );
    let flat = field_faults(&json!([{"key": "name_first", "type": "string"}, {"key": "name"}]));
    assert_eq!(
        flat,
        [
            "field-schemas.0.key is another way to write name.first, which the type has; choose another key (field name_first)"
        ]
    );
    create(
        json!({"name": "T", "field-schemas": [{"key": "name_first", "type": "string"}, {"key": "name_tag", "type": "string"}]}),
    );
}

#[test]
fn fields_nest_at_most_five_deep() {
    let nest = |levels: usize| {
        (0..levels).fold(
            json!({"type": "string"}),
            |item, _| json!({"type": "array", "config": {"item-schema": item}}),
        )
    };
    let at = |levels| {
        let mut field = nest(levels);
        field["key"] = json!("deep");
        json!([field])
    };
    create(json!({"name": "T", "field-schemas": at(5)}));
    let found = field_faults(&at(6));
    assert!(found[0].contains("must not nest lists and objects more than 5 deep"), "{found:#?}");
}

#[test]
fn lists_of_a_type_fit_together() {
    let fields = json!([{"key": "crm_id", "type": "string"}, {"key": "age", "type": "integer"}]);
    let found = faults(json!({"name": " ", "field-schemas": fields,
        "identifiers": [{"key": "age"}, {"key": "crm_id"}, {"key": "crm_id"}, {"key": "nix"}],
        "account-statuses": [{"name": "A", "color": "pink"}, {"name": "a"}],
        "relation-schemas": [{"key": "crm_id", "target": "User"}, {"key": "r", "target": ""}]}));
    assert_eq!(
        found,
        [
            "name must not be blank or contain control characters",
            "account-statuses.0.color must be one of gray, blue, green, yellow, orange, red, purple",
            "account-statuses.1.name must be unique; letter case does not count",
            "account-statuses must mark exactly one status with default = true",
        ]
    );
    let found = faults(json!({"name": "T", "field-schemas": fields,
        "identifiers": [{"key": "age"}, {"key": "crm_id"}, {"key": "crm_id"}],
        "relation-schemas": [{"key": "crm_id", "target": "User"}, {"key": "r", "target": ""}]}));
    assert_eq!(
        found,
        [
            "identifiers.0.key must be the key of an active field of type string or email-address",
            "identifiers.2.key must be unique; another identifier has this key",
            "relation-schemas.0.key must be unique; another relation or a field has this key",
            "relation-schemas.1.target must not be blank or contain control characters",
        ]
    );
    let many: Vec<Value> = (0..201).map(|n| json!({"key": format!("f{n}"), "type": "boolean"})).collect();
    assert_eq!(
        field_faults(&json!(many)),
        ["field-schemas must list at most 200 fields, deactivated ones included"]
    );
    let default = create(json!({"name": "T"}));
    assert_eq!(default.status(&default.default_status).unwrap().name, "Default");
}
