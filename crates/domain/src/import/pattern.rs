//! Patterns of dates and times, such as `%d/%m/%Y`: read exactly, never guessed.
//!
//! A pattern is taken apart once; reading a cell is one pass over its bytes.

use jiff::civil::{Date, DateTime, Time};

/// Names of months; `%b` takes their first three letters.
const MONTHS: [&str; 12] = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
];

/// The codes that a message lists.
const CODES: &str = "%Y %y %m %b %B %d %e %H %I %p %M %S %f %z %F %T %%";

/// One thing in a pattern.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Piece {
    Literal(u8),
    /// A number with this many digits at least and at most.
    Digits(Unit, usize, usize),
    /// `%b` or `%B`.
    MonthName(Name),
    /// `%p`
    HalfOfDay,
    /// `%z`
    Offset,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Name {
    Short,
    Long,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Unit {
    Year,
    YearOfCentury,
    Month,
    Day,
    Hour,
    HourOfHalf,
    Minute,
    Second,
    Fraction,
}

/// A pattern that was taken apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Pattern {
    text: String,
    pieces: Vec<Piece>,
    pivot: i16,
}

/// What a cell says by a pattern.
#[derive(Clone, Copy)]
pub(super) struct Moment {
    pub(super) civil: DateTime,
    /// Seconds east of Greenwich, if the pattern has `%z`.
    pub(super) offset: Option<i32>,
}

impl Pattern {
    /// Takes a pattern apart. `pivot` is the first two-digit year that means 19xx.
    ///
    /// # Errors
    /// Says what makes no sense, and what would.
    pub(super) fn parse(text: &str, pivot: Option<u8>) -> Result<Self, String> {
        let expanded = text.replace("%F", "%Y-%m-%d").replace("%T", "%H:%M:%S");
        let mut pieces = Vec::new();
        let mut bytes = expanded.bytes();
        while let Some(byte) = bytes.next() {
            pieces.push(match byte {
                b'%' => code(bytes.next())?,
                literal => Piece::Literal(literal),
            });
        }
        fix_widths(&mut pieces);
        let pattern = Self { text: text.to_owned(), pieces, pivot: pivot.map_or(0, i16::from) };
        pattern.check_date()?;
        pattern.check_time()?;
        match (pattern.has(Unit::YearOfCentury), pivot) {
            (true, None) => Err("has years of two digits; use %Y, or set pivot to the first of them that \
                                 means 19xx, such as 30"
                .to_owned()),
            (false, Some(_)) => Err("has no %y; leave pivot out".to_owned()),
            (_, Some(100..)) => Err("goes with a pivot from 0 to 99".to_owned()),
            _ => Ok(pattern),
        }
    }

    /// Whether the cells say how far they are from UTC.
    pub(super) fn has_offset(&self) -> bool {
        self.pieces.contains(&Piece::Offset)
    }

    /// Whether the cells say at least the hour.
    pub(super) fn has_time(&self) -> bool {
        self.has(Unit::Hour) || self.has(Unit::HourOfHalf)
    }

    /// The pattern with an example, for messages.
    pub(super) fn described(&self) -> String {
        format!("{} as in {}", self.text, self.example())
    }

    fn has(&self, unit: Unit) -> bool {
        self.count(unit) > 0
    }

    fn count(&self, unit: Unit) -> usize {
        self.pieces.iter().filter(|piece| matches!(piece, Piece::Digits(has, ..) if *has == unit)).count()
    }

    fn check_date(&self) -> Result<(), String> {
        let names = self.pieces.iter().filter(|piece| matches!(piece, Piece::MonthName(_))).count();
        let counts = [
            self.count(Unit::Year) + self.count(Unit::YearOfCentury),
            self.count(Unit::Month) + names,
            self.count(Unit::Day),
        ];
        if counts == [1, 1, 1] {
            return Ok(());
        }
        Err("must name the year, the month and the day once each, such as %d/%m/%Y".to_owned())
    }

    fn check_time(&self) -> Result<(), String> {
        let hours = self.count(Unit::Hour) + self.count(Unit::HourOfHalf);
        let halves = self.pieces.iter().filter(|piece| **piece == Piece::HalfOfDay).count();
        let offsets = self.pieces.iter().filter(|piece| **piece == Piece::Offset).count();
        let parts = [hours, self.count(Unit::Minute), self.count(Unit::Second), self.count(Unit::Fraction)];
        if parts.iter().any(|count| *count > 1) || halves > 1 || offsets > 1 {
            return Err("must name each part of the time at most once".to_owned());
        }
        if !parts.is_sorted_by(|larger, smaller| larger >= smaller) {
            return Err("names a part of the time without the larger ones; begin with %H".to_owned());
        }
        if self.count(Unit::HourOfHalf) != halves {
            return Err("must have both %I and %p, or %H".to_owned());
        }
        Ok(())
    }

