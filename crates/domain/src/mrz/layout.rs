//! Where what stands in each form of a zone.

use std::ops::Range;

use super::digits::{Century, FILLER, Stated, as_digit, as_letter, check_digit, date, fits};
use super::names::{self, words};
use super::{Fault, Sex, Zone, ZoneKind};
use crate::time::Date;

/// One form: its lines, one after the other, and the places in them.
pub(super) struct Layout {
    pub(super) kind: ZoneKind,
    /// Characters in a line.
    pub(super) width: usize,
    /// Lines.
    pub(super) lines: usize,
    /// Lines that may be filled up at their end.
    pub(super) open_lines: &'static [usize],
    /// First letters of the code of the document.
    codes: &'static [u8],
    names: Range<usize>,
    number: usize,
    nationality: usize,
    birthdate: usize,
    sex: usize,
    expiration: usize,
    /// Optional data; a long number goes on in the first.
    optional: &'static [(usize, usize)],
    /// The check digit of the optional data.
    optional_digit: Option<usize>,
    /// What the composite digit is over, and where it stands.
    composite: Option<(&'static [(usize, usize)], usize)>,
    /// Whether a number of more than nine characters goes on in the optional data.
    long_numbers: LongNumbers,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum LongNumbers {
    GoOn,
    Never,
}

const CARDS: &[u8] = b"ACI";

/// All forms. Passports come before visas: the first letter tells them apart.
pub(super) const LAYOUTS: [Layout; 5] = [
    Layout {
        kind: ZoneKind::Td3,
        width: 44,
        lines: 2,
        open_lines: &[0],
        codes: b"P",
        names: 5..44,
        number: 44,
        nationality: 54,
        birthdate: 57,
        sex: 64,
        expiration: 65,
        optional: &[(72, 86)],
        optional_digit: Some(86),
        composite: Some((&[(44, 54), (57, 64), (65, 87)], 87)),
        long_numbers: LongNumbers::Never,
    },
    Layout {
        kind: ZoneKind::MrvA,
        width: 44,
        lines: 2,
        open_lines: &[0, 1],
        codes: b"V",
        names: 5..44,
        number: 44,
        nationality: 54,
        birthdate: 57,
        sex: 64,
        expiration: 65,
        optional: &[(72, 88)],
        optional_digit: None,
        composite: None,
        long_numbers: LongNumbers::Never,
    },
    Layout {
        kind: ZoneKind::Td1,
        width: 30,
        lines: 3,
        open_lines: &[0, 2],
        codes: CARDS,
        names: 60..90,
        number: 5,
        nationality: 45,
        birthdate: 30,
        sex: 37,
        expiration: 38,
        optional: &[(15, 30), (48, 59)],
        optional_digit: None,
        composite: Some((&[(5, 30), (30, 37), (38, 45), (48, 59)], 59)),
        long_numbers: LongNumbers::GoOn,
    },
    Layout {
        kind: ZoneKind::Td2,
        width: 36,
        lines: 2,
        open_lines: &[0],
        codes: CARDS,
        names: 5..36,
        number: 36,
        nationality: 46,
        birthdate: 49,
        sex: 56,
        expiration: 57,
        optional: &[(64, 71)],
        optional_digit: None,
        composite: Some((&[(36, 46), (49, 56), (57, 71)], 71)),
        long_numbers: LongNumbers::GoOn,
    },
    Layout {
        kind: ZoneKind::MrvB,
        width: 36,
        lines: 2,
        open_lines: &[0, 1],
        codes: b"V",
        names: 5..36,
        number: 36,
        nationality: 46,
        birthdate: 49,
        sex: 56,
        expiration: 57,
        optional: &[(64, 72)],
        optional_digit: None,
        composite: None,
        long_numbers: LongNumbers::Never,
    },
];

const NUMBER: usize = 9;
const DATE: usize = 6;
const COUNTRY: usize = 3;

impl Layout {
    /// How many characters a zone has.
    pub(super) const fn length(&self) -> usize {
        self.width * self.lines
    }

    /// Whether a code may begin a zone of this form.
    pub(super) fn begins_with(&self, character: u8) -> bool {
        as_letter(character).is_some_and(|letter| self.codes.contains(&letter))
    }

    fn digit_places(&self) -> impl Iterator<Item = usize> {
        let dates = [self.birthdate, self.expiration].into_iter().flat_map(|at| at..=at + DATE);
        dates.chain(self.optional_digit).chain(self.composite.map(|(_, at)| at))
    }

    fn letter_places(&self) -> impl Iterator<Item = usize> {
        let code = 0..1;
        let countries = [2, self.nationality].into_iter().flat_map(|at| at..at + COUNTRY);
        code.chain(countries).chain([self.sex]).chain(self.names.clone())
    }

    /// Puts the characters right that can only be one; none where one cannot be right.
    fn repaired(&self, characters: &[u8]) -> Option<Vec<u8>> {
        let mut characters = characters.to_vec();
        for at in self.digit_places() {
            let place = characters.get_mut(at)?;
            *place = as_digit(*place)?;
        }
        for at in self.letter_places() {
            let place = characters.get_mut(at)?;
            *place = as_letter(*place)?;
        }
        let plausible = self.begins_with(characters[0])
            && characters[2] != FILLER
            && characters[self.nationality] != FILLER
            && characters[self.names.start] != FILLER
            && matches!(characters[self.sex], b'F' | b'M' | b'X' | FILLER);
        plausible.then_some(characters)
    }
}

/// Reads the characters of a zone; none where they do not have its form.
pub(super) fn read(layout: &Layout, characters: &[u8], today: Date) -> Option<Zone> {
    let characters = layout.repaired(characters)?;
    let part = |at: usize, length: usize| characters.get(at..at + length).unwrap_or_default();
    let digit = |at: usize| characters.get(at).copied().unwrap_or(FILLER);
    let mut faults = Vec::new();
    let mut blame = |fault: Fault, holds: bool| {
        if !holds {
            faults.push(fault);
        }
    };

    let number = Number::read(layout, &characters);
    blame(Fault::NumberDigit, number.holds);
    let birth = part(layout.birthdate, DATE);
    let birthdate = date(birth, Century::Past, today);
    blame(Fault::BirthdateDigit, fits(birth, digit(layout.birthdate + DATE)));
    blame(Fault::Birthdate, birthdate != Stated::Impossible);
    let expiry = part(layout.expiration, DATE);
    let expiration = date(expiry, Century::Nearest, today);
    blame(Fault::ExpirationDigit, fits(expiry, digit(layout.expiration + DATE)));
    blame(Fault::Expiration, expiration != Stated::Impossible);
    if let (Some(at), Some((start, end))) = (layout.optional_digit, layout.optional.first()) {
        blame(Fault::OptionalDigit, fits(part(*start, end - start), digit(at)));
    }
    if let Some((parts, at)) = layout.composite {
        let all = parts.iter().flat_map(|(start, end)| part(*start, end - start));
        blame(Fault::CompositeDigit, check_digit(all) == digit(at));
    }

    let (surname, given_names, name_length) = names::read(part(layout.names.start, layout.names.len()));
    Some(Zone {
        kind: layout.kind,
        code: words(part(0, 2)),
        issuer: words(part(2, COUNTRY)),
        surname,
        given_names,
        name_length,
        number: number.text,
        nationality: words(part(layout.nationality, COUNTRY)),
        birthdate: stated(birthdate),
        sex: sex(digit(layout.sex)),
        expires_on: stated(expiration),
        optional: number.optional,
        faults,
    })
}

fn stated(date: Stated) -> Option<Date> {
    match date {
        Stated::Date(date) => Some(date),
        Stated::Unknown | Stated::Impossible => None,
    }
}

fn sex(character: u8) -> Sex {
    match character {
        b'F' => Sex::Female,
        b'M' => Sex::Male,
        _ => Sex::Unspecified,
    }
}

/// The number of a document, and the optional data that it did not need.
struct Number {
    text: String,
    holds: bool,
    optional: Vec<String>,
}

impl Number {
    fn read(layout: &Layout, characters: &[u8]) -> Self {
        let part = |(start, end): (usize, usize)| characters.get(start..end).unwrap_or_default();
        let mut optional: Vec<&[u8]> = layout.optional.iter().map(|range| part(*range)).collect();
        let principal = part((layout.number, layout.number + NUMBER));
        let digit = characters.get(layout.number + NUMBER).copied().unwrap_or(FILLER);
        let goes_on = layout.long_numbers == LongNumbers::GoOn && digit == FILLER;
        let rest = optional.first().copied().unwrap_or_default();
        if goes_on && rest.first().is_some_and(|first| *first != FILLER) {
            let end = rest.iter().position(|character| *character == FILLER).unwrap_or(rest.len());
            let (tail, digit) = (&rest[..end - 1], as_digit(rest[end - 1]));
            optional[0] = &rest[end..];
            let whole: Vec<u8> = principal.iter().chain(tail).copied().collect();
            let holds = digit == Some(check_digit(&whole));
            return Self { text: words(&whole), holds, optional: filled(&optional) };
        }
        let holds = as_digit(digit).is_some_and(|digit| fits(principal, digit));
        Self { text: words(principal), holds, optional: filled(&optional) }
    }
}

fn filled(optional: &[&[u8]]) -> Vec<String> {
    optional.iter().map(|data| words(data)).filter(|text| !text.is_empty()).collect()
}
