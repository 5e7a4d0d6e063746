//! What is left of the requests of this minute.

use serde::{Deserialize, Serialize};

use crate::call::Call;
use crate::client::Client;
use crate::endpoints as to;
use crate::error::Result;

/// How many requests the environment may send.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub struct RateLimit {
    /// How many in a minute.
    pub limit: u32,
    /// How many of them are left.
    pub remaining: u32,
    /// In how many seconds the minute is over.
    pub seconds_to_reset: u32,
}

/// What can be done with rate limits.
#[derive(Clone, Debug)]
pub struct RateLimits {
    client: Client,
}

impl RateLimits {
    pub(crate) fn new(client: Client) -> Self {
        Self { client }
    }

    /// Lists what is left of the requests of this minute. Asking counts as a request.
    ///
    /// # Errors
    /// Any [`crate::Error`].
    pub async fn list(&self) -> Result<Vec<RateLimit>> {
        self.client.send(Call::new(to::LIST_RATE_LIMITS)).await?.many()
    }
}
