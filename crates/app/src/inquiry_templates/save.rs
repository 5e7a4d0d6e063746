//! Writing templates: create, change, publish.

use std::sync::Arc;

use muster_domain::fold::fold;
use muster_domain::inquiry_template::{Definition, InquiryTemplateSpec, Surroundings, VerificationTemplate};
use muster_domain::{AccountType, IdSource, InquiryTemplateId, InquiryTemplateVersionId};
use muster_store::Tx;
use muster_store::events::Side;
use muster_store::inquiry_templates as rows;
use muster_store::inquiry_templates::VerificationTemplateRow;

use super::{Template, TemplateVersion, draft, get, verification_from_row, version};
use crate::{Catalog, Cx, Error, Result, Scope, account_types};

/// What becomes of what is saved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Publication {
    /// It is live at once.
    Publish,
    /// It is the draft.
    Draft,
}

/// What becomes of a draft when something else is published.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OnDraft {
    /// The command is refused, so that nobody loses work.
    Refuse,
    /// The draft gives way.
    Replace,
}

/// What is to be saved, and how.
#[derive(Clone, Debug)]
pub struct Save<'a> {
    /// What an author wrote.
    pub spec: &'a InquiryTemplateSpec,
    /// What changes, in words; at most 500 characters.
    pub description: Option<String>,
    /// What becomes of it.
    pub publication: Publication,
    /// What becomes of a draft.
    pub on_draft: OnDraft,
}

/// What was saved.
#[derive(Clone, Debug)]
pub struct Saved {
    /// The template as it is now.
    pub template: Template,
    /// The version with what was saved: a new one, or the one that said so already.
    pub version: Arc<TemplateVersion>,
    /// What changed, in words; nothing when all was so before.
    pub changes: Vec<String>,
}

/// Longest description of a version, in characters.
const DESCRIPTION_CHARS_MAX: usize = 500;
/// Most templates of an organization.
const TEMPLATES_MAX: i64 = 1000;

/// Creates a template.
///
/// # Errors
/// [`Error::Invalid`] for what is wrong with it, [`Error::Conflict`] when the name is in use.
pub fn create(cx: &mut Cx<'_, '_>, save: &Save<'_>) -> Result<Saved> {
    let definition = define_now(cx, save.spec, &[])?;
    refuse_description(save.description.as_deref())?;
    let organization = &cx.scope.environment.organization;
    let known = rows::page(cx.tx, organization, (Side::After, None), TEMPLATES_MAX)?;
    if i64::try_from(known.len()).is_ok_and(|count| count >= TEMPLATES_MAX) {
        let details = format!("an organization has at most {TEMPLATES_MAX} inquiry templates");
        return Err(Error::Conflict { title: "Conflict", details });
    }
    let now = cx.scope.now;
    let mut template = Template {
        id: cx.ids.mint(),
        head: save.spec.head().map_err(Error::Invalid)?,
        live: None,
        revision: 1,
        created_at: now,
        updated_at: now,
    };
    let version = new_version(cx, &template.id, definition, save);
    template.live = version.published_at.map(|_| version.id.clone());
    if !rows::insert(cx.tx, &cx.scope.environment.organization, &template.to_row())? {
        return Err(name_taken());
    }
    rows::insert_version(cx.tx, &cx.scope.environment.organization, &version.to_row())?;
    note_verifications(cx, &version)?;
    let changes = vec![format!("inquiry template {}: added", template.head.name)];
    Ok(Saved { template, version: Arc::new(version), changes })
}

