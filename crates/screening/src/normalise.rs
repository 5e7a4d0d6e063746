//! Names as the words that are compared: Latin letters without marks, in small letters, without titles.

use std::collections::{HashMap, HashSet};
use std::sync::OnceLock;

use any_ascii::any_ascii_char;
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use crate::edits::is_one_edit;
use crate::entity::Name;
use crate::options::Edits;

/// Words of a name that are looked at; what follows is passed over, so that a query has a bounded cost.
pub(crate) const WORDS_MAX: usize = 100;

/// How a name is taken apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Style {
    /// As a human being's: titles go, `J.R.` is two initials.
    Person,
    /// As a company's or thing's: legal forms are set apart, `S.A.` is one word.
    Business,
}

/// A normalised name.
///
/// It may come from a query, so it prints nothing.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Words {
    /// The words that are compared, in the order of the name; only `a` to `z` and `0` to `9`.
    pub core: Vec<String>,
    /// The legal forms of a business in their short form, sorted; empty for a person.
    pub forms: Vec<String>,
    /// How many leading words are given names, if the name came in parts.
    pub given: Option<usize>,
}

impl std::fmt::Debug for Words {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Words([redacted])")
    }
}

impl Words {
    /// Whether nothing is left to compare.
    pub fn is_empty(&self) -> bool {
        self.core.is_empty()
    }
}

/// Takes a name apart into the words that are compared.
pub fn normalise(name: &Name, style: Style) -> Words {
    match (style, &name.given, &name.family) {
        (Style::Person, Some(given), Some(family)) => person(words(given, style), words(family, style)),
        (Style::Person, ..) => Words { given: None, ..person(words(&name.text, style), vec![]) },
        (Style::Business, ..) => business(words(&name.text, style)),
    }
}

fn person(mut given: Vec<String>, mut family: Vec<String>) -> Words {
    let titles = Titles::get();
    let leads = |word: &String, left: usize| {
        titles.always.contains(word.as_str()) && left > 1 || titles.spare.contains(word.as_str()) && left > 2
    };
    while given.first().is_some_and(|word| leads(word, given.len() + family.len())) {
        given.remove(0);
    }
    let mut left = given.len() + family.len();
    for words in [&mut given, &mut family] {
        words.retain(|word| {
            let goes = left > 1 && titles.suffix.contains(word.as_str());
            left -= usize::from(goes);
            !goes
        });
    }
    let count = given.len();
    given.append(&mut family);
    given.truncate(WORDS_MAX);
    let inside = count > 0 && count < given.len();
    Words { core: given, forms: vec![], given: inside.then_some(count) }
}

fn business(words: Vec<String>) -> Words {
    let (core, mut forms) = Forms::get().set_apart(&words);
    forms.sort_unstable();
    // A name that is nothing but legal forms is compared as it stands.
    if core.is_empty() {
        return Words { core: words, forms: vec![], given: None };
    }
    Words { core, forms, given: None }
}

/// Splits a text into words of Latin letters and digits.
fn words(text: &str, style: Style) -> Vec<String> {
    let mut words = Vec::new();
    let mut word = String::new();
    for character in text.nfkc() {
        match character {
            // Joins: O'Brien is one word, however the apostrophe is written.
            '\'' | '’' | '‘' | '`' | '´' | 'ʼ' | 'ʻ' | 'ʿ' | 'ʾ' | 'ʹ' | 'ʺ' | '″' | '\u{200c}'
            | '\u{200d}' | '\u{ad}' => {}
            '.' | '․' | '·' => word.push('.'),
            '&' => {
                finish(&mut word, style, &mut words);
                words.push("and".to_owned());
            }
            other if other.is_alphanumeric() || is_combining_mark(other) => {
                let latin = any_ascii_char(other).bytes().filter(u8::is_ascii_alphanumeric);
                word.extend(latin.map(|byte| char::from(byte.to_ascii_lowercase())));
            }
            _ => finish(&mut word, style, &mut words),
        }
        if words.len() >= WORDS_MAX {
            break;
        }
    }
    finish(&mut word, style, &mut words);
    words.truncate(WORDS_MAX);
    words
}

/// Ends a word: full stops part it, unless it is an abbreviation of single letters.
fn finish(word: &mut String, style: Style, words: &mut Vec<String>) {
    let parts: Vec<&str> = word.split('.').filter(|part| !part.is_empty()).collect();
    let abbreviation = parts.len() > 1 && parts.iter().all(|part| part.len() == 1);
    if abbreviation && style == Style::Business {
        words.push(parts.concat());
    } else {
        words.extend(parts.into_iter().map(str::to_owned));
    }
    word.clear();
}

struct Titles {
    always: HashSet<&'static str>,
    spare: HashSet<&'static str>,
    suffix: HashSet<&'static str>,
}

impl Titles {
    fn get() -> &'static Self {
        static TITLES: OnceLock<Titles> = OnceLock::new();
        TITLES.get_or_init(|| {
            let table = include_str!("tables/titles.txt");
            let of = |class: &str| {
                let lines = table.lines().filter_map(|line| line.strip_prefix(class));
                lines.flat_map(str::split_whitespace).collect()
            };
            Self { always: of("always "), spare: of("spare "), suffix: of("suffix ") }
        })
    }
}

