//! When a pipeline runs by itself, and where its files come from then.

use std::cmp::Ordering;

use croner::errors::CronError;
use croner::parser::{CronParser, Seconds, Year};
use croner::time::{CivilDate, CivilDateTime, CivilTime, CronDateTime, Resolution, Weekday};
use serde::{Deserialize, Serialize};

use super::Violations;
use super::config::{PipelineConfig, within_config};
use crate::Timestamp;
use crate::violation::Violation;
use crate::written::{self, Explained};

/// Longest pause between two looks, in minutes: a week.
const MINUTES_MAX: u32 = 7 * 24 * 60;
/// Longest text of a place or a pattern, in characters.
const CHARS_MAX: usize = 1024;
const MICROS: i64 = 1_000_000;

/// When a pipeline looks for files.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Schedule {
    /// At the minutes of a cron pattern of five fields, in UTC: `0 3 * * *`.
    Cron(String),
    /// So many minutes after the look before.
    EveryMinutes(u32),
}

/// Where files lie.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case", deny_unknown_fields)]
pub enum FileSource {
    /// In a folder of the machine that Muster runs on, below one that the operator allowed.
    #[serde(rename_all = "kebab-case")]
    Folder {
        /// Its absolute path.
        path: String,
        /// Which files: `*` stands for any text, `?` for any character. Without one, all.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pattern: Option<String>,
    },
    /// In a bucket that speaks the protocol of S3, which the operator allowed.
    #[serde(rename_all = "kebab-case")]
    S3 {
        /// The address of the service, such as `https://s3.eu-central-1.amazonaws.com`.
        endpoint: String,
        /// The region that requests are signed for.
        region: String,
        /// The bucket.
        bucket: String,
        /// What the keys of the objects begin with.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        prefix: String,
        /// Which of them, by what follows the last `/` of their keys.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pattern: Option<String>,
    },
}

impl Explained for Schedule {}
impl Explained for FileSource {}

impl Schedule {
    /// The first moment after `now` at which it is time to look; nothing if there is none any more.
    #[must_use]
    pub fn next_after(&self, now: Timestamp) -> Option<Timestamp> {
        match self {
            Self::EveryMinutes(minutes) => {
                Some(Timestamp::from_micros(now.as_micros() + i64::from(*minutes) * 60 * MICROS))
            }
            Self::Cron(pattern) => {
                let next = parsed(pattern)?.find_next_occurrence(&Moment::of(now)?, false).ok()?;
                Some(Timestamp::from_micros(next.seconds()? * MICROS))
            }
        }
    }

    fn check(&self) -> Result<(), Violation> {
        match self {
            Self::EveryMinutes(minutes) if !(1..=MINUTES_MAX).contains(minutes) => {
                Err(Violation::new(["schedule", "every-minutes"], format!("must be from 1 to {MINUTES_MAX}")))
            }
            Self::Cron(pattern) if parsed(pattern).is_none() => {
                let message = "must be a cron pattern of five fields such as 0 3 * * *, in UTC";
                Err(Violation::new(["schedule", "cron"], message))
            }
            _ => Ok(()),
        }
    }
}

fn parsed(pattern: &str) -> Option<croner::Cron> {
    let parser = CronParser::builder().seconds(Seconds::Disallowed).year(Year::Disallowed).build();
    let sane = pattern.chars().count() <= CHARS_MAX && pattern.split_whitespace().count() == 5;
    if sane { parser.parse(pattern).ok() } else { None }
}

impl FileSource {
    /// Which files of the place are meant, by their names.
    #[must_use]
    pub fn takes(&self, name: &str) -> bool {
        let (Self::Folder { pattern, .. } | Self::S3 { pattern, .. }) = self;
        pattern.as_deref().is_none_or(|pattern| matches(pattern, name))
    }

