//! Reads whole files in one go, for tests.

use std::io::Cursor;

use muster_tabular::{Fault, Limits, Row, Settings, Table};

/// The columns and all rows of a file.
pub fn read(name: &str, bytes: impl Into<Vec<u8>>) -> Result<(Vec<String>, Vec<Row>), Fault> {
    read_with(name, bytes, &Settings::default(), Limits::default())
}

/// The same with settings and limits.
pub fn read_with(
    name: &str,
    bytes: impl Into<Vec<u8>>,
    settings: &Settings,
    limits: Limits,
) -> Result<(Vec<String>, Vec<Row>), Fault> {
    let mut table = Table::open(Box::new(Cursor::new(bytes.into())), name, settings, limits)?;
    let mut rows = Vec::new();
    while let Some(row) = table.next()? {
        rows.push(row);
    }
    Ok((table.columns().to_vec(), rows))
}

/// The cells of rows.
pub fn cells(rows: &[Row]) -> Vec<Vec<&str>> {
    rows.iter().map(|row| row.cells.iter().map(String::as_str).collect()).collect()
}