    /// Reads a cell; nothing if it does not fit exactly or there is no such day or time.
    pub(super) fn read(&self, cell: &str) -> Option<Moment> {
        let mut rest = cell.as_bytes();
        let mut read = Parts::default();
        for piece in &self.pieces {
            rest = match *piece {
                Piece::Literal(byte) => rest.strip_prefix(&[byte])?,
                Piece::Digits(unit, least, most) => read.take_digits(rest, unit, least, most)?,
                Piece::MonthName(name) => read.take_month(rest, name)?,
                Piece::HalfOfDay => read.take_half(rest)?,
                Piece::Offset => read.take_offset(rest)?,
            };
        }
        if !rest.is_empty() {
            return None;
        }
        read.moment(self.pivot)
    }

    /// The last day of 1990 at 17:05:09, as this pattern writes it.
    fn example(&self) -> String {
        let mut example = Vec::new();
        for piece in &self.pieces {
            let text: &[u8] = match piece {
                Piece::Literal(byte) => std::slice::from_ref(byte),
                Piece::Digits(Unit::Year, ..) => b"1990",
                Piece::Digits(Unit::YearOfCentury, ..) => b"90",
                Piece::Digits(Unit::Month, ..) => b"12",
                Piece::Digits(Unit::Day, ..) => b"31",
                Piece::Digits(Unit::Hour, ..) => b"17",
                Piece::Digits(Unit::HourOfHalf | Unit::Minute, ..) => b"05",
                Piece::Digits(Unit::Second, ..) => b"09",
                Piece::Digits(Unit::Fraction, ..) => b"000",
                Piece::MonthName(Name::Short) => b"Dec",
                Piece::MonthName(Name::Long) => b"December",
                Piece::HalfOfDay => b"PM",
                Piece::Offset => b"+02:00",
            };
            example.extend_from_slice(text);
        }
        String::from_utf8_lossy(&example).into_owned()
    }
}

fn code(code: Option<u8>) -> Result<Piece, String> {
    Ok(match code {
        Some(b'Y') => Piece::Digits(Unit::Year, 4, 4),
        Some(b'y') => Piece::Digits(Unit::YearOfCentury, 2, 2),
        Some(b'm') => Piece::Digits(Unit::Month, 1, 2),
        Some(b'd' | b'e') => Piece::Digits(Unit::Day, 1, 2),
        Some(b'H') => Piece::Digits(Unit::Hour, 1, 2),
        Some(b'I') => Piece::Digits(Unit::HourOfHalf, 1, 2),
        Some(b'M') => Piece::Digits(Unit::Minute, 2, 2),
        Some(b'S') => Piece::Digits(Unit::Second, 2, 2),
        Some(b'f') => Piece::Digits(Unit::Fraction, 1, 9),
        Some(b'b') => Piece::MonthName(Name::Short),
        Some(b'B') => Piece::MonthName(Name::Long),
        Some(b'p') => Piece::HalfOfDay,
        Some(b'z') => Piece::Offset,
        Some(b'%') => Piece::Literal(b'%'),
        _ => return Err(format!("has a code that is not known here; known are {CODES}")),
    })
}

/// Numbers that touch must have all their digits: nobody could tell where one ends.
fn fix_widths(pieces: &mut [Piece]) {
    let is_number = |piece: Option<&Piece>| matches!(piece, Some(Piece::Digits(..)));
    for at in 0..pieces.len() {
        let touches = is_number(pieces.get(at + 1)) || (at > 0 && is_number(pieces.get(at - 1)));
        if let Piece::Digits(unit, least, most) = &mut pieces[at]
            && touches
            && *unit != Unit::Fraction
        {
            *least = *most;
        }
    }
}

/// What was read of a cell so far.
#[derive(Default)]
struct Parts {
    year: i16,
    year_of_century: Option<i16>,
    month: i8,
    day: i8,
    hour: i8,
    hour_of_half: Option<i8>,
    afternoon: i8,
    minute: i8,
    second: i8,
    nanos: i32,
    offset: Option<i32>,
}

