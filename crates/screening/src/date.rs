//! Dates as lists know them: a day, a month, a year, a span, or about then.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A calendar date of which the day, or month and day, may be unknown.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct PartialDate {
    year: u16,
    month: u8,
    day: u8,
}

/// How much of a date is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Granularity {
    /// Year, month and day.
    Day,
    /// Year and month.
    Month,
    /// The year only.
    Year,
}

impl PartialDate {
    /// A year; none for a year beyond 1000 to 9999.
    pub fn of_year(year: u16) -> Option<Self> {
        (1000..=9999).contains(&year).then_some(Self { year, month: 0, day: 0 })
    }

    /// A month of a year.
    pub fn of_month(year: u16, month: u8) -> Option<Self> {
        let date = Self::of_year(year)?;
        (1..=12).contains(&month).then_some(Self { month, ..date })
    }

    /// A day; none if there is no such day.
    pub fn of_day(year: u16, month: u8, day: u8) -> Option<Self> {
        let date = Self::of_month(year, month)?;
        let leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
        let days = match month {
            2 if leap => 29,
            2 => 28,
            4 | 6 | 9 | 11 => 30,
            _ => 31,
        };
        (1..=days).contains(&day).then_some(Self { day, ..date })
    }

    /// Reads `1990`, `1990-12` or `1990-12-31`; a time after a `T` is passed over.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim().split('T').next()?;
        let mut parts = text.split('-');
        let year = parts.next().filter(|year| year.len() == 4)?.parse().ok()?;
        let mut number = || match parts.next() {
            None => Some(None),
            Some(part) if part.len() <= 2 => part.parse::<u8>().ok().map(Some),
            Some(_) => None,
        };
        let (month, day) = (number()?, number()?);
        if parts.next().is_some() {
            return None;
        }
        match (month, day) {
            (Some(month), Some(day)) => Self::of_day(year, month, day),
            (Some(month), None) => Self::of_month(year, month),
            (None, _) => Self::of_year(year),
        }
    }

    /// The year.
    pub fn year(self) -> u16 {
        self.year
    }

    /// The month, 1 to 12, if known.
    pub fn month(self) -> Option<u8> {
        (self.month > 0).then_some(self.month)
    }

    /// The day of the month, if known.
    pub fn day(self) -> Option<u8> {
        (self.day > 0).then_some(self.day)
    }

    /// How much of it is known.
    pub fn granularity(self) -> Granularity {
        match (self.month, self.day) {
            (0, _) => Granularity::Year,
            (_, 0) => Granularity::Month,
            _ => Granularity::Day,
        }
    }

    /// Whether nothing that is known of both differs.
    fn fits(self, other: Self) -> bool {
        let part = |one: u8, two: u8| one == 0 || two == 0 || one == two;
        self.year == other.year && part(self.month, other.month) && part(self.day, other.day)
    }

    /// The date as a number that sorts; unknown parts take the given ends.
    fn number(self, month: u8, day: u8) -> u32 {
        let or = |part: u8, end: u8| u32::from(if part == 0 { end } else { part });
        u32::from(self.year) * 10_000 + or(self.month, month) * 100 + or(self.day, day)
    }
}

impl fmt::Display for PartialDate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}", self.year)?;
        if self.month > 0 {
            write!(f, "-{:02}", self.month)?;
        }
        if self.day > 0 {
            write!(f, "-{:02}", self.day)?;
        }
        Ok(())
    }
}

impl fmt::Debug for PartialDate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // A query holds one too, and there it is personal data.
        f.write_str("[redacted]")
    }
}

impl From<PartialDate> for String {
    fn from(date: PartialDate) -> Self {
        date.to_string()
    }
}

impl TryFrom<String> for PartialDate {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::parse(&text).ok_or("must be a date like 1990-12-31, 1990-12 or 1990")
    }
}

/// A date of birth as a list gives it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct BirthDate {
    /// The date, or the first of a span.
    pub on: PartialDate,
    /// The last of a span.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<PartialDate>,
    /// Whether the list says “about”.
    #[serde(default, skip_serializing_if = "Certainty::is_stated")]
    pub certainty: Certainty,
}

/// Whether a date is stated or about right.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Certainty {
    /// As stated.
    #[default]
    Stated,
    /// About then: a year more or less agrees too.
    About,
}

impl Certainty {
    #[expect(clippy::trivially_copy_pass_by_ref, reason = "the form serde calls")]
    fn is_stated(&self) -> bool {
        *self == Self::Stated
    }

    fn years(self) -> u16 {
        match self {
            Self::Stated => 0,
            Self::About => 1,
        }
    }
}

impl From<PartialDate> for BirthDate {
    fn from(on: PartialDate) -> Self {
        Self { on, until: None, certainty: Certainty::Stated }
    }
}

impl BirthDate {
    /// Whether a person born on that date may be meant, allowing the year to differ by so many years.
    pub fn within_years(&self, other: PartialDate, years: u16) -> bool {
        let years = years + self.certainty.years();
        let last = self.until.unwrap_or(self.on);
        (self.on.year.saturating_sub(years)..=last.year.saturating_add(years)).contains(&other.year)
    }

    /// Whether nothing that is known of both dates differs; about a year lets the year differ by one.
    pub fn agrees(&self, other: PartialDate) -> bool {
        if self.certainty == Certainty::About {
            return self.within_years(other, 0);
        }
        match self.until {
            None => self.on.fits(other),
            Some(until) => {
                let (from, to) = (self.on.number(1, 1), until.number(12, 31));
                other.number(12, 31) >= from && other.number(1, 1) <= to
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn date(text: &str) -> PartialDate {
        PartialDate::parse(text).unwrap()
    }

    #[test]
    fn a_date_is_read_as_far_as_it_is_known() {
        assert_eq!(date("1990-12-31").granularity(), Granularity::Day);
        assert_eq!(date("1990-12").granularity(), Granularity::Month);
        assert_eq!(date(" 1990 ").granularity(), Granularity::Year);
        assert_eq!(date("1990-12-31T00:00:00").to_string(), "1990-12-31");
        for wrong in ["", "90", "1990-13", "1990-02-30", "1990-1-1-1", "yes", "1990-", "0012"] {
            assert!(PartialDate::parse(wrong).is_none(), "{wrong}");
        }
    }

    #[test]
    fn unknown_parts_agree_and_known_ones_must() {
        let agrees = |one: &str, two: &str| BirthDate::from(date(one)).agrees(date(two));
        assert!(agrees("1962", "1962-05-03"));
        assert!(agrees("1962-05-03", "1962-05"));
        assert!(!agrees("1962-05-03", "1962-05-04"));
        assert!(!agrees("1962", "1963-01-01"));
    }

    #[test]
    fn spans_and_about_are_wider() {
        let span = BirthDate { until: Some(date("1965-06")), ..date("1960").into() };
        assert!(span.agrees(date("1965-06-30")));
        assert!(!span.agrees(date("1965-07-01")));
        assert!(span.within_years(date("1966-07-01"), 1));
        let about = BirthDate { certainty: Certainty::About, ..date("1960").into() };
        assert!(about.agrees(date("1961-03-04")) && !about.agrees(date("1962")));
        assert!(about.within_years(date("1962"), 1) && !about.within_years(date("1963"), 1));
    }
}
