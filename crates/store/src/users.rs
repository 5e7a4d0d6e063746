//! People who work with Muster, and their sessions.

use muster_domain::{OrganizationId, Timestamp, UserId, UserSessionId};

use crate::error::Result;
use crate::{Row, Tx, params};

/// A stored user.
#[derive(Clone, Debug)]
pub struct UserRow {
    /// Its ID.
    pub id: UserId,
    /// How Muster knows this person: `operator` = by the name of the login at the command line.
    pub kind: String,
    /// The data key of the user, wrapped by the master key.
    pub wrapped: Option<Vec<u8>>,
    /// Name and e-mail address, sealed under the data key.
    pub profile: Vec<u8>,
    /// When it was first seen.
    pub created_at: Timestamp,
}

crate::statements! {
    INSERT = "INSERT INTO users (organization_id, id, kind, wrapped, profile, created_at)
              VALUES ($1, $2, $3, $4, $5, $6)";
    GET = "SELECT id, kind, wrapped, profile, created_at FROM users WHERE organization_id = $1 AND id = $2";
    OF_KIND = "SELECT id, kind, wrapped, profile, created_at FROM users
               WHERE organization_id = $1 AND kind = $2 ORDER BY id LIMIT $3";
    INSERT_SESSION = "INSERT INTO user_sessions (organization_id, id, user_id, created_at) VALUES ($1, $2, $3, $4)";
    PRUNE_SESSIONS = "DELETE FROM user_sessions WHERE organization_id = $1 AND id IN
                          (SELECT p.id FROM user_sessions p
                           WHERE p.organization_id = $1 AND p.id < $2 ORDER BY p.id LIMIT $3)";
}

/// Adds a user.
///
/// # Errors
/// What the engine reports.
pub fn insert(tx: &mut Tx<'_>, organization: &OrganizationId, user: &UserRow) -> Result<()> {
    let u = user;
    let values = params![organization, &u.id, &u.kind, u.wrapped.as_ref(), &u.profile, u.created_at];
    tx.execute(&INSERT, values).map(|_| ())
}

/// Finds a user of an organization.
///
/// # Errors
/// What the engine reports.
pub fn find(tx: &mut Tx<'_>, organization: &OrganizationId, id: &UserId) -> Result<Option<UserRow>> {
    tx.query_opt(&GET, params![organization, id], user)
}

/// Up to `limit` users of a kind, oldest first.
///
/// # Errors
/// What the engine reports.
pub fn of_kind(
    tx: &mut Tx<'_>,
    organization: &OrganizationId,
    kind: &str,
    limit: i64,
) -> Result<Vec<UserRow>> {
    tx.query(&OF_KIND, params![organization, kind, limit], user)
}

/// Adds a session of a user.
///
/// # Errors
/// What the engine reports.
pub fn insert_session(
    tx: &mut Tx<'_>,
    organization: &OrganizationId,
    id: &UserSessionId,
    user: &UserId,
    now: Timestamp,
) -> Result<()> {
    tx.execute(&INSERT_SESSION, params![organization, id, user, now]).map(|_| ())
}

/// Forgets up to `limit` sessions that are older than `before`, and says how many.
///
/// # Errors
/// What the engine reports.
pub fn prune_sessions(
    tx: &mut Tx<'_>,
    organization: &OrganizationId,
    before: &UserSessionId,
    limit: i64,
) -> Result<u64> {
    tx.execute(&PRUNE_SESSIONS, params![organization, before, limit])
}

fn user(row: &Row<'_>) -> Result<UserRow> {
    Ok(UserRow {
        id: UserId::trusted(row.text(0)?),
        kind: row.text(1)?,
        wrapped: row.opt_blob(2)?,
        profile: row.blob(3)?,
        created_at: row.instant(4)?,
    })
}
