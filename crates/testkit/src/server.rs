//! The server of a running Muster in a test.

#![expect(clippy::expect_used, reason = "a test whose server does not start has failed")]

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use muster_api::Api;
use muster_app::App;
use muster_hosted::Hosted;
use tokio::sync::oneshot;

use crate::files::PUBLIC_URL;

/// How long a server may take to answer what is under way when it is told to stop.
const STOP_TIMEOUT: Duration = Duration::from_secs(2);

/// The server, on a thread and a runtime of its own, so that dropping it waits for nobody else.
pub(crate) struct Server {
    /// Where it listens.
    pub(crate) address: SocketAddr,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<std::thread::JoinHandle<()>>,
}

impl Server {
    /// Starts it on a free port.
    pub(crate) fn start(api: Arc<Api>, pages: axum::Router) -> Self {
        let listener = std::net::TcpListener::bind(("127.0.0.1", 0)).expect("a free port");
        listener.set_nonblocking(true).expect("a listener that does not block");
        let address = listener.local_addr().expect("an address");
        let (stop, stopped) = oneshot::channel::<()>();
        let thread = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .expect("a runtime can be built");
            runtime.block_on(run(api, pages, listener, stopped));
            runtime.shutdown_timeout(STOP_TIMEOUT);
        });
        Self { address, stop: Some(stop), thread: Some(thread) }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Gone already if the server stopped by itself; the join below says so.
        let _ = self.stop.take().map(|stop| stop.send(()));
        let joined = self.thread.take().map(std::thread::JoinHandle::join);
        assert!(joined.is_none_or(|end| end.is_ok()) || std::thread::panicking(), "the server panicked");
    }
}

/// The hosted pages. Tests of many requests from one address are not held up.
pub(crate) fn pages(app: &Arc<App>) -> axum::Router {
    let settings = muster_hosted::Settings {
        public_url: PUBLIC_URL.to_owned(),
        entries_per_minute: 1000,
        ..muster_hosted::Settings::default()
    };
    muster_hosted::router(Hosted::new(Arc::clone(app), settings))
}

async fn run(
    api: Arc<Api>,
    pages: axum::Router,
    listener: std::net::TcpListener,
    stopped: oneshot::Receiver<()>,
) {
    let listener = tokio::net::TcpListener::from_std(listener).expect("a listener");
    let (told, mut late) = tokio::sync::watch::channel(());
    let stop = async move {
        let _ = stopped.await;
        drop(told);
    };
    let too_late = async {
        // It ends when `told` is dropped.
        let _ = late.changed().await;
        tokio::time::sleep(STOP_TIMEOUT).await;
    };
    tokio::select! {
        served = muster_api::serve(api, pages, listener, stop) => served.expect("the server serves"),
        () = too_late => {}
    }
}
