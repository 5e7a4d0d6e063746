//! The router, built by looping over the operation table, and the loop that serves it.

use std::future::Future;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::rejection::RawPathParamsRejection;
use axum::extract::{ConnectInfo, RawPathParams, Request, State};
use axum::http::{Response, StatusCode, header};
use axum::response::IntoResponse;
use axum::routing::{MethodFilter, MethodRouter, on};
use axum::serve::ListenerExt;
use http_body_util::{BodyExt, LengthLimitError, Limited};
use tokio::net::TcpListener;

use crate::pipeline::{BODY_BYTES_MAX, Incoming, answer};
use crate::problem::Refused;
use crate::{Api, Operation, operations};

/// Where the API lives.
pub const BASE: &str = "/api/v1";
/// What is read, and thrown away, of a body that is too large.
const DRAINED_BYTES_MAX: usize = 64 * 1024 * 1024;

/// How long a client may take to send a body.
const BODY_WAIT_MAX: Duration = Duration::from_secs(30);

/// The routes of every operation.
pub fn router(api: Arc<Api>) -> Router {
    let mut router = Router::new();
    for operation in operations() {
        let path = format!("{BASE}{}", operation.path);
        router = router.route(&path, route(operation));
    }
    router
        .fallback(|| async { plain(&Refused::NoRoute) })
        .method_not_allowed_fallback(|| async { plain(&Refused::NoMethod) })
        .with_state(api)
}

fn route(operation: &'static Operation) -> MethodRouter<Arc<Api>> {
    let filter = MethodFilter::try_from(operation.method.clone()).unwrap_or(MethodFilter::GET);
    on(
        filter,
        move |State(api): State<Arc<Api>>,
              ConnectInfo(peer): ConnectInfo<SocketAddr>,
              params: Result<RawPathParams, RawPathParamsRejection>,
              request: Request| async move {
            // A path that is not UTF-8 names no object.
            let object_id = params.ok().and_then(|all| all.iter().next().map(|(_, id)| id.to_owned()));
            let reading = read(request, object_id.unwrap_or_default(), peer);
            match tokio::time::timeout(BODY_WAIT_MAX, reading).await {
                Ok(Ok(incoming)) => answer(api, operation, incoming).await,
                // The client went away while it was sending: nobody is left to be answered.
                Ok(Err(())) => StatusCode::BAD_REQUEST.into_response(),
                Err(_) => plain(&Refused::TooSlow),
            }
        },
    )
}

async fn read(request: Request, object_id: String, peer: SocketAddr) -> Result<Incoming, ()> {
    let (parts, mut rest) = request.into_parts();
    let body = match Limited::new(&mut rest, BODY_BYTES_MAX).collect().await {
        Ok(collected) => Some(collected.to_bytes()),
        Err(error) if error.is::<LengthLimitError>() => {
            // Its sender reads why only after it was allowed to send.
            let mut left = DRAINED_BYTES_MAX;
            while let (Some(Ok(frame)), true) = (rest.frame().await, left > 0) {
                left = left.saturating_sub(frame.data_ref().map_or(0, Bytes::len));
            }
            None
        }
        Err(_) => return Err(()),
    };
    Ok(Incoming {
        path: parts.uri.path().to_owned(),
        raw_query: parts.uri.query().unwrap_or_default().to_owned(),
        headers: parts.headers,
        object_id,
        body,
        address: peer.ip(),
    })
}

fn plain(refused: &Refused) -> Response<Body> {
    let reply = refused.reply();
    let status = StatusCode::from_u16(reply.status).unwrap_or_default();
    (status, [(header::CONTENT_TYPE, "application/json; charset=utf-8")], reply.body).into_response()
}

/// Serves until `stop` is done, then answers what is under way and returns.
///
/// # Errors
/// When the listener fails.
pub async fn serve(
    api: Arc<Api>,
    listener: TcpListener,
    stop: impl Future<Output = ()> + Send + 'static,
) -> std::io::Result<()> {
    let service = router(api).into_make_service_with_connect_info::<SocketAddr>();
    let listener = listener.tap_io(|stream| {
        // Small replies must not wait for more.
        let _ = stream.set_nodelay(true);
    });
    axum::serve(listener, service).with_graceful_shutdown(stop).await
}
