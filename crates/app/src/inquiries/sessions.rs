//! Sessions: in each, one browser answers one inquiry (spec A.6).

use muster_domain::event::EventName;
use muster_domain::inquiry::InquiryStatus;
use muster_domain::{InquiryId, InquirySessionId, ResourceId, Timestamp};
use muster_store::records::{self as rows, Selection};
use serde::{Deserialize, Serialize};

use super::moves::refuse_redacted;
use super::template::{self, TemplateVersion};
use super::{Inquiry, tokens};
use crate::accounts::Page;
use crate::record::{self, Columns, Noun, PageOf, Record, told};
use crate::{Cx, Error, ReadCx, Result};

/// Inquiries whose sessions are expired by one request.
const INQUIRIES_AT_ONCE: usize = 100;
/// Sessions of an inquiry that are looked at: more than a template may allow.
const SESSIONS_MAX: i64 = 1100;

/// A session. `Debug` shows its ID and status only.
#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Session {
    /// Its ID.
    pub id: InquirySessionId,
    /// The inquiry it answers.
    pub inquiry: InquiryId,
    /// Where it stands.
    pub status: SessionStatus,
    /// When it was created.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
    /// When it was opened.
    pub started_at: Option<Timestamp>,
    /// When it ended.
    pub expired_at: Option<Timestamp>,
    /// When its token ends: when the inquiry was to expire at its creation.
    pub expires_at: Timestamp,
    /// The browser that opened it.
    pub browser: Browser,
    /// How it came to another device: `email`, `sms` or `qr`.
    pub handoff: Option<String>,
}

/// Where a session stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SessionStatus {
    /// Nobody has opened it.
    New,
    /// Somebody has.
    Active,
    /// It has ended.
    Expired,
}

impl SessionStatus {
    /// Its name on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Active => "active",
            Self::Expired => "expired",
        }
    }
}

/// What is known of the browser that opened a session; erased with the inquiry.
#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", default)]
pub struct Browser {
    /// Its address.
    pub ip_address: Option<String>,
    /// What it says of itself.
    pub user_agent: Option<String>,
    /// The operating system.
    pub os_name: Option<String>,
    /// Its version.
    pub os_version: Option<String>,
    /// `desktop`, `smartphone` or `tablet`.
    pub device_type: Option<String>,
    /// The device.
    pub device_name: Option<String>,
    /// The browser.
    pub browser_name: Option<String>,
    /// Its version.
    pub browser_version: Option<String>,
}

impl std::fmt::Debug for Session {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Session").field("id", &self.id).field("status", &self.status).finish_non_exhaustive()
    }
}

impl std::fmt::Debug for Browser {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Browser([redacted])")
    }
}

impl Noun for Session {
    const KIND: &'static str = "inquiry-session";
    const PREFIX: &'static str = InquirySessionId::PREFIX;

