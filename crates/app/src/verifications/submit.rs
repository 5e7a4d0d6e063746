//! Handing in what is to be verified: it is kept, examined and, where that is possible, decided.

use std::fmt;
use std::sync::Arc;

use muster_domain::VerificationId;
use muster_domain::event::EventName;
use muster_domain::inquiry_template::Outcome;
use muster_domain::time::Date;
use muster_domain::verification::government_id::IdProperties;
use muster_domain::verification::{Decision, Examination, Step, VerificationKind, selfie};
use serde_json::{Map, Value};

use super::captures::{Pages, add_document, add_selfie, process};
use super::create::refuse_ended;
use super::{BroughtFile, Means, Verification, examine, later, within};
use crate::documents::DocumentKind;
use crate::inquiries::Inquiry;
use crate::jobs::{self, Kind};
use crate::record::{self, Record, told};
use crate::{Cx, Error, Result};

/// An identity document. `Debug` shows nothing personal.
#[derive(Clone, Default)]
pub struct GivenId {
    /// The class that the person chose, such as `pp`.
    pub id_class: Option<String>,
    /// The country that the person chose, in two letters.
    pub country: Option<String>,
    /// The front, or the page with the picture.
    pub front: Option<Arc<BroughtFile>>,
    /// The back.
    pub back: Option<Arc<BroughtFile>>,
    /// The machine-readable lines, as they were typed.
    pub lines: Option<String>,
    /// What is printed on it, as it was typed.
    pub printed: IdProperties,
}

/// A paper. `Debug` shows nothing personal.
#[derive(Clone, Default)]
pub struct GivenDocument {
    /// Its files.
    pub files: Vec<Arc<BroughtFile>>,
    /// Media types that its step takes; none at all: the usual ones.
    pub media_types: Vec<String>,
    /// What is known of it, by key.
    pub fields: Map<String, Value>,
    /// What it is, such as `utility_bill`.
    pub document_type: Option<String>,
    /// Until when it is good.
    pub expires_on: Option<Date>,
}

/// What is handed in. `Debug` shows nothing personal.
#[derive(Clone)]
pub enum Submission {
    /// An identity document.
    GovernmentId(GivenId),
    /// A paper.
    Document(GivenDocument),
    /// Photos of a face: from the front, and from both sides or not.
    Selfie {
        /// From the front.
        center: Arc<BroughtFile>,
        /// From the left.
        left: Option<Arc<BroughtFile>>,
        /// From the right.
        right: Option<Arc<BroughtFile>>,
    },
    /// What a register is asked about, by the names of the API with underscores.
    Database(IdProperties),
}

impl fmt::Debug for Submission {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Submission([redacted])")
    }
}

/// Who decides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum How {
    /// The checks.
    Checked(Means),
    /// Whoever tries a sandbox out.
    Simulated(Decision),
}

/// Hands in what is to be verified. It is examined at once, and decided as far as that goes: what nobody could prove
/// stays `submitted` (a document becomes `tentatively_passed`) until a provider or a reviewer has looked.
///
/// # Errors
/// [`Error::NotFound`] for a verification of another inquiry, [`Error::Conflict`] when it was handed in already or
/// is of another kind, or the inquiry has ended.
pub fn submit(
    cx: &mut Cx<'_, '_>,
    inquiry: &mut Record<Inquiry>,
    id: &VerificationId,
    submission: &Submission,
    how: How,
) -> Result<Record<Verification>> {
    let mut verification = super::open(cx, &inquiry.item.id, id)?;
    verification.item.refuse_redacted()?;
    refuse_ended(&inquiry.item)?;
    if matches!(how, How::Simulated(_)) && !crate::inquiries::is_sandbox(cx.scope) {
        return Err(Error::bug("a verification outside of a sandbox was to be simulated"));
    }
    let item = verification.item.after(Step::Submit, cx.scope.now)?;
    let (mut item, examination) = hand_in(cx, &verification, item, &inquiry.item, submission)?;
    let examination = match how {
        How::Checked(_) => examination,
        How::Simulated(decision) => Examination::simulated(&examine::wanted(&item.config), decision),
    };
    let decision = examination.decision();
    item.checks = examination.into_checks();
    let scope = later(cx.scope, 1);
    let submitted = vec![told(EventName::VerificationSubmitted)];
    record::update(&mut within(cx, &scope), &mut verification, item, submitted)?;
    note_outcome(cx, inquiry, &verification.item, Outcome::Submitted)?;
    // What failed here needs no provider.
    if how == How::Checked(Means::Provider) && decision != Decision::Failed {
        jobs::enqueue(cx, Kind::AskProvider, id.as_str(), "")?;
        return Ok(verification);
    }
    process(cx, &verification.item, 2)?;
    let scope = later(cx.scope, 3);
    conclude(&mut within(cx, &scope), &mut verification, inquiry, decision)?;
    Ok(verification)
}

