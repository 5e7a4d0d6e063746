//! Instants out of cells: with an offset of their own, or in a zone that the mapping names.

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::{Offset, TimeZone};

use super::pattern::{Moment, Pattern};
use crate::field::read_instant;

/// The forms without an offset that are read when a zone is given but no pattern.
const FORMS: [&str; 5] = [
    "%Y-%m-%dT%H:%M:%S",
    "%Y-%m-%d %H:%M:%S",
    "%Y-%m-%dT%H:%M:%S.%f",
    "%Y-%m-%d %H:%M:%S.%f",
    "%Y-%m-%dT%H:%M",
];

/// How a datetime is read.
#[derive(Clone, Debug)]
pub(super) struct Instants {
    /// One pattern that was asked for, or the usual forms.
    patterns: Vec<Pattern>,
    asked_for: Option<String>,
    zone: Option<TimeZone>,
}

/// Why a cell is no instant.
pub(super) enum NoInstant {
    /// It has another form.
    Form,
    /// Clocks in the zone show this time twice, or never.
    Unclear,
}

/// Finds a zone: `UTC`, an offset such as `+02:00`, or a name such as `Europe/Berlin`.
///
/// # Errors
/// Says what a zone looks like.
pub(super) fn zone(text: &str) -> Result<TimeZone, String> {
    if let Some(seconds) = offset_seconds(text) {
        let offset = Offset::from_seconds(seconds);
        return offset.map(TimeZone::fixed).map_err(|_| zone_message());
    }
    jiff::tz::db().get(text).map_err(|_| zone_message())
}

fn zone_message() -> String {
    "must be UTC, an offset such as +02:00, or the name of a time zone such as Europe/Berlin".to_owned()
}

/// The offset that a text such as `+02:00` names, in seconds.
fn offset_seconds(text: &str) -> Option<i32> {
    let (sign, digits) = match text.split_at_checked(1)? {
        ("+", digits) => (1, digits),
        ("-", digits) => (-1, digits),
        _ => return None,
    };
    let (hours, minutes) = digits.split_once(':')?;
    let number = |text: &str| text.parse::<i32>().ok().filter(|_| text.len() == 2);
    let (hours, minutes) = (number(hours)?, number(minutes)?);
    ((0..=23).contains(&hours) && (0..=59).contains(&minutes)).then_some(sign * (hours * 3600 + minutes * 60))
}

impl Instants {
    /// Plans how cells are read.
    ///
    /// # Errors
    /// Says what the pattern must be.
    pub(super) fn new(
        format: Option<&str>,
        pivot: Option<u8>,
        zone: Option<TimeZone>,
    ) -> Result<Self, String> {
        let patterns = match format {
            Some(format) => vec![Pattern::parse(format, pivot)?],
            None if pivot.is_some() => return Err("must have %y where a pivot is given".to_owned()),
            None => FORMS.iter().filter_map(|form| Pattern::parse(form, None).ok()).collect(),
        };
        if let (Some(_), [pattern]) = (format, patterns.as_slice()) {
            if !pattern.has_time() {
                return Err("must name the time, too, such as %Y-%m-%d %H:%M".to_owned());
            }
            if zone.is_none() && !pattern.has_offset() {
                return Err("must have %z, or the entry or the pipeline must name a zone".to_owned());
            }
        }
        let asked_for = format.and_then(|_| patterns.first().map(Pattern::described));
        Ok(Self { patterns, asked_for, zone })
    }

    /// Reads a cell as an instant in UTC, such as `2026-03-02T09:14:07Z`.
    pub(super) fn read(&self, cell: &str) -> Result<String, NoInstant> {
        if self.asked_for.is_none() && read_instant(cell).is_some() {
            return Ok(cell.to_owned());
        }
        if self.asked_for.is_none() && self.zone.is_none() {
            return Err(NoInstant::Form);
        }
        let moment = self.patterns.iter().find_map(|pattern| pattern.read(cell)).ok_or(NoInstant::Form)?;
        let instant = self.instant(&moment)?;
        let text = instant.to_string();
        // The offset may lead out of the years 0000 to 9999.
        if text.starts_with('-') { Err(NoInstant::Form) } else { Ok(text) }
    }

    fn instant(&self, moment: &Moment) -> Result<Timestamp, NoInstant> {
        if let Some(seconds) = moment.offset {
            let offset = Offset::from_seconds(seconds).map_err(|_| NoInstant::Form)?;
            return offset.to_timestamp(moment.civil).map_err(|_| NoInstant::Form);
        }
        let zone = self.zone.as_ref().ok_or(NoInstant::Form)?;
        unambiguous(zone, moment.civil)
    }

    /// What a cell must be.
    pub(super) fn message(&self) -> String {
        match (&self.asked_for, &self.zone) {
            (Some(described), _) => format!("must be a datetime of the form {described}"),
            (None, Some(_)) => "must be a datetime like 2026-03-02T09:14:07, with or without an offset; set \
                                format for another form"
                .to_owned(),
            (None, None) => {
                "must be an instant with an offset like 2026-03-02T09:14:07Z; set format or zone \
                             for another form"
                    .to_owned()
            }
        }
    }
}

fn unambiguous(zone: &TimeZone, civil: DateTime) -> Result<Timestamp, NoInstant> {
    zone.to_ambiguous_timestamp(civil).unambiguous().map_err(|_| NoInstant::Unclear)
}