/// Changes a template: what it has beside its versions at once, the rest as a draft or as a new live version. A
/// version that would say the same as the one before is not made.
///
/// # Errors
/// [`Error::NotFound`], [`Error::Invalid`]; [`Error::Conflict`] when the name is in use, or when there is a draft
/// that would be passed over.
pub fn update(cx: &mut Cx<'_, '_>, id: &InquiryTemplateId, save: &Save<'_>) -> Result<Saved> {
    let mut template = get(cx.tx, cx.scope, id)?;
    refuse_description(save.description.as_deref())?;
    let before = draft(cx.tx, cx.scope, id)?;
    let live = template.live.clone().map(|live| version(cx.tx, cx.scope, &live)).transpose()?;
    let known = known_verifications(cx.tx, cx.scope, id, [live.as_deref(), before.as_deref()])?;
    let definition = define_now(cx, save.spec, &known)?;
    let head = save.spec.head().map_err(Error::Invalid)?;
    refuse_name(cx, &template, &head.name)?;
    if before.is_some() && save.publication == Publication::Publish && save.on_draft == OnDraft::Refuse {
        return Err(draft_in_the_way());
    }
    let base = match save.publication {
        Publication::Publish => live.clone(),
        Publication::Draft => before.clone().or(live.clone()),
    };
    let names = |id: &_| cx.catalog.account_type(id).map(|ty| ty.name.clone());
    let old = base.as_ref().map(|base| base.definition.to_spec(&template.head, &names));
    let new = definition.to_spec(&head, &names);
    let changes = old.map_or_else(|| vec!["published".to_owned()], |old| old.changes_to(&new));
    let same = base.filter(|base| base.definition == definition);
    let gives_way = before.is_some() && save.publication == Publication::Publish;
    if let Some(same) = same.clone().filter(|_| template.head == head && !gives_way) {
        return Ok(Saved { template, version: same, changes });
    }
    template.head = head;
    let version = match (same, before) {
        (Some(same), _) if !gives_way => same,
        (_, before) => Arc::new(write(cx, &template, definition, save, before.as_deref())?),
    };
    if version.published_at.is_some() {
        template.live = Some(version.id.clone());
    }
    note(cx, &mut template)?;
    Ok(Saved { template, version, changes })
}

/// Publishes the draft of a template.
///
/// # Errors
/// [`Error::NotFound`] when there is no such template, [`Error::Conflict`] when it has no draft.
pub fn publish(cx: &mut Cx<'_, '_>, id: &InquiryTemplateId) -> Result<Saved> {
    let mut template = get(cx.tx, cx.scope, id)?;
    let Some(draft) = draft(cx.tx, cx.scope, id)? else {
        let details = "the inquiry template has no draft that could be published".to_owned();
        return Err(Error::Conflict { title: "Conflict", details });
    };
    let now = cx.scope.now;
    let version = TemplateVersion { published_at: Some(now), updated_at: now, ..(*draft).clone() };
    write_draft(cx, &version)?;
    template.live = Some(version.id.clone());
    note(cx, &mut template)?;
    Ok(Saved { template, version: Arc::new(version), changes: vec!["draft: published".to_owned()] })
}

/// Publishes once more what an earlier version says: a new version that is live. The draft stays.
///
/// # Errors
/// [`Error::NotFound`] when there is no such template; [`Error::Invalid`] when the version is not a published one of
/// this template.
pub fn republish(
    cx: &mut Cx<'_, '_>,
    id: &InquiryTemplateId,
    earlier: &InquiryTemplateVersionId,
) -> Result<Saved> {
    let mut template = get(cx.tx, cx.scope, id)?;
    let found = rows::find_version(cx.tx, &cx.scope.environment.organization, earlier)?;
    let found = found.filter(|row| row.template == *id && row.published_at.is_some());
    let Some(row) = found else {
        let message = "must be the ID of a published version of this template";
        return Err(Error::invalid(["inquiry-template-version-id"], message));
    };
    let earlier = Arc::new(TemplateVersion::from_row(row)?);
    if template.live.as_ref() == Some(&earlier.id) {
        return Ok(Saved { template, version: earlier, changes: Vec::new() });
    }
    let now = cx.scope.now;
    let version = TemplateVersion {
        id: cx.ids.mint(),
        description: Some(format!("As {}", earlier.id)),
        created_at: now,
        updated_at: now,
        published_at: Some(now),
        ..(*earlier).clone()
    };
    rows::insert_version(cx.tx, &cx.scope.environment.organization, &version.to_row())?;
    note_verifications(cx, &version)?;
    template.live = Some(version.id.clone());
    note(cx, &mut template)?;
    let changes = vec![format!("published as it was in {}", earlier.id)];
    Ok(Saved { template, version: Arc::new(version), changes })
}

/// Makes a definition of a spec by the account types of now.
fn define_now(
    cx: &mut Cx<'_, '_>,
    spec: &InquiryTemplateSpec,
    known: &[VerificationTemplate],
) -> Result<Definition> {
    account_types::expect_types(cx, cx.catalog.types_version())?;
    define(cx.catalog, spec, known, cx.ids)
}

/// Makes a definition of a spec.
pub(super) fn define(
    catalog: &Catalog,
    spec: &InquiryTemplateSpec,
    known: &[VerificationTemplate],
    ids: &mut IdSource,
) -> Result<Definition> {
    let types: Vec<&AccountType> = catalog.account_types().iter().map(AsRef::as_ref).collect();
    let around = Surroundings { account_types: types, verifications: known };
    Definition::create(spec, &around, ids).map_err(Error::Invalid)
}

