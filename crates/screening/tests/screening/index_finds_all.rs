//! The index answers what comparing every name answers: it misses nothing.

use crate::support::{entity, index, person, preset};
use muster_screening::{Edits, Entity, Fuzziness, Kind, NameMatching, NameRules, PersonName, Query};
use rand::rngs::StdRng;
use rand::seq::IndexedRandom;
use rand::{RngExt, SeedableRng};

/// Words that are near each other in many ways, so that random names meet often.
const WORDS: [&str; 46] = [
    "compzny",
    "limites",
    "john",
    "jon",
    "johnny",
    "jack",
    "smith",
    "smyth",
    "smithe",
    "smirh",
    "simth",
    "smit",
    "bill",
    "william",
    "will",
    "mohammed",
    "muhammad",
    "mohamad",
    "ali",
    "aly",
    "al",
    "abdul",
    "rahman",
    "abdulrahman",
    "abd",
    "j",
    "s",
    "m",
    "bin",
    "ben",
    "maria",
    "mary",
    "marya",
    "lopez",
    "lopes",
    "garcia",
    "garcía",
    "de",
    "la",
    "delacruz",
    "cruz",
    "kim",
    "jong",
    "un",
    "jongun",
    "o'brien",
];

const FORMS: [&str; 6] = ["", "llc", "ltd", "gmbh", "co ltd", "ooo"];

fn name(random: &mut StdRng) -> String {
    let count = random.random_range(1..=4);
    let words: Vec<&str> = (0..count).filter_map(|_| WORDS.choose(random).copied()).collect();
    words.join([" ", " ", "-", ", "].choose(random).unwrap())
}

fn slip(name: &str, random: &mut StdRng) -> String {
    let mut letters: Vec<char> = name.chars().collect();
    let at = random.random_range(0..letters.len());
    match random.random_range(0..5) {
        0 => letters[at] = 'x',
        1 => letters.insert(at, 'e'),
        2 => drop(letters.remove(at)),
        3 if at > 0 => letters.swap(at - 1, at),
        _ => {}
    }
    letters.into_iter().collect()
}

fn rules(random: &mut StdRng) -> NameRules {
    let mut coin = || random.random_range(0..2) == 0;
    let [akas, partial, joined, first_last, equivalents] = [coin(), coin(), coin(), coin(), coin()];
    let fuzziness =
        *[Fuzziness::Off, Fuzziness::Low, Fuzziness::Medium, Fuzziness::High].choose(random).unwrap();
    let edits = *[Edits::Any, Edits::Vowels].choose(random).unwrap();
    NameRules { akas, partial, joined, first_last, equivalents, fuzziness, edits }
}

#[test]
fn no_hit_is_missed_at_any_preset_or_rules() {
    let mut random = StdRng::seed_from_u64(23);
    let entities: Vec<Entity> = (0..1000)
        .map(|at| {
            let kind =
                *[Kind::Person, Kind::Person, Kind::Organization, Kind::Other].choose(&mut random).unwrap();
            let form = FORMS.choose(&mut random).unwrap();
            let (one, two) = (name(&mut random), format!("{} {form}", name(&mut random)));
            entity(&at.to_string(), kind, &[&one, &two])
        })
        .collect();
    let index = index(entities);
    let mut hits = 0;
    for round in 0..900 {
        let (first, last) = (name(&mut random), name(&mut random));
        let text = slip(&name(&mut random), &mut random);
        let query = match round % 3 {
            0 => person(&text),
            1 => {
                Query::person(PersonName { first: Some(&first), last: Some(&last), ..PersonName::default() })
            }
            _ => Query::business(&format!("{text} {}", FORMS.choose(&mut random).unwrap())),
        };
        let names = match round % 4 {
            0 => NameMatching::Exact,
            1 => NameMatching::Strict,
            2 => NameMatching::Tolerant,
            _ => NameMatching::Custom(rules(&mut random)),
        };
        let (quick, slow) =
            (index.screen(&query, &preset(names)), index.screen_naively(&query, &preset(names)));
        assert_eq!(quick, slow, "{text} / {first} / {last} at {names:?}");
        hits += slow.len();
    }
    assert!(hits > 3000, "the names meet too rarely for the test to mean anything: {hits}");
}
