//! The template versions that inquiries are made from.

use std::sync::Arc;

use muster_domain::inquiry::Clocks;
use muster_domain::inquiry_template::{Definition, FieldValues};
use muster_domain::{InquiryTemplateId, InquiryTemplateVersionId};
use serde_json::{Map, Value};

use crate::{Cx, Error, Result};

pub use crate::inquiry_templates::{TemplateVersion, version};

impl TemplateVersion {
    /// The clocks of its inquiries.
    #[must_use]
    pub fn clocks(&self) -> Clocks {
        let settings = &self.definition.settings;
        Clocks {
            after_create: Some(settings.expire_after_create_seconds),
            after_start: settings.expire_after_start_seconds,
            after_resume: Some(settings.expire_after_resume_seconds),
            one_time_link: Some(settings.handoff_link_seconds),
        }
    }
}

/// The live version of a template.
pub(super) fn live(cx: &mut Cx<'_, '_>, id: &InquiryTemplateId) -> Result<Arc<TemplateVersion>> {
    crate::inquiry_templates::live(cx, id)
}

/// A version that can be used: never a draft.
pub(super) fn published(cx: &mut Cx<'_, '_>, id: &InquiryTemplateVersionId) -> Result<Arc<TemplateVersion>> {
    crate::inquiry_templates::published(cx, id)
}

/// The values of fields after a change.
pub(super) fn read_values(
    definition: &Definition,
    current: Option<&FieldValues>,
    changes: &Map<String, Value>,
) -> Result<FieldValues> {
    definition.read_values(current, changes).map_err(Error::Invalid)
}
