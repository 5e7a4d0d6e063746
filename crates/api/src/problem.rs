//! Errors on the wire: the only place where a kind becomes a status (table: `docs/errors.md`).

use muster_app::Error;
use muster_app::idempotency::Reply;
use muster_domain::Violation;
use serde_json::{Value, json};

use crate::doc::{described, object};

/// A refusal that belongs to the pipeline and never reaches a command.
pub enum Refused {
    /// 401: no key, or not in the right form.
    NotAuthenticated,
    /// 401: nobody's key, or an expired one.
    BadToken,
    /// 403: the address is not on the key's list.
    AddressNotPermitted,
    /// 429.
    RateLimited(u32),
    /// 400, with the place and how to mend it.
    Malformed(String),
    /// 408: the body did not come in time.
    TooSlow,
    /// 408: what was waited for takes longer.
    StillRunning,
    /// 404: there is no such path.
    NoRoute,
    /// 405: the path exists, the method does not.
    NoMethod,
    /// 403: no link to a file, or a forged one.
    BadLink,
    /// 403: a link to a file that has ended.
    LinkExpired,
    /// 410: the file was erased.
    FileErased,
}

impl Refused {
    /// Status and body.
    pub fn reply(&self) -> Reply {
        let (status, title, details) = match self {
            Self::NotAuthenticated => (401, "Must be authenticated to access this endpoint", None),
            Self::BadToken => (401, "Token is invalid", None),
            Self::AddressNotPermitted => {
                let details = "IP address is not permitted access to current environment";
                (403, "Forbidden", Some(details.to_owned()))
            }
            Self::RateLimited(limit) => {
                let details = format!(
                    "You have hit your rate limit of {limit} requests / min. \
                     Wait until the window is over (RateLimit-Reset) or ask the operator of this server for more."
                );
                (429, "Rate limit exceeded", Some(details))
            }
            Self::Malformed(details) => (400, "Bad Request", Some(details.clone())),
            Self::TooSlow => {
                let details = "The server timed out waiting for the request";
                (408, "Request Timeout", Some(details.to_owned()))
            }
            Self::StillRunning => {
                let details = "The report was created and is still being run; retrieve it later";
                (408, "Request Timeout", Some(details.to_owned()))
            }
            Self::NoRoute => (404, "Route not found", Some("There is no such endpoint".to_owned())),
            Self::NoMethod => {
                (405, "Method not allowed", Some("This endpoint has no such method".to_owned()))
            }
            Self::BadLink => {
                let details = "This link to a file is not valid; take a new one from the API";
                (403, "Forbidden", Some(details.to_owned()))
            }
            Self::LinkExpired => {
                let details = "This link to a file has expired; take a new one from the API";
                (403, "Forbidden", Some(details.to_owned()))
            }
            Self::FileErased => (410, "Gone", Some("This file was erased".to_owned())),
        };
        let mut error = json!({ "title": title });
        if let Some(details) = details {
            error["details"] = Value::String(details);
        }
        one(status, error)
    }
}

/// The schema of the body of every refusal.
pub fn schema() -> Value {
    let text = |text: &str| json!({ "type": "string", "description": text });
    let pointer = json!({ "pointer": text("A JSON pointer into the request.") });
    let error = json!({
        "title": text("What kind of refusal it is."),
        "details": text("What is wrong and how to mend it. Values are never repeated."),
        "source": object(&pointer, &["pointer"]),
    });
    let errors = json!({ "type": "array", "minItems": 1, "items": object(&error, &["title"]) });
    described(object(&json!({ "errors": errors }), &["errors"]), "Why a request was refused.")
}

/// Status and body of a command's error. An internal cause is not shown.
pub fn reply(error: &Error) -> Reply {
    match error {
        Error::Malformed(violations) => many(400, violations.iter().map(malformed)),
        Error::Invalid(violations) => many(422, violations.iter().map(invalid)),
        Error::NotFound => one(404, json!({ "title": "Record not found" })),
        Error::Conflict { title, details } => one(409, json!({ "title": title, "details": details })),
        Error::Forbidden(permission) => {
            let details = format!("This API key does not have the permission {}", permission.as_str());
            one(403, json!({ "title": "Forbidden", "details": details }))
        }
        Error::NotPermitted(details) => one(403, json!({ "title": "Forbidden", "details": details })),
        Error::InactiveEnvironment => {
            let details = "Resource cannot be created in an inactive environment";
            one(403, json!({ "title": "Forbidden", "details": details }))
        }
        Error::KeyReused => {
            let details = "This Idempotency-Key was used before with other parameters; use a new key";
            one(400, json!({ "title": "Idempotency error", "details": details }))
        }
        Error::Busy | Error::Retry(_) => {
            one(503, json!({ "title": "Service unavailable", "details": "Try again in a moment" }))
        }
        Error::StaleCatalog => {
            let details = "Attempted to update a record that was just modified. Please try again.";
            one(409, json!({ "title": "Stale object error", "details": details }))
        }
        _ => one(500, json!({ "title": "Internal server error" })),
    }
}

fn one(status: u16, error: Value) -> Reply {
    many(status, [error])
}

fn many(status: u16, errors: impl IntoIterator<Item = Value>) -> Reply {
    let errors: Vec<Value> = errors.into_iter().collect();
    Reply { status, body: json!({ "errors": errors }).to_string().into_bytes() }
}

/// 400: a dotted path in snake case (spec A.5).
fn malformed(violation: &Violation) -> Value {
    let path: Vec<String> = violation.path.iter().map(|key| printable(key).replace('-', "_")).collect();
    json!({ "title": "Bad Request", "details": format!("{} {}", path.join("."), violation.message) })
}

/// 422: a JSON pointer; keys under `fields` stay as they are.
fn invalid(violation: &Violation) -> Value {
    let path: Vec<String> = violation.path.iter().map(|key| printable(key)).collect();
    let mut pointer = String::new();
    if path.first().is_none_or(|key| key != "meta" && key != "data") {
        pointer.push_str("/data/attributes");
    }
    for key in &path {
        pointer.push('/');
        pointer.push_str(&key.replace('~', "~0").replace('/', "~1"));
    }
    json!({
        "title": "Record invalid",
        "details": format!("{} {}", path.join("."), violation.message).trim_start(),
        "source": { "pointer": pointer },
    })
}

/// A key as sent by the caller, if it looks like a key: it might be a value in the wrong place.
fn printable(key: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '~' | '/' | '[' | ']');
    let named = key.starts_with(|c: char| c.is_ascii_alphabetic());
    let counted = key.len() <= 4 && key.chars().all(|c| c.is_ascii_digit());
    if (named || counted) && !key.is_empty() && key.len() <= 64 && key.chars().all(plain) {
        key.to_owned()
    } else {
        "(unprintable)".to_owned()
    }
}
