//! What API keys do for one another: make, change, copy, expire. Each of them stands in the user audit log.

use std::time::Duration;

use muster_domain::{ApiKeyId, ApiVersion, Grants, Inflection};
use muster_store::api_keys as rows;
use serde_json::{Map, Value, json};

use super::rules::{Granter, KeyWishes};
use super::{ApiKey, FILE_ACCESS_SECONDS_DEFAULT, random_secret, secret_hash};
use crate::user_audit_logs::{Deed, record};
use crate::{Cx, Error, Result};

/// Longest time after which a key can be told to expire: 30 days (spec E.1).
pub const EXPIRES_IN_SECONDS_MAX: i64 = 2_592_000;

/// A new key with its secret, which is stored nowhere. It never prints it.
pub struct Issued {
    /// The key.
    pub key: ApiKey,
    /// Its secret.
    pub secret: String,
}

impl std::fmt::Debug for Issued {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Issued").field("key", &self.key).finish_non_exhaustive()
    }
}

/// Makes a key, of `version` unless another one is wished for. It gets what is granted by default, and the
/// limits of the key that asks for it.
///
/// # Errors
/// [`Error::Invalid`], also for what the acting key does not have itself; [`Error::InactiveEnvironment`].
pub fn issue(cx: &mut Cx<'_, '_>, wishes: &KeyWishes, version: ApiVersion, path: &str) -> Result<Issued> {
    expect_active(cx)?;
    let granter = Granter::of(cx)?;
    let mut key = ApiKey {
        id: cx.ids.mint(),
        name: String::new(),
        note: None,
        permissions: Grants::by_default(),
        ip_allowlist: vec!["*".to_owned()],
        blocklist: Vec::new(),
        api_version: version,
        inflection: Inflection::Kebab,
        file_access_token_expires_in: FILE_ACCESS_SECONDS_DEFAULT,
        last_used_at: None,
        expires_at: None,
        created_at: cx.scope.now,
    };
    granter.limit(&mut key);
    let key = wishes.applied_to(&key)?;
    granter.may_make(&key)?;
    add(cx, key, path, &Map::new())
}

/// Changes a key.
///
/// # Errors
/// [`Error::NotFound`]; [`Error::Invalid`], also for what the acting key does not have itself;
/// [`Error::NotPermitted`] when the key has more than the acting one.
pub fn update(cx: &mut Cx<'_, '_>, id: &ApiKeyId, wishes: &KeyWishes, path: &str) -> Result<ApiKey> {
    let (before, secret_hash) = hold(cx, id)?;
    let granter = Granter::of(cx)?;
    granter.may_touch(&before)?;
    let after = wishes.applied_to(&before)?;
    granter.may_make(&after)?;
    if after == before {
        return Ok(before);
    }
    rows::update(cx.tx, &after.to_row(&cx.scope.environment.id, secret_hash))?;
    tell(cx, ("PATCH", path, 200), &after, &differences(&before, &after))?;
    Ok(after)
}

/// Makes a copy of a key, with a secret of its own. Only its use is not copied.
///
/// # Errors
/// [`Error::NotFound`]; [`Error::NotPermitted`] when the key has more than the acting one;
/// [`Error::Conflict`] when it has expired; [`Error::InactiveEnvironment`].
pub fn copy(cx: &mut Cx<'_, '_>, id: &ApiKeyId, path: &str) -> Result<Issued> {
    let row = rows::find(cx.tx, &cx.scope.environment.id, id)?.ok_or(Error::NotFound)?;
    let original = ApiKey::from_row(row)?;
    expect_active(cx)?;
    Granter::of(cx)?.may_touch(&original)?;
    if original.expires_at.is_some_and(|at| at <= cx.scope.now) {
        return Err(conflict(
            "The API key has expired: a copy of it would not work either; create a new one",
        ));
    }
    let copy = ApiKey { id: cx.ids.mint(), last_used_at: None, created_at: cx.scope.now, ..original };
    let mut from = Map::new();
    from.insert("cloned-from".to_owned(), json!(id.as_str()));
    add(cx, copy, path, &from)
}

