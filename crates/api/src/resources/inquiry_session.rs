//! Sessions of inquiries on the wire (spec A.6).

use muster_app::inquiries::Session;
use muster_domain::{ResourceId, Timestamp};
use serde::Serialize;
use serde_json::{Value, json};

use crate::doc::{described, instant, nullable, object, resource, to_one, to_one_or_none};
use crate::resources::{Identity, ToOne, ToOneOrNone};

/// The resource object of a session.
#[derive(Serialize)]
pub struct InquirySessionResource<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    id: &'a str,
    attributes: Attributes<'a>,
    relationships: Relationships<'a>,
}

/// What is not known of a session, and why: an own server looks no address up.
const UNKNOWN: [&str; 16] = [
    "mobile-sdk-name",
    "mobile-sdk-full-version",
    "is-proxy",
    "is-tor",
    "is-datacenter",
    "is-vpn",
    "threat-level",
    "country-code",
    "country-name",
    "region-code",
    "region-name",
    "latitude",
    "longitude",
    "gps-latitude",
    "gps-longitude",
    "gps-precision",
];
/// The rest of it.
const UNKNOWN_NETWORK: [&str; 3] = ["ip-connection-type", "ip-isp", "network-organization"];

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct Attributes<'a> {
    status: &'static str,
    created_at: String,
    started_at: Option<String>,
    expired_at: Option<String>,
    ip_address: Option<&'a str>,
    user_agent: Option<&'a str>,
    os_name: Option<&'a str>,
    os_full_version: Option<&'a str>,
    device_type: Option<&'a str>,
    device_name: Option<&'a str>,
    browser_name: Option<&'a str>,
    browser_full_version: Option<&'a str>,
    device_handoff_method: Option<&'a str>,
    #[serde(flatten)]
    unknown: std::collections::BTreeMap<&'static str, Option<()>>,
}

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct Relationships<'a> {
    inquiry: ToOne<'a>,
    device: ToOneOrNone<'a>,
    network: ToOneOrNone<'a>,
}

impl<'a> InquirySessionResource<'a> {
    /// Shows a session.
    pub fn new(session: &'a Session) -> Self {
        let browser = &session.browser;
        let moment = |at: Option<Timestamp>| at.map(Timestamp::to_rfc3339_millis);
        Self {
            kind: "inquiry-session",
            id: session.id.as_str(),
            attributes: Attributes {
                status: session.status.as_str(),
                created_at: session.created_at.to_rfc3339_millis(),
                started_at: moment(session.started_at),
                expired_at: moment(session.expired_at),
                ip_address: browser.ip_address.as_deref(),
                user_agent: browser.user_agent.as_deref(),
                os_name: browser.os_name.as_deref(),
                os_full_version: browser.os_version.as_deref(),
                device_type: browser.device_type.as_deref(),
                device_name: browser.device_name.as_deref(),
                browser_name: browser.browser_name.as_deref(),
                browser_full_version: browser.browser_version.as_deref(),
                device_handoff_method: session.handoff.as_deref(),
                unknown: UNKNOWN.into_iter().chain(UNKNOWN_NETWORK).map(|name| (name, None)).collect(),
            },
            relationships: Relationships {
                inquiry: ToOne { data: Identity { kind: "inquiry", id: session.inquiry.as_str() } },
                device: ToOneOrNone { data: None },
                network: ToOneOrNone { data: None },
            },
        }
    }
}

/// The schema of the resource object.
pub fn schema() -> Value {
    let maybe = |about: &str| json!({ "type": ["string", "null"], "description": about });
    let mut members = json!({
        "status": { "type": "string", "description": "new until somebody opens it, active from then on, expired in the end." },
        "created-at": described(instant(), "When it was created."),
        "started-at": described(nullable(instant()), "When it was opened."),
        "expired-at": described(nullable(instant()), "When it ended."),
        "ip-address": maybe("The address that it was opened from."),
        "user-agent": maybe("What the browser says of itself."),
        "os-name": maybe("The operating system."),
        "os-full-version": maybe("The version of the operating system."),
        "device-type": maybe("desktop, smartphone or tablet."),
        "device-name": maybe("The device, where the browser tells."),
        "browser-name": maybe("The browser."),
        "browser-full-version": maybe("The version of the browser."),
        "device-handoff-method": maybe("How it came to another device: email, sms or qr."),
    });
    for name in UNKNOWN.into_iter().chain(UNKNOWN_NETWORK) {
        members[name] = json!({ "type": "null", "description": "Always null: not found out." });
    }
    let all: Vec<&str> =
        members.as_object().map(|all| all.keys().map(String::as_str).collect()).unwrap_or_default();
    let relationships = json!({
        "inquiry": to_one("inquiry", muster_domain::InquiryId::PREFIX),
        "device": to_one_or_none(Some("device")),
        "network": to_one_or_none(Some("network")),
    });
    let session = resource(
        "inquiry-session",
        muster_domain::InquirySessionId::PREFIX,
        &object(&members, &all),
        &relationships,
    );
    described(session, "A session: one browser that answers an inquiry.")
}
