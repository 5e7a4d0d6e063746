//! Pretending that something happened to an inquiry, in a sandbox (spec A.11).

use muster_domain::inquiry::Trigger;
use muster_domain::verification::Decision;
use muster_domain::{InquiryId, VerificationTemplateId};

use super::{Inquiry, decide, is_sandbox, move_to};
use crate::record::Record;
use crate::{Cx, Error, Result, verifications};

/// Actions of one request.
const ACTIONS_MAX: usize = 50;

/// What is to be pretended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SimulateAction {
    /// The inquiry moves.
    Move(Trigger),
    /// A verification of this template is created and passes.
    Pass(VerificationTemplateId),
    /// A verification of this template is created and fails.
    Fail(VerificationTemplateId),
}

/// Pretends that things happened to an inquiry, one after the other; all of them or none.
///
/// # Errors
/// [`Error::NotFound`], [`Error::Invalid`] outside of a sandbox and for a verification that cannot be pretended,
/// [`Error::Malformed`] for too many actions, [`Error::Conflict`] when the inquiry cannot move so.
pub fn simulate(cx: &mut Cx<'_, '_>, id: &InquiryId, actions: &[SimulateAction]) -> Result<Record<Inquiry>> {
    let mut inquiry = super::open(cx, id)?;
    if !is_sandbox(cx.scope) {
        let message = "can be performed in a sandbox environment only";
        return Err(Error::invalid(["meta", "simulate-actions"], message));
    }
    super::moves::refuse_redacted(&inquiry.item)?;
    if actions.len() > ACTIONS_MAX {
        return Err(Error::malformed(
            ["meta", "simulate_actions"],
            format!("must be at most {ACTIONS_MAX} actions"),
        ));
    }
    for action in actions {
        match action {
            SimulateAction::Move(
                trigger @ (Trigger::Approve | Trigger::Decline | Trigger::MarkForReview),
            ) => {
                inquiry = decide(cx, id, *trigger, None)?;
            }
            SimulateAction::Move(trigger) => move_to(cx, &mut inquiry, *trigger, |_| {}, Vec::new())?,
            SimulateAction::Pass(template) => {
                verifications::simulate(cx, &mut inquiry, template, Decision::Passed)?;
            }
            SimulateAction::Fail(template) => {
                verifications::simulate(cx, &mut inquiry, template, Decision::Failed)?;
            }
        }
    }
    Ok(inquiry)
}
