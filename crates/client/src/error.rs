//! Why a request came to nothing.

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// What most functions of this crate return.
pub type Result<T> = std::result::Result<T, Error>;

/// Why a request came to nothing. No text of it quotes what was sent; that of the server does not either.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Error {
    /// The client cannot be used like that: the address, the key or a value is not one that can be sent.
    Unusable(&'static str),
    /// No server answers at this address.
    Unreachable(String),
    /// The connection broke off before the reply was there. A request that is repeated under the same
    /// idempotency key tells what became of it.
    Interrupted,
    /// The reply did not come in time. What is said of [`Error::Interrupted`] holds here, too.
    TimedOut,
    /// The server refused the request, or still was too busy at the last try (429, 503).
    Refused(Refusal),
    /// The reply is not one of this API.
    Unexpected {
        /// HTTP status.
        status: u16,
        /// The `Request-Id` of the reply, if it has one.
        request_id: Option<String>,
        /// What is wrong with the reply.
        what: String,
    },
}

/// What the server said no with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// HTTP status.
    pub status: u16,
    /// Why; at least one where the server is Muster itself.
    pub errors: Vec<Problem>,
    /// The `Request-Id` of the reply, if it has one: it leads to the entry in the log of the server.
    pub request_id: Option<String>,
}

/// One reason of a refusal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// What kind of refusal it is, such as `Record invalid`.
    pub title: String,
    /// What is wrong and how to mend it.
    pub details: Option<String>,
    /// A JSON pointer into the request.
    pub pointer: Option<String>,
}

/// A problem as it stands on the wire.
#[derive(Serialize, Deserialize)]
struct Wire {
    #[serde(default)]
    title: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    details: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    source: Option<Source>,
}

#[derive(Serialize, Deserialize)]
struct Source {
    pointer: Option<String>,
}

impl Serialize for Problem {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        let source = self.pointer.clone().map(|pointer| Source { pointer: Some(pointer) });
        Wire { title: self.title.clone(), details: self.details.clone(), source }.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Problem {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        let wire = Wire::deserialize(deserializer)?;
        let pointer = wire.source.and_then(|source| source.pointer);
        Ok(Self { title: wire.title, details: wire.details, pointer })
    }
}

impl Refusal {
    pub(crate) fn new(status: u16, body: &Value, request_id: Option<String>) -> Self {
        let list = body.get("errors").and_then(Value::as_array).into_iter().flatten();
        let errors = list.filter_map(|error| Problem::deserialize(error).ok()).collect();
        Self { status, errors, request_id }
    }
}

impl Error {
    /// The refusal, if it is one.
    #[must_use]
    pub fn refusal(&self) -> Option<&Refusal> {
        match self {
            Self::Refused(refusal) => Some(refusal),
            _ => None,
        }
    }

    /// The status of the reply; none where there was no reply.
    #[must_use]
    pub fn status(&self) -> Option<u16> {
        match self {
            Self::Refused(refusal) => Some(refusal.status),
            Self::Unexpected { status, .. } => Some(*status),
            _ => None,
        }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.title)?;
        if let Some(details) = &self.details {
            write!(f, ": {details}")?;
        }
        match &self.pointer {
            Some(pointer) => write!(f, " ({pointer})"),
            None => Ok(()),
        }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.status)?;
        for (index, problem) in self.errors.iter().enumerate() {
            write!(f, "{} {problem}", if index == 0 { "" } else { ";" })?;
        }
        told_request(f, self.request_id.as_deref())
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unusable(why) => f.write_str(why),
            Self::Unreachable(address) => write!(f, "no server answers at {address}"),
            Self::Interrupted => f.write_str("the connection broke off before the reply was there"),
            Self::TimedOut => f.write_str("the reply did not come in time"),
            Self::Refused(refusal) => refusal.fmt(f),
            Self::Unexpected { status, request_id, what } => {
                write!(f, "the server answered {status}, but {what}")?;
                told_request(f, request_id.as_deref())
            }
        }
    }
}

fn told_request(f: &mut fmt::Formatter<'_>, id: Option<&str>) -> fmt::Result {
    id.map_or(Ok(()), |id| write!(f, " [{id}]"))
}

impl std::error::Error for Error {}
