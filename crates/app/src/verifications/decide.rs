//! Decisions from outside: a reviewer's, a provider's, or that of the inquiry that ended.

use muster_domain::VerificationId;
use muster_domain::verification::{Decision, Step, VerificationStatus};
use muster_store::records as rows;

use super::captures::process;
use super::submit::conclude;
use super::{Verification, later, within};
use crate::inquiries::Inquiry;
use crate::record::{self, Record, told};
use crate::{Cx, Error, Result};

/// Decides about a verification that was handed in.
///
/// # Errors
/// [`Error::NotFound`], [`Error::Conflict`] when there is nothing to decide.
pub fn decide(cx: &mut Cx<'_, '_>, id: &VerificationId, decision: Decision) -> Result<Record<Verification>> {
    let mut verification: Record<Verification> = record::get(cx.tx, cx.scope, cx.master, id.as_str())?;
    verification.item.refuse_redacted()?;
    let mut inquiry = inquiry_of(cx, &verification.item)?;
    if let Some(step) = decision.step(verification.item.kind) {
        // Refuse before anything is written.
        verification.item.after(step, cx.scope.now)?;
        process(cx, &verification.item, 0)?;
    }
    let scope = later(cx.scope, 1);
    conclude(&mut within(cx, &scope), &mut verification, &mut inquiry, decision)?;
    Ok(verification)
}

pub(super) fn inquiry_of(cx: &mut Cx<'_, '_>, verification: &Verification) -> Result<Record<Inquiry>> {
    let id = verification.inquiry.as_ref().ok_or_else(|| Error::bug("a verification without an inquiry"))?;
    record::get(cx.tx, cx.scope, cx.master, id.as_str())
}

/// Ends the verifications of an inquiry that nobody can go on with: those that were not handed in yet.
///
/// # Errors
/// What the store reports.
pub fn cancel_of(cx: &mut Cx<'_, '_>, inquiry: &Record<Inquiry>) -> Result<()> {
    let children = rows::children(cx.tx, &cx.scope.environment.id, &[inquiry.item.id.as_str()])?;
    let is_open = |status: &str| VerificationStatus::find(status).is_some_and(VerificationStatus::is_open);
    let ids = children.into_iter().filter(|child| child.kind == "verification" && is_open(&child.status));
    let ids: Vec<String> = ids.map(|child| child.id).collect();
    for mut verification in record::find_many::<Verification>(cx.tx, cx.scope, cx.master, &ids)? {
        let next = verification.item.after(Step::Cancel, cx.scope.now)?;
        let events = super::event(Step::Cancel).map(told).into_iter().collect();
        record::update(cx, &mut verification, next, events)?;
    }
    Ok(())
}
