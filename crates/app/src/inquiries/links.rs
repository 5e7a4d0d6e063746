//! One-time links: whoever has one may go on with an inquiry, once (spec A.9).
//!
//! A code is made from the ID of its link under a key of the environment: so it need not be stored, and the same
//! link can be told twice. Only its hash is kept.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use muster_domain::{EnvironmentId, InquiryId, InquirySessionId, OneTimeLinkId, ResourceId, Timestamp};
use muster_store::Tx;
use muster_store::records::{self as rows, Selection};
use muster_store::seal::digest16;
use serde::{Deserialize, Serialize};

use super::Inquiry;
use super::sessions::{self, Session, SessionStatus, expect_open};
use super::template::{self, TemplateVersion};
use crate::record::{self, Columns, Noun, Record};
use crate::{Cx, Error, Result, Scope};

/// How long a link still works after its first use: a page that is loaded twice must not lock anybody out.
const GRACE: Duration = Duration::from_mins(5);
/// Links of an inquiry that are looked at.
const LINKS_MAX: i64 = 1100;

/// A one-time link as it is told. `Debug` does not show the code.
#[derive(Clone)]
pub struct Link {
    /// The code.
    pub code: String,
    /// When it ends.
    pub expires_at: Timestamp,
}

impl std::fmt::Debug for Link {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Link").field("expires_at", &self.expires_at).finish_non_exhaustive()
    }
}

/// A one-time link as it is kept.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) struct StoredLink {
    id: OneTimeLinkId,
    inquiry: InquiryId,
    session: InquirySessionId,
    hash: Vec<u8>,
    created_at: Timestamp,
    updated_at: Timestamp,
    expires_at: Timestamp,
    used_at: Option<Timestamp>,
}

impl Noun for StoredLink {
    const KIND: &'static str = "one-time-link";
    const PREFIX: &'static str = OneTimeLinkId::PREFIX;

