//! Which differences between names each preset lets pass.

use crate::support::{entity, ids, index, person, preset};
use muster_screening::{Edits, Fuzziness, Kind, MatchType, NameMatching, NameRules, PersonName, Query};

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum From {
    Exact,
    Strict,
    Tolerant,
    Never,
}

/// The least tolerant preset at which a name is found; it must be found at every more tolerant one too.
fn found_from(asked: &Query, listed: &[&str], kind: Kind) -> From {
    let index = index([entity("it", kind, listed)]);
    let at = |names| !index.screen(asked, &preset(names)).is_empty();
    let found = [at(NameMatching::Exact), at(NameMatching::Strict), at(NameMatching::Tolerant)];
    match found {
        [true, true, true] => From::Exact,
        [false, true, true] => From::Strict,
        [false, false, true] => From::Tolerant,
        [false, false, false] => From::Never,
        _ => panic!("a more tolerant preset finds less: {found:?}"),
    }
}

#[test]
fn people_are_found_from_the_documented_preset_on() {
    for (asked, listed, from) in [
        ("John Smith", "John Smith", From::Exact),
        ("smith JOHN", "Smith, John", From::Exact),
        ("Dr. Jöhn  Smith Jr.", "JOHN SMITH", From::Exact),
        ("John Smith", "John Bob Smith", From::Strict),
        ("John Bob Smith", "John Smith", From::Strict),
        ("John Peter Smith", "John Bob Smith", From::Strict),
        ("J. Smith", "John Smith", From::Strict),
        ("John Bob Smith", "John B. Smith", From::Strict),
        ("John Smith", "J. B. Smith", From::Strict),
        ("Abdulrahman Ali", "Abdul Rahman Ali", From::Strict),
        ("O Brien Mary", "Mary O'Brien", From::Strict),
        ("xi jinping", "习近平", From::Strict),
        ("Jon Smyth", "John Smith", From::Tolerant),
        ("Bill Smith", "William Smith", From::Tolerant),
        ("Muhammed Hassan", "Mohamed Hasan", From::Tolerant),
        ("John Smirh", "John Smith", From::Tolerant),
        ("John Simth", "John Smith", From::Tolerant),
        ("Johnn Smithe", "John Smith", From::Tolerant),
        ("Jxhn Silverman", "John Silverman", From::Tolerant),
        ("Jxhn Smrth Smith", "John Smith", From::Never),
        ("John Smxyh", "John Smith", From::Never),
        ("Ali Omar", "Eli Omar", From::Never),
        ("John Miller", "John Smith", From::Never),
        ("Peter Smith", "John Smith", From::Never),
        ("Smith", "John Smith", From::Strict),
        ("John Smith", "Smith", From::Never),
        ("Robert B. Aderholt", "Robert Barrera", From::Never),
        ("J S", "John Smith", From::Never),
    ] {
        assert_eq!(found_from(&person(asked), &[listed], Kind::Person), from, "{asked} ~ {listed}");
    }
}

#[test]
fn businesses_are_found_from_the_documented_preset_on() {
    for (asked, listed, from) in [
        ("Acme Trading LLC", "ACME TRADING, L.L.C.", From::Exact),
        ("Acme Trading Limited Liability Company", "Acme Trading LLC", From::Exact),
        ("ООО Ромашка", "OOO Romashka", From::Exact),
        ("Acme & Sons", "Acme and Sons", From::Exact),
        ("Acme Trading", "Acme Trading LLC", From::Strict),
        ("Acme", "Acme Trading LLC", From::Strict),
        ("AcmeTrading LLC", "Acme Trading LLC", From::Strict),
        ("Acme Trading LLC", "Acme Trading OOO", From::Tolerant),
        ("Akme Trading LLC", "Acme Trading LLC", From::Tolerant),
        ("Acme Trading Cornpany", "Acme Trading Company", From::Strict),
        ("Acme Cornpany", "Acme Company", From::Never),
        ("Acme Compzny", "Acme Company", From::Tolerant),
        ("Acme Brothers", "Acme Company", From::Never),
        ("Globovisoin", "Globovision", From::Tolerant),
        ("Acme Trading LLC", "Bolt Trading LLC", From::Never),
        ("Trading Company Limited", "Acme Limited", From::Never),
    ] {
        assert_eq!(
            found_from(&Query::business(asked), &[listed], Kind::Organization),
            from,
            "{asked} ~ {listed}"
        );
    }
}

#[test]
fn aliases_are_asked_unless_the_rules_leave_them_out() {
    let index = index([entity("it", Kind::Person, &["John Smith", "Peter Pan"])]);
    let hits = index.screen(&person("Peter Pan"), &preset(NameMatching::Exact));
    assert_eq!(hits[0].types, [MatchType::Exact, MatchType::Aka]);
    assert_eq!(index.entity(hits[0].entity).unwrap().name_at(hits[0].name.0).unwrap().text, "Peter Pan");
    let without = preset(NameMatching::Custom(NameRules::default()));
    assert!(index.screen(&person("Peter Pan"), &without).is_empty());
    assert_eq!(index.screen(&person("John Smith"), &without)[0].types, [MatchType::Exact]);
}

