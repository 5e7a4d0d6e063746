//! The names of the columns: whether the first row has them, and whether they can be used.

use std::collections::{HashMap, HashSet};

use crate::{Fault, FaultCode, Settings};

/// The names for a table that has none.
pub fn numbered(count: usize) -> Vec<String> {
    (1..=count).map(|number| format!("column_{number}")).collect()
}

/// Whether the first record is a header: what is set, else what it looks like.
pub fn judged(records: &[Vec<String>], settings: &Settings) -> Header {
    match (settings.header, &settings.columns) {
        (Some(true), _) => Header::Present,
        (Some(false), _) => Header::Absent,
        (None, Some(names)) => repeats(records, names),
        (None, None) => names_columns(records),
    }
}

/// What should be said where a header was looked for and not found.
pub fn note(header: Header, settings: &Settings) -> Option<String> {
    let looked = settings.header.is_none() && settings.columns.is_none();
    let note = "The first row looks like values, so the columns are numbered. If it names the columns, set the header \
                to true.";
    (looked && header == Header::Absent).then(|| note.to_owned())
}

/// Judges by the first records whether the first of them names the columns.
///
/// It does if none of its cells is a value by its looks (see [`is_value`]), no two are equal, at least half of them
/// are filled, and none of them appears again below itself.
fn names_columns(records: &[Vec<String>]) -> Header {
    let Some((first, rest)) = records.split_first() else { return Header::Absent };
    let filled: Vec<_> = first.iter().map(|cell| cell.trim()).filter(|cell| !cell.is_empty()).collect();
    let mut seen = HashSet::new();
    let distinct = filled.iter().all(|cell| seen.insert(cell.to_lowercase()));
    // Two columns of one name are a mistake in a header rather than a row, if nothing else speaks for a row.
    let named = distinct || filled.iter().all(|cell| is_identifier(cell));
    let repeated = first.iter().enumerate().any(|(at, cell)| {
        let cell = cell.trim();
        !cell.is_empty() && rest.iter().any(|row| row.get(at).is_some_and(|below| below.trim() == cell))
    });
    let header =
        named && !repeated && 2 * filled.len() >= first.len() && filled.iter().all(|cell| !is_value(cell));
    if header { Header::Present } else { Header::Absent }
}

/// With names given by hand a first record is a header only if it has the same names.
fn repeats(records: &[Vec<String>], names: &[String]) -> Header {
    let same = |first: &Vec<String>| {
        first.len() == names.len()
            && first.iter().zip(names).all(|(cell, name)| cell.trim().eq_ignore_ascii_case(name))
    };
    if records.first().is_some_and(same) { Header::Present } else { Header::Absent }
}

/// Whether the first row names the columns.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Header {
    /// It does.
    Present,
    /// It is a row like the others.
    Absent,
}

/// Whether a cell looks like a value rather than a name: it is long, begins with no letter (`_` and `#` may), or
/// holds `@` or `://`, or is one of the words for yes, no and nothing.
fn is_value(cell: &str) -> bool {
    let begins = cell.chars().next().is_some_and(|first| first.is_alphabetic() || matches!(first, '_' | '#'));
    let word = ["true", "false", "yes", "no", "null", "none", "n/a"]
        .iter()
        .any(|word| cell.eq_ignore_ascii_case(word));
    !begins || cell.chars().count() > 100 || cell.contains('@') || cell.contains("://") || word
}

fn is_identifier(cell: &str) -> bool {
    cell.chars().all(|character| character.is_alphanumeric() || matches!(character, '_' | '-' | '.'))
}

/// Trims names of outer blanks and refuses what cannot be told apart.
pub fn checked(names: Vec<String>, line: u64) -> Result<Vec<String>, Fault> {
    let names: Vec<_> = names.into_iter().map(|name| name.trim().to_owned()).collect();
    let mut seen = HashMap::new();
    for (at, name) in names.iter().enumerate() {
        let column = at + 1;
        if name.is_empty() {
            let message = format!(
                "Column {column} of the header has no name. Give it one in the file, or give the names of all \
                 columns in the settings."
            );
            return Err(Fault::at(FaultCode::BlankHeader, line, message));
        }
        if name.contains('\0') {
            let message = format!(
                "The name of column {column} holds a NUL character, which no text does. Write the file anew from where \
                 it came."
            );
            return Err(Fault::at(FaultCode::Damaged, line, message));
        }
        if let Some(first) = seen.insert(name.clone(), column) {
            let message = format!(
                "Columns {first} and {column} of the header have the same name. Rename one of them in the file, or \
                 give the names of all columns in the settings."
            );
            return Err(Fault::at(FaultCode::DuplicateHeader, line, message));
        }
    }
    Ok(names)
}
