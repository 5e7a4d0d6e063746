//! API keys: making them, changing them, and finding out whose a secret is.

mod change;
mod last_use;
mod read;
mod rules;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use muster_domain::{
    ApiKeyId, ApiVersion, EnvironmentId, Grants, IdSource, Inflection, Permission, Timestamp,
};
use muster_store::api_keys::{self, ApiKey as ApiKeyRow};
use muster_store::seal::{IndexKey, MasterKey, digest32};
use muster_store::{Tx, organizations};

pub use change::{EXPIRES_IN_SECONDS_MAX, Issued, copy, expire, issue, update};
pub use last_use::{LastUses, write_last_uses};
pub use read::{ApiKey, PageRequest, get, page};
pub use rules::{BLOCKLIST_ENTRIES_MAX, FILE_ACCESS_SECONDS, FILE_ACCESS_SECONDS_DEFAULT, KeyWishes};

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
    /// Its scopes.
    permissions: Grants,
    /// Addresses and networks it may be used from.
    pub ip_allowlist: Vec<String>,
    /// Attributes that replies to it leave out.
    pub blocklist: Vec<String>,
    /// The API version of requests that name none.
    pub api_version: String,
    /// The key inflection of replies to requests that name none.
    pub inflection: String,
    /// Seconds for which a link to a file works.
    pub file_access_token_expires_in: u32,
    /// When it stops working.
    pub expires_at: Option<Timestamp>,
    used: AtomicBool,
}

impl Principal {
    /// Checks that the key has a scope.
    ///
    /// # Errors
    /// [`Error::Forbidden`].
    pub fn require(&self, permission: Permission) -> Result<()> {
        if self.permissions.has(permission) { Ok(()) } else { Err(Error::Forbidden(permission)) }
    }

    /// True when the key no longer works at `now`.
    #[must_use]
    pub fn is_expired(&self, now: Timestamp) -> bool {
        self.expires_at.is_some_and(|at| at <= now)
    }

    /// True for the first request that asks: one note of a use per look-up is enough.
    pub fn is_first_use(&self) -> bool {
        !self.used.load(Ordering::Relaxed) && !self.used.swap(true, Ordering::Relaxed)
    }
}

/// An API key that is to be made.
#[derive(Clone, Debug)]
pub struct NewApiKey {
    /// The environment it opens.
    pub environment: EnvironmentId,
    /// Its name.
    pub name: String,
    /// Its scopes.
    pub permissions: Grants,
    /// Addresses and networks it may be used from; `*` = any.
    pub ip_allowlist: Vec<String>,
    /// Attributes that replies to it leave out.
    pub blocklist: Vec<String>,
    /// The API version of requests that name none.
    pub api_version: ApiVersion,
    /// When it stops working.
    pub expires_at: Option<Timestamp>,
}

impl NewApiKey {
    /// A key of that name which may do what is granted by default, from anywhere and for ever.
    #[must_use]
    pub fn named(environment: EnvironmentId, name: &str) -> Self {
        Self {
            environment,
            name: name.to_owned(),
            permissions: Grants::by_default(),
            ip_allowlist: vec!["*".to_owned()],
            blocklist: Vec::new(),
            api_version: ApiVersion::NEWEST,
            expires_at: None,
        }
    }
}

/// Makes an API key. Returns its ID and its secret, which is shown once and stored nowhere.
///
/// This is for whoever has the installation in hand; what a key may do for another one: [`issue`].
///
/// # Errors
/// [`Error::NotFound`] when there is no such environment, [`Error::Invalid`].
pub fn create(
    tx: &mut Tx<'_>,
    new: &NewApiKey,
    ids: &mut IdSource,
    now: Timestamp,
) -> Result<(ApiKeyId, String)> {
    let environment = organizations::find_environment(tx, &new.environment)?.ok_or(Error::NotFound)?;
    let key = ApiKey {
        id: ids.mint(),
        name: rules::name(&new.name)?,
        note: None,
        permissions: new.permissions.clone(),
        ip_allowlist: new.ip_allowlist.clone(),
        blocklist: new.blocklist.clone(),
        api_version: new.api_version,
        inflection: Inflection::Kebab,
        file_access_token_expires_in: FILE_ACCESS_SECONDS_DEFAULT,
        last_used_at: None,
        expires_at: new.expires_at,
        created_at: now,
    };
    let secret = random_secret(&environment.kind);
    api_keys::insert(tx, &key.to_row(&environment.id, secret_hash(&secret)))?;
    Ok((key.id, secret))
}

fn random_secret(kind: &str) -> String {
    let mut secret = format!("muster_{kind}_");
    secret.extend((0..SECRET_CHARS).map(|_| char::from(ALPHABET[rand::random_range(0..ALPHABET.len())])));
    secret
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
    let Some(row) = api_keys::find_by_secret_hash(tx, secret_hash)? else { return Ok(None) };
    let environment = environment(tx, master, &row.environment_id)?;
    let key = ApiKey::from_row(row)?;
    Ok(Some(Principal {
        key_id: key.id,
        environment,
        permissions: key.permissions,
        ip_allowlist: key.ip_allowlist,
        blocklist: key.blocklist,
        api_version: key.api_version.as_str().to_owned(),
        inflection: key.inflection.as_str().to_owned(),
        file_access_token_expires_in: key.file_access_token_expires_in,
        expires_at: key.expires_at,
        used: AtomicBool::new(false),
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

/// The JSON list that a column holds.
fn list(names: &[impl AsRef<str>]) -> String {
    serde_json::json!(names.iter().map(AsRef::as_ref).collect::<Vec<&str>>()).to_string()
}

impl ApiKey {
    fn to_row(&self, environment: &EnvironmentId, secret_hash: Vec<u8>) -> ApiKeyRow {
        ApiKeyRow {
            id: self.id.clone(),
            environment_id: environment.clone(),
            name: self.name.clone(),
            note: self.note.clone(),
            secret_hash,
            permissions: Some(list(&self.permissions.names())),
            ip_allowlist: list(&self.ip_allowlist),
            blocklist: list(&self.blocklist),
            api_version: self.api_version.as_str().to_owned(),
            inflection: self.inflection.as_str().to_owned(),
            file_access_token_expires_in: i64::from(self.file_access_token_expires_in),
            last_used_at: self.last_used_at,
            expires_at: self.expires_at,
            created_at: self.created_at,
        }
    }

    fn from_row(row: ApiKeyRow) -> Result<Self> {
        let damaged = || Error::bug("an API key is damaged, or was written by a newer version");
        let list = |text: &str| serde_json::from_str::<Vec<String>>(text).map_err(|_| damaged());
        let permissions = match row.permissions.as_deref().map(list).transpose()? {
            None => Grants::by_default(),
            Some(names) => Grants::parse(&names).map_err(|_| damaged())?,
        };
        Ok(Self {
            id: row.id,
            name: row.name,
            note: row.note,
            permissions,
            ip_allowlist: list(&row.ip_allowlist)?,
            blocklist: list(&row.blocklist)?,
            api_version: ApiVersion::parse(&row.api_version).ok_or_else(damaged)?,
            inflection: Inflection::parse(&row.inflection).ok_or_else(damaged)?,
            file_access_token_expires_in: u32::try_from(row.file_access_token_expires_in)
                .map_err(|_| damaged())?,
            last_used_at: row.last_used_at,
            expires_at: row.expires_at,
            created_at: row.created_at,
        })
    }
}