#[test]
fn parts_of_a_name_say_which_words_are_first_and_last() {
    let index = index([entity("it", Kind::Person, &["GUZMAN LOERA, Joaquin Archivaldo"])]);
    let query = |first, middle, last| {
        Query::person(PersonName { first: Some(first), middle, last: Some(last), term: None })
    };
    let strict = preset(NameMatching::Strict);
    assert_eq!(ids(&index, &query("Joaquin", Some("Maria"), "Guzman"), &strict), ["it"]);
    assert_eq!(ids(&index, &query("Maria", Some("Joaquin"), "Guzman"), &strict), [] as [&str; 0]);
}

/// Whether two names match with one rule and the given fuzziness.
fn fuzzy(asked: &str, listed: &str, fuzziness: Fuzziness, rules: NameRules) -> bool {
    let index = index([entity("it", Kind::Person, &[listed])]);
    !index.screen(&person(asked), &preset(NameMatching::Custom(NameRules { fuzziness, ..rules }))).is_empty()
}

#[test]
fn fuzziness_counts_letters_of_words_with_partial_names_and_of_the_name_without() {
    let (whole, words) = (NameRules::default(), NameRules { partial: true, ..NameRules::default() });
    for (asked, listed, in_words, in_name) in [
        // Words of 4 and 5 letters; 9 in all.
        ("Jean Smirh", "Jean Smith", Fuzziness::Medium, Fuzziness::High),
        ("Jxan Smith", "Jean Smith", Fuzziness::High, Fuzziness::High),
        ("Jxan Smiths", "Jean Smiths", Fuzziness::High, Fuzziness::Medium),
        ("Abdurrahmanovichevs Li", "Abdurrahmanovichev Li", Fuzziness::Low, Fuzziness::Low),
        ("Jean Maximilian Smirh", "Jean Maximilian Smith", Fuzziness::Medium, Fuzziness::Low),
    ] {
        for (rules, from) in [(words, in_words), (whole, in_name)] {
            for (fuzziness, rank) in
                [(Fuzziness::Off, 0), (Fuzziness::Low, 1), (Fuzziness::Medium, 2), (Fuzziness::High, 3)]
            {
                let least = match from {
                    Fuzziness::Low => 1,
                    Fuzziness::Medium => 2,
                    _ => 3,
                };
                let found = fuzzy(asked, listed, fuzziness, rules);
                assert_eq!(found, rank >= least, "{asked} ~ {listed} at {fuzziness:?} with {rules:?}");
            }
        }
    }
}

#[test]
fn without_partial_names_one_slip_is_let_pass_in_a_name() {
    let whole = NameRules::default();
    assert!(fuzzy("Johanna Schmidtt", "Johanna Schmidt", Fuzziness::High, whole));
    assert!(!fuzzy("Johana Schmidtt", "Johanna Schmidt", Fuzziness::High, whole));
    assert!(fuzzy(
        "Johana Schmidtt",
        "Johanna Schmidt",
        Fuzziness::High,
        NameRules { partial: true, ..whole }
    ));
}

#[test]
fn vowels_alone_may_be_let_pass() {
    let rules = NameRules { partial: true, edits: Edits::Vowels, ..NameRules::default() };
    assert!(fuzzy("John Smeth", "John Smith", Fuzziness::Medium, rules));
    assert!(!fuzzy("John Smikh", "John Smith", Fuzziness::Medium, rules));
}

#[test]
fn the_more_alike_comes_first_and_says_why() {
    let index = index([
        entity("fuzzy", Kind::Person, &["John Smirh"]),
        entity("partial", Kind::Person, &["John Bob Smith"]),
        entity("same", Kind::Person, &["John Smith"]),
        entity("nickname", Kind::Person, &["Johnny Smith"]),
    ]);
    let hits = index.screen(&person("John Smith"), &preset(NameMatching::Tolerant));
    let shown: Vec<_> =
        hits.iter().map(|hit| (index.entity(hit.entity).unwrap().id, hit.types.clone())).collect();
    assert_eq!(hits[0].score, 1.0);
    assert!(hits.iter().all(|hit| hit.score > 0.5 && hit.score <= 1.0));
    assert_eq!(shown[0], ("same".to_owned(), vec![MatchType::Exact]));
    assert!(shown.contains(&("fuzzy".to_owned(), vec![MatchType::Fuzzy])));
    assert!(shown.contains(&("partial".to_owned(), vec![MatchType::Partial])));
    assert!(shown.contains(&("nickname".to_owned(), vec![MatchType::Equivalent])));
}
