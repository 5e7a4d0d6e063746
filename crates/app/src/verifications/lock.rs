//! Keeping a verification from redaction while somebody investigates.

use muster_domain::event::EventName;
use muster_domain::{InquiryId, VerificationId};
use muster_store::records as rows;

use super::Verification;
use super::decide::inquiry_of;
use crate::jobs::{self, Kind};
use crate::record::{self, Record, told};
use crate::{Cx, Error, Result};

/// Keeps a verification from redaction. One that is kept already stays as it is.
///
/// # Errors
/// [`Error::NotFound`], [`Error::Conflict`] when there is nothing left to keep, or its inquiry is being redacted.
pub fn lock(cx: &mut Cx<'_, '_>, id: &VerificationId) -> Result<Record<Verification>> {
    let mut verification: Record<Verification> = record::get(cx.tx, cx.scope, cx.master, id.as_str())?;
    verification.item.refuse_redacted()?;
    if verification.item.locked_at.is_none() {
        let mut inquiry = inquiry_of(cx, &verification.item)?;
        if inquiry.item.redacted_at.is_some() {
            let details = "the inquiry of this verification is being redacted".to_owned();
            return Err(Error::Conflict { title: "Conflict", details });
        }
        // Whoever redacts it at this moment has to look again.
        let same = inquiry.item.clone();
        record::update(cx, &mut inquiry, same, Vec::new())?;
        let next = Verification { locked_at: Some(cx.scope.now), ..verification.item.clone() };
        record::update(cx, &mut verification, next, vec![told(EventName::VerificationLocked)])?;
    }
    Ok(verification)
}

/// Lets a verification be redacted again. One that may be stays as it is. A redaction of its inquiry that had to
/// leave it out goes on.
///
/// # Errors
/// [`Error::NotFound`].
pub fn unlock(cx: &mut Cx<'_, '_>, id: &VerificationId) -> Result<Record<Verification>> {
    let mut verification: Record<Verification> = record::get(cx.tx, cx.scope, cx.master, id.as_str())?;
    if verification.item.locked_at.is_some() {
        let next = Verification { locked_at: None, ..verification.item.clone() };
        record::update(cx, &mut verification, next, vec![told(EventName::VerificationUnlocked)])?;
        let inquiry = inquiry_of(cx, &verification.item)?;
        if inquiry.item.redacted_at.is_some() && verification.item.redacted_at.is_none() {
            jobs::enqueue(cx, Kind::RedactInquiryChildren, inquiry.item.id.as_str(), "")?;
        }
    }
    Ok(verification)
}

/// Refuses to redact an inquiry while one of its verifications is kept.
///
/// # Errors
/// [`Error::Conflict`] naming one.
pub fn refuse_locked(cx: &mut Cx<'_, '_>, inquiry: &InquiryId) -> Result<()> {
    let children = rows::children(cx.tx, &cx.scope.environment.id, &[inquiry.as_str()])?;
    let ids: Vec<String> =
        children.into_iter().filter(|child| child.kind == "verification").map(|child| child.id).collect();
    for verification in record::find_many::<Verification>(cx.tx, cx.scope, cx.master, &ids)? {
        if verification.item.redacted_at.is_none() {
            refuse(&verification.item)?;
        }
    }
    Ok(())
}

/// Whether a verification of an inquiry is kept from redaction.
pub(crate) fn is_any_kept(cx: &mut Cx<'_, '_>, inquiry: &InquiryId) -> Result<bool> {
    match refuse_locked(cx, inquiry) {
        Ok(()) => Ok(false),
        Err(Error::Conflict { .. }) => Ok(true),
        Err(error) => Err(error),
    }
}

pub(super) fn refuse(verification: &Verification) -> Result<()> {
    match verification.locked_at {
        None => Ok(()),
        Some(_) => Err(Error::Conflict {
            title: "Conflict",
            details: format!(
                "the verification {} is locked by an investigation; unlock it first",
                verification.id
            ),
        }),
    }
}
