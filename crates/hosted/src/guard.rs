//! Forms that did not come from their page, and addresses that come too often.

use std::collections::{HashMap, HashSet};
use std::net::IpAddr;
use std::time::Duration;

use axum::http::HeaderMap;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use muster_app::EnvironmentContext;
use muster_domain::{InquirySessionId, Timestamp};
use parking_lot::Mutex;

const WINDOW: Duration = Duration::from_mins(1);
/// Addresses that are remembered at the most.
const ADDRESSES_MAX: usize = 100_000;

/// Counts how often addresses come in.
pub struct Entries {
    limit: u32,
    windows: Mutex<HashMap<IpAddr, (Timestamp, u32)>>,
}

impl Entries {
    /// A limit per minute and address; 0 = none.
    pub fn new(limit: u32) -> Self {
        Self { limit, windows: Mutex::default() }
    }

    /// Counts one more; false when that is too many.
    pub fn admit(&self, address: IpAddr, now: Timestamp) -> bool {
        if self.limit == 0 {
            return true;
        }
        let mut windows = self.windows.lock();
        if windows.len() >= ADDRESSES_MAX {
            windows.retain(|_, (opened, _)| now < *opened + WINDOW);
        }
        let window = windows.entry(network(address)).or_insert((now, 0));
        if now >= window.0 + WINDOW || now < window.0 {
            *window = (now, 0);
        }
        window.1 = window.1.saturating_add(1);
        window.1 <= self.limit
    }
}

/// Sessions that are sending files: each sends one form at a time.
#[derive(Default)]
pub struct Uploads(Mutex<HashSet<InquirySessionId>>);

/// A form with files that is on its way.
pub struct Upload<'u> {
    all: &'u Uploads,
    session: InquirySessionId,
}

impl Uploads {
    /// Begins one, until what is returned is dropped; none while the session sends another.
    pub fn begin(&self, session: &InquirySessionId) -> Option<Upload<'_>> {
        let is_first = self.0.lock().insert(session.clone());
        is_first.then(|| Upload { all: self, session: session.clone() })
    }
}

impl Drop for Upload<'_> {
    fn drop(&mut self) {
        self.all.0.lock().remove(&self.session);
    }
}

/// Whoever has an address of IPv6 has 2⁶⁴ of them.
fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V4(address) => IpAddr::V4(address),
        IpAddr::V6(address) => IpAddr::V6((u128::from(address) & !u128::from(u64::MAX)).into()),
    }
}

/// What a form of a session carries: only its own page knows it.
pub fn form_token(environment: &EnvironmentContext, session: &InquirySessionId) -> String {
    let mac = environment.index_key.token_key().sign(format!("form/{session}").as_bytes());
    BASE64.encode(&mac[..18])
}

/// Whether a form carries what its page gave it.
pub fn is_form_token(environment: &EnvironmentContext, session: &InquirySessionId, token: &str) -> bool {
    let known = form_token(environment, session);
    // Signed again, so that the time of the comparison tells nothing.
    let key = environment.index_key.token_key();
    key.is_signature(&key.sign(token.as_bytes()), known.as_bytes())
}

/// Whether a browser says that a form was sent from another site.
pub fn is_from_elsewhere(headers: &HeaderMap) -> bool {
    let site = headers.get("sec-fetch-site").and_then(|value| value.to_str().ok());
    site.is_some_and(|site| site != "same-origin" && site != "none")
}

/// Whether a browser only looks ahead: it must not use up anything.
pub fn is_prefetch(headers: &HeaderMap) -> bool {
    ["sec-purpose", "purpose", "x-moz"].iter().any(|name| {
        let value = headers.get(*name).and_then(|value| value.to_str().ok());
        value.is_some_and(|value| value.contains("prefetch") || value.contains("preview"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_may_come_so_often_within_a_minute() {
        let entries = Entries::new(2);
        let at = |seconds: i64| Timestamp::from_micros(seconds * 1_000_000);
        let one: IpAddr = "2001:db8::1".parse().unwrap();
        let neighbour: IpAddr = "2001:db8::2".parse().unwrap();
        let other: IpAddr = "203.0.113.9".parse().unwrap();
        assert!(entries.admit(one, at(0)) && entries.admit(neighbour, at(1)));
        assert!(!entries.admit(one, at(2)));
        assert!(entries.admit(other, at(2)));
        assert!(entries.admit(one, at(61)));
    }

    #[test]
    fn a_session_sends_one_form_with_files_at_a_time() {
        let uploads = Uploads::default();
        let session = |name: &str| InquirySessionId::trusted(format!("iqse_{name}"));
        let first = uploads.begin(&session("a"));
        assert!(first.is_some() && uploads.begin(&session("a")).is_none());
        assert!(uploads.begin(&session("b")).is_some());
        drop(first);
        assert!(uploads.begin(&session("a")).is_some());
    }
}
