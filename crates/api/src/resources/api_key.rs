//! API keys on the wire (spec E.1).

use muster_app::keys::ApiKey;
use muster_domain::Timestamp;
use serde::Serialize;

/// The resource object of an API key.
#[derive(Serialize)]
pub struct ApiKeyResource<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    id: &'a str,
    attributes: Attributes<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct Attributes<'a> {
    name: &'a str,
    note: Option<&'a str>,
    api_version: &'a str,
    api_key_inflection: &'a str,
    api_attributes_blocklist: &'a [String],
    permissions: Vec<&'static str>,
    ip_address_allowlist: &'a [String],
    file_access_token_expires_in: u32,
    last_used_at: Option<String>,
    expires_at: Option<String>,
    created_at: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    value: Option<&'a str>,
}

impl<'a> ApiKeyResource<'a> {
    /// Shows a key, with its secret if it was made just now.
    pub fn new(key: &'a ApiKey, secret: Option<&'a str>) -> Self {
        Self {
            kind: "api-key",
            id: key.id.as_str(),
            attributes: Attributes {
                name: &key.name,
                note: key.note.as_deref(),
                api_version: key.api_version.as_str(),
                api_key_inflection: key.inflection.as_str(),
                api_attributes_blocklist: &key.blocklist,
                permissions: key.permissions.spelled_out().into_iter().map(|scope| scope.as_str()).collect(),
                ip_address_allowlist: &key.ip_allowlist,
                file_access_token_expires_in: key.file_access_token_expires_in,
                last_used_at: key.last_used_at.map(Timestamp::to_rfc3339_millis),
                expires_at: key.expires_at.map(Timestamp::to_rfc3339_millis),
                created_at: key.created_at.to_rfc3339_millis(),
                value: secret,
            },
        }
    }
}
