//! Beginning a verification.

use muster_domain::VerificationId;
use muster_domain::event::EventName;
use muster_domain::inquiry_template::VerificationTemplate;
use muster_domain::verification::{VerificationKind, VerificationStatus};
use serde_json::Map;

use super::{Verification, later, within};
use crate::inquiries::{self, Inquiry};
use crate::record::{self, Record, told};
use crate::{Cx, Error, Result};

/// Begins a verification of an inquiry, by the key that the inquiry's template has for it. The inquiry starts with
/// the first one. A verification of this key that waits for what is to be checked is gone on with: a second one
/// beside it would be an attempt that nobody counts.
///
/// # Errors
/// [`Error::Conflict`] when the inquiry has ended, or all attempts are used up.
pub fn create(cx: &mut Cx<'_, '_>, inquiry: &mut Record<Inquiry>, key: &str) -> Result<Record<Verification>> {
    let version = inquiries::version(cx.tx, cx.scope, &inquiry.item.template_version)?;
    let unknown = || Error::bug("a step names a verification that its template does not have");
    let template = version.definition.verification(key).ok_or_else(unknown)?;
    refuse_ended(&inquiry.item)?;
    let used = inquiry.item.flow.attempts.get(key).map_or(0, |attempts| attempts.submitted);
    if used >= template.config.attempts_max {
        let details = "all attempts at this verification are used up".to_owned();
        return Err(Error::Conflict { title: "Conflict", details });
    }
    if let Some(waiting) = waiting(cx, &inquiry.item, key)? {
        return Ok(waiting);
    }
    let verification = draft(cx, &inquiry.item, template)?;
    let made = record::insert(cx, verification, None, vec![told(EventName::VerificationCreated)])?;
    let scope = later(cx.scope, 1);
    inquiries::start(&mut within(cx, &scope), inquiry)?;
    note_latest(cx, inquiry, &made.item)?;
    Ok(made)
}

/// The latest attempt at a key, if nothing was handed in for it.
fn waiting(cx: &mut Cx<'_, '_>, inquiry: &Inquiry, key: &str) -> Result<Option<Record<Verification>>> {
    let attempts = inquiry.flow.attempts.get(key).filter(|attempts| attempts.outcome.is_none());
    let Some(latest) = attempts.and_then(|attempts| attempts.latest.as_deref()) else { return Ok(None) };
    let found = record::find::<Verification>(cx.tx, cx.scope, cx.master, latest)?;
    Ok(found.filter(|found| {
        let waits = [VerificationStatus::Initiated, VerificationStatus::RequiresRetry];
        waits.contains(&found.item.status) && found.item.redacted_at.is_none()
    }))
}

/// Refuses what a person does where nobody goes on any more.
pub(super) fn refuse_ended(inquiry: &Inquiry) -> Result<()> {
    match inquiry.status.is_open() && inquiry.redacted_at.is_none() {
        true => Ok(()),
        false => Err(Error::Conflict {
            title: "Conflict",
            details: format!("an inquiry with the status {} takes no verification", inquiry.status.as_str()),
        }),
    }
}

/// A verification that nothing was given for yet.
pub(super) fn draft(
    cx: &mut Cx<'_, '_>,
    inquiry: &Inquiry,
    template: &VerificationTemplate,
) -> Result<Verification> {
    let kind = VerificationKind::find(template.config.kind.name())
        .ok_or_else(|| Error::bug("a template of an unknown kind of verification"))?;
    Ok(Verification {
        id: cx.ids.mint::<VerificationId>(),
        kind,
        status: VerificationStatus::Initiated,
        inquiry: Some(inquiry.id.clone()),
        account: inquiry.account.clone(),
        inquiry_template: Some(inquiry.template.clone()),
        inquiry_template_version: Some(inquiry.template_version.clone()),
        template: template.id.clone(),
        template_version: template.version_id.clone(),
        config: template.config.clone(),
        country_code: None,
        tags: Vec::new(),
        checks: Vec::new(),
        attributes: Map::new(),
        document: None,
        selfie: None,
        code: None,
        codes_sent: 0,
        code_sent_at: None,
        locked_at: None,
        created_at: cx.scope.now,
        updated_at: cx.scope.now,
        submitted_at: None,
        completed_at: None,
        redacted_at: None,
    })
}

/// Notes at the inquiry which attempt is the latest.
fn note_latest(cx: &mut Cx<'_, '_>, inquiry: &mut Record<Inquiry>, made: &Verification) -> Result<()> {
    let mut next = inquiry.item.clone();
    let attempts = next.flow.attempts.entry(made.config.key.clone()).or_default();
    attempts.latest = Some(made.id.to_string());
    attempts.outcome = None;
    next.flow.has_answers = true;
    record::update(cx, inquiry, next, Vec::new())
}
