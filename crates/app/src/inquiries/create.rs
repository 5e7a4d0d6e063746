//! Creating an inquiry, and the account it belongs to, in one transaction (spec A.3).

use muster_domain::event::EventName;
use muster_domain::inquiry::{Clocks, InquiryStatus};
use muster_domain::inquiry_template::{FieldValues, RedirectSource};
use muster_domain::{InquiryId, InquiryTemplateId, InquiryTemplateVersionId};
use serde_json::{Map, Value};

use super::sessions::{self, Session};
use super::template::{self, TemplateVersion};
use super::update::note_index;
use super::{Flow, Inquiry, Link, links, tokens};
use crate::accounts::{AccountChoice, TagChange, TagRef, attach, settle_tags};
use crate::jobs::{self, Kind};
use crate::record::{self, Record, told};
use crate::{Cx, Error, Result};

/// The longest note, in characters.
pub(super) const NOTE_CHARS_MAX: usize = 10_000;

/// What stands for whoever created an inquiry by opening a link.
pub(super) const CREATED_BY_LINK: &str = "Web";

/// What an inquiry is made from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Template {
    /// The live version of a template.
    Live(InquiryTemplateId),
    /// One version of a template.
    Version(InquiryTemplateVersionId),
}

/// An inquiry that is to be created. `Debug` shows nothing personal.
#[derive(Clone, Default)]
pub struct NewInquiry {
    /// What it is made from.
    pub template: Option<Template>,
    /// The account it is to hang on.
    pub account: AccountChoice,
    /// The e-mail address of whoever creates it.
    pub creator: Option<String>,
    /// A text of whoever works with it.
    pub note: Option<String>,
    /// Values of its fields, raw.
    pub fields: Map<String, Value>,
    /// Names of its tags.
    pub tags: Vec<String>,
    /// Where the person goes at the end.
    pub redirect_uri: Option<(String, Redirector)>,
    /// The theme set it is shown in.
    pub theme_set_id: Option<String>,
    /// The step to begin with.
    pub initial_step: Option<String>,
    /// Its own clocks.
    pub clocks: Clocks,
    /// Whether it gets a session at once.
    pub with_session: bool,
    /// Whether it gets a one-time link at once.
    pub with_link: bool,
}

/// Who says where the person goes at the end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Redirector {
    /// A request with an API key.
    Api,
    /// Whoever wrote the link.
    Link,
}

impl std::fmt::Debug for NewInquiry {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("NewInquiry").field("template", &self.template).finish_non_exhaustive()
    }
}

/// A new inquiry, and what was wanted with it.
#[derive(Debug)]
pub struct Created {
    /// The inquiry.
    pub inquiry: Record<Inquiry>,
    /// The token of its session.
    pub token: Option<String>,
    /// Its one-time link.
    pub link: Option<Link>,
}

/// Creates an inquiry. Its account is found or created in the same transaction.
///
/// # Errors
/// [`Error::NotFound`] for an unknown template, account or account type, [`Error::Invalid`] for an inactive template
/// and for values that fields cannot have, [`Error::Malformed`] for contradictions, [`Error::Conflict`] when the account
/// is archived.
pub fn create(cx: &mut Cx<'_, '_>, new: &NewInquiry) -> Result<Created> {
    if !cx.scope.environment.active {
        return Err(Error::InactiveEnvironment);
    }
    let template = match &new.template {
        Some(Template::Live(id)) => template::live(cx, id)?,
        Some(Template::Version(id)) => template::published(cx, id)?,
        None => {
            return Err(Error::malformed(
                ["data", "attributes", "inquiry_template_id"],
                "must be given (or inquiry_template_version_id)",
            ));
        }
    };
    let inquiry = draft(cx, new, &template)?;
    let account = attach(cx, &new.account)?;
    let expires_at = inquiry.expires_at;
    let inquiry = Inquiry { account, ..inquiry };
    let mut inquiry = record::insert(cx, inquiry, None, vec![told(EventName::InquiryCreated)])?;
    if let Some(expires_at) = expires_at {
        jobs::enqueue_at(cx, Kind::ExpireInquiry, inquiry.item.id.as_str(), "", expires_at)?;
    }
    let token = match new.with_session {
        true => {
            let session: Record<Session> = sessions::insert(cx, &mut inquiry, &template)?;
            Some(tokens::write_token(cx.scope, &session.item)?)
        }
        false => None,
    };
    let link = match new.with_link {
        true => Some(links::new_link(cx, &mut inquiry, &template, None)?),
        false => None,
    };
    Ok(Created { inquiry, token, link })
}

fn draft(cx: &mut Cx<'_, '_>, new: &NewInquiry, template: &TemplateVersion) -> Result<Inquiry> {
    let definition = &template.definition;
    let fields = template::read_values(definition, &FieldValues::default(), &new.fields)?;
    if let Some((uri, redirector)) = &new.redirect_uri {
        let source = match redirector {
            Redirector::Api => RedirectSource::Trusted,
            Redirector::Link => RedirectSource::Link,
        };
        if let Some(fault) = definition.settings.redirect_fault(uri, source) {
            return Err(Error::invalid(["redirect-uri"], fault));
        }
    }
    let first = match &new.initial_step {
        None => template::first_step(definition),
        Some(name) => {
            let step = definition.step(name).filter(|step| step.kind.is_page());
            Some(step.ok_or_else(|| Error::invalid(["initial-step-name"], "names no page of this template"))?)
        }
    };
    check_note(new.note.as_deref())?;
    let tags = new.tags.iter().cloned().map(TagRef::Name).collect();
    let tags = if new.tags.is_empty() { Vec::new() } else { settle_tags(cx, &[], &TagChange::Set(tags))? };
    let clocks = new.clocks.or(template::clocks(&definition.settings));
    let now = cx.scope.now;
    Ok(Inquiry {
        id: cx.ids.mint::<InquiryId>(),
        status: InquiryStatus::Created,
        account: None,
        template: template.template.clone(),
        template_version: template.id.clone(),
        note: new.note.clone(),
        note_index: new.note.as_ref().map(|note| note_index(cx.scope, note)),
        tags,
        creator: new.creator.clone().unwrap_or_else(|| creator(cx).to_owned()),
        reviewer: None,
        reviewer_comment: None,
        created_at: now,
        updated_at: now,
        started_at: None,
        expires_at: Some(clocks.created(now)),
        completed_at: None,
        failed_at: None,
        marked_for_review_at: None,
        decisioned_at: None,
        expired_at: None,
        redacted_at: None,
        previous_step: None,
        next_step: first.map(|step| step.name.clone()),
        prefill: fields.clone(),
        fields,
        redirect_uri: new.redirect_uri.as_ref().map(|(uri, _)| uri.clone()),
        theme_set_id: new.theme_set_id.clone(),
        clocks,
        flow: Flow::default(),
    })
}

/// What stands for whoever created an inquiry without naming an address (spec H-18).
fn creator(cx: &Cx<'_, '_>) -> &'static str {
    match cx.scope.actor {
        muster_domain::event::Actor::ApiKey(_) => "API",
        muster_domain::event::Actor::InquirySession(_) => CREATED_BY_LINK,
        _ => "Muster",
    }
}

pub(super) fn check_note(note: Option<&str>) -> Result<()> {
    match note {
        Some(note) if note.chars().count() > NOTE_CHARS_MAX => {
            Err(Error::invalid(["note"], format!("must be at most {NOTE_CHARS_MAX} characters")))
        }
        _ => Ok(()),
    }
}