impl Parts {
    fn take_digits<'c>(&mut self, rest: &'c [u8], unit: Unit, least: usize, most: usize) -> Option<&'c [u8]> {
        let digits = rest.iter().take(most).take_while(|byte| byte.is_ascii_digit()).count();
        if digits < least {
            return None;
        }
        let (taken, rest) = rest.split_at(digits);
        let number = taken.iter().fold(0_i32, |number, digit| number * 10 + i32::from(digit - b'0'));
        let small = || i8::try_from(number).ok();
        match unit {
            Unit::Year => self.year = i16::try_from(number).ok()?,
            Unit::YearOfCentury => self.year_of_century = i16::try_from(number).ok(),
            Unit::Month => self.month = small()?,
            Unit::Day => self.day = small()?,
            Unit::Hour => self.hour = small()?,
            Unit::HourOfHalf => self.hour_of_half = Some(small()?),
            Unit::Minute => self.minute = small()?,
            Unit::Second => self.second = small()?,
            Unit::Fraction => {
                let missing = 9 - u32::try_from(digits).unwrap_or(9).min(9);
                self.nanos = number * 10_i32.pow(missing);
            }
        }
        Some(rest)
    }

    fn take_month<'c>(&mut self, rest: &'c [u8], name: Name) -> Option<&'c [u8]> {
        let at = MONTHS.iter().position(|month| starts_with(rest, spelled(month, name)))?;
        self.month = i8::try_from(at).ok()? + 1;
        rest.get(spelled(MONTHS[at], name).len()..)
    }

    fn take_half<'c>(&mut self, rest: &'c [u8]) -> Option<&'c [u8]> {
        self.afternoon = i8::from(starts_with(rest, "pm"));
        (self.afternoon == 1 || starts_with(rest, "am")).then(|| &rest[2..])
    }

    /// `Z`, `+02:00`, `+0200` or `+02`.
    fn take_offset<'c>(&mut self, rest: &'c [u8]) -> Option<&'c [u8]> {
        let (sign, rest) = rest.split_first()?;
        let sign = match sign {
            b'Z' | b'z' => {
                self.offset = Some(0);
                return Some(rest);
            }
            b'+' => 1,
            b'-' => -1,
            _ => return None,
        };
        let (hours, rest) = two_digits(rest)?;
        let (minutes, rest) = match rest {
            [b':', after @ ..] => two_digits(after)?,
            [b'0'..=b'9', ..] => two_digits(rest)?,
            _ => (0, rest),
        };
        self.offset = (hours <= 23 && minutes <= 59).then_some(sign * (hours * 3600 + minutes * 60));
        self.offset.map(|_| rest)
    }

    fn moment(self, pivot: i16) -> Option<Moment> {
        let year = match self.year_of_century {
            Some(short) if short >= pivot => 1900 + short,
            Some(short) => 2000 + short,
            None => self.year,
        };
        let hour = match self.hour_of_half {
            Some(half @ 1..=12) => half % 12 + 12 * self.afternoon,
            Some(_) => return None,
            None => self.hour,
        };
        let date = Date::new(year, self.month, self.day).ok()?;
        let time = Time::new(hour, self.minute, self.second, self.nanos).ok()?;
        Some(Moment { civil: DateTime::from_parts(date, time), offset: self.offset })
    }
}

fn spelled(month: &'static str, name: Name) -> &'static str {
    match name {
        Name::Short => &month[..3],
        Name::Long => month,
    }
}

fn starts_with(rest: &[u8], name: &str) -> bool {
    rest.get(..name.len()).is_some_and(|start| start.eq_ignore_ascii_case(name.as_bytes()))
}

fn two_digits(rest: &[u8]) -> Option<(i32, &[u8])> {
    let ([tens @ b'0'..=b'9', ones @ b'0'..=b'9'], rest) = rest.split_first_chunk()? else { return None };
    Some((i32::from(tens - b'0') * 10 + i32::from(ones - b'0'), rest))
}

/// Writes a date like `1990-12-31`.
pub(super) fn date_text(date: Date) -> String {
    let mut text = *b"0000-00-00";
    let mut write = |range: std::ops::Range<usize>, mut number: i16| {
        for byte in text[range].iter_mut().rev() {
            *byte += u8::try_from(number % 10).unwrap_or(0);
            number /= 10;
        }
    };
    write(0..4, date.year());
    write(5..7, i16::from(date.month()));
    write(8..10, i16::from(date.day()));
    String::from_utf8_lossy(&text).into_owned()
}
