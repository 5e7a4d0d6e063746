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

/// A text without what a terminal would take for orders: names of columns and files come from anybody.
pub fn harmless(text: &str) -> String {
    let kept = |c: char| matches!(c, '\n' | '\t') || !c.is_control();
    text.chars().map(|c| if kept(c) { c } else { '\u{fffd}' }).collect()
}

/// Writes one line to standard output. A reader that has gone away is no failure of ours.
pub fn line(text: impl fmt::Display) {
    let _ = writeln!(std::io::stdout(), "{}", harmless(&text.to_string()));
}

/// Writes the line a command line ends with when it fails.
pub fn error(failure: &Failure) {
    let _ = writeln!(std::io::stderr(), "muster: {}", harmless(&failure.to_string()));
}
