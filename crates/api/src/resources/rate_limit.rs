//! Rate limits on the wire (spec E.4). They have no ID.

use serde::Serialize;
use serde_json::{Value, json};

use crate::doc::{constant, described, object};
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

/// The schema of the resource object.
pub fn schema() -> Value {
    let whole = |about: &str| json!({ "type": "integer", "description": about });
    let attributes = json!({
        "limit": whole("Requests per minute."),
        "remaining": whole("Requests that are left in this minute."),
        "seconds-to-reset": whole("Seconds until the next minute begins."),
    });
    let attributes = object(&attributes, &["limit", "remaining", "seconds-to-reset"]);
    let members = json!({ "type": constant("rate-limit/api"), "attributes": attributes });
    described(object(&members, &["type", "attributes"]), "How many requests an environment may make.")
}
