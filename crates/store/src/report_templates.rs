//! Report templates: one row each, how its reports are run as JSON.

use muster_domain::fold::fold;
use muster_domain::report::ReportTemplate;
use muster_domain::{OrganizationId, ReportKind, ReportTemplateId};

use crate::error::{Error, Result};
use crate::{Row, Tx, params};

crate::statements! {
    INSERT = "INSERT INTO report_templates (organization_id, id, kind, name, name_key, is_default, revision, definition,
                  created_at, updated_at)
              VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
              ON CONFLICT (organization_id, name_key) DO NOTHING";
    UPDATE = "UPDATE report_templates
              SET name = $4, name_key = $5, revision = $6, definition = $7, updated_at = $8
              WHERE organization_id = $1 AND id = $2 AND revision = $3";
    GET = "SELECT id, kind, name, is_default, revision, definition, created_at, updated_at FROM report_templates
           WHERE organization_id = $1 AND id = $2";
    GET_DEFAULT = "SELECT id, kind, name, is_default, revision, definition, created_at, updated_at
                   FROM report_templates WHERE organization_id = $1 AND kind = $2 AND is_default";
    GET_NAMED = "SELECT id, kind, name, is_default, revision, definition, created_at, updated_at
                 FROM report_templates WHERE organization_id = $1 AND name_key = $2";
    LIST = "SELECT id, kind, name, is_default, revision, definition, created_at, updated_at FROM report_templates
            WHERE organization_id = $1 ORDER BY id";
}

fn template(row: &Row<'_>) -> Result<ReportTemplate> {
    let unknown = || Error::corrupt("a report template was written by a newer version");
    Ok(ReportTemplate {
        id: ReportTemplateId::trusted(row.text(0)?),
        kind: ReportKind::parse(&row.text(1)?).ok_or_else(unknown)?,
        name: row.text(2)?,
        is_default: row.bool(3)?,
        revision: row.int(4)?,
        definition: serde_json::from_str(&row.text(5)?).map_err(|_| unknown())?,
        created_at: row.instant(6)?,
        updated_at: row.instant(7)?,
    })
}

fn definition(template: &ReportTemplate) -> Result<String> {
    serde_json::to_string(&template.definition)
        .map_err(|_| Error::corrupt("a report template cannot be written"))
}

/// Adds a template. False when the name is taken.
///
/// # Errors
/// What the engine reports.
pub fn insert(tx: &mut Tx<'_>, organization: &OrganizationId, template: &ReportTemplate) -> Result<bool> {
    let ReportTemplate { id, kind, name, is_default, revision, created_at, updated_at, .. } = template;
    let (name_key, definition) = (fold(name), definition(template)?);
    let values = params![
        organization,
        id.as_str(),
        kind.as_str(),
        name,
        &name_key,
        *is_default,
        *revision,
        &definition,
        *created_at,
        *updated_at
    ];
    Ok(tx.execute(&INSERT, values)? == 1)
}

/// Writes a template that was read at the revision before. False when somebody else has changed it since.
///
/// # Errors
/// What the engine reports; also that the name is taken.
pub fn update(tx: &mut Tx<'_>, organization: &OrganizationId, template: &ReportTemplate) -> Result<bool> {
    let ReportTemplate { id, name, revision, updated_at, .. } = template;
    let (name_key, definition) = (fold(name), definition(template)?);
    let values = params![
        organization,
        id.as_str(),
        *revision - 1,
        name,
        &name_key,
        *revision,
        &definition,
        *updated_at
    ];
    Ok(tx.execute(&UPDATE, values)? == 1)
}

/// Finds a template.
///
/// # Errors
/// What the engine reports.
pub fn find(
    tx: &mut Tx<'_>,
    organization: &OrganizationId,
    id: &ReportTemplateId,
) -> Result<Option<ReportTemplate>> {
    tx.query_opt(&GET, params![organization, id.as_str()], template)
}

/// Finds the template of reports that name only a kind.
///
/// # Errors
/// What the engine reports.
pub fn find_default(
    tx: &mut Tx<'_>,
    organization: &OrganizationId,
    kind: ReportKind,
) -> Result<Option<ReportTemplate>> {
    tx.query_opt(&GET_DEFAULT, params![organization, kind.as_str()], template)
}

/// Finds the template with a name, however it is spelled.
///
/// # Errors
/// What the engine reports.
pub fn find_named(
    tx: &mut Tx<'_>,
    organization: &OrganizationId,
    name: &str,
) -> Result<Option<ReportTemplate>> {
    tx.query_opt(&GET_NAMED, params![organization, &fold(name)], template)
}

/// Lists the templates of an organization, oldest first.
///
/// # Errors
/// What the engine reports.
pub fn list(tx: &mut Tx<'_>, organization: &OrganizationId) -> Result<Vec<ReportTemplate>> {
    tx.query(&LIST, params![organization], template)
}
