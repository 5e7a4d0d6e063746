//! Codes that prove an e-mail address or a telephone number.

use std::time::Duration;

use muster_domain::VerificationId;
use muster_domain::event::EventName;
use muster_domain::inquiry_template::Outcome;
use muster_domain::verification::code::{CODES_MAX, ConfirmationCode, Entered, SentCode, verdict};
use muster_domain::verification::examination::Verdicts;
use muster_domain::verification::{Decision, Examination, Step, VerificationKind, VerificationStatus};

use super::create::refuse_ended;
use super::submit::{conclude, note_outcome};
use super::{Verification, examine, later, within};
use crate::inquiries::{Inquiry, is_sandbox};
use crate::record::{self, Record, told};
use crate::{Cx, Error, Result};

/// How long to wait before another code is sent.
const COOLDOWN: Duration = Duration::from_secs(30);

/// How a code comes to the person.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Delivery {
    /// It is sent; it is made from this random number.
    Sent(u64),
    /// Nothing is sent: it is always the same one, and the page says which. In a sandbox only.
    Shown,
}

/// Makes a code for an address or a number and keeps its hash. Whoever calls sends it when the transaction is done.
///
/// # Errors
/// [`Error::Conflict`] when the last one was sent just now, or too many were, or the inquiry has ended.
pub fn send_code(
    cx: &mut Cx<'_, '_>,
    inquiry: &mut Record<Inquiry>,
    id: &VerificationId,
    to: &str,
    delivery: Delivery,
) -> Result<(Record<Verification>, ConfirmationCode)> {
    let mut verification = super::open(cx, &inquiry.item.id, id)?;
    verification.item.refuse_redacted()?;
    refuse_ended(&inquiry.item)?;
    let (item, now) = (&verification.item, cx.scope.now);
    if item.status != VerificationStatus::Initiated || !item.kind.has_code() {
        return Err(item.refused(Step::Confirm));
    }
    let conflict = |details: &str| Error::Conflict { title: "Conflict", details: details.to_owned() };
    let sent = inquiry.item.flow.attempts.get(&item.config.key).cloned().unwrap_or_default();
    if item.codes_sent.max(sent.codes_sent) >= CODES_MAX {
        return Err(conflict("no more codes are sent for this verification"));
    }
    if item.code_sent_at.max(sent.code_sent_at).is_some_and(|at| at + COOLDOWN > now) {
        return Err(conflict("a code was sent just now; wait half a minute before asking for another"));
    }
    let code = match delivery {
        Delivery::Sent(random) => ConfirmationCode::from_random(random),
        Delivery::Shown if is_sandbox(cx.scope) => ConfirmationCode::sandbox(),
        Delivery::Shown => return Err(Error::bug("a code outside of a sandbox was not to be sent")),
    };
    let mut next = Verification {
        code: Some(SentCode::new(&code, id.as_str(), now)),
        codes_sent: item.codes_sent + 1,
        code_sent_at: Some(now),
        ..item.clone()
    };
    let member = if item.kind == VerificationKind::EmailAddress { "email_address" } else { "phone_number" };
    next.attributes.insert(member.to_owned(), to.into());
    record::update(cx, &mut verification, next, vec![told(EventName::VerificationUpdated)])?;
    note_sent(cx, inquiry, &verification.item)?;
    Ok((verification, code))
}

/// Counts a code at the inquiry as well: another verification of the same key must not send as many again.
fn note_sent(cx: &mut Cx<'_, '_>, inquiry: &mut Record<Inquiry>, verification: &Verification) -> Result<()> {
    let mut next = inquiry.item.clone();
    let attempts = next.flow.attempts.entry(verification.config.key.clone()).or_default();
    attempts.codes_sent = attempts.codes_sent.max(verification.codes_sent - 1) + 1;
    attempts.code_sent_at = verification.code_sent_at;
    record::update(cx, inquiry, next, Vec::new())
}

/// Compares a code that was entered. The right one confirms, hands in and passes the verification; one that was tried
/// too often fails it when no more codes can be sent.
///
/// # Errors
/// [`Error::NotFound`], [`Error::Conflict`] when no code was sent, or the verification or its inquiry has ended.
pub fn enter_code(
    cx: &mut Cx<'_, '_>,
    inquiry: &mut Record<Inquiry>,
    id: &VerificationId,
    entered: &str,
) -> Result<(Record<Verification>, Entered)> {
    let mut verification = super::open(cx, &inquiry.item.id, id)?;
    verification.item.refuse_redacted()?;
    refuse_ended(&inquiry.item)?;
    let mut next = verification.item.clone();
    let sent = next.code.as_mut().filter(|_| verification.item.status == VerificationStatus::Initiated);
    let Some(sent) = sent else { return Err(verification.item.refused(Step::Confirm)) };
    let end = sent.enter(entered, id.as_str(), cx.scope.now);
    let codes_sent = inquiry.item.flow.attempts.get(&next.config.key).map_or(0, |sent| sent.codes_sent);
    let is_spent = end == Entered::TriedTooOften && next.codes_sent.max(codes_sent) >= CODES_MAX;
    if end != Entered::Right && !is_spent {
        record::update(cx, &mut verification, next, Vec::new())?;
        return Ok((verification, end));
    }
    settle(cx, inquiry, &mut verification, next, end)?;
    Ok((verification, end))
}

/// Ends a verification as if its code had been entered right, or wrong for the last time.
///
/// # Errors
/// [`Error::NotFound`], [`Error::Conflict`] when the verification has ended.
pub fn simulate_code(
    cx: &mut Cx<'_, '_>,
    inquiry: &mut Record<Inquiry>,
    id: &VerificationId,
    decision: Decision,
) -> Result<()> {
    if !is_sandbox(cx.scope) {
        return Err(Error::bug("a verification outside of a sandbox was to be simulated"));
    }
    refuse_ended(&inquiry.item)?;
    let mut verification = super::open(cx, &inquiry.item.id, id)?;
    let next = verification.item.clone();
    let end = if decision == Decision::Passed { Entered::Right } else { Entered::TriedTooOften };
    settle(cx, inquiry, &mut verification, next, end)
}

/// Hands in a verification whose code was entered for the last time, and decides it.
fn settle(
    cx: &mut Cx<'_, '_>,
    inquiry: &mut Record<Inquiry>,
    verification: &mut Record<Verification>,
    mut next: Verification,
    end: Entered,
) -> Result<()> {
    next.code = None;
    if end == Entered::Right {
        next = next.after(Step::Confirm, cx.scope.now)?;
        record::update(cx, verification, next.clone(), Vec::new())?;
    }
    let mut verdicts = Verdicts::default();
    let check = match next.kind {
        VerificationKind::EmailAddress => "email_address_confirmation_comparison",
        _ => "phone_number_confirmation_comparison",
    };
    verdicts.note(check, verdict(end));
    let examination = Examination::local(next.kind, &examine::wanted(&next.config), verdicts);
    // A template may ask for no check at all; a code that was right is right all the same.
    let decision = if end == Entered::Right { Decision::Passed } else { Decision::Failed };
    next = next.after(Step::Submit, cx.scope.now)?;
    next.checks = examination.into_checks();
    record::update(cx, verification, next, vec![told(EventName::VerificationSubmitted)])?;
    note_outcome(cx, inquiry, &verification.item, Outcome::Submitted)?;
    let scope = later(cx.scope, 2);
    conclude(&mut within(cx, &scope), verification, inquiry, decision)
}
