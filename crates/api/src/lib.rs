//! The HTTP API of Muster: operation table, pipeline, JSON:API.
//!
//! Every operation is one row of [`operations`], read by the router, the permission check and the
//! tests. Handlers translate; what all operations share (authentication, rate limit, versions,
//! inflection, idempotency, sparse fields) belongs to the pipeline.

mod api_log;
pub mod blocklist;
mod call;
pub mod doc;
mod files;
pub mod inflection;
pub mod json;
mod last_use;
mod links;
mod members;
mod multipart;
pub mod openapi;
mod operation;
mod operations;
mod payload;
mod pipeline;
mod principals;
mod print;
mod problem;
pub mod query;
pub mod rate_limit;
mod reference;
mod resources;
mod server;
pub mod sparse;
pub mod versions;

use std::sync::Arc;

use muster_app::App;
use muster_app::keys::LastUses;
use muster_store::Engine;
use tokio_util::task::TaskTracker;

pub use operation::{Operation, Run, Uploads, permission_to_include};
pub use operations::operations;
pub use server::{router, serve};

use api_log::ApiLog;
use principals::Principals;
use rate_limit::RateLimiter;

/// How the API is to behave.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    /// Requests per minute and environment; 0 = no limit.
    pub rate_limit: u32,
    /// Answers creations without storing anything: the ceiling that the benchmark measures against.
    /// Never set outside of it.
    pub without_storage: bool,
    /// Where clients reach this server, such as `https://muster.example`: links to files begin with it.
    pub public_url: String,
    /// Whether requests are logged.
    pub api_logs: ApiLogs,
}

/// Whether requests are logged.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ApiLogs {
    /// They are.
    #[default]
    Kept,
    /// They are not.
    Off,
}

/// The API of one running application.
pub struct Api {
    app: Arc<App>,
    settings: Settings,
    limiter: RateLimiter,
    /// What links to files begin with.
    public_url: Arc<str>,
    /// Room for files that are on their way to their readers.
    downloads: Arc<tokio::sync::Semaphore>,
    /// None where requests are not logged.
    log: Option<ApiLog>,
    /// Room for bodies that are being worked on, in KiB.
    bodies: tokio::sync::Semaphore,
    /// Requests that are being answered, whether or not their clients still wait.
    requests: TaskTracker,
    principals: Principals,
    last_uses: LastUses,
}

impl Api {
    /// Puts an API on top of an application.
    #[must_use]
    pub fn new(app: Arc<App>, settings: Settings) -> Arc<Self> {
        // On SQLite there is one process.
        let shared = (app.db.engine() == Engine::Postgres).then(|| app.db.clone());
        let limiter = RateLimiter::new(settings.rate_limit, shared);
        let log = match settings.api_logs {
            ApiLogs::Kept if !settings.without_storage => start_log(&app),
            _ => None,
        };
        let bodies = tokio::sync::Semaphore::new(pipeline::BODIES_KIBIBYTES_MAX);
        Arc::new(Self {
            app,
            limiter,
            public_url: settings.public_url.trim_end_matches('/').into(),
            downloads: files::room(),
            settings,
            log,
            bodies,
            requests: TaskTracker::new(),
            principals: Principals::default(),
            last_uses: LastUses::default(),
        })
    }

    /// Waits until the log holds every request that was answered before.
    pub async fn flush_log(&self) {
        if let Some(log) = &self.log {
            log.flush().await;
        }
    }
}

fn start_log(app: &App) -> Option<ApiLog> {
    ApiLog::start(app.db.clone())
        .inspect_err(|error| tracing::error!(%error, "API requests are not logged"))
        .ok()
}
