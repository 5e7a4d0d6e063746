//! What can be wrong with a file or with one of its rows, and the text that says so.
//!
//! A text says what, where and how to mend it; it never quotes a cell, for cells are personal data.

use std::{error::Error, fmt, io};

use serde::{Deserialize, Serialize};

/// Why a file cannot be read, or not be read on.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FaultCode {
    /// There is nothing in it.
    EmptyFile,
    /// It is no table of a kind that is read here.
    UnknownFormat,
    /// It is a table of a kind that is not read, or in a wrapping that is not.
    UnsupportedFormat,
    /// It asks for a password.
    Encrypted,
    /// It breaks off or is damaged.
    Damaged,
    /// Its characters are not what they were taken for.
    WrongEncoding,
    /// A quote is opened and never closed.
    UnclosedQuote,
    /// A record is longer than the limit.
    RecordTooLong,
    /// There are more columns than the limit.
    TooManyColumns,
    /// There are more rows than the limit.
    TooManyRows,
    /// It is too big once it is unpacked.
    TooBig,
    /// It unpacks to so many times its size that it looks like an attack.
    CompressionBomb,
    /// Two columns have one name.
    DuplicateHeader,
    /// A column has no name.
    BlankHeader,
    /// The names given do not fit the columns of the file.
    ColumnsMismatch,
    /// There is no sheet of this name.
    UnknownSheet,
    /// A setting cannot be.
    InvalidSetting,
    /// The file could not be read from where it lies.
    Unreadable,
}

/// Why a file cannot be read on: the reading ends here.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Fault {
    /// The kind of the fault.
    pub code: FaultCode,
    /// The line (of an XLSX: the row of the sheet) where it is, counted from 1.
    pub line: Option<u64>,
    /// What is wrong and how to mend it, in whole sentences; without cell values.
    pub message: String,
}

impl Fault {
    /// A fault of the file as a whole.
    pub(crate) fn new(code: FaultCode, message: impl Into<String>) -> Self {
        Self { code, line: None, message: message.into() }
    }

    /// A fault at a line.
    pub(crate) fn at(code: FaultCode, line: u64, message: impl Into<String>) -> Self {
        Self { code, line: Some(line), message: message.into() }
    }

    /// What an error of reading means: a fault in its guise, or a broken source.
    pub(crate) fn of(error: io::Error) -> Self {
        match error.downcast::<Fault>() {
            Ok(fault) => fault,
            Err(error) => {
                let kind = error.kind();
                Self::new(
                    FaultCode::Unreadable,
                    format!("The file cannot be read from its store ({kind}). Try again."),
                )
            }
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            Some(line) => write!(f, "Line {line}: {}", self.message),
            None => f.write_str(&self.message),
        }
    }
}

impl Error for Fault {}

impl From<Fault> for io::Error {
    fn from(fault: Fault) -> Self {
        io::Error::other(fault)
    }
}

/// Why one row cannot be taken as it is.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RowFaultCode {
    /// It has fewer or more cells than there are columns.
    RaggedRow,
    /// Text follows a closing quote: a quote may be open, and rows below have been taken into this one.
    StrayQuote,
    /// A cell is longer than the limit.
    CellTooLong,
    /// A cell holds the character NUL, which no text holds.
    NulCharacter,
    /// The line is no JSON object.
    NotAnObject,
    /// The object has a member that is no column of the table, or one twice.
    UnknownColumn,
    /// A cell of a workbook holds the error of a formula.
    FormulaError,
}

impl RowFaultCode {
    /// The code as files and replies have it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            RowFaultCode::RaggedRow => "ragged_row",
            RowFaultCode::StrayQuote => "stray_quote",
            RowFaultCode::CellTooLong => "cell_too_long",
            RowFaultCode::NulCharacter => "nul_character",
            RowFaultCode::NotAnObject => "not_an_object",
            RowFaultCode::UnknownColumn => "unknown_column",
            RowFaultCode::FormulaError => "formula_error",
        }
    }
}

/// What is wrong with one row; the rows after it are read.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct RowFault {
    /// The kind of the fault.
    pub code: RowFaultCode,
    /// The column it is in, where it is in one.
    pub column: Option<String>,
    /// What is wrong and how to mend it; without cell values.
    pub message: String,
}

impl RowFault {
    pub(crate) fn new(code: RowFaultCode, column: Option<&str>, message: impl Into<String>) -> Self {
        Self { code, column: column.map(str::to_owned), message: message.into() }
    }
}

/// A size as texts have it: `64 KiB`, `1 MiB`, `10 GiB`.
pub(crate) fn size(bytes: u64) -> String {
    let units = [(30, "GiB"), (20, "MiB"), (10, "KiB")];
    match units.into_iter().find(|(shift, _)| bytes >= 1 << shift) {
        Some((shift, unit)) => format!("{} {unit}", bytes >> shift),
        None => format!("{bytes} bytes"),
    }
}
