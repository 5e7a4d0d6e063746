//! API keys. Only the hash of a secret is ever stored.

use muster_domain::{ApiKeyId, EnvironmentId, Timestamp};

use crate::error::Result;
use crate::{Tx, params};

/// A stored API key.
#[derive(Clone, Debug)]
pub struct ApiKey {
    /// Its ID.
    pub id: ApiKeyId,
    /// The one environment it opens.
    pub environment_id: EnvironmentId,
    /// Its name.
    pub name: String,
    /// SHA-256 of the secret.
    pub secret_hash: Vec<u8>,
    /// JSON list of scopes; none = unrestricted.
    pub permissions: Option<String>,
    /// JSON list of addresses and networks.
    pub ip_allowlist: String,
    /// The API version of requests that name none.
    pub api_version: String,
    /// The key inflection of replies to requests that name none.
    pub inflection: String,
    /// When it stops working.
    pub expires_at: Option<Timestamp>,
}

crate::statements! {
    INSERT = "INSERT INTO api_keys (environment_id, id, name, secret_hash, permissions, ip_allowlist,
                  api_version, inflection, expires_at, created_at)
              VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";
    // The secret names the environment: this look-up is what opens the tenant boundary.
    FIND_BY_SECRET = "SELECT environment_id, id, name, secret_hash, permissions, ip_allowlist,
                          api_version, inflection, expires_at
                      FROM api_keys WHERE secret_hash = $1";
}

/// Adds a key.
///
/// # Errors
/// What the engine reports.
pub fn insert(tx: &mut Tx<'_>, key: &ApiKey, now: Timestamp) -> Result<()> {
    tx.execute(
        &INSERT,
        params![
            &key.environment_id,
            &key.id,
            &key.name,
            &key.secret_hash,
            key.permissions.as_ref(),
            &key.ip_allowlist,
            &key.api_version,
            &key.inflection,
            key.expires_at,
            now,
        ],
    )
    .map(|_| ())
}

/// Finds the key whose secret has this hash.
///
/// # Errors
/// What the engine reports.
pub fn find_by_secret_hash(tx: &mut Tx<'_>, secret_hash: &[u8]) -> Result<Option<ApiKey>> {
    tx.query_opt(&FIND_BY_SECRET, params![secret_hash], |row| {
        Ok(ApiKey {
            environment_id: EnvironmentId::trusted(row.text(0)?),
            id: ApiKeyId::trusted(row.text(1)?),
            name: row.text(2)?,
            secret_hash: row.blob(3)?,
            permissions: row.opt_text(4)?,
            ip_allowlist: row.text(5)?,
            api_version: row.text(6)?,
            inflection: row.text(7)?,
            expires_at: row.opt_instant(8)?,
        })
    })
}
