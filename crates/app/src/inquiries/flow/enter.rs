//! Coming in: by the ID of an inquiry, a session, a one-time link, or the ID of a template (spec A.7, B.4).

use std::time::Duration;

use muster_domain::event::Actor;
use muster_domain::inquiry::{InquiryStatus, Trigger};
use muster_domain::inquiry_template::{RedirectSource, TemplateStatus};
use muster_domain::{InquiryId, InquirySessionId};

use super::{Barred, Place, bar, under_way, within};
use crate::inquiries::{self, Browser, Inquiry, NewInquiry, Session, Template, sessions, template};
use crate::record::{self, Record};
use crate::{Cx, Error, Result, Scope, inquiry_templates};

/// Sessions of an inquiry that were opened within [`WINDOW`], after which its ID alone opens no other one: a program that
/// keeps no cookies must not use up all that its template allows.
const OPENED_MAX: usize = 5;
/// What counts as recent.
const WINDOW: Duration = Duration::from_mins(10);

/// What a person comes with.
#[derive(Clone, Debug)]
pub enum Door {
    /// A session whose token is right.
    Session(InquirySessionId, Option<InquiryId>),
    /// The ID of an inquiry.
    Inquiry(InquiryId),
    /// The code of a one-time link.
    Code(String),
    /// What a new inquiry is to be like.
    New(Box<Creation>),
}

/// An inquiry that somebody makes by opening a link.
#[derive(Clone, Debug)]
pub struct Creation {
    /// What it is to be like; its session comes with it.
    pub new: NewInquiry,
    /// The values of its fields, as the link has them: key and text.
    pub fields: Vec<(String, String)>,
}

/// How somebody comes in.
#[derive(Clone, Debug, Default)]
pub struct Visit {
    /// The browser.
    pub browser: Browser,
    /// The language that the link names.
    pub language: Option<String>,
    /// The languages that the browser names; it counts where nobody chose one before.
    pub accepted_language: Option<String>,
    /// Where the link says that the person goes at the end.
    pub redirect_uri: Option<String>,
    /// Light or dark, if the link says.
    pub variant: Option<String>,
}

/// Lets a person in, or says why not. A session is opened; nothing else of the inquiry changes.
///
/// # Errors
/// [`Error::Invalid`] and [`Error::Malformed`] for what a link says about a new inquiry or a redirect,
/// [`Error::NotFound`] for an unknown account.
pub fn enter(cx: &mut Cx<'_, '_>, door: &Door, visit: &Visit) -> Result<Result<Place, Barred>> {
    let (mut inquiry, mut session) = match find(cx, door)? {
        Ok(found) => found,
        Err(barred) => return Ok(Err(barred)),
    };
    if let Some(barred) = bar(&inquiry.item, &session.item, cx.scope.now) {
        return Ok(Err(barred));
    }
    let version = template::version(cx.tx, cx.scope, &inquiry.item.template_version)?;
    if inquiry.item.status.is_open() {
        let scope = in_session(cx.scope, &session.item.id);
        let cx = &mut within(cx, &scope);
        note_visit(cx, &mut inquiry, &version.definition.settings, visit)?;
        sessions::open_session(cx, &mut session, visit.browser.clone())?;
    }
    let verification = under_way(cx.tx, cx.scope, cx.master, (&inquiry.item, &version))?;
    Ok(Ok(Place { inquiry, session, version, verification }))
}

type Found = Result<(Record<Inquiry>, Record<Session>), Barred>;

fn find(cx: &mut Cx<'_, '_>, door: &Door) -> Result<Found> {
    match door {
        Door::Session(session, of) => {
            let known = record::find::<Session>(cx.tx, cx.scope, cx.master, session.as_str())?;
            let fits = |known: &Record<Session>| of.as_ref().is_none_or(|of| *of == known.item.inquiry);
            match known.filter(fits) {
                None => Ok(Err(Barred::SessionExpired)),
                Some(_) => inquiries::open_of_session(cx, session).map(|(one, other)| Ok((other, one))),
            }
        }
        Door::Inquiry(id) => by_id(cx, id),
        Door::Code(code) => Ok(match inquiries::redeem(cx, code)? {
            Some(redeemed) => Ok((redeemed.inquiry, redeemed.session)),
            None => Err(Barred::LinkUsed),
        }),
        Door::New(creation) => create(cx, creation),
    }
}

/// The ID alone opens an inquiry that nobody has given anything to.
fn by_id(cx: &mut Cx<'_, '_>, id: &InquiryId) -> Result<Found> {
    if record::find::<Inquiry>(cx.tx, cx.scope, cx.master, id.as_str())?.is_none() {
        return Ok(Err(Barred::Missing));
    }
    let mut inquiry = inquiries::open(cx, id)?;
    let barred = match inquiry.item.status {
        _ if inquiry.item.redacted_at.is_some() => Barred::Finished,
        InquiryStatus::Created if !inquiry.item.flow.has_answers => return new_session(cx, &mut inquiry),
        InquiryStatus::Created | InquiryStatus::Pending => Barred::SessionExpired,
        InquiryStatus::Expired => Barred::Expired,
        _ => Barred::Finished,
    };
    Ok(Err(barred))
}

