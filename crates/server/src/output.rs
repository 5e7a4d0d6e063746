//! What the program tells the person at the terminal.

use std::fmt;
use std::io::Write;

/// Why a command line ended without success: one line for the person who typed it.
#[derive(Debug)]
pub struct Failure(pub String);

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl From<muster_store::Error> for Failure {
    fn from(error: muster_store::Error) -> Self {
        Self(error.to_string())
    }
}

impl From<muster_app::Error> for Failure {
    fn from(error: muster_app::Error) -> Self {
        Self(error.to_string())
    }
}

impl From<std::io::Error> for Failure {
    fn from(error: std::io::Error) -> Self {
        Self(error.to_string())
    }
}

/// A failure in words.
pub fn fail<T>(text: impl Into<String>) -> Result<T, Failure> {
    Err(Failure(text.into()))
}

/// Writes one line to standard output. A reader that has gone away is no failure of ours.
pub fn line(text: impl fmt::Display) {
    let _ = writeln!(std::io::stdout(), "{text}");
}

/// Writes the line a command line ends with when it fails.
pub fn error(failure: &Failure) {
    let _ = writeln!(std::io::stderr(), "muster: {failure}");
}
