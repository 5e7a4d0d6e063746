//! Lifetimes of inquiries, and where a person may be sent afterwards.

use serde::{Deserialize, Serialize};

use crate::violation::Violation;

const DAY_SECONDS: u32 = 86_400;
/// The longest lifetime that can be set.
const LIFETIME_SECONDS_MAX: u32 = 365 * DAY_SECONDS;
/// The shortest one: a minute.
const LIFETIME_SECONDS_MIN: u32 = 60;
/// The most sessions that can be allowed.
const SESSIONS_MAX_MAX: u32 = 1000;
/// Most hosts or schemes in a list.
pub(super) const HOSTS_MAX: usize = 100;
/// Schemes that run something or read local files; a redirect never leads there.
const SCHEMES_REFUSED: [&str; 7] = ["javascript", "data", "vbscript", "file", "blob", "about", "view-source"];

/// What the flow of a version allows, and for how long.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct Settings {
    /// How long a new inquiry can be used.
    pub expire_after_create_seconds: u32,
    /// How long it can be used once it is started; nothing leaves the end where it was.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expire_after_start_seconds: Option<u32>,
    /// How long it can be used once it is resumed.
    pub expire_after_resume_seconds: u32,
    /// How long a link that leads to another device can be used.
    pub handoff_link_seconds: u32,
    /// How many sessions an inquiry can have.
    pub sessions_max: u32,
    /// Whether the attempt to open one more makes the inquiry expire.
    pub expire_on_session_limit: bool,
    /// Whether a link with the ID of the template makes no inquiry.
    pub block_client_creation: bool,
    /// Where a person goes on at the end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub redirect_uri: Option<String>,
    /// The hosts a redirect may lead to, on any port where none is named; none at all trusts the template and the API, but no link.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub redirect_hosts: Vec<String>,
    /// The schemes a redirect may have; none at all means `http` and `https`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub redirect_schemes: Vec<String>,
    /// Whether a redirect carries the values of fields.
    pub redirect_fields: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            expire_after_create_seconds: DAY_SECONDS,
            expire_after_start_seconds: None,
            expire_after_resume_seconds: DAY_SECONDS,
            handoff_link_seconds: 3600,
            sessions_max: 25,
            expire_on_session_limit: false,
            block_client_creation: false,
            redirect_uri: None,
            redirect_hosts: Vec::new(),
            redirect_schemes: Vec::new(),
            redirect_fields: false,
        }
    }
}

/// Who says where a redirect leads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RedirectSource {
    /// A link that a person followed: anyone may have written it.
    Link,
    /// A request with an API key, or the template itself.
    Trusted,
}

impl Settings {
    pub(super) fn is_default(&self) -> bool {
        *self == Self::default()
    }

    /// What is wrong with a redirect, if anything.
    #[must_use]
    pub fn redirect_fault(&self, uri: &str, source: RedirectSource) -> Option<String> {
        let Some((scheme, host)) = scheme_and_host(uri) else {
            return Some("must be an absolute address like https://example.com/done".to_owned());
        };
        let is_web = scheme == "http" || scheme == "https";
        let allowed = if self.redirect_schemes.is_empty() {
            is_web
        } else {
            self.redirect_schemes.iter().any(|known| known.eq_ignore_ascii_case(&scheme))
        };
        if !allowed || SCHEMES_REFUSED.contains(&scheme.as_str()) {
            let known = if self.redirect_schemes.is_empty() {
                "http or https".to_owned()
            } else {
                self.redirect_schemes.join(", ")
            };
            return Some(format!("must have one of the schemes that the template allows: {known}"));
        }
        if !is_web {
            return None;
        }
        if host.is_empty() {
            return Some("must name a host, like https://example.com/done".to_owned());
        }
        let name = host.split_once(':').map_or(host.as_str(), |(name, _)| name);
        let is_it =
            |known: &String| known.eq_ignore_ascii_case(if known.contains(':') { &host } else { name });
        let listed = self.redirect_hosts.iter().any(is_it);
        if listed || (self.redirect_hosts.is_empty() && source == RedirectSource::Trusted) {
            return None;
        }
        Some("must lead to one of the hosts that the template allows (settings.redirect-hosts)".to_owned())
    }

