//! What an entry of the log tells of a request.

use std::borrow::Cow;
use std::sync::Arc;

use axum::http::header;
use muster_app::Result;
use muster_app::api_logs::{self, Body, Framed, NewApiLog, filter};
use muster_app::idempotency::Subject;
use muster_app::keys::Principal;
use muster_domain::{RequestId, Timestamp};

use crate::call::Call;
use crate::multipart;
use crate::operation::{Operation, Uploads};
use crate::pipeline::Incoming;
use crate::query;
use crate::rate_limit::Decision;

/// Longest header that is kept, in bytes.
const HEADER_BYTES_MAX: usize = 512;

/// A request that was answered.
pub struct Exchange<'a> {
    /// The ID of the request.
    pub id: &'a RequestId,
    /// When it came.
    pub at: Timestamp,
    /// The operation it asked for.
    pub operation: &'static Operation,
    /// Its head.
    pub incoming: &'a Incoming,
    /// Whose key it came with.
    pub principal: &'a Arc<Principal>,
    /// What was read of it; none where it was refused before that.
    pub call: Option<&'a Call>,
    /// Its body as it came.
    pub raw_body: &'a [u8],
    /// Whose personal data is in it, if it is known.
    pub subject: Option<&'a Subject>,
    /// HTTP status of the reply.
    pub status: u16,
    /// What the reply told of the rate limit.
    pub limit: Option<Decision>,
}

impl Exchange<'_> {
    /// The entry of the request.
    ///
    /// # Errors
    /// None that a caller could cause.
    pub fn frame(&self) -> Result<Framed> {
        // What cannot be read is not worth keeping.
        let unread = match self.call {
            None => query::pairs(&self.incoming.raw_query).unwrap_or_default(),
            Some(_) => Vec::new(),
        };
        let log = NewApiLog {
            id: self.id,
            exchange: self.head(),
            query: self.call.map_or(&unread, |call| &call.query.raw_pairs),
            body: self.call.map(|call| Body { members: &call.body, raw: self.raw_json() }),
            subject: self.subject,
        };
        Framed::new(&self.principal.environment, self.at, &log)
    }

    /// Its body, unless that was a form or a piece of a file.
    fn raw_json(&self) -> Option<&[u8]> {
        let content_type = self.incoming.headers.get(header::CONTENT_TYPE);
        let content_type = content_type.and_then(|value| value.to_str().ok()).unwrap_or_default();
        let is_json = self.operation.uploads != Uploads::Piece && !multipart::is_multipart(content_type);
        is_json.then_some(self.raw_body)
    }

    fn head(&self) -> api_logs::Exchange<'_> {
        let incoming = self.incoming;
        let header = |name: &header::HeaderName| {
            let text = incoming.headers.get(name)?.to_str().ok()?;
            // What is text in a header is ASCII.
            Some(text.get(..HEADER_BYTES_MAX).unwrap_or(text))
        };
        let of_key = self.principal.api_version.as_str();
        api_logs::Exchange {
            method: self.operation.method.as_str().into(),
            path: filter::path(self.operation.path, &incoming.path),
            accept: header(&header::ACCEPT).map(Cow::Borrowed),
            host: header(&header::HOST).map(Cow::Borrowed),
            version: match header(&header::HeaderName::from_static("persona-version")) {
                Some(own) => format!("{of_key}, {own}").into(),
                None => of_key.into(),
            },
            user_agent: header(&header::USER_AGENT).map(Cow::Borrowed),
            ip_address: incoming.address.to_string().into(),
            status: self.status,
            rate_limit: self.limit.map(|limit| [limit.limit, limit.remaining, limit.reset_seconds]),
        }
    }
}