/// Keeps what was handed in, and examines it.
fn hand_in(
    cx: &mut Cx<'_, '_>,
    owner: &Record<Verification>,
    mut item: Verification,
    inquiry: &Inquiry,
    submission: &Submission,
) -> Result<(Verification, Examination)> {
    let today = cx.scope.now.date();
    let examination = match (item.kind, submission) {
        (VerificationKind::GovernmentId, Submission::GovernmentId(given)) => {
            let examined = examine::government_id(&item.config, inquiry, given, today);
            let sides = [("front", &given.front), ("back", &given.back)];
            let pages: Pages = sides
                .into_iter()
                .filter_map(|(page, file)| Some((page, Arc::clone(file.as_ref()?))))
                .collect();
            item.attributes = attributes_of(&examined.read);
            item.country_code = examined.read.get("issuing_authority").map(str::to_owned);
            let attributes = item.attributes.clone();
            let document = add_document(cx, owner, DocumentKind::GovernmentId, attributes, &pages)?;
            item.document = Some(document.item.id);
            examined.examination
        }
        (VerificationKind::Document, Submission::Document(given)) => {
            let pages: Pages = given.files.iter().map(|file| ("", Arc::clone(file))).collect();
            item.attributes.insert("fields".to_owned(), Value::Object(given.fields.clone()));
            item.attributes.insert("document_type".to_owned(), given.document_type.clone().into());
            let attributes = item.attributes.clone();
            let document = add_document(cx, owner, DocumentKind::Generic, attributes, &pages)?;
            item.document = Some(document.item.id);
            examine::document(&item.config, given, today)
        }
        (VerificationKind::Selfie, Submission::Selfie { center, left, right }) => {
            let sides = [("center", Some(center)), ("left", left.as_ref()), ("right", right.as_ref())];
            let pages: Pages =
                sides.into_iter().filter_map(|(page, file)| Some((page, Arc::clone(file?)))).collect();
            item.selfie = Some(add_selfie(cx, owner, &pages)?.item.id);
            selfie::examine(&examine::wanted(&item.config))
        }
        (VerificationKind::Database, Submission::Database(given)) => {
            item.attributes = attributes_of(given);
            selfie::unexamined(item.kind, &examine::wanted(&item.config))
        }
        _ => return Err(Error::bug("what was handed in is not of the kind of its verification")),
    };
    Ok((item, examination))
}

pub(super) fn attributes_of(properties: &IdProperties) -> Map<String, Value> {
    properties.0.iter().map(|(key, value)| (key.clone(), value.clone().into())).collect()
}

/// Takes the step that a decision leads to, and tells the inquiry.
pub(super) fn conclude(
    cx: &mut Cx<'_, '_>,
    verification: &mut Record<Verification>,
    inquiry: &mut Record<Inquiry>,
    decision: Decision,
) -> Result<()> {
    let Some(step) = decision.step(verification.item.kind) else { return Ok(()) };
    let next = verification.item.after(step, cx.scope.now)?;
    let events = super::event(step).map(told).into_iter().collect();
    record::update(cx, verification, next, events)?;
    let outcome = match decision {
        Decision::Passed => Outcome::Passed,
        Decision::Failed => Outcome::Failed,
        Decision::Undecided => Outcome::Submitted,
    };
    note_outcome(cx, inquiry, &verification.item, outcome)
}

/// Notes at the inquiry what became of the latest attempt. A redacted inquiry stays as it is.
pub(super) fn note_outcome(
    cx: &mut Cx<'_, '_>,
    inquiry: &mut Record<Inquiry>,
    verification: &Verification,
    outcome: Outcome,
) -> Result<()> {
    if inquiry.item.redacted_at.is_some() {
        return Ok(());
    }
    let mut next = inquiry.item.clone();
    let attempts = next.flow.attempts.entry(verification.config.key.clone()).or_default();
    let is_latest = attempts.latest.as_deref().is_none_or(|latest| latest == verification.id.as_str());
    if !is_latest {
        return Ok(());
    }
    if attempts.outcome.is_none() {
        attempts.submitted += 1;
        attempts.codes_sent = 0;
    }
    attempts.latest = Some(verification.id.to_string());
    attempts.outcome = Some(outcome);
    record::update(cx, inquiry, next, Vec::new())
}
