//! Instants. Muster keeps them as microseconds since 1970-01-01 UTC.

use std::fmt;
use std::ops::{Add, Sub};
use std::time::Duration;

use serde::{Deserialize, Serialize};

/// A date of the calendar, without a time of day.
pub use jiff::civil::Date;

/// An instant, in whole microseconds since 1970-01-01T00:00:00Z.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Timestamp(i64);

impl Timestamp {
    /// Makes an instant from microseconds since 1970.
    #[must_use]
    pub const fn from_micros(micros: i64) -> Self {
        Self(micros)
    }

    /// Microseconds since 1970.
    #[must_use]
    pub const fn as_micros(self) -> i64 {
        self.0
    }

    /// Milliseconds since 1970, rounded down.
    #[must_use]
    pub const fn as_millis(self) -> i64 {
        self.0.div_euclid(1000)
    }

    /// The same instant without its fraction of a second: what accounts show.
    #[must_use]
    pub const fn whole_seconds(self) -> Self {
        Self(self.0.div_euclid(1_000_000) * 1_000_000)
    }

    /// Writes `2026-03-02T09:14:07.412Z`, the form of every timestamp in the API.
    #[must_use]
    pub fn to_rfc3339_millis(self) -> String {
        self.format(self.as_millis())
    }

    /// Writes `2026-03-02T09:14:07.000Z`: accounts show whole seconds (spec A.14).
    #[must_use]
    pub fn to_rfc3339_seconds(self) -> String {
        self.format(self.0.div_euclid(1_000_000) * 1000)
    }

    fn format(self, millis: i64) -> String {
        match jiff::Timestamp::from_millisecond(millis) {
            Ok(t) => format!("{t:.3}"),
            // Outside the years -9999..=9999; such an instant is never produced by a clock.
            Err(_) => "9999-12-31T23:59:59.999Z".to_owned(),
        }
    }

    /// The first instant of a date like `2026-01-31`, in UTC.
    #[must_use]
    pub fn start_of(date: &str) -> Option<Self> {
        let is_plain = date.len() == "2026-01-31".len();
        date.parse::<Date>().ok().filter(|_| is_plain)?;
        Self::parse(&format!("{date}T00:00:00Z"))
    }

    /// The date of the instant, in UTC.
    #[must_use]
    pub fn date(self) -> Date {
        jiff::Timestamp::from_microsecond(self.0)
            .map_or(Date::MAX, |instant| jiff::tz::TimeZone::UTC.to_datetime(instant).date())
    }

    /// Reads an RFC 3339 timestamp with an offset.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        text.parse::<jiff::Timestamp>().ok().map(|t| Self(t.as_microsecond()))
    }
}

impl Add<Duration> for Timestamp {
    type Output = Self;
    fn add(self, rhs: Duration) -> Self {
        Self(self.0.saturating_add(i64::try_from(rhs.as_micros()).unwrap_or(i64::MAX)))
    }
}

impl Sub<Duration> for Timestamp {
    type Output = Self;
    fn sub(self, rhs: Duration) -> Self {
        Self(self.0.saturating_sub(i64::try_from(rhs.as_micros()).unwrap_or(i64::MAX)))
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.to_rfc3339_millis())
    }
}

#[cfg(test)]
mod tests {
    use super::Timestamp;

    #[test]
    fn accounts_show_whole_seconds_and_events_milliseconds() {
        let t = Timestamp::parse("2026-03-02T09:14:07.412999Z").unwrap();
        assert_eq!(t.to_rfc3339_seconds(), "2026-03-02T09:14:07.000Z");
        assert_eq!(t.to_rfc3339_millis(), "2026-03-02T09:14:07.412Z");
        assert_eq!(t.as_micros(), 1_772_442_847_412_999);
    }
}
