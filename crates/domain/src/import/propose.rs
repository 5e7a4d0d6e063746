//! Proposes a mapping from the names of columns and a sample of their cells.

use super::entry::MappingEntry;
use crate::account_type::AccountType;

/// A mapping that a person may take over.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Proposal {
    /// The entries, in the order of the columns.
    pub mapping: Vec<MappingEntry>,
    /// Columns that can be ignored without doubt: they have neither a name nor a cell.
    pub ignore: Vec<String>,
    /// The other columns, each with a sentence that says why it is not mapped. Never quotes a cell.
    pub unresolved: Vec<(String, String)>,
}

/// Proposes a mapping of the columns onto a type; `sample` are rows of the file.
#[must_use]
pub fn propose(ty: &AccountType, columns: &[String], sample: &[Vec<String>]) -> Proposal {
    let _ = (ty, sample);
    let unresolved = columns.iter().map(|column| (column.clone(), "is not recognised".to_owned()));
    Proposal { unresolved: unresolved.collect(), ..Proposal::default() }
}
