//! Machine-readable zones of passports, identity cards and visas, as ICAO Doc 9303 lays them down.
//!
//! [`find`] looks for a zone in text that somebody typed, pasted or scanned, reads it, and checks every check
//! digit. What it finds is consistent in itself; whether the paper is genuine, it cannot tell.

mod digits;
pub mod issuer;
mod layout;
mod names;
#[cfg(test)]
mod tests;
mod text;

use std::fmt;

use crate::time::Date;

/// Longest text that is searched, in bytes; a zone has 90 characters at most.
pub const TEXT_BYTES_MAX: usize = 4_000;

/// The form of a zone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ZoneKind {
    /// Three lines of 30: identity cards.
    Td1,
    /// Two lines of 36: larger cards.
    Td2,
    /// Two lines of 44: passports.
    Td3,
    /// Two lines of 44: visas.
    MrvA,
    /// Two lines of 36: small visas.
    MrvB,
}

/// A part of a zone that cannot be right.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Fault {
    /// The check digit of the number of the document.
    NumberDigit,
    /// The check digit of the date of birth.
    BirthdateDigit,
    /// The check digit of the date of expiry.
    ExpirationDigit,
    /// The check digit of the optional data of passports.
    OptionalDigit,
    /// The check digit over all of it.
    CompositeDigit,
    /// The date of birth is no date of the calendar.
    Birthdate,
    /// The date of expiry is no date of the calendar.
    Expiration,
}

impl Fault {
    /// The fault in a word for programs: the reason of a failed check.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::NumberDigit => "document_number_check_digit",
            Self::BirthdateDigit => "birthdate_check_digit",
            Self::ExpirationDigit => "expiration_date_check_digit",
            Self::OptionalDigit => "optional_data_check_digit",
            Self::CompositeDigit => "composite_check_digit",
            Self::Birthdate => "birthdate_invalid",
            Self::Expiration => "expiration_date_invalid",
        }
    }
}

/// The sex that a zone states.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub enum Sex {
    /// `F`.
    Female,
    /// `M`.
    Male,
    /// A filler, or `X`.
    Unspecified,
}

/// Whether all of a name stood in the zone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum NameLength {
    /// All of it.
    Whole,
    /// The line was full: more may have been cut off.
    PerhapsCut,
}

/// What a machine-readable zone says. `Debug` shows its kind and its faults only.
#[derive(Clone, PartialEq, Eq)]
pub struct Zone {
    /// Its form.
    pub kind: ZoneKind,
    /// The code of the document, such as `P` or `IR`.
    pub code: String,
    /// Who issued it: a code of three letters, or `D`.
    pub issuer: String,
    /// The primary identifier: usually the surname, words separated by spaces.
    pub surname: String,
    /// The secondary identifier: usually the given names.
    pub given_names: String,
    /// Whether all of the names stood in the zone.
    pub name_length: NameLength,
    /// The number of the document, without fillers.
    pub number: String,
    /// The nationality: a code of three letters, or `D`.
    pub nationality: String,
    /// The date of birth; none where it is not stated in full, or no date.
    pub birthdate: Option<Date>,
    /// The sex.
    pub sex: Sex,
    /// The date of expiry; none where it is not stated, or no date.
    pub expires_on: Option<Date>,
    /// Optional data, without fillers at the ends; what is empty is left out.
    pub optional: Vec<String>,
    /// What cannot be right, in order; empty for a good zone.
    pub faults: Vec<Fault>,
}

impl Zone {
    /// The published class of the document: `pp`, `visa`, `rp` or `id`.
    #[must_use]
    pub fn id_class(&self) -> &'static str {
        match self.code.as_bytes() {
            [b'P', ..] => "pp",
            [b'V', ..] => "visa",
            [_, b'R', ..] => "rp",
            _ => "id",
        }
    }
}

impl fmt::Debug for Zone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Zone({:?}, {:?}, [redacted])", self.kind, self.faults)
    }
}

impl fmt::Debug for Sex {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[redacted]")
    }
}

/// Finds the machine-readable zone in a text.
///
/// A zone in lines of their own goes before one in the middle of a line; of several, the one with the fewest
/// faults is taken, and the first of those.
///
/// `today` decides the centuries: nobody was born in the future, and a document expires within fifty years of
/// today. None where nothing in the text has the form of a zone, or the text is longer than
/// [`TEXT_BYTES_MAX`].
#[must_use]
pub fn find(text: &str, today: Date) -> Option<Zone> {
    if text.len() > TEXT_BYTES_MAX {
        return None;
    }
    text::ways(text).find_map(|candidates| {
        let read = |candidate: text::Candidate| layout::read(candidate.layout, &candidate.characters, today);
        // Of equals, the first is the least.
        candidates.filter_map(read).min_by_key(|zone| zone.faults.len())
    })
}
