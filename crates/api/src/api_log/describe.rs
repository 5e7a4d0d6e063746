//! What an entry of the log tells of a request.

use std::borrow::Cow;

use axum::http::header;
use muster_app::api_logs::{self, Detail, NewApiLog, Params, filter};
use serde_json::Map;

use super::Exchange;
use crate::query;

/// Longest header that is kept, in bytes.
const HEADER_BYTES_MAX: usize = 512;

/// The entry of a request.
pub fn entry(exchange: &Exchange) -> NewApiLog<'_> {
    let subject = exchange.subject.as_ref();
    NewApiLog {
        id: &exchange.id,
        exchange: head(exchange),
        params: params(exchange, if subject.is_some() { Detail::Whole } else { Detail::Harmless }),
        subject,
    }
}

fn head(exchange: &Exchange) -> api_logs::Exchange<'_> {
    let incoming = &exchange.incoming;
    let header = |name: &header::HeaderName| {
        let text = incoming.headers.get(name)?.to_str().ok()?;
        // What is text in a header is ASCII.
        Some(text.get(..HEADER_BYTES_MAX).unwrap_or(text))
    };
    let of_key = exchange.principal.api_version.as_str();
    api_logs::Exchange {
        method: exchange.operation.method.as_str().into(),
        path: filter::path(exchange.operation.path, &incoming.path),
        accept: header(&header::ACCEPT).map(Cow::Borrowed),
        host: header(&header::HOST).map(Cow::Borrowed),
        version: match header(&header::HeaderName::from_static("persona-version")) {
            Some(own) => format!("{of_key}, {own}").into(),
            None => of_key.into(),
        },
        user_agent: header(&header::USER_AGENT).map(Cow::Borrowed),
        ip_address: incoming.address.to_string().into(),
        status: exchange.status,
        rate_limit: exchange.limit.map(|limit| [limit.limit, limit.remaining, limit.reset_seconds]),
    }
}

fn params(exchange: &Exchange, detail: Detail) -> Params<'_> {
    match &exchange.call {
        Some(call) => Params::of(&call.query.raw_pairs, &call.body, detail),
        None => {
            // What cannot be read is not worth keeping.
            let pairs = query::pairs(&exchange.incoming.raw_query).unwrap_or_default();
            Params::of(&pairs, &Map::new(), detail).into_owned()
        }
    }
}
