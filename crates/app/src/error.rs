//! Why a command did not do what was asked: kinds with a public message and a private cause.

use std::fmt;

use muster_domain::{Permission, Violation};
use muster_store::Retry;

/// Result of a command.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why a command did not do what was asked. The status of each kind stands in `docs/errors.md`.
#[derive(Debug)]
#[non_exhaustive]
pub enum Error {
    /// The request is not of the right shape: 400. Paths are from the top of the request.
    Malformed(Vec<Violation>),
    /// Well-formed, but the record cannot be like that: 422. Paths are from `data.attributes`.
    Invalid(Vec<Violation>),
    /// There is no such thing in this environment: 404.
    NotFound,
    /// Something holds this key already: 409.
    Conflict {
        /// The short text.
        title: &'static str,
        /// What is in the way and how to go on.
        details: String,
    },
    /// The key may not do this: 403.
    Forbidden(Permission),
    /// The key may not do this, for the reason given: 403.
    NotPermitted(String),
    /// The environment takes nothing new: 403.
    InactiveEnvironment,
    /// An idempotency key was used for another request: 400.
    KeyReused,
    /// The organization's types or tags changed since the command was prepared: prepare it again.
    StaleCatalog,
    /// Another transaction got in the way: the same one may succeed when run again. 503 if it never does.
    Retry(&'static str),
    /// Try again later: 503.
    Busy,
    /// Something that should not be: 500. The cause is logged once and never shown.
    Internal(String),
}

impl Error {
    /// A refusal of one member of `data.attributes`.
    pub fn invalid<P: Into<String>>(path: impl IntoIterator<Item = P>, message: impl Into<String>) -> Self {
        Self::Invalid(vec![Violation::new(path, message)])
    }

    /// A refusal of one member by its shape.
    pub fn malformed<P: Into<String>>(path: impl IntoIterator<Item = P>, message: impl Into<String>) -> Self {
        Self::Malformed(vec![Violation::new(path, message)])
    }

    /// A state that only a programming error can bring about.
    pub fn bug(what: impl Into<String>) -> Self {
        Self::Internal(what.into())
    }

    /// True when the caller can mend it: the reply may be stored under an idempotency key.
    #[must_use]
    pub const fn is_refusal(&self) -> bool {
        !matches!(self, Self::StaleCatalog | Self::Retry(_) | Self::Busy | Self::Internal(_))
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let list = |f: &mut fmt::Formatter<'_>, violations: &[Violation]| {
            let texts: Vec<String> = violations.iter().map(ToString::to_string).collect();
            f.write_str(&texts.join("; "))
        };
        match self {
            Self::Malformed(violations) | Self::Invalid(violations) => list(f, violations),
            Self::NotFound => f.write_str("not found"),
            Self::Conflict { title, details } => write!(f, "{title}: {details}"),
            Self::Forbidden(permission) => write!(f, "the permission {} is needed", permission.as_str()),
            Self::NotPermitted(why) => f.write_str(why),
            Self::InactiveEnvironment => f.write_str("the environment is inactive"),
            Self::KeyReused => f.write_str("the idempotency key was used for another request"),
            Self::StaleCatalog => {
                f.write_str("the types or tags of the organization have just changed; try again")
            }
            Self::Retry(why) => write!(f, "the transaction must be run again: {why}"),
            Self::Busy => f.write_str("the server is busy"),
            Self::Internal(cause) => f.write_str(cause),
        }
    }
}

impl std::error::Error for Error {}

impl From<muster_store::Error> for Error {
    fn from(error: muster_store::Error) -> Self {
        match error {
            muster_store::Error::Busy => Self::Busy,
            muster_store::Error::Retry(why) => Self::Retry(why),
            other => Self::Internal(other.to_string()),
        }
    }
}

impl Retry for Error {
    fn is_retry(&self) -> bool {
        matches!(self, Self::Retry(_))
    }
}
