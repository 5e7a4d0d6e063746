//! Birth dates, countries, topics and lists sort hits out; addresses are found; odd names do no harm.

use crate::support::{entity, ids, index, list, person, preset};
use muster_screening::{
    Agreement, BirthDateRule, Country, CountryRole, CountryRule, CryptoAddress, Entity, IndexBuilder, Kind,
    ListType, Lists, MatchType, NameMatching, Options, PartialDate, Query, Topics,
};

const NOBODY: [&str; 0] = [];

fn born(dates: &[&str]) -> Entity {
    let dates = dates.iter().map(|date| PartialDate::parse(date).unwrap().into()).collect();
    Entity { birth_dates: dates, ..entity("it", Kind::Person, &["John Smith"]) }
}

#[test]
fn a_birth_date_sorts_out_only_what_it_contradicts() {
    use BirthDateRule::{ExactDate, ExactYear, Off, WithinOneYear};
    for (listed, asked, rules) in [
        (&["1970-05-01"][..], "1970-05-01", &[Off, ExactDate, ExactYear, WithinOneYear][..]),
        (&["1970-05-01"], "1970-06-01", &[Off, ExactYear, WithinOneYear]),
        (&["1970-05-01"], "1971-06-01", &[Off, WithinOneYear]),
        (&["1970-05-01"], "1972-05-01", &[Off]),
        (&["1970"], "1970-06-01", &[Off, ExactDate, ExactYear, WithinOneYear]),
        (&["1950", "1970-05-01"], "1970-05-01", &[Off, ExactDate, ExactYear, WithinOneYear]),
        (&[], "1970-05-01", &[Off, ExactDate, ExactYear, WithinOneYear]),
    ] {
        let index = index([born(listed)]);
        for rule in [Off, ExactDate, ExactYear, WithinOneYear] {
            let options = Options { birth_date: rule, ..Options::default() };
            let hits = index.screen(&person("John Smith").born(PartialDate::parse(asked)), &options);
            assert_eq!(hits.len() == 1, rules.contains(&rule), "{listed:?} {asked} {rule:?}");
            let expected = match (listed, hits.first()) {
                ([], Some(_)) => Some(Agreement::Unknown),
                (_, Some(_)) if rule == Off && !rules.contains(&ExactDate) => Some(Agreement::Differs),
                (_, hit) => hit.map(|_| Agreement::Agrees),
            };
            assert_eq!(hits.first().map(|hit| hit.birth_date), expected);
        }
    }
}

#[test]
fn a_country_sorts_out_if_known_different_and_of_a_chosen_role() {
    let from = |code: &str, role| {
        let countries = vec![Country { code: code.to_owned(), role }];
        index([Entity { countries, ..entity("it", Kind::Person, &["John Smith"]) }])
    };
    let roles = |roles: &[CountryRole]| Options {
        country: CountryRule { roles: roles.to_vec() },
        ..Options::default()
    };
    let asked = person("John Smith").country(Some("ru"));
    let citizen = roles(&[CountryRole::Citizenship]);
    assert_eq!(ids(&from("RU", CountryRole::Citizenship), &asked, &citizen), ["it"]);
    assert_eq!(ids(&from("IR", CountryRole::Citizenship), &asked, &citizen), NOBODY);
    assert_eq!(ids(&from("IR", CountryRole::BirthPlace), &asked, &citizen), ["it"]);
    assert_eq!(ids(&from("IR", CountryRole::Citizenship), &person("John Smith"), &citizen), ["it"]);
    // A state that is no more says nothing against a successor.
    assert_eq!(ids(&from("suhh", CountryRole::Citizenship), &asked, &citizen), ["it"]);
    assert_eq!(ids(&from("IR", CountryRole::Citizenship), &asked, &roles(&[])), ["it"]);
}

#[test]
fn topics_tell_office_holders_from_the_sanctioned() {
    let about = |id: &str, topics: &[&str]| Entity {
        topics: topics.iter().map(|topic| (*topic).to_owned()).collect(),
        ..entity(id, Kind::Person, &["John Smith"])
    };
    let index = index([
        about("sanctioned", &["sanction"]),
        about("minister", &["role.pep"]),
        about("wife", &["role.rca"]),
        about("both", &["role.pep", "reg.warn"]),
        about("bare", &[]),
    ]);
    let with = |topics| ids(&index, &person("John Smith"), &Options { topics, ..Options::default() });
    assert_eq!(with(Topics::Watchlist), ["bare", "both", "sanctioned"]);
    assert_eq!(with(Topics::Pep), ["both", "minister"]);
    assert_eq!(with(Topics::PepAndRelatives), ["both", "minister", "wife"]);
    assert_eq!(with(Topics::Any).len(), 5);
}

