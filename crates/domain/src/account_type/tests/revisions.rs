//! What a customer is told before a type changes, and what never changes.

use serde_json::{Value, json};

use super::{LATER, NOW, create, ids, lines, revise, spec};

#[test]
fn a_revision_says_what_changes_and_drops_nothing() {
    let kind = create(json!({"name": "Party", "field-schemas": [
        {"key": "party", "type": "choices", "config": {"options": ["Independent", "Member"]}},
        {"key": "note", "type": "string"},
        {"key": "box", "type": "hash", "config": {"item-schemas": [{"key": "a", "type": "integer"}, {"key": "b", "type": "string"}]}},
    ], "account-statuses": [{"name": "Open", "default": true}, {"name": "Closed"}]}));
    let next = json!({"name": "Political party", "field-schemas": [
        {"key": "party", "type": "choices", "config": {"options": ["Member", "Guest"], "required": true}},
        {"key": "box", "type": "hash", "config": {"item-schemas": [{"key": "a", "type": "integer", "config": {"min": 1}}, {"key": "c", "type": "string"}]}},
        {"key": "seats", "type": "integer"},
    ], "account-statuses": [{"name": "open", "color": "green"}], "relation-schemas": [{"key": "members", "target": "User", "many": true}]});
    let (revised, changes) = revise(&kind, next.clone());
    assert_eq!(
        changes,
        [
            "name changes from \"Party\" to \"Political party\"",
            "status open: was spelled \"Open\"",
            "status open: color changes from gray to green",
            "status Closed: deactivated",
            "! field party: becomes required",
            "! field party: options lose \"Independent\"",
            "field party: options gain \"Guest\"",
            "! field box.a: min becomes 1",
            "field box.c: added, of type string",
            "! field box.b: removed",
            "field seats: added, of type integer",
            "field note: deactivated",
            "relation members: added, to User",
        ]
    );
    assert_eq!((revised.updated_at, revised.created_at), (LATER, NOW));
    assert_eq!(revised.field("note").unwrap().deactivated_at, Some(LATER));
    assert_eq!(revised.status_named("Closed").unwrap().deactivated_at, Some(LATER));
    assert_eq!(revised.default_status, kind.default_status);

    let (same, none) = revise(&revised, next);
    assert_eq!((same, none), (revised.clone(), vec![]));

    let (back, changes) = revise(&revised, serde_json::to_value(kind.to_spec()).unwrap());
    assert!(changes.contains(&"! field note: active again".to_owned()), "{changes:#?}");
    assert!(changes.contains(&"status Closed: active again".to_owned()), "{changes:#?}");
    assert!(back.field("seats").unwrap().deactivated_at.is_some());
    assert_eq!(back.status_named("Closed").unwrap().id, kind.status_named("Closed").unwrap().id);
}

#[test]
fn types_of_fields_cannot_be_changed() {
    let field = |kind: &str, inner: &str| {
        json!({"name": "T", "field-schemas": [{"key": "a", "type": kind}, {"key": "b", "type": "array",
            "config": {"item-schema": {"type": "hash", "config": {"item-schemas": [{"key": "c", "type": inner}]}}}}]})
    };
    let kind = create(field("string", "date"));
    let violations = kind.revise(&spec(field("boolean", "datetime")), &mut ids(), LATER).unwrap_err();
    assert_eq!(
        lines(&violations),
        [
            "field-schemas.0.type is string and cannot be changed; add a field with another key (field a)",
            "field-schemas.1.config.item-schema.config.item-schemas.0.type is date and cannot be changed; add a field with another key (field b)",
        ]
    );
    // The key of a deactivated field stays taken.
    let (revised, _) = revise(&kind, json!({"name": "T"}));
    assert!(revised.revise(&spec(field("boolean", "date")), &mut ids(), LATER).is_err());
}

#[test]
fn limits_and_switches_are_told_apart() {
    let with = |config: Value, identifier: Value| json!({"name": "T", "field-schemas": [{"key": "a", "type": "string", "config": config}], "identifiers": [identifier]});
    let kind = create(with(
        json!({"max-char-length": 10, "searchable": true}),
        json!({"key": "a", "unique": true, "case-sensitive": true}),
    ));
    let config = json!({"max-char-length": 5, "sanitize": ["html"], "write-policy": "write_once", "redaction-policy": "never"});
    let (_, changes) = revise(&kind, with(config, json!({"key": "a", "unique": true})));
    assert_eq!(
        changes,
        [
            "! identifier a: letter case no longer counts",
            "field a: never redacted",
            "field a: can be written only once",
            "field a: no longer searchable",
            "! field a: max-char-length changes from 10 to 5",
            "field a: HTML tags are taken out",
        ]
    );
}
