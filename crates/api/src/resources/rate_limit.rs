//! Rate limits on the wire (spec E.4). They have no ID.

use serde::Serialize;

use crate::rate_limit::Decision;

/// The resource object of a rate limit.
#[derive(Serialize)]
pub struct RateLimitResource {
    #[serde(rename = "type")]
    kind: &'static str,
    attributes: Attributes,
}

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct Attributes {
    limit: u32,
    remaining: u32,
    seconds_to_reset: u32,
}

impl RateLimitResource {
    /// Shows the limit of requests, as it is after a request.
    pub fn new(decision: Decision) -> Self {
        let Decision { limit, remaining, reset_seconds, .. } = decision;
        Self {
            kind: "rate-limit/api",
            attributes: Attributes { limit, remaining, seconds_to_reset: reset_seconds },
        }
    }
}
