//! The reference page and what it is made of, all of it in the program.

use std::sync::LazyLock;

use axum::extract::Path;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use sha2::{Digest, Sha256};

use super::{is_known, refusal};
use crate::problem::Refused;
use crate::versions::ApiVersion;

/// Where the page is.
pub(super) const PAGE: &str = "/api/reference";

/// Nothing from elsewhere, nothing inline.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; \
     connect-src 'self'; form-action 'none'; frame-ancestors 'none'; base-uri 'none'";

const JAVASCRIPT: &str = "text/javascript; charset=utf-8";
const CSS: &str = "text/css; charset=utf-8";
const TEXT: &str = "text/plain; charset=utf-8";

/// A file beside the page.
struct Asset {
    name: &'static str,
    content_type: &'static str,
    encoding: Encoding,
    bytes: &'static [u8],
}

/// How its bytes are packed.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Encoding {
    Identity,
    /// Every browser unpacks it; nothing else asks for these files.
    Gzip,
}

const ASSETS: [Asset; 6] = [
    packed(
        "swagger-ui-bundle.js",
        JAVASCRIPT,
        include_bytes!(concat!(env!("OUT_DIR"), "/swagger-ui-bundle.js.gz")),
    ),
    packed("swagger-ui.css", CSS, include_bytes!(concat!(env!("OUT_DIR"), "/swagger-ui.css.gz"))),
    packed("LICENSE", TEXT, include_bytes!(concat!(env!("OUT_DIR"), "/LICENSE.gz"))),
    packed("NOTICE", TEXT, include_bytes!(concat!(env!("OUT_DIR"), "/NOTICE.gz"))),
    plain("reference.js", JAVASCRIPT, include_bytes!("reference.js")),
    plain("reference.css", CSS, include_bytes!("reference.css")),
];

const fn packed(name: &'static str, content_type: &'static str, bytes: &'static [u8]) -> Asset {
    Asset { name, content_type, encoding: Encoding::Gzip, bytes }
}

const fn plain(name: &'static str, content_type: &'static str, bytes: &'static [u8]) -> Asset {
    Asset { name, content_type, encoding: Encoding::Identity, bytes }
}

/// A mark of the files as they are in this program: it stands in their paths, so that they can be kept forever.
static MARK: LazyLock<String> = LazyLock::new(|| {
    let mut hash = Sha256::new();
    for asset in &ASSETS {
        hash.update(asset.bytes);
    }
    super::mark(&hash.finalize())
});

static HTML: LazyLock<String> = LazyLock::new(|| {
    let versions = ApiVersion::ALL.map(|version| format!("<option>{version}</option>")).concat();
    include_str!("page.html")
        .replace("{assets}", &format!("{PAGE}/{}", *MARK))
        .replace("{versions}", &versions)
});

/// The page.
pub(super) async fn page(headers: HeaderMap) -> Response {
    let tag = super::tag(HTML.as_bytes());
    let common = [
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::CONTENT_TYPE, "text/html; charset=utf-8"),
        (header::CACHE_CONTROL, "no-cache"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
    ];
    if is_known(&headers, &tag) {
        return (StatusCode::NOT_MODIFIED, [(header::ETAG, tag)]).into_response();
    }
    (common, [(header::ETAG, tag)], HTML.as_str()).into_response()
}

/// A file of the page.
pub(super) async fn asset(Path((mark, name)): Path<(String, String)>) -> Response {
    let found = ASSETS.iter().find(|asset| mark == *MARK && asset.name == name);
    let Some(asset) = found else { return refusal(&Refused::NoRoute) };
    let common = [
        (header::CONTENT_TYPE, asset.content_type),
        (header::CACHE_CONTROL, "public, max-age=31536000, immutable"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ];
    match asset.encoding {
        Encoding::Identity => (common, asset.bytes).into_response(),
        Encoding::Gzip => (common, [(header::CONTENT_ENCODING, "gzip")], asset.bytes).into_response(),
    }
}
