//! Verifications: what was checked for an inquiry, and what came of it (spec C).
//!
//! A verification is made from a template of its inquiry's template, and keeps what that said. Its document or
//! selfie, and all their files, are sealed under its data key. The rules stand in `domain::verification`; here is
//! what is read, written and told.

mod captures;
mod codes;
mod create;
mod decide;
mod examine;
mod lock;
mod means;
mod provider;
mod read;
mod redact;
mod simulate;
mod submit;

use std::fmt;

use muster_domain::event::EventName;
use muster_domain::inquiry_template::VerificationConfig;
use muster_domain::verification::code::SentCode;
use muster_domain::verification::{Check, Step, VerificationKind, VerificationStatus};
use muster_domain::{
    AccountId, DocumentId, InquiryId, InquiryTemplateId, InquiryTemplateVersionId, ResourceId, SelfieId,
    Timestamp, VerificationId, VerificationTemplateId, VerificationTemplateVersionId,
};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::record::{Columns, Noun, Record};
use crate::{Cx, Error, Result, Scope};

pub use crate::accounts::files::{BroughtFile, bring};
pub use codes::{Delivery, enter_code, send_code, simulate_code};
pub use create::create;
pub use decide::{cancel_of, decide};
pub(crate) use lock::is_any_kept;
pub use lock::{lock, refuse_locked, unlock};
pub use means::{Means, means};
pub(crate) use provider::ask_provider;
pub(crate) use read::show_at_event;
pub use read::{Shown, get, show};
pub use redact::{redact, redact_child};
pub use simulate::simulate;
pub use submit::{GivenDocument, GivenId, How, Submission, submit};

/// A verification. `Debug` shows its ID, kind and status only.
#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Verification {
    /// Its ID.
    pub id: VerificationId,
    /// Its kind.
    pub kind: VerificationKind,
    /// Where it stands.
    pub status: VerificationStatus,
    /// The inquiry it belongs to.
    pub inquiry: Option<InquiryId>,
    /// The account of that, when the verification was made.
    pub account: Option<AccountId>,
    /// The template of the inquiry.
    pub inquiry_template: Option<InquiryTemplateId>,
    /// The version of it.
    pub inquiry_template_version: Option<InquiryTemplateVersionId>,
    /// The template it was made from.
    pub template: VerificationTemplateId,
    /// What that said then.
    pub template_version: VerificationTemplateVersionId,
    /// What that said then, in full.
    pub config: VerificationConfig,
    /// The country of what is checked, in two letters.
    pub country_code: Option<String>,
    /// Names of its tags.
    pub tags: Vec<String>,
    /// What was checked.
    pub checks: Vec<Check>,
    /// What was given and what was found, by the names of the API with underscores.
    pub attributes: Map<String, Value>,
    /// The document that was handed in.
    pub document: Option<DocumentId>,
    /// The selfie that was taken.
    pub selfie: Option<SelfieId>,
    /// The code that was sent last.
    pub code: Option<SentCode>,
    /// How many codes were sent.
    pub codes_sent: u32,
    /// When the last one was sent.
    pub code_sent_at: Option<Timestamp>,
    /// When it was kept from redaction; none where it is not.
    pub locked_at: Option<Timestamp>,
    /// When it was created.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
    /// When what it checks was complete.
    pub submitted_at: Option<Timestamp>,
    /// When it was decided.
    pub completed_at: Option<Timestamp>,
    /// When its personal data was erased.
    pub redacted_at: Option<Timestamp>,
}

impl Verification {
    /// The verification after a step, with its times.
    fn after(&self, step: Step, at: Timestamp) -> Result<Self> {
        let status = self.status.after(self.kind, step).ok_or_else(|| self.refused(step))?;
        let mut next = Self { status, ..self.clone() };
        match status {
            VerificationStatus::Submitted => next.submitted_at = Some(at),
            VerificationStatus::Passed | VerificationStatus::Failed => next.completed_at = Some(at),
            _ => {}
        }
        Ok(next)
    }

    fn refused(&self, step: Step) -> Error {
        let details = format!(
            "a verification with the status {} cannot become {}",
            self.status,
            step.leads_to().as_str()
        );
        Error::Conflict { title: "Conflict", details }
    }

    fn refuse_redacted(&self) -> Result<()> {
        match self.redacted_at {
            None => Ok(()),
            Some(_) => Err(Error::Conflict {
                title: "Conflict",
                details: "Verification already redacted".to_owned(),
            }),
        }
    }
}

impl fmt::Debug for Verification {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Verification")
            .field("id", &self.id)
            .field("kind", &self.kind)
            .field("status", &self.status)
            .finish_non_exhaustive()
    }
}

impl Noun for Verification {
    const KIND: &'static str = "verification";
    const PREFIX: &'static str = VerificationId::PREFIX;

    fn columns(&self) -> Columns {
        Columns {
            id: self.id.to_string(),
            variant: self.kind.as_str(),
            parent: self.inquiry.as_ref().map(ToString::to_string),
            template: Some(self.template.to_string()),
            status: self.status.as_str(),
            ..Columns::default()
        }
    }

    fn times(&self) -> (Timestamp, Timestamp) {
        (self.created_at, self.updated_at)
    }

    fn set_updated_at(&mut self, at: Timestamp) {
        self.updated_at = at;
    }
}

/// The event of a step; none for steps of which the public API tells nothing.
const fn event(step: Step) -> Option<EventName> {
    match step {
        Step::Submit => Some(EventName::VerificationSubmitted),
        Step::Pass => Some(EventName::VerificationPassed),
        Step::Fail => Some(EventName::VerificationFailed),
        Step::PassTentatively => Some(EventName::VerificationTentativelyPassed),
        Step::Cancel => Some(EventName::VerificationCanceled),
        Step::Confirm | Step::FailTentatively | Step::RequireRetry | Step::Skip => None,
    }
}

/// Reads a verification that belongs to an inquiry.
fn open(cx: &mut Cx<'_, '_>, inquiry: &InquiryId, id: &VerificationId) -> Result<Record<Verification>> {
    let found: Record<Verification> = crate::record::get(cx.tx, cx.scope, cx.master, id.as_str())?;
    match found.item.inquiry.as_ref() == Some(inquiry) {
        true => Ok(found),
        false => Err(Error::NotFound),
    }
}

/// The same surroundings some milliseconds later: events of several objects sort as they happened.
fn later(scope: &Scope, milliseconds: u64) -> Scope {
    Scope { now: scope.now + std::time::Duration::from_millis(milliseconds), ..scope.clone() }
}

/// A command's surroundings with another scope.
fn within<'b, 'c>(cx: &'b mut Cx<'_, 'c>, scope: &'b Scope) -> Cx<'b, 'c> {
    Cx { tx: &mut *cx.tx, scope, catalog: cx.catalog, master: cx.master, ids: &mut *cx.ids }
}
