//! What people did with Muster, one row each. It belongs to the organization.

use muster_domain::{OrganizationId, Timestamp, UserAuditLogId, UserId, UserSessionId};

use crate::error::Result;
use crate::events::Side;
use crate::{Row, Tx, params};

/// A stored entry.
#[derive(Clone, Debug)]
pub struct UserAuditLogRow {
    /// Its ID.
    pub id: UserAuditLogId,
    /// Who did it; none where an API key did.
    pub user_id: Option<UserId>,
    /// In which session of theirs.
    pub user_session_id: Option<UserSessionId>,
    /// HTTP method, or what comes next to it.
    pub method: String,
    /// What was done: the path of a request, or of a command.
    pub path: String,
    /// JSON object: to what, and how. Nothing personal and no secret.
    pub post_params: String,
    /// From which address, where it is known.
    pub ip_address: Option<String>,
    /// With which program, where it is known.
    pub user_agent: Option<String>,
    /// HTTP status, or what comes next to it.
    pub response_status: i64,
    /// JSON object: names the API key that did it.
    pub context: String,
    /// When.
    pub created_at: Timestamp,
}

crate::statements! {
    INSERT = "INSERT INTO user_audit_logs (organization_id, id, user_id, user_session_id, method, path,
                  post_params, ip_address, user_agent, response_status, context, created_at)
              VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)";
    GET = "SELECT id, user_id, user_session_id, method, path, post_params, ip_address, user_agent,
               response_status, context, created_at
           FROM user_audit_logs WHERE organization_id = $1 AND id = $2";
    PAGE_AFTER = "SELECT id, user_id, user_session_id, method, path, post_params, ip_address, user_agent,
                      response_status, context, created_at
                  FROM user_audit_logs WHERE organization_id = $1 AND id < $2 ORDER BY id DESC LIMIT $3";
    PAGE_BEFORE = "SELECT id, user_id, user_session_id, method, path, post_params, ip_address, user_agent,
                       response_status, context, created_at
                   FROM user_audit_logs WHERE organization_id = $1 AND id > $2 ORDER BY id LIMIT $3";
    PRUNE = "DELETE FROM user_audit_logs WHERE organization_id = $1 AND id IN
                 (SELECT p.id FROM user_audit_logs p
                  WHERE p.organization_id = $1 AND p.id < $2 ORDER BY p.id LIMIT $3)";
}

/// Adds an entry.
///
/// # Errors
/// What the engine reports.
pub fn insert(tx: &mut Tx<'_>, organization: &OrganizationId, entry: &UserAuditLogRow) -> Result<()> {
    let e = entry;
    tx.execute(
        &INSERT,
        params![
            organization,
            &e.id,
            e.user_id.as_ref(),
            e.user_session_id.as_ref(),
            &e.method,
            &e.path,
            &e.post_params,
            e.ip_address.as_ref(),
            e.user_agent.as_ref(),
            e.response_status,
            &e.context,
            e.created_at,
        ],
    )
    .map(|_| ())
}

/// Finds an entry of an organization.
///
/// # Errors
/// What the engine reports.
pub fn find(
    tx: &mut Tx<'_>,
    organization: &OrganizationId,
    id: &UserAuditLogId,
) -> Result<Option<UserAuditLogRow>> {
    tx.query_opt(&GET, params![organization, id], entry)
}

/// Up to `limit` entries beside `cursor`. Without a cursor: the newest.
///
/// # Errors
/// What the engine reports.
pub fn page(
    tx: &mut Tx<'_>,
    organization: &OrganizationId,
    (side, cursor): (Side, Option<&UserAuditLogId>),
    limit: i64,
) -> Result<Vec<UserAuditLogRow>> {
    // '~' sorts after every character of an ID.
    let cursor = cursor.map_or("ual_~", UserAuditLogId::as_str);
    let statement = if side == Side::After { &PAGE_AFTER } else { &PAGE_BEFORE };
    tx.query(statement, params![organization, cursor, limit], entry)
}

/// Forgets up to `limit` entries that are older than `before`, and says how many.
///
/// # Errors
/// What the engine reports.
pub fn prune(
    tx: &mut Tx<'_>,
    organization: &OrganizationId,
    before: &UserAuditLogId,
    limit: i64,
) -> Result<u64> {
    tx.execute(&PRUNE, params![organization, before, limit])
}

fn entry(row: &Row<'_>) -> Result<UserAuditLogRow> {
    Ok(UserAuditLogRow {
        id: UserAuditLogId::trusted(row.text(0)?),
        user_id: row.opt_text(1)?.map(UserId::trusted),
        user_session_id: row.opt_text(2)?.map(UserSessionId::trusted),
        method: row.text(3)?,
        path: row.text(4)?,
        post_params: row.text(5)?,
        ip_address: row.opt_text(6)?,
        user_agent: row.opt_text(7)?,
        response_status: row.int(8)?,
        context: row.text(9)?,
        created_at: row.instant(10)?,
    })
}
