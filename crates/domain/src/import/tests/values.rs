//! Cells and the values they become, kind by kind.

use serde_json::{Value, json};

use super::*;

/// What a cell becomes, or the code of its fault.
fn read(entry: &Value, cell: &str) -> Result<Value, String> {
    let row = map_cell(entry.clone(), cell);
    match row.faults.first() {
        Some(fault) => Err(fault.code.as_str().to_owned()),
        None => {
            let ty = customer();
            let changes = ty.read_changes(&serde_json::Map::new(), &row.fields).expect("the type takes it");
            Ok(changes.0.values().next().cloned().unwrap_or(json!("nothing")))
        }
    }
}

#[expect(clippy::needless_pass_by_value, reason = "entries are written where they are used")]
fn assert_reads(entry: Value, good: &[(&str, Value)], bad: &[&str]) {
    for (cell, value) in good {
        assert_eq!(read(&entry, cell), Ok(value.clone()), "{cell:?} with {entry}");
    }
    for cell in bad {
        let code = read(&entry, cell).expect_err(&format!("{cell:?} with {entry}"));
        assert!(matches!(code.as_str(), "type_mismatch" | "unknown_choice"), "{code} for {cell:?}");
    }
}

#[test]
fn texts_are_trimmed_unless_told_otherwise() {
    let entry = json!({"target": "fields.nickname"});
    assert_reads(entry, &[(" Jo  Ann ", json!("Jo  Ann")), ("007", json!("007")), ("é", json!("é"))], &[]);
    assert_reads(json!({"target": "fields.nickname", "trim": false}), &[(" Jo ", json!(" Jo "))], &[]);
}

#[test]
fn whole_numbers_have_no_exponent_and_groups_only_by_option() {
    let bad = ["1,234", "1.234", "1e3", "1E3", "12.5", "12.", ".0", "0x1f", "twelve", "-", "+", "1 2", "١"];
    let good = [("12", json!(12)), (" +7", json!(7)), ("012", json!(12)), ("12.0", json!(12))];
    assert_reads(json!({"target": "fields.children"}), &good, &bad);
    assert_reads(json!({"target": "fields.children"}), &[], &["9223372036854775808"]);
    let years = json!({"target": "fields.years", "split": "|", "thousands": ","});
    assert_reads(
        years,
        &[("1,234|5", json!([1234, 5])), ("1,234,567", json!([1_234_567]))],
        &["1,23", "12,34", "1234,567", ",123", "1,234,", "1,,234"],
    );
}

#[test]
fn numbers_have_the_decimal_sign_that_the_entry_names() {
    let good = [
        ("12", json!(12)),
        ("-0.5", json!(-0.5)),
        (".5", json!(0.5)),
        ("1.5e3", json!(1500.0)),
        ("1e-2", json!(0.01)),
        ("99999999999999999999", json!(1e20)),
    ];
    let bad = ["1,5", "NaN", "inf", "1e", "1e999", "5.", "--1", "1.2.3", "$5", "5%", "(5)", "1_000"];
    assert_reads(json!({"target": "fields.balance"}), &good, &bad);
    let german = json!({"target": "fields.balance", "decimal": ",", "thousands": "."});
    assert_reads(
        german,
        &[("1.234,5", json!(1234.5)), ("1234,5", json!(1234.5)), ("1.234", json!(1234))],
        &["1,234.5", "1.23,4", "1.2345"],
    );
}

#[test]
fn booleans_are_words_or_digits_in_any_case() {
    let good = [
        ("TRUE", json!(true)),
        ("yes", json!(true)),
        ("1", json!(true)),
        ("y", json!(true)),
        ("False", json!(false)),
        ("No", json!(false)),
        ("0", json!(false)),
        ("f", json!(false)),
    ];
    assert_reads(json!({"target": "fields.is-vip"}), &good, &["ja", "2", "10", "on"]);
    let german = json!({"target": "fields.is-vip", "values": {"ja": "yes", "NEIN": "no"}});
    assert_reads(german, &[("Ja", json!(true)), (" nein ", json!(false)), ("yes", json!(true))], &["oui"]);
}

