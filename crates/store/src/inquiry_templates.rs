//! Inquiry templates, their versions, and the verification templates in them: JSON that this file does not read.

use muster_domain::{
    InquiryTemplateId, InquiryTemplateVersionId, OrganizationId, Timestamp, VerificationTemplateId,
    VerificationTemplateVersionId,
};

use crate::error::Result;
use crate::events::Side;
use crate::{Row, Tx, Value, params};

/// A stored template.
#[derive(Clone, Debug)]
pub struct TemplateRow {
    /// Its ID.
    pub id: InquiryTemplateId,
    /// Its folded name.
    pub name_key: String,
    /// What it has beside its versions, as JSON.
    pub head: String,
    /// The version that new inquiries get.
    pub live: Option<InquiryTemplateVersionId>,
    /// How often it was changed.
    pub revision: i64,
    /// When it was created.
    pub created_at: Timestamp,
    /// When it or its draft was last changed.
    pub updated_at: Timestamp,
}

/// A stored version.
#[derive(Clone, Debug)]
pub struct VersionRow {
    /// Its ID.
    pub id: InquiryTemplateVersionId,
    /// Its template.
    pub template: InquiryTemplateId,
    /// What it says, as JSON.
    pub definition: String,
    /// What changed with it, in words.
    pub description: Option<String>,
    /// When it was created.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
    /// When it was published; nothing for a draft.
    pub published_at: Option<Timestamp>,
}

/// A stored verification template.
#[derive(Clone, Debug)]
pub struct VerificationTemplateRow {
    /// Its ID.
    pub id: VerificationTemplateId,
    /// The inquiry template that it is in.
    pub template: InquiryTemplateId,
    /// The ID of what it says.
    pub version: VerificationTemplateVersionId,
    /// What it says, as JSON.
    pub config: String,
}

crate::statements! {
    INSERT = "INSERT INTO inquiry_templates
                  (organization_id, id, name_key, head, live_version_id, revision, created_at, updated_at)
              VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
              ON CONFLICT (organization_id, name_key) DO NOTHING";
    UPDATE = "UPDATE inquiry_templates
              SET name_key = $4, head = $5, live_version_id = $6, revision = revision + 1, updated_at = $7
              WHERE organization_id = $1 AND id = $2 AND revision = $3";
    GET = "SELECT id, name_key, head, live_version_id, revision, created_at, updated_at
           FROM inquiry_templates WHERE organization_id = $1 AND id = $2";
    FIND_BY_NAME = "SELECT id, name_key, head, live_version_id, revision, created_at, updated_at
                    FROM inquiry_templates WHERE organization_id = $1 AND name_key = $2";
    PAGE_AFTER = "SELECT id, name_key, head, live_version_id, revision, created_at, updated_at
                  FROM inquiry_templates WHERE organization_id = $1 AND id < $2 ORDER BY id DESC LIMIT $3";
    PAGE_BEFORE = "SELECT id, name_key, head, live_version_id, revision, created_at, updated_at
                   FROM inquiry_templates WHERE organization_id = $1 AND id > $2 ORDER BY id LIMIT $3";
    INSERT_VERSION = "INSERT INTO inquiry_template_versions
                          (organization_id, id, template_id, status, definition, description, created_at,
                           updated_at, published_at)
                      VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
    UPDATE_DRAFT = "UPDATE inquiry_template_versions
                    SET status = $3, definition = $4, description = $5, updated_at = $6, published_at = $7
                    WHERE organization_id = $1 AND id = $2 AND published_at IS NULL";
    GET_VERSION = "SELECT id, template_id, definition, description, created_at, updated_at, published_at
                   FROM inquiry_template_versions WHERE organization_id = $1 AND id = $2";
    FIND_DRAFT = "SELECT id, template_id, definition, description, created_at, updated_at, published_at
                  FROM inquiry_template_versions
                  WHERE organization_id = $1 AND template_id = $2 AND status = 'draft'";
    VERSIONS_AFTER = "SELECT id, template_id, definition, description, created_at, updated_at, published_at
                      FROM inquiry_template_versions
                      WHERE organization_id = $1 AND template_id = $4 AND id < $2 ORDER BY id DESC LIMIT $3";
    VERSIONS_BEFORE = "SELECT id, template_id, definition, description, created_at, updated_at, published_at
                       FROM inquiry_template_versions
                       WHERE organization_id = $1 AND template_id = $4 AND id > $2 ORDER BY id LIMIT $3";
    GET_VERIFICATION = "SELECT id, template_id, version_id, config FROM verification_templates
                        WHERE organization_id = $1 AND id = $2";
    VERIFICATIONS = "SELECT id, template_id, version_id, config FROM verification_templates
                     WHERE organization_id = $1 AND template_id = $2 ORDER BY id";
}

