//! Codes by e-mail and by text message: sending, waiting, entering.

use std::time::Duration;

use muster_domain::inquiry_template::{Outcome, Step, StepKind};
use muster_domain::verification::Decision;
use muster_domain::verification::code::{CODES_MAX, Entered, SANDBOX_CODE};
use muster_domain::{Timestamp, VerificationId};
use serde_json::Value;

use super::{Facilities, Fault, Place, Wrong, letter, under_way};
use crate::verifications::{self, Delivery, Verification};
use crate::{Cx, Result};

/// How long to wait before another code is sent.
const WAIT: Duration = Duration::from_secs(30);

/// How a step stands that sends a code.
#[derive(Clone)]
pub struct CodeState {
    /// The key of the verification.
    pub verification: String,
    /// The key of the field that has the address.
    pub field: String,
    /// The address or number.
    pub to: Option<String>,
    /// Whether a code was sent that can be entered.
    pub is_sent: bool,
    /// Seconds until another code may be sent.
    pub wait_seconds: u64,
    /// Whether more codes may be sent.
    pub may_send: bool,
}

impl std::fmt::Debug for CodeState {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("CodeState").field("is_sent", &self.is_sent).finish_non_exhaustive()
    }
}

/// How the present step stands, if it sends a code.
#[must_use]
pub fn code_state(place: &Place, now: Timestamp) -> Option<CodeState> {
    let (StepKind::EmailCode { verification, field, .. } | StepKind::PhoneCode { verification, field, .. }) =
        &place.step()?.kind
    else {
        return None;
    };
    let values = place.values();
    let to = values.get(field).and_then(Value::as_str).map(str::trim);
    let begun = place.verification.as_ref().map(|record| &record.item);
    let sent = place.inquiry.item.flow.attempts.get(verification).cloned().unwrap_or_default();
    let sent_at = begun.and_then(|begun| begun.code_sent_at).max(sent.code_sent_at);
    let until = sent_at.map(|at| (at + WAIT).as_micros());
    let wait = until.map_or(0, |until| until.saturating_sub(now.as_micros()).max(0));
    Some(CodeState {
        verification: verification.clone(),
        field: field.clone(),
        to: to.filter(|to| !to.is_empty()).map(str::to_owned),
        is_sent: begun.is_some_and(|begun| begun.code.is_some()),
        wait_seconds: u64::try_from(wait).unwrap_or(0).div_ceil(1_000_000),
        may_send: begun.map_or(0, |begun| begun.codes_sent).max(sent.codes_sent) < CODES_MAX,
    })
}

/// The code that is right where nothing is sent.
#[must_use]
pub const fn sandbox_code() -> &'static str {
    SANDBOX_CODE
}

/// Sends a code to the address of the present step; the first one begins its verification.
pub(super) fn send(
    cx: &mut Cx<'_, '_>,
    place: &mut Place,
    (step, facilities): (&Step, &Facilities),
) -> Result<Result<(), Wrong>> {
    let delivery = match facilities.delivery(step) {
        Ok(delivery) => delivery,
        Err(fault) => return Ok(Err(Wrong::general(fault))),
    };
    let Some(state) = code_state(place, cx.scope.now) else { return Ok(Ok(())) };
    let Some(to) = state.to else { return Ok(Err(Wrong::with("address", Fault::Missing))) };
    if !state.may_send {
        return Ok(Err(Wrong::general(Fault::NoMoreCodes)));
    }
    if state.wait_seconds > 0 {
        return Ok(Err(Wrong::general(Fault::TooEarly { seconds: state.wait_seconds })));
    }
    let id = begun(cx, place, &state.verification)?;
    let (verification, code) = verifications::send_code(cx, &mut place.inquiry, &id, &to, delivery)?;
    if matches!(delivery, Delivery::Sent(_)) {
        let language = place.inquiry.item.flow.language.clone().unwrap_or_default();
        letter::enqueue(cx, &verification, &code, (&to, &language))?;
    }
    place.verification = Some(verification);
    Ok(Ok(()))
}

/// The verification of the present step: the one that was begun, or a new one.
fn begun(cx: &mut Cx<'_, '_>, place: &mut Place, key: &str) -> Result<VerificationId> {
    if let Some(begun) = &place.verification {
        return Ok(begun.item.id.clone());
    }
    let made = verifications::create(cx, &mut place.inquiry, key)?;
    let id = made.item.id.clone();
    place.verification = Some(made);
    Ok(id)
}

/// Compares the code that was entered. The inner error says what is wrong with it; none when the verification has
/// ended, one way or the other.
pub(super) fn enter(cx: &mut Cx<'_, '_>, place: &mut Place, entered: &str) -> Result<Result<(), Wrong>> {
    if entered.trim().is_empty() {
        return Ok(Err(Wrong::with("code", Fault::Missing)));
    }
    let Some(begun) = place.verification.as_ref().filter(|begun| begun.item.code.is_some()) else {
        return Ok(Err(Wrong::with("code", Fault::CodeExpired)));
    };
    if !was_sent_there(place, &begun.item) {
        return Ok(Err(Wrong::with("code", Fault::CodeExpired)));
    }
    let id = begun.item.id.clone();
    let (_, end) = verifications::enter_code(cx, &mut place.inquiry, &id, entered)?;
    let has_ended = under_way(cx.tx, cx.scope, cx.master, (&place.inquiry.item, &place.version))?.is_none();
    let fault = match end {
        _ if has_ended => return Ok(Ok(())),
        Entered::Right => return Ok(Ok(())),
        Entered::Wrong { tries_left } => Fault::CodeWrong { tries_left },
        Entered::Expired => Fault::CodeExpired,
        Entered::TriedTooOften => Fault::CodeSpent,
    };
    Ok(Err(Wrong::with("code", fault)))
}

/// Whether the code went to the address that the inquiry has now: it proves no other one.
fn was_sent_there(place: &Place, begun: &Verification) -> bool {
    let item = &place.inquiry.item;
    let step = item.next_step.as_deref().and_then(|name| place.version.definition.step(name));
    let (field, member) = match step.map(|step| &step.kind) {
        Some(StepKind::EmailCode { field, .. }) => (field, "email_address"),
        Some(StepKind::PhoneCode { field, .. }) => (field, "phone_number"),
        _ => return false,
    };
    let values = place.version.definition.effective(&item.fields);
    values.get(field).is_some() && values.get(field) == begun.attributes.get(member)
}

/// Ends the verification of the present step as a sandbox is told to.
pub(super) fn simulate(cx: &mut Cx<'_, '_>, place: &mut Place, key: &str, outcome: Outcome) -> Result<()> {
    let id = begun(cx, place, key)?;
    verifications::simulate_code(cx, &mut place.inquiry, &id, decision(outcome))
}

/// The decision that an outcome stands for.
pub(super) fn decision(outcome: Outcome) -> Decision {
    match outcome {
        Outcome::Passed => Decision::Passed,
        Outcome::Failed => Decision::Failed,
        Outcome::Submitted => Decision::Undecided,
    }
}
