//! Keeping a verification from redaction while somebody investigates.

use muster_domain::event::EventName;
use muster_domain::{InquiryId, VerificationId};
use muster_store::records as rows;

use super::Verification;
use crate::record::{self, Record, told};
use crate::{Cx, Error, Result};

/// Keeps a verification from redaction. One that is kept already stays as it is.
///
/// # Errors
/// [`Error::NotFound`], [`Error::Conflict`] when there is nothing left to keep.
pub fn lock(cx: &mut Cx<'_, '_>, id: &VerificationId) -> Result<Record<Verification>> {
    let mut verification: Record<Verification> = record::get(cx.tx, cx.scope, cx.master, id.as_str())?;
    verification.item.refuse_redacted()?;
    if verification.item.locked_at.is_none() {
        let next = Verification { locked_at: Some(cx.scope.now), ..verification.item.clone() };
        record::update(cx, &mut verification, next, vec![told(EventName::VerificationLocked)])?;
    }
    Ok(verification)
}

/// Lets a verification be redacted again. One that may be stays as it is.
///
/// # Errors
/// [`Error::NotFound`].
pub fn unlock(cx: &mut Cx<'_, '_>, id: &VerificationId) -> Result<Record<Verification>> {
    let mut verification: Record<Verification> = record::get(cx.tx, cx.scope, cx.master, id.as_str())?;
    if verification.item.locked_at.is_some() {
        let next = Verification { locked_at: None, ..verification.item.clone() };
        record::update(cx, &mut verification, next, vec![told(EventName::VerificationUnlocked)])?;
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
        refuse(&verification.item)?;
    }
    Ok(())
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
