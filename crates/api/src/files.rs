//! `GET /files/{name}?access_token=…`: the content of a file, for whoever holds a link to it.
//!
//! It stands beside the operation table: there is no API key, no version and no JSON:API in it.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use axum::body::{Body, Bytes};
use axum::extract::rejection::RawPathParamsRejection;
use axum::extract::{RawPathParams, RawQuery, State};
use axum::http::{HeaderMap, HeaderValue, Response, StatusCode, header};
use http_body_util::Full;
use muster_app::accounts::files::{OpenFile, open};
use muster_app::{Error, keys};
use muster_domain::field::{Display, extension};
use muster_store::files as rows;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::Api;
use crate::links::Link;
use crate::problem::{self, Refused};

/// Where files are had.
pub const PATH: &str = "/files/{name}";
/// Contents that are on their way at once, all together, in KiB.
const ROOM_KIBIBYTES: usize = 256 * 1024;
/// What is left as it is in `filename*` (RFC 8187).
const PLAIN: AsciiSet = NON_ALPHANUMERIC.remove(b'.').remove(b'-').remove(b'_');

/// Room for contents on their way.
pub fn room() -> Arc<Semaphore> {
    Arc::new(Semaphore::new(ROOM_KIBIBYTES))
}

/// Answers one request for a file.
pub async fn download(
    State(api): State<Arc<Api>>,
    params: Result<RawPathParams, RawPathParamsRejection>,
    RawQuery(query): RawQuery,
) -> Response<Body> {
    let name = params.ok().and_then(|all| all.iter().next().map(|(_, name)| name.to_owned()));
    let token = query.as_deref().and_then(access_token);
    let link = name.zip(token).and_then(|(name, token)| Link::parse(&name, &token));
    let Some(link) = link else { return refuse(&Refused::BadLink) };
    match find(&api, link).await {
        Ok((file, room)) => send(file, room),
        Err(Failed::Refused(refused)) => refuse(&refused),
        Err(Failed::Error(error)) => {
            if let Error::Internal(cause) = &error {
                tracing::error!(cause, "a file could not be opened");
            }
            respond(problem::reply(&error))
        }
    }
}

enum Failed {
    Refused(Refused),
    Error(Error),
}

impl<E: Into<Error>> From<E> for Failed {
    fn from(error: E) -> Self {
        Self::Error(error.into())
    }
}

fn access_token(query: &str) -> Option<String> {
    let value = query.split('&').find_map(|pair| pair.strip_prefix("access_token="))?;
    percent_decode_str(value).decode_utf8().ok().map(Into::into)
}

/// Reads and opens the file of a link that is right.
async fn find(api: &Arc<Api>, link: Link) -> Result<(OpenFile, OwnedSemaphorePermit), Failed> {
    let now = api.app.now();
    let master = Arc::clone(&api.app.master);
    let link = Arc::new(link);
    let reading = Arc::clone(&link);
    let found = api
        .app
        .db
        .read("files.find", move |tx| {
            // Whoever made the token up does not learn whether the environment exists.
            let environment = match keys::environment(tx, &master, &reading.environment) {
                Err(Error::NotFound) => return Ok(Err(Refused::BadLink)),
                environment => environment?,
            };
            if !reading.is_signed_by(&environment.index_key) {
                return Ok(Err(Refused::BadLink));
            }
            if reading.expires_at <= now {
                return Ok(Err(Refused::LinkExpired));
            }
            Ok::<_, Error>(rows::find(tx, &environment.id, &reading.file)?.ok_or(Refused::FileErased))
        })
        .await?;
    let sealed = found.map_err(Failed::Refused)?;
    let kibibytes = sealed.content.as_ref().map_or(0, Vec::len).div_ceil(1024);
    let room = Arc::clone(&api.downloads);
    let room = room.try_acquire_many_owned(u32::try_from(kibibytes).unwrap_or(u32::MAX));
    let room = room.map_err(|_| Error::Busy)?;
    let master = Arc::clone(&api.app.master);
    let opened =
        tokio::task::spawn_blocking(move || open(&sealed, &link.file, &link.environment, &master)).await;
    let opened = opened.map_err(|_| Error::bug("the opening of a file was cut off"))??;
    Ok((opened.ok_or(Failed::Refused(Refused::FileErased))?, room))
}

fn refuse(refused: &Refused) -> Response<Body> {
    respond(refused.reply())
}

fn respond(reply: muster_app::idempotency::Reply) -> Response<Body> {
    let mut response = Response::new(Body::from(reply.body));
    *response.status_mut() = StatusCode::from_u16(reply.status).unwrap_or_default();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json; charset=utf-8"));
    if reply.status == 503 {
        headers.insert(header::RETRY_AFTER, HeaderValue::from_static("1"));
    }
    protect(headers);
    response
}

fn send(file: OpenFile, room: OwnedSemaphorePermit) -> Response<Body> {
    let disposition = disposition(&file);
    let content_type = match file.mime_type.as_str() {
        text if text.starts_with("text/") => format!("{text}; charset=utf-8"),
        other => other.to_owned(),
    };
    let body = OnItsWay { content: Full::new(Bytes::from(file.bytes)), _room: room };
    let mut response = Response::new(Body::new(body));
    let headers = response.headers_mut();
    let unknown = HeaderValue::from_static("application/octet-stream");
    headers.insert(header::CONTENT_TYPE, HeaderValue::try_from(content_type).unwrap_or(unknown));
    if let Ok(disposition) = HeaderValue::try_from(disposition) {
        headers.insert(header::CONTENT_DISPOSITION, disposition);
    }
    protect(headers);
    response
}

/// Nobody keeps a copy, nothing in a file runs, and no page it links to learns the link.
fn protect(headers: &mut HeaderMap) {
    for (name, value) in [
        (header::CACHE_CONTROL, "private, no-store"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::CONTENT_SECURITY_POLICY, "sandbox; default-src 'none'"),
        (header::REFERRER_POLICY, "no-referrer"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
}

/// `inline` or `attachment`, with the name as it was given.
fn disposition(file: &OpenFile) -> String {
    let what = match Display::of(&file.mime_type) {
        Display::Inline => "inline",
        Display::Attachment => "attachment",
    };
    let name = utf8_percent_encode(&file.filename, &PLAIN);
    format!("{what}; filename=\"file.{}\"; filename*=UTF-8''{name}", extension(&file.mime_type))
}

/// A content that keeps its room until it was sent.
struct OnItsWay {
    content: Full<Bytes>,
    _room: OwnedSemaphorePermit,
}

impl http_body::Body for OnItsWay {
    type Data = Bytes;
    type Error = std::convert::Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<http_body::Frame<Bytes>, Self::Error>>> {
        Pin::new(&mut self.content).poll_frame(cx)
    }

    fn is_end_stream(&self) -> bool {
        self.content.is_end_stream()
    }

    fn size_hint(&self) -> http_body::SizeHint {
        self.content.size_hint()
    }
}
