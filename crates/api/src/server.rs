//! The router, built by looping over the operation table, and the loop that serves it.

use std::future::Future;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::rejection::RawPathParamsRejection;
use axum::extract::{ConnectInfo, RawPathParams, Request, State};
use axum::http::{Response, StatusCode, header};
use axum::response::IntoResponse;
use axum::routing::{MethodFilter, MethodRouter, get, on};
use axum::serve::ListenerExt;
use muster_app::Error;
use muster_app::idempotency::Reply;
use tokio::net::TcpListener;

use crate::pipeline::{Incoming, answer};
use crate::problem::{self, Refused};
use crate::{Api, Operation, files, last_use, operations, reference};

/// Where the API lives.
pub const BASE: &str = "/api/v1";

/// How long a server that stops waits for requests whose clients have gone.
const REQUESTS_WAIT_MAX: Duration = Duration::from_secs(10);

/// The routes of every operation, and that of files.
pub fn router(api: Arc<Api>) -> Router {
    let mut router = Router::new();
    for operation in operations() {
        let path = format!("{BASE}{}", operation.path);
        router = router.route(&path, route(operation));
    }
    router
        .route(files::PATH, get(files::download))
        .merge(reference::routes())
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
            let (parts, body) = request.into_parts();
            let incoming = Incoming {
                path: parts.uri.path().to_owned(),
                raw_query: parts.uri.query().unwrap_or_default().to_owned(),
                headers: parts.headers,
                object_id: object_id.unwrap_or_default(),
                address: peer.ip(),
            };
            // A client that hangs up ends this, not the task: what was begun is finished and logged.
            let answering = api.requests.spawn(answer(Arc::clone(&api), operation, incoming, body));
            answering.await.unwrap_or_else(|_| bare(problem::reply(&Error::bug("a request stopped"))))
        },
    )
}

fn plain(refused: &Refused) -> Response<Body> {
    bare(refused.reply())
}

/// A reply without the headers of a key.
fn bare(reply: Reply) -> Response<Body> {
    let status = StatusCode::from_u16(reply.status).unwrap_or_default();
    (status, [(header::CONTENT_TYPE, "application/json; charset=utf-8")], reply.body).into_response()
}

/// Serves the API and what else the program has, until `stop` is done; then answers what is under way and returns.
///
/// # Errors
/// When the listener fails.
pub async fn serve(
    api: Arc<Api>,
    others: Router,
    listener: TcpListener,
    stop: impl Future<Output = ()> + Send + 'static,
) -> std::io::Result<()> {
    let writing = tokio::spawn(last_use::keep_writing(Arc::clone(&api)));
    let service = router(Arc::clone(&api)).merge(others).into_make_service_with_connect_info::<SocketAddr>();
    let listener = listener.tap_io(|stream| {
        // Small replies must not wait for more.
        let _ = stream.set_nodelay(true);
    });
    let served = axum::serve(listener, service).with_graceful_shutdown(stop).await;
    // Of those whose clients have gone. The log waits for them.
    api.requests.close();
    let _ = tokio::time::timeout(REQUESTS_WAIT_MAX, api.requests.wait()).await;
    api.flush_log().await;
    writing.abort();
    last_use::write(&api).await;
    served
}
