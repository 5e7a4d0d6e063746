//! Whether two statements about a person agree: names in two scripts' spellings, dates, numbers.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use crate::fold::fold;

/// Whether two statements agree.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Likeness {
    /// They do.
    Same,
    /// They do not.
    Different,
    /// They cannot be compared: one is missing, or they are in different scripts.
    Unknown,
}

/// Whether all of the first statement is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Extent {
    /// All of it.
    Whole,
    /// Its end may be missing.
    PerhapsCut,
}

/// How zones write letters that are not in A to Z (Doc 9303-3, section 6), where that is more than leaving a
/// mark off.
const SPELLED_OUT: [(char, &str); 15] = [
    ('Ä', "AE"),
    ('Å', "AA"),
    ('Ö', "OE"),
    ('Ü', "UE"),
    ('ẞ', "SS"),
    ('ß', "SS"),
    ('Æ', "AE"),
    ('Œ', "OE"),
    ('Ø', "OE"),
    ('Þ', "TH"),
    ('Ð', "D"),
    ('Đ', "D"),
    ('Ħ', "H"),
    ('Ł', "L"),
    ('Ŧ', "T"),
];

/// Compares what was seen of a name with what was expected.
///
/// Case, marks and punctuation mean nothing; `MUELLER` and `Müller` are the same. The shorter may have only the
/// first words of the longer: a paper has `ANNA MARIA` where a form has `Anna`.
#[must_use]
pub fn names(seen: &str, expected: &str, extent: Extent) -> Likeness {
    let (seen_spellings, expected_spellings) = (spellings(seen), spellings(expected));
    if seen_spellings.iter().chain(&expected_spellings).any(Vec::is_empty) {
        return Likeness::Unknown;
    }
    if is_latin(&seen_spellings) != is_latin(&expected_spellings) {
        return Likeness::Unknown;
    }
    let agree = seen_spellings
        .iter()
        .any(|seen| expected_spellings.iter().any(|expected| begins_alike(seen, expected, extent)));
    if agree { Likeness::Same } else { Likeness::Different }
}

fn begins_alike(seen: &[String], expected: &[String], extent: Extent) -> bool {
    if seen.concat() == expected.concat() {
        return true;
    }
    let (short, long) = if seen.len() <= expected.len() { (seen, expected) } else { (expected, seen) };
    long.starts_with(short) || (extent == Extent::PerhapsCut && expected.concat().starts_with(&seen.concat()))
}

/// The words of a name, without marks, and spelled out.
fn spellings(name: &str) -> [Vec<String>; 2] {
    let upper = name.trim().nfc().collect::<String>().to_uppercase();
    let spelled: String = upper.chars().map(spelled_out).collect();
    [split(&unmarked(&without_strokes(&upper))), split(&unmarked(&spelled))]
}

fn spelled_out(letter: char) -> String {
    SPELLED_OUT
        .iter()
        .find(|(known, _)| *known == letter)
        .map_or_else(|| letter.to_string(), |(_, text)| (*text).to_owned())
}

/// Letters whose mark is a stroke, which no decomposition takes off.
fn without_strokes(upper: &str) -> String {
    let simple = |letter| match letter {
        'Ø' => 'O',
        'Ł' => 'L',
        'Đ' | 'Ð' => 'D',
        'Ħ' => 'H',
        'Ŧ' => 'T',
        other => other,
    };
    upper.chars().map(simple).collect()
}

fn unmarked(upper: &str) -> String {
    upper.nfd().filter(|character| !is_combining_mark(*character)).collect()
}

fn split(upper: &str) -> Vec<String> {
    let is_end = |c: char| c.is_whitespace() || matches!(c, '-' | '\u{2010}' | '\u{2011}');
    let words =
        upper.split(is_end).map(|word| word.chars().filter(|c| c.is_alphanumeric()).collect::<String>());
    words.filter(|word| !word.is_empty()).collect()
}

fn is_latin(spellings: &[Vec<String>; 2]) -> bool {
    spellings.iter().flatten().flat_map(|word| word.chars()).all(|c| c.is_ascii_alphanumeric())
}

/// Compares numbers of papers: spaces and punctuation mean nothing.
#[must_use]
pub fn numbers(seen: &str, expected: &str) -> Likeness {
    let (seen, expected) = (plain(seen), plain(expected));
    agreement(&seen, &expected)
}

/// A number in capital letters and digits only.
#[must_use]
pub fn plain(number: &str) -> String {
    number.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_uppercase).collect()
}

/// Compares anything else: trimmed and folded.
#[must_use]
pub fn texts(seen: &str, expected: &str) -> Likeness {
    let (seen, expected) = (fold(seen), fold(expected));
    agreement(&seen, &expected)
}

fn agreement(seen: &str, expected: &str) -> Likeness {
    match seen == expected {
        _ if seen.is_empty() || expected.is_empty() => Likeness::Unknown,
        true => Likeness::Same,
        false => Likeness::Different,
    }
}
