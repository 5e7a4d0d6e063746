//! The template versions that inquiries are made from.

use std::sync::Arc;

use muster_domain::field::RedactionPolicy;
use muster_domain::inquiry::Clocks;
use muster_domain::inquiry_template::{Definition, FieldValues, Settings, Step};
use muster_domain::{InquiryTemplateId, InquiryTemplateVersionId};
use muster_store::Tx;
use serde_json::{Map, Value};

use crate::{Cx, Error, Result, Scope, inquiry_templates};

pub use crate::inquiry_templates::TemplateVersion;

/// The clocks that a version gives its inquiries.
pub(super) fn clocks(settings: &Settings) -> Clocks {
    Clocks {
        after_create: Some(settings.expire_after_create_seconds),
        after_start: settings.expire_after_start_seconds,
        after_resume: Some(settings.expire_after_resume_seconds),
        one_time_link: Some(settings.handoff_link_seconds),
    }
}

/// The live version of a template.
pub(super) fn live(cx: &mut Cx<'_, '_>, id: &InquiryTemplateId) -> Result<Arc<TemplateVersion>> {
    inquiry_templates::live(cx.tx, cx.scope, id)
}

/// A version that can be used: never a draft.
pub(super) fn published(cx: &mut Cx<'_, '_>, id: &InquiryTemplateVersionId) -> Result<Arc<TemplateVersion>> {
    inquiry_templates::published(cx.tx, cx.scope, id)
}

/// The version of an inquiry that exists.
///
/// # Errors
/// What the store reports.
pub fn version(
    tx: &mut Tx<'_>,
    scope: &Scope,
    id: &InquiryTemplateVersionId,
) -> Result<Arc<TemplateVersion>> {
    inquiry_templates::version(tx, scope, id)
}

/// Where a flow starts: the first step.
pub(super) fn first_step(definition: &Definition) -> Option<&Step> {
    definition.steps.first()
}

/// The values of fields after a change.
pub(super) fn read_values(
    definition: &Definition,
    current: &FieldValues,
    changes: &Map<String, Value>,
) -> Result<FieldValues> {
    let changes = definition.read_fields(changes).map_err(Error::Invalid)?;
    definition.apply_fields(current, &changes).map_err(Error::Invalid)
}

/// The values that stay when an inquiry is redacted: those of fields whose schema says so.
pub(super) fn redacted(definition: &Definition, values: &FieldValues) -> FieldValues {
    let stays = |key: &str| {
        definition.field(key).is_some_and(|field| field.redaction_policy == RedactionPolicy::Never)
    };
    let kept = values.0.iter().filter(|(key, _)| stays(key));
    FieldValues(kept.map(|(key, value)| (key.clone(), value.clone())).collect())
}
