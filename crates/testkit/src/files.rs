//! Following the links to files that replies have.

#![expect(clippy::expect_used, reason = "a test that follows another link has failed")]

use hyper::Method;

use crate::{Reply, TestApp};

/// What links to files begin with: a name, as behind a proxy.
pub const PUBLIC_URL: &str = "https://muster.example";

impl TestApp {
    /// Follows a link to a file, as whoever holds it: without a key.
    pub async fn follow(&self, url: &str) -> Reply {
        let path = url.strip_prefix(PUBLIC_URL).expect("a link to this server");
        self.request(Method::GET, path).authorization(None).send().await
    }
}
