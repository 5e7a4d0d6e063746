//! The flow of an inquiry as a person goes through it: who may see it, what a page shows, what follows from an
//! answer (spec A.6–A.9, B.3–B.6).
//!
//! Pages know none of these rules: they show a [`Place`] and hand over an [`Answer`]. A person who may not go on
//! gets a [`Barred`], which tells nothing about the inquiry.

mod answer;
mod code;
mod enter;
mod evidence;
mod facilities;
mod letter;
mod locate;
mod onward;
mod step;
mod wrong;

use std::collections::BTreeMap;
use std::sync::Arc;

use muster_domain::inquiry::InquiryStatus;
use muster_domain::inquiry_template::{EnvironmentKind, FieldValues, Step, VerificationFacts};
use muster_domain::{InquiryId, InquirySessionId, Timestamp};
use muster_store::Tx;
use muster_store::seal::MasterKey;

use super::{Inquiry, Session, TemplateVersion, is_sandbox, template};
use crate::record::{self, Record};
use crate::verifications::Verification;
use crate::{Cx, ReadCx, Result, Scope};

pub use answer::{Actions, Answer, Answered, Turn, answer};
pub use code::{CodeState, code_state, sandbox_code};
pub use enter::{Creation, Door, Visit, choose_language, enter, leave};
pub use evidence::{Given, GivenFile, ID_MEDIA_TYPES, bring};
pub use facilities::Facilities;
pub(crate) use letter::send_code_step;
pub use locate::{environment_of_inquiry, environment_of_template};
pub use onward::onward;
pub use wrong::{Fault, Wrong};

/// Where a person is in an inquiry.
#[derive(Clone, Debug)]
pub struct Place {
    /// The inquiry.
    pub inquiry: Record<Inquiry>,
    /// The session of the person.
    pub session: Record<Session>,
    /// What the inquiry was made from.
    pub version: Arc<TemplateVersion>,
    /// The verification that the present step has begun.
    pub verification: Option<Record<Verification>>,
}

/// Why a person cannot see an inquiry, or cannot go on with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Barred {
    /// There is no such inquiry, template or environment.
    Missing,
    /// The session has ended, is that of another inquiry, or there is none and one is needed.
    SessionExpired,
    /// The time of the inquiry is over.
    Expired,
    /// The inquiry has ended.
    Finished,
    /// The one-time link was used, or its time is over.
    LinkUsed,
    /// The inquiry has had as many sessions as it may.
    TooManySessions,
    /// The inquiry was opened too often within minutes.
    OpenedTooOften,
    /// No inquiries can be made of the template.
    Inactive,
    /// No inquiries can be made of the template by opening a link.
    Blocked,
}

impl Place {
    /// The step that the inquiry is at.
    #[must_use]
    pub fn step(&self) -> Option<&Step> {
        self.version.definition.step(self.inquiry.item.next_step.as_deref()?)
    }

    /// The values of the fields, defaults included.
    #[must_use]
    pub fn values(&self) -> FieldValues {
        self.version.definition.effective(&self.inquiry.item.fields)
    }
}

/// Reads where the person of a session is. The session must belong to the inquiry, if one is named.
///
/// # Errors
/// What the store reports.
pub fn look(
    cx: &mut ReadCx<'_, '_>,
    session: &InquirySessionId,
    of: Option<&InquiryId>,
) -> Result<Result<Place, Barred>> {
    let Some(session) = record::find::<Session>(cx.tx, cx.scope, cx.master, session.as_str())? else {
        return Ok(Err(Barred::SessionExpired));
    };
    if of.is_some_and(|of| *of != session.item.inquiry) {
        return Ok(Err(Barred::SessionExpired));
    }
    let inquiry: Record<Inquiry> = record::get(cx.tx, cx.scope, cx.master, session.item.inquiry.as_str())?;
    if let Some(barred) = bar(&inquiry.item, &session.item, cx.scope.now) {
        return Ok(Err(barred));
    }
    let version = template::version(cx.tx, cx.scope, &inquiry.item.template_version)?;
    let verification = under_way(cx.tx, cx.scope, cx.master, (&inquiry.item, &version))?;
    Ok(Ok(Place { inquiry, session, version, verification }))
}

/// The verification that the present step of an inquiry has begun and not ended.
fn under_way(
    tx: &mut Tx<'_>,
    scope: &Scope,
    master: &MasterKey,
    (inquiry, version): (&Inquiry, &TemplateVersion),
) -> Result<Option<Record<Verification>>> {
    let step = inquiry.next_step.as_deref().and_then(|name| version.definition.step(name));
    let attempts =
        step.and_then(|step| step.kind.verification()).and_then(|key| inquiry.flow.attempts.get(key));
    match attempts.and_then(|attempts| attempts.latest.as_deref().filter(|_| attempts.outcome.is_none())) {
        Some(id) => record::find(tx, scope, master, id),
        None => Ok(None),
    }
}

/// What stands against showing an inquiry to a session. The end of a flow is shown to those who came there.
fn bar(inquiry: &Inquiry, session: &Session, now: Timestamp) -> Option<Barred> {
    if inquiry.redacted_at.is_some() {
        return Some(Barred::Finished);
    }
    let is_due = inquiry.expires_at.is_some_and(|at| at <= now);
    match inquiry.status {
        InquiryStatus::Expired => Some(Barred::Expired),
        status if status.is_open() && is_due => Some(Barred::Expired),
        InquiryStatus::NeedsReview | InquiryStatus::Approved | InquiryStatus::Declined => {
            Some(Barred::Finished)
        }
        InquiryStatus::Completed | InquiryStatus::Failed if !session.is_live(now) => Some(Barred::Finished),
        _ if !session.is_live(now) => Some(Barred::SessionExpired),
        _ => None,
    }
}

/// The kind of an environment, as conditions know it.
fn environment_kind(scope: &Scope) -> EnvironmentKind {
    if is_sandbox(scope) { EnvironmentKind::Sandbox } else { EnvironmentKind::Production }
}

/// What became of the verifications of an inquiry so far.
fn verification_facts(inquiry: &Inquiry) -> BTreeMap<String, VerificationFacts> {
    let facts = inquiry.flow.attempts.iter().map(|(key, attempts)| {
        (key.clone(), VerificationFacts { outcome: attempts.outcome, attempts: attempts.submitted })
    });
    facts.collect()
}

/// The same surroundings in another scope.
fn within<'a, 'c>(cx: &'a mut Cx<'_, 'c>, scope: &'a Scope) -> Cx<'a, 'c> {
    Cx { tx: &mut *cx.tx, scope, catalog: cx.catalog, master: cx.master, ids: &mut *cx.ids }
}
