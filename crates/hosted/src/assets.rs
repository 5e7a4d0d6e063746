//! Stylesheet and script: in the program, under names that change with their content.

use std::fmt::Write as _;
use std::sync::LazyLock;

use axum::body::Body;
use axum::extract::RawPathParams;
use axum::extract::rejection::RawPathParamsRejection;
use axum::http::{HeaderValue, Response, StatusCode, header};
use sha2::{Digest, Sha256};

use crate::page::Assets;

/// Where they are.
pub const PATH: &str = "/verify/assets/{name}";

const STYLE: &str = include_str!("../assets/hosted.css");
const SCRIPT: &str = include_str!("../assets/hosted.js");

/// Their paths.
pub static ASSETS: LazyLock<Assets> = LazyLock::new(|| Assets {
    style: format!("/verify/assets/{}.css", fingerprint(STYLE)),
    script: format!("/verify/assets/{}.js", fingerprint(SCRIPT)),
});

fn fingerprint(content: &str) -> String {
    let mut text = String::new();
    for byte in &Sha256::digest(content)[..8] {
        // Writing to a text cannot fail.
        let _ = write!(text, "{byte:02x}");
    }
    text
}

/// Answers a request for one of them.
pub async fn send(params: Result<RawPathParams, RawPathParamsRejection>) -> Response<Body> {
    let name =
        params.ok().and_then(|all| all.iter().next().map(|(_, name)| format!("/verify/assets/{name}")));
    let found = match name {
        Some(name) if name == ASSETS.style => Some((STYLE, "text/css; charset=utf-8")),
        Some(name) if name == ASSETS.script => Some((SCRIPT, "text/javascript; charset=utf-8")),
        _ => None,
    };
    let mut response = Response::new(Body::empty());
    let Some((content, media_type)) = found else {
        *response.status_mut() = StatusCode::NOT_FOUND;
        return response;
    };
    *response.body_mut() = Body::from(content);
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(media_type));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=31536000, immutable"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    response
}
