//! Reading API keys.

use muster_domain::{ApiKeyId, ApiVersion, Grants, Inflection, Timestamp};
use muster_store::api_keys as rows;
use muster_store::events::Side;

use crate::accounts::{Page, cut};
use crate::{Error, ReadCx, Result};

/// An API key as it is shown: everything but its secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiKey {
    /// Its ID.
    pub id: ApiKeyId,
    /// Its name.
    pub name: String,
    /// What it is for.
    pub note: Option<String>,
    /// Its scopes.
    pub permissions: Grants,
    /// Addresses and networks it may be used from; `*` = any.
    pub ip_allowlist: Vec<String>,
    /// Attributes that replies to it leave out.
    pub blocklist: Vec<String>,
    /// The API version of requests that name none.
    pub api_version: ApiVersion,
    /// The key inflection of replies to requests that name none.
    pub inflection: Inflection,
    /// Seconds for which a link to a file works.
    pub file_access_token_expires_in: u32,
    /// About when it was last used.
    pub last_used_at: Option<Timestamp>,
    /// When it stops working.
    pub expires_at: Option<Timestamp>,
    /// When it was created.
    pub created_at: Timestamp,
}

/// Which keys a page is to hold.
#[derive(Clone, Debug)]
pub struct PageRequest {
    /// How many at the most.
    pub size: usize,
    /// Older than this one.
    pub after: Option<ApiKeyId>,
    /// Newer than this one.
    pub before: Option<ApiKeyId>,
    /// Only with one of these names.
    pub names: Option<Vec<String>>,
}

/// Reads one key.
///
/// # Errors
/// [`Error::NotFound`].
pub fn get(cx: &mut ReadCx<'_, '_>, id: &ApiKeyId) -> Result<ApiKey> {
    rows::find(cx.tx, &cx.scope.environment.id, id)?.map_or(Err(Error::NotFound), ApiKey::from_row)
}

/// Reads one page of keys, newest first, expired ones too.
///
/// # Errors
/// What the store reports.
pub fn page(cx: &mut ReadCx<'_, '_>, request: &PageRequest) -> Result<Page<ApiKey>> {
    let side = match &request.before {
        Some(cursor) => (Side::Before, Some(cursor)),
        None => (Side::After, request.after.as_ref()),
    };
    let limit = i64::try_from(request.size + 1).unwrap_or(i64::MAX);
    let mut found = Vec::new();
    match &request.names {
        None => found = rows::page(cx.tx, &cx.scope.environment.id, None, side, limit)?,
        Some(names) => {
            for name in names {
                found.extend(rows::page(cx.tx, &cx.scope.environment.id, Some(name), side, limit)?);
            }
        }
    }
    found.sort_by(|a, b| if side.0 == Side::After { b.id.cmp(&a.id) } else { a.id.cmp(&b.id) });
    found.dedup_by(|a, b| a.id == b.id);
    let page = cut(found, request.size, request.after.is_some(), request.before.is_some());
    let items = page.items.into_iter().map(ApiKey::from_row).collect::<Result<_>>()?;
    Ok(Page { items, has_newer: page.has_newer, has_older: page.has_older })
}
