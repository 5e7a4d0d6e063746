//! Identity documents: what can be checked of them without a provider (spec C.3).
//!
//! A machine-readable zone is the only thing that proves anything here, and it proves only that the typed lines
//! belong together. Pictures are kept for a provider or a reviewer; nobody looks at them in this file.

mod checks;
mod properties;

pub use properties::IdProperties;

use super::check::ChecksWanted;
use super::examination::{Examination, Verdicts};
use super::kind::VerificationKind;
use crate::mrz::Zone;
use crate::time::Date;

/// What an identity-document verification asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rules {
    /// The checks it makes.
    pub wanted: ChecksWanted,
    /// Countries whose documents are taken, in two letters; empty: all.
    pub countries: Vec<String>,
    /// Classes of documents that are taken, such as `pp`; empty: all.
    pub id_classes: Vec<String>,
    /// Youngest age, in whole years; none: any.
    pub minimum_age: Option<u16>,
    /// Properties that a document must show, as in [`IdProperties`].
    pub required_properties: Vec<String>,
    /// Properties that are compared with the fields of the inquiry and of the account.
    pub compared_properties: Vec<String>,
}

impl Rules {
    /// The rules of a new verification template: any document of any country.
    #[must_use]
    pub fn by_default() -> Self {
        let keys = |keys: &[&str]| keys.iter().map(|key| (*key).to_owned()).collect();
        Self {
            wanted: ChecksWanted::by_default(VerificationKind::GovernmentId),
            countries: Vec::new(),
            id_classes: Vec::new(),
            minimum_age: None,
            required_properties: keys(&["name_last", "birthdate", "identification_number"]),
            compared_properties: keys(&["name_first", "name_last", "birthdate"]),
        }
    }
}

/// One side of a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// No picture of it was given.
    Absent,
    /// A file was given that is no picture.
    Unreadable,
    /// A picture was given.
    Pictured,
}

/// The machine-readable lines, as they were typed or scanned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ZoneGiven<'a> {
    /// Nobody gave any.
    Nothing,
    /// Something was given, and no zone is in it.
    Unreadable,
    /// A zone.
    Zone(&'a Zone),
}

/// What was given for an identity document. `Debug` shows nothing personal.
#[derive(Clone, Debug)]
pub struct Evidence<'a> {
    /// Its front, or its page with the picture.
    pub front: Side,
    /// Its back.
    pub back: Side,
    /// The class that the person chose.
    pub selected_class: Option<&'a str>,
    /// The country that the person chose, in two letters.
    pub selected_country: Option<&'a str>,
    /// Its machine-readable lines.
    pub zone: ZoneGiven<'a>,
    /// What is printed on it, as somebody typed or a provider read it.
    pub printed: &'a IdProperties,
    /// What the inquiry knows of the person.
    pub inquiry: &'a IdProperties,
    /// What the account knew of the person before.
    pub account: &'a IdProperties,
}

impl Evidence<'_> {
    /// What the document says: its machine-readable lines before what is printed on it.
    #[must_use]
    pub fn read(&self) -> IdProperties {
        let mut read = self.printed.clone();
        if let ZoneGiven::Zone(zone) = self.zone {
            read.overwrite(IdProperties::of_zone(zone));
        }
        read
    }
}

/// Checks an identity document as far as it goes without a provider.
#[must_use]
pub fn examine(rules: &Rules, evidence: &Evidence<'_>, today: Date) -> Examination {
    let read = evidence.read();
    let mut verdicts = Verdicts::default();
    checks::zone(evidence, &mut verdicts);
    checks::dates(rules, &read, today, &mut verdicts);
    checks::allowed(rules, evidence, &read, &mut verdicts);
    checks::sides(evidence, &mut verdicts);
    checks::properties(rules, &read, &mut verdicts);
    checks::comparisons(rules, evidence, &read, &mut verdicts);
    Examination::local(VerificationKind::GovernmentId, &rules.wanted, verdicts)
}
