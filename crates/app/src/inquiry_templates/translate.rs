//! Texts of a template for translators.

use std::sync::Arc;

use muster_domain::InquiryTemplateId;
use muster_domain::inquiry_template::Translation;
use muster_store::Tx;
use muster_store::inquiry_templates as rows;

use super::save::{note, write_draft};
use super::{TemplateVersion, VersionView, draft, get, version};
use crate::{Cx, Error, Result, Scope};

/// Reads the texts of the draft, or of the live version where there is none.
///
/// # Errors
/// [`Error::NotFound`].
pub fn translations(
    tx: &mut Tx<'_>,
    scope: &Scope,
    id: &InquiryTemplateId,
) -> Result<(Arc<TemplateVersion>, Vec<Translation>)> {
    let shown = newest(tx, scope, id)?;
    let rows = shown.definition.translations();
    Ok((shown, rows))
}

/// Merges texts into the draft, which is made of the live version if there is none. Nothing is published.
///
/// # Errors
/// [`Error::NotFound`]; [`Error::Invalid`] for rows that name no text of the template.
pub fn import_translations(
    cx: &mut Cx<'_, '_>,
    id: &InquiryTemplateId,
    translations: &[Translation],
) -> Result<VersionView> {
    let mut template = get(cx.tx, cx.scope, id)?;
    let base = newest(cx.tx, cx.scope, id)?;
    let definition = base.definition.with_translations(translations).map_err(Error::Invalid)?;
    let now = cx.scope.now;
    let version = if base.published_at.is_none() {
        let version = TemplateVersion { definition, updated_at: now, ..(*base).clone() };
        write_draft(cx, &version)?;
        version
    } else {
        let version = TemplateVersion {
            id: cx.ids.mint(),
            template: id.clone(),
            definition,
            description: None,
            created_at: now,
            updated_at: now,
            published_at: None,
        };
        rows::insert_version(cx.tx, &cx.scope.environment.organization, &version.to_row())?;
        version
    };
    note(cx, &mut template)?;
    Ok(VersionView { template, version: Arc::new(version) })
}

/// The draft, or the live version where there is none.
fn newest(tx: &mut Tx<'_>, scope: &Scope, id: &InquiryTemplateId) -> Result<Arc<TemplateVersion>> {
    let template = get(tx, scope, id)?;
    match (draft(tx, scope, id)?, &template.live) {
        (Some(draft), _) => Ok(draft),
        (None, Some(live)) => version(tx, scope, live),
        (None, None) => Err(Error::bug("an inquiry template has neither a draft nor a live version")),
    }
}
