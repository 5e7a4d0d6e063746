//! Whether two normalised names match, why, and how well: the one place that decides it.
//!
//! The index only proposes names; whatever it leaves out would be refused here too (a property test watches this).

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use crate::edits::is_one_edit;
use crate::equivalents;
use crate::matching::{Pairing, pair};
use crate::normalise::{Style, Words, is_like_form};
use crate::options::{Fuzziness, NameRules};

/// Why a name matched.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum MatchType {
    /// The same words.
    Exact,
    /// The name is an alias.
    Aka,
    /// One name holds words, or a legal form, that the other lacks.
    Partial,
    /// An initial stands for a word.
    Initials,
    /// Only spaces and punctuation differ, or they and one letter.
    Joined,
    /// First and last name match, other words do not.
    FirstLast,
    /// A nickname, another spelling, a homophone, another legal form.
    Equivalent,
    /// A typing slip.
    Fuzzy,
    /// The same address of a crypto currency.
    CryptoAddress,
}

/// How two names match.
#[derive(Clone, Debug, PartialEq)]
pub struct NameMatch {
    /// 1 for equal names, towards 0 for ever less alike ones.
    pub score: f32,
    /// Why, sorted.
    pub types: Vec<MatchType>,
}

/// A word with the keys under which it is equivalent to others.
#[derive(Clone, Copy)]
pub(crate) struct Word<'a> {
    pub(crate) text: &'a str,
    pub(crate) keys: &'a [u32],
}

/// A name ready to be compared.
pub(crate) struct Candidate<'a> {
    pub(crate) core: Vec<Word<'a>>,
    pub(crate) forms: Vec<&'a str>,
    pub(crate) given: Option<usize>,
}

/// The name one looks for, with what is asked of it again and again.
pub(crate) struct Wanted {
    pub(crate) style: Style,
    words: Words,
    keys: Vec<Vec<u32>>,
    /// Its letters in one word, beginning with each of its words.
    pub(crate) joined: Vec<String>,
}

/// Longer names are joined in their own order only.
const ROTATED_WORDS_MAX: usize = 12;

impl Wanted {
    pub(crate) fn new(words: Words, style: Style) -> Self {
        let keys = words.core.iter().map(|word| equivalents::keys(word)).collect();
        let count = words.core.len();
        let rotations = if count <= ROTATED_WORDS_MAX { count } else { 1 };
        let mut joined: Vec<String> =
            (0..rotations).map(|from| [&words.core[from..], &words.core[..from]].concat().concat()).collect();
        joined.dedup();
        Self { style, words, keys, joined }
    }

    /// As a name to compare.
    pub(crate) fn candidate(&self) -> Candidate<'_> {
        let core = self.words.core.iter().zip(&self.keys).map(|(text, keys)| Word { text, keys });
        let forms = self.words.forms.iter().map(String::as_str);
        Candidate { core: core.collect(), forms: forms.collect(), given: self.words.given }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Relation {
    Same,
    Equivalent,
    Fuzzy,
    Initial,
}

/// How two words relate under the rules.
fn relate(one: Word<'_>, two: Word<'_>, rules: NameRules, slip: Slip) -> Option<Relation> {
    if one.text == two.text {
        return Some(Relation::Same);
    }
    let (short, long) = (one.text.len().min(two.text.len()), one.text.len().max(two.text.len()));
    if short == 1 {
        let initial = rules.partial && one.text.as_bytes()[0] == two.text.as_bytes()[0];
        return initial.then_some(Relation::Initial);
    }
    if rules.equivalents && equivalents::share(one.keys, two.keys) {
        return Some(Relation::Equivalent);
    }
    let long_enough = match slip {
        Slip::InWord => rules.fuzziness.word_letters_min().is_some_and(|min| long >= min),
        Slip::InName => rules.fuzziness != Fuzziness::Off,
    };
    (long_enough && is_one_edit(one.text.as_bytes(), two.text.as_bytes(), rules.edits))
        .then_some(Relation::Fuzzy)
}

/// What must be long enough for a slip to be let pass.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Slip {
    /// Each word; every word may have one.
    InWord,
    /// The whole name; one word of it may have one.
    InName,
}

/// Compares two names; none if the rules do not let them match.
///
/// `query` is the candidate of `wanted`, made once for many names.
pub(crate) fn judge(
    wanted: &Wanted,
    query: &Candidate<'_>,
    name: &Candidate<'_>,
    rules: NameRules,
) -> Option<NameMatch> {
    let forms = forms(&query.forms, &name.forms, rules)?;
    let comparison = Comparison { style: wanted.style, query, name, rules };
    // Of equal scores the last one counts: words say more than letters.
    let found = [
        comparison.by_letters(wanted),
        if wanted.style == Style::Person { comparison.by_first_and_last() } else { None },
        comparison.by_words(),
    ];
    let best = found.into_iter().flatten().max_by(|one, two| one.score.total_cmp(&two.score))?;
    Some(with_forms(best, forms))
}