crate::batches! {
    PUT_VERIFICATIONS (organization_id Text, id Text, template_id Text, version_id Text, config Text) =
        "INSERT INTO verification_templates (organization_id, id, template_id, version_id, config) {values}
         ON CONFLICT (organization_id, id)
         DO UPDATE SET version_id = excluded.version_id, config = excluded.config";
}

const DRAFT: &str = "draft";
const PUBLISHED: &str = "published";

impl VersionRow {
    const fn status(&self) -> &'static str {
        if self.published_at.is_some() { PUBLISHED } else { DRAFT }
    }
}

/// Adds a template. False when the name is taken.
///
/// # Errors
/// What the engine reports.
pub fn insert(tx: &mut Tx<'_>, organization: &OrganizationId, row: &TemplateRow) -> Result<bool> {
    let live = row.live.as_ref().map(InquiryTemplateVersionId::as_str);
    let values = params![
        organization,
        row.id.as_str(),
        &row.name_key,
        &row.head,
        live,
        row.revision,
        row.created_at,
        row.updated_at
    ];
    Ok(tx.execute(&INSERT, values)? == 1)
}

/// Changes a template that is at `row.revision`, and raises that. False when it is at another one.
///
/// # Errors
/// What the engine reports.
pub fn update(tx: &mut Tx<'_>, organization: &OrganizationId, row: &TemplateRow) -> Result<bool> {
    let live = row.live.as_ref().map(InquiryTemplateVersionId::as_str);
    let values =
        params![organization, row.id.as_str(), row.revision, &row.name_key, &row.head, live, row.updated_at];
    Ok(tx.execute(&UPDATE, values)? == 1)
}

/// Finds a template.
///
/// # Errors
/// What the engine reports.
pub fn find(
    tx: &mut Tx<'_>,
    organization: &OrganizationId,
    id: &InquiryTemplateId,
) -> Result<Option<TemplateRow>> {
    tx.query_opt(&GET, params![organization, id.as_str()], template)
}

/// Finds a template by its folded name.
///
/// # Errors
/// What the engine reports.
pub fn find_by_name(
    tx: &mut Tx<'_>,
    organization: &OrganizationId,
    name_key: &str,
) -> Result<Option<TemplateRow>> {
    tx.query_opt(&FIND_BY_NAME, params![organization, name_key], template)
}

/// Up to `limit` templates beside `cursor`. Without a cursor: the newest.
///
/// # Errors
/// What the engine reports.
pub fn page(
    tx: &mut Tx<'_>,
    organization: &OrganizationId,
    (side, cursor): (Side, Option<&InquiryTemplateId>),
    limit: i64,
) -> Result<Vec<TemplateRow>> {
    // '~' sorts after every character of an ID.
    let cursor = cursor.map_or("itmpl_~", InquiryTemplateId::as_str);
    let statement = if side == Side::After { &PAGE_AFTER } else { &PAGE_BEFORE };
    tx.query(statement, params![organization, cursor, limit], template)
}

/// Adds a version.
///
/// # Errors
/// What the engine reports.
pub fn insert_version(tx: &mut Tx<'_>, organization: &OrganizationId, row: &VersionRow) -> Result<()> {
    let values = params![
        organization,
        row.id.as_str(),
        row.template.as_str(),
        row.status(),
        &row.definition,
        row.description.as_ref(),
        row.created_at,
        row.updated_at,
        row.published_at,
    ];
    tx.execute(&INSERT_VERSION, values).map(|_| ())
}

/// Changes or publishes a draft. False when there is no such draft: what is published never changes.
///
/// # Errors
/// What the engine reports.
pub fn update_draft(tx: &mut Tx<'_>, organization: &OrganizationId, row: &VersionRow) -> Result<bool> {
    let values = params![
        organization,
        row.id.as_str(),
        row.status(),
        &row.definition,
        row.description.as_ref(),
        row.updated_at,
        row.published_at,
    ];
    Ok(tx.execute(&UPDATE_DRAFT, values)? == 1)
}

