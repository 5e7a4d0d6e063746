//! Doing what a server would do in the background.

#![expect(clippy::expect_used, reason = "a test whose jobs cannot be run has failed")]

use std::sync::Arc;

use crate::TestApp;

impl TestApp {
    /// Does all jobs that are due.
    pub async fn run_jobs(&self) {
        let app = Arc::clone(&self.app);
        let all = move || {
            while muster_app::jobs::run_due(&app, muster_app::jobs::Work::Any).expect("jobs can be run") > 0 {
            }
        };
        tokio::task::spawn_blocking(all).await.expect("no job panics");
    }
}
