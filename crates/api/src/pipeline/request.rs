//! Reading what an admitted request asks for.

use std::sync::Arc;

use axum::body::Bytes;
use axum::http::header;
use muster_app::idempotency::{Claim, Reply};
use muster_app::keys::Principal;
use muster_app::{Error, Scope};
use muster_domain::event::{Actor, Source};
use muster_domain::{RequestId, Timestamp};
use serde_json::{Map, Value};

use super::{Admitted, Incoming};
use crate::blocklist::Blocklist;
use crate::call::Call;
use crate::inflection::{Inflection, kebab};
use crate::json::{self, Limits};
use crate::links::FileLinks;
use crate::multipart;
use crate::operation::{Operation, Run, Uploads, permission_to_include};
use crate::print;
use crate::problem::{self, Refused};
use crate::query::Query;
use crate::versions::{ApiVersion, upgrade_request};

/// Longest idempotency key, in characters.
const IDEMPOTENCY_KEY_CHARS_MAX: usize = 255;

/// Reads what a request asks for: 400 for what is not of the right shape.
pub(super) async fn call(
    operation: &'static Operation,
    incoming: &Incoming,
    body: Option<Bytes>,
    (Admitted { principal, limit }, files): (&Admitted, FileLinks),
    request_id: &RequestId,
    now: Timestamp,
) -> Result<Call, Reply> {
    let refuse = |details: String| Refused::Malformed(details).reply();
    let header =
        |name: &str| incoming.headers.get(name).map(|value| value.to_str().unwrap_or_default().trim());
    let version = header("persona-version").unwrap_or(&principal.api_version);
    let version = ApiVersion::parse(version).ok_or_else(|| {
        refuse(format!(
            "Persona-Version must be one of {}",
            ApiVersion::ALL.map(ApiVersion::as_str).join(", ")
        ))
    })?;
    let inflection = Inflection::parse(header("key-inflection").unwrap_or(&principal.inflection))
        .ok_or_else(|| refuse("Key-Inflection must be kebab, camel or snake".into()))?;
    let blocklist = Blocklist::parse(&principal.blocklist)
        .map_err(|_| problem::reply(&Error::bug("the blocklist of an API key is damaged")))?;
    print::refuse_hidden(operation, blocklist.as_ref()).map_err(|error| problem::reply(&error))?;
    let query = Query::parse(&incoming.raw_query).map_err(|refusal| refuse(refusal.to_string()))?;
    check_query(operation, &query).map_err(refuse)?;
    check_includes(principal, &query).map_err(|error| problem::reply(&error))?;
    let bytes_max = operation.uploads.body_bytes_max();
    let bytes = body.ok_or_else(|| refuse(format!("the request body must be at most {bytes_max} bytes")))?;
    let (mut body, bytes) = members(operation, incoming, bytes).await.map_err(refuse)?;
    let piece = if operation.uploads == Uploads::Piece { bytes.clone() } else { Bytes::new() };
    upgrade_request(operation.id, &mut body, version);
    let claim = claim(operation, incoming, &bytes, &principal.blocklist).map_err(refuse)?;
    Ok(Call {
        operation,
        scope: Scope {
            environment: Arc::clone(&principal.environment),
            actor: Actor::ApiKey(principal.key_id.clone()),
            source: Source::Request(request_id.clone()),
            now,
        },
        object_id: incoming.object_id.clone(),
        path: incoming.path.clone(),
        principal: Arc::clone(principal),
        query,
        body,
        piece,
        version,
        inflection,
        blocklist,
        claim,
        files,
        limit: *limit,
    })
}

/// The members of a body, and the bytes that tell whether two requests are the same: the body itself, or, of a
/// multipart body (whose boundary is another each time), what it says.
async fn members(
    operation: &Operation,
    incoming: &Incoming,
    bytes: Bytes,
) -> Result<(Map<String, Value>, Bytes), String> {
    if operation.uploads == Uploads::Piece {
        return Ok((Map::new(), bytes));
    }
    if bytes.iter().all(u8::is_ascii_whitespace) || operation.method == axum::http::Method::GET {
        return Ok((Map::new(), bytes));
    }
    let content_type = incoming.headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    if let Some(content_type) = content_type.filter(|text| multipart::is_multipart(text)) {
        if operation.uploads != Uploads::Accepted {
            return Err("this endpoint takes a JSON body, not multipart/form-data".to_owned());
        }
        let members = multipart::read(content_type, bytes).await?;
        let canonical = serde_json::to_vec(&members).unwrap_or_default();
        return Ok((members, canonical.into()));
    }
    match json::parse(&bytes, &Limits::default()).map_err(|bad| bad.message)? {
        Value::Object(members) => Ok((members, bytes)),
        _ => Err("the request body must be a JSON object".to_owned()),
    }
}

fn check_query(operation: &Operation, query: &Query) -> Result<(), String> {
    let list = |names: &[&str]| if names.is_empty() { "none".to_owned() } else { names.join(", ") };
    if query.filters.iter().any(|(key, _)| !operation.filters.contains(&key.as_str())) {
        return Err(format!("filter: this endpoint knows the filters {}", list(operation.filters)));
    }
    let wanted = query.include.as_deref().unwrap_or_default();
    if wanted.iter().any(|name| !name.is_empty() && !operation.includes.contains(&&*kebab(name))) {
        return Err(format!("include: this endpoint can include {}", list(operation.includes)));
    }
    Ok(())
}

/// Whoever may not read an object by itself does not come by it beside another one.
fn check_includes(principal: &Principal, query: &Query) -> muster_app::Result<()> {
    let wanted = query.include.as_deref().unwrap_or_default();
    let mut needed = wanted.iter().filter_map(|name| permission_to_include(&kebab(name)));
    needed.try_for_each(|permission| principal.require(permission))
}

/// The idempotency key of a POST that writes; whatever else ignores it (spec A.7). A reply is repeated only to
/// keys with the same blocklist: another one would have got another reply.
fn claim(
    operation: &Operation,
    incoming: &Incoming,
    body: &Bytes,
    blocklist: &[String],
) -> Result<Option<Claim>, String> {
    let Some(key) = incoming.headers.get("idempotency-key") else { return Ok(None) };
    if operation.method != axum::http::Method::POST || matches!(operation.run, Run::Read(_)) {
        return Ok(None);
    }
    let key = key.to_str().map_err(|_| "Idempotency-Key must be printable ASCII".to_owned())?;
    if key.trim().is_empty() || key.chars().count() > IDEMPOTENCY_KEY_CHARS_MAX {
        return Err(format!("Idempotency-Key must have 1 to {IDEMPOTENCY_KEY_CHARS_MAX} characters"));
    }
    let request: [&[u8]; 4] =
        [operation.id.as_bytes(), incoming.path.as_bytes(), incoming.raw_query.as_bytes(), body];
    let request: Vec<&[u8]> = request.into_iter().chain(blocklist.iter().map(String::as_bytes)).collect();
    Ok(Some(Claim::new(key, &request)))
}
