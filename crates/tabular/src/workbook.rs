//! XLSX: the cells of one sheet, streamed.
//!
//! The cells are read on a thread of their own and come in batches: the reader borrows from the workbook, and a
//! workbook that breaks its reader breaks no more than that thread.

mod parts;
mod value;

use std::{
    collections::VecDeque,
    io::BufReader,
    sync::mpsc::{Receiver, SyncSender, sync_channel},
    thread,
};

use calamine::{DataRef, Reader, Xlsx, XlsxError};

pub use parts::{compound, look_through};

use crate::{
    Fault, FaultCode, Input, Limits, Row, RowFault, RowFaultCode,
    rows::Form,
    unpack::{Counted, Counter},
};

/// Rows sent at once.
const BATCH: usize = 128;
/// Rows looked at for the header.
const SURVEYED: usize = 100;

/// One row of a sheet, without the empty cells at its end.
#[derive(Default)]
pub struct SheetRow {
    /// Its number in the sheet, from 1.
    pub number: u64,
    /// Its cells.
    pub cells: Vec<String>,
    /// The first cell that holds an error of a formula.
    pub error: Option<usize>,
}

enum Message {
    Opened { sheets: Vec<String> },
    Rows(Vec<SheetRow>),
    Ended,
    Failed(Fault),
}

/// The rows of a sheet.
pub struct Sheet {
    messages: Receiver<Message>,
    waiting: VecDeque<SheetRow>,
    sheets: Vec<String>,
    limits: Limits,
    state: Received,
    /// Whether the sheet is a reject file that was saved as a workbook.
    pub form: Form,
}

/// Which rows of which sheet are read.
pub struct Choice {
    /// The name of the sheet; without it the first.
    pub sheet: Option<String>,
    /// Rows to pass over.
    pub skip_rows: u64,
}

impl Sheet {
    /// Opens a workbook that has been looked through.
    pub fn open(
        input: Box<dyn Input>,
        choice: Choice,
        limits: Limits,
        counter: &Counter,
    ) -> Result<Self, Fault> {
        let (sender, messages) = sync_channel(2);
        let source = BufReader::new(Counted::new(input, counter));
        let read = move || {
            let outcome = read_sheet(source, &choice, &limits, &sender);
            let last = outcome.map_or_else(Message::Failed, |()| Message::Ended);
            sender.send(last).ok(); // Whoever has gone needs no answer.
        };
        thread::Builder::new().name("workbook".to_owned()).spawn(read).map_err(Fault::of)?;
        match messages.recv() {
            Ok(Message::Opened { sheets }) => {
                let (waiting, state, form) = (VecDeque::new(), Received::Rows, Form::Plain);
                Ok(Self { messages, waiting, sheets, limits, state, form })
            }
            Ok(Message::Failed(fault)) => Err(fault),
            _ => Err(damaged(None)),
        }
    }

    /// The names of all sheets.
    pub fn sheets(&self) -> &[String] {
        &self.sheets
    }

    /// The first rows, which stay to be read.
    pub fn survey(&mut self) -> Result<Vec<Vec<String>>, Fault> {
        while self.waiting.len() < SURVEYED {
            if self.receive()? == Received::End {
                break;
            }
        }
        Ok(self.waiting.iter().take(SURVEYED).map(|row| row.cells.clone()).collect())
    }

    /// Takes the first row off, as the header.
    pub fn take_first(&mut self) -> Option<SheetRow> {
        self.waiting.pop_front()
    }

    fn receive(&mut self) -> Result<Received, Fault> {
        if self.state == Received::End {
            return Ok(Received::End);
        }
        match self.messages.recv() {
            Ok(Message::Rows(rows)) => {
                self.waiting.extend(rows);
                Ok(Received::Rows)
            }
            Ok(Message::Failed(fault)) => Err(fault),
            Ok(Message::Ended) => {
                self.state = Received::End;
                Ok(Received::End)
            }
            Ok(Message::Opened { .. }) | Err(_) => Err(damaged(None)),
        }
    }

