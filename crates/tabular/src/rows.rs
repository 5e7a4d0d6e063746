//! Records made into rows: what does not fit the columns is marked.

use crate::{
    Fault, Limits, Row, RowFault, RowFaultCode,
    fault::size,
    json_lines::JsonLines,
    quotes::Found,
    records::{Record, Records},
    reject,
    workbook::Sheet,
};

/// Where rows come from.
pub enum Rows {
    /// Delimited text.
    Delimited(Box<Delimited>),
    /// JSON Lines.
    JsonLines(JsonLines),
    /// A sheet of a workbook.
    Sheet(Sheet),
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
        Ok(record.map(|Record { line, cells, quotes }| {
            let mut row = self.form.row(line, cells, columns, &self.limits);
            if row.fault.is_none() && quotes == Found::TextBehindQuote {
                row.fault = Some(stray_quote());
            }
            row
        }))
    }
}

impl Form {
    /// The row that a record is, without its number.
    pub fn row(self, line: u64, mut cells: Vec<String>, columns: &[String], limits: &Limits) -> Row {
        let expected = columns.len() + self.extra();
        let mut fault = (cells.len() != expected).then(|| ragged(&cells, columns.len(), self.extra()));
        if self == Form::Rejected {
            if fault.is_none() && reject::is_displaced(&cells[columns.len() + 1]) {
                fault = Some(displaced());
            }
            cells.truncate(columns.len());
            cells = cells.into_iter().map(reject::unguarded).collect();
        }
        let fault = fault.or_else(|| fault_of(&cells, columns, limits));
        Row { number: 0, line, cells, fault }
    }

    /// Cells that a record has beside those of the row.
    pub fn extra(self) -> usize {
        match self {
            Form::Plain => 0,
            Form::Rejected => reject::REJECT_COLUMNS.len(),
        }
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
fn ragged(cells: &[String], columns: usize, extra: usize) -> RowFault {
    let found = cells.len().saturating_sub(extra);
    let mut message = if found < columns {
        format!("This row has {found} of {columns} cells. Add what is missing.")
    } else {
        format!(
            "This row has {found} cells, but there are {columns} columns. Take out what is too much, or quote a cell \
             with a delimiter in it."
        )
    };
    let breaks = cells.iter().map(|cell| cell.lines().count().saturating_sub(1)).sum::<usize>();
    if breaks > 0 {
        let lines = breaks + 1;
        message.push_str(&format!(" It spans {lines} lines: check that no quote in it is left open."));
    }
    RowFault::new(RowFaultCode::RaggedRow, None, message)
}

fn stray_quote() -> RowFault {
    let message = "In this row text follows a closing quote. Check that no quote is left open, here or in a line above; \
                   a quote that belongs to the text is written twice, inside quotes.";
    RowFault::new(RowFaultCode::StrayQuote, None, message)
}

fn displaced() -> RowFault {
    let message = "This row was refused because its values are not in their columns. Put each value into its column, \
                   then empty the cell _error_code of this row.";
    RowFault::new(RowFaultCode::RaggedRow, None, message)
}
