//! A small client of the API.

use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::{Method, Request, Uri, header};
use hyper_util::client::legacy::Client as Http;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use serde_json::Value;

use crate::output::{Failure, fail};

/// Times a request is sent again after 429 or 503.
const TRIES_MAX: u32 = 20;

/// A client with one API key.
pub struct Client {
    http: Http<HttpConnector, Full<Bytes>>,
    base_url: String,
    authorization: String,
}

/// A reply.
pub struct Reply {
    /// HTTP status.
    pub status: u16,
    /// The body.
    pub json: Value,
}

impl Reply {
    /// What the server says is wrong.
    pub fn problem(&self) -> String {
        let texts = self.json.get("errors").and_then(Value::as_array).into_iter().flatten().map(|error| {
            let member = |key: &str| error.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
            format!("{} {}", member("title"), member("details")).trim().to_owned()
        });
        texts.collect::<Vec<_>>().join("; ")
    }
}

impl Client {
    /// A client of the API at `base_url`.
    ///
    /// # Errors
    /// When the URL is not one that it can use.
    pub fn new(base_url: &str, api_key: &str) -> Result<Self, Failure> {
        if !base_url.starts_with("http://") {
            return fail("--base-url must start with http:// (put a TLS proxy in front for other machines)");
        }
        let mut connector = HttpConnector::new();
        connector.set_nodelay(true);
        Ok(Self {
            http: Http::builder(TokioExecutor::new()).build(connector),
            base_url: base_url.trim_end_matches('/').to_owned(),
            authorization: format!("Bearer {api_key}"),
        })
    }

    /// Gets a path.
    ///
    /// # Errors
    /// When no server answers.
    pub async fn get(&self, path: &str) -> Result<Reply, Failure> {
        self.send(Method::GET, path, Bytes::new()).await
    }

    /// Posts a body to a path.
    ///
    /// # Errors
    /// When no server answers.
    pub async fn post(&self, path: &str, body: &Value) -> Result<Reply, Failure> {
        self.send(Method::POST, path, Bytes::from(body.to_string())).await
    }

    /// Sends until the answer is neither 429 nor 503, waiting as the server says.
    async fn send(&self, method: Method, path: &str, body: Bytes) -> Result<Reply, Failure> {
        let uri: Uri = format!("{}{path}", self.base_url)
            .parse()
            .map_err(|_| Failure("--base-url is not a URL".into()))?;
        for attempt in 1.. {
            let request = Request::builder()
                .method(method.clone())
                .uri(uri.clone())
                .header(header::AUTHORIZATION, &self.authorization)
                .header(header::CONTENT_TYPE, "application/json")
                .body(Full::new(body.clone()))
                .map_err(|_| Failure("the API key has characters that no key has".into()))?;
            let reply = self
                .http
                .request(request)
                .await
                .map_err(|_| Failure(format!("no server answers at {}", self.base_url)))?;
            let status = reply.status().as_u16();
            let seconds = |name: &str| reply.headers().get(name)?.to_str().ok()?.parse::<u64>().ok();
            let wait = seconds("retry-after").or_else(|| seconds("ratelimit-reset")).unwrap_or(1);
            let bytes =
                reply.into_body().collect().await.map_err(|error| Failure(error.to_string()))?.to_bytes();
            if !matches!(status, 429 | 503) || attempt == TRIES_MAX {
                let json = serde_json::from_slice(&bytes).unwrap_or_default();
                return Ok(Reply { status, json });
            }
            tokio::time::sleep(Duration::from_secs(wait.clamp(1, 60))).await;
        }
        fail("the server is too busy")
    }
}
