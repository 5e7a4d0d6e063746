//! Inquiries: what somebody is asked, where they stand, and what came of it (spec A).

mod create;
mod expire;
pub mod flow;
mod links;
mod moves;
mod read;
mod redact;
mod resume;
mod search;
mod sessions;
mod simulate;
mod template;
mod tokens;
mod update;

use std::fmt;

use muster_domain::inquiry::{Clocks, InquiryStatus};
use muster_domain::inquiry_template::FieldValues;
use muster_domain::{
    AccountId, InquiryId, InquirySessionId, InquiryTemplateId, InquiryTemplateVersionId, ResourceId,
    Timestamp,
};
use serde::{Deserialize, Serialize};

use crate::Scope;
use crate::record::{Columns, Noun, Record};

pub use create::{Created, NewInquiry, Redirector, Template, create};
pub(crate) use expire::expire_step;
pub use expire::{expire, expire_if_due};
pub use links::{Link, Redeemed, environment_of, generate_link, generate_session_link, redeem};
pub use moves::{decide, move_to, start};
pub(crate) use read::show_at_event;
pub use read::{PageRequest, Related, Shown, get, page, show};
pub use redact::redact;
pub(crate) use redact::{erase, redact_children_step};
pub use resume::{Resumed, resume};
pub use search::{Found, Limits, SearchRequest, search};
pub use sessions::{
    Browser, Session, SessionStatus, cancel_session, create_session, expire_all_sessions, expire_session,
    get_session, open_session, page_of_sessions, sessions_of,
};
pub use simulate::{SimulateAction, simulate};
pub use template::{TemplateVersion, version};
pub use tokens::{SessionToken, read_token, write_token};
pub use update::{InquiryChanges, change_tags, update};

/// An inquiry. `Debug` shows its ID and status only.
#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Inquiry {
    /// Its ID.
    pub id: InquiryId,
    /// Where it stands.
    pub status: InquiryStatus,
    /// The account it hangs on.
    pub account: Option<AccountId>,
    /// The template it was made from.
    pub template: InquiryTemplateId,
    /// The version of it.
    pub template_version: InquiryTemplateVersionId,
    /// A text of whoever works with it.
    pub note: Option<String>,
    /// The blind index of the note.
    pub note_index: Option<Vec<u8>>,
    /// Names of its tags.
    pub tags: Vec<String>,
    /// Who made it: an e-mail address, or a word for what did.
    pub creator: String,
    /// Who decided: the ID of an API key; none where that was nobody who has one.
    #[serde(default)]
    pub reviewer: Option<String>,
    /// What was said with the decision.
    pub reviewer_comment: Option<String>,
    /// When it was created.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
    /// When the person began to be verified.
    pub started_at: Option<Timestamp>,
    /// When its time is over.
    pub expires_at: Option<Timestamp>,
    /// When the person reached the end.
    pub completed_at: Option<Timestamp>,
    /// When the person reached the end without success.
    pub failed_at: Option<Timestamp>,
    /// When somebody was asked to look at it.
    pub marked_for_review_at: Option<Timestamp>,
    /// When it was decided.
    pub decisioned_at: Option<Timestamp>,
    /// When it expired.
    pub expired_at: Option<Timestamp>,
    /// When its personal data was erased.
    pub redacted_at: Option<Timestamp>,
    /// The step before the present one.
    pub previous_step: Option<String>,
    /// The present step.
    pub next_step: Option<String>,
    /// Values of its fields.
    pub fields: FieldValues,
    /// What was given at creation: what is found later is compared with that.
    pub prefill: FieldValues,
    /// Where the person goes at the end, if not where the template says.
    pub redirect_uri: Option<String>,
    /// The theme set it is shown in.
    pub theme_set_id: Option<String>,
    /// Its own clocks, which go before those of its template.
    pub clocks: Clocks,
    /// How far its flow is.
    pub flow: Flow,
}

/// How far the flow of an inquiry is.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", default)]
pub struct Flow {
    /// Grows with every step that is done: a form that was sent before is told by it.
    pub turn: u32,
    /// Whether the person has given anything: from then on only a session opens the inquiry.
    pub has_answers: bool,
    /// How many sessions it has had.
    pub sessions: u32,
    /// The language the person chose.
    pub language: Option<String>,
    /// Where the link that the person came by leads at the end.
    pub redirect_uri: Option<String>,
    /// Light or dark, if the link said.
    pub variant: Option<String>,
    /// The attempts at each verification of the template, by its key.
    pub attempts: std::collections::BTreeMap<String, Attempts>,
}

/// The attempts at one verification of a template.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", default)]
pub struct Attempts {
    /// How many were submitted.
    pub submitted: u32,
    /// The latest verification.
    pub latest: Option<String>,
    /// What became of it.
    pub outcome: Option<muster_domain::inquiry_template::Outcome>,
    /// How many codes were sent since the last one was submitted.
    pub codes_sent: u32,
    /// When the last code was sent.
    pub code_sent_at: Option<Timestamp>,
}

impl fmt::Debug for Inquiry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Inquiry").field("id", &self.id).field("status", &self.status).finish_non_exhaustive()
    }
}

impl Noun for Inquiry {
    const KIND: &'static str = "inquiry";
    const PREFIX: &'static str = InquiryId::PREFIX;

    fn columns(&self) -> Columns {
        Columns {
            id: self.id.to_string(),
            account: self.account.as_ref().map(ToString::to_string),
            template: Some(self.template.to_string()),
            status: self.status.as_str(),
            lookup: self.note_index.clone(),
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

/// Whether the environment is for trying things out.
#[must_use]
pub fn is_sandbox(scope: &Scope) -> bool {
    scope.environment.kind == "sandbox"
}

/// Reads an inquiry that is going to be changed. One whose time is over is expired first.
///
/// # Errors
/// [`crate::Error::NotFound`].
pub fn open(cx: &mut crate::Cx<'_, '_>, id: &InquiryId) -> crate::Result<Record<Inquiry>> {
    let mut record = crate::record::get(cx.tx, cx.scope, cx.master, id.as_str())?;
    expire_if_due(cx, &mut record)?;
    Ok(record)
}

/// Reads the inquiry of a session.
///
/// # Errors
/// [`crate::Error::NotFound`].
pub fn open_of_session(
    cx: &mut crate::Cx<'_, '_>,
    id: &InquirySessionId,
) -> crate::Result<(Record<Session>, Record<Inquiry>)> {
    let session: Record<Session> = crate::record::get(cx.tx, cx.scope, cx.master, id.as_str())?;
    let inquiry = open(cx, &session.item.inquiry)?;
    // Its sessions may have expired with it.
    let session = crate::record::get(cx.tx, cx.scope, cx.master, id.as_str())?;
    Ok((session, inquiry))
}
