//! Records made into rows: what does not fit the columns is marked.

use crate::{
    Fault, Limits, Row, RowFault, RowFaultCode,
    fault::size,
    records::{Record, Records},
    reject,
};

/// Where rows come from.
pub enum Rows {
    /// Delimited text.
    Delimited(Delimited),
}

/// Rows of delimited text.
pub struct Delimited {
    /// The records after the header.
    pub records: Records,
    /// The first record, if it was read to see how many columns there are.
    pub first: Option<Record>,
    /// What of a record is the row.
    pub form: Form,
    /// The limits of a cell.
    pub limits: Limits,
}

/// What a record looks like.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Form {
    /// It is the row.
    Plain,
    /// The row is followed by the columns of a reject file.
    Rejected,
}

impl Delimited {
    /// The next row, without its number.
    pub fn next(&mut self, columns: &[String]) -> Result<Option<Row>, Fault> {
        let record = match self.first.take() {
            Some(first) => Some(first),
            None => self.records.next()?,
        };
        let Some(Record { line, mut cells }) = record else { return Ok(None) };
        let mut fault = None;
        let mut expected = columns.len();
        if self.form == Form::Rejected {
            expected += reject::REJECT_COLUMNS.len();
        }
        if cells.len() != expected {
            fault = Some(ragged(cells.len(), expected));
        }
        if self.form == Form::Rejected {
            if fault.is_none() && reject::is_ragged(&cells[columns.len() + 1]) {
                fault = Some(still_ragged());
            }
            cells.truncate(columns.len());
            cells = cells.into_iter().map(reject::unguarded).collect();
        }
        let fault = fault.or_else(|| fault_of(&cells, columns, &self.limits));
        Ok(Some(Row { number: 0, line, cells, fault }))
    }
}

/// What is wrong with a row as far as its cells alone tell.
pub fn fault_of(cells: &[String], columns: &[String], limits: &Limits) -> Option<RowFault> {
    cells.iter().zip(columns).find_map(|(cell, column)| {
        if cell.len() > limits.cell_bytes {
            let limit = size(limits.cell_bytes as u64);
            let message = format!("This cell is longer than {limit}, the most that one may have. Shorten it.");
            return Some(RowFault::new(RowFaultCode::CellTooLong, Some(column), message));
        }
        if cell.as_bytes().contains(&0) {
            let message = "This cell holds a NUL character, which no text does. Take it out, or write the file anew \
                           from where it came.";
            return Some(RowFault::new(RowFaultCode::NulCharacter, Some(column), message));
        }
        None
    })
}

/// The fault of a row whose cells do not fit the columns.
pub fn ragged(cells: usize, expected: usize) -> RowFault {
    let message = if cells < expected {
        format!(
            "This row has {cells} of {expected} cells. Add what is missing, or quote a cell with a line break in it."
        )
    } else {
        format!(
            "This row has {cells} cells, but there are {expected} columns. Take out what is too much, or quote a cell \
             with a delimiter in it."
        )
    };
    RowFault::new(RowFaultCode::RaggedRow, None, message)
}

fn still_ragged() -> RowFault {
    let message = "This row was refused because its cells do not fit the columns. Put each value into its column, \
                   then empty the cell _error_code of this row.";
    RowFault::new(RowFaultCode::RaggedRow, None, message)
}