/// What the legal forms say, if they let the names match.
fn forms(query: &[&str], name: &[&str], rules: NameRules) -> Option<Option<MatchType>> {
    if query == name {
        Some(None)
    } else if query.is_empty() || name.is_empty() {
        rules.partial.then_some(Some(MatchType::Partial))
    } else {
        rules.equivalents.then_some(Some(MatchType::Equivalent))
    }
}

fn with_forms(mut found: NameMatch, forms: Option<MatchType>) -> NameMatch {
    if let Some(forms) = forms {
        found.score *= 0.98;
        found.types.retain(|one| *one != MatchType::Exact);
        found.types.push(forms);
    }
    found.types.sort_unstable();
    found.types.dedup();
    found
}

/// Whether a listed name of a single word may match a longer one: if what is left over may be a misspelled legal form.
pub(crate) fn lone_names_match(style: Style, rules: NameRules) -> bool {
    style == Style::Business && rules.partial && rules.fuzziness != Fuzziness::Off
}

struct Comparison<'a> {
    style: Style,
    query: &'a Candidate<'a>,
    name: &'a Candidate<'a>,
    rules: NameRules,
}

impl Comparison<'_> {
    fn relation(&self, one: usize, two: usize, slip: Slip) -> Option<Relation> {
        relate(self.query.core[one], self.name.core[two], self.rules, slip)
    }

    /// All words of one name are found in the other.
    fn by_words(&self) -> Option<NameMatch> {
        let (asked, listed) = (self.query.core.len(), self.name.core.len());
        let partial = asked != listed;
        // A single word on a list would match everybody who bears it; a single word somebody looks for is their wish.
        let lone = listed < asked && listed < 2;
        if partial && !self.rules.partial || lone && !lone_names_match(self.style, self.rules) {
            return None;
        }
        let slip = if self.rules.partial { Slip::InWord } else { Slip::InName };
        // What is left over of the longer name may hold the word an initial of it stands for; so it explains nothing.
        let explains = |one: usize, found: &Relation| {
            let initial_asked = self.query.core[one].text.len() == 1;
            *found != Relation::Initial || !partial || initial_asked == (asked < listed)
        };
        let rank = |one, two| {
            self.relation(one, two, slip).filter(|found| explains(one, found)).map(|found| found as u8)
        };
        let pairing = pair(asked, listed, rank);
        if pairing.len() < asked.min(listed) {
            return None;
        }
        if lone {
            let mut rest = pairing.0.iter().zip(&self.query.core).filter(|(partner, _)| partner.is_none());
            if !rest.all(|(_, word)| is_like_form(word.text)) {
                return None;
            }
        }
        let pairing = if slip == Slip::InName { self.with_one_slip(pairing)? } else { pairing };
        let mut found = self.scored(&pairing, slip, partial.then_some(MatchType::Partial))?;
        found.types.extend(lone.then_some(MatchType::Fuzzy));
        Some(found)
    }

    /// Turns a pairing that may hold several slips into one with a single slip in a name that is long enough.
    fn with_one_slip(&self, pairing: Pairing) -> Option<Pairing> {
        let relation = |(one, two)| self.relation(one, two, Slip::InName);
        if !pairing.pairs().any(|pair| relation(pair) == Some(Relation::Fuzzy)) {
            return Some(pairing);
        }
        let sound = |one: usize, two: usize| relation((one, two)).filter(|found| *found != Relation::Fuzzy);
        let count = self.query.core.len();
        let strict = pair(count, count, |one, two| sound(one, two).map(|found| found as u8));
        if strict.len() == count {
            return Some(strict);
        }
        let letters = |words: &[Word<'_>]| words.iter().map(|word| word.text.len()).sum::<usize>();
        let long = letters(&self.query.core).max(letters(&self.name.core));
        self.rules.fuzziness.name_letters_min().filter(|min| long >= *min)?;
        let slips = (0..count).flat_map(|one| (0..count).map(move |two| (one, two)));
        slips.filter(|slip| relation(*slip) == Some(Relation::Fuzzy)).find_map(|slip| {
            let pairing = pair(count, count, |one, two| match (one == slip.0, two == slip.1) {
                (true, true) => Some(Relation::Fuzzy as u8),
                (false, false) => sound(one, two).map(|found| found as u8),
                _ => None,
            });
            (pairing.len() == count).then_some(pairing)
        })
    }

    /// The first word and the family name are found in the other name, whatever else it holds.
    fn by_first_and_last(&self) -> Option<NameMatch> {
        if !self.rules.first_last || self.query.core.len() < 2 || self.name.core.len() < 2 {
            return None;
        }
        let slip = if self.rules.partial { Slip::InWord } else { Slip::InName };
        let rank = |one, two| self.relation(one, two, slip).map(|found| found as u8);
        let mut best: Option<NameMatch> = None;
        for asked in ends(self.query) {
            for listed in ends(self.name) {
                let first = rank(asked.first, listed.first);
                let family = |one: usize, two: usize| {
                    let full = |found: &u8| *found != Relation::Initial as u8;
                    rank(asked.family.start + one, listed.family.start + two).filter(full)
                };
                let few = asked.family.len().min(listed.family.len());
                let families = pair(asked.family.len(), listed.family.len(), family);
                if first.is_none() || families.len() < few {
                    continue;
                }
                let mut pairing = Pairing(vec![None; self.query.core.len()]);
                pairing.0[asked.first] = Some(listed.first);
                for (one, two) in families.pairs() {
                    pairing.0[asked.family.start + one] = Some(listed.family.start + two);
                }
                let found = self
                    .slips_allowed(&pairing, slip)
                    .then(|| self.scored(&pairing, slip, Some(MatchType::FirstLast)));
                best = best
                    .into_iter()
                    .chain(found.flatten())
                    .max_by(|one, two| one.score.total_cmp(&two.score));
            }
        }
        best
    }

    /// Without partial names one slip is let pass, in a name that is long enough.
    fn slips_allowed(&self, pairing: &Pairing, slip: Slip) -> bool {
        let fuzzy = |&(one, two): &(usize, usize)| self.relation(one, two, slip) == Some(Relation::Fuzzy);
        let count = pairing.pairs().filter(fuzzy).count();
        if slip == Slip::InWord || count == 0 {
            return true;
        }
        let letters: usize = self.query.core.iter().map(|word| word.text.len()).sum();
        count == 1 && self.rules.fuzziness.name_letters_min().is_some_and(|min| letters >= min)
    }

    /// The letters are the same, or one edit apart, whatever words they form.
    fn by_letters(&self, wanted: &Wanted) -> Option<NameMatch> {
        if !self.rules.joined {
            return None;
        }
        let listed = joined(self.name);
        let spaced = self.query.core.len() != self.name.core.len();
        if wanted.joined.iter().any(|asked| *asked == *listed) {
            return Some(NameMatch { score: 0.97, types: vec![MatchType::Joined] });
        }
        let min = self.rules.fuzziness.name_letters_min()?;
        let near = |asked: &&String| {
            asked.len().max(listed.len()) >= min
                && is_one_edit(asked.as_bytes(), listed.as_bytes(), self.rules.edits)
        };
        let asked = wanted.joined.iter().find(near)?;
        let score = 0.97 * strsim::normalized_damerau_levenshtein(asked, &listed) as f32;
        let joined = spaced.then_some(MatchType::Joined);
        Some(NameMatch { score, types: joined.into_iter().chain([MatchType::Fuzzy]).collect() })
    }

    /// Scores a pairing: how alike the paired words are, weighed by their letters; words left over count half.
    fn scored(&self, pairing: &Pairing, slip: Slip, kind: Option<MatchType>) -> Option<NameMatch> {
        let (mut alike, mut paired, mut full) = (0.0, 0, 0);
        let mut types: Vec<MatchType> = kind.into_iter().collect();
        for (one, two) in pairing.pairs() {
            let (asked, listed) = (self.query.core[one].text, self.name.core[two].text);
            let relation = self.relation(one, two, slip)?;
            let letters = asked.len() + listed.len();
            alike += likeness(relation, asked, listed) * letters as f32;
            paired += letters;
            full += usize::from(asked.len() > 1 && listed.len() > 1);
            types.extend(type_of(relation));
        }
        if full == 0 && types.contains(&MatchType::Initials) {
            return None;
        }
        let letters = |words: &[Word<'_>]| words.iter().map(|word| word.text.len()).sum::<usize>();
        let left = letters(&self.query.core) + letters(&self.name.core) - paired;
        if types.is_empty() {
            types.push(MatchType::Exact);
        }
        Some(NameMatch { score: alike / (paired as f32 + left as f32 / 2.0), types })
    }
}

fn type_of(relation: Relation) -> Option<MatchType> {
    match relation {
        Relation::Same => None,
        Relation::Equivalent => Some(MatchType::Equivalent),
        Relation::Fuzzy => Some(MatchType::Fuzzy),
        Relation::Initial => Some(MatchType::Initials),
    }
}

fn likeness(relation: Relation, asked: &str, listed: &str) -> f32 {
    match relation {
        Relation::Same => 1.0,
        Relation::Equivalent => (strsim::jaro_winkler(asked, listed) as f32).max(0.85),
        Relation::Fuzzy => strsim::normalized_damerau_levenshtein(asked, listed) as f32,
        Relation::Initial => 0.7,
    }
}

/// The letters of a name in one word.
pub(crate) fn joined<'a>(name: &Candidate<'a>) -> Cow<'a, str> {
    match name.core.as_slice() {
        [only] => Cow::Borrowed(only.text),
        words => Cow::Owned(words.iter().map(|word| word.text).collect()),
    }
}

/// Where the first name and the family name stand.
struct Ends {
    first: usize,
    family: std::ops::Range<usize>,
}

/// The ways to read a name: by its parts, or, if only the whole is known, from either end.
fn ends(name: &Candidate<'_>) -> Vec<Ends> {
    let count = name.core.len();
    match name.given {
        Some(given) => vec![Ends { first: 0, family: given..count }],
        None => vec![Ends { first: 0, family: count - 1..count }, Ends { first: count - 1, family: 0..1 }],
    }
}
