//! Rows as wholes: keys, blank cells, tags, relations, objects, constants and templates.

use super::*;
use crate::fold::fold;
use crate::import::{RowCode, TagMode};

/// Maps rows of a pipeline whose columns are named by its mapping and `columns`.
fn map(written: Value, columns: &[&str], cells: &[&str]) -> MappedRow {
    let plan = pipeline(written).check(&customer(), &texts(columns));
    plan.unwrap_or_else(|violations| panic!("{:?}", lines(&violations))).map(&texts(cells))
}

fn fields(row: &MappedRow) -> Value {
    assert!(row.faults.is_empty(), "{:?}", row.faults);
    Value::Object(row.fields.clone())
}

#[test]
fn a_row_becomes_key_and_values() {
    let row = map(
        json!({
            "mapping": [
                {"column": "customer_id", "target": "reference-id"},
                {"column": "first", "target": "fields.name-first"},
                {"column": "last", "target": "fields.name.last"},
                {"column": "dob", "target": "fields.birthdate", "format": "%d/%m/%Y"},
                {"column": "segments", "target": "tags", "mode": "add", "split": ";"},
                {"column": "state", "target": "account-status"},
            ],
        }),
        &["customer_id", "first", "last", "dob", "segments", "state"],
        &[" C-1 ", "Ada", "Lovelace", "10/12/1815", "a; b;", "CLOSED"],
    );
    assert_eq!(
        fields(&row),
        json!({"name": {"first": "Ada", "last": "Lovelace"}, "birthdate": "1815-12-10"})
    );
    assert_eq!(row.key.as_deref(), Some("C-1"));
    assert_eq!(row.reference_id.flatten().map(|id| id.as_str().to_owned()).as_deref(), Some("C-1"));
    assert_eq!(row.status.as_deref(), Some("Closed"));
    let tags = row.tags.unwrap();
    assert_eq!((tags.mode, tags.names), (TagMode::Add, texts(&["a", "b"])));
}

#[test]
fn blank_cells_leave_alone_or_clear_and_null_tokens_clear() {
    let nothing = json!({});
    for (entry, cell, wanted) in [
        (json!({"target": "fields.nickname"}), "  ", nothing.clone()),
        (json!({"target": "fields.nickname", "blank-means": "clear"}), "", json!({"nickname": null})),
        (json!({"target": "fields.nickname"}), r"\N", json!({"nickname": null})),
        (json!({"target": "fields.nickname"}), r"\n", json!({"nickname": r"\n"})),
        (json!({"target": "fields.nickname"}), "-0-", json!({"nickname": "-0-"})),
        (json!({"target": "fields.nickname", "null-tokens": ["-0-"]}), "-0- ", json!({"nickname": null})),
        (json!({"target": "fields.nickname", "values": {"n/a": ""}}), "N/A", nothing),
        (json!({"target": "fields.nickname", "values": {"none": "\\N"}}), "none", json!({"nickname": null})),
        (json!({"target": "fields.children"}), r"\N", json!({"children": null})),
        (json!({"target": "fields.name-first"}), r"\N", json!({"name": {"first": null}})),
    ] {
        assert_eq!(fields(&map_cell(entry.clone(), cell)), wanted, "{cell:?} with {entry}");
    }
    let written = json!({
        "null-tokens": ["-0-"],
        "blank-means": "clear",
        "mapping": [
            {"column": "id", "target": "reference-id"},
            {"column": "a", "target": "fields.nickname"},
            {"column": "b", "target": "fields.phone-number"},
            {"column": "c", "target": "fields.contact", "blank-means": "ignore"},
        ],
    });
    let row = map(written, &["id", "a", "b", "c"], &["1", "-0-", r"\N"]);
    assert_eq!(fields(&row), json!({"nickname": null, "phone_number": r"\N"}));
}

