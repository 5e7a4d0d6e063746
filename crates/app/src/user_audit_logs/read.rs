//! Reading the user audit log.

use std::fmt;

use muster_domain::{OrganizationId, Timestamp, UserAuditLogId, UserId, UserSessionId};
use muster_store::Tx;
use muster_store::events::Side;
use muster_store::seal::{DataKey, MasterKey};
use muster_store::user_audit_logs::{self as rows, UserAuditLogRow};
use muster_store::users::{self, UserRow};
use serde_json::Value;

use crate::accounts::{Page, cut};
use crate::{Error, ReadCx, Result};

/// An entry as it is shown.
#[derive(Clone, Debug)]
pub struct UserAuditLog {
    /// Its ID.
    pub id: UserAuditLogId,
    /// Who did it; none where an API key did.
    pub user_id: Option<UserId>,
    /// In which session of theirs.
    pub user_session_id: Option<UserSessionId>,
    /// HTTP method.
    pub method: String,
    /// Path of the request or command.
    pub path: String,
    /// To what it was done, and how.
    pub post_params: Value,
    /// From which address, where it is known.
    pub ip_address: Option<String>,
    /// With which program, where it is known.
    pub user_agent: Option<String>,
    /// HTTP status.
    pub response_status: i64,
    /// Names the API key that did it.
    pub context: Value,
    /// When.
    pub created_at: Timestamp,
}

/// A user as it is shown. It never prints.
#[derive(Clone, PartialEq, Eq)]
pub struct User {
    /// Its ID.
    pub id: UserId,
    /// First name, or the name of the login.
    pub name_first: Option<String>,
    /// Last name.
    pub name_last: Option<String>,
    /// E-mail address.
    pub email_address: Option<String>,
}

impl fmt::Debug for User {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("User").field("id", &self.id).finish_non_exhaustive()
    }
}

/// Which entries a page is to hold.
#[derive(Clone, Debug)]
pub struct PageRequest {
    /// How many at the most.
    pub size: usize,
    /// Older than this one.
    pub after: Option<UserAuditLogId>,
    /// Newer than this one.
    pub before: Option<UserAuditLogId>,
}

/// Reads one entry.
///
/// # Errors
/// [`Error::NotPermitted`] outside of production, [`Error::NotFound`].
pub fn get(cx: &mut ReadCx<'_, '_>, id: &UserAuditLogId) -> Result<UserAuditLog> {
    expect_production(cx)?;
    let row = rows::find(cx.tx, &cx.scope.environment.organization, id)?.ok_or(Error::NotFound)?;
    show(row)
}

/// Reads one page of entries, newest first.
///
/// # Errors
/// [`Error::NotPermitted`] outside of production.
pub fn page(cx: &mut ReadCx<'_, '_>, request: &PageRequest) -> Result<Page<UserAuditLog>> {
    expect_production(cx)?;
    let side = match &request.before {
        Some(cursor) => (Side::Before, Some(cursor)),
        None => (Side::After, request.after.as_ref()),
    };
    let limit = i64::try_from(request.size + 1).unwrap_or(i64::MAX);
    let found = rows::page(cx.tx, &cx.scope.environment.organization, side, limit)?;
    let page = cut(found, request.size, request.after.is_some(), request.before.is_some());
    let items = page.items.into_iter().map(show).collect::<Result<_>>()?;
    Ok(Page { items, has_newer: page.has_newer, has_older: page.has_older })
}

/// The newest `limit` entries of an organization, for whoever has the installation in hand.
///
/// # Errors
/// What the store reports.
pub fn newest(tx: &mut Tx<'_>, organization: &OrganizationId, limit: i64) -> Result<Vec<UserAuditLog>> {
    rows::page(tx, organization, (Side::After, None), limit)?.into_iter().map(show).collect()
}

/// Reads a user of an organization.
///
/// # Errors
/// [`Error::NotFound`].
pub fn user(tx: &mut Tx<'_>, master: &MasterKey, organization: &OrganizationId, id: &UserId) -> Result<User> {
    let row = users::find(tx, organization, id)?.ok_or(Error::NotFound)?;
    open(master, organization, &row)
}

/// Opens a stored user. One whose data key is gone has no names.
pub(super) fn open(master: &MasterKey, organization: &OrganizationId, row: &UserRow) -> Result<User> {
    let id = row.id.clone();
    let Some(wrapped) = &row.wrapped else {
        return Ok(User { id, name_first: None, name_last: None, email_address: None });
    };
    let key = DataKey::unwrap(master, wrapped, organization.as_str(), row.id.as_str())?;
    let profile: Value = serde_json::from_slice(&key.open(&row.profile, &identity(&row.id))?)
        .map_err(|_| Error::bug("the profile of a user is damaged"))?;
    let text = |member: &str| profile.get(member).and_then(Value::as_str).map(str::to_owned);
    Ok(User {
        id,
        name_first: text("name-first"),
        name_last: text("name-last"),
        email_address: text("email-address"),
    })
}

/// What the profile of a user is bound to.
pub(super) fn identity(id: &UserId) -> String {
    format!("users/{id}")
}

/// What belongs to the whole organization is not shown to its sandbox (spec E.3).
fn expect_production(cx: &ReadCx<'_, '_>) -> Result<()> {
    if cx.scope.environment.kind == "production" {
        return Ok(());
    }
    let why =
        "User audit logs belong to the whole organization: use an API key of its production environment";
    Err(Error::NotPermitted(why.to_owned()))
}

fn show(row: UserAuditLogRow) -> Result<UserAuditLog> {
    let read = |text: &str| {
        serde_json::from_str(text).map_err(|_| Error::bug("an entry of the user audit log is damaged"))
    };
    Ok(UserAuditLog {
        post_params: read(&row.post_params)?,
        context: read(&row.context)?,
        id: row.id,
        user_id: row.user_id,
        user_session_id: row.user_session_id,
        method: row.method,
        path: row.path,
        ip_address: row.ip_address,
        user_agent: row.user_agent,
        response_status: row.response_status,
        created_at: row.created_at,
    })
}
