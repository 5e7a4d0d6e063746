//! What a person gives on a page, and what comes of it. One answer is one transaction.

use muster_domain::field::{FieldKind, FieldSchema};
use muster_domain::inquiry::InquiryStatus;
use muster_domain::inquiry_template::{Definition, FieldValues, Outcome, Step, StepKind};
use muster_domain::{InquirySessionId, Violation};
use serde_json::{Map, Value};

use super::step::go_on;
use super::{Barred, Facilities, Fault, Place, Wrong, bar, code, under_way};
use crate::inquiries::{self, Inquiry, is_sandbox, sessions, template};
use crate::record;
use crate::verifications::{self, How, Means, Submission};
use crate::{Cx, Error, Result};

/// The page that an answer was given on.
#[derive(Clone, Debug)]
pub struct Turn {
    /// The step.
    pub step: String,
    /// How many steps were done before.
    pub turn: u32,
}

/// What a person gives on a page. `Debug` shows nothing of it.
#[derive(Clone)]
pub enum Answer {
    /// The inputs of a form: key of the field and text.
    Fields(Vec<(String, String)>),
    /// A text was read.
    Read,
    /// A code is to be sent, to another address if one is given.
    SendCode(Option<String>),
    /// A code was entered.
    Code(String),
    /// What is to be verified.
    Evidence(Submission),
    /// The verification is to end like this: in a sandbox only.
    Simulated(Outcome),
}

impl std::fmt::Debug for Answer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Answer([redacted])")
    }
}

/// What came of an answer.
#[derive(Clone, Debug)]
pub enum Answered {
    /// The flow went on, or did what was asked.
    Moved,
    /// The page was not the present one any more; nothing happened.
    Outdated,
    /// Something is wrong with what was given; paths name the input.
    Refused(Vec<Violation>),
    /// Something is wrong with what was given, as pages say it.
    Wrong(Vec<Wrong>),
    /// The person cannot go on.
    Barred(Barred),
}

/// Whether a flow does what it does on its way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Actions {
    /// It does.
    Do,
    /// It goes on without, and its event says so: what it wanted was refused.
    Leave,
}

/// Takes an answer.
///
/// # Errors
/// With [`Actions::Do`], why an account cannot be created or changed as the template says: then nothing has
/// happened, and the same answer can be taken with [`Actions::Leave`].
pub fn answer(
    cx: &mut Cx<'_, '_>,
    session: &InquirySessionId,
    turn: &Turn,
    given: &Answer,
    (facilities, actions): (&Facilities, Actions),
) -> Result<Answered> {
    let (session, inquiry) = inquiries::open_of_session(cx, session)?;
    if let Some(barred) = bar(&inquiry.item, &session.item, cx.scope.now) {
        return Ok(Answered::Barred(barred));
    }
    let is_present =
        inquiry.item.flow.turn == turn.turn && inquiry.item.next_step.as_deref() == Some(turn.step.as_str());
    if !is_present || !inquiry.item.status.is_open() {
        return Ok(Answered::Outdated);
    }
    let version = template::version(cx.tx, cx.scope, &inquiry.item.template_version)?;
    let verification = under_way(cx.tx, cx.scope, cx.master, (&inquiry.item, &version))?;
    let was_open = is_open_to_all(&inquiry.item);
    let mut place = Place { inquiry, session, version, verification };
    let answered = take(cx, &mut place, given, (facilities, actions))?;
    if was_open && !is_open_to_all(&place.inquiry.item) {
        sessions::end_others(cx, &place.inquiry.item.id, &place.session.item.id)?;
    }
    Ok(answered)
}

/// Whether the ID of the inquiry is enough to open it (spec A.7, H-15).
fn is_open_to_all(inquiry: &Inquiry) -> bool {
    inquiry.status == InquiryStatus::Created && !inquiry.flow.has_answers
}

