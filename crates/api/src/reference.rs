//! The OpenAPI documents and the reference page, for everyone: no key is asked for.

mod page;

use std::sync::Arc;

use axum::Router;
use axum::extract::RawQuery;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::get;
use sha2::{Digest, Sha256};

use crate::Api;
use crate::openapi::{Document, written};
use crate::problem::Refused;
use crate::server::BASE;
use crate::versions::ApiVersion;

/// The routes of documents and page.
pub(crate) fn routes() -> Router<Arc<Api>> {
    Router::new()
        .route(&format!("{BASE}/openapi.json"), get(json))
        .route(&format!("{BASE}/openapi.yaml"), get(yaml))
        .route(page::PAGE, get(page::page))
        .route(&format!("{}/{{mark}}/{{name}}", page::PAGE), get(page::asset))
        .route("/", get(|| async { Redirect::temporary(page::PAGE) }))
}

async fn json(RawQuery(query): RawQuery, headers: HeaderMap) -> Response {
    document(query.as_deref(), &headers, "application/json; charset=utf-8", |document| &document.json)
}

async fn yaml(RawQuery(query): RawQuery, headers: HeaderMap) -> Response {
    document(query.as_deref(), &headers, "application/yaml; charset=utf-8", |document| &document.yaml)
}

fn document(
    query: Option<&str>,
    headers: &HeaderMap,
    content_type: &'static str,
    form: fn(&'static Document) -> &'static String,
) -> Response {
    match version(query.unwrap_or_default()) {
        Some(version) => {
            let text = form(written(version));
            let tag = tag(text.as_bytes());
            if is_known(headers, &tag) {
                return (StatusCode::NOT_MODIFIED, [(header::ETAG, tag)]).into_response();
            }
            let common = [(header::CONTENT_TYPE, content_type), (header::CACHE_CONTROL, "no-cache")];
            (common, [(header::ETAG, tag)], text.as_str()).into_response()
        }
        None => {
            let known = ApiVersion::ALL.map(ApiVersion::as_str).join(", ");
            refusal(&Refused::Malformed(format!("version must be one of {known}")))
        }
    }
}

/// The version that `?version=…` names; the newest when it names none, nothing when there is no such version.
fn version(query: &str) -> Option<ApiVersion> {
    let wanted = query.split('&').find_map(|pair| pair.strip_prefix("version="));
    wanted.map_or(Some(ApiVersion::NEWEST), ApiVersion::parse)
}

fn refusal(refused: &Refused) -> Response {
    let reply = refused.reply();
    let status = StatusCode::from_u16(reply.status).unwrap_or_default();
    (status, [(header::CONTENT_TYPE, "application/json; charset=utf-8")], reply.body).into_response()
}

/// The entity tag of what is served.
fn tag(bytes: &[u8]) -> String {
    format!("\"{}\"", mark(&Sha256::digest(bytes)))
}

/// A hash in short: 64 bits of it in hexadecimal digits.
fn mark(hash: &[u8]) -> String {
    hash.iter().take(8).map(|byte| format!("{byte:02x}")).collect()
}

/// Whether the sender has what this entity tag names.
fn is_known(headers: &HeaderMap, tag: &str) -> bool {
    headers.get(header::IF_NONE_MATCH).is_some_and(|known| known.as_bytes() == tag.as_bytes())
}
