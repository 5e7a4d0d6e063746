//! Inquiry templates and their versions. They belong to the organization: every environment has the same.
//!
//! A template has at most one draft. Publishing makes it a version that never changes and is the one that new
//! inquiries get; an inquiry stays with the version it was made with.

mod cache;
mod preview;
mod read;
mod save;
mod translate;

use muster_domain::inquiry_template::{Definition, TemplateHead, VerificationTemplate};
use muster_domain::{InquiryTemplateId, InquiryTemplateVersionId, Timestamp};
use muster_store::inquiry_templates::{TemplateRow, VerificationTemplateRow, VersionRow};

pub use preview::{Preview, preview};
pub use read::{
    TemplateView, VersionView, draft, find_by_name, get, live, page, published, verification_template,
    version, versions, view, view_version,
};
pub use save::{OnDraft, Publication, Save, Saved, create, publish, republish, update};
pub use translate::{import_translations, translations};

use crate::{Error, Result};

/// A template.
#[derive(Clone, Debug, PartialEq)]
pub struct Template {
    /// Its ID.
    pub id: InquiryTemplateId,
    /// What it has beside its versions.
    pub head: TemplateHead,
    /// The version that new inquiries get; none before the first is published.
    pub live: Option<InquiryTemplateVersionId>,
    /// How often it was changed.
    pub revision: i64,
    /// When it was created.
    pub created_at: Timestamp,
    /// When it, or its draft, was last changed.
    pub updated_at: Timestamp,
}

/// A version of a template.
#[derive(Clone, Debug, PartialEq)]
pub struct TemplateVersion {
    /// Its ID.
    pub id: InquiryTemplateVersionId,
    /// Its template.
    pub template: InquiryTemplateId,
    /// What it says.
    pub definition: Definition,
    /// What changed with it, in words.
    pub description: Option<String>,
    /// When it was created.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
    /// When it was published; nothing for a draft.
    pub published_at: Option<Timestamp>,
}

impl Template {
    fn from_row(row: TemplateRow) -> Result<Self> {
        let head = serde_json::from_str(&row.head)
            .map_err(|_| Error::bug("the head of an inquiry template is of an unknown form"))?;
        Ok(Self {
            id: row.id,
            head,
            live: row.live,
            revision: row.revision,
            created_at: row.created_at,
            updated_at: row.updated_at,
        })
    }

    fn to_row(&self) -> TemplateRow {
        TemplateRow {
            id: self.id.clone(),
            name_key: muster_domain::fold::fold(&self.head.name),
            // Texts and lists of them can always be written.
            head: serde_json::to_string(&self.head).unwrap_or_default(),
            live: self.live.clone(),
            revision: self.revision,
            created_at: self.created_at,
            updated_at: self.updated_at,
        }
    }
}

impl TemplateVersion {
    fn from_row(row: VersionRow) -> Result<Self> {
        let definition = Definition::from_json(&row.definition)
            .ok_or_else(|| Error::bug("a version of an inquiry template is of an unknown form"))?;
        Ok(Self {
            id: row.id,
            template: row.template,
            definition,
            description: row.description,
            created_at: row.created_at,
            updated_at: row.updated_at,
            published_at: row.published_at,
        })
    }

    fn to_row(&self) -> VersionRow {
        VersionRow {
            id: self.id.clone(),
            template: self.template.clone(),
            definition: self.definition.to_json(),
            description: self.description.clone(),
            created_at: self.created_at,
            updated_at: self.updated_at,
            published_at: self.published_at,
        }
    }

    /// `published` or `draft`.
    #[must_use]
    pub const fn status(&self) -> &'static str {
        if self.published_at.is_some() { "published" } else { "draft" }
    }
}

fn verification_from_row(row: VerificationTemplateRow) -> Result<VerificationTemplate> {
    let config = serde_json::from_str(&row.config)
        .map_err(|_| Error::bug("a verification template is of an unknown form"))?;
    Ok(VerificationTemplate { id: row.id, version_id: row.version, config })
}
