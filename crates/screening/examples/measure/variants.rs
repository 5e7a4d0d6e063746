//! Misspells names of the list, one way at a time.

use muster_screening::{Entity, Kind, PersonName, Query};
use rand::rngs::StdRng;
use rand::seq::IndexedRandom;
use rand::{Rng, RngExt};

/// A query and the ID of whom it should find.
pub struct Case {
    pub kind: &'static str,
    pub text: String,
    pub query: Query,
    pub wanted: String,
}

type Vary = fn(&str, &mut StdRng) -> Option<String>;

const OF_PERSONS: [(&str, Vary); 14] = [
    ("as listed", |name, _| Some(name.to_owned())),
    ("a letter replaced", |name, random| edit(name, Edit::Replace, random)),
    ("a letter inserted", |name, random| edit(name, Edit::Insert, random)),
    ("a letter left out", |name, random| edit(name, Edit::LeaveOut, random)),
    ("two letters swapped", |name, random| edit(name, Edit::Swap, random)),
    ("words in another order", rotated),
    ("a middle name left out", without_middle),
    ("a middle name added", with_middle),
    ("first name as initial", initial),
    ("a space left out", unspaced),
    ("another transliteration", transliterated),
    ("in Cyrillic", cyrillic),
    ("title and capitals", |name, _| Some(format!("Mr. {}", name.to_uppercase()))),
    ("two letters replaced in two words", twice),
];

const OF_BUSINESSES: [(&str, Vary); 4] = [
    ("business: as listed", |name, _| Some(name.to_owned())),
    ("business: a letter replaced", |name, random| edit(name, Edit::Replace, random)),
    ("business: another legal form", other_form),
    ("business: legal form added", |name, _| Some(format!("{name} LLC"))),
];

/// Makes so many cases of each kind; names that a kind cannot vary are passed over.
pub fn cases(entities: &[Entity], count: usize, random: &mut StdRng) -> Vec<Case> {
    let mut cases = Vec::new();
    let names = |kind: Kind| -> Vec<(&Entity, &str)> {
        let of_kind = entities.iter().filter(|entity| entity.kind == kind);
        let names = of_kind.flat_map(|entity| entity.matched_names().map(move |(_, name)| (entity, name)));
        names
            .map(|(entity, name)| (entity, name.text.as_str()))
            .filter(|(_, name)| name.contains(' '))
            .collect()
    };
    for (kinds, names, query) in [
        (&OF_PERSONS[..], names(Kind::Person), person as fn(&str) -> Query),
        (&OF_BUSINESSES[..], names(Kind::Organization), Query::business),
    ] {
        for (kind, vary) in kinds {
            let mut made = 0;
            for _ in 0..count * 50 {
                let Some((entity, name)) = names.choose(random).filter(|_| made < count) else { break };
                let Some(text) = vary(name, random) else { continue };
                made += 1;
                cases.push(Case { kind, query: query(&text), text, wanted: entity.id.clone() });
            }
        }
    }
    cases
}

pub fn person(text: &str) -> Query {
    Query::person(PersonName { term: Some(text), ..PersonName::default() })
}

#[derive(Clone, Copy)]
enum Edit {
    Replace,
    Insert,
    LeaveOut,
    Swap,
}

fn edit(name: &str, edit: Edit, random: &mut StdRng) -> Option<String> {
    let mut letters: Vec<char> = name.chars().collect();
    let at = random.random_range(0..letters.len());
    if !letters[at].is_ascii_alphabetic() {
        return None;
    }
    let letter = char::from(b'a' + u8::try_from(random.random_range(0..26)).ok()?);
    match edit {
        Edit::Replace if letters[at].eq_ignore_ascii_case(&letter) => return None,
        Edit::Replace => letters[at] = letter,
        Edit::Insert => letters.insert(at, letter),
        Edit::LeaveOut => {
            letters.remove(at);
        }
        Edit::Swap => {
            let next = letters.get(at + 1).filter(|next| next.is_ascii_alphabetic())?;
            if next.eq_ignore_ascii_case(&letters[at]) {
                return None;
            }
            letters.swap(at, at + 1);
        }
    }
    Some(letters.into_iter().collect())
}

fn twice(name: &str, random: &mut StdRng) -> Option<String> {
    let mut words: Vec<String> = name.split(' ').map(str::to_owned).collect();
    let long: Vec<usize> = (0..words.len()).filter(|at| words[*at].len() >= 5).collect();
    let [one, .., two] = long.as_slice() else { return None };
    for at in [*one, *two] {
        words[at] = edit(&words[at], Edit::Replace, random)?;
    }
    Some(words.join(" "))
}

fn words(name: &str) -> Vec<&str> {
    name.split_whitespace().collect()
}

