//! Reject files: rows that were refused, as a CSV that can be mended and imported again as it is.
//!
//! The file has the original columns and after them [`REJECT_COLUMNS`]; it is UTF-8 with a byte order mark, with
//! commas and `"`. Two rules make it both safe to open in a spreadsheet program and exact to read back:
//!
//! * A cell that a spreadsheet would take for a formula – after any number of apostrophes it begins with one of
//!   `= + - @`, their full-width forms, tab, carriage return or line feed – gets an apostrophe in front. A reader
//!   that finds [`REJECT_COLUMNS`] at the end of the header takes exactly one apostrophe off exactly such cells.
//! * A row whose cells are not in their columns (too few, too many, a line that is no object) is padded, or its
//!   surplus joined into the last cell. Its code – `ragged_row`, `stray_quote`, `not_an_object` or `unknown_column` – makes the
//!   reader refuse it again until somebody mends it and empties `_error_code`, so that it is never taken with
//!   values in wrong columns.

use std::{
    borrow::Cow,
    io::{self, Write},
};

use crate::RowFaultCode;

/// The columns that a reject file has after those of the original; a reader passes them over.
pub const REJECT_COLUMNS: [&str; 4] = ["_row_number", "_error_code", "_error_column", "_error_message"];

/// Why a row stands in a reject file.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Reject<'a> {
    /// A code in snake case.
    pub code: &'a str,
    /// The column it is about; empty if it is about the row.
    pub column: &'a str,
    /// What is wrong and how to mend it.
    pub message: &'a str,
}

/// Writes a reject file.
pub struct RejectWriter<W: Write> {
    into: W,
    columns: usize,
}

impl<W: Write> RejectWriter<W> {
    /// Begins a file for rows of these columns.
    ///
    /// # Errors
    ///
    /// What `into` says.
    pub fn new(into: W, columns: &[String]) -> io::Result<Self> {
        let mut this = Self { into, columns: columns.len() };
        this.into.write_all(b"\xEF\xBB\xBF")?;
        let names = columns.iter().map(String::as_str).chain(REJECT_COLUMNS);
        this.record(names)?;
        Ok(this)
    }

    /// Writes a row as it was read, with the reasons it was refused for, at least one.
    ///
    /// # Errors
    ///
    /// What `into` says.
    pub fn write(&mut self, number: u64, cells: &[String], reasons: &[Reject<'_>]) -> io::Result<()> {
        let (fitting, surplus) = cells.split_at(cells.len().min(self.columns));
        let mut fitting: Vec<Cow<'_, str>> =
            fitting.iter().map(|cell| Cow::Borrowed(cell.as_str())).collect();
        if let (Some(last), false) = (fitting.last_mut(), surplus.is_empty()) {
            *last = Cow::Owned(format!("{last},{}", surplus.join(",")));
        }
        fitting.resize(self.columns, Cow::Borrowed(""));
        let number = number.to_string();
        let joined =
            |part: fn(&Reject<'_>) -> String| reasons.iter().map(part).collect::<Vec<_>>().join("; ");
        let reason = [
            joined(|reason| reason.code.to_owned()),
            joined(|reason| reason.column.to_owned()),
            joined(|reason| reason.message.to_owned()),
        ];
        let told = [&number, &reason[0], &reason[1], &reason[2]].map(|text: &String| text.as_str());
        self.record(fitting.iter().map(AsRef::as_ref).chain(told))
    }

    /// Flushes and gives back what was written into.
    ///
    /// # Errors
    ///
    /// What `into` says.
    pub fn finish(mut self) -> io::Result<W> {
        self.into.flush()?;
        Ok(self.into)
    }

    fn record<'a>(&mut self, cells: impl Iterator<Item = &'a str>) -> io::Result<()> {
        let mut line = String::new();
        for cell in cells {
            if !line.is_empty() {
                line.push(',');
            }
            push_quoted(&mut line, &guarded(cell));
        }
        line.push_str("\r\n");
        self.into.write_all(line.as_bytes())
    }
}

/// Every cell is quoted: then no reader has to guess, and blanks at the ends stay.
fn push_quoted(line: &mut String, cell: &str) {
    line.push('"');
    line.push_str(&cell.replace('"', "\"\""));
    line.push('"');
}

/// Whether a spreadsheet would take a text for a formula, once its apostrophes are off.
fn is_formula(text: &str) -> bool {
    let bare = text.trim_start_matches('\'');
    bare.starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠'])
}

/// A cell as a reject file has it.
fn guarded(cell: &str) -> Cow<'_, str> {
    if is_formula(cell) { Cow::Owned(format!("'{cell}")) } else { Cow::Borrowed(cell) }
}

/// A cell of a reject file as it was before.
pub fn unguarded(cell: String) -> String {
    if cell.starts_with('\'') && is_formula(&cell) { cell[1..].to_owned() } else { cell }
}

/// Whether the names of a header are those of a reject file.
pub fn is_reject_header<S: AsRef<str>>(names: &[S]) -> bool {
    let first = names.len().saturating_sub(REJECT_COLUMNS.len());
    first > 0 && names[first..].iter().map(|name| name.as_ref().trim()).eq(REJECT_COLUMNS)
}

/// Whether a code column says that the cells of a row are not in their columns.
pub fn is_displaced(codes: &str) -> bool {
    use RowFaultCode::{NotAnObject, RaggedRow, StrayQuote, UnknownColumn};
    let displaced = [RaggedRow, StrayQuote, NotAnObject, UnknownColumn];
    codes.split("; ").any(|code| displaced.iter().any(|displaced| displaced.as_str() == code))
}
