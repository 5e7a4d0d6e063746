//! Entries of the log of API requests on the wire (spec E.2).

use muster_app::api_logs::ApiLog;
use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::doc::{described, instant, nullable, object, resource};

/// What is shown instead of a secret.
const MASKED: &str = "****-****-************";

/// The resource object of an entry.
#[derive(Serialize)]
pub struct ApiLogResource<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    id: &'a str,
    attributes: Attributes<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct Attributes<'a> {
    request: Request<'a>,
    response: Response<'a>,
    created_at: String,
    redacted_at: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct Request<'a> {
    method: &'a str,
    path: &'a str,
    headers: RequestHeaders<'a>,
    get_params: &'a Map<String, Value>,
    post_params: &'a Map<String, Value>,
    ip_address: &'a str,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct RequestHeaders<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    accept: Option<&'a str>,
    authorization: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    host: Option<&'a str>,
    #[serde(rename = "Persona-Version")]
    persona_version: &'a str,
    #[serde(rename = "User-Agent", skip_serializing_if = "Option::is_none")]
    user_agent: Option<&'a str>,
}

#[derive(Serialize)]
struct Response<'a> {
    status: u16,
    headers: ResponseHeaders<'a>,
}

/// What every reply has is not stored, but shown as it was sent.
#[derive(Serialize)]
struct ResponseHeaders<'a> {
    #[serde(rename = "Cache-Control")]
    cache_control: &'static str,
    #[serde(rename = "Content-Type")]
    content_type: &'static str,
    #[serde(rename = "RateLimit-Limit", skip_serializing_if = "Option::is_none")]
    rate_limit_limit: Option<u32>,
    #[serde(rename = "RateLimit-Remaining", skip_serializing_if = "Option::is_none")]
    rate_limit_remaining: Option<u32>,
    #[serde(rename = "RateLimit-Reset", skip_serializing_if = "Option::is_none")]
    rate_limit_reset: Option<u32>,
    #[serde(rename = "Request-Id")]
    request_id: &'a str,
    #[serde(rename = "Vary")]
    vary: &'static str,
}

impl<'a> ApiLogResource<'a> {
    /// Shows an entry.
    pub fn new(log: &'a ApiLog) -> Self {
        let exchange = &log.exchange;
        let limit = exchange.rate_limit;
        let headers = ResponseHeaders {
            cache_control: crate::pipeline::CACHE_CONTROL,
            content_type: crate::pipeline::CONTENT_TYPE,
            rate_limit_limit: limit.map(|[limit, _, _]| limit),
            rate_limit_remaining: limit.map(|[_, remaining, _]| remaining),
            rate_limit_reset: limit.map(|[_, _, reset]| reset),
            request_id: log.id.as_str(),
            vary: crate::pipeline::VARY,
        };
        let request = Request {
            method: &exchange.method,
            path: &exchange.path,
            headers: RequestHeaders {
                accept: exchange.accept.as_deref(),
                authorization: MASKED,
                host: exchange.host.as_deref(),
                persona_version: &exchange.version,
                user_agent: exchange.user_agent.as_deref(),
            },
            get_params: &log.params.get,
            post_params: &log.params.post,
            ip_address: &exchange.ip_address,
        };
        Self {
            kind: "api-log",
            id: log.id.as_str(),
            attributes: Attributes {
                request,
                response: Response { status: exchange.status, headers },
                // Clients may compare it as text: of all timestamps, this one has an offset (spec G-36).
                created_at: log.created_at.to_rfc3339_millis().replace('Z', "+00:00"),
                redacted_at: log.redacted_at.map(muster_domain::Timestamp::to_rfc3339_millis),
            },
        }
    }
}

/// The schema of the resource object.
pub fn schema() -> Value {
    let text = || json!({ "type": "string" });
    let whole = || json!({ "type": "integer" });
    let params = |about: &str| json!({ "type": "object", "description": about });
    let asked = json!({
        "Accept": text(), "Authorization": described(text(), "Masked."), "Host": text(),
        "Persona-Version": described(text(), "That of the key; after a comma, the one the request named."),
        "User-Agent": text(),
    });
    let request = json!({
        "method": text(), "path": text(),
        "headers": object(&asked, &["Authorization", "Persona-Version"]),
        "get-params": params("Parameters of the query; what is personal stands as [FILTERED]."),
        "post-params": params("The body; what is personal is shown while its account is not redacted, and to keys without a blocklist alone."),
        "ip-address": text(),
    });
    let answered = json!({
        "Cache-Control": text(), "Content-Type": text(), "RateLimit-Limit": whole(), "RateLimit-Remaining": whole(),
        "RateLimit-Reset": whole(), "Request-Id": text(), "Vary": text(),
    });
    let response = json!({
        "status": whole(),
        "headers": object(&answered, &["Cache-Control", "Content-Type", "Request-Id", "Vary"]),
    });
    let attributes = json!({
        "request": object(&request, &["method", "path", "headers", "get-params", "post-params", "ip-address"]),
        "response": object(&response, &["status", "headers"]),
        "created-at": described(instant(), "With the offset +00:00."),
        "redacted-at": described(nullable(instant()), "When the account that it tells of was redacted."),
    });
    let attributes = object(&attributes, &["request", "response", "created-at", "redacted-at"]);
    described(
        resource("api-log", "req_", &attributes, &json!({})),
        "A request to the API and how it was answered.",
    )
}
