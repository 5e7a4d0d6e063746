//! Changing what is known of an inquiry: note, fields, tags, redirect.

use muster_domain::InquiryId;
use muster_domain::event::EventName;
use muster_domain::inquiry_template::RedirectSource;
use serde_json::{Map, Value};

use super::create::check_note;
use super::moves::refuse_redacted;
use super::{Inquiry, template};
use crate::accounts::{TagChange, TagRef, settle_tags};
use crate::record::{self, Record, told, told_tags};
use crate::{Cx, Error, Result, Scope};

/// What of an inquiry is to be otherwise. `Debug` shows nothing.
#[derive(Clone, Default)]
pub struct InquiryChanges {
    /// Its note.
    pub note: Option<Option<String>>,
    /// Values of its fields, raw.
    pub fields: Map<String, Value>,
    /// Names of its tags.
    pub tags: Option<Vec<String>>,
    /// Where the person goes at the end.
    pub redirect_uri: Option<Option<String>>,
}

impl std::fmt::Debug for InquiryChanges {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("InquiryChanges([redacted])")
    }
}

/// The blind index of a note.
pub(super) fn note_index(scope: &Scope, note: &str) -> Vec<u8> {
    scope.environment.index_key.blind("inquiry", "note", note)
}

/// Changes an inquiry, whatever its status.
///
/// # Errors
/// [`Error::NotFound`], [`Error::Invalid`] for values that fields cannot have, [`Error::Conflict`] when it is redacted.
pub fn update(cx: &mut Cx<'_, '_>, id: &InquiryId, changes: &InquiryChanges) -> Result<Record<Inquiry>> {
    let mut inquiry = super::open(cx, id)?;
    refuse_redacted(&inquiry.item)?;
    let version = template::version(cx.tx, cx.scope, &inquiry.item.template_version)?;
    let mut next = inquiry.item.clone();
    next.fields = template::read_values(&version.definition, &inquiry.item.fields, &changes.fields)?;
    if let Some(note) = &changes.note {
        check_note(note.as_deref())?;
        next.note.clone_from(note);
        next.note_index = note.as_ref().map(|note| note_index(cx.scope, note));
    }
    if let Some(uri) = &changes.redirect_uri {
        let settings = &version.definition.settings;
        let fault = uri.as_ref().and_then(|uri| settings.redirect_fault(uri, RedirectSource::Trusted));
        if let Some(fault) = fault {
            return Err(Error::invalid(["redirect-uri"], fault));
        }
        next.redirect_uri.clone_from(uri);
    }
    let mut events = Vec::new();
    let same = next.fields == inquiry.item.fields
        && next.note == inquiry.item.note
        && next.redirect_uri == inquiry.item.redirect_uri;
    if !same {
        events.push(told(EventName::InquiryUpdated));
    }
    if let Some(names) = &changes.tags {
        let names = TagChange::Set(names.iter().cloned().map(TagRef::Name).collect());
        next.tags = settle_tags(cx, &inquiry.item.tags, &names)?;
        if next.tags != inquiry.item.tags {
            events.push(told_tags(EventName::InquiryUpdatedTags, &inquiry.item.tags, &next.tags));
        }
    }
    if !events.is_empty() {
        record::update(cx, &mut inquiry, next, events)?;
    }
    Ok(inquiry)
}

/// Changes the tags of an inquiry.
///
/// # Errors
/// [`Error::NotFound`] for an unknown inquiry or tag ID, [`Error::Invalid`] for names that no tag can have,
/// [`Error::Conflict`] when it is redacted.
pub fn change_tags(cx: &mut Cx<'_, '_>, id: &InquiryId, change: &TagChange) -> Result<Record<Inquiry>> {
    let mut inquiry = super::open(cx, id)?;
    refuse_redacted(&inquiry.item)?;
    let tags = settle_tags(cx, &inquiry.item.tags, change)?;
    if tags != inquiry.item.tags {
        let events = vec![told_tags(EventName::InquiryUpdatedTags, &inquiry.item.tags, &tags)];
        let next = Inquiry { tags, ..inquiry.item.clone() };
        record::update(cx, &mut inquiry, next, events)?;
    }
    Ok(inquiry)
}