    pub(super) fn faults(&self) -> Vec<Violation> {
        let mut faults = Vec::new();
        let lifetimes = [
            ("expire-after-create-seconds", Some(self.expire_after_create_seconds)),
            ("expire-after-start-seconds", self.expire_after_start_seconds),
            ("expire-after-resume-seconds", Some(self.expire_after_resume_seconds)),
            ("handoff-link-seconds", Some(self.handoff_link_seconds)),
        ];
        for (name, seconds) in lifetimes {
            if seconds
                .is_some_and(|seconds| !(LIFETIME_SECONDS_MIN..=LIFETIME_SECONDS_MAX).contains(&seconds))
            {
                let message =
                    format!("must be from {LIFETIME_SECONDS_MIN} to {LIFETIME_SECONDS_MAX} seconds");
                faults.push(Violation::new(["settings", name], message));
            }
        }
        if !(1..=SESSIONS_MAX_MAX).contains(&self.sessions_max) {
            let message = format!("must be from 1 to {SESSIONS_MAX_MAX}");
            faults.push(Violation::new(["settings", "sessions-max"], message));
        }
        let uri = self.redirect_uri.as_deref();
        if let Some(message) = uri.and_then(|uri| self.redirect_fault(uri, RedirectSource::Trusted)) {
            faults.push(Violation::new(["settings", "redirect-uri"], message));
        }
        faults.extend(host_faults(&["settings", "redirect-hosts"], &self.redirect_hosts));
        for (index, scheme) in self.redirect_schemes.iter().enumerate() {
            if !is_scheme(scheme) || SCHEMES_REFUSED.contains(&scheme.to_ascii_lowercase().as_str()) {
                let message = "must be a scheme like https or myapp, without ://";
                faults.push(Violation::new(["settings", "redirect-schemes", &index.to_string()], message));
            }
        }
        faults
    }
}

/// Finds entries of a list that are no names of hosts.
pub(super) fn host_faults(path: &[&str], hosts: &[String]) -> Vec<Violation> {
    let mut faults = Vec::new();
    if hosts.len() > HOSTS_MAX {
        faults.push(Violation::new(path.iter().copied(), format!("must have at most {HOSTS_MAX} entries")));
    }
    for (index, host) in hosts.iter().enumerate() {
        let name = host.split_once(':').map_or(host.as_str(), |(name, _)| name);
        let port = host.split_once(':').map(|(_, port)| port);
        let is_label = |label: &str| {
            (1..=63).contains(&label.len())
                && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
        };
        let is_right = name.len() <= 253
            && name.split('.').all(is_label)
            && port.is_none_or(|port| port.parse::<u16>().is_ok());
        if !is_right {
            let index = index.to_string();
            let place = path.iter().copied().chain([index.as_str()]);
            faults.push(Violation::new(place, "must be a host like app.example.com, without https://"));
        }
    }
    faults
}

fn is_scheme(text: &str) -> bool {
    let mut bytes = text.bytes();
    bytes.next().is_some_and(|first| first.is_ascii_alphabetic())
        && bytes.all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'.'))
        && text.len() <= 63
}

/// The scheme and the host (with its port, if one is given) of an address, in small letters.
///
/// Whatever browsers and parsers may read differently is no address: white space, control characters,
/// backslashes, names and passwords before the host, anything but ASCII.
fn scheme_and_host(uri: &str) -> Option<(String, String)> {
    let is_plain = |byte: u8| byte.is_ascii_graphic() && byte != b'\\';
    if uri.len() > 2048 || !uri.bytes().all(is_plain) {
        return None;
    }
    let (scheme, rest) = uri.split_once("://")?;
    let host = rest.split(['/', '?', '#']).next()?;
    let is_host = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b':' | b'_');
    if !is_scheme(scheme) || !host.bytes().all(is_host) {
        return None;
    }
    Some((scheme.to_ascii_lowercase(), host.to_ascii_lowercase()))
}
