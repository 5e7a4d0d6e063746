//! Reading templates and versions, in a transaction as on a reading connection.

use std::sync::Arc;

use muster_domain::fold::fold;
use muster_domain::inquiry_template::{TemplateStatus, VerificationTemplate};
use muster_domain::{InquiryTemplateId, InquiryTemplateVersionId, VerificationTemplateId};
use muster_store::events::Side;
use muster_store::{Tx, inquiry_templates as rows};

use super::{Template, TemplateVersion, cache, verification_from_row};
use crate::accounts::{Page, cut};
use crate::{Error, Result, Scope};

/// A template as it is shown: with the version whose fields it shows.
#[derive(Clone, Debug)]
pub struct TemplateView {
    /// The template.
    pub template: Template,
    /// The live version, or else the draft.
    pub version: Option<Arc<TemplateVersion>>,
}

/// A version as it is shown.
#[derive(Clone, Debug)]
pub struct VersionView {
    /// Its template.
    pub template: Template,
    /// The version.
    pub version: Arc<TemplateVersion>,
}

impl VersionView {
    /// Whether new inquiries get it.
    #[must_use]
    pub fn is_live(&self) -> bool {
        self.template.live.as_ref() == Some(&self.version.id)
    }
}

/// Gets a template.
///
/// # Errors
/// [`Error::NotFound`].
pub fn get(tx: &mut Tx<'_>, scope: &Scope, id: &InquiryTemplateId) -> Result<Template> {
    let found = rows::find(tx, &scope.environment.organization, id)?;
    Template::from_row(found.ok_or(Error::NotFound)?)
}

/// Finds a template by its name, however it is spelled.
///
/// # Errors
/// What the store reports.
pub fn find_by_name(tx: &mut Tx<'_>, scope: &Scope, name: &str) -> Result<Option<Template>> {
    let found = rows::find_by_name(tx, &scope.environment.organization, &fold(name))?;
    found.map(Template::from_row).transpose()
}

/// Gets the version that new inquiries of a template get.
///
/// # Errors
/// [`Error::NotFound`]; [`Error::Invalid`] for `inquiry-template-id` when the template is inactive or was never
/// published.
pub fn live(tx: &mut Tx<'_>, scope: &Scope, id: &InquiryTemplateId) -> Result<Arc<TemplateVersion>> {
    let template = get(tx, scope, id)?;
    refuse_inactive(&template, "inquiry-template-id")?;
    let Some(live) = &template.live else {
        let message = "must be the ID of a template that has a published version";
        return Err(Error::invalid(["inquiry-template-id"], message));
    };
    version(tx, scope, live)
}

/// Gets a version that is published, whether it is live or not, for a new inquiry.
///
/// # Errors
/// [`Error::NotFound`]; [`Error::Invalid`] for `inquiry-template-version-id` when it is a draft, or its template is
/// inactive.
pub fn published(
    tx: &mut Tx<'_>,
    scope: &Scope,
    id: &InquiryTemplateVersionId,
) -> Result<Arc<TemplateVersion>> {
    let version = version(tx, scope, id)?;
    if version.published_at.is_none() {
        let message = "must be the ID of a published version, not of a draft";
        return Err(Error::invalid(["inquiry-template-version-id"], message));
    }
    refuse_inactive(&get(tx, scope, &version.template)?, "inquiry-template-version-id")?;
    Ok(version)
}

fn refuse_inactive(template: &Template, member: &str) -> Result<()> {
    if template.head.status == TemplateStatus::Active {
        return Ok(());
    }
    Err(Error::invalid([member], "must be of a template that is active; this one is inactive"))
}

/// Gets a version, be it live, an earlier one or a draft.
///
/// # Errors
/// [`Error::NotFound`].
pub fn version(
    tx: &mut Tx<'_>,
    scope: &Scope,
    id: &InquiryTemplateVersionId,
) -> Result<Arc<TemplateVersion>> {
    let organization = &scope.environment.organization;
    if let Some(known) = cache::find(organization, id) {
        return Ok(known);
    }
    let row = rows::find_version(tx, organization, id)?.ok_or(Error::NotFound)?;
    let version = Arc::new(TemplateVersion::from_row(row)?);
    cache::keep(organization, &version, scope.now);
    Ok(version)
}