/// The verifications that a template ever had, those of these versions first.
pub(super) fn known_verifications(
    tx: &mut Tx<'_>,
    scope: &Scope,
    id: &InquiryTemplateId,
    versions: [Option<&TemplateVersion>; 2],
) -> Result<Vec<VerificationTemplate>> {
    let mut known: Vec<VerificationTemplate> =
        versions.into_iter().flatten().flat_map(|version| version.definition.verifications.clone()).collect();
    for row in rows::verifications(tx, &scope.environment.organization, id)? {
        known.push(verification_from_row(row)?);
    }
    Ok(known)
}

fn new_version(
    cx: &mut Cx<'_, '_>,
    template: &InquiryTemplateId,
    definition: Definition,
    save: &Save<'_>,
) -> TemplateVersion {
    let now = cx.scope.now;
    TemplateVersion {
        id: cx.ids.mint(),
        template: template.clone(),
        definition,
        description: save.description.clone(),
        created_at: now,
        updated_at: now,
        published_at: (save.publication == Publication::Publish).then_some(now),
    }
}

/// Writes what was saved: into the draft if there is one, else into a new version.
fn write(
    cx: &mut Cx<'_, '_>,
    template: &Template,
    definition: Definition,
    save: &Save<'_>,
    draft: Option<&TemplateVersion>,
) -> Result<TemplateVersion> {
    let mut version = new_version(cx, &template.id, definition, save);
    match draft {
        Some(draft) => {
            version.id = draft.id.clone();
            version.created_at = draft.created_at;
            write_draft(cx, &version)?;
        }
        None => rows::insert_version(cx.tx, &cx.scope.environment.organization, &version.to_row())?,
    }
    note_verifications(cx, &version)?;
    Ok(version)
}

/// Writes a draft, or publishes it.
pub(super) fn write_draft(cx: &mut Cx<'_, '_>, version: &TemplateVersion) -> Result<()> {
    if rows::update_draft(cx.tx, &cx.scope.environment.organization, &version.to_row())? {
        return Ok(());
    }
    Err(muster_store::Error::Retry("a draft that was published in between").into())
}

/// Notes what the verifications of a version say, so that they are found by their IDs.
pub(super) fn note_verifications(cx: &mut Cx<'_, '_>, version: &TemplateVersion) -> Result<()> {
    let row = |one: &VerificationTemplate| VerificationTemplateRow {
        id: one.id.clone(),
        template: version.template.clone(),
        version: one.version_id.clone(),
        // Texts, numbers and lists of them can always be written.
        config: serde_json::to_string(&one.config).unwrap_or_default(),
    };
    let written: Vec<VerificationTemplateRow> = version.definition.verifications.iter().map(row).collect();
    Ok(rows::put_verifications(cx.tx, &cx.scope.environment.organization, &written)?)
}

/// Writes a template that nobody else has changed in between.
pub(super) fn note(cx: &mut Cx<'_, '_>, template: &mut Template) -> Result<()> {
    template.updated_at = cx.scope.now;
    if !rows::update(cx.tx, &cx.scope.environment.organization, &template.to_row())? {
        return Err(muster_store::Error::Retry("an inquiry template that has just changed").into());
    }
    template.revision += 1;
    Ok(())
}

fn refuse_name(cx: &mut Cx<'_, '_>, template: &Template, name: &str) -> Result<()> {
    let holder = rows::find_by_name(cx.tx, &cx.scope.environment.organization, &fold(name))?;
    if holder.is_some_and(|holder| holder.id != template.id) { Err(name_taken()) } else { Ok(()) }
}

fn refuse_description(description: Option<&str>) -> Result<()> {
    if description.is_some_and(|text| text.chars().count() > DESCRIPTION_CHARS_MAX) {
        let message = format!("must have at most {DESCRIPTION_CHARS_MAX} characters");
        return Err(Error::invalid(["description"], message));
    }
    Ok(())
}

fn name_taken() -> Error {
    let details = "data.attributes.name is the name of another inquiry template".to_owned();
    Error::Conflict { title: "Conflict", details }
}

fn draft_in_the_way() -> Error {
    let details = "the inquiry template has a draft that is not published; publish it first, save this as a draft \
                   (publish: false), or let the draft give way (replace-draft: true)";
    Error::Conflict { title: "Conflict", details: details.to_owned() }
}
