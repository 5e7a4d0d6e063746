//! Rows out of table files, whatever their size, with flat memory.
//!
//! Pure: it reads from what it is given and knows neither a database nor a clock nor what the rows are for.
//! A file is first looked at ([`detect`]) and then read row by row ([`Table`]). What concerns one row stands in
//! the row ([`Row::fault`]) and reading goes on; a [`Fault`] ends the reading. Neither ever quotes a cell: texts
//! name the line, the column and the cure, so they may be logged and shown.
//! Formats, detection, limits and every text stand in `docs/importing-files.md`.

mod dialect;
mod fault;
mod header;
mod json_lines;
mod open;
mod plan;
mod quotes;
mod records;
mod reject;
mod rows;
mod settings;
mod sniff;
mod table;
mod text;
mod unpack;
mod workbook;
mod zstd;

pub use fault::{Fault, FaultCode, RowFault, RowFaultCode};
pub use reject::{REJECT_COLUMNS, Reject, RejectWriter};
pub use settings::{Compression, Detected, Encoding, Format, Limits, Settings};
pub use table::{Input, Row, Table, detect};
