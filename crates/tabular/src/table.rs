//! A table out of a file: opened, looked at, read row by row.

use std::{
    fmt,
    io::{Read, Seek},
};

use crate::{
    Detected, Fault, FaultCode, Limits, RowFault, Settings,
    open::{self, Opened},
    rows::Rows,
};

/// A file as it lies: read from the start to the end, and again.
pub trait Input: Read + Seek + Send {}

impl<T: Read + Seek + Send> Input for T {}

/// As many rows a look at a file shows.
const SAMPLE: usize = 20;

/// One row of a table.
#[derive(Clone, PartialEq, Eq)]
pub struct Row {
    /// Its place among the rows, 1 for the first after the header; blank rows have none.
    pub number: u64,
    /// The line (of an XLSX: the row of the sheet) it begins in, from 1.
    pub line: u64,
    /// Its cells, one a column unless `fault` says otherwise: personal data.
    pub cells: Vec<String>,
    /// Why it cannot be taken as it is.
    pub fault: Option<RowFault>,
}

impl fmt::Debug for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Row")
            .field("number", &self.number)
            .field("line", &self.line)
            .field("cells", &format_args!("[redacted; {}]", self.cells.len()))
            .field("fault", &self.fault)
            .finish()
    }
}

/// A table that is being read.
pub struct Table {
    opened: Opened,
    limits: Limits,
    rows: u64,
}

impl Table {
    /// Opens a file and reads up to its header.
    ///
    /// `name` is the name of the file; its ending decides where the content does not.
    ///
    /// # Errors
    ///
    /// What makes the file no table, with the cure.
    pub fn open(
        input: Box<dyn Input>,
        name: &str,
        settings: &Settings,
        limits: Limits,
    ) -> Result<Self, Fault> {
        Ok(Self { opened: open::open(input, name, settings, limits)?, limits, rows: 0 })
    }

    /// The names of the columns, `column_1` and so on where the file has none.
    #[must_use]
    pub fn columns(&self) -> &[String] {
        &self.opened.shape.columns
    }

    /// What was found out when the file was opened; without a sample.
    #[must_use]
    pub fn shape(&self) -> &Detected {
        &self.opened.shape
    }

    /// The next row; `None` at the end.
    ///
    /// # Errors
    ///
    /// What keeps the file from being read on.
    #[expect(clippy::should_implement_trait, reason = "a fault ends the reading, an iterator would go on")]
    pub fn next(&mut self) -> Result<Option<Row>, Fault> {
        let Some(mut row) = self.opened.rows.next(&self.opened.shape.columns)? else { return Ok(None) };
        if self.rows >= self.limits.rows {
            let message = format!(
                "The file has more than {} rows, the most that are taken at once. Split it into several files.",
                self.limits.rows
            );
            return Err(Fault::at(FaultCode::TooManyRows, row.line, message));
        }
        self.rows += 1;
        row.number = self.rows;
        Ok(Some(row))
    }

    /// The bytes of the file, as it lies, that have been read so far: for showing progress.
    #[must_use]
    pub fn bytes_read(&self) -> u64 {
        self.opened.read.bytes().min(self.opened.length)
    }

    /// The bytes of the file as it lies.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.opened.length
    }
}

/// Looks at the first rows of a file.
///
/// # Errors
///
/// What makes the file no table, or keeps its first rows from being read.
pub fn detect(input: Box<dyn Input>, name: &str, settings: &Settings) -> Result<Detected, Fault> {
    let mut table = Table::open(input, name, settings, Limits::default())?;
    let mut sample = Vec::new();
    while sample.len() < SAMPLE {
        let Some(row) = table.next()? else { break };
        sample.push(row.cells);
    }
    Ok(Detected { sample, ..table.opened.shape })
}

/// The rows of any format.
impl Rows {
    fn next(&mut self, columns: &[String]) -> Result<Option<Row>, Fault> {
        match self {
            Rows::Delimited(rows) => rows.next(columns),
            Rows::JsonLines(rows) => rows.next(columns),
            Rows::Sheet(rows) => rows.next(columns),
        }
    }
}
