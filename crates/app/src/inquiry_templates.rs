//! Stand-in until the templates are there.

use std::sync::Arc;

use muster_domain::inquiry_template::Definition;
use muster_domain::{InquiryTemplateId, InquiryTemplateVersionId};
use muster_store::Tx;

use crate::{Cx, Error, Result, Scope};

/// A version.
#[derive(Debug)]
pub struct TemplateVersion {
    /// ID.
    pub id: InquiryTemplateVersionId,
    /// Template.
    pub template: InquiryTemplateId,
    /// Definition.
    pub definition: Arc<Definition>,
}

/// Live.
///
/// # Errors
/// NotFound.
pub fn live(_cx: &mut Cx<'_, '_>, _id: &InquiryTemplateId) -> Result<Arc<TemplateVersion>> {
    Err(Error::NotFound)
}

/// Published.
///
/// # Errors
/// NotFound.
pub fn published(_cx: &mut Cx<'_, '_>, _id: &InquiryTemplateVersionId) -> Result<Arc<TemplateVersion>> {
    Err(Error::NotFound)
}

/// Any.
///
/// # Errors
/// NotFound.
pub fn version(_tx: &mut Tx<'_>, _scope: &Scope, _id: &InquiryTemplateVersionId) -> Result<Arc<TemplateVersion>> {
    Err(Error::NotFound)
}
