//! The HTTP API of Muster: operation table, pipeline, JSON:API.
//!
//! Every operation is one row of [`operations`], read by the router, the permission check and the
//! tests. Handlers translate; what all operations share (authentication, rate limit, versions,
//! inflection, idempotency, sparse fields) belongs to the pipeline.

pub mod address;
mod api_log;
mod call;
pub mod doc;
pub mod inflection;
pub mod json;
pub mod openapi;
mod operation;
mod operations;
mod payload;
mod pipeline;
mod problem;
pub mod query;
pub mod rate_limit;
mod reference;
mod resources;
mod server;
pub mod sparse;
pub mod versions;

use std::collections::HashMap;
use std::sync::Arc;

use muster_app::App;
use muster_app::keys::Principal;
use muster_domain::Timestamp;
use muster_store::Engine;
use parking_lot::RwLock;

pub use operation::{Operation, Run};
pub use operations::operations;
pub use server::{router, serve};

use api_log::ApiLog;
use rate_limit::RateLimiter;

/// How the API is to behave.
#[derive(Clone, Copy, Debug, Default)]
pub struct Settings {
    /// Requests per minute and environment; 0 = no limit.
    pub rate_limit: u32,
    /// Answers creations without storing anything: the ceiling that the benchmark measures against.
    /// Never set outside of it.
    pub without_storage: bool,
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

/// A key and when it was looked up.
type Seen = (Timestamp, Arc<Principal>);

/// The API of one running application.
pub struct Api {
    app: Arc<App>,
    settings: Settings,
    limiter: RateLimiter,
    /// None where requests are not logged.
    log: Option<ApiLog>,
    /// Room for bodies that are being worked on, in KiB.
    bodies: tokio::sync::Semaphore,
    /// Keys that were seen in the last second, by the hash of their secret.
    principals: RwLock<HashMap<Vec<u8>, Seen>>,
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
        Arc::new(Self { app, settings, limiter, log, bodies, principals: RwLock::default() })
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
