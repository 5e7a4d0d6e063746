//! API keys. Only the hash of a secret is ever stored.

use muster_domain::{ApiKeyId, EnvironmentId, Timestamp};

use crate::error::Result;
use crate::events::Side;
use crate::{Row, Tx, Value, params};

/// A stored API key.
#[derive(Clone, Debug)]
pub struct ApiKey {
    /// Its ID.
    pub id: ApiKeyId,
    /// The one environment it opens.
    pub environment_id: EnvironmentId,
    /// Its name.
    pub name: String,
    /// What it is for.
    pub note: Option<String>,
    /// SHA-256 of the secret.
    pub secret_hash: Vec<u8>,
    /// JSON list of scopes, among which may be `*`; none = `*` alone.
    pub permissions: Option<String>,
    /// JSON list of addresses and networks.
    pub ip_allowlist: String,
    /// JSON list of attributes that replies leave out.
    pub blocklist: String,
    /// The API version of requests that name none.
    pub api_version: String,
    /// The key inflection of replies to requests that name none.
    pub inflection: String,
    /// Seconds for which a link to a file works.
    pub file_access_token_expires_in: i64,
    /// About when it was last used.
    pub last_used_at: Option<Timestamp>,
    /// When it stops working.
    pub expires_at: Option<Timestamp>,
    /// When it was created.
    pub created_at: Timestamp,
}

crate::statements! {
    INSERT = "INSERT INTO api_keys (environment_id, id, name, note, secret_hash, permissions, ip_allowlist,
                  blocklist, api_version, inflection, file_access_token_expires_in, last_used_at, expires_at,
                  created_at)
              VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)";
    // The secret names the environment: this look-up is what opens the tenant boundary.
    FIND_BY_SECRET = "SELECT environment_id, id, name, note, secret_hash, permissions, ip_allowlist, blocklist,
                          api_version, inflection, file_access_token_expires_in, last_used_at, expires_at,
                          created_at
                      FROM api_keys WHERE secret_hash = $1";
    GET = "SELECT environment_id, id, name, note, secret_hash, permissions, ip_allowlist, blocklist,
               api_version, inflection, file_access_token_expires_in, last_used_at, expires_at, created_at
           FROM api_keys WHERE environment_id = $1 AND id = $2";
    // A change of nothing is a lock on both engines.
    HOLD = "UPDATE api_keys SET name = name WHERE environment_id = $1 AND id = $2
            RETURNING environment_id, id, name, note, secret_hash, permissions, ip_allowlist, blocklist,
                api_version, inflection, file_access_token_expires_in, last_used_at, expires_at, created_at";
    UPDATE = "UPDATE api_keys SET name = $3, note = $4, permissions = $5, ip_allowlist = $6, blocklist = $7,
                  api_version = $8, inflection = $9, file_access_token_expires_in = $10, expires_at = $11
              WHERE environment_id = $1 AND id = $2";
    PAGE_AFTER = "SELECT environment_id, id, name, note, secret_hash, permissions, ip_allowlist, blocklist,
                      api_version, inflection, file_access_token_expires_in, last_used_at, expires_at,
                      created_at
                  FROM api_keys WHERE environment_id = $1 AND id < $2 ORDER BY id DESC LIMIT $3";
    PAGE_BEFORE = "SELECT environment_id, id, name, note, secret_hash, permissions, ip_allowlist, blocklist,
                       api_version, inflection, file_access_token_expires_in, last_used_at, expires_at,
                       created_at
                   FROM api_keys WHERE environment_id = $1 AND id > $2 ORDER BY id LIMIT $3";
    NAMED_AFTER = "SELECT environment_id, id, name, note, secret_hash, permissions, ip_allowlist, blocklist,
                       api_version, inflection, file_access_token_expires_in, last_used_at, expires_at,
                       created_at
                   FROM api_keys
                   WHERE environment_id = $1 AND id IN
                       (SELECT n.id FROM api_keys n WHERE n.environment_id = $1 AND n.name = $4 AND n.id < $2
                        ORDER BY n.id DESC LIMIT $3)
                   ORDER BY id DESC";
    NAMED_BEFORE = "SELECT environment_id, id, name, note, secret_hash, permissions, ip_allowlist, blocklist,
                        api_version, inflection, file_access_token_expires_in, last_used_at, expires_at,
                        created_at
                    FROM api_keys
                    WHERE environment_id = $1 AND id IN
                        (SELECT n.id FROM api_keys n WHERE n.environment_id = $1 AND n.name = $4 AND n.id > $2
                         ORDER BY n.id LIMIT $3)
                    ORDER BY id";
}

crate::batches! {
    // Whoever writes last may have seen the key earlier than another process.
    TOUCH (environment_id Text, id Text, last_used_at Int) =
        "UPDATE api_keys SET last_used_at = CASE WHEN api_keys.last_used_at > r.last_used_at
                 THEN api_keys.last_used_at ELSE r.last_used_at END
         FROM {rows}
         WHERE api_keys.environment_id = r.environment_id AND api_keys.id = r.id";
}

