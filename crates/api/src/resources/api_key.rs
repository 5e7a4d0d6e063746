//! API keys on the wire (spec E.1).

use muster_app::keys::{ApiKey, FILE_ACCESS_SECONDS, FILE_ACCESS_SECONDS_DEFAULT};
use muster_domain::permission::ALL_BY_DEFAULT;
use muster_domain::{ApiVersion, Permission, Timestamp};
use serde::Serialize;
use serde_json::{Value, json};

use crate::doc::{described, instant, nullable, object, resource};

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
                permissions: key.permissions.spelled_out().into_iter().map(Permission::as_str).collect(),
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

/// The schema of an API key.
pub fn schema() -> Value {
    described(resource("api-key", "api_", &attributes(), &json!({})), "An API key, without its value.")
}

/// The schema of an API key as its creation shows it.
pub fn schema_with_value() -> Value {
    let mut attributes = attributes();
    attributes["properties"]["value"] = json!({ "type": "string", "description": "The secret. It is shown once: a \
        repetition under the same Idempotency-Key leaves it out." });
    described(resource("api-key", "api_", &attributes, &json!({})), "An API key, with its value.")
}

/// The schemas of what of a key can be set.
pub fn settings() -> Value {
    let texts = |about: &str| json!({ "type": "array", "items": { "type": "string" }, "description": about });
    let scopes: Vec<&str> =
        Permission::ALL.iter().map(|scope| scope.as_str()).chain([ALL_BY_DEFAULT]).collect();
    json!({
        "name": { "type": "string", "minLength": 1, "maxLength": 255 },
        "note": { "type": ["string", "null"], "maxLength": 5000, "description": "What the key is for." },
        "api-version": {
            "type": "string", "enum": ApiVersion::ALL.map(ApiVersion::as_str),
            "description": "The version of requests that name none.",
        },
        "api-key-inflection": {
            "type": "string", "enum": ["kebab", "camel", "snake"],
            "description": "How keys of replies are spelled where a request does not say.",
        },
        "api-attributes-blocklist": texts("Attributes that replies to this key leave out: `name-*` wherever it \
            stands, `/data/attributes/fields/name-*` at a place, `?type=account` behind it for one type, `!` before \
            it for what stays all the same."),
        "permissions": { "type": "array", "items": { "type": "string", "enum": scopes } },
        "ip-address-allowlist": texts("Addresses and networks that it may be used from; `*` is any."),
        "file-access-token-expires-in": {
            "type": "integer", "minimum": FILE_ACCESS_SECONDS.start(), "maximum": FILE_ACCESS_SECONDS.end(),
            "default": FILE_ACCESS_SECONDS_DEFAULT, "description": "Seconds for which a link to a file works.",
        },
    })
}

fn attributes() -> Value {
    let mut members = settings();
    members["last-used-at"] = nullable(described(instant(), "To the second, written once a minute."));
    members["expires-at"] = nullable(instant());
    members["created-at"] = instant();
    let names: Vec<String> =
        members.as_object().into_iter().flatten().map(|(name, _)| name.clone()).collect();
    object(&members, &names.iter().map(String::as_str).collect::<Vec<_>>())
}
