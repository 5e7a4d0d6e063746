//! Identity documents.

use super::super::government_id::{Evidence, IdProperties, Rules, Side, ZoneGiven, examine};
use super::super::*;
use super::{ends, reasons};
use crate::mrz::{Zone, find};
use crate::time::Date;

/// The specimen of the German passport: Erika Mustermann, until 28 February 2027.
const LINES: &str =
    "P<D<<MUSTERMANN<<ERIKA<<<<<<<<<<<<<<<<<<<<<<\nC01X00T478D<<6408125F2702283<<<<<<<<<<<<<<<4";

fn today() -> Date {
    "2026-11-23".parse().unwrap()
}

fn zone(lines: &str) -> Zone {
    find(lines, today()).expect("a zone")
}

fn properties(pairs: &[(&str, &str)]) -> IdProperties {
    IdProperties(pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect())
}

fn judge(rules: &Rules, lines: Option<&str>, inquiry: &IdProperties, printed: &IdProperties) -> Examination {
    let zone = lines.map(zone);
    let evidence = Evidence {
        front: Side::Pictured,
        back: Side::Absent,
        selected_class: None,
        selected_country: None,
        zone: zone.as_ref().map_or(ZoneGiven::Nothing, ZoneGiven::Zone),
        printed,
        inquiry,
        account: &IdProperties::default(),
    };
    examine(rules, &evidence, today())
}

fn passed_by(rules: &Rules, lines: Option<&str>) -> Examination {
    judge(rules, lines, &IdProperties::default(), &IdProperties::default())
}

#[test]
fn a_passport_whose_lines_hold_passes() {
    let who =
        properties(&[("name_first", "Erika"), ("name_last", "Mustermann"), ("birthdate", "1964-08-12")]);
    let examination = judge(&Rules::by_default(), Some(LINES), &who, &IdProperties::default());
    let failed: Vec<_> = examination.checks().iter().filter(|c| c.status == CheckStatus::Failed).collect();
    assert!(failed.is_empty(), "{failed:?}");
    assert_eq!(examination.decision(), Decision::Passed);
    let ends = ends(&examination);
    for name in [
        "id_mrz_detection",
        "id_mrz_inconsistency_detection",
        "id_expired_detection",
        "id_inquiry_comparison",
    ] {
        assert_eq!(ends[name], CheckStatus::Passed, "{name}");
    }
    for name in
        ["id_tamper_detection", "id_portrait_detection", "id_selfie_comparison", "id_double_side_detection"]
    {
        assert_eq!(ends[name], CheckStatus::NotApplicable, "{name}");
    }
}

#[test]
fn pictures_and_typed_words_alone_prove_nothing() {
    let rules = Rules::by_default();
    assert_eq!(passed_by(&rules, None).decision(), Decision::Undecided);
    let typed = properties(&[
        ("name_last", "Mustermann"),
        ("birthdate", "1964-08-12"),
        ("identification_number", "C01X00T47"),
        ("expiration_date", "2027-02-28"),
        ("id_class", "pp"),
    ]);
    let examination = judge(&rules, None, &typed, &typed);
    assert_eq!(ends(&examination)["id_inquiry_comparison"], CheckStatus::Passed);
    assert_eq!(examination.decision(), Decision::Undecided);
}

#[test]
fn broken_lines_and_missing_pictures_fail() {
    let rules = Rules::by_default();
    let broken = passed_by(&rules, Some(&LINES.replace("6408125", "6408135")));
    assert_eq!(
        reasons(&broken, "id_mrz_inconsistency_detection"),
        ["birthdate_check_digit", "composite_check_digit"]
    );
    assert_eq!(broken.decision(), Decision::Failed);

    let nothing = IdProperties::default();
    let evidence = Evidence {
        front: Side::Absent,
        back: Side::Unreadable,
        selected_class: Some("dl"),
        selected_country: Some("FR"),
        zone: ZoneGiven::Unreadable,
        printed: &nothing,
        inquiry: &nothing,
        account: &nothing,
    };
    let examination = examine(&rules, &evidence, today());
    assert_eq!(reasons(&examination, "id_mrz_detection"), ["mrz_not_detected"]);
    assert_eq!(
        reasons(&examination, "id_unprocessable_submission_detection"),
        ["no_picture", "unreadable_file"]
    );
    assert_eq!(reasons(&examination, "id_double_side_detection"), ["front_missing", "back_missing"]);
}

#[test]
fn countries_classes_and_ages_are_compared_with_the_rules() {
    let with = |countries: &[&str], id_classes: &[&str], minimum_age| Rules {
        countries: countries.iter().map(|code| (*code).to_owned()).collect(),
        id_classes: id_classes.iter().map(|class| (*class).to_owned()).collect(),
        minimum_age,
        ..Rules::by_default()
    };
    let good = passed_by(&with(&["DE", "FR"], &["pp"], Some(62)), Some(LINES));
    assert_eq!(good.decision(), Decision::Passed);
    let bad = passed_by(&with(&["FR"], &["dl", "id"], Some(63)), Some(LINES));
    assert_eq!(reasons(&bad, "id_disallowed_country_detection"), ["disallowed_country"]);
    assert_eq!(reasons(&bad, "id_disallowed_type_detection"), ["disallowed_type"]);
    assert_eq!(reasons(&bad, "id_age_comparison"), ["below_minimum_age"]);
    let country = bad.checks().iter().find(|c| c.name == "id_disallowed_country_detection").unwrap();
    assert_eq!(country.metadata["country-code"], "DE");
    assert_eq!(country.metadata["enabled-country-codes"], serde_json::json!(["FR"]));
    // A specimen of no country is in no list of countries.
    let utopia = "P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<\nL898902C36UTO7408122F1204159ZE184226B<<<<<10";
    let nowhere = passed_by(&with(&["FR"], &[], None), Some(utopia));
    assert_eq!(reasons(&nowhere, "id_disallowed_country_detection"), ["unknown_country"]);
    assert_eq!(reasons(&nowhere, "id_expired_detection"), ["expired"]);
}

