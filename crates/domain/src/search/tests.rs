//! What a search means, condition by condition. All that is refused is tested where callers are told of it.

use std::ops::Bound;
use std::sync::Arc;

use serde_json::{Value, json};

use super::*;
use crate::account::Fields;
use crate::account_type::{AccountType, AccountTypeSpec};
use crate::id::IdSource;
use crate::time::Timestamp;

const NOW: Timestamp = Timestamp::from_micros(1_772_442_847_412_999);

fn create(spec: Value) -> AccountType {
    let spec = AccountTypeSpec::from_value(spec).unwrap();
    AccountType::create(&spec, &mut IdSource::new(NOW, [3; 32]), NOW).unwrap()
}

fn person(config: &Value) -> AccountType {
    create(json!({
        "name": "Person",
        "identifiers": [{ "key": "badge", "unique": true, "case-sensitive": true }],
        "field-schemas": [
            { "key": "badge", "type": "string" },
            { "key": "nick", "type": "string", "config": config },
            { "key": "age", "type": "integer", "config": { "searchable": true, "ordered": true } },
            { "key": "born", "type": "date", "config": { "searchable": true, "ordered": true } },
            { "key": "seen_at", "type": "datetime", "config": { "searchable": true, "ordered": true } },
            { "key": "home", "type": "hash", "config": { "item-schemas": [
                { "key": "city", "type": "string", "config": { "searchable": true } }
            ] } }
        ]
    }))
}

/// Whether an account with these fields is found.
fn finds(query: &Value, fields: &Value) -> bool {
    let types = [Arc::new(person(&json!({ "searchable": true })))];
    let search = Search::read(Some(query), None, &types).unwrap();
    let fields = Fields(fields.as_object().unwrap().clone());
    let subject = Subject {
        account_type: &types[0].id,
        status: &types[0].default_status,
        reference_id: Some("Cust-1"),
        fields: &fields,
        created_at: NOW,
        updated_at: NOW,
    };
    search.query.unwrap().matches(&subject)
}

fn leaf(attribute: &str, operator: &str, value: &Value) -> Value {
    json!({ "attribute": attribute, "operator": operator, "value": value })
}

#[test]
fn values_compare_by_what_they_mean() {
    let fields = json!({
        "badge": "Ab", "nick": " Straße ", "age": 36, "born": "1990-12-31",
        "seen_at": "2026-01-02T23:59:59.999999Z", "home": { "city": "OSLO" },
    });
    for (attribute, operator, value, expected) in [
        ("identifiers.badge", "eq", json!("Ab "), true),
        ("identifiers.badge", "eq", json!("ab"), false),
        ("fields.nick", "eq", json!("STRASSE"), true),
        ("fields.home.city", "eq", json!("oslo"), true),
        ("fields.home_city", "eq", json!("bergen"), false),
        ("fields.age", "eq", json!(36.0), true),
        ("fields.age", "gt", json!(35.9), true),
        ("fields.age", "gt", json!(36), false),
        ("fields.age", "lte", json!(36), true),
        ("fields.born", "lt", json!("1991-01-01"), true),
        ("fields.born", "gte", json!("1991-01-01"), false),
        ("fields.seen_at", "eq", json!("2026-01-02"), true),
        ("fields.seen_at", "gt", json!("2026-01-02"), false),
        ("fields.seen_at", "gt", json!("2026-01-02T23:59:59Z"), true),
        ("fields.seen_at", "lt", json!("2026-01-03T01:00:00+01:00"), true),
        ("fields.seen_at", "lt", json!("2026-01-02"), false),
        ("fields.seen_at", "lte", json!("2026-01-02"), true),
        ("reference_id", "eq", json!(" CUST-1"), true),
        ("created_at", "eq", json!("2026-03-02T09:14:07Z"), true),
        ("created_at", "gt", json!("2026-03-02T09:14:07.1Z"), false),
        ("updated_at", "lt", json!("2026-03-02"), false),
        ("status", "eq", json!("DEFAULT"), true),
        ("type", "eq", json!("acttp_111111111111111111111111"), false),
    ] {
        let query = leaf(attribute, operator, &value);
        assert_eq!(finds(&query, &fields), expected, "{query}");
        assert_eq!(finds(&json!({ "not": query }), &fields), !expected, "not {query}");
    }
}

