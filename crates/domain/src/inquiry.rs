//! The life of an inquiry: statuses, what moves it from one to another, and its clocks (spec A.1, A.2).

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::event::EventName;
use crate::time::Timestamp;

/// Where an inquiry stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum InquiryStatus {
    /// Nobody has begun to be verified.
    Created,
    /// Somebody is being verified.
    Pending,
    /// The person reached the end.
    Completed,
    /// The person reached the end without success.
    Failed,
    /// Its time is over.
    Expired,
    /// Somebody is to look at it.
    NeedsReview,
    /// It was approved.
    Approved,
    /// It was declined.
    Declined,
}

impl InquiryStatus {
    /// All of them.
    pub const ALL: [Self; 8] = [
        Self::Created,
        Self::Pending,
        Self::Completed,
        Self::Failed,
        Self::Expired,
        Self::NeedsReview,
        Self::Approved,
        Self::Declined,
    ];

    /// Its name on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Created => "created",
            Self::Pending => "pending",
            Self::Completed => "completed",
            Self::Failed => "failed",
            Self::Expired => "expired",
            Self::NeedsReview => "needs_review",
            Self::Approved => "approved",
            Self::Declined => "declined",
        }
    }

    /// The status of that name, also with hyphens.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        let name = name.replace('-', "_");
        Self::ALL.into_iter().find(|status| status.as_str() == name)
    }

    /// Whether the person can go on.
    #[must_use]
    pub const fn is_open(self) -> bool {
        matches!(self, Self::Created | Self::Pending)
    }
}

/// What moves an inquiry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trigger {
    /// The first verification of the person.
    Start,
    /// The person reaches the page of success.
    Complete,
    /// The person reaches the page of failure.
    Fail,
    /// The clock, or a request.
    Expire,
    /// A request to go on.
    Resume,
    /// A request that somebody looks at it.
    MarkForReview,
    /// A decision.
    Approve,
    /// A decision.
    Decline,
}

impl Trigger {
    /// All of them.
    pub const ALL: [Self; 8] = [
        Self::Start,
        Self::Complete,
        Self::Fail,
        Self::Expire,
        Self::Resume,
        Self::MarkForReview,
        Self::Approve,
        Self::Decline,
    ];

    /// The event of it.
    #[must_use]
    pub const fn event(self) -> EventName {
        match self {
            Self::Start => EventName::InquiryStarted,
            Self::Complete => EventName::InquiryCompleted,
            Self::Fail => EventName::InquiryFailed,
            Self::Expire => EventName::InquiryExpired,
            Self::Resume => EventName::InquiryResumed,
            Self::MarkForReview => EventName::InquiryMarkedForReview,
            Self::Approve => EventName::InquiryApproved,
            Self::Decline => EventName::InquiryDeclined,
        }
    }
}

/// What a trigger does to an inquiry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Move {
    /// It gets this status.
    To(InquiryStatus),
    /// It stays as it is, and nothing is told of it.
    Stay,
    /// It cannot be.
    Refused,
}

/// What a trigger does in a status.
#[must_use]
pub const fn transition(from: InquiryStatus, trigger: Trigger) -> Move {
    use InquiryStatus as S;
    match (trigger, from) {
        (Trigger::Start, S::Created) => Move::To(S::Pending),
        (Trigger::Start | Trigger::Resume, S::Pending) | (Trigger::Resume, S::Created) => Move::Stay,
        // A flow of forms only never starts.
        (Trigger::Complete, S::Created | S::Pending) => Move::To(S::Completed),
        (Trigger::Fail, S::Created | S::Pending) => Move::To(S::Failed),
        (Trigger::Expire, S::Created | S::Pending) => Move::To(S::Expired),
        (Trigger::Resume, S::Expired) => Move::To(S::Pending),
        (Trigger::MarkForReview, S::Approved | S::Declined) => Move::Refused,
        (Trigger::MarkForReview, S::NeedsReview)
        | (Trigger::Approve, S::Approved)
        | (Trigger::Decline, S::Declined) => Move::Stay,
        (Trigger::MarkForReview, _) => Move::To(S::NeedsReview),
        (Trigger::Approve, _) => Move::To(S::Approved),
        (Trigger::Decline, _) => Move::To(S::Declined),
        (Trigger::Start | Trigger::Complete | Trigger::Fail | Trigger::Expire | Trigger::Resume, _) => {
            Move::Refused
        }
    }
}