/// The legal forms by the words they begin with; longer ways to write one come first.
struct Forms(HashMap<&'static str, Vec<Form>>);

struct Form {
    words: Vec<&'static str>,
    short: &'static str,
}

impl Forms {
    fn get() -> &'static Self {
        static FORMS: OnceLock<Forms> = OnceLock::new();
        FORMS.get_or_init(|| {
            let mut forms: HashMap<&str, Vec<Form>> = HashMap::new();
            let table = include_str!("tables/forms.txt");
            for line in table.lines().filter(|line| !line.starts_with('#')) {
                let short = line.split('|').next().unwrap_or_default();
                for written in line.split('|') {
                    let words: Vec<&str> = written.split(' ').collect();
                    forms.entry(words[0]).or_default().push(Form { words, short });
                }
            }
            for list in forms.values_mut() {
                list.sort_by_key(|form| std::cmp::Reverse(form.words.len()));
            }
            Self(forms)
        })
    }

    fn set_apart(&self, words: &[String]) -> (Vec<String>, Vec<String>) {
        let (mut core, mut forms) = (Vec::new(), Vec::new());
        let mut at = 0;
        while at < words.len() {
            let rest = &words[at..];
            let starts = |form: &&Form| {
                rest.len() >= form.words.len() && form.words.iter().zip(rest).all(|(a, b)| a == b)
            };
            let form = self.0.get(words[at].as_str()).and_then(|list| list.iter().find(starts));
            // In front a form is a name: “Sa Sa Cosmetics”, “Est Bank”.
            match form.filter(|form| at > 0 || form.words.len() > 1 || is_cyrillic_form(form.short)) {
                Some(form) => {
                    forms.push(form.short.to_owned());
                    at += form.words.len();
                }
                None => {
                    core.push(words[at].clone());
                    at += 1;
                }
            }
        }
        (core, forms)
    }
}

/// Whether a word is, but for a typing slip, a longer word of which legal forms are made, such as `Company`.
pub(crate) fn is_like_form(word: &str) -> bool {
    const LETTERS_MIN: usize = 5;
    let words = Forms::get().0.values().flatten().flat_map(|form| &form.words);
    let mut long = words.filter(|form| form.len() >= LETTERS_MIN);
    long.any(|form| *form == word || is_one_edit(form.as_bytes(), word.as_bytes(), Edits::Any))
}

/// Whether a form stands in front of the name by custom, as in `OOO Romashka`.
fn is_cyrillic_form(short: &str) -> bool {
    matches!(short, "ooo" | "oao" | "zao" | "pao" | "ao" | "tov")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn core(text: &str, style: Style) -> String {
        normalise(&Name::whole(text), style).core.join(" ")
    }

    #[test]
    fn case_marks_and_scripts_are_brought_to_one_form() {
        for (text, words) in [
            ("  JOSÉ   Ñuñez-Pérez ", "jose nunez perez"),
            ("e\u{301}mile", "emile"),
            ("O’Brien", "obrien"),
            ("Владимир Путин", "vladimir putin"),
            ("习近平", "xijinping"),
            ("Ｊｏｈｎ", "john"),
            ("STRAẞE", "strasse"),
            ("---", ""),
            ("", ""),
        ] {
            assert_eq!(core(text, Style::Person), words, "{text}");
        }
    }

    #[test]
    fn titles_go_while_a_name_remains() {
        for (text, words) in [
            ("Dr. John Smith Jr.", "john smith"),
            ("Mr Smith", "smith"),
            ("Mullah Mohammed Omar", "mohammed omar"),
            ("Mullah Omar", "mullah omar"),
            ("Prince", "prince"),
            ("Dr.", "dr"),
            ("J.R. Smith", "j r smith"),
        ] {
            assert_eq!(core(text, Style::Person), words, "{text}");
        }
    }

    #[test]
    fn parts_are_remembered() {
        let words = normalise(&Name::parts("Dr. Usama", "BIN LADIN, Jr."), Style::Person);
        assert_eq!((words.core.join(" ").as_str(), words.given), ("usama bin ladin", Some(1)));
        assert_eq!(normalise(&Name::parts("", "Smith"), Style::Person).given, None);
    }

    #[test]
    fn legal_forms_are_set_apart() {
        for (text, words, forms) in [
            ("Acme Limited Liability Company", "acme", "llc"),
            ("ACME L.L.C.", "acme", "llc"),
            ("ООО «Ромашка»", "romashka", "ooo"),
            ("Grupo Uno, S.A. de C.V.", "grupo uno", "sadecv"),
            ("Import & Export Co., Ltd.", "import and export", "co ltd"),
            ("Limited", "limited", ""),
            ("AB Volvo", "ab volvo", ""),
        ] {
            let found = normalise(&Name::whole(text), Style::Business);
            assert_eq!(
                (found.core.join(" ").as_str(), found.forms.join(" ").as_str()),
                (words, forms),
                "{text}"
            );
        }
    }
}
