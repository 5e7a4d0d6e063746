//! Every kind of field with right and wrong values.

use serde_json::{Value, json};

use super::{FieldKind, FieldSchema, FieldSchemaSpec, RelationTarget, is_inflection};

fn field(spec: Value) -> FieldSchema {
    let spec: FieldSchemaSpec = serde_json::from_value(spec).unwrap();
    spec.read().unwrap()
}

fn messages(schema: &FieldSchema, value: &Value) -> Vec<String> {
    match schema.check(value) {
        Ok(checked) => panic!("{value} of {} is {checked}", schema.kind.name()),
        Err(violations) => violations
            .iter()
            .map(|v| {
                if v.path.is_empty() {
                    v.message.clone()
                } else {
                    format!("{}: {}", v.path.join("."), v.message)
                }
            })
            .collect(),
    }
}

/// One schema of every kind, with limits.
fn schemas() -> Vec<FieldSchema> {
    let choice = json!({"options": ["low", "high"]});
    let hash = json!({"item-schemas": [
        {"key": "street_1", "type": "string"},
        {"key": "count", "type": "integer"},
        {"key": "type", "type": "string"},
        {"key": "value", "type": "string"},
    ]});
    vec![
        field(json!({"key": "f", "type": "string", "config": {"max-char-length": 5, "sanitize": ["html"]}})),
        field(json!({"key": "f", "type": "integer", "config": {"min": 0, "max": 10}})),
        field(json!({"key": "f", "type": "number", "config": {"min": 0.5}})),
        field(json!({"key": "f", "type": "boolean"})),
        field(
            json!({"key": "f", "type": "date", "config": {"min-date": "1900-01-01", "max-date": "2025-12-31"}}),
        ),
        field(json!({"key": "f", "type": "datetime"})),
        field(json!({"key": "f", "type": "email-address"})),
        field(json!({"key": "f", "type": "choices", "config": choice})),
        field(json!({"key": "f", "type": "multi-choices", "config": choice})),
        field(
            json!({"key": "f", "type": "array", "config": {"item-schema": {"type": "hash", "config": hash}}}),
        ),
        field(json!({"key": "f", "type": "hash", "config": hash})),
        field(json!({"key": "f", "type": "file"})),
        field(json!({"key": "f", "type": "json"})),
        field(json!({"key": "f", "type": "relation-schema", "config": {"target": "selfie"}})),
    ]
}

fn schema(kind: &str) -> FieldSchema {
    schemas().into_iter().find(|schema| schema.kind.name() == kind).unwrap()
}

fn nested(levels: usize) -> Value {
    (0..levels).fold(json!(1), |inner, _| json!([inner]))
}

/// Asserts what is said about wrong values.
fn assert_refused(table: &[(&str, Value, &str)]) {
    for (kind, value, message) in table {
        assert_eq!(messages(&schema(kind), value), [*message], "{kind}");
    }
}

#[test]
fn wrong_texts_and_numbers_are_refused() {
    let control = "must not contain control characters other than line breaks and tabs";
    let whole = "must be a whole number from 0 to 10";
    assert_refused(&[
        ("string", json!(1), "must be a text"),
        ("string", json!(["a"]), "must be a text"),
        ("string", json!("a\u{0}b"), control),
        ("string", json!("a\u{7}b"), control),
        ("string", json!("äöüßéx"), "must have at most 5 characters"),
        ("integer", json!("1"), whole),
        ("integer", json!(1.5), whole),
        ("integer", json!(11), whole),
        ("integer", json!(-1), whole),
        ("integer", json!(u64::MAX), whole),
        ("integer", json!(1e30), whole),
        ("number", json!("1"), "must be a number of at least 0.5"),
        ("number", json!(0.25), "must be a number of at least 0.5"),
        ("boolean", json!("true"), "must be true or false"),
        ("boolean", json!(1), "must be true or false"),
    ]);
}

#[test]
fn wrong_dates_and_addresses_are_refused() {
    let date = "must be a date like 1990-12-31";
    let dates = "must be a date from 1900-01-01 to 2025-12-31";
    let instant = "must be an instant with an offset like 2026-03-02T09:14:07Z";
    let email = "must be an e-mail address like jane@example.com";
    assert_refused(&[
        ("date", json!("1990-02-30"), date),
        ("date", json!("1990-1-1"), date),
        ("date", json!("19900101"), date),
        ("date", json!("1990-01-01T00:00:00Z"), date),
        ("date", json!("+990-01-01"), date),
        ("date", json!(19_900_101), date),
        ("date", json!("1899-12-31"), dates),
        ("date", json!("2026-01-01"), dates),
        ("datetime", json!("2026-03-02T09:14:07"), instant),
        ("datetime", json!("2026-03-02"), instant),
        ("datetime", json!("2026-03-02 09:14:07Z"), instant),
        ("datetime", json!("2026-13-02T09:14:07Z"), instant),
        ("datetime", json!("2026-03-02T09:14:07Z[UTC]"), instant),
        ("datetime", json!("0000-01-01T00:00:00+10:00"), instant),
        ("datetime", json!("ä026-03-02T09:14:07Z"), instant),
        ("datetime", json!(1_772_442_847), instant),
        ("email-address", json!("jane"), email),
        ("email-address", json!("Jane <jane@example.com>"), email),
        ("email-address", json!("jane@example.com "), email),
        ("email-address", json!("jane\u{0}@example.com"), email),
        ("email-address", json!(7), email),
    ]);
}

