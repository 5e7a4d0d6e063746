//! Which request goes where.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::rejection::RawPathParamsRejection;
use axum::extract::{ConnectInfo, RawPathParams, RawQuery, Request, State};
use axum::http::{HeaderMap, Method, Response};
use axum::routing::{get, post};
use muster_domain::InquiryId;

use crate::sent::Members;
use crate::visitor::{Head, Trouble};
use crate::{Hosted, assets, guard, reply};

/// The routes of the pages.
pub fn router(hosted: Arc<Hosted>) -> Router {
    Router::new()
        .route(assets::PATH, get(assets::send))
        .route("/v/{code}", get(short_link))
        .route("/verify", get(come_in))
        .route("/verify/{inquiry}", get(open))
        .route("/verify/{inquiry}/leave", get(ask_to_leave).post(send))
        .route("/verify/{inquiry}/address", get(ask_for_address).post(send))
        .route("/verify/{inquiry}/{act}", post(send))
        .with_state(hosted)
}

type Params = Result<RawPathParams, RawPathParamsRejection>;

/// The parts of a path.
fn parts(params: Params) -> Vec<String> {
    params.map(|all| all.iter().map(|(_, part)| part.to_owned()).collect()).unwrap_or_default()
}

fn inquiry_of(parts: &[String]) -> Result<InquiryId, Trouble> {
    parts.first().and_then(|id| id.parse().ok()).ok_or(Trouble::Missing)
}

impl Hosted {
    fn head(&self, peer: SocketAddr, headers: HeaderMap, query: Option<&str>) -> Head {
        let address = self.address(peer.ip(), &headers);
        Head { headers, query: Members::parse(query.unwrap_or_default()), address }
    }
}

fn answered(head: &Head, result: Result<Response<Body>, Trouble>) -> Response<Body> {
    result.unwrap_or_else(|trouble| reply::trouble(head, &trouble))
}

/// `/v/CODE`: the short form of a one-time link.
async fn short_link(params: Params) -> Response<Body> {
    let code = parts(params).pop().unwrap_or_default();
    let is_plain = code.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'));
    reply::redirect(&format!("/verify?code={}", if is_plain { &code } else { "" }))
}

/// `/verify?…`: a link that somebody was given.
async fn come_in(
    State(hosted): State<Arc<Hosted>>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    RawQuery(query): RawQuery,
    method: Method,
    headers: HeaderMap,
) -> Response<Body> {
    // Whoever only looks ahead must not use up a link.
    if method == Method::HEAD || guard::is_prefetch(&headers) {
        return reply::nothing();
    }
    let head = hosted.head(peer, headers, query.as_deref());
    let result = hosted.come_in(&head).await;
    answered(&head, result)
}

/// `/verify/inq_…`: the page of an inquiry.
async fn open(
    State(hosted): State<Arc<Hosted>>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    RawQuery(query): RawQuery,
    params: Params,
    method: Method,
    headers: HeaderMap,
) -> Response<Body> {
    if method == Method::HEAD || guard::is_prefetch(&headers) {
        return reply::nothing();
    }
    let head = hosted.head(peer, headers, query.as_deref());
    let result = match inquiry_of(&parts(params)) {
        Ok(inquiry) => hosted.open(&head, &inquiry).await,
        Err(trouble) => Err(trouble),
    };
    answered(&head, result)
}

/// `/verify/inq_…/leave`: the question before leaving.
async fn ask_to_leave(
    State(hosted): State<Arc<Hosted>>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    params: Params,
    headers: HeaderMap,
) -> Response<Body> {
    let head = hosted.head(peer, headers, None);
    let result = match inquiry_of(&parts(params)) {
        Ok(inquiry) => hosted.ask_to_leave(&head, &inquiry).await,
        Err(trouble) => Err(trouble),
    };
    answered(&head, result)
}

/// `/verify/inq_…/address`: the question where a code is to go.
async fn ask_for_address(
    State(hosted): State<Arc<Hosted>>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    params: Params,
    headers: HeaderMap,
) -> Response<Body> {
    let head = hosted.head(peer, headers, None);
    let result = match inquiry_of(&parts(params)) {
        Ok(inquiry) => hosted.ask_for_address(&head, &inquiry).await,
        Err(trouble) => Err(trouble),
    };
    answered(&head, result)
}

/// `POST /verify/inq_…/submit` and the like: what a form was sent with.
async fn send(
    State(hosted): State<Arc<Hosted>>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    params: Params,
    request: Request,
) -> Response<Body> {
    let (parts_of_head, body) = request.into_parts();
    let uri = parts_of_head.uri;
    let head = hosted.head(peer, parts_of_head.headers, None);
    let act = uri.path().rsplit('/').next().unwrap_or_default();
    let result = match inquiry_of(&parts(params)) {
        Ok(inquiry) => hosted.take(&head, &inquiry, act, body).await,
        Err(trouble) => Err(trouble),
    };
    answered(&head, result)
}