#[test]
fn a_blank_key_is_an_error_unless_new_accounts_are_wanted() {
    let written = |rest: Value| {
        let mut written = json!({
            "mapping": [
                {"column": "id", "target": "reference-id"},
                {"column": "n", "target": "fields.nickname"},
            ],
        });
        written.as_object_mut().unwrap().extend(rest.as_object().unwrap().clone());
        written
    };
    for (rest, is_error) in [
        (json!({}), true),
        (json!({"create-without-key": true}), false),
        (json!({"create-without-key": true, "sync-mode": "insert"}), false),
        (json!({"create-without-key": true, "sync-mode": "update"}), true),
    ] {
        for cell in ["", " ", r"\N"] {
            let row = map(written(rest.clone()), &["id", "n"], &[cell, "Jo"]);
            let (told, other) =
                if is_error { (&row.faults, &row.warnings) } else { (&row.warnings, &row.faults) };
            assert_eq!(
                told.iter().map(|fault| fault.code).collect::<Vec<_>>(),
                [RowCode::MissingKey],
                "{rest}"
            );
            assert!(other.is_empty() && row.key.is_none() && row.reference_id.is_none());
        }
    }
}

#[test]
fn accounts_are_found_by_id_or_identifier() {
    let written = json!({
        "sync-mode": "update",
        "match-key": {"kind": "account-id"},
        "mapping": [
            {"column": "id", "target": "account-id"},
            {"column": "ref", "target": "reference-id", "blank-means": "clear"},
        ],
    });
    let id = IdSource::new(NOW, [7; 32]).mint::<crate::AccountId>();
    let row = map(written.clone(), &["id", "ref"], &[id.as_str(), ""]);
    assert_eq!(
        (row.account_id, row.key.as_deref(), row.reference_id),
        (Some(id.clone()), Some(id.as_str()), Some(None))
    );
    let row = map(written, &["id", "ref"], &["C-1", ""]);
    assert_eq!(faults(&row), ["type_mismatch: must be an account ID like act_…"]);

    let written = json!({
        "match-key": {"kind": "identifier", "key": "email-address"},
        "mapping": [
            {"column": "mail", "target": "fields.email-address"},
            {"column": "n", "target": "fields.nickname"},
        ],
    });
    let row = map(written, &["mail", "n"], &[" Ada@Example.com ", "Ada"]);
    assert_eq!(row.key.as_deref().map(fold).as_deref(), Some("ada@example.com"));
    assert_eq!(fields(&row), json!({"email_address": "Ada@Example.com", "nickname": "Ada"}));
}

#[test]
fn tags_and_relations_come_from_lists() {
    let tags = |entry: Value, cell: &str| map_cell(entry, cell).tags.map(|tags| (tags.mode, tags.names));
    let replace = json!({"target": "tags", "mode": "replace"});
    assert_eq!(tags(json!({"target": "tags"}), " ; "), None);
    assert_eq!(tags(json!({"target": "tags"}), r"\N"), None);
    assert_eq!(tags(replace.clone(), "a"), Some((TagMode::Replace, texts(&["a"]))));
    assert_eq!(tags(replace.clone(), ""), None);
    assert_eq!(tags(replace, r"\N"), Some((TagMode::Replace, vec![])));

    let written = json!({"mapping": [
        {"column": "id", "target": "reference-id"},
        {"column": "tag", "target": "tags"},
        {"constant": "imported", "target": "tags"},
        {"column": "boss", "target": "relations.employer"},
        {"column": "mates", "target": "relations.friends", "split": ","},
    ]});
    let row = map(written, &["id", "tag", "boss", "mates"], &["1", "vip", "Smith; Sons", "a, b,"]);
    assert_eq!(row.tags.as_ref().map(|tags| tags.names.clone()), Some(texts(&["vip", "imported"])));
    let relations: Vec<_> =
        row.relations.iter().map(|r| (r.relation.as_str(), r.reference_ids.clone())).collect();
    assert_eq!(relations, [("employer", texts(&["Smith; Sons"])), ("friends", texts(&["a", "b"]))]);
}

