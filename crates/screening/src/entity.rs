//! Somebody or something a public list names, in one form for every list.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::date::{BirthDate, PartialDate};

/// One entry of a list.
///
/// It holds what public lists publish, so it may be printed and stored in the clear.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, rename_all = "kebab-case")]
pub struct Entity {
    /// Its ID within its list, such as an OFAC number; never empty.
    pub id: String,
    /// What it is.
    pub kind: Kind,
    /// Its primary name.
    pub name: Name,
    /// Other names; weak ones are shown and never matched.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub akas: Vec<Alias>,
    /// Every date of birth the list gives; several are alternatives.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub birth_dates: Vec<BirthDate>,
    /// Dates of death.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub death_dates: Vec<PartialDate>,
    /// Countries and what they are to it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub countries: Vec<Country>,
    /// Places in words: of birth, of residence.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub places: Vec<String>,
    /// `male`, `female` or what the list says.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sex: Option<String>,
    /// Why it is listed: `sanction`, `debarment`, `role.pep`, `role.rca`, `reg.warn`, `wanted` and the like.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub topics: Vec<String>,
    /// Programmes of sanctions, such as `SDGT`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub programs: Vec<String>,
    /// Public positions held.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub positions: Vec<Position>,
    /// Family and close associates.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub associates: Vec<Associate>,
    /// Addresses of crypto currencies.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub crypto_addresses: Vec<CryptoAddress>,
    /// The remarks of the list, whole.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub remarks: Option<String>,
    /// Where to read more.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub sources: Vec<SourceLink>,
    /// The lists a combined file took it from, by their slugs there.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub datasets: Vec<String>,
}

impl Entity {
    /// The fingerprint of everything it says; two versions of an entry differ when theirs differ.
    pub fn content_hash(&self) -> ContentHash {
        // Members are written in the order of the struct, so equal entities give equal bytes.
        let text = serde_json::to_vec(self).unwrap_or_else(|_| self.id.clone().into_bytes());
        let mut hash = [0; 16];
        hash.copy_from_slice(&Sha256::digest(&text)[..16]);
        ContentHash(hash)
    }

    /// The names that are matched, primary first, each with its place: 0 is the primary name, n the n-th alias.
    pub fn matched_names(&self) -> impl Iterator<Item = (u32, &Name)> {
        let strong = |(at, alias): (u32, &Alias)| alias.quality == Quality::Strong && at < u32::MAX;
        let akas = (1..).zip(&self.akas).filter(move |&(at, alias)| strong((at, alias)));
        std::iter::once((0, &self.name)).chain(akas.map(|(at, alias)| (at, &alias.name)))
    }

    /// The name at a place of [`Entity::matched_names`].
    pub fn name_at(&self, place: u32) -> Option<&Name> {
        match place.checked_sub(1) {
            None => Some(&self.name),
            Some(alias) => self.akas.get(alias as usize).map(|alias| &alias.name),
        }
    }
}

/// The first 128 bits of SHA-256 over an entity's JSON.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ContentHash(pub [u8; 16]);

/// What an entity is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// A human being.
    Person,
    /// A company, an authority, a group.
    Organization,
    /// A ship.
    Vessel,
    /// An aeroplane or helicopter.
    Aircraft,
    /// An address of a crypto currency that is listed by itself.
    Wallet,
    /// What the list does not tell: matched both as a person and as a business.
    #[default]
    Other,
}

/// A name as it is shown, and its parts if the list tells them apart.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, rename_all = "kebab-case")]
pub struct Name {
    /// The whole name, given names first where the list says which they are.
    pub text: String,
    /// Given and middle names.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub given: Option<String>,
    /// Family names.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub family: Option<String>,
}

impl Name {
    /// A name of which only the whole is known.
    pub fn whole(text: impl Into<String>) -> Self {
        Self { text: text.into(), given: None, family: None }
    }

    /// A name of which the parts are known.
    pub fn parts(given: &str, family: &str) -> Self {
        let text = format!("{given} {family}");
        Self { text, given: Some(given.to_owned()), family: Some(family.to_owned()) }
    }
}

/// Another name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Alias {
    /// The name.
    #[serde(flatten)]
    pub name: Name,
    /// Whether it is good enough to be matched.
    #[serde(default)]
    pub quality: Quality,
}

/// Whether a name tells somebody apart.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Quality {
    /// It does, and is matched.
    #[default]
    Strong,
    /// It does not (“the boss”): it is shown and never matched.
    Weak,
}

/// A country of an entity.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Country {
    /// ISO 3166-1 alpha-2 in capitals; what the list wrote if it is no such code.
    pub code: String,
    /// What the country is to the entity.
    pub role: CountryRole,
}

/// What a country is to an entity.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CountryRole {
    /// It is a citizen.
    Citizenship,
    /// It is a national.
    Nationality,
    /// It was born there.
    BirthPlace,
    /// It lives there.
    Residence,
    /// It has an address there.
    Address,
    /// It was founded or is registered there, or sails under its flag.
    Registration,
    /// The list does not say what.
    Other,
}

/// A public position.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, rename_all = "kebab-case")]
pub struct Position {
    /// Its name.
    pub name: String,
    /// Topics of the position, such as `gov.national`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub topics: Vec<String>,
    /// The country, as a code.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub country: Option<String>,
    /// Since when.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub start: Option<String>,
    /// Until when.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub end: Option<String>,
    /// Whether it is still held, in the words of the list.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<String>,
}

/// Somebody near to the entity.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, rename_all = "kebab-case")]
pub struct Associate {
    /// The ID of the other entity in the same list.
    pub id: String,
    /// Its name, if the list holds it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// How they are related, in the words of the list.
    pub relationship: String,
}

/// An address of a crypto currency.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct CryptoAddress {
    /// The code of the currency as the list writes it, such as `XBT`; empty if it does not say.
    #[serde(default)]
    pub currency: String,
    /// The address.
    pub address: String,
}

/// Where to read more.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct SourceLink {
    /// The address.
    pub url: String,
}