fn take(
    cx: &mut Cx<'_, '_>,
    place: &mut Place,
    given: &Answer,
    (facilities, actions): (&Facilities, Actions),
) -> Result<Answered> {
    let version = place.version.clone();
    let step = place.inquiry.item.next_step.as_deref().and_then(|name| version.definition.step(name));
    let step = step.ok_or_else(|| Error::bug("an inquiry is at a step that its template does not have"))?;
    let mut fields = None;
    let done = match (&step.kind, given) {
        (StepKind::Form { .. }, Answer::Fields(texts)) => {
            match form(&version.definition, (step, texts), &place.inquiry.item.fields) {
                Ok(read) => fields = Some(read),
                Err(violations) => return Ok(Answered::Refused(violations)),
            }
            Ok(())
        }
        (StepKind::Text { .. }, Answer::Read) => Ok(()),
        (StepKind::EmailCode { .. } | StepKind::PhoneCode { .. }, Answer::SendCode(to)) => {
            let sent = match to {
                Some(to) => change_address(cx, place, (step, to))?,
                None => Ok(()),
            };
            let sent = match sent {
                Ok(()) => code::send(cx, place, (step, facilities))?,
                wrong => wrong,
            };
            return Ok(sent.map_or_else(|wrong| Answered::Wrong(vec![wrong]), |()| Answered::Moved));
        }
        (StepKind::EmailCode { .. } | StepKind::PhoneCode { .. }, Answer::Code(entered)) => {
            code::enter(cx, place, entered)?
        }
        (kind, Answer::Evidence(submission)) => match (kind.verification(), facilities.means(step)) {
            (Some(key), Ok(means)) => hand_in(cx, place, key, submission, means).map(Ok)?,
            (Some(_), Err(fault)) => Err(Wrong::general(fault)),
            (None, _) => return Ok(Answered::Outdated),
        },
        (kind, Answer::Simulated(outcome)) if is_sandbox(cx.scope) => match kind.verification() {
            Some(key) => simulate(cx, place, (kind, key), *outcome).map(Ok)?,
            None => return Ok(Answered::Outdated),
        },
        _ => return Ok(Answered::Outdated),
    };
    if let Err(wrong) = done {
        return Ok(Answered::Wrong(vec![wrong]));
    }
    let mut next = place.inquiry.item.clone();
    if let Some(fields) = fields {
        next.fields = fields;
        next.flow.has_answers = true;
    }
    go_on(cx, place, next, (facilities, actions))?;
    Ok(Answered::Moved)
}

/// The values of the inquiry after a form.
fn form(
    definition: &Definition,
    (step, texts): (&Step, &[(String, String)]),
    current: &FieldValues,
) -> Result<FieldValues, Vec<Violation>> {
    let texts = texts.iter().map(|(key, text)| (key.as_str(), text.as_str()));
    let read = definition.read_form(step, texts)?;
    definition.apply_fields(current, &read).map_err(beside_inputs)
}

/// Writes another address into the field that has it.
fn change_address(
    cx: &mut Cx<'_, '_>,
    place: &mut Place,
    (step, to): (&Step, &str),
) -> Result<Result<(), Wrong>> {
    let (StepKind::EmailCode { field, .. } | StepKind::PhoneCode { field, .. }) = &step.kind else {
        return Ok(Ok(()));
    };
    let definition = &place.version.definition;
    let (fault, is_right) = match step.kind {
        StepKind::EmailCode { .. } => (Fault::NoEmailAddress, is_email_address(to)),
        _ => (Fault::NoPhoneNumber, is_phone_number(to)),
    };
    if !is_right {
        return Ok(Err(Wrong::with("address", fault)));
    }
    let sent = Map::from_iter([(field.clone(), Value::from(to))]);
    let Ok(read) = definition.read_fields(&sent) else { return Ok(Err(Wrong::with("address", fault))) };
    let Ok(fields) = definition.apply_fields(&place.inquiry.item.fields, &read) else {
        return Ok(Err(Wrong::with("address", Fault::Settled)));
    };
    if fields != place.inquiry.item.fields {
        let mut next = place.inquiry.item.clone();
        next.fields = fields;
        next.flow.has_answers = true;
        record::update(cx, &mut place.inquiry, next, Vec::new())?;
    }
    Ok(Ok(()))
}

/// An address that letters go to: one, without a name.
fn is_email_address(text: &str) -> bool {
    let schema = FieldSchema::new("address", "", FieldKind::EmailAddress);
    schema.check(&Value::from(text)).is_ok()
}

/// A number with the code of its country, as text messages need it.
fn is_phone_number(text: &str) -> bool {
    let digits = text.chars().filter(char::is_ascii_digit).count();
    let plain = |c: char| c.is_ascii_digit() || matches!(c, ' ' | '-' | '(' | ')' | '.' | '/');
    text.strip_prefix('+').is_some_and(|rest| rest.chars().all(plain)) && (7..=15).contains(&digits)
}

fn hand_in(
    cx: &mut Cx<'_, '_>,
    place: &mut Place,
    key: &str,
    submission: &Submission,
    means: Means,
) -> Result<()> {
    let made = verifications::create(cx, &mut place.inquiry, key)?;
    let how = How::Checked(means);
    verifications::submit(cx, &mut place.inquiry, &made.item.id, submission, how).map(|_| ())
}

fn simulate(
    cx: &mut Cx<'_, '_>,
    place: &mut Place,
    (kind, key): (&StepKind, &str),
    outcome: Outcome,
) -> Result<()> {
    if matches!(kind, StepKind::EmailCode { .. } | StepKind::PhoneCode { .. }) {
        return code::simulate(cx, place, key, outcome);
    }
    let template = place.version.definition.verification(key).map(|template| template.id.clone());
    let template = template.ok_or_else(|| Error::bug("a step without its verification"))?;
    verifications::simulate(cx, &mut place.inquiry, &template, code::decision(outcome)).map(|_| ())
}

/// Violations whose paths begin with the key of a field.
fn beside_inputs(violations: Vec<Violation>) -> Vec<Violation> {
    let shorten = |mut violation: Violation| {
        if violation.path.first().is_some_and(|first| first == "fields") {
            violation.path.remove(0);
        }
        violation
    };
    violations.into_iter().map(shorten).collect()
}