    fn columns(&self) -> Columns {
        Columns {
            id: self.id.to_string(),
            parent: Some(self.inquiry.to_string()),
            status: if self.used_at.is_some() { "used" } else { "unused" },
            lookup: Some(self.hash.clone()),
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

fn code(scope: &Scope, id: &OneTimeLinkId) -> String {
    let mac = scope.environment.index_key.token_key().sign(format!("code/{id}").as_bytes());
    BASE64.encode(&mac[..18])
}

fn hash(code: &str) -> Vec<u8> {
    digest16(&[b"one-time link", code.as_bytes()])
}

/// Tells a one-time link of an inquiry: the one that nobody has used, or a new one.
///
/// # Errors
/// [`Error::NotFound`], [`Error::Conflict`] when the inquiry is not open.
pub fn generate_link(
    cx: &mut Cx<'_, '_>,
    id: &InquiryId,
    expires_in: Option<Duration>,
) -> Result<(Record<Inquiry>, Link)> {
    let mut inquiry = super::open(cx, id)?;
    expect_open(&inquiry.item)?;
    let version = template::version(cx.tx, cx.scope, &inquiry.item.template_version)?;
    let link = match unused(cx, &inquiry, None)? {
        Some(link) => link,
        None => new_link(cx, &mut inquiry, &version, expires_in)?,
    };
    Ok((inquiry, link))
}

/// Tells a one-time link that leads into a session.
///
/// # Errors
/// [`Error::NotFound`], [`Error::Conflict`] when the session or its inquiry has ended.
pub fn generate_session_link(cx: &mut Cx<'_, '_>, id: &InquirySessionId) -> Result<(Record<Session>, Link)> {
    let (session, mut inquiry) = super::open_of_session(cx, id)?;
    expect_open(&inquiry.item)?;
    if !session.item.is_live(cx.scope.now) {
        return Err(Error::Conflict { title: "Conflict", details: "this session has expired".to_owned() });
    }
    let link = match unused(cx, &inquiry, Some(id))? {
        Some(link) => link,
        None => {
            // Whoever redacts the inquiry at this moment has to look again: the link is sealed under its key.
            let same = inquiry.item.clone();
            record::update(cx, &mut inquiry, same, Vec::new())?;
            insert(cx, &inquiry, &session, None)?
        }
    };
    Ok((session, link))
}

/// The link that nobody has used yet, if there is one.
fn unused(
    cx: &mut Cx<'_, '_>,
    inquiry: &Record<Inquiry>,
    of: Option<&InquirySessionId>,
) -> Result<Option<Link>> {
    let now = cx.scope.now;
    let live = |link: &StoredLink| {
        link.used_at.is_none() && link.expires_at > now && of.is_none_or(|of| link.session == *of)
    };
    for record in of_inquiry(cx, &inquiry.item.id)?.into_iter().filter(|record| live(&record.item)) {
        let session: Record<Session> = record::get(cx.tx, cx.scope, cx.master, record.item.session.as_str())?;
        if session.item.status != SessionStatus::Expired {
            let code = code(cx.scope, &record.item.id);
            return Ok(Some(Link { code, expires_at: record.item.expires_at }));
        }
    }
    Ok(None)
}

/// All links of an inquiry, oldest first.
pub(super) fn of_inquiry(cx: &mut Cx<'_, '_>, inquiry: &InquiryId) -> Result<Vec<Record<StoredLink>>> {
    let range = rows::Range {
        above: OneTimeLinkId::PREFIX,
        below: &format!("{}~", OneTimeLinkId::PREFIX),
        newest_first: false,
        limit: LINKS_MAX,
    };
    let selection = Selection::OfParent(inquiry.as_str());
    let ids = rows::page(cx.tx, &cx.scope.environment.id, selection, range)?;
    record::find_many(cx.tx, cx.scope, cx.master, &ids)
}

/// Makes a link with a session of its own.
pub(super) fn new_link(
    cx: &mut Cx<'_, '_>,
    inquiry: &mut Record<Inquiry>,
    version: &TemplateVersion,
    expires_in: Option<Duration>,
) -> Result<Link> {
    let session = sessions::insert(cx, inquiry, version)?;
    insert(cx, inquiry, &session, expires_in)
}

fn insert(
    cx: &mut Cx<'_, '_>,
    inquiry: &Record<Inquiry>,
    session: &Record<Session>,
    expires_in: Option<Duration>,
) -> Result<Link> {
    let now = cx.scope.now;
    let wanted = now + expires_in.unwrap_or(inquiry.item.clocks.resumed());
    let expires_at = inquiry.item.expires_at.map_or(wanted, |end| wanted.min(end));
    let id: OneTimeLinkId = cx.ids.mint();
    let code = code(cx.scope, &id);
    let link = StoredLink {
        id,
        inquiry: inquiry.item.id.clone(),
        session: session.item.id.clone(),
        hash: hash(&code),
        created_at: now,
        updated_at: now,
        expires_at,
        used_at: None,
    };
    record::insert(cx, link, Some(&inquiry.key), Vec::new())?;
    Ok(Link { code, expires_at })
}

/// What a code opens.
#[derive(Debug)]
pub struct Redeemed {
    /// The inquiry.
    pub inquiry: Record<Inquiry>,
    /// The session that goes on with it.
    pub session: Record<Session>,
}

/// Finds the environment of a code, before anything else is known.
///
/// # Errors
/// What the store reports.
pub fn environment_of(tx: &mut Tx<'_>, code: &str) -> Result<Option<EnvironmentId>> {
    Ok(rows::find_by_lookup(tx, StoredLink::KIND, &hash(code))?.map(|(environment, _)| environment))
}

/// Uses a code of this environment. None when there is no such code, or it was used up, or its time is over, or its
/// inquiry or session has ended.
///
/// # Errors
/// What the store reports.
pub fn redeem(cx: &mut Cx<'_, '_>, code: &str) -> Result<Option<Redeemed>> {
    let Some((environment, id)) = rows::find_by_lookup(cx.tx, StoredLink::KIND, &hash(code))? else {
        return Ok(None);
    };
    if environment != cx.scope.environment.id {
        return Ok(None);
    }
    let now = cx.scope.now;
    let mut link: Record<StoredLink> = record::get(cx.tx, cx.scope, cx.master, &id)?;
    let (session, inquiry) = super::open_of_session(cx, &link.item.session)?;
    let in_time = match link.item.used_at {
        None => link.item.expires_at > now,
        Some(first) => now < first + GRACE,
    };
    let is_open = inquiry.item.status.is_open() && inquiry.item.redacted_at.is_none();
    if !in_time || !is_open || !session.item.is_live(now) {
        return Ok(None);
    }
    if link.item.used_at.is_none() {
        let used = StoredLink { used_at: Some(now), ..link.item.clone() };
        record::update(cx, &mut link, used, Vec::new())?;
    }
    Ok(Some(Redeemed { inquiry, session }))
}
