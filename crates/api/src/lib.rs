//! The HTTP API of Muster: operation table, pipeline, JSON:API.
//!
//! Every operation is one row of [`operations`], read by the router, the permission check and the
//! tests. Handlers translate; what all operations share (authentication, rate limit, versions,
//! inflection, idempotency, sparse fields) belongs to the pipeline.

pub mod address;
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
use parking_lot::RwLock;

pub use operation::{Operation, Run};
pub use operations::operations;
pub use server::{router, serve};

use rate_limit::RateLimiter;

/// How the API is to behave.
#[derive(Clone, Copy, Debug)]
pub struct Settings {
    /// Requests per minute and environment; 0 = no limit.
    pub rate_limit: u32,
    /// Answers creations without storing anything: the ceiling that the benchmark measures against.
    /// Never set outside of it.
    pub without_storage: bool,
}

/// A key and when it was looked up.
type Seen = (Timestamp, Arc<Principal>);

/// The API of one running application.
pub struct Api {
    app: Arc<App>,
    settings: Settings,
    limiter: RateLimiter,
    /// Room for bodies that are being worked on, in KiB.
    bodies: tokio::sync::Semaphore,
    /// Keys that were seen in the last second, by the hash of their secret.
    principals: RwLock<HashMap<Vec<u8>, Seen>>,
}

impl Api {
    /// Puts an API on top of an application.
    #[must_use]
    pub fn new(app: Arc<App>, settings: Settings) -> Arc<Self> {
        let limiter = RateLimiter::new(settings.rate_limit);
        let bodies = tokio::sync::Semaphore::new(pipeline::BODIES_KIBIBYTES_MAX);
        Arc::new(Self { app, settings, limiter, bodies, principals: RwLock::default() })
    }
}