/// Adds a key.
///
/// # Errors
/// What the engine reports.
pub fn insert(tx: &mut Tx<'_>, key: &ApiKey) -> Result<()> {
    tx.execute(
        &INSERT,
        params![
            &key.environment_id,
            &key.id,
            &key.name,
            key.note.as_ref(),
            &key.secret_hash,
            key.permissions.as_ref(),
            &key.ip_allowlist,
            &key.blocklist,
            &key.api_version,
            &key.inflection,
            key.file_access_token_expires_in,
            key.last_used_at,
            key.expires_at,
            key.created_at,
        ],
    )
    .map(|_| ())
}

/// Finds the key whose secret has this hash.
///
/// # Errors
/// What the engine reports.
pub fn find_by_secret_hash(tx: &mut Tx<'_>, secret_hash: &[u8]) -> Result<Option<ApiKey>> {
    tx.query_opt(&FIND_BY_SECRET, params![secret_hash], api_key)
}

/// Finds a key of an environment.
///
/// # Errors
/// What the engine reports.
pub fn find(tx: &mut Tx<'_>, environment: &EnvironmentId, id: &ApiKeyId) -> Result<Option<ApiKey>> {
    tx.query_opt(&GET, params![environment, id], api_key)
}

/// [`find`]; nobody else can change the key until the transaction ends.
///
/// # Errors
/// What the engine reports.
pub fn hold(tx: &mut Tx<'_>, environment: &EnvironmentId, id: &ApiKeyId) -> Result<Option<ApiKey>> {
    tx.query_opt(&HOLD, params![environment, id], api_key)
}

/// Replaces what may change of a key: all but its IDs, its secret and its two other instants.
///
/// # Errors
/// What the engine reports.
pub fn update(tx: &mut Tx<'_>, key: &ApiKey) -> Result<()> {
    tx.execute(
        &UPDATE,
        params![
            &key.environment_id,
            &key.id,
            &key.name,
            key.note.as_ref(),
            key.permissions.as_ref(),
            &key.ip_allowlist,
            &key.blocklist,
            &key.api_version,
            &key.inflection,
            key.file_access_token_expires_in,
            key.expires_at,
        ],
    )
    .map(|_| ())
}

/// Up to `limit` keys beside `cursor`, those of one name or all. Without a cursor: the newest.
///
/// # Errors
/// What the engine reports.
pub fn page(
    tx: &mut Tx<'_>,
    environment: &EnvironmentId,
    name: Option<&str>,
    (side, cursor): (Side, Option<&ApiKeyId>),
    limit: i64,
) -> Result<Vec<ApiKey>> {
    // '~' sorts after every character of an ID.
    let cursor = cursor.map_or("api_~", ApiKeyId::as_str);
    match (name, side) {
        (None, Side::After) => tx.query(&PAGE_AFTER, params![environment, cursor, limit], api_key),
        (None, Side::Before) => tx.query(&PAGE_BEFORE, params![environment, cursor, limit], api_key),
        (Some(name), Side::After) => {
            tx.query(&NAMED_AFTER, params![environment, cursor, limit, name], api_key)
        }
        (Some(name), Side::Before) => {
            tx.query(&NAMED_BEFORE, params![environment, cursor, limit, name], api_key)
        }
    }
}

/// That a key was used.
#[derive(Clone, Debug)]
pub struct Use {
    /// Its environment.
    pub environment: EnvironmentId,
    /// The key.
    pub key: ApiKeyId,
    /// When.
    pub at: Timestamp,
}

/// Notes when keys were last used.
///
/// # Errors
/// What the engine reports.
pub fn touch(tx: &mut Tx<'_>, uses: &[Use]) -> Result<()> {
    let rows: Vec<Vec<Value<'_>>> =
        uses.iter().map(|used| params![&used.environment, &used.key, used.at].to_vec()).collect();
    tx.execute_batch(&TOUCH, &rows).map(|_| ())
}

fn api_key(row: &Row<'_>) -> Result<ApiKey> {
    Ok(ApiKey {
        environment_id: EnvironmentId::trusted(row.text(0)?),
        id: ApiKeyId::trusted(row.text(1)?),
        name: row.text(2)?,
        note: row.opt_text(3)?,
        secret_hash: row.blob(4)?,
        permissions: row.opt_text(5)?,
        ip_allowlist: row.text(6)?,
        blocklist: row.text(7)?,
        api_version: row.text(8)?,
        inflection: row.text(9)?,
        file_access_token_expires_in: row.int(10)?,
        last_used_at: row.opt_instant(11)?,
        expires_at: row.opt_instant(12)?,
        created_at: row.instant(13)?,
    })
}
