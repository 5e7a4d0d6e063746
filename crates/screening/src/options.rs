//! What counts as a match.

use serde::{Deserialize, Serialize};

use crate::entity::CountryRole;
use crate::list::ListType;

/// Everything that decides what is a hit.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "kebab-case", deny_unknown_fields)]
pub struct Options {
    /// Which differences between names are let pass.
    pub names: NameMatching,
    /// How a date of birth sorts out.
    pub birth_date: BirthDateRule,
    /// How a country sorts out.
    pub country: CountryRule,
    /// What an entity must be listed for.
    pub topics: Topics,
    /// Which lists are asked.
    pub lists: Lists,
    /// Hits below this score, 0 to 1, are left out.
    pub score_min: f32,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            names: NameMatching::default(),
            birth_date: BirthDateRule::default(),
            country: CountryRule::default(),
            topics: Topics::default(),
            lists: Lists::default(),
            score_min: 0.0,
        }
    }
}

/// A preset, or rules of one's own.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum NameMatching {
    /// The same words, of the primary name or an alias.
    Exact,
    /// As exact; also partial, joined, and first and last name only.
    Strict,
    /// As strict; also equivalents and one typing slip in longer words.
    #[default]
    Tolerant,
    /// What the rules say.
    Custom(NameRules),
}

impl NameMatching {
    /// The rules of the preset.
    pub fn rules(self) -> NameRules {
        let exact = NameRules { akas: true, ..NameRules::default() };
        let strict = NameRules { partial: true, joined: true, first_last: true, ..exact };
        match self {
            Self::Exact => exact,
            Self::Strict => strict,
            Self::Tolerant => NameRules { equivalents: true, fuzziness: Fuzziness::Medium, ..strict },
            Self::Custom(rules) => rules,
        }
    }
}

/// Which differences between names are let pass. The order of words never counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, rename_all = "kebab-case", deny_unknown_fields)]
pub struct NameRules {
    /// Other names than the primary one are asked too.
    pub akas: bool,
    /// One name may hold words the other lacks, and an initial stands for a word.
    pub partial: bool,
    /// Spaces and punctuation are ignored.
    pub joined: bool,
    /// First and last name are enough, whatever stands between.
    pub first_last: bool,
    /// Nicknames, spellings of one name and homophones are the same word.
    pub equivalents: bool,
    /// How long a word must be for a typing slip in it to be let pass.
    pub fuzziness: Fuzziness,
    /// Which slips.
    pub edits: Edits,
}

/// How long a word, or without partial names the whole name, must be to be let differ by one edit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Fuzziness {
    /// No edit.
    #[default]
    Off,
    /// 18 letters.
    Low,
    /// 5 letters of a word, 10 of a name.
    Medium,
    /// 3 letters.
    High,
}

impl Fuzziness {
    /// Letters the longer of two words needs.
    pub(crate) fn word_letters_min(self) -> Option<usize> {
        match self {
            Self::Off => None,
            Self::Low => Some(18),
            Self::Medium => Some(5),
            Self::High => Some(3),
        }
    }

    /// Letters the longer of two whole names needs.
    pub(crate) fn name_letters_min(self) -> Option<usize> {
        match self {
            Self::Off => None,
            Self::Low => Some(18),
            Self::Medium => Some(10),
            Self::High => Some(3),
        }
    }
}

/// What an edit is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Edits {
    /// A letter too many, too few, another one, or two neighbours swapped.
    #[default]
    Any,
    /// A vowel for a vowel.
    Vowels,
}

/// How a date of birth sorts out; where either side has none, the hit stays.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum BirthDateRule {
    /// It does not.
    Off,
    /// Nothing that is known of both dates may differ.
    ExactDate,
    /// The years are the same.
    ExactYear,
    /// The years differ by one at most.
    #[default]
    WithinOneYear,
}

/// How a country sorts out: a hit goes if the query has one, the entity has some in these roles, and none is the same.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, rename_all = "kebab-case", deny_unknown_fields)]
pub struct CountryRule {
    /// The countries of an entity that count; none means that countries do not sort out.
    pub roles: Vec<CountryRole>,
}

impl CountryRule {
    /// Every role counts.
    pub fn any_role() -> Self {
        use CountryRole::{Address, BirthPlace, Citizenship, Nationality, Other, Registration, Residence};
        Self { roles: vec![Citizenship, Nationality, BirthPlace, Residence, Address, Registration, Other] }
    }
}

/// What an entity must be listed for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Topics {
    /// Anything.
    Any,
    /// Sanctions and warnings; an entity without any topic counts too. Who merely holds an office is left out.
    #[default]
    Watchlist,
    /// Who holds, or held, a public office.
    Pep,
    /// As [`Topics::Pep`], and relatives and close associates.
    PepAndRelatives,
}

impl Topics {
    /// Whether an entity of these topics is asked.
    pub(crate) fn admit(self, topics: &[String]) -> bool {
        let has = |wanted: &str| topics.iter().any(|topic| topic == wanted);
        match self {
            Self::Any => true,
            Self::Watchlist => {
                let types = || topics.iter().filter_map(|topic| ListType::of_topic(topic));
                types().next().is_none() || types().any(|one| one != ListType::Pep)
            }
            Self::Pep => has("role.pep"),
            Self::PepAndRelatives => has("role.pep") || has("role.rca"),
        }
    }
}

/// Which lists are asked.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Lists {
    /// All.
    #[default]
    All,
    /// Those with these slugs; of a combined list, also its parts with these slugs.
    Slugs(Vec<String>),
    /// Those of these types.
    Types(Vec<ListType>),
}

/// What a further member of query and entity says about a hit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Agreement {
    /// Both have it, and it agrees.
    Agrees,
    /// Both have it, and it differs; the options let that pass.
    Differs,
    /// One of them has none.
    Unknown,
}
