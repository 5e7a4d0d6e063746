//! Tokens of sessions: JSON Web Tokens, signed under a key of the environment (spec A.6). None is stored.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use muster_domain::{EnvironmentId, InquirySessionId, Timestamp};
use muster_store::seal::IndexKey;
use serde_json::{Value, json};

use super::Session;
use crate::{Error, Result, Scope};

/// Who is to read a token.
const AUDIENCE: &str = "muster-verify";
const HEADER: &str = r#"{"alg":"HS256","typ":"JWT"}"#;

/// What a token says. Nothing of it is believed before [`SessionToken::is_signed`].
#[derive(Clone, Debug)]
pub struct SessionToken {
    /// The environment of the session.
    pub environment: EnvironmentId,
    /// The session.
    pub session: InquirySessionId,
    expires_at: Timestamp,
    signed: String,
    signature: Vec<u8>,
}

/// Writes the token of a session.
///
/// # Errors
/// None that a caller could cause.
pub fn write_token(scope: &Scope, session: &Session) -> Result<String> {
    let seconds = |at: Timestamp| at.as_micros().div_euclid(1_000_000);
    let claims = json!({
        "aud": AUDIENCE,
        "iss": "muster",
        "env": scope.environment.id,
        "sub": session.id,
        "sid": session.id,
        "iat": seconds(session.created_at),
        "nbf": seconds(session.created_at),
        "exp": seconds(session.expires_at),
        "jti": session.id.as_str(),
    });
    let claims = serde_json::to_vec(&claims).map_err(|error| Error::bug(error.to_string()))?;
    let signed = format!("{}.{}", BASE64.encode(HEADER), BASE64.encode(claims));
    let signature = scope.environment.index_key.token_key().sign(signed.as_bytes());
    Ok(format!("{signed}.{}", BASE64.encode(signature)))
}

/// Takes a token apart. None when it is not one of ours.
#[must_use]
pub fn read_token(token: &str) -> Option<SessionToken> {
    let (signed, signature) = token.rsplit_once('.')?;
    let (header, claims) = signed.split_once('.')?;
    if BASE64.decode(header).ok()? != HEADER.as_bytes() {
        return None;
    }
    let claims: Value = serde_json::from_slice(&BASE64.decode(claims).ok()?).ok()?;
    let text = |name: &str| claims.get(name).and_then(Value::as_str);
    if text("aud") != Some(AUDIENCE) {
        return None;
    }
    Some(SessionToken {
        environment: text("env")?.parse().ok()?,
        session: text("sub")?.parse().ok()?,
        expires_at: Timestamp::from_micros(claims.get("exp")?.as_i64()?.checked_mul(1_000_000)?),
        signed: signed.to_owned(),
        signature: BASE64.decode(signature).ok()?,
    })
}

impl SessionToken {
    /// Whether the environment wrote it, and its time is not over.
    #[must_use]
    pub fn is_signed(&self, key: &IndexKey, now: Timestamp) -> bool {
        key.token_key().is_signature(&self.signature, self.signed.as_bytes()) && self.expires_at > now
    }
}