    fn columns(&self) -> Columns {
        Columns {
            id: self.id.to_string(),
            parent: Some(self.inquiry.to_string()),
            status: self.status.as_str(),
            subject: Some(self.inquiry.to_string()),
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

impl Session {
    /// Whether it can be used.
    #[must_use]
    pub fn is_live(&self, now: Timestamp) -> bool {
        self.status != SessionStatus::Expired && self.expires_at > now
    }
}

/// Makes a session of an open inquiry.
///
/// # Errors
/// [`Error::NotFound`], [`Error::Conflict`] when the inquiry is not open, or has had as many as it may.
pub fn create_session(cx: &mut Cx<'_, '_>, inquiry: &InquiryId) -> Result<Record<Session>> {
    let mut inquiry = super::open(cx, inquiry)?;
    expect_open(&inquiry.item)?;
    let version = template::version(cx.tx, cx.scope, &inquiry.item.template_version)?;
    insert(cx, &mut inquiry, &version)
}

/// Refuses what only an inquiry that goes on can have.
pub(super) fn expect_open(inquiry: &Inquiry) -> Result<()> {
    refuse_redacted(inquiry)?;
    let details = match inquiry.status {
        InquiryStatus::Created | InquiryStatus::Pending => return Ok(()),
        InquiryStatus::Expired => "this inquiry has expired; resume it first".to_owned(),
        status => format!("this inquiry has ended; its status is {}", status.as_str()),
    };
    Err(Error::Conflict { title: "Conflict", details })
}

/// Makes a session, and counts it: so two requests at once cannot both be the last one.
pub(super) fn insert(
    cx: &mut Cx<'_, '_>,
    inquiry: &mut Record<Inquiry>,
    version: &TemplateVersion,
) -> Result<Record<Session>> {
    let id = cx.ids.mint();
    insert_as(cx, inquiry, version, id)
}

/// [`insert`], with an ID that is known before: that of whoever makes it.
pub(super) fn insert_as(
    cx: &mut Cx<'_, '_>,
    inquiry: &mut Record<Inquiry>,
    version: &TemplateVersion,
    id: InquirySessionId,
) -> Result<Record<Session>> {
    let allowed = version.definition.settings.sessions_max;
    if inquiry.item.flow.sessions >= allowed {
        return Err(Error::Conflict {
            title: "Conflict",
            details: format!("this inquiry has had {allowed} sessions, as many as its template allows"),
        });
    }
    let mut counted = inquiry.item.clone();
    counted.flow.sessions += 1;
    record::update(cx, inquiry, counted, Vec::new())?;
    let now = cx.scope.now;
    let session = Session {
        id,
        inquiry: inquiry.item.id.clone(),
        status: SessionStatus::New,
        created_at: now,
        updated_at: now,
        started_at: None,
        expired_at: None,
        expires_at: inquiry.item.expires_at.unwrap_or(now + inquiry.item.clocks.resumed()),
        browser: Browser::default(),
        handoff: None,
    };
    record::insert(cx, session, Some(&inquiry.key), vec![told(EventName::InquirySessionCreated)])
}

/// Notes that a browser has opened a session.
///
/// # Errors
/// What the store reports.
pub fn open_session(cx: &mut Cx<'_, '_>, session: &mut Record<Session>, browser: Browser) -> Result<()> {
    if session.item.status != SessionStatus::New {
        return Ok(());
    }
    let next = Session {
        status: SessionStatus::Active,
        started_at: Some(cx.scope.now),
        browser,
        ..session.item.clone()
    };
    record::update(cx, session, next, vec![told(EventName::InquirySessionStarted)])
}

/// Notes that the person has left; the session can still be used.
///
/// # Errors
/// What the store reports.
pub fn cancel_session(cx: &mut Cx<'_, '_>, session: &mut Record<Session>) -> Result<()> {
    let same = session.item.clone();
    record::update(cx, session, same, vec![told(EventName::InquirySessionCanceled)])
}

/// Ends a session. One that has ended stays as it is.
///
/// # Errors
/// [`Error::NotFound`].
pub fn expire_session(cx: &mut Cx<'_, '_>, id: &InquirySessionId) -> Result<Record<Session>> {
    let mut session = record::get(cx.tx, cx.scope, cx.master, id.as_str())?;
    end(cx, &mut session)?;
    Ok(session)
}

fn end(cx: &mut Cx<'_, '_>, session: &mut Record<Session>) -> Result<bool> {
    if session.item.status == SessionStatus::Expired {
        return Ok(false);
    }
    let next =
        Session { status: SessionStatus::Expired, expired_at: Some(cx.scope.now), ..session.item.clone() };
    record::update(cx, session, next, vec![told(EventName::InquirySessionExpired)])?;
    Ok(true)
}

/// Ends all sessions of inquiries. Returns those that it ended.
///
/// # Errors
/// [`Error::Invalid`] for an unknown inquiry, [`Error::Malformed`] for too many.
pub fn expire_all_sessions(cx: &mut Cx<'_, '_>, inquiries: &[String]) -> Result<Vec<Record<Session>>> {
    if inquiries.len() > INQUIRIES_AT_ONCE {
        return Err(Error::malformed(
            ["meta", "inquiry_ids"],
            format!("must be at most {INQUIRIES_AT_ONCE} IDs"),
        ));
    }
    let mut ended = Vec::new();
    for (index, id) in inquiries.iter().enumerate() {
        let found = record::find::<Inquiry>(cx.tx, cx.scope, cx.master, id)?;
        let inquiry = found.ok_or_else(|| {
            let place = ["meta".to_owned(), "inquiry-ids".to_owned(), index.to_string()];
            Error::invalid(place, "names no inquiry of this environment")
        })?;
        ended.extend(expire_of(cx, &inquiry)?);
    }
    Ok(ended)
}

/// Ends all sessions of an inquiry. Its one-time links end with them.
pub(super) fn expire_of(cx: &mut Cx<'_, '_>, inquiry: &Record<Inquiry>) -> Result<Vec<Record<Session>>> {
    let mut ended = Vec::new();
    for mut session in sessions_of(cx, &inquiry.item.id)? {
        if end(cx, &mut session)? {
            ended.push(session);
        }
    }
    Ok(ended)
}

/// Ends the sessions that are open beside one. An inquiry without answers can be opened by its ID alone; whoever has
/// done so must not see what another one answers.
pub(super) fn end_others(cx: &mut Cx<'_, '_>, inquiry: &InquiryId, kept: &InquirySessionId) -> Result<()> {
    for mut session in sessions_of(cx, inquiry)? {
        if session.item.status == SessionStatus::Active && session.item.id != *kept {
            end(cx, &mut session)?;
        }
    }
    Ok(())
}

/// All sessions of an inquiry, oldest first.
///
/// # Errors
/// What the store reports.
pub fn sessions_of(cx: &mut Cx<'_, '_>, inquiry: &InquiryId) -> Result<Vec<Record<Session>>> {
    let range = rows::Range {
        above: InquirySessionId::PREFIX,
        below: &format!("{}~", InquirySessionId::PREFIX),
        newest_first: false,
        limit: SESSIONS_MAX,
    };
    let selection = Selection::OfParent(inquiry.as_str());
    let ids = rows::page(cx.tx, &cx.scope.environment.id, selection, range)?;
    record::find_many(cx.tx, cx.scope, cx.master, &ids)
}

/// A session that nobody has opened, or a new one, and its token.
pub(super) fn unused_or_new(
    cx: &mut Cx<'_, '_>,
    inquiry: &mut Record<Inquiry>,
    version: &TemplateVersion,
) -> Result<(Record<Session>, String)> {
    let now = cx.scope.now;
    let unused = sessions_of(cx, &inquiry.item.id)?
        .into_iter()
        .find(|session| session.item.status == SessionStatus::New && session.item.is_live(now));
    let session = match unused {
        Some(session) => session,
        None => insert(cx, inquiry, version)?,
    };
    let token = tokens::write_token(cx.scope, &session.item)?;
    Ok((session, token))
}

/// Reads one session.
///
/// # Errors
/// [`Error::NotFound`].
pub fn get_session(cx: &mut ReadCx<'_, '_>, id: &InquirySessionId) -> Result<Record<Session>> {
    record::get(cx.tx, cx.scope, cx.master, id.as_str())
}

/// Reads one page of sessions, newest first: all, or those of inquiries.
///
/// # Errors
/// What the store reports.
pub fn page_of_sessions(
    cx: &mut ReadCx<'_, '_>,
    request: &PageOf,
    inquiries: Option<&[String]>,
) -> Result<Page<Record<Session>>> {
    let environment = &cx.scope.environment.id;
    let selections: Vec<Selection<'_>> = match inquiries {
        None => vec![Selection::All],
        Some(ids) => ids.iter().map(|id| Selection::OfParent(id)).collect(),
    };
    record::page((&mut *cx.tx, cx.scope, cx.master), request, |tx, range| {
        record::merge(tx, environment, &selections, range)
    })
}
