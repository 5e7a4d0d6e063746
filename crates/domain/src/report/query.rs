//! What a report asks: the query of each kind, and what it must hold (spec D.2).

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::ReportKind;
use super::shape::{Member, Null, fit_members, members};
use crate::violation::Violation;

/// The query of a report, by the names of the API. Personal data: it never prints.
#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ReportQuery(Map<String, Value>);

impl fmt::Debug for ReportQuery {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[redacted]")
    }
}

macro_rules! queries {
    ($($kind:ident { $($members:tt)* })*) => {
        impl ReportKind {
            /// The members of its query; none for a kind that cannot be asked for. One that may not be null must be
            /// given.
            #[must_use]
            pub const fn query_members(self) -> &'static [Member] {
                match self {
                    $(Self::$kind => members!($($members)*),)*
                    Self::BusinessAssociatedPersons | Self::BusinessRegistrationsLookup => &[],
                }
            }
        }
    };
}

queries! {
    AddressLookup {
        "addressee"? text, "address-street-1": text, "address-street-2"? text, "address-city": text,
        "address-subdivision": text, "address-postal-code": text, "address-country-code": country,
    }
    AdverseMedia {
        "name-first"? text, "name-middle"? text, "name-last"? text, "term"? text, "birthdate"? date,
        "country-code"? country,
    }
    BusinessAdverseMedia { "term": text }
    BusinessLookup {
        "business-name": text, "phone-number"? text, "website"? text, "ein"? text, "address-street-1": text,
        "address-street-2"? text, "address-city": text, "address-subdivision": text,
        "address-postal-code": text, "address-country-code"? country,
        "associated-people"? [{
            "name-full"? text, "name-first"? text, "name-last"? text, "titles"? [(nullable text)],
        }],
    }
    BusinessWatchlist { "term": text, "address-country-code"? country }
    CryptoAddressWatchlist { "crypto-address": text }
    EmailAddress { "email-address": text }
    PhoneNumber { "phone-number": text }
    PoliticallyExposedPerson {
        "name-first"? text, "name-middle"? text, "name-last"? text, "term"? text, "birthdate"? date,
        "country-code"? country,
    }
    Profile {
        "name-first"? text, "name-last"? text, "birthdate"? date, "social-security-number"? ssn,
        "address-street-1"? text, "address-street-2"? text, "address-city"? text, "address-subdivision"? text,
        "address-postal-code"? text, "country-code"? country, "phone-number"? text,
    }
    ProfileNonAuthoritative {
        "name-first"? text, "name-last"? text, "phone-number"? text, "email-address"? text, "address-city"? text,
        "address-subdivision"? text,
    }
    SocialMedia {
        "name-first"? text, "name-last"? text, "birthdate"? date, "phone-number"? text, "email-address"? text,
        "address-city"? text, "address-subdivision"? text, "address-postal-code"? text,
        "address-country-code"? country,
    }
    Synthetic {
        "name-first": text, "name-last": text, "birthdate": date, "social-security-number"? ssn,
        "identification-number"? text, "address-street-1": text, "address-street-2"? text, "address-city": text,
        "address-subdivision": text, "address-postal-code": text, "address-country-code": country,
        "phone-number"? text, "email-address"? text,
    }
    Watchlist {
        "name-first"? text, "name-middle"? text, "name-last"? text, "term"? text, "birthdate"? date,
        "address-country-code"? country,
    }
}

/// Sets of members, one of which must be there whole.
const NAMES: &[&[&str]] = &[&["name-first"], &["name-middle"], &["name-last"], &["term"]];
const CONTACTS: &[&[&str]] = &[
    &["phone-number"],
    &["email-address"],
    &["name-first", "name-last", "address-city", "address-subdivision"],
];
const NUMBERS: &[&[&str]] = &[&["social-security-number"], &["identification-number"]];

impl ReportKind {
    /// Whether a report of this kind can be asked for.
    #[must_use]
    pub const fn can_be_created(self) -> bool {
        !matches!(self, Self::BusinessAssociatedPersons | Self::BusinessRegistrationsLookup)
    }

    /// Whether its reports are made inside Muster, against lists that the operator loads.
    #[must_use]
    pub const fn is_local(self) -> bool {
        matches!(
            self,
            Self::Watchlist
                | Self::BusinessWatchlist
                | Self::PoliticallyExposedPerson
                | Self::CryptoAddressWatchlist
        )
    }

    /// Sets of members of its query, one of which must be there whole.
    #[must_use]
    pub const fn one_of(self) -> &'static [&'static [&'static str]] {
        match self {
            Self::Watchlist | Self::PoliticallyExposedPerson | Self::AdverseMedia => NAMES,
            Self::ProfileNonAuthoritative | Self::SocialMedia => CONTACTS,
            Self::Synthetic => NUMBERS,
            _ => &[],
        }
    }
}

