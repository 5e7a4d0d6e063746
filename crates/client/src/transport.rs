//! Sending a request until there is an answer to it.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::header::{AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderValue};
use hyper::{Method, Request, Uri};
use hyper_util::client::legacy::Client as Http;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use serde_json::Value;

use crate::VERSION;
use crate::error::{Error, Refusal, Result};

/// How long a connection may take to come about.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// The wait before the second try, where the server does not want a longer one; it doubles with every try.
const WAIT_FIRST: Duration = Duration::from_millis(50);
/// The longest wait before a try, whatever the server wants.
const WAIT_MAX: Duration = Duration::from_secs(60);

pub(crate) type Observer = Arc<dyn Fn(&Exchange) + Send + Sync>;

/// One try to get an answer, and how it ended.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Exchange {
    /// The ID of the operation, as the OpenAPI document has it; none for requests that were written by hand.
    pub operation: Option<&'static str>,
    /// Which try it is, from 1.
    pub attempt: u32,
    /// HTTP status; none when there was no reply.
    pub status: Option<u16>,
    /// The `Request-Id` of the reply, if it has one.
    pub request_id: Option<String>,
    /// How long it took.
    pub took: Duration,
}

/// The content type of JSON.
pub(crate) const JSON: &str = "application/json";
/// The content type of bytes as they are.
pub(crate) const BYTES: &str = "application/octet-stream";

/// A request as it goes out, as often as it must.
pub(crate) struct Outgoing {
    pub operation: Option<&'static str>,
    pub method: Method,
    pub place: Place,
    pub body: Bytes,
    /// What the body is.
    pub content_type: &'static str,
    pub idempotency_key: Option<HeaderValue>,
}

/// Where a request goes.
pub(crate) enum Place {
    /// Below the base URL: a path with its query. The API key goes with it.
    Api(String),
    /// A link that needs no API key.
    Link(String),
}

/// A reply that is no refusal.
pub(crate) struct Answer {
    pub status: u16,
    pub request_id: Option<String>,
    pub body: Value,
}

/// A reply as it came.
struct Incoming {
    status: u16,
    headers: HeaderMap,
    bytes: Bytes,
}

pub(crate) struct Transport {
    http: Http<HttpConnector, Full<Bytes>>,
    pub base_url: String,
    authorization: HeaderValue,
    timeout: Duration,
    tries_max: u32,
    observer: Option<Observer>,
}

impl Transport {
    pub fn new(
        base_url: String,
        authorization: &str,
        (timeout, tries_max): (Duration, u32),
        observer: Option<Observer>,
    ) -> Result<Self> {
        let uri: Option<Uri> = base_url.parse().ok();
        let authority = uri.as_ref().and_then(Uri::authority);
        if authority.is_none_or(|authority| authority.as_str().contains('@')) || base_url.contains('?') {
            return Err(Error::Unusable("the address is not a URL such as http://127.0.0.1:8080/api/v1"));
        }
        let mut authorization = HeaderValue::from_str(authorization)
            .map_err(|_| Error::Unusable("the API key has characters that no key has"))?;
        authorization.set_sensitive(true);
        let mut connector = HttpConnector::new();
        connector.set_nodelay(true);
        connector.set_connect_timeout(Some(CONNECT_TIMEOUT));
        let http = Http::builder(TokioExecutor::new()).build(connector);
        Ok(Self { http, base_url, authorization, timeout, tries_max, observer })
    }

    /// Sends until there is a reply that is neither 429 nor 503, or no more try is left.
    pub async fn send(&self, outgoing: &Outgoing) -> Result<Answer> {
        answer(self.persist(outgoing).await?)
    }

    /// As [`Self::send`], for what is not JSON.
    pub async fn fetch(&self, outgoing: &Outgoing) -> Result<Bytes> {
        let incoming = self.persist(outgoing).await?;
        match incoming.status {
            200 => Ok(incoming.bytes),
            _ => answer(incoming).and_then(|answer| {
                let Answer { status, request_id, .. } = answer;
                Err(Error::Unexpected { status, request_id, what: "that is no file".to_owned() })
            }),
        }
    }

