//! Zones that are published as specimens, and zones made at random.

mod random;

use super::{Fault, NameLength, Sex, Zone, ZoneKind, find};
use crate::time::Date;

fn today() -> Date {
    "2026-11-23".parse().unwrap()
}

fn read(text: &str) -> Zone {
    find(text, today()).expect("a zone")
}

fn dates(zone: &Zone) -> (String, String) {
    let text = |date: Option<Date>| date.map(|date| date.to_string()).unwrap_or_default();
    (text(zone.birthdate), text(zone.expires_on))
}

/// The specimens of Doc 9303, parts 4 to 7.
const TD3: &str =
    "P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<\nL898902C36UTO7408122F1204159ZE184226B<<<<<10";
const TD1: &str =
    "I<UTOD231458907<<<<<<<<<<<<<<<\n7408122F1204159UTO<<<<<<<<<<<6\nERIKSSON<<ANNA<MARIA<<<<<<<<<<";
const TD2: &str = "I<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<\nD231458907UTO7408122F1204159<<<<<<<6";
const MRV_A: &str =
    "V<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<\nL8988901C4XXX4009078F96121096ZE184226B<<<<<<";
const MRV_B: &str = "V<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<\nL8988901C4XXX4009078F9612109<<<<<<<<";

#[test]
fn the_specimens_of_the_standard_are_read() {
    for (text, kind, number, code, optional) in [
        (TD3, ZoneKind::Td3, "L898902C3", "P", vec!["ZE184226B"]),
        (TD1, ZoneKind::Td1, "D23145890", "I", vec![]),
        (TD2, ZoneKind::Td2, "D23145890", "I", vec![]),
    ] {
        let zone = read(text);
        assert_eq!((zone.kind, zone.faults.as_slice()), (kind, [].as_slice()), "{kind:?}");
        assert_eq!((zone.surname.as_str(), zone.given_names.as_str()), ("ERIKSSON", "ANNA MARIA"));
        assert_eq!(zone.name_length, NameLength::Whole);
        assert_eq!((zone.number.as_str(), zone.code.as_str()), (number, code));
        assert_eq!((zone.issuer.as_str(), zone.nationality.as_str()), ("UTO", "UTO"));
        assert_eq!(dates(&zone), ("1974-08-12".to_owned(), "2012-04-15".to_owned()));
        assert!(zone.sex == Sex::Female);
        assert_eq!(zone.optional, optional);
    }
    for (text, kind) in [(MRV_A, ZoneKind::MrvA), (MRV_B, ZoneKind::MrvB)] {
        let zone = read(text);
        assert_eq!((zone.kind, zone.faults.as_slice()), (kind, [].as_slice()));
        assert_eq!((zone.number.as_str(), zone.nationality.as_str()), ("L8988901C", "XXX"));
        assert_eq!(dates(&zone), ("1940-09-07".to_owned(), "1996-12-10".to_owned()));
        assert_eq!(zone.id_class(), "visa");
    }
}

#[test]
fn the_german_specimen_is_read() {
    let passport =
        read("P<D<<MUSTERMANN<<ERIKA<<<<<<<<<<<<<<<<<<<<<<\nC01X00T478D<<6408125F2702283<<<<<<<<<<<<<<<4");
    assert_eq!(passport.faults, []);
    assert_eq!((passport.issuer.as_str(), passport.nationality.as_str()), ("D", "D"));
    assert_eq!(super::issuer::country(&passport.nationality), Some("DE"));
    assert_eq!(dates(&passport), ("1964-08-12".to_owned(), "2027-02-28".to_owned()));
}

#[test]
fn a_number_goes_on_in_the_optional_data() {
    for text in [
        "I<UTOD23145890<7349<<<<<<<<<<<\n3407127M9507122UTO<<<<<<<<<<<2\nSTEVENSON<<PETER<JOHN<<<<<<<<<",
        "I<UTOSTEVENSON<<PETER<JOHN<<<<<<<<<<\nD23145890<UTO3407127M95071227349<<<8",
    ] {
        let zone = read(text);
        assert_eq!((zone.number.as_str(), zone.faults.as_slice()), ("D23145890734", [].as_slice()), "{text}");
        assert_eq!((zone.optional.len(), zone.given_names.as_str()), (0, "PETER JOHN"));
    }
}

#[test]
fn a_long_number_is_checked_as_a_whole() {
    let long = random::with_long_number("ABCDEF123", "4567");
    let zone = read(&long);
    assert_eq!((zone.number.as_str(), zone.faults.as_slice()), ("ABCDEF1234567", [].as_slice()));
    let changed = long.replace("4567", "4667");
    assert_eq!(read(&changed).faults, [Fault::NumberDigit, Fault::CompositeDigit]);
}

