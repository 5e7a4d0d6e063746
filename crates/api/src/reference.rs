//! The OpenAPI documents and the reference page, for everyone: no key is asked for.

use std::sync::Arc;

use axum::Router;
use axum::extract::RawQuery;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;

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
}

async fn json(RawQuery(query): RawQuery) -> Response {
    document(query.as_deref(), "application/json; charset=utf-8", |document| &document.json)
}

async fn yaml(RawQuery(query): RawQuery) -> Response {
    document(query.as_deref(), "application/yaml; charset=utf-8", |document| &document.yaml)
}

fn document(
    query: Option<&str>,
    content_type: &'static str,
    form: fn(&'static Document) -> &'static String,
) -> Response {
    match version(query.unwrap_or_default()) {
        Some(version) => {
            let headers = [(header::CONTENT_TYPE, content_type), (header::CACHE_CONTROL, "no-cache")];
            (headers, form(written(version)).as_str()).into_response()
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