    async fn persist(&self, outgoing: &Outgoing) -> Result<Incoming> {
        let mut attempt = 1;
        loop {
            let end = self.observed(outgoing, attempt).await;
            let is_last = attempt >= self.tries_max;
            let wait = match &end {
                Ok(incoming) if matches!(incoming.status, 429 | 503) => wanted_wait(&incoming.headers),
                // Every request can be sent twice: it reads, says what is to be, or has an idempotency key.
                Err(Error::Interrupted | Error::TimedOut) => Duration::ZERO,
                _ => return end,
            };
            if is_last {
                return end;
            }
            let least = WAIT_FIRST.saturating_mul(1 << (attempt - 1).min(16));
            tokio::time::sleep(wait.max(least).min(WAIT_MAX)).await;
            attempt += 1;
        }
    }

    async fn observed(&self, outgoing: &Outgoing, attempt: u32) -> Result<Incoming> {
        let started = tokio::time::Instant::now();
        let end = match tokio::time::timeout(self.timeout, self.once(outgoing)).await {
            Ok(end) => end,
            Err(_) => Err(Error::TimedOut),
        };
        if let Some(observer) = &self.observer {
            observer(&Exchange {
                operation: outgoing.operation,
                attempt,
                status: end.as_ref().ok().map(|incoming| incoming.status),
                request_id: end.as_ref().ok().and_then(|incoming| request_id(&incoming.headers)),
                took: started.elapsed(),
            });
        }
        end
    }

    async fn once(&self, outgoing: &Outgoing) -> Result<Incoming> {
        let mut request = Request::builder()
            .method(outgoing.method.clone())
            .header("user-agent", concat!("muster-client/", env!("CARGO_PKG_VERSION")));
        request = match &outgoing.place {
            Place::Link(url) => request.uri(url),
            Place::Api(path) => request
                .uri(format!("{}{path}", self.base_url))
                .header(AUTHORIZATION, self.authorization.clone())
                .header("persona-version", VERSION)
                .header("key-inflection", "kebab"),
        };
        if !outgoing.body.is_empty() {
            request = request.header(CONTENT_TYPE, outgoing.content_type);
        }
        if let Some(key) = &outgoing.idempotency_key {
            request = request.header("idempotency-key", key.clone());
        }
        let request = request
            .body(Full::new(outgoing.body.clone()))
            .map_err(|_| Error::Unusable("the path has characters that no path has"))?;
        let reply = self.http.request(request).await.map_err(|error| match error.is_connect() {
            true => Error::Unreachable(match &outgoing.place {
                Place::Api(_) => self.base_url.clone(),
                Place::Link(_) => "the address of the link".to_owned(),
            }),
            false => Error::Interrupted,
        })?;
        let (head, body) = reply.into_parts();
        let bytes = body.collect().await.map_err(|_| Error::Interrupted)?.to_bytes();
        Ok(Incoming { status: head.status.as_u16(), headers: head.headers, bytes })
    }
}

/// How long the server wants its clients to wait.
fn wanted_wait(headers: &HeaderMap) -> Duration {
    let seconds = |name: &str| headers.get(name)?.to_str().ok()?.trim().parse::<u64>().ok();
    let wanted = seconds("retry-after").or_else(|| seconds("ratelimit-reset"));
    Duration::from_secs(wanted.unwrap_or(1))
}

fn request_id(headers: &HeaderMap) -> Option<String> {
    headers.get("request-id").and_then(|id| id.to_str().ok()).map(str::to_owned)
}

fn answer(incoming: Incoming) -> Result<Answer> {
    let Incoming { status, headers, bytes } = incoming;
    let request_id = request_id(&headers);
    let body = serde_json::from_slice::<Value>(&bytes);
    match status {
        200..=299 => match body {
            Ok(body) => Ok(Answer { status, request_id, body }),
            Err(_) => Err(Error::Unexpected { status, request_id, what: "its reply is not JSON".to_owned() }),
        },
        400.. => Err(Error::Refused(Refusal::new(status, &body.unwrap_or_default(), request_id))),
        _ => Err(Error::Unexpected { status, request_id, what: "that is no status of this API".to_owned() }),
    }
}
