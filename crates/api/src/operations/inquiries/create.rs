//! Creating an inquiry: reading what the request says (spec A.3).

use muster_app::accounts::AccountChoice;
use muster_app::inquiries::{self, NewInquiry, Redirector, Template};
use muster_app::{Cx, Error, Result};
use muster_domain::inquiry::Clocks;
use muster_domain::{InquiryTemplateId, InquiryTemplateVersionId};
use serde_json::{Map, Value, json};

use super::links::{long, short};
use super::written;
use crate::call::Call;
use crate::members::{ATTRIBUTES, META, fields, flag, given, id_or_404, reference_id, seconds, tags, text};
use crate::operation::Written;

/// Members of `meta`.
const KNOWN: [&str; 9] = [
    "auto-create-account",
    "auto-create-account-type-id",
    "auto-create-account-reference-id",
    "auto-create-inquiry-session",
    "auto-create-one-time-link",
    "expiration-after-create-interval-seconds",
    "expiration-after-start-interval-seconds",
    "expiration-after-resume-interval-seconds",
    "one-time-link-expiration-seconds",
];

pub(super) fn create(cx: &mut Cx<'_, '_>, call: &Call) -> Result<Written> {
    let new = new_inquiry(call)?;
    let created = inquiries::create(cx, &new)?;
    let link = created.link.as_ref();
    let meta = json!({
        "session-token": created.token,
        "one-time-link": link.map(|link| long(call, link)),
        "one-time-link-short": link.map(|link| short(call, link)),
    });
    written(cx, call, created.inquiry, (201, Some(meta)))
}

/// What is not known among the attributes is ignored.
fn new_inquiry(call: &Call) -> Result<NewInquiry> {
    let (mut attributes, mut meta) = (call.attributes()?, call.meta(&KNOWN)?);
    let given = &mut attributes;
    refuse_theme(given)?;
    Ok(NewInquiry {
        template: Some(template(given)?),
        account: account(given, &mut meta)?,
        creator: creator(given)?,
        note: text(given, &ATTRIBUTES, "note")?.flatten(),
        tags: tags(given)?.unwrap_or_default(),
        redirect_uri: text(given, &ATTRIBUTES, "redirect-uri")?.flatten().map(|uri| (uri, Redirector::Api)),
        theme_set_id: text(given, &ATTRIBUTES, "theme-set-id")?.flatten(),
        initial_step: text(given, &ATTRIBUTES, "initial-step-name")?.flatten(),
        fields: fields(given)?,
        clocks: clocks(&mut meta)?,
        with_session: flag(&mut meta, &META, "auto-create-inquiry-session")?.unwrap_or(false),
        with_link: flag(&mut meta, &META, "auto-create-one-time-link")?.unwrap_or(false),
    })
}

/// The one template that is named.
fn template(attributes: &mut Map<String, Value>) -> Result<Template> {
    let mut named = Vec::new();
    for key in ["inquiry-template-id", "inquiry-template-version-id", "template-id"] {
        named.extend(given(attributes, &ATTRIBUTES, key)?.map(|id| (key, id)));
    }
    match named.as_slice() {
        [("inquiry-template-id", id)] => Ok(Template::Live(id_or_404::<InquiryTemplateId>(id)?)),
        [("inquiry-template-version-id", id)] => {
            Ok(Template::Version(id_or_404::<InquiryTemplateVersionId>(id)?))
        }
        // There are no templates of the older kind.
        [_] => Err(Error::NotFound),
        [] => Err(Error::malformed(
            ["data", "attributes", "inquiry_template_id"],
            "must be given (or inquiry_template_version_id)",
        )),
        [_, (key, _), ..] => Err(Error::malformed(
            ["data", "attributes", *key],
            "must be left out: exactly one template can be named",
        )),
    }
}

/// A theme is of templates of the older kind.
fn refuse_theme(attributes: &mut Map<String, Value>) -> Result<()> {
    match given(attributes, &ATTRIBUTES, "theme-id")? {
        None => Ok(()),
        Some(_) => Err(Error::malformed(
            ["data", "attributes", "theme_id"],
            "must be left out: an inquiry template has its theme set (theme_set_id)",
        )),
    }
}

fn creator(attributes: &mut Map<String, Value>) -> Result<Option<String>> {
    let Some(address) = given(attributes, &ATTRIBUTES, "creator-email-address")? else { return Ok(None) };
    match address.contains('@') && address.chars().count() <= 255 && !address.chars().any(char::is_control) {
        true => Ok(Some(address)),
        false => Err(Error::invalid(["creator-email-address"], "must be an e-mail address")),
    }
}

fn account(attributes: &mut Map<String, Value>, meta: &mut Map<String, Value>) -> Result<AccountChoice> {
    Ok(AccountChoice {
        account_id: text(attributes, &ATTRIBUTES, "account-id")?
            .flatten()
            .map(|id| id_or_404(&id))
            .transpose()?,
        reference_id: reference_id(attributes, &ATTRIBUTES, "reference-id")?,
        auto_create: flag(meta, &META, "auto-create-account")?,
        auto_create_type_id: text(meta, &META, "auto-create-account-type-id")?
            .flatten()
            .map(|id| id_or_404(&id))
            .transpose()?,
        auto_create_reference_id: reference_id(meta, &META, "auto-create-account-reference-id")?,
    })
}

fn clocks(meta: &mut Map<String, Value>) -> Result<Clocks> {
    Ok(Clocks {
        after_create: seconds(meta, "expiration-after-create-interval-seconds")?,
        after_start: seconds(meta, "expiration-after-start-interval-seconds")?,
        after_resume: seconds(meta, "expiration-after-resume-interval-seconds")?,
        one_time_link: seconds(meta, "one-time-link-expiration-seconds")?,
    })
}
