//! Reads public lists as they are published. Every reader is a stream of entities; a malformed line ends it with an
//! error that names file, line and column and says how to mend it.

mod ftm;
mod ofac;
mod ofac_remarks;
mod plain;
mod records;
mod table;
mod targets;

use std::fmt;

pub use ftm::{Joins, entities as ftm};
pub use ofac::{Ofac, OfacFiles, read as ofac};
pub use plain::{HEADERS, read as plain};
pub use targets::read as targets;

/// What is wrong with a file of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReadError {
    /// The name of the file, as the caller gave it.
    pub file: String,
    /// The line, from 1.
    pub line: u64,
    /// The column: its name, or its number from 1, or the member of an object; none if the whole line is meant.
    pub column: Option<String>,
    /// What must be there instead.
    pub mend: String,
}

impl fmt::Display for ReadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}, line {}", self.file, self.line)?;
        if let Some(column) = &self.column {
            write!(f, ", column {column}")?;
        }
        write!(f, ": {}", self.mend)
    }
}

impl std::error::Error for ReadError {}
