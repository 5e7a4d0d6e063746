//! Verifications that a sandbox makes up (spec A.11).

use muster_domain::VerificationTemplateId;
use muster_domain::event::EventName;
use muster_domain::inquiry_template::Outcome;
use muster_domain::verification::{Decision, Examination, Step, VerificationKind};
use serde_json::{Map, json};

use super::captures::{add_document, add_selfie, process};
use super::create::{draft, refuse_ended};
use super::submit::{conclude, note_outcome};
use super::{Verification, examine, later, within};
use crate::documents::DocumentKind;
use crate::inquiries::{self, Inquiry, is_sandbox};
use crate::record::{self, Record, told};
use crate::{Cx, Error, Result};

/// Makes up a verification that ends as it is told to. First what was handed in is created, submitted and processed,
/// then the verification is created, submitted and decided: in this order events tell of it.
///
/// # Errors
/// [`Error::Invalid`] outside of a sandbox, for an unknown template, and for kinds that cannot be simulated;
/// [`Error::Conflict`] when the inquiry has ended.
pub fn simulate(
    cx: &mut Cx<'_, '_>,
    inquiry: &mut Record<Inquiry>,
    template: &VerificationTemplateId,
    decision: Decision,
) -> Result<Record<Verification>> {
    if !is_sandbox(cx.scope) {
        return Err(Error::invalid(["meta", "simulate-actions"], "work in a sandbox environment only"));
    }
    refuse_ended(&inquiry.item)?;
    let at = ["meta", "simulate-actions", "data", "verification-template-id"];
    let version = inquiries::version(cx.tx, cx.scope, &inquiry.item.template_version)?;
    let found = version.definition.verifications.iter().find(|known| known.id == *template);
    let template = found
        .ok_or_else(|| Error::invalid(at, "must be a verification template of the inquiry's template"))?;
    let mut item = draft(cx, &inquiry.item, template)?;
    if !item.kind.can_be_simulated() {
        return Err(Error::invalid(at, "must be of the kind government-id, document, selfie or database"));
    }
    item.attributes = made_up(item.kind);
    // Its events come later: what was handed in has its own first.
    let mut verification = record::insert(cx, item, None, Vec::new())?;
    let next = capture(cx, &verification)?;
    process(cx, &next, 1)?;
    let created = vec![told(EventName::VerificationCreated)];
    let scope = later(cx.scope, 2);
    record::update(&mut within(cx, &scope), &mut verification, next, created)?;
    let scope = later(cx.scope, 3);
    inquiries::start(&mut within(cx, &scope), inquiry)?;
    let mut next = verification.item.after(Step::Submit, cx.scope.now)?;
    next.checks = Examination::simulated(&examine::wanted(&next.config), decision).into_checks();
    let scope = later(cx.scope, 4);
    let submitted = vec![told(EventName::VerificationSubmitted)];
    record::update(&mut within(cx, &scope), &mut verification, next, submitted)?;
    let mut clean = inquiry.item.clone();
    let attempts = clean.flow.attempts.entry(verification.item.config.key.clone()).or_default();
    (attempts.latest, attempts.outcome) = (Some(verification.item.id.to_string()), None);
    record::update(cx, inquiry, clean, Vec::new())?;
    note_outcome(cx, inquiry, &verification.item, Outcome::Submitted)?;
    let scope = later(cx.scope, 5);
    conclude(&mut within(cx, &scope), &mut verification, inquiry, decision)?;
    Ok(verification)
}

/// What would have been handed in, without files.
fn capture(cx: &mut Cx<'_, '_>, owner: &Record<Verification>) -> Result<Verification> {
    let mut next = owner.item.clone();
    let pages = Vec::new();
    match next.kind {
        VerificationKind::GovernmentId => {
            let attributes = next.attributes.clone();
            let made = add_document(cx, owner, DocumentKind::GovernmentId, attributes, &pages)?;
            next.document = Some(made.item.id);
        }
        VerificationKind::Document => {
            let attributes = next.attributes.clone();
            let made = add_document(cx, owner, DocumentKind::Generic, attributes, &pages)?;
            next.document = Some(made.item.id);
        }
        VerificationKind::Selfie => next.selfie = Some(add_selfie(cx, owner, &pages)?.item.id),
        _ => {}
    }
    Ok(next)
}

/// What a made-up paper says: of nobody.
fn made_up(kind: VerificationKind) -> Map<String, serde_json::Value> {
    let all = match kind {
        VerificationKind::GovernmentId => json!({
            "name_first": "ALEX", "name_last": "SAMPLE", "birthdate": "1990-01-01", "id_class": "pp",
            "identification_number": "SAMPLE000", "expiration_date": "2040-01-01",
        }),
        VerificationKind::Database => {
            json!({ "name_first": "Alex", "name_last": "Sample", "birthdate": "1990-01-01" })
        }
        VerificationKind::Document => json!({ "fields": {}, "document_type": null }),
        _ => json!({}),
    };
    all.as_object().cloned().unwrap_or_default()
}
