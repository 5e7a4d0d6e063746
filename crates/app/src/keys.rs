//! API keys: making them, and finding out whose a secret is.

use std::sync::Arc;

use muster_domain::{ApiKeyId, EnvironmentId, IdSource, Permission, Timestamp};
use muster_store::api_keys::{self, ApiKey};
use muster_store::seal::{IndexKey, MasterKey, digest32};
use muster_store::{Tx, organizations};

use crate::{EnvironmentContext, Error, Result};

/// Random characters of a secret: more than 180 bits.
const SECRET_CHARS: usize = 32;
const ALPHABET: &[u8; 58] = b"123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";

/// What a valid API key stands for.
#[derive(Debug)]
pub struct Principal {
    /// The key.
    pub key_id: ApiKeyId,
    /// The environment it opens.
    pub environment: Arc<EnvironmentContext>,
    /// Its scopes; none = unrestricted.
    permissions: Option<Vec<String>>,
    /// Addresses and networks it may be used from.
    pub ip_allowlist: Vec<String>,
    /// The API version of requests that name none.
    pub api_version: String,
    /// The key inflection of replies to requests that name none.
    pub inflection: String,
    /// When it stops working.
    pub expires_at: Option<Timestamp>,
}

impl Principal {
    /// Checks that the key has a scope.
    ///
    /// # Errors
    /// [`Error::Forbidden`].
    pub fn require(&self, permission: Permission) -> Result<()> {
        match &self.permissions {
            Some(list) if !list.iter().any(|name| name == permission.as_str()) => {
                Err(Error::Forbidden(permission))
            }
            _ => Ok(()),
        }
    }

    /// True when the key no longer works at `now`.
    #[must_use]
    pub fn is_expired(&self, now: Timestamp) -> bool {
        self.expires_at.is_some_and(|at| at <= now)
    }
}

/// An API key that is to be made.
#[derive(Clone, Debug)]
pub struct NewApiKey {
    /// The environment it opens.
    pub environment: EnvironmentId,
    /// Its name.
    pub name: String,
    /// Its scopes; none = unrestricted.
    pub permissions: Option<Vec<Permission>>,
    /// Addresses and networks it may be used from; `*` = any.
    pub ip_allowlist: Vec<String>,
    /// The API version of requests that name none.
    pub api_version: String,
    /// When it stops working.
    pub expires_at: Option<Timestamp>,
}

/// Makes an API key. Returns its ID and its secret, which is shown once and stored nowhere.
///
/// # Errors
/// [`Error::NotFound`] when there is no such environment.
pub fn create(
    tx: &mut Tx<'_>,
    new: &NewApiKey,
    ids: &mut IdSource,
    now: Timestamp,
) -> Result<(ApiKeyId, String)> {
    let environment = organizations::find_environment(tx, &new.environment)?.ok_or(Error::NotFound)?;
    let mut secret = format!("muster_{}_", environment.kind);
    secret.extend((0..SECRET_CHARS).map(|_| char::from(ALPHABET[rand::random_range(0..ALPHABET.len())])));
    let names = |list: &[Permission]| list.iter().map(|p| p.as_str()).collect::<Vec<_>>();
    let key = ApiKey {
        id: ids.mint(),
        environment_id: environment.id,
        name: new.name.clone(),
        secret_hash: secret_hash(&secret),
        permissions: new.permissions.as_deref().map(|list| serde_json::json!(names(list)).to_string()),
        ip_allowlist: serde_json::json!(new.ip_allowlist).to_string(),
        api_version: new.api_version.clone(),
        inflection: "kebab".to_owned(),
        expires_at: new.expires_at,
    };
    api_keys::insert(tx, &key, now)?;
    Ok((key.id, secret))
}

/// What is stored of a secret. Secrets are random, so no slow hash is needed.
#[must_use]
pub fn secret_hash(secret: &str) -> Vec<u8> {
    digest32(&[b"muster api key", secret.as_bytes()])
}

/// Finds whose a secret is, by its hash. None when it is nobody's.
///
/// # Errors
/// What the store reports.
pub fn find_principal(tx: &mut Tx<'_>, master: &MasterKey, secret_hash: &[u8]) -> Result<Option<Principal>> {
    let Some(key) = api_keys::find_by_secret_hash(tx, secret_hash)? else { return Ok(None) };
    let environment = environment(tx, master, &key.environment_id)?;
    let list = |text: &str| serde_json::from_str(text).map_err(|_| Error::bug("an API key is damaged"));
    Ok(Some(Principal {
        key_id: key.id,
        environment,
        permissions: key.permissions.as_deref().map(list).transpose()?,
        ip_allowlist: list(&key.ip_allowlist)?,
        api_version: key.api_version,
        inflection: key.inflection,
        expires_at: key.expires_at,
    }))
}

/// Opens an environment for commands.
///
/// # Errors
/// [`Error::NotFound`], or that the master key is another one.
pub fn environment(
    tx: &mut Tx<'_>,
    master: &MasterKey,
    id: &EnvironmentId,
) -> Result<Arc<EnvironmentContext>> {
    let row = organizations::find_environment(tx, id)?.ok_or(Error::NotFound)?;
    Ok(Arc::new(EnvironmentContext {
        index_key: IndexKey::unwrap(master, &row.index_key, row.id.as_str())?,
        id: row.id,
        organization: row.organization_id,
        kind: row.kind,
        active: row.active,
    }))
}
