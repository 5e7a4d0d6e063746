//! A server that has something outside: mail, text messages, providers.

use muster_api::Settings;
use muster_app::outside::Outside;

use crate::{TestApp, TestDb};

impl TestApp {
    /// Starts a server that has mail, text messages or providers outside.
    pub async fn start_outside(db: TestDb, outside: Outside) -> Self {
        Self::start_among(db, Settings::default(), outside).await
    }
}