#[test]
fn a_zone_is_found_in_whatever_way_it_is_written() {
    let joined = TD3.replace('\n', "");
    let spread: String = TD3.chars().flat_map(|c| [c, ' ']).collect();
    let fillers_as_spaces = TD1.replace('<', " ");
    for text in [
        TD3.to_lowercase(),
        TD3.replace('\n', "\r\n\r\n"),
        joined.clone(),
        spread,
        format!("The lines at the bottom, please:\n\n  {TD3}\n\nThank you"),
        format!("MRZ: {joined} (copied)"),
        TD3.replace("<<<<<<<<<<<<<<<<<<<\n", "\n"),
        TD3.replace("<<<\n", "<<<<<<<<\n"),
        TD3.replace('<', "&lt;"),
        TD3.replace("<<", "\u{ab}"),
    ] {
        let zone = read(&text);
        assert_eq!((zone.number.as_str(), zone.faults.as_slice()), ("L898902C3", [].as_slice()), "{text}");
        assert_eq!(zone.given_names, "ANNA MARIA", "{text}");
    }
    assert_eq!(read(&fillers_as_spaces).given_names, "ANNA MARIA");
}

#[test]
fn mistaken_characters_are_put_right_only_where_they_can_be_nothing_else() {
    // O and I among the digits of dates, 0 among the letters of names and countries.
    let text = TD3.replace("7408122F", "74O8I22F").replace("UTOERIKSSON", "UT0ERIK550N");
    let zone = read(&text);
    assert_eq!((zone.surname.as_str(), zone.issuer.as_str(), zone.faults.len()), ("ERIKSSON", "UTO", 0));
    assert_eq!(dates(&zone).0, "1974-08-12");
    // A number may have letters and digits: nothing is guessed there.
    assert_eq!(
        read(&TD3.replace("L898902C36", "L8989O2C36")).faults,
        [Fault::NumberDigit, Fault::CompositeDigit]
    );
}

#[test]
fn names_may_be_cut_and_may_be_one_only() {
    let cut =
        TD3.replace("ERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<", "NILAVADHANANANDA<<CHAYAPA<DEJTHAMRONG<K");
    let zone = read(&cut);
    assert_eq!(
        (zone.surname.as_str(), zone.given_names.as_str()),
        ("NILAVADHANANANDA", "CHAYAPA DEJTHAMRONG K")
    );
    assert_eq!(zone.name_length, NameLength::PerhapsCut);
    let single = read(&TD3.replace("ERIKSSON<<ANNA<MARIA", "ARKFREITH<<<<<<<<<<<"));
    assert_eq!((single.surname.as_str(), single.given_names.as_str()), ("ARKFREITH", ""));
    let hyphen = read(&TD3.replace("ERIKSSON<<ANNA<MARIA", "VAN<DER<MUELLEN<<JAN"));
    assert_eq!((hyphen.surname.as_str(), hyphen.given_names.as_str()), ("VAN DER MUELLEN", "JAN"));
}

#[test]
fn nobody_is_born_in_the_future_and_documents_expire_near_today() {
    for (birth, expiry, expected) in [
        ("261123", "261122", ("2026-11-23", "2026-11-22")),
        ("261124", "360101", ("1926-11-24", "2036-01-01")),
        ("000229", "991231", ("2000-02-29", "1999-12-31")),
        ("010101", "760101", ("2001-01-01", "2076-01-01")),
        ("270228", "770101", ("1927-02-28", "1977-01-01")),
    ] {
        let zone = read(&random::with_dates(birth, expiry));
        assert_eq!(zone.faults, []);
        assert_eq!(dates(&zone), (expected.0.to_owned(), expected.1.to_owned()), "{birth} {expiry}");
    }
    let unknown = read(&random::with_dates("74<<<<", "301231"));
    assert_eq!((unknown.birthdate, unknown.faults.as_slice()), (None, [].as_slice()));
    let impossible = read(&random::with_dates("740230", "301331"));
    assert_eq!(impossible.faults, [Fault::Birthdate, Fault::Expiration]);
}

#[test]
fn what_is_no_zone_is_not_taken_for_one() {
    let long = "P<UTO".repeat(2_000);
    for text in ["", "hello", "P<UTOERIKSSON<<ANNA", &TD3.replace("UTO74", "UTO7X"), &long, "🙂<<<<\u{0}"] {
        assert!(find(text, today()).is_none(), "{text}");
    }
    assert!(find(&TD3.replace("122F12", "122Q12"), today()).is_none());
}

#[test]
fn nothing_personal_prints() {
    let printed = format!("{:?} {:?}", read(TD3), read(TD3).sex);
    for part in ["ERIKSSON", "ANNA", "L8989", "1974", "Female"] {
        assert!(!printed.contains(part), "{printed}");
    }
    assert!(printed.contains("[redacted]"));
}