/// Gets the draft of a template, if it has one.
///
/// # Errors
/// What the store reports.
pub fn draft(
    tx: &mut Tx<'_>,
    scope: &Scope,
    template: &InquiryTemplateId,
) -> Result<Option<Arc<TemplateVersion>>> {
    let found = rows::find_draft(tx, &scope.environment.organization, template)?;
    found.map(|row| TemplateVersion::from_row(row).map(Arc::new)).transpose()
}

/// Gets a verification template, as it was written last, and the template that it is in.
///
/// An inquiry goes by its own version: [`muster_domain::inquiry_template::Definition::verification`] of the key.
///
/// # Errors
/// [`Error::NotFound`].
pub fn verification_template(
    tx: &mut Tx<'_>,
    scope: &Scope,
    id: &VerificationTemplateId,
) -> Result<(InquiryTemplateId, VerificationTemplate)> {
    let row = rows::find_verification(tx, &scope.environment.organization, id)?.ok_or(Error::NotFound)?;
    Ok((row.template.clone(), verification_from_row(row)?))
}

/// Shows a template.
///
/// # Errors
/// What the store reports.
pub fn view(tx: &mut Tx<'_>, scope: &Scope, template: Template) -> Result<TemplateView> {
    let shown = match &template.live {
        Some(live) => Some(version(tx, scope, live)?),
        None => draft(tx, scope, &template.id)?,
    };
    Ok(TemplateView { template, version: shown })
}

/// Shows a version.
///
/// # Errors
/// [`Error::NotFound`].
pub fn view_version(tx: &mut Tx<'_>, scope: &Scope, id: &InquiryTemplateVersionId) -> Result<VersionView> {
    let version = version(tx, scope, id)?;
    Ok(VersionView { template: get(tx, scope, &version.template)?, version })
}

/// Reads one page of templates, newest first; the cursors are those after and before which it lies.
///
/// # Errors
/// What the store reports.
pub fn page(
    tx: &mut Tx<'_>,
    scope: &Scope,
    size: usize,
    (after, before): (Option<&InquiryTemplateId>, Option<&InquiryTemplateId>),
) -> Result<Page<TemplateView>> {
    let side = before.map_or((Side::After, after), |cursor| (Side::Before, Some(cursor)));
    let found = rows::page(tx, &scope.environment.organization, side, limit(size))?;
    let page = cut(found, size, after.is_some(), before.is_some());
    let mut items = Vec::with_capacity(page.items.len());
    for row in page.items {
        items.push(view(tx, scope, Template::from_row(row)?)?);
    }
    Ok(Page { items, has_newer: page.has_newer, has_older: page.has_older })
}

/// Reads one page of the versions of a template, newest first, its draft among them.
///
/// # Errors
/// [`Error::NotFound`] when there is no such template.
pub fn versions(
    tx: &mut Tx<'_>,
    scope: &Scope,
    template: &InquiryTemplateId,
    size: usize,
    (after, before): (Option<&InquiryTemplateVersionId>, Option<&InquiryTemplateVersionId>),
) -> Result<Page<VersionView>> {
    let template = get(tx, scope, template)?;
    let side = before.map_or((Side::After, after), |cursor| (Side::Before, Some(cursor)));
    let found = rows::versions(tx, &scope.environment.organization, &template.id, side, limit(size))?;
    let page = cut(found, size, after.is_some(), before.is_some());
    let show = |row| {
        let version = Arc::new(TemplateVersion::from_row(row)?);
        Ok(VersionView { template: template.clone(), version })
    };
    let items = page.items.into_iter().map(show).collect::<Result<_>>()?;
    Ok(Page { items, has_newer: page.has_newer, has_older: page.has_older })
}

/// One more than a page holds, to see whether there are more.
fn limit(size: usize) -> i64 {
    i64::try_from(size + 1).unwrap_or(i64::MAX)
}