fn rotated(name: &str, random: &mut StdRng) -> Option<String> {
    let mut words = words(name);
    let by = random.random_range(1..words.len());
    words.rotate_left(by);
    Some(words.join(" "))
}

fn without_middle(name: &str, random: &mut StdRng) -> Option<String> {
    let mut words = words(name);
    if words.len() < 3 {
        return None;
    }
    words.remove(random.random_range(1..words.len() - 1));
    Some(words.join(" "))
}

fn with_middle(name: &str, random: &mut StdRng) -> Option<String> {
    let mut words = words(name);
    words.insert(1, ["Peter", "Hassan", "Luis", "Ivanovich"].choose(random)?);
    Some(words.join(" "))
}

fn initial(name: &str, _: &mut StdRng) -> Option<String> {
    let (first, rest) = name.split_once(' ')?;
    let initial = first.chars().next().filter(char::is_ascii_alphabetic)?;
    (first.len() > 2 && !first.contains('-')).then(|| format!("{initial}. {rest}"))
}

fn unspaced(name: &str, _: &mut StdRng) -> Option<String> {
    Some(name.replacen([' ', '-'], "", 1))
}

/// Other ways to write sounds in Latin letters.
const SOUNDS: [(&str, &str); 16] = [
    ("ou", "u"),
    ("kh", "h"),
    ("q", "k"),
    ("y", "i"),
    ("sh", "ch"),
    ("ee", "i"),
    ("dh", "d"),
    ("th", "t"),
    ("ph", "f"),
    ("v", "w"),
    ("z", "s"),
    ("ss", "s"),
    ("iy", "y"),
    ("gh", "g"),
    ("j", "dj"),
    ("oo", "u"),
];

fn transliterated(name: &str, random: &mut StdRng) -> Option<String> {
    let lower = name.to_lowercase();
    let able: Vec<_> = SOUNDS.iter().filter(|(from, _)| lower.contains(from)).collect();
    let (from, to) = able.choose(random)?;
    Some(lower.replacen(from, to, 1))
}

const CYRILLIC: [(&str, &str); 33] = [
    ("shch", "щ"),
    ("zh", "ж"),
    ("kh", "х"),
    ("ts", "ц"),
    ("ch", "ч"),
    ("sh", "ш"),
    ("yu", "ю"),
    ("ya", "я"),
    ("a", "а"),
    ("b", "б"),
    ("c", "к"),
    ("d", "д"),
    ("e", "е"),
    ("f", "ф"),
    ("g", "г"),
    ("h", "х"),
    ("i", "и"),
    ("j", "дж"),
    ("k", "к"),
    ("l", "л"),
    ("m", "м"),
    ("n", "н"),
    ("o", "о"),
    ("p", "п"),
    ("q", "к"),
    ("r", "р"),
    ("s", "с"),
    ("t", "т"),
    ("u", "у"),
    ("v", "в"),
    ("w", "в"),
    ("x", "кс"),
    ("y", "й"),
];

/// Russian names only: that is what this table is made for.
fn cyrillic(name: &str, _: &mut StdRng) -> Option<String> {
    let lower = name.to_lowercase();
    let russian = ["ov ", "ev ", "ovich", "evich", "ovna", "sky", "skiy"]
        .iter()
        .any(|end| format!("{lower} ").contains(end));
    if !russian || !lower.is_ascii() {
        return None;
    }
    let mut text = String::new();
    let mut rest = lower.as_str();
    while let Some(next) = rest.chars().next() {
        let (from, to) = CYRILLIC
            .iter()
            .find(|(from, _)| rest.starts_with(from))
            .copied()
            .unwrap_or((&rest[..1], &rest[..1]));
        text.push_str(to);
        rest = &rest[from.len().max(next.len_utf8())..];
    }
    Some(text)
}

fn other_form(name: &str, random: &mut StdRng) -> Option<String> {
    let lower = name.to_lowercase();
    let forms = [" llc", " ltd", " limited", " s.a.", " gmbh", " co.", " ooo", " inc", " ltda."];
    let own = forms.iter().find(|form| lower.ends_with(**form))?;
    let other = ["LLC", "Ltd.", "GmbH", "OOO", "S.A."].choose(random)?;
    Some(format!("{} {other}", &name[..name.len() - own.len()]))
}

/// Names made of the parts of listed people: bearers of such names are mostly on no list.
pub fn crossed(entities: &[(String, String)], count: usize, random: &mut impl Rng) -> Vec<String> {
    let cross = |_| {
        let (first, last) = (entities.choose(random)?, entities.choose(random)?);
        Some(format!("{} {}", first.0, last.1))
    };
    (0..count).filter_map(cross).collect()
}
