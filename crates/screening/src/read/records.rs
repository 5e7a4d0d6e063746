//! Rows of a CSV file, with the place of every mistake.

use std::io::Read;

use csv::{ByteRecord, ReaderBuilder};

use super::ReadError;

/// How a file that is not UTF-8 is taken.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Encoding {
    /// As a mistake.
    Utf8,
    /// As Latin-1, in which some authorities still publish.
    Utf8OrLatin1,
}

/// Reads rows one after another.
pub(super) struct Records<R> {
    reader: csv::Reader<WithoutReturns<R>>,
    file: String,
    encoding: Encoding,
    line: u64,
}

impl<R: Read> Records<R> {
    pub(super) fn new(file: &str, input: R, encoding: Encoding) -> Self {
        let reader =
            ReaderBuilder::new().has_headers(false).flexible(true).from_reader(WithoutReturns(input));
        Self { reader, file: file.to_owned(), encoding, line: 0 }
    }

    /// The next row that holds anything, its cells trimmed.
    pub(super) fn next_row(&mut self) -> Result<Option<Vec<String>>, ReadError> {
        let mut record = ByteRecord::new();
        loop {
            let more = self.reader.read_byte_record(&mut record).map_err(|error| self.broken(&error))?;
            if !more {
                return Ok(None);
            }
            self.line = record.position().map_or(self.line + 1, csv::Position::line);
            let mut row = Vec::with_capacity(record.len());
            for (at, cell) in (1..).zip(&record) {
                row.push(self.text(at, cell)?);
            }
            // Some authorities end a file with a control character of old.
            if row.iter().any(|cell| !cell.is_empty() && cell != "\u{1a}") {
                return Ok(Some(row));
            }
        }
    }

    fn text(&self, at: usize, cell: &[u8]) -> Result<String, ReadError> {
        match (std::str::from_utf8(cell), self.encoding) {
            (Ok(text), _) => Ok(text.trim().trim_start_matches('\u{feff}').to_owned()),
            (Err(_), Encoding::Utf8OrLatin1) => {
                Ok(cell.iter().map(|byte| char::from(*byte)).collect::<String>().trim().to_owned())
            }
            (Err(_), Encoding::Utf8) => {
                Err(self.wrong(Some(at.to_string()), "must be UTF-8; save the file in that encoding"))
            }
        }
    }

    fn broken(&self, error: &csv::Error) -> ReadError {
        let line = error.position().map_or(self.line + 1, csv::Position::line);
        ReadError {
            file: self.file.clone(),
            line,
            column: None,
            mend: format!("the file cannot be read on: {error}"),
        }
    }

    /// A mistake in the row read last.
    pub(super) fn wrong(&self, column: Option<String>, mend: impl Into<String>) -> ReadError {
        ReadError { file: self.file.clone(), line: self.line, column, mend: mend.into() }
    }

    /// A mistake in a line of this file.
    pub(super) fn wrong_at(&self, line: u64, column: Option<String>, mend: impl Into<String>) -> ReadError {
        ReadError { line, ..self.wrong(column, mend) }
    }
}

/// An input without carriage returns: between them and line feeds the reader would count lines wrongly.
struct WithoutReturns<R>(R);

impl<R: Read> Read for WithoutReturns<R> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        loop {
            let read = self.0.read(buffer)?;
            let mut kept = 0;
            for at in 0..read {
                if buffer[at] != b'\r' {
                    buffer[kept] = buffer[at];
                    kept += 1;
                }
            }
            // Nothing but returns is not the end.
            if kept > 0 || read == 0 {
                return Ok(kept);
            }
        }
    }
}

/// The pieces of a cell between semicolons, trimmed, without empty ones.
pub(super) fn pieces(cell: &str) -> impl Iterator<Item = &str> {
    cell.split(';').map(str::trim).filter(|piece| !piece.is_empty())
}