#[test]
fn lists_are_chosen_by_slug_part_or_type() {
    let mut builder = IndexBuilder::new();
    let one = builder.list(list("one", &[ListType::Sanction]));
    let two = builder.list(list("two", &[ListType::Warning]));
    let bare = |id: &str| Entity { topics: vec![], ..entity(id, Kind::Person, &["John Smith"]) };
    builder.add(one, bare("first")).unwrap();
    builder.add(two, bare("second")).unwrap();
    builder.add(two, Entity { datasets: vec!["part".to_owned()], ..bare("third") }).unwrap();
    let index = builder.build().unwrap();
    let with = |lists| ids(&index, &person("John Smith"), &Options { lists, ..Options::default() });
    assert_eq!(with(Lists::All), ["first", "second", "third"]);
    assert_eq!(with(Lists::Slugs(vec!["one".to_owned()])), ["first"]);
    assert_eq!(with(Lists::Slugs(vec!["part".to_owned()])), ["third"]);
    assert_eq!(with(Lists::Types(vec![ListType::Warning])), ["second", "third"]);
    assert_eq!(with(Lists::Slugs(vec![])), NOBODY);
}

#[test]
fn an_address_is_found_as_it_is_written_or_in_any_case_where_that_is_the_same() {
    let address = |currency: &str, address: &str| CryptoAddress {
        currency: currency.to_owned(),
        address: address.to_owned(),
    };
    let owner = Entity {
        crypto_addresses: vec![
            address("XBT", "1Fz29BQp82pE3vXXcsZoMNQ3KSHfMzfMe3"),
            address("ETH", "0xAbCd01"),
        ],
        ..entity("owner", Kind::Person, &["John Smith"])
    };
    let index = index([entity("other", Kind::Person, &["Peter Pan"]), owner]);
    let found = |address: &str| index.screen(&Query::crypto_address(address), &Options::default());
    assert_eq!(found(" 1Fz29BQp82pE3vXXcsZoMNQ3KSHfMzfMe3 ")[0].types, [MatchType::CryptoAddress]);
    assert_eq!(found("0xABCD01").len(), 1);
    assert_eq!(found("1fz29bqp82pe3vxxcszomnq3kshfmzfme3"), []);
    assert_eq!(found(""), []);
}

#[test]
fn people_and_businesses_are_asked_apart_and_the_undecided_as_both() {
    let index = index([
        entity("person", Kind::Person, &["Morgan Stanley"]),
        entity("business", Kind::Organization, &["Morgan Stanley"]),
        entity("ship", Kind::Vessel, &["Morgan Stanley"]),
        entity("undecided", Kind::Other, &["Morgan Stanley"]),
    ]);
    let options = Options::default();
    assert_eq!(ids(&index, &person("Morgan Stanley"), &options), ["person", "undecided"]);
    assert_eq!(ids(&index, &Query::business("Morgan Stanley"), &options), ["business", "ship", "undecided"]);
}

#[test]
fn a_score_may_be_asked_for() {
    let index = index([entity("it", Kind::Person, &["John Bob Smith"])]);
    let least = |score_min| ids(&index, &person("John Smith"), &Options { score_min, ..Options::default() });
    assert_eq!(least(0.8), ["it"]);
    assert_eq!(least(0.99), NOBODY);
}

#[test]
fn odd_names_do_no_harm() {
    let long = "Wolfeschlegelsteinhausenbergerdorff ".repeat(9);
    let words = "ab ".repeat(300);
    let index = index([
        entity("empty", Kind::Person, &["---"]),
        entity("long", Kind::Person, &[&long]),
        entity("words", Kind::Person, &[&words]),
        entity("arabic", Kind::Person, &["محمد علي"]),
        entity("hangul", Kind::Person, &["김정은"]),
        entity("one", Kind::Person, &["Zulkarnaen"]),
    ]);
    for names in [NameMatching::Exact, NameMatching::Strict, NameMatching::Tolerant] {
        let options = preset(names);
        assert_eq!(ids(&index, &person(&long), &options), ["long"]);
        assert_eq!(ids(&index, &person(&words), &options), ["words"]);
        assert_eq!(ids(&index, &person("محمد علي"), &options), ["arabic"]);
        assert_eq!(ids(&index, &person("김정은"), &options), ["hangul"]);
        assert_eq!(ids(&index, &person("zulkarnaen"), &options), ["one"]);
        for nothing in ["", "---", "!?", "\u{301}"] {
            assert!(person(nothing).is_empty());
            assert_eq!(ids(&index, &person(nothing), &options), NOBODY);
        }
    }
}

#[test]
fn a_query_prints_nothing_of_whom_it_is_about() {
    let query = person("John Smith").born(PartialDate::parse("1990-12-31")).country(Some("GB"));
    assert_eq!(
        format!("{query:?} {:?}", PartialDate::parse("1990-12-31")),
        "Query([redacted]) Some([redacted])"
    );
}