/// Finds a version.
///
/// # Errors
/// What the engine reports.
pub fn find_version(
    tx: &mut Tx<'_>,
    organization: &OrganizationId,
    id: &InquiryTemplateVersionId,
) -> Result<Option<VersionRow>> {
    tx.query_opt(&GET_VERSION, params![organization, id.as_str()], version)
}

/// Finds the draft of a template.
///
/// # Errors
/// What the engine reports.
pub fn find_draft(
    tx: &mut Tx<'_>,
    organization: &OrganizationId,
    template: &InquiryTemplateId,
) -> Result<Option<VersionRow>> {
    tx.query_opt(&FIND_DRAFT, params![organization, template.as_str()], version)
}

/// Up to `limit` versions of a template beside `cursor`, the draft among them. Without a cursor: the newest.
///
/// # Errors
/// What the engine reports.
pub fn versions(
    tx: &mut Tx<'_>,
    organization: &OrganizationId,
    template: &InquiryTemplateId,
    (side, cursor): (Side, Option<&InquiryTemplateVersionId>),
    limit: i64,
) -> Result<Vec<VersionRow>> {
    let cursor = cursor.map_or("itmplv_~", InquiryTemplateVersionId::as_str);
    let statement = if side == Side::After { &VERSIONS_AFTER } else { &VERSIONS_BEFORE };
    tx.query(statement, params![organization, cursor, limit, template.as_str()], version)
}

/// Notes what verification templates say now.
///
/// # Errors
/// What the engine reports.
pub fn put_verifications(
    tx: &mut Tx<'_>,
    organization: &OrganizationId,
    rows: &[VerificationTemplateRow],
) -> Result<()> {
    let values: Vec<Vec<Value<'_>>> = rows
        .iter()
        .map(|row| {
            let values = params![
                organization,
                row.id.as_str(),
                row.template.as_str(),
                row.version.as_str(),
                &row.config
            ];
            values.to_vec()
        })
        .collect();
    tx.execute_batch(&PUT_VERIFICATIONS, &values).map(|_| ())
}

/// Finds a verification template.
///
/// # Errors
/// What the engine reports.
pub fn find_verification(
    tx: &mut Tx<'_>,
    organization: &OrganizationId,
    id: &VerificationTemplateId,
) -> Result<Option<VerificationTemplateRow>> {
    tx.query_opt(&GET_VERIFICATION, params![organization, id.as_str()], verification)
}

/// Lists the verification templates that a template ever had.
///
/// # Errors
/// What the engine reports.
pub fn verifications(
    tx: &mut Tx<'_>,
    organization: &OrganizationId,
    template: &InquiryTemplateId,
) -> Result<Vec<VerificationTemplateRow>> {
    tx.query(&VERIFICATIONS, params![organization, template.as_str()], verification)
}

fn template(row: &Row<'_>) -> Result<TemplateRow> {
    Ok(TemplateRow {
        id: InquiryTemplateId::trusted(row.text(0)?),
        name_key: row.text(1)?,
        head: row.text(2)?,
        live: row.opt_text(3)?.map(InquiryTemplateVersionId::trusted),
        revision: row.int(4)?,
        created_at: row.instant(5)?,
        updated_at: row.instant(6)?,
    })
}

fn version(row: &Row<'_>) -> Result<VersionRow> {
    Ok(VersionRow {
        id: InquiryTemplateVersionId::trusted(row.text(0)?),
        template: InquiryTemplateId::trusted(row.text(1)?),
        definition: row.text(2)?,
        description: row.opt_text(3)?,
        created_at: row.instant(4)?,
        updated_at: row.instant(5)?,
        published_at: row.opt_instant(6)?,
    })
}

fn verification(row: &Row<'_>) -> Result<VerificationTemplateRow> {
    Ok(VerificationTemplateRow {
        id: VerificationTemplateId::trusted(row.text(0)?),
        template: InquiryTemplateId::trusted(row.text(1)?),
        version: VerificationTemplateVersionId::trusted(row.text(2)?),
        config: row.text(3)?,
    })
}