    fn check(&self) -> Result<(), Violation> {
        let refuse = |member: &str, message: &str| Err(Violation::new(["source", member], message));
        let plain = |text: &str| text.chars().count() <= CHARS_MAX && !text.chars().any(char::is_control);
        let (Self::Folder { pattern, .. } | Self::S3 { pattern, .. }) = self;
        if pattern.as_deref().is_some_and(|pattern| pattern.is_empty() || !plain(pattern)) {
            return refuse("pattern", "must be like *.csv");
        }
        match self {
            Self::Folder { path, .. } if !path.starts_with('/') || !plain(path) => {
                refuse("path", "must be the absolute path of a folder")
            }
            Self::S3 { endpoint, .. } if !is_web_address(endpoint) || !plain(endpoint) => {
                refuse("endpoint", "must be like https://s3.eu-central-1.amazonaws.com")
            }
            Self::S3 { region, .. } if region.is_empty() || !plain(region) => {
                refuse("region", "must be like eu-central-1")
            }
            Self::S3 { bucket, .. } if bucket.is_empty() || bucket.contains('/') || !plain(bucket) => {
                refuse("bucket", "must be the name of a bucket")
            }
            Self::S3 { prefix, .. } if !plain(prefix) => {
                refuse("prefix", "must be the beginning of keys such as incoming/")
            }
            _ => Ok(()),
        }
    }
}

fn is_web_address(text: &str) -> bool {
    let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://")).unwrap_or_default();
    !rest.is_empty() && !rest.contains(['@', '?', '#'])
}

/// Whether a name is as a pattern says.
fn matches(pattern: &str, name: &str) -> bool {
    let (pattern, name): (Vec<char>, Vec<char>) = (pattern.chars().collect(), name.chars().collect());
    let (mut p, mut n) = (0, 0);
    // Where the last star stands, and from where on it is to take one character more.
    let mut star = None;
    while n < name.len() {
        match pattern.get(p) {
            Some('*') => {
                star = Some((p, n));
                p += 1;
            }
            Some(c) if *c == '?' || *c == name[n] => {
                p += 1;
                n += 1;
            }
            _ => match star {
                Some((at, from)) => {
                    star = Some((at, from + 1));
                    p = at + 1;
                    n = from + 1;
                }
                None => return false,
            },
        }
    }
    pattern[p..].iter().all(|c| *c == '*')
}

impl PipelineConfig {
    /// When and from where the pipeline takes files by itself; nothing if it does not.
    ///
    /// # Errors
    /// Lists the members that make no sense; paths begin with `pipeline-config`.
    pub fn timetable(&self) -> Result<Option<(Schedule, FileSource)>, Violations> {
        let lacks = |member: &str, message: &str| vec![within_config(Violation::new([member], message))];
        let (schedule, source) = match (&self.schedule, &self.source) {
            (None, None) => return Ok(None),
            (Some(schedule), Some(source)) => (schedule, source),
            (Some(_), None) => {
                return Err(lacks("source", "must say where the files are that the schedule looks for"));
            }
            (None, Some(_)) => {
                return Err(lacks("schedule", "must say when to look for files at the source"));
            }
        };
        let within = |member: &'static str| {
            move |list: Violations| -> Violations {
                list.into_iter().map(|one| within_config(one.within(member))).collect()
            }
        };
        let schedule: Schedule = written::read_json(schedule).map_err(within("schedule"))?;
        let source: FileSource = written::read_json(source).map_err(within("source"))?;
        let faults: Violations = [schedule.check(), source.check()]
            .into_iter()
            .filter_map(Result::err)
            .map(within_config)
            .collect();
        if faults.is_empty() { Ok(Some((schedule, source))) } else { Err(faults) }
    }
}

/// A moment of the calendar in UTC, whole seconds.
#[derive(Clone)]
struct Moment(jiff::civil::DateTime);

impl Moment {
    fn of(at: Timestamp) -> Option<Self> {
        let instant = jiff::Timestamp::from_second(at.as_micros().div_euclid(MICROS)).ok()?;
        Some(Self(jiff::tz::TimeZone::UTC.to_datetime(instant)))
    }

    fn seconds(&self) -> Option<i64> {
        Some(jiff::tz::TimeZone::UTC.to_timestamp(self.0).ok()?.as_second())
    }
}

impl CronDateTime for Moment {
    fn to_civil(&self) -> CivilDateTime {
        let part = |part: i8| u32::try_from(part).unwrap_or(0);
        let date = CivilDate::from_parts_unchecked(
            i32::from(self.0.year()),
            part(self.0.month()),
            part(self.0.day()),
        );
        let time = CivilTime::from_parts_unchecked(
            part(self.0.hour()),
            part(self.0.minute()),
            part(self.0.second()),
        );
        CivilDateTime::new(date, time)
    }

    fn civil_weekday(&self) -> Weekday {
        Weekday::from_days_from_sunday(u32::try_from(self.0.weekday().to_sunday_zero_offset()).unwrap_or(0))
    }