/// Lets a key expire so many seconds from now. It can only be brought forward.
///
/// # Errors
/// [`Error::NotFound`]; [`Error::Invalid`] for too long a time; [`Error::NotPermitted`] when the key has
/// more than the acting one; [`Error::Conflict`] when it has expired or will do so earlier.
pub fn expire(cx: &mut Cx<'_, '_>, id: &ApiKeyId, seconds: i64, path: &str) -> Result<ApiKey> {
    let seconds =
        u64::try_from(seconds).ok().filter(|_| seconds <= EXPIRES_IN_SECONDS_MAX).ok_or_else(|| {
            let message = format!("must be a number of seconds from 0 to {EXPIRES_IN_SECONDS_MAX}");
            Error::invalid(["meta", "expires-in-seconds"], message)
        })?;
    let (before, secret_hash) = hold(cx, id)?;
    Granter::of(cx)?.may_touch(&before)?;
    let at = cx.scope.now + Duration::from_secs(seconds);
    match before.expires_at {
        Some(old) if old <= cx.scope.now => return Err(conflict("The API key has expired already")),
        Some(old) if old < at => {
            return Err(conflict(
                "The API key expires earlier than that; its expiry can only be brought forward",
            ));
        }
        _ => {}
    }
    let after = ApiKey { expires_at: Some(at), ..before.clone() };
    if after != before {
        rows::update(cx.tx, &after.to_row(&cx.scope.environment.id, secret_hash))?;
        tell(cx, ("POST", path, 200), &after, &differences(&before, &after))?;
    }
    Ok(after)
}

fn expect_active(cx: &Cx<'_, '_>) -> Result<()> {
    if cx.scope.environment.active { Ok(()) } else { Err(Error::InactiveEnvironment) }
}

fn conflict(details: &str) -> Error {
    Error::Conflict { title: "Conflict", details: details.to_owned() }
}

/// A key that nobody else can change until the transaction ends, and the hash of its secret.
fn hold(cx: &mut Cx<'_, '_>, id: &ApiKeyId) -> Result<(ApiKey, Vec<u8>)> {
    let row = rows::hold(cx.tx, &cx.scope.environment.id, id)?.ok_or(Error::NotFound)?;
    let hash = row.secret_hash.clone();
    Ok((ApiKey::from_row(row)?, hash))
}

/// Adds a key with a new secret.
fn add(cx: &mut Cx<'_, '_>, key: ApiKey, path: &str, from: &Map<String, Value>) -> Result<Issued> {
    let secret = random_secret(&cx.scope.environment.kind);
    rows::insert(cx.tx, &key.to_row(&cx.scope.environment.id, secret_hash(&secret)))?;
    let status = if from.is_empty() { 201 } else { 200 };
    let mut told = from.clone();
    told.append(&mut members(&key));
    tell(cx, ("POST", path, status), &key, &told)?;
    Ok(Issued { key, secret })
}

/// What the user audit log tells of a key. Its note is left out: nobody knows what people write there.
fn members(key: &ApiKey) -> Map<String, Value> {
    let told = json!({
        "name": key.name,
        "permissions": key.permissions.names(),
        "ip-address-allowlist": key.ip_allowlist,
        "api-attributes-blocklist": key.blocklist,
        "api-version": key.api_version.as_str(),
        "api-key-inflection": key.inflection.as_str(),
        "file-access-token-expires-in": key.file_access_token_expires_in,
        "expires-at": key.expires_at.map(muster_domain::Timestamp::to_rfc3339_millis),
    });
    told.as_object().cloned().unwrap_or_default()
}

/// What the user audit log tells of a change: what the key is like now, where it was otherwise.
fn differences(before: &ApiKey, after: &ApiKey) -> Map<String, Value> {
    let old = members(before);
    let mut told: Map<String, Value> =
        members(after).into_iter().filter(|(member, value)| old.get(member) != Some(value)).collect();
    if before.note != after.note {
        told.insert("note".to_owned(), json!("[FILTERED]"));
    }
    told
}

fn tell(
    cx: &mut Cx<'_, '_>,
    (method, path, status): (&'static str, &str, i64),
    key: &ApiKey,
    attributes: &Map<String, Value>,
) -> Result<()> {
    let params = json!({
        "data": { "type": "api-key", "id": key.id.as_str(), "attributes": attributes },
        "meta": { "environment-id": cx.scope.environment.id.as_str() },
    });
    record(cx, &Deed { method, path, status, params })
}
