//! Whom one looks for.

use std::fmt;

use crate::crypto;
use crate::date::PartialDate;
use crate::entity::Name;
use crate::normalise::{Style, Words, normalise};

/// The name of a person as a caller gives it; any part may be missing.
#[derive(Clone, Copy, Default)]
pub struct PersonName<'a> {
    /// First name.
    pub first: Option<&'a str>,
    /// Middle names.
    pub middle: Option<&'a str>,
    /// Last name.
    pub last: Option<&'a str>,
    /// The whole name in one, instead of parts or beside them.
    pub term: Option<&'a str>,
}

/// Whom one looks for. Holds personal data, so it prints nothing.
#[derive(Clone)]
pub struct Query {
    pub(crate) subject: Subject,
    pub(crate) birth_date: Option<PartialDate>,
    pub(crate) country: Option<String>,
}

#[derive(Clone)]
pub(crate) enum Subject {
    Names(Style, Vec<Words>),
    CryptoAddress(String),
}

impl fmt::Debug for Query {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Query([redacted])")
    }
}

impl Query {
    /// Looks for a human being.
    pub fn person(name: PersonName<'_>) -> Self {
        let some = |part: Option<&str>| part.unwrap_or_default().trim().to_owned();
        let given = format!("{} {}", some(name.first), some(name.middle));
        let family = some(name.last);
        let parts = match (given.trim(), family.as_str()) {
            ("", "") => Name::default(),
            (given, "") => Name::whole(given),
            ("", family) => Name::whole(family),
            (given, family) => Name::parts(given, family),
        };
        let names = [parts, Name::whole(some(name.term))];
        let words = names.iter().map(|name| normalise(name, Style::Person)).filter(|words| !words.is_empty());
        let mut words: Vec<Words> = words.collect();
        words.dedup_by(|one, two| one.core == two.core);
        Self::of(Subject::Names(Style::Person, words))
    }

    /// Looks for a business, a vessel or the like.
    pub fn business(term: &str) -> Self {
        let words = normalise(&Name::whole(term), Style::Business);
        let words = if words.is_empty() { vec![] } else { vec![words] };
        Self::of(Subject::Names(Style::Business, words))
    }

    /// Looks for an address of a crypto currency.
    pub fn crypto_address(address: &str) -> Self {
        Self::of(Subject::CryptoAddress(crypto::canonical(address)))
    }

    fn of(subject: Subject) -> Self {
        Self { subject, birth_date: None, country: None }
    }

    /// With a date of birth.
    pub fn born(self, birth_date: Option<PartialDate>) -> Self {
        Self { birth_date, ..self }
    }

    /// With a country, as ISO 3166-1 alpha-2.
    pub fn country(self, code: Option<&str>) -> Self {
        Self {
            country: code.map(|code| code.trim().to_ascii_uppercase()).filter(|code| !code.is_empty()),
            ..self
        }
    }

    /// Whether there is nothing to look for: no letter or digit is left of the name.
    pub fn is_empty(&self) -> bool {
        match &self.subject {
            Subject::Names(_, names) => names.is_empty(),
            Subject::CryptoAddress(address) => address.is_empty(),
        }
    }
}