    /// The next row, without its number.
    pub fn next(&mut self, columns: &[String]) -> Result<Option<Row>, Fault> {
        while self.waiting.is_empty() {
            if self.receive()? == Received::End {
                return Ok(None);
            }
        }
        let Some(SheetRow { number, mut cells, error }) = self.waiting.pop_front() else { return Ok(None) };
        let width = columns.len() + self.form.extra();
        let surplus = cells.len().saturating_sub(width);
        if cells.len() < width {
            cells.resize(width, String::new());
        }
        let mut row = self.form.row(number, cells, columns, &self.limits);
        if surplus > 0 {
            let (found, expected) = (width + surplus, width);
            let message = format!(
                "This row has cells up to column {found}, but there are {expected} columns. Name the column in the \
                 header, or take the cell out."
            );
            row.fault = Some(RowFault::new(RowFaultCode::RaggedRow, None, message));
        }
        if let (None, Some(at)) = (&row.fault, error) {
            let column = columns.get(at).map(String::as_str);
            let message = "The formula in this cell has an error instead of a value. Mend it and save the workbook anew.";
            row.fault = Some(RowFault::new(RowFaultCode::FormulaError, column, message));
        }
        Ok(Some(row))
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Received {
    Rows,
    End,
}

type Source = BufReader<Counted<Box<dyn Input>>>;

/// Reads the sheet to its end, or until nobody listens any more.
fn read_sheet(
    source: Source,
    choice: &Choice,
    limits: &Limits,
    sender: &SyncSender<Message>,
) -> Result<(), Fault> {
    let mut workbook = Xlsx::new(source).map_err(|error| told(&error, None))?;
    let sheets = workbook.sheet_names();
    let name = match &choice.sheet {
        Some(wanted) => sheets.iter().find(|name| *name == wanted).ok_or_else(unknown_sheet)?.clone(),
        None => sheets.first().ok_or_else(crate::open::empty)?.clone(),
    };
    if sender.send(Message::Opened { sheets }).is_err() {
        return Ok(());
    }
    let mut cells = workbook.worksheet_cells_reader(&name).map_err(|error| told(&error, None))?;
    let mut batch = Vec::new();
    let mut row = SheetRow::default();
    loop {
        let cell = cells.next_cell().map_err(|error| told(&error, Some(row.number)))?;
        let number = cell.as_ref().map(|cell| u64::from(cell.get_position().0) + 1);
        if number != Some(row.number) {
            let done = std::mem::take(&mut row);
            if done.cells.iter().any(|cell| !cell.trim().is_empty()) {
                batch.push(done);
            }
            if batch.len() >= BATCH && sender.send(Message::Rows(std::mem::take(&mut batch))).is_err() {
                return Ok(());
            }
        }
        let (Some(cell), Some(number)) = (cell, number) else { break };
        row.number = number;
        if number > choice.skip_rows {
            take(&mut row, cell.get_position().1 as usize, cell.get_value(), limits)?;
        }
    }
    sender.send(Message::Rows(batch)).ok();
    Ok(())
}

/// Puts a cell into its row; empty ones cost nothing.
fn take(row: &mut SheetRow, column: usize, value: &DataRef<'_>, limits: &Limits) -> Result<(), Fault> {
    let text = value::text(value);
    if text.is_empty() {
        return Ok(());
    }
    if column >= limits.columns {
        let message = format!(
            "This row has a cell beyond column {}, the most that are taken. Take out columns that are not needed.",
            limits.columns
        );
        return Err(Fault::at(FaultCode::TooManyColumns, row.number, message));
    }
    if row.cells.len() <= column {
        row.cells.resize(column + 1, String::new());
    }
    row.cells[column] = text;
    if matches!(value, DataRef::Error(_)) && row.error.is_none() {
        row.error = Some(column);
    }
    Ok(())
}

fn unknown_sheet() -> Fault {
    let message =
        "The workbook has no sheet of the name in the settings. Take one of the names that detection shows.";
    Fault::new(FaultCode::UnknownSheet, message)
}

fn told(error: &XlsxError, row: Option<u64>) -> Fault {
    match error {
        XlsxError::Password => parts::encrypted(),
        XlsxError::NotAWorksheet(_) => {
            let message = "This sheet holds a chart or macros, no cells. Name another sheet in the settings.";
            Fault::new(FaultCode::UnknownSheet, message)
        }
        _ => damaged(row.filter(|row| *row > 0)),
    }
}

fn damaged(row: Option<u64>) -> Fault {
    let message = "The workbook is damaged here. Open it in a spreadsheet program, save it anew as XLSX and upload it \
                   again.";
    Fault { code: FaultCode::Damaged, line: row, message: message.to_owned() }
}