#[test]
fn a_status_cannot_be_cleared() {
    let row = map_cell(json!({"target": "account-status"}), r"\N");
    assert_eq!(
        faults(&row),
        ["validation_failed: cannot be cleared, every account has a status; leave the cell blank"]
    );
    let row = map_cell(json!({"target": "account-status"}), "Lost");
    assert_eq!(faults(&row), ["unknown_status: must be the name of a status: Open, Closed"]);
}

#[test]
fn objects_are_put_together_of_their_members() {
    let written = json!({"mapping": [
        {"column": "id", "target": "reference-id"},
        {"column": "street", "target": "fields.office.street"},
        {"column": "floor", "target": "fields.office.floor"},
        {"column": "city", "target": "fields.address-city"},
    ]});
    let columns = ["id", "street", "floor", "city"];
    for (cells, wanted) in [
        (
            ["1", "A 1", "2", "Bonn"],
            json!({"office": {"street": "A 1", "floor": 2}, "address": {"city": "Bonn"}}),
        ),
        (["1", "A 1", r"\N", r"\N"], json!({"office": {"street": "A 1"}, "address": {"city": null}})),
        (["1", "", "", ""], json!({})),
        (["1", r"\N", "", ""], json!({"office": null})),
    ] {
        assert_eq!(fields(&map(written.clone(), &columns, &cells)), wanted, "{cells:?}");
    }
}

#[test]
fn constants_and_templates_make_texts() {
    let written = json!({"mapping": [
        {"column": "id", "target": "reference-id"},
        {"constant": "7", "target": "fields.children"},
    ]});
    let row = map(written, &["id"], &["1"]);
    assert_eq!(row.fields.get("children"), Some(&json!(7)));
    let written = json!({"mapping": [
        {"template": "crm-{{ id }}", "target": "reference-id"},
        {"template": "{{first}} {{middle}} {{last}}", "target": "fields.nickname"},
    ]});
    let columns = ["id", "first", "middle", "last"];
    for (cells, key, nickname) in [
        (["1", "Amy", "Jean", "Lee"], Some("crm-1"), json!("Amy Jean Lee")),
        (["1", " Amy", "", "Lee "], Some("crm-1"), json!("Amy Lee")),
        (["1", "", r"\N", "Lee"], Some("crm-1"), json!("Lee")),
    ] {
        let row = map(written.clone(), &columns, &cells);
        assert_eq!((row.key.as_deref(), row.fields.get("nickname")), (key, Some(&nickname)), "{cells:?}");
    }
    let row = map(written, &columns, &["", "", "", ""]);
    assert_eq!((row.key, row.fields.len(), row.faults[0].code), (None, 0, RowCode::MissingKey));
}

#[test]
fn what_the_type_refuses_is_told_in_the_words_of_the_file() {
    let config = pipeline(json!({"mapping": [
        {"column": "id", "target": "reference-id"},
        {"column": "Spitzname", "target": "fields.nickname"},
        {"column": "Strasse", "target": "fields.address-street-1"},
    ]}));
    let ty = customer();
    let plan = config.check(&ty, &texts(&["id", "Spitzname", "Strasse"])).unwrap();
    let row = plan.map(&texts(&["1", &"x".repeat(21), &"y".repeat(300)]));
    let violations = ty.read_changes(&serde_json::Map::new(), &row.fields).unwrap_err();
    let told: Vec<_> = violations.iter().map(|violation| plan.fault(violation)).collect();
    let told: Vec<_> =
        told.iter().map(|f| (f.column.as_deref(), f.field.as_deref(), f.message.as_str())).collect();
    let expected = [
        (Some("Strasse"), Some("fields.address-street-1"), "must have at most 255 characters"),
        (Some("Spitzname"), Some("fields.nickname"), "must have at most 20 characters"),
    ];
    assert_eq!(told, expected);
}
