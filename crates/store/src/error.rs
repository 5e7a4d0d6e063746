//! What can go wrong in the store, sorted by what the caller can do about it.

use std::fmt;

/// Result of the store.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why the store did not do what was asked. Texts never contain values of rows.
#[derive(Debug)]
#[non_exhaustive]
pub enum Error {
    /// Another transaction got in the way; the same work may succeed when run again.
    Retry(&'static str),
    /// The queue is full, or the retries are exhausted: try again later.
    Busy,
    /// The database is shutting down.
    Closed,
    /// A stored value cannot be read: sealed under another key, damaged, or written by a newer version.
    Corrupt(String),
    /// The database cannot be opened as it is; one line that says what to do.
    Unusable(String),
    /// Anything else the engine reported.
    Database(String),
}

impl Error {
    /// An error for a stored value that cannot be read.
    pub fn corrupt(what: impl Into<String>) -> Self {
        Self::Corrupt(what.into())
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Retry(why) => write!(f, "the transaction must be run again: {why}"),
            Self::Busy => f.write_str("the database is busy"),
            Self::Closed => f.write_str("the database is closed"),
            Self::Corrupt(what) => write!(f, "a stored value cannot be read: {what}"),
            Self::Unusable(what) => f.write_str(what),
            Self::Database(what) => write!(f, "database error: {what}"),
        }
    }
}

impl std::error::Error for Error {}

/// An error that knows whether the transaction should simply be run again.
pub trait Retry: From<Error> {
    /// True when running the same transaction again may succeed.
    fn is_retry(&self) -> bool;
}

impl Retry for Error {
    fn is_retry(&self) -> bool {
        matches!(self, Self::Retry(_))
    }
}

impl From<rusqlite::Error> for Error {
    fn from(error: rusqlite::Error) -> Self {
        match error.sqlite_error_code() {
            Some(rusqlite::ErrorCode::DatabaseBusy | rusqlite::ErrorCode::DatabaseLocked) => {
                Self::Retry("the database file is locked")
            }
            // The extended code and SQLite's own text name tables and columns, never values.
            _ => Self::Database(error.to_string()),
        }
    }
}

impl From<postgres::Error> for Error {
    fn from(error: postgres::Error) -> Self {
        let Some(db) = error.as_db_error() else {
            return Self::Database(match std::error::Error::source(&error) {
                Some(source) => format!("{error}: {source}"),
                None => error.to_string(),
            });
        };
        match db.code().code() {
            "40001" => Self::Retry("serialization failure"),
            "40P01" => Self::Retry("deadlock"),
            // DETAIL is left out: it quotes the values of the row.
            code => Self::Database(format!("{code} {}", db.message())),
        }
    }
}
