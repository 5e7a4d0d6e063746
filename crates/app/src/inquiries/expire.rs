//! Inquiries whose time is over: found by a job at the moment, and by whoever comes across one before.

use muster_domain::InquiryId;
use muster_domain::inquiry::Trigger;
use muster_store::jobs::JobRow;

use super::{Inquiry, move_to};
use crate::jobs::Step;
use crate::record::{self, Record};
use crate::{Cx, Error, Result};

/// Ends an inquiry before its time.
///
/// # Errors
/// [`Error::NotFound`], [`Error::Conflict`] when it has ended.
pub fn expire(cx: &mut Cx<'_, '_>, id: &InquiryId) -> Result<Record<Inquiry>> {
    let mut inquiry = record::get(cx.tx, cx.scope, cx.master, id.as_str())?;
    move_to(cx, &mut inquiry, Trigger::Expire, |_| {}, Vec::new())?;
    Ok(inquiry)
}

/// Ends an inquiry whose time is over.
///
/// # Errors
/// What the store reports.
pub fn expire_if_due(cx: &mut Cx<'_, '_>, inquiry: &mut Record<Inquiry>) -> Result<()> {
    let is_due = inquiry.item.expires_at.is_some_and(|at| at <= cx.scope.now);
    match is_due && inquiry.item.status.is_open() && inquiry.item.redacted_at.is_none() {
        true => move_to(cx, inquiry, Trigger::Expire, |_| {}, Vec::new()),
        false => Ok(()),
    }
}

/// The job of it.
pub(crate) fn expire_step(cx: &mut Cx<'_, '_>, job: &JobRow) -> Result<Step> {
    let Some(mut inquiry) = record::find::<Inquiry>(cx.tx, cx.scope, cx.master, &job.subject_id)? else {
        return Err(Error::bug("an inquiry that is to expire is not there"));
    };
    expire_if_due(cx, &mut inquiry)?;
    match inquiry.item.expires_at {
        Some(at) if inquiry.item.status.is_open() && at > cx.scope.now => {
            let wait = at.as_micros() - cx.scope.now.as_micros();
            let pause = std::time::Duration::from_micros(u64::try_from(wait).unwrap_or(0));
            Ok(Step::Again { state: String::new(), pause })
        }
        _ => Ok(Step::Done),
    }
}