    fn resolve_civil(&self, civil: CivilDateTime) -> Result<Resolution<Self>, CronError> {
        let part = |part: u32| i8::try_from(part).unwrap_or(0);
        let year = i16::try_from(civil.year()).map_err(|_| CronError::InvalidDate)?;
        let found = jiff::civil::DateTime::new(
            year,
            part(civil.month()),
            part(civil.day()),
            part(civil.hour()),
            part(civil.minute()),
            part(civil.second()),
            0,
        );
        found.map(|at| Resolution::Single(Self(at))).map_err(|_| CronError::InvalidTime)
    }

    fn checked_add_seconds(&self, seconds: i64) -> Option<Self> {
        self.0.checked_add(jiff::SignedDuration::from_secs(seconds)).ok().map(Self)
    }

    fn cmp_instant(&self, other: &Self) -> Ordering {
        self.0.cmp(&other.0)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{FileSource, PipelineConfig, Schedule, Timestamp};

    fn next(schedule: &Schedule, now: &str) -> String {
        schedule.next_after(Timestamp::parse(now).unwrap()).unwrap().to_rfc3339_seconds()
    }

    fn config(schedule: Value, source: Value) -> PipelineConfig {
        PipelineConfig { schedule: Some(schedule), source: Some(source), ..PipelineConfig::default() }
    }

    #[test]
    fn the_next_look_is_strictly_later() {
        let nightly = Schedule::Cron("0 3 * * *".into());
        assert_eq!(next(&nightly, "2026-12-31T02:59:59Z"), "2026-12-31T03:00:00.000Z");
        assert_eq!(next(&nightly, "2026-12-31T03:00:00Z"), "2027-01-01T03:00:00.000Z");
        let mondays = Schedule::Cron("*/15 8 * * MON".into());
        assert_eq!(next(&mondays, "2026-11-23T08:50:00Z"), "2026-11-30T08:00:00.000Z");
        assert_eq!(next(&Schedule::EveryMinutes(15), "2026-11-23T08:50:00Z"), "2026-11-23T09:05:00.000Z");
        assert_eq!(Schedule::Cron("0 0 31 2 *".into()).next_after(Timestamp::from_micros(0)), None);
    }

    #[test]
    fn what_makes_no_sense_is_named() {
        let folder = json!({ "kind": "folder", "path": "/srv/in", "pattern": "*.csv" });
        let s3 = json!({ "kind": "s3", "endpoint": "https://s3.example", "region": "eu", "bucket": "b" });
        for source in [&folder, &s3] {
            assert!(config(json!({ "every-minutes": 5 }), source.clone()).timetable().unwrap().is_some());
        }
        for (schedule, source, path) in [
            (json!({ "cron": "0 3 * *" }), folder.clone(), "pipeline-config.schedule.cron"),
            (json!({ "cron": "* * * * * *" }), folder.clone(), "pipeline-config.schedule.cron"),
            (json!({ "every-minutes": 0 }), folder.clone(), "pipeline-config.schedule.every-minutes"),
            (
                json!({ "every-minutes": 5 }),
                json!({ "kind": "folder", "path": "in" }),
                "pipeline-config.source.path",
            ),
            (json!({ "every-minutes": 5 }), json!({ "kind": "ftp" }), "pipeline-config.source"),
        ] {
            let faults = config(schedule, source).timetable().unwrap_err();
            assert!(faults[0].path.join(".").starts_with(path), "{faults:?}");
        }
        let alone = PipelineConfig { source: Some(folder), ..PipelineConfig::default() };
        assert_eq!(alone.timetable().unwrap_err()[0].path, ["pipeline-config", "schedule"]);
        assert_eq!(PipelineConfig::default().timetable(), Ok(None));
    }

    #[test]
    fn a_pattern_takes_names() {
        let takes = |pattern: &str, name: &str| {
            FileSource::Folder { path: "/".into(), pattern: Some(pattern.into()) }.takes(name)
        };
        assert!(takes("*.csv", "a.csv") && takes("a*b*.csv", "axxbyb.csv") && takes("?.csv", "ä.csv"));
        assert!(!takes("*.csv", "a.csv.part") && !takes("?.csv", "ab.csv") && !takes("a*b", "ac"));
        assert!(takes("*", "") && FileSource::Folder { path: "/".into(), pattern: None }.takes("x"));
    }
}