#[test]
fn what_is_not_there_is_found_by_not_only() {
    for operator in ["eq", "gt", "gte", "lt", "lte"] {
        let query = leaf("fields.age", operator, &json!(7));
        assert!(!finds(&query, &json!({})), "{operator}");
        assert!(finds(&json!({ "not": query }), &json!({})), "{operator}");
    }
    assert!(!finds(&leaf("fields.nick", "eq", &json!("x")), &json!({ "nick": " " })));
}

#[test]
fn conditions_combine() {
    let age = |operator, value: i64| leaf("fields.age", operator, &json!(value));
    let fields = json!({ "age": 36 });
    for (query, expected) in [
        (json!({ "and": [age("gt", 30), age("lt", 40)] }), true),
        (json!({ "and": [age("gt", 30), age("lt", 35)] }), false),
        (json!({ "or": [age("gt", 40), age("lt", 40)] }), true),
        (json!({ "or": [age("gt", 40), { "not": age("eq", 36) }] }), false),
        (json!({ "not": { "or": [age("gt", 40), age("lt", 30)] } }), true),
        (json!({ "not": { "not": age("eq", 36) } }), true),
    ] {
        assert_eq!(finds(&query, &fields), expected, "{query}");
    }
}

#[test]
fn ranges_know_what_is_in_both_and_outside() {
    let number = |number: i64| Comparable::read(Form::Number, &json!(number)).unwrap();
    let from = |low| Range { low: Bound::Included(number(low)), high: Bound::Unbounded };
    let below = |high| Range { low: Bound::Unbounded, high: Bound::Excluded(number(high)) };
    let both = from(3).and(&below(7)).and(&from(2));
    assert_eq!(both, Range { low: Bound::Included(number(3)), high: Bound::Excluded(number(7)) });
    for n in 0..10 {
        assert_eq!(both.contains(&number(n)), (3..7).contains(&n), "{n}");
        let outside = both.outside().iter().filter(|range| range.contains(&number(n))).count();
        assert_eq!(outside, usize::from(!(3..7).contains(&n)), "{n}");
    }
    let excluded = Range { low: Bound::Excluded(number(3)), high: Bound::Unbounded };
    assert_eq!(from(3).and(&excluded), excluded);
    assert_eq!(excluded.and(&from(3)), excluded);
}

#[test]
fn stored_accounts_are_indexed_again_only_where_it_matters() {
    let before = person(&json!({}));
    assert!(!before.is_indexed_otherwise(&before));
    assert!(before.is_indexed_otherwise(&person(&json!({ "searchable": true }))));
    let mut with_field = before.clone();
    with_field.fields.push(crate::FieldSchema { searchable: true, ..crate::FieldSchema::string("more", "") });
    assert!(!before.is_indexed_otherwise(&with_field), "nobody has a value in a new field");
    assert!(with_field.is_indexed_otherwise(&before));
    let mut deactivated = before.clone();
    deactivated.fields[2].deactivated_at = Some(NOW);
    assert!(!before.is_indexed_otherwise(&deactivated), "what is there can still be found");
    let mut with_identifier = before.clone();
    with_identifier.identifiers[0].case_sensitive = false;
    assert!(before.is_indexed_otherwise(&with_identifier));
}

#[test]
fn conditions_never_show_their_values() {
    let types = [Arc::new(person(&json!({ "searchable": true })))];
    let query = json!({ "and": [
        leaf("fields.nick", "eq", &json!("Ingrid")), leaf("reference_id", "eq", &json!("Ingrid"))
    ] });
    let search = Search::read(Some(&query), None, &types).unwrap();
    assert!(!format!("{search:?}").to_lowercase().contains("ingrid"));
    let fields = FieldTest {
        account_type: &types[0].id,
        place: types[0].indexed_places().next().unwrap(),
        range: Range { low: Bound::Included(Comparable::Text("ingrid".to_owned())), high: Bound::Unbounded },
    };
    assert!(!format!("{fields:?}").contains("ingrid"));
}