/// How long an inquiry and its links last: of its template version, or of itself.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Clocks {
    /// Seconds from creation to expiry.
    pub after_create: Option<u32>,
    /// Seconds from the start to expiry; where nothing is set, a start does not move the expiry.
    pub after_start: Option<u32>,
    /// Seconds from being resumed to expiry.
    pub after_resume: Option<u32>,
    /// Seconds that a link to another device works.
    pub one_time_link: Option<u32>,
}

/// One day, in seconds: the default of creation and resumption.
const DAY_SECONDS: u32 = 24 * 60 * 60;

impl Clocks {
    /// These, and where nothing is set, those.
    #[must_use]
    pub fn or(self, those: Self) -> Self {
        Self {
            after_create: self.after_create.or(those.after_create),
            after_start: self.after_start.or(those.after_start),
            after_resume: self.after_resume.or(those.after_resume),
            one_time_link: self.one_time_link.or(those.one_time_link),
        }
    }

    /// When an inquiry created now expires.
    #[must_use]
    pub fn created(self, now: Timestamp) -> Timestamp {
        now + seconds(self.after_create.unwrap_or(DAY_SECONDS))
    }

    /// When an inquiry started now expires; none where that does not change.
    #[must_use]
    pub fn started(self, now: Timestamp) -> Option<Timestamp> {
        self.after_start.map(|after| now + seconds(after))
    }

    /// How long an inquiry that is resumed, and a link to one, works.
    #[must_use]
    pub fn resumed(self) -> Duration {
        seconds(self.after_resume.unwrap_or(DAY_SECONDS))
    }
}

fn seconds(seconds: u32) -> Duration {
    Duration::from_secs(u64::from(seconds))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Rows: from. Columns in the order of `Trigger::ALL`; `-` refused, `=` stays, else the new status.
    const TABLE: [(&str, [&str; 8]); 8] = [
        (
            "created",
            ["pending", "completed", "failed", "expired", "=", "needs_review", "approved", "declined"],
        ),
        ("pending", ["=", "completed", "failed", "expired", "=", "needs_review", "approved", "declined"]),
        ("completed", ["-", "-", "-", "-", "-", "needs_review", "approved", "declined"]),
        ("failed", ["-", "-", "-", "-", "-", "needs_review", "approved", "declined"]),
        ("expired", ["-", "-", "-", "-", "pending", "needs_review", "approved", "declined"]),
        ("needs_review", ["-", "-", "-", "-", "-", "=", "approved", "declined"]),
        ("approved", ["-", "-", "-", "-", "-", "-", "=", "declined"]),
        ("declined", ["-", "-", "-", "-", "-", "-", "approved", "="]),
    ];

    #[test]
    fn every_trigger_in_every_status() {
        for (from, row) in TABLE {
            let from = InquiryStatus::parse(from).unwrap();
            for (trigger, wanted) in Trigger::ALL.into_iter().zip(row) {
                let got = match transition(from, trigger) {
                    Move::To(status) => status.as_str(),
                    Move::Stay => "=",
                    Move::Refused => "-",
                };
                assert_eq!(got, wanted, "{trigger:?} in {from:?}");
            }
        }
    }

    #[test]
    fn names_are_read_with_underscores_or_hyphens() {
        for status in InquiryStatus::ALL {
            assert_eq!(InquiryStatus::parse(status.as_str()), Some(status));
        }
        assert_eq!(InquiryStatus::parse("needs-review"), Some(InquiryStatus::NeedsReview));
        assert_eq!(InquiryStatus::parse("redacted"), None);
    }

    #[test]
    fn a_clock_of_the_inquiry_goes_before_that_of_its_template() {
        let template = Clocks { after_create: Some(10), after_resume: Some(20), ..Clocks::default() };
        let own = Clocks { after_create: Some(5), after_start: Some(7), ..Clocks::default() };
        let now = Timestamp::from_micros(0);
        let clocks = own.or(template);
        assert_eq!(clocks.created(now), now + Duration::from_secs(5));
        assert_eq!(clocks.started(now), Some(now + Duration::from_secs(7)));
        assert_eq!(clocks.resumed(), Duration::from_secs(20));
        assert_eq!(template.started(now), None, "a start does not move the expiry unless it is told to");
        assert_eq!(Clocks::default().created(now), now + Duration::from_hours(24));
    }
}