#[test]
fn wrong_choices_lists_and_objects_are_refused() {
    let some = r#"must be a list of some of "low", "high""#;
    let file = "must be an object with data (the file in base64) and filename; null clears it";
    let members = "must be an object with the members street_1, count, type, value";
    assert_refused(&[
        ("choices", json!("medium"), r#"must be one of "low", "high""#),
        ("choices", json!(""), r#"must be one of "low", "high""#),
        ("choices", json!(["low"]), r#"must be one of "low", "high""#),
        ("multi-choices", json!("low"), some),
        ("multi-choices", json!(["low", "medium"]), some),
        ("multi-choices", json!(["low", "low"]), "must list each option at most once"),
        ("multi-choices", json!([]), "must have at least one entry; null clears it"),
        ("array", json!({}), "must be a list"),
        ("array", json!([null]), "0: must not be null; leave the item out"),
        ("array", json!([{"count": 1}, {"count": "x"}]), "1.count: must be a whole number"),
        ("array", json!(vec![json!({}); 1001]), "must have at most 1000 items"),
        ("hash", json!("x"), members),
        ("hash", json!({"type": "hash", "value": "x", "zip": "1"}), "zip: is not a member of this field"),
        ("hash", json!({"count": {"type": "string", "value": 1}}), "count: must be a whole number"),
        (
            "hash",
            json!({"street-1": "a", "street_1": "b"}),
            "street_1: is given twice, in different spellings of its key and with different values",
        ),
        ("file", json!({"filename": "a.png"}), file),
        ("file", json!("x"), file),
        ("json", nested(33), "must be nested at most 32 levels deep"),
        ("json", json!("x".repeat(65_535)), "must have at most 65536 bytes as JSON"),
        ("json", json!({"a\u{0}": 1}), "must not contain the character U+0000"),
        ("relation-schema", json!("doc_123"), "must be an ID that starts with self_"),
        ("relation-schema", json!("self_"), "must be an ID that starts with self_"),
        ("relation-schema", json!({"id": "self_1"}), "must be an ID that starts with self_"),
    ]);
}

/// Values that are right, with what they become.
fn right_values() -> Vec<(&'static str, Value, Value)> {
    let same = |kind, value: Value| (kind, value.clone(), value);
    vec![
        same("string", json!("äöüßé")),
        same("string", json!("")),
        same("string", json!("a\n\t\r")),
        ("string", json!("<b>Jane</b>"), json!("Jane")),
        same("integer", json!(10)),
        ("integer", json!(3.0), json!(3)),
        same("number", json!(0.5)),
        same("number", json!(12)),
        same("boolean", json!(false)),
        same("date", json!("2024-02-29")),
        ("datetime", json!("2026-03-02T09:14:07.412999+01:00"), json!("2026-03-02T08:14:07.412999Z")),
        ("datetime", json!("2026-03-02T09:14:07.4129991Z"), json!("2026-03-02T09:14:07.412999Z")),
        same("datetime", json!("2026-03-02T09:14:07Z")),
        same("email-address", json!("jane@example.com")),
        same("choices", json!("low")),
        same("multi-choices", json!(["high", "low"])),
        same("array", json!([])),
        ("array", json!([{"street-1": "a", "count": null}]), json!([{"street_1": "a"}])),
        ("hash", json!({"street1": "a", "count": 2.0, "type": null}), json!({"street_1": "a", "count": 2})),
        same("hash", json!({"type": "hash", "value": "x"})),
        same("json", nested(32)),
        same("json", json!("x".repeat(65_534))),
        same("relation-schema", json!("self_7WqK2mPzR4tXv9NcB3hYdLfG")),
    ]
}

#[test]
fn right_values_are_normalised() {
    for (kind, value, normal) in right_values() {
        assert_eq!(schema(kind).check(&value), Ok(normal), "{kind}");
    }
    for schema in schemas() {
        assert_eq!(schema.check(&Value::Null), Ok(Value::Null));
    }
}

#[test]
fn what_a_response_shows_can_be_sent_back() {
    for (kind, _, normal) in right_values() {
        let schema = schema(kind);
        let shown = json!(schema.typed(Some(&normal)));
        assert_eq!(schema.check(&shown), Ok(normal), "{kind}: {shown}");
    }
}

/// A normalised value is its own normalised form, whatever goes in.
#[test]
fn checking_twice_changes_nothing() {
    let pieces: Vec<Value> = vec![
        json!(null),
        json!(true),
        json!(0),
        json!(-0.0),
        json!(7.0),
        json!(u64::MAX),
        json!("low"),
        json!("<<i>b>"),
        json!("a<b"),
        json!("1990-12-31"),
        json!("2026-03-02t09:14:07+00:00"),
        json!("self_1"),
        json!(["low"]),
        json!({"street1": "x", "count": 1.0}),
        json!([{"type": "hash", "value": {"type": {"type": "string", "value": "y"}}}]),
    ];
    for schema in schemas() {
        for piece in &pieces {
            for kind in FieldKind::NAMES {
                for value in [
                    piece.clone(),
                    json!({"type": kind, "value": piece}),
                    json!([piece]),
                    json!({"type": piece}),
                ] {
                    if let Ok(once) = schema.check(&value) {
                        assert_eq!(schema.check(&once), Ok(once), "{} {value}", schema.kind.name());
                    }
                }
            }
        }
    }
}

#[test]
fn unset_values_are_listed_in_the_published_shape() {
    let unset = |kind| json!(schema(kind).typed(None));
    let unset_of = |kind: &str| json!({"type": kind, "value": null});
    assert_eq!(unset("multi-choices"), unset_of("multi_choices"));
    assert_eq!(unset("email-address"), unset_of("email_address"));
    assert_eq!(unset("file"), unset_of("file"));
    assert_eq!(unset("array"), json!({"type": "array", "value": []}));
    assert_eq!(
        unset("hash"),
        json!({"type": "hash", "value": {
            "street_1": unset_of("string"), "count": unset_of("integer"), "type": unset_of("string"), "value": unset_of("string"),
        }})
    );
    assert_eq!(
        json!(schema("array").typed(Some(&json!([{"count": 1}]))))["value"][0]["value"]["street_1"],
        unset_of("string")
    );
}

#[test]
fn schemas_are_published_without_our_own_settings() {
    let mut tier = field(json!({
        "key": "risk_tier", "type": "choices", "label": "Risk tier", "default-value": "low",
        "config": {"options": ["low", "high"], "option-labels": ["Low", "High"], "searchable": true}
    }));
    tier.archived_at = Some(crate::Timestamp::from_micros(1_772_442_847_412_999));
    assert_eq!(
        tier.published(),
        json!({"type": "choices", "key": "risk_tier", "label": "Risk tier", "default-value": "low", "config": {
            "required": false, "archived-at": "2026-03-02T09:14:07.412Z", "deactivated-at": null,
            "redaction-policy": "none", "write-policy": "none",
            "allow-empty": false, "options": ["low", "high"], "option-labels": ["Low", "High"],
        }})
    );
    let published = schema("date").published();
    assert_eq!(published["default-value"], Value::Null);
    assert_eq!(published["config"]["min-date"], "1900-01-01");
    assert_eq!(schema("integer").published()["config"]["max"], json!(10));
    assert!(schema("hash").published().get("default-value").is_none());
    assert_eq!(schema("file").published()["config"]["page-count-max"], Value::Null);
    for schema in schemas() {
        assert!(!schema.published().to_string().contains("searchable"));
    }
}

#[test]
fn inflections_of_a_key_are_kebab_and_camel() {
    for sent in ["street_1", "street-1", "street1"] {
        assert!(is_inflection(sent, "street_1"), "{sent}");
    }
    assert!(is_inflection("postalCode", "postal_code"));
    for sent in ["postal code", "PostalCode", "postalcode", "postal_codes", ""] {
        assert!(!is_inflection(sent, "postal_code"), "{sent}");
    }
}

#[test]
fn documents_and_selfies_have_their_own_prefixes() {
    assert_eq!(RelationTarget::DocumentMdoc.id_prefix(), "doc_");
    assert_eq!(RelationTarget::Selfie.id_prefix(), "self_");
}

#[test]
fn long_lists_of_options_are_counted_rather_than_listed() {
    let options: Vec<String> = (0..13).map(|n| n.to_string()).collect();
    let many = field(json!({"key": "f", "type": "choices", "config": {"options": options}}));
    assert_eq!(messages(&many, &json!("x")), ["must be one of the 13 options of this field"]);
}
