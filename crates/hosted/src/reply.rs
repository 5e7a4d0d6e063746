//! Responses: pages with a strict policy, redirects, and pages for what went wrong.

use askama::DynTemplate;
use axum::body::Body;
use axum::http::{HeaderName, HeaderValue, Response, StatusCode, header};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use muster_app::inquiries::flow::Barred;

use crate::assets::ASSETS;
use crate::page::{Frame, MessagePage, Variant};
use crate::visitor::{Head, Trouble};
use crate::words::Words;

/// A random text that lets one page have rules of its own in it.
pub fn nonce() -> String {
    BASE64.encode(rand::random::<[u8; 16]>())
}

/// A page.
pub fn page(status: StatusCode, content: &dyn DynTemplate, nonce: &str) -> Response<Body> {
    let (status, text) = match content.dyn_render() {
        Ok(text) => (status, text),
        Err(error) => {
            tracing::error!(%error, "a page could not be written");
            (StatusCode::INTERNAL_SERVER_ERROR, String::new())
        }
    };
    let mut response = Response::new(Body::from(text));
    *response.status_mut() = status;
    let policy = format!(
        "default-src 'none'; style-src 'self' 'nonce-{nonce}'; script-src 'self'; img-src 'self' data: blob:; \
         form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    );
    let headers = response.headers_mut();
    if let Ok(policy) = HeaderValue::from_str(&policy) {
        headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
    protect(&mut response);
    response
}

/// Leads to another page.
pub fn redirect(to: &str) -> Response<Body> {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::SEE_OTHER;
    if let Ok(to) = HeaderValue::from_str(to) {
        response.headers_mut().insert(header::LOCATION, to);
    }
    protect(&mut response);
    response
}

/// Says nothing, to whoever only looks ahead.
pub fn nothing() -> Response<Body> {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::NO_CONTENT;
    protect(&mut response);
    response
}

/// Gives the browser a cookie.
pub fn with_cookie(mut response: Response<Body>, cookie: &str) -> Response<Body> {
    if let Ok(cookie) = HeaderValue::from_str(cookie) {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    response
}

fn protect(response: &mut Response<Body>) {
    let headers = response.headers_mut();
    let all = [
        (header::CACHE_CONTROL, "no-store"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::X_FRAME_OPTIONS, "DENY"),
        (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
        (HeaderName::from_static("permissions-policy"), "camera=(self), microphone=(), geolocation=()"),
    ];
    for (name, value) in all {
        headers.insert(name, HeaderValue::from_static(value));
    }
}

/// The page for what went wrong. It tells nothing about the inquiry.
pub fn trouble(head: &Head, trouble: &Trouble) -> Response<Body> {
    let words = head.words();
    if let Trouble::Broken(cause) = trouble {
        tracing::error!(cause, "a hosted page could not be shown");
    }
    let (status, title, text) = told(words, trouble);
    let mut paragraphs = vec![text.to_owned()];
    if let Trouble::BadLink(violations) = trouble {
        paragraphs = violations.iter().map(ToString::to_string).collect();
        paragraphs.push(words.missing_text.to_owned());
    }
    let frame = Frame { paragraphs, ..message_frame(words, title) };
    let nonce = frame.nonce.clone();
    let mut response = page(status, &MessagePage { frame, onward: None }, &nonce);
    if matches!(trouble, Trouble::Busy | Trouble::TooOften | Trouble::Barred(Barred::OpenedTooOften)) {
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("60"));
    }
    response
}

fn told(words: &'static Words, trouble: &Trouble) -> (StatusCode, &'static str, &'static str) {
    use StatusCode as S;
    match trouble {
        Trouble::Barred(Barred::SessionExpired | Barred::TooManySessions) => {
            (S::CONFLICT, words.session_title, words.session_text)
        }
        Trouble::Barred(Barred::Expired) => (S::GONE, words.expired_title, words.expired_text),
        Trouble::Barred(Barred::Finished) => (S::CONFLICT, words.finished_title, words.finished_text),
        Trouble::Barred(Barred::LinkUsed) => (S::GONE, words.code_used_title, words.code_used_text),
        Trouble::Barred(Barred::Inactive) => {
            (S::UNPROCESSABLE_ENTITY, words.inactive_title, words.inactive_text)
        }
        Trouble::Barred(Barred::Blocked) => (S::FORBIDDEN, words.inactive_title, words.inactive_text),
        Trouble::Barred(Barred::Missing) | Trouble::Missing => {
            (S::NOT_FOUND, words.missing_title, words.missing_text)
        }
        Trouble::BadLink(_) => (S::BAD_REQUEST, words.bad_link_title, words.missing_text),
        Trouble::Forged => (S::FORBIDDEN, words.forged_title, words.forged_text),
        Trouble::BadForm => (S::BAD_REQUEST, words.forged_title, words.forged_text),
        Trouble::TooLarge => (S::PAYLOAD_TOO_LARGE, words.too_large_title, words.forged_text),
        Trouble::TooOften | Trouble::Barred(Barred::OpenedTooOften) => {
            (S::TOO_MANY_REQUESTS, words.too_many_title, words.too_many_text)
        }
        Trouble::Busy => (S::SERVICE_UNAVAILABLE, words.too_many_title, words.too_many_text),
        Trouble::Broken(_) => (S::INTERNAL_SERVER_ERROR, words.broken_title, words.broken_text),
    }
}

/// What a page has that belongs to no inquiry.
pub fn message_frame(words: &'static Words, title: &str) -> Frame {
    Frame {
        words,
        lang: words.code.to_owned(),
        title: title.to_owned(),
        paragraphs: Vec::new(),
        variant: Variant::Auto,
        theme: String::new(),
        nonce: nonce(),
        assets: &ASSETS,
        progress: None,
        languages: Vec::new(),
        path: String::new(),
        csrf: String::new(),
        step: String::new(),
        turn: 0,
        faults: Vec::new(),
        notice: None,
        sandbox: None,
        can_leave: false,
    }
}