impl ReportQuery {
    /// Reads the query of a kind; what is blank counts as left out.
    ///
    /// # Errors
    /// Lists what is missing, not known or of another form; paths start below the query, and no message holds a
    /// value.
    pub fn parse(kind: ReportKind, given: &Map<String, Value>) -> Result<Self, Vec<Violation>> {
        let known = kind.query_members();
        let mut wrong: Vec<Violation> = given
            .keys()
            .filter(|name| known.iter().all(|member| member.name != name.as_str()))
            .map(|name| Violation::new([name.as_str()], unknown(known)))
            .collect();
        let is_blank =
            |value: &Value| value.is_null() || value.as_str().is_some_and(|text| text.trim().is_empty());
        let set: Map<String, Value> = given
            .iter()
            .filter(|(_, value)| !is_blank(value))
            .map(|(name, value)| (name.clone(), trimmed(value)))
            .collect();
        let missing =
            known.iter().filter(|member| member.null == Null::Never && !set.contains_key(member.name));
        wrong.extend(missing.map(|member| Violation::new([member.name], "must be given")));
        let one_of = kind.one_of();
        if !one_of.is_empty() && !one_of.iter().any(|names| names.iter().all(|name| set.contains_key(*name)))
        {
            wrong.push(Violation::new::<String>([], wanted(one_of)));
        }
        match fit_members(known, &set) {
            Ok(members) if wrong.is_empty() => Ok(Self(members)),
            Ok(_) => Err(wrong),
            Err(faults) => Err(wrong.into_iter().chain(faults).collect()),
        }
    }

    /// A member; none where it was left out.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.0.get(name)
    }

    /// A member that is a text.
    #[must_use]
    pub fn text(&self, name: &str) -> Option<&str> {
        self.get(name).and_then(Value::as_str)
    }

    /// All its members.
    #[must_use]
    pub const fn members(&self) -> &Map<String, Value> {
        &self.0
    }

    /// The name that it asks for, whole: the term, or first, middle and last name; empty where it asks for none.
    #[must_use]
    pub fn whole_name(&self) -> String {
        if let Some(term) = self.text("term") {
            return term.to_owned();
        }
        let parts = ["name-first", "name-middle", "name-last"].into_iter().filter_map(|name| self.text(name));
        parts.collect::<Vec<_>>().join(" ")
    }
}

fn trimmed(value: &Value) -> Value {
    value.as_str().map_or_else(|| value.clone(), |text| text.trim().into())
}

fn unknown(known: &[Member]) -> String {
    let names: Vec<&str> = known.iter().map(|member| member.name).collect();
    format!("is not a member of this query; known are {}", names.join(", "))
}

fn wanted(one_of: &[&[&str]]) -> String {
    let sets: Vec<String> = one_of.iter().map(|names| names.join(" with ")).collect();
    format!("must have one of: {}", sets.join("; "))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn faults(kind: &str, query: &Value) -> Vec<String> {
        let kind = ReportKind::parse(kind).unwrap();
        match ReportQuery::parse(kind, query.as_object().unwrap()) {
            Ok(_) => Vec::new(),
            Err(violations) => violations.iter().map(|one| one.path.join(".")).collect(),
        }
    }

    #[test]
    fn each_kind_says_what_its_query_lacks() {
        let address = json!({"address-street-1": "1 Quay", "address-city": "Gdynia", "address-subdivision": "PM",
            "address-postal-code": "81-001", "address-country-code": "pl"});
        let no_city = json!({"address-street-1": "1 Quay", "address-subdivision": "PM",
            "address-postal-code": "81-001", "address-country-code": "PL"});
        let table = [
            ("watchlist", json!({"name-last": "Wrona"}), vec![]),
            ("watchlist", json!({"term": " ", "birthdate": "1990-12-31"}), vec![""]),
            ("watchlist", json!({"term": "Wrona", "birthdate": "31.12.1990"}), vec!["birthdate"]),
            ("watchlist", json!({"term": "Wrona", "country-code": "PL"}), vec!["country-code"]),
            ("politically-exposed-person", json!({"term": "Wrona", "country-code": "PL"}), vec![]),
            (
                "politically-exposed-person",
                json!({"term": "Wrona", "country-code": "POL"}),
                vec!["country-code"],
            ),
            ("adverse-media", json!({}), vec![""]),
            ("business-watchlist", json!({}), vec!["term"]),
            ("business-watchlist", json!({"term": "Wrona sp."}), vec![]),
            ("crypto-address-watchlist", json!({"crypto-address": null}), vec!["crypto-address"]),
            ("address-lookup", address, vec![]),
            ("address-lookup", no_city, vec!["address-city"]),
            ("profile", json!({}), vec![]),
            ("profile", json!({"social-security-number": "1"}), vec!["social-security-number"]),
            ("profile-non-authoritative", json!({"name-first": "Ines", "name-last": "Sala"}), vec![""]),
            ("social-media", json!({"email-address": "ines@example.com"}), vec![]),
            ("email-address", json!({"email-address": 7}), vec!["email-address"]),
        ];
        for (kind, query, expected) in table {
            assert_eq!(faults(kind, &query), expected, "{kind} {query}");
        }
    }

    #[test]
    fn no_message_holds_a_value() {
        let query = json!({"term": "Wrona", "birthdate": "Secret", "country-code": ["Secret"]});
        let kind = ReportKind::PoliticallyExposedPerson;
        let violations = ReportQuery::parse(kind, query.as_object().unwrap()).unwrap_err();
        assert!(!format!("{violations:?}").contains("Secret"), "{violations:?}");
    }

    #[test]
    fn country_codes_are_written_in_capitals_and_names_joined() {
        let query = json!({"name-first": " Ines ", "name-last": "Sala", "address-country-code": "pt"});
        let read = ReportQuery::parse(ReportKind::Watchlist, query.as_object().unwrap()).unwrap();
        assert_eq!(
            (read.whole_name().as_str(), read.text("address-country-code")),
            ("Ines Sala", Some("PT"))
        );
    }
}