#[test]
fn dates_are_read_by_their_pattern_only() {
    let bad = [
        "31/12/1990",
        "1990-13-01",
        "1990-02-30",
        "1990-1-2x",
        "90-12-31",
        "1990-12-31 00:00:00",
        "19901231",
    ];
    let good = [("1990-12-31", json!("1990-12-31")), ("2000-2-29", json!("2000-02-29"))];
    assert_reads(json!({"target": "fields.birthdate"}), &good, &bad);
    let with = |format: &str| json!({"target": "fields.birthdate", "format": format});
    for (format, good, bad) in [
        ("%d/%m/%Y", vec!["31/12/1990"], vec!["12/31/1990", "31/12/90", "31-12-1990", "31/12/19901"]),
        ("%m/%d/%Y", vec!["12/31/1990"], vec!["31/12/1990"]),
        ("%d %b %Y", vec!["31 Dec 1990", "31 DEC 1990"], vec!["31 December 1990", "31 Dez 1990"]),
        ("%B %d, %Y", vec!["December 31, 1990"], vec!["Dec 31, 1990", "December 32, 1990"]),
        ("%Y%m%d", vec!["19901231"], vec!["1990123", "1990-12-31"]),
        ("%d.%m.%Y %H:%M", vec!["31.12.1990 23:59"], vec!["31.12.1990", "31.12.1990 24:00"]),
        ("%Y-%m-%d%%", vec!["1990-12-31%"], vec!["1990-12-31"]),
    ] {
        let good: Vec<(&str, Value)> = good.into_iter().map(|cell| (cell, json!("1990-12-31"))).collect();
        assert_reads(with(format), &good, &bad);
    }
}

#[test]
fn years_of_two_digits_need_a_pivot() {
    let entry = json!({"target": "fields.birthdate", "format": "%d/%m/%y", "pivot": 30});
    let good = [
        ("01/02/30", json!("1930-02-01")),
        ("01/02/99", json!("1999-02-01")),
        ("01/02/29", json!("2029-02-01")),
        ("01/02/00", json!("2000-02-01")),
    ];
    assert_reads(entry, &good, &["01/02/1930", "01/02/3"]);
}

#[test]
fn datetimes_have_an_offset_or_a_zone_that_the_entry_names() {
    let bad = ["2026-03-02", "2026-03-02T09:14:07", "2026-03-02 09:14:07Z", "2026-02-30T09:14:07Z"];
    let good = [("2026-03-02T10:14:07+01:00", json!("2026-03-02T09:14:07Z"))];
    assert_reads(json!({"target": "fields.last-visit"}), &good, &bad);
    let berlin = json!({"target": "fields.last-visit", "zone": "Europe/Berlin"});
    assert_reads(
        berlin,
        &[
            ("2026-03-02T10:14:07", json!("2026-03-02T09:14:07Z")),
            ("2026-07-02 10:14:07.25", json!("2026-07-02T08:14:07.25Z")),
            ("2026-03-02T10:14:07Z", json!("2026-03-02T10:14:07Z")),
        ],
        // The clock skips the first and shows the second twice.
        &["2026-03-29T02:30:00", "2026-10-25T02:30:00", "02.03.2026 10:14"],
    );
    let american = json!({"target": "fields.last-visit", "format": "%m/%d/%Y %I:%M %p", "zone": "-05:00"});
    assert_reads(
        american,
        &[
            ("03/02/2026 12:05 am", json!("2026-03-02T05:05:00Z")),
            ("03/02/2026 1:05 PM", json!("2026-03-02T18:05:00Z")),
        ],
        &["03/02/2026 13:05 PM", "03/02/2026 0:05 AM"],
    );
    let offset = json!({"target": "fields.last-visit", "format": "%F %T %z"});
    assert_reads(
        offset,
        &[
            ("2026-03-02 10:14:07 +0100", json!("2026-03-02T09:14:07Z")),
            ("2026-03-02 10:14:07 Z", json!("2026-03-02T10:14:07Z")),
        ],
        &["2026-03-02 10:14:07", "0000-01-01 00:00:00 +01:00"],
    );
}