fn new_session(cx: &mut Cx<'_, '_>, inquiry: &mut Record<Inquiry>) -> Result<Found> {
    let version = template::version(cx.tx, cx.scope, &inquiry.item.template_version)?;
    let settings = &version.definition.settings;
    if inquiry.item.flow.sessions >= settings.sessions_max {
        if settings.expire_on_session_limit {
            inquiries::move_to(cx, inquiry, Trigger::Expire, |_| {}, Vec::new())?;
        }
        return Ok(Err(Barred::TooManySessions));
    }
    let now = cx.scope.now;
    let is_recent = |session: &Record<Session>| session.item.started_at.is_some_and(|at| at + WINDOW > now);
    let sessions = sessions::sessions_of(cx, &inquiry.item.id)?;
    if sessions.iter().filter(|session| is_recent(session)).count() >= OPENED_MAX {
        return Ok(Err(Barred::OpenedTooOften));
    }
    let id: InquirySessionId = cx.ids.mint();
    let scope = in_session(cx.scope, &id);
    let session = sessions::insert_as(&mut within(cx, &scope), inquiry, &version, id)?;
    Ok(Ok((inquiry.clone(), session)))
}

fn create(cx: &mut Cx<'_, '_>, creation: &Creation) -> Result<Found> {
    let version = match &creation.new.template {
        Some(Template::Version(id)) => template::published(cx, id),
        Some(Template::Live(id)) => match inquiry_templates::get(cx.tx, cx.scope, id) {
            Ok(template) if template.head.status == TemplateStatus::Inactive => {
                return Ok(Err(Barred::Inactive));
            }
            Ok(template) if template.live.is_none() => return Ok(Err(Barred::Inactive)),
            Ok(_) => template::live(cx, id),
            Err(error) => Err(error),
        },
        None => return Ok(Err(Barred::Missing)),
    };
    let version = match version {
        Err(Error::NotFound) => return Ok(Err(Barred::Missing)),
        version => version?,
    };
    if inquiry_templates::get(cx.tx, cx.scope, &version.template)?.head.status == TemplateStatus::Inactive
        || !cx.scope.environment.active
    {
        return Ok(Err(Barred::Inactive));
    }
    if version.definition.settings.block_client_creation {
        return Ok(Err(Barred::Blocked));
    }
    let texts = creation.fields.iter().map(|(key, text)| (key.as_str(), text.as_str()));
    let fields = version.definition.read_link(texts).map_err(Error::Invalid)?;
    let id: InquirySessionId = cx.ids.mint();
    let scope = in_session(cx.scope, &id);
    let cx = &mut within(cx, &scope);
    let new = NewInquiry { fields: fields.0, ..creation.new.clone() };
    let mut inquiry = inquiries::create(cx, &new)?.inquiry;
    let session = sessions::insert_as(cx, &mut inquiry, &version, id)?;
    Ok(Ok((inquiry, session)))
}

/// Notes the language, the redirect and the look that a link asks for.
fn note_visit(
    cx: &mut Cx<'_, '_>,
    inquiry: &mut Record<Inquiry>,
    settings: &muster_domain::inquiry_template::Settings,
    visit: &Visit,
) -> Result<()> {
    let mut next = inquiry.item.clone();
    let flow = &mut next.flow;
    if let Some(language) = &visit.language {
        flow.language = Some(language.clone());
    }
    if flow.language.is_none() {
        flow.language.clone_from(&visit.accepted_language);
    }
    if let Some(uri) = &visit.redirect_uri {
        if let Some(fault) = settings.redirect_fault(uri, RedirectSource::Link) {
            return Err(Error::malformed(["redirect-uri"], fault));
        }
        flow.redirect_uri = Some(uri.clone());
    }
    if visit.variant.is_some() {
        flow.variant.clone_from(&visit.variant);
    }
    if next.flow == inquiry.item.flow {
        return Ok(());
    }
    record::update(cx, inquiry, next, Vec::new())
}

/// Notes the language that the person chose.
///
/// # Errors
/// What the store reports.
pub fn choose_language(cx: &mut Cx<'_, '_>, place: &mut Place, language: &str) -> Result<()> {
    let mut next = place.inquiry.item.clone();
    next.flow.language = Some(language.to_owned());
    record::update(cx, &mut place.inquiry, next, Vec::new())
}

/// Notes that the person leaves. The session can still be used.
///
/// # Errors
/// What the store reports.
pub fn leave(cx: &mut Cx<'_, '_>, session: &InquirySessionId) -> Result<()> {
    let mut session = record::get(cx.tx, cx.scope, cx.master, session.as_str())?;
    sessions::cancel_session(cx, &mut session)
}

/// The same scope in the name of the person of a session.
fn in_session(scope: &Scope, session: &InquirySessionId) -> Scope {
    Scope { actor: Actor::InquirySession(session.clone()), ..scope.clone() }
}
