//! Check digits, dates, and characters that people and scanners mistake for each other.

use crate::time::Date;

/// What stands for nothing.
pub(super) const FILLER: u8 = b'<';

/// The check digit of characters: weights 7, 3, 1; letters count from 10, fillers nothing.
pub(super) fn check_digit<'a>(characters: impl IntoIterator<Item = &'a u8>) -> u8 {
    let weights = [7_u32, 3, 1];
    let sum: u32 = characters
        .into_iter()
        .enumerate()
        .map(|(place, character)| value(*character) * weights[place % weights.len()])
        .sum();
    b'0' + u8::try_from(sum % 10).unwrap_or_default()
}

fn value(character: u8) -> u32 {
    match character {
        b'0'..=b'9' => u32::from(character - b'0'),
        b'A'..=b'Z' => u32::from(character - b'A') + 10,
        _ => 0,
    }
}

/// Whether a check digit fits. An empty field may have a filler instead of a zero.
pub(super) fn fits(field: &[u8], digit: u8) -> bool {
    let empty = field.iter().all(|character| *character == FILLER);
    check_digit(field) == digit || (empty && digit == FILLER)
}

/// The digit that a character must be where only digits can stand; fillers stay.
pub(super) const fn as_digit(character: u8) -> Option<u8> {
    Some(match character {
        b'0'..=b'9' | FILLER => character,
        b'O' | b'Q' | b'D' => b'0',
        b'I' | b'L' => b'1',
        b'Z' => b'2',
        b'S' => b'5',
        b'G' => b'6',
        b'B' => b'8',
        _ => return None,
    })
}

/// The letter that a character must be where only letters can stand; fillers stay.
pub(super) const fn as_letter(character: u8) -> Option<u8> {
    Some(match character {
        b'A'..=b'Z' | FILLER => character,
        b'0' => b'O',
        b'1' => b'I',
        b'2' => b'Z',
        b'5' => b'S',
        b'6' => b'G',
        b'8' => b'B',
        _ => return None,
    })
}

/// A date as six characters state it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Stated {
    /// In full.
    Date(Date),
    /// Not, or only in part.
    Unknown,
    /// As something that is no date.
    Impossible,
}

/// How the century of a year of two digits is found.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Century {
    /// The latest that is not in the future.
    Past,
    /// The nearest one.
    Nearest,
}

/// Reads a date of six characters.
pub(super) fn date(field: &[u8], century: Century, today: Date) -> Stated {
    if field.contains(&FILLER) {
        return Stated::Unknown;
    }
    let number = |at: usize| match field.get(at..at + 2) {
        Some([tens, units]) => i16::from(tens.wrapping_sub(b'0')) * 10 + i16::from(units.wrapping_sub(b'0')),
        _ => -1,
    };
    let (year, month, day) = (number(0), number(2), number(4));
    let (Ok(month), Ok(day)) = (i8::try_from(month), i8::try_from(day)) else { return Stated::Impossible };
    let base = today.year() - today.year().rem_euclid(100);
    let dates = [base - 100, base, base + 100].map(|century| Date::new(century + year, month, day).ok());
    let chosen = match century {
        Century::Past => dates.into_iter().flatten().rfind(|date| *date <= today),
        Century::Nearest => dates.into_iter().flatten().min_by_key(|date| days_between(*date, today)),
    };
    chosen.map_or(Stated::Impossible, Stated::Date)
}

fn days_between(a: Date, b: Date) -> i32 {
    a.since(b).map_or(i32::MAX, |span| span.get_days().abs())
}
