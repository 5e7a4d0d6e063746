//! What a person gives on a page, and what comes of it. One answer is one transaction.

use muster_domain::inquiry_template::StepKind;
use muster_domain::{InquirySessionId, Violation};

use super::step::go_on;
use super::{Barred, Place, Wrong, bar};
use crate::inquiries::{self, template};
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
    actions: Actions,
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
    let mut place = Place { inquiry, session, version };
    take(cx, &mut place, given, actions)
}

fn take(cx: &mut Cx<'_, '_>, place: &mut Place, given: &Answer, actions: Actions) -> Result<Answered> {
    let version = place.version.clone();
    let step = place.inquiry.item.next_step.as_deref().and_then(|name| version.definition.step(name));
    let step = step.ok_or_else(|| Error::bug("an inquiry is at a step that its template does not have"))?;
    let mut next = place.inquiry.item.clone();
    match (&step.kind, given) {
        (StepKind::Form { .. }, Answer::Fields(texts)) => {
            let texts = texts.iter().map(|(key, text)| (key.as_str(), text.as_str()));
            let read = match version.definition.read_form(step, texts) {
                Ok(read) => read,
                Err(violations) => return Ok(Answered::Refused(violations)),
            };
            match version.definition.apply_fields(&next.fields, &read) {
                Ok(fields) => next.fields = fields,
                Err(violations) => return Ok(Answered::Refused(beside_inputs(violations))),
            }
            next.flow.has_answers = true;
        }
        (StepKind::Text { .. }, Answer::Read) => {}
        _ => return Ok(Answered::Outdated),
    }
    go_on(cx, place, next, actions)?;
    Ok(Answered::Moved)
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