#[test]
fn a_country_that_was_chosen_does_not_stand_in_for_an_issuer_that_is_none() {
    let nothing = IdProperties::default();
    let rules = Rules { countries: vec!["DE".to_owned()], ..Rules::by_default() };
    for issuer in ["UTO", "XXA"] {
        let lines = format!(
            "P<{issuer}ERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<\nL898902C36UTO7408122F1204159ZE184226B<<<<<10"
        );
        let zone = find(&lines, today()).unwrap();
        let evidence = Evidence {
            front: Side::Pictured,
            back: Side::Absent,
            selected_class: Some("pp"),
            selected_country: Some("DE"),
            zone: ZoneGiven::Zone(&zone),
            printed: &nothing,
            inquiry: &nothing,
            account: &nothing,
        };
        let examination = examine(&rules, &evidence, today());
        assert_eq!(reasons(&examination, "id_disallowed_country_detection"), ["unknown_country"], "{issuer}");
    }
}

#[test]
fn a_card_may_be_any_class_that_is_a_card() {
    let card =
        "I<UTOD231458907<<<<<<<<<<<<<<<\n7408122F1204159UTO<<<<<<<<<<<6\nERIKSSON<<ANNA<MARIA<<<<<<<<<<";
    let rules = |class: &str| Rules { id_classes: vec![class.to_owned()], ..Rules::by_default() };
    for (class, status) in
        [("id", CheckStatus::Passed), ("rp", CheckStatus::Passed), ("pp", CheckStatus::Failed)]
    {
        assert_eq!(
            ends(&passed_by(&rules(class), Some(card)))["id_disallowed_type_detection"],
            status,
            "{class}"
        );
    }
    assert_eq!(reasons(&passed_by(&rules("id"), Some(card)), "id_double_side_detection"), ["back_missing"]);
}

#[test]
fn a_document_of_somebody_else_fails() {
    let other =
        properties(&[("name_first", "Max"), ("name_last", "Mustermann"), ("birthdate", "1964-08-13")]);
    let examination = judge(&Rules::by_default(), Some(LINES), &other, &IdProperties::default());
    assert_eq!(reasons(&examination, "id_inquiry_comparison"), ["name_first_mismatch", "birthdate_mismatch"]);
    assert_eq!(examination.decision(), Decision::Failed);
    let printed = properties(&[("identification_number", "C01X00T4-8"), ("name_last", "Mustermann")]);
    let forged = judge(&Rules::by_default(), Some(LINES), &IdProperties::default(), &printed);
    assert_eq!(reasons(&forged, "id_extraction_inconsistency_detection"), ["identification_number_mismatch"]);
}

#[test]
fn impossible_dates_and_numbers_are_noticed() {
    let rules = Rules::by_default();
    let printed = properties(&[
        ("birthdate", "2030-01-01"),
        ("issue_date", "2029-01-01"),
        ("expiration_date", "2028-01-01"),
        ("identification_number", "№-Ж"),
        ("name_last", " "),
    ]);
    let examination = judge(&rules, None, &IdProperties::default(), &printed);
    assert_eq!(
        reasons(&examination, "id_valid_dates_detection"),
        [
            "birthdate_in_future",
            "issue_date_in_future",
            "issued_before_birth",
            "expired_before_issue",
            "expired_before_birth"
        ]
    );
    assert_eq!(reasons(&examination, "id_extracted_properties_detection"), ["name_last_missing"]);
    assert_eq!(
        reasons(&examination, "id_number_format_inconsistency_detection"),
        ["number_length", "number_characters", "number_without_digits"]
    );
}

#[test]
fn who_turns_eighteen_today_is_eighteen() {
    let rules = Rules { minimum_age: Some(18), ..Rules::by_default() };
    for (birth, status) in [("2008-11-23", CheckStatus::Passed), ("2008-11-24", CheckStatus::Failed)] {
        let examination = judge(&rules, None, &IdProperties::default(), &properties(&[("birthdate", birth)]));
        assert_eq!(ends(&examination)["id_age_comparison"], status, "{birth}");
    }
}

#[test]
fn nothing_personal_prints() {
    let who = properties(&[("name_first", "Erika")]);
    let examination = judge(&Rules::by_default(), Some(LINES), &who, &who);
    let printed = format!("{who:?} {examination:?} {:?}", zone(LINES)).to_lowercase();
    for part in ["erika", "mustermann", "1964", "c01x"] {
        assert!(!printed.contains(part), "{printed}");
    }
}
