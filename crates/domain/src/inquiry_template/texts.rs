//! Texts that people read, in one language or in several.

use std::collections::BTreeMap;
use std::fmt;

use serde::de::{Deserializer, MapAccess, Visitor};
use serde::{Deserialize, Serialize};

/// A text, the same for everyone or one for each language.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum Text {
    /// The same for everyone: it is in the default language.
    Everywhere(String),
    /// Language to text.
    PerLanguage(BTreeMap<String, String>),
}

impl<'de> Deserialize<'de> for Text {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Reading;
        impl<'de> Visitor<'de> for Reading {
            type Value = Text;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a text, or an object with a text for each language")
            }

            fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Text, E> {
                Ok(Text::Everywhere(text.to_owned()))
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Text, A::Error> {
                let mut texts = BTreeMap::new();
                while let Some((language, text)) = map.next_entry()? {
                    texts.insert(language, text);
                }
                Ok(Text::PerLanguage(texts))
            }
        }
        deserializer.deserialize_any(Reading)
    }
}

impl Text {
    /// The text for somebody who reads `language`: in that language, in a variety of it, in the default
    /// language, in whichever there is. Empty only if there is none at all.
    #[must_use]
    pub fn in_language(&self, language: &str, default: &str) -> &str {
        match self {
            Self::Everywhere(text) => text,
            Self::PerLanguage(texts) => {
                let known: Vec<&str> = texts.keys().map(String::as_str).collect();
                let found = closest(language, &known).or_else(|| closest(default, &known));
                found.and_then(|key| texts.get(key)).or_else(|| texts.values().next()).map_or("", |text| text)
            }
        }
    }

    /// The text given for exactly this language, if there is one.
    #[must_use]
    pub fn given_for(&self, language: &str, default: &str) -> Option<&str> {
        match self {
            Self::Everywhere(text) => (language == default).then_some(text),
            Self::PerLanguage(texts) => texts.get(language).map(String::as_str),
        }
    }

    /// The same text with what is said in one language changed, or taken out.
    #[must_use]
    pub(super) fn with(&self, language: &str, default: &str, said: Option<&str>) -> Self {
        let mut texts = match self {
            Self::Everywhere(text) => BTreeMap::from([(default.to_owned(), text.clone())]),
            Self::PerLanguage(texts) => texts.clone(),
        };
        match said {
            Some(said) => texts.insert(language.to_owned(), said.to_owned()),
            None => texts.remove(language),
        };
        match texts.first_key_value() {
            Some((only, text)) if texts.len() == 1 && only == default => Self::Everywhere(text.clone()),
            _ => Self::PerLanguage(texts),
        }
    }

    /// All that is said, with the language where one is named.
    pub(super) fn sayings(&self) -> Vec<(Option<&str>, &str)> {
        match self {
            Self::Everywhere(text) => vec![(None, text)],
            Self::PerLanguage(texts) => {
                texts.iter().map(|(language, text)| (Some(language.as_str()), text.as_str())).collect()
            }
        }
    }
}

/// The language that is the wanted one, or else another variety of it: `fr-CA` and `fr` and `fr-FR` are close.
pub(super) fn closest<'l>(wanted: &str, known: &[&'l str]) -> Option<&'l str> {
    let base = |language: &str| language.split(['-', '_']).next().unwrap_or_default().to_ascii_lowercase();
    let same = |one: &str| one.replace('_', "-").eq_ignore_ascii_case(&wanted.replace('_', "-"));
    let wanted_base = base(wanted);
    let find = |is_it: &dyn Fn(&str) -> bool| known.iter().copied().find(|language| is_it(language));
    find(&same)
        .or_else(|| find(&|language| language.eq_ignore_ascii_case(&wanted_base)))
        .or_else(|| find(&|language| !wanted_base.is_empty() && base(language) == wanted_base))
}

impl super::Definition {
    /// The language in which a person who asks for `wanted` is shown the flow.
    #[must_use]
    pub fn language_for(&self, wanted: &str) -> &str {
        let known: Vec<&str> = self.languages.iter().map(String::as_str).collect();
        closest(wanted, &known).unwrap_or(&self.default_language)
    }

    /// The text in a language, or in the nearest there is; empty if there is no text.
    #[must_use]
    pub fn say<'d>(&'d self, text: Option<&'d Text>, language: &str) -> &'d str {
        text.map_or("", |text| text.in_language(language, &self.default_language))
    }
}

/// What is wrong with the name of a language, if anything.
pub(super) fn language_fault(language: &str) -> Option<&'static str> {
    let mut parts = language.split('-');
    let is_base = |part: &str| (2..=3).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_lowercase());
    let is_part =
        |part: &str| (2..=8).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_alphanumeric());
    let is_right = parts.next().is_some_and(is_base) && parts.all(is_part) && language.len() <= 35;
    (!is_right).then_some("must be a language like en or fr-CA")
}
