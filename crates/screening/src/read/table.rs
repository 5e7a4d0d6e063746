//! Rows of a CSV file whose first row names the columns.

use std::collections::HashMap;
use std::io::Read;

use super::ReadError;
use super::records::{Encoding, Records};

/// Which columns a file may have.
pub(super) struct Columns {
    pub(super) required: &'static [&'static str],
    pub(super) known: &'static [&'static str],
    pub(super) others: Others,
}

/// What a column of another name is.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Others {
    /// Passed over: publishers add columns.
    PassedOver,
    /// A mistake: somebody misspelled one.
    Refused,
}

/// A CSV file with a header.
pub(super) struct Table<R> {
    pub(super) records: Records<R>,
    places: HashMap<String, usize>,
    width: usize,
}

impl<R: Read> Table<R> {
    pub(super) fn open(file: &str, input: R, columns: &Columns) -> Result<Self, ReadError> {
        let mut records = Records::new(file, input, Encoding::Utf8);
        let Some(header) = records.next_row()? else {
            let mend = format!(
                "the file is empty; its first row must name the columns: {}",
                columns.known.join(",")
            );
            return Err(records.wrong_at(1, None, mend));
        };
        let mut places = HashMap::new();
        for (at, name) in header.iter().enumerate() {
            let name = name.to_ascii_lowercase().replace('_', "-");
            if columns.others == Others::Refused && !columns.known.contains(&name.as_str()) {
                let mend =
                    format!("is no column of such a list; the columns are {}", columns.known.join(", "));
                return Err(records.wrong(Some((at + 1).to_string()), mend));
            }
            if places.insert(name, at).is_some() {
                return Err(
                    records.wrong(Some((at + 1).to_string()), "names a column a second time; keep one")
                );
            }
        }
        if let Some(missing) = columns.required.iter().find(|name| !places.contains_key(**name)) {
            let mend =
                format!("the first row must name a column {missing}; is the file separated by commas?");
            return Err(records.wrong(None, mend));
        }
        Ok(Self { records, places, width: header.len() })
    }

    /// The next row.
    pub(super) fn next_row(&mut self) -> Result<Option<Row>, ReadError> {
        let Some(cells) = self.records.next_row()? else { return Ok(None) };
        if cells.len() != self.width {
            let mend = format!(
                "the row has {} columns and the first row {}; a value with a comma or a quote stands in quotes",
                cells.len(),
                self.width
            );
            return Err(self.records.wrong(None, mend));
        }
        Ok(Some(Row(cells)))
    }

    /// A cell of a row by the name of its column; empty if the file has no such column.
    pub(super) fn cell<'a>(&self, row: &'a Row, column: &str) -> &'a str {
        self.places.get(column).and_then(|at| row.0.get(*at)).map_or("", String::as_str)
    }

    /// A mistake in a column of the row read last.
    pub(super) fn wrong(&self, column: &str, mend: impl Into<String>) -> ReadError {
        self.records.wrong(Some(column.to_owned()), mend)
    }
}

/// A row of a [`Table`].
pub(super) struct Row(Vec<String>);
