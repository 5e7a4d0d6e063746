//! Report templates of an organization (H-14). The public API only shows them; writing them is Muster's own.

use muster_domain::report::{ReportDefinition, ReportTemplate, ReportTemplateSpec};
use muster_domain::{OrganizationId, ReportKind, ReportTemplateId};
use muster_store::{Tx, report_templates as rows};
use serde_json::{Map, Value};

use crate::{Cx, Error, ReadCx, Result, View};

/// A template that is to be made.
#[derive(Clone, Debug)]
pub struct NewReportTemplate {
    /// Of which kind its reports are.
    pub kind: ReportKind,
    /// Its name, of which there is no other in the organization.
    pub name: String,
    /// How its reports are run.
    pub definition: ReportDefinition,
}

/// What is to become of a template; what is none stays.
#[derive(Clone, Debug, Default)]
pub struct ReportTemplateChanges {
    /// Its name.
    pub name: Option<String>,
    /// How its reports are run, as a whole. Reports that are there keep theirs.
    pub definition: Option<ReportDefinition>,
}

/// Makes a template beside the default one of its kind.
///
/// # Errors
/// [`Error::Invalid`], [`Error::Conflict`] when the name is taken.
pub fn create_template(cx: &mut Cx<'_, '_>, new: &NewReportTemplate) -> Result<ReportTemplate> {
    let template = ReportTemplate {
        id: cx.ids.mint(),
        kind: new.kind,
        name: new.name.trim().to_owned(),
        is_default: false,
        revision: 1,
        definition: new.definition.clone(),
        created_at: cx.scope.now,
        updated_at: cx.scope.now,
    };
    check(&template)?;
    match rows::insert(cx.tx, &cx.scope.environment.organization, &template)? {
        true => Ok(template),
        false => Err(name_taken()),
    }
}

/// Changes a template: its next revision. Without a change nothing happens.
///
/// # Errors
/// [`Error::NotFound`], [`Error::Invalid`], [`Error::Conflict`] when the name is taken.
pub fn update_template(
    cx: &mut Cx<'_, '_>,
    id: &ReportTemplateId,
    changes: &ReportTemplateChanges,
) -> Result<ReportTemplate> {
    let organization = &cx.scope.environment.organization;
    let before = rows::find(cx.tx, organization, id)?.ok_or(Error::NotFound)?;
    let name = changes.name.as_deref().map_or(before.name.as_str(), str::trim).to_owned();
    let definition = changes.definition.clone().unwrap_or_else(|| before.definition.clone());
    if name == before.name && definition == before.definition {
        return Ok(before);
    }
    let template = ReportTemplate {
        name,
        definition,
        revision: before.revision + 1,
        updated_at: cx.scope.now,
        ..before
    };
    check(&template)?;
    let other = rows::find_named(cx.tx, organization, &template.name)?;
    if other.is_some_and(|other| other.id != template.id) {
        return Err(name_taken());
    }
    match rows::update(cx.tx, organization, &template)? {
        true => Ok(template),
        false => Err(muster_store::Error::Retry("a report template that has just changed").into()),
    }
}

/// What writing a file down came to, or would.
#[derive(Clone, Debug)]
pub struct AppliedTemplate {
    /// The template of that name as it was; none where there was none.
    pub before: Option<ReportTemplate>,
    /// Its name, and the members of its definition, as far as they change.
    pub changes: Vec<String>,
}

/// Says what [`apply_template`] would do.
///
/// # Errors
/// [`Error::Invalid`], also for a name that reports of another kind have.
pub fn preview_template(
    tx: &mut Tx<'_>,
    organization: &OrganizationId,
    spec: &ReportTemplateSpec,
) -> Result<AppliedTemplate> {
    let before = rows::find_named(tx, organization, spec.name.trim())?;
    if before.as_ref().is_some_and(|before| before.kind != spec.kind) {
        return Err(Error::invalid(
            ["kind"],
            "is not that of the template of this name; give it another name",
        ));
    }
    let mut faults = spec.faults();
    for fault in faults.iter_mut().filter(|fault| fault.path != ["name"]) {
        fault.path.insert(0, "definition".to_owned());
    }
    if !faults.is_empty() {
        return Err(Error::Invalid(faults));
    }
    let changes = before.as_ref().map(|before| changes(before, spec)).unwrap_or_default();
    Ok(AppliedTemplate { before, changes })
}

/// Creates the template that a file describes, or makes the next revision of the one of that name. Returns it as it is
/// then.
///
/// # Errors
/// As [`preview_template`].
pub fn apply_template(
    cx: &mut Cx<'_, '_>,
    spec: &ReportTemplateSpec,
) -> Result<(ReportTemplate, AppliedTemplate)> {
    let applied = preview_template(cx.tx, &cx.scope.environment.organization, spec)?;
    let ReportTemplateSpec { name, kind, definition } = spec.clone();
    let template = match &applied.before {
        None => create_template(cx, &NewReportTemplate { kind, name, definition })?,
        Some(before) => {
            let changes = ReportTemplateChanges { name: Some(name), definition: Some(definition) };
            update_template(cx, &before.id, &changes)?
        }
    };
    Ok((template, applied))
}

/// The members in which a template differs from a file.
fn changes(before: &ReportTemplate, after: &ReportTemplateSpec) -> Vec<String> {
    let members = |definition: &ReportDefinition| match serde_json::to_value(definition) {
        Ok(Value::Object(members)) => members,
        _ => Map::new(),
    };
    let (old, new) = (members(&before.definition), members(&after.definition));
    let mut names: Vec<String> = old.keys().chain(new.keys()).cloned().collect();
    names.sort();
    names.dedup();
    names.retain(|name| old.get(name) != new.get(name));
    if before.name != after.name.trim() {
        names.insert(0, "name".to_owned());
    }
    names
}

/// Finds the template of a name, however it is spelled.
///
/// # Errors
/// What the store reports.
pub fn find_template(
    tx: &mut Tx<'_>,
    organization: &OrganizationId,
    name: &str,
) -> Result<Option<ReportTemplate>> {
    Ok(rows::find_named(tx, organization, name.trim())?)
}

fn check(template: &ReportTemplate) -> Result<()> {
    let faults = template.faults();
    if faults.is_empty() { Ok(()) } else { Err(Error::Invalid(faults)) }
}

fn name_taken() -> Error {
    let details = "data.attributes.name is the name of another report template";
    Error::Conflict { title: "Conflict", details: details.to_owned() }
}

/// Reads one template.
///
/// # Errors
/// [`Error::NotFound`].
pub fn get_template(cx: &mut ReadCx<'_, '_>, id: &ReportTemplateId) -> Result<ReportTemplate> {
    rows::find(cx.tx, &cx.scope.environment.organization, id)?.ok_or(Error::NotFound)
}

/// Lists the templates of the organization, oldest first.
///
/// # Errors
/// What the store reports.
pub fn list_templates(cx: &mut ReadCx<'_, '_>) -> Result<Vec<ReportTemplate>> {
    Ok(rows::list(cx.tx, &cx.scope.environment.organization)?)
}

/// The template of a report.
///
/// # Errors
/// What the store reports.
pub fn template_of(view: &mut View<'_, '_>, id: &ReportTemplateId) -> Result<Option<ReportTemplate>> {
    Ok(rows::find(view.tx, &view.scope.environment.organization, id)?)
}
