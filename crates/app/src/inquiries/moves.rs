//! Moving an inquiry from one status to another: each move with its times, its event, and what follows from it.

use muster_domain::InquiryId;
use muster_domain::event::{Actor, Source};
use muster_domain::inquiry::{InquiryStatus, Move, Trigger, transition};

use super::{Inquiry, sessions};
use crate::jobs::{self, Kind};
use crate::record::{self, Record, Told, told};
use crate::{Cx, Error, Result, verifications};

/// Moves an inquiry, and tells of it. One that is there already stays as it is.
///
/// # Errors
/// [`Error::Conflict`] when it cannot move there from where it is, or is redacted.
pub fn move_to(
    cx: &mut Cx<'_, '_>,
    inquiry: &mut Record<Inquiry>,
    trigger: Trigger,
    change: impl FnOnce(&mut Inquiry),
    also: Vec<Told>,
) -> Result<()> {
    refuse_redacted(&inquiry.item)?;
    let from = inquiry.item.status;
    let to = match transition(from, trigger) {
        Move::To(to) => to,
        Move::Stay => return Ok(()),
        Move::Refused => return Err(refused(from, trigger)),
    };
    let mut next = inquiry.item.clone();
    next.status = to;
    note_times(&mut next, trigger, cx);
    change(&mut next);
    let events = [told(trigger.event())].into_iter().chain(also).collect();
    let expires_at = next.expires_at;
    record::update(cx, inquiry, next, events)?;
    let id = inquiry.item.id.to_string();
    match (trigger, expires_at) {
        (Trigger::Start | Trigger::Resume, Some(at)) => {
            jobs::enqueue_at(cx, Kind::ExpireInquiry, &id, "", at)?;
        }
        (Trigger::Expire, _) => {
            forget_expiry(cx, &id)?;
            sessions::expire_of(cx, inquiry)?;
            verifications::cancel_of(cx, inquiry)?;
        }
        _ => {
            forget_expiry(cx, &id)?;
            if from.is_open() && !matches!(trigger, Trigger::Complete | Trigger::Fail) {
                // A decision from outside ends what the person does.
                sessions::expire_of(cx, inquiry)?;
                verifications::cancel_of(cx, inquiry)?;
            }
        }
    }
    Ok(())
}

/// The job of expiry has nothing to do any more. One that is doing it ends by itself.
fn forget_expiry(cx: &mut Cx<'_, '_>, id: &str) -> Result<()> {
    match cx.scope.source {
        Source::Job(_) => Ok(()),
        _ => jobs::cancel(cx, Kind::ExpireInquiry, id),
    }
}

fn note_times(next: &mut Inquiry, trigger: Trigger, cx: &Cx<'_, '_>) {
    let now = cx.scope.now;
    match trigger {
        Trigger::Start => {
            next.started_at = Some(now);
            next.expires_at = next.clocks.started(now).or(next.expires_at);
        }
        Trigger::Complete => (next.completed_at, next.expires_at) = (Some(now), None),
        Trigger::Fail => (next.failed_at, next.expires_at) = (Some(now), None),
        Trigger::Expire => (next.expired_at, next.expires_at) = (Some(now), None),
        Trigger::Resume => {
            (next.expired_at, next.expires_at) = (None, Some(now + next.clocks.resumed()));
            next.started_at = next.started_at.or(Some(now));
        }
        Trigger::MarkForReview => (next.marked_for_review_at, next.expires_at) = (Some(now), None),
        Trigger::Approve | Trigger::Decline => (next.decisioned_at, next.expires_at) = (Some(now), None),
    }
}

/// Refuses to change what is erased.
///
/// # Errors
/// [`Error::Conflict`].
pub(super) fn refuse_redacted(inquiry: &Inquiry) -> Result<()> {
    match inquiry.redacted_at {
        None => Ok(()),
        Some(_) => Err(Error::Conflict { title: "Conflict", details: "Inquiry already redacted".to_owned() }),
    }
}

fn refused(from: InquiryStatus, trigger: Trigger) -> Error {
    let verb = match trigger {
        Trigger::Start => "started",
        Trigger::Complete => "completed",
        Trigger::Fail => "failed",
        Trigger::Expire => "expired",
        Trigger::Resume => "resumed",
        Trigger::MarkForReview => "marked for review",
        Trigger::Approve => "approved",
        Trigger::Decline => "declined",
    };
    Error::Conflict {
        title: "Conflict",
        details: format!("an inquiry with the status {} cannot be {verb}", from.as_str()),
    }
}

/// Decides about an inquiry, or asks somebody to look at it.
///
/// # Errors
/// [`Error::NotFound`], [`Error::Conflict`] when it cannot be decided so.
pub fn decide(
    cx: &mut Cx<'_, '_>,
    id: &InquiryId,
    trigger: Trigger,
    comment: Option<&str>,
) -> Result<Record<Inquiry>> {
    let mut inquiry = super::open(cx, id)?;
    let is_decision = matches!(trigger, Trigger::Approve | Trigger::Decline);
    let reviewer = match &cx.scope.actor {
        Actor::ApiKey(key) => Some(key.to_string()),
        _ => None,
    };
    let note = |inquiry: &mut Inquiry| {
        if is_decision {
            inquiry.reviewer = reviewer;
            inquiry.reviewer_comment = comment.map(str::to_owned);
        }
    };
    move_to(cx, &mut inquiry, trigger, note, Vec::new())?;
    Ok(inquiry)
}

/// Starts an inquiry, if that has not happened.
///
/// # Errors
/// As [`move_to`].
pub fn start(cx: &mut Cx<'_, '_>, inquiry: &mut Record<Inquiry>) -> Result<()> {
    match inquiry.item.status {
        InquiryStatus::Created => move_to(cx, inquiry, Trigger::Start, |_| {}, Vec::new()),
        _ => Ok(()),
    }
}