#[test]
fn choices_are_found_by_value_or_label() {
    let good = [("prem", json!("prem")), ("PREM", json!("prem")), ("Standard", json!("std"))];
    assert_reads(json!({"target": "fields.tier"}), &good, &["gold", "prem;std"]);
    let list = [
        ("prem; standard", json!(["prem", "std"])),
        ("prem;Premium;", json!(["prem"])),
        ("[\"Standard\"]", json!(["std"])),
    ];
    assert_reads(json!({"target": "fields.plans"}), &list, &["prem;gold", "[1]", "[", "prem,std"]);
    let split = json!({"target": "fields.plans", "split": ",", "values": {"both": "std,prem"}});
    assert_reads(
        split,
        &[("prem,std", json!(["prem", "std"])), ("BOTH", json!(["std", "prem"]))],
        &["[\"std\"]"],
    );
}

#[test]
fn lists_are_split_or_json() {
    let good = [
        ("chess; go ;;", json!(["chess", "go"])),
        ("[\"a;b\"]", json!(["a;b"])),
        ("chess", json!(["chess"])),
    ];
    assert_reads(json!({"target": "fields.hobbies"}), &good, &["[chess]", "[\"a\""]);
    let json_only = json!({"target": "fields.hobbies", "format": "json"});
    assert_reads(json_only, &[("[]", json!([]))], &["chess", "{}"]);
    let split = json!({"target": "fields.hobbies", "split": " | "});
    assert_reads(split, &[("[a] | b", json!(["[a]", "b"]))], &[]);
    assert_reads(json!({"target": "fields.years"}), &[("1;2", json!([1, 2]))], &["1;x"]);
    let numbers = r#"[{"identification_class":"pp","identification_number":"1","issuing_country":"DE"}]"#;
    let read: Value = serde_json::from_str(numbers).unwrap();
    assert_reads(json!({"target": "fields.identification-numbers"}), &[(numbers, read)], &["pp", "{}"]);
}

#[test]
fn json_and_objects_are_read_as_they_stand() {
    let good = [("{\"a\": [1]}", json!({"a": [1]})), ("\"a\"", json!("a")), ("12", json!(12))];
    assert_reads(json!({"target": "fields.extra"}), &good, &["a", "{a:1}", "{} {}"]);
    let office = json!({"target": "fields.office", "format": "json"});
    assert_reads(office, &[("{\"floor\": 3}", json!({"floor": 3}))], &["3", "[]", "x"]);
}

#[test]
fn faults_say_what_would_be_right_and_never_what_was_there() {
    for (entry, cell) in [
        (json!({"target": "fields.birthdate", "format": "%d/%m/%Y"}), "secret"),
        (json!({"target": "fields.last-visit", "zone": "UTC"}), "secret"),
        (json!({"target": "fields.children"}), "secret"),
        (json!({"target": "fields.balance", "decimal": ","}), "secret"),
        (json!({"target": "fields.tier"}), "secret"),
        (json!({"target": "fields.plans"}), "secret"),
        (json!({"target": "fields.years"}), "secret"),
        (json!({"target": "account-status"}), "secret"),
        (json!({"target": "relations.employer"}), "secret\u{0}"),
    ] {
        let row = map_cell(entry.clone(), cell);
        let [fault] = row.faults.as_slice() else { panic!("{entry}: {:?}", row.faults) };
        assert_eq!(fault.column.as_deref(), Some("cell"));
        assert_eq!(fault.field.as_deref(), entry["target"].as_str());
        assert!(fault.message.contains("must"), "{}", fault.message);
        assert!(!format!("{row:?} {fault:?}").contains("secret"), "{row:?}");
    }
    let row = map_cell(json!({"target": "fields.birthdate", "format": "%d/%m/%Y"}), "1990-12-31");
    assert_eq!(faults(&row), ["type_mismatch: must be a date of the form %d/%m/%Y as in 31/12/1990"]);
    let row = map_cell(json!({"target": "fields.tier"}), "gold");
    assert_eq!(faults(&row), ["unknown_choice: must be one of std, prem"]);
}
