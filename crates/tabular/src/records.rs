//! Records of a delimited text file, in bounded buffers.

use csv_core::{ReadRecordResult, Reader, ReaderBuilder};

use crate::{
    Fault, FaultCode, Limits,
    fault::size,
    quotes::{Found, Quotes},
    text::{Ahead, Text},
};

/// The two characters that make a delimited file.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Dialect {
    /// Between cells.
    pub delimiter: u8,
    /// Around cells; 0: none.
    pub quote: u8,
}

impl Dialect {
    /// A parser for it.
    pub fn reader(self) -> Reader {
        let mut builder = ReaderBuilder::new();
        builder.delimiter(self.delimiter).quoting(self.quote != 0);
        if self.quote != 0 {
            builder.quote(self.quote);
        }
        builder.build()
    }
}

/// One record: its cells and where it begins.
#[derive(Default)]
pub struct Record {
    /// The line it begins in, from 1.
    pub line: u64,
    /// Its cells.
    pub cells: Vec<String>,
    /// Whether its quotes are where they belong.
    pub quotes: Found,
}

/// Reads record by record; what it holds never grows beyond the limit of a record.
pub struct Records {
    text: Text<'static>,
    reader: Reader,
    dialect: Dialect,
    limits: Limits,
    cells: Vec<u8>,
    ends: Vec<usize>,
}

/// How far the record is that is being read.
#[derive(Default)]
struct Progress {
    line: u64,
    bytes: usize,
    written: usize,
    ended: usize,
    quotes: Quotes,
}

impl Records {
    /// Reads from where `text` stands.
    pub fn new(text: Text<'static>, dialect: Dialect, limits: Limits) -> Self {
        Self {
            text,
            reader: dialect.reader(),
            dialect,
            limits,
            cells: vec![0; 8 << 10],
            ends: vec![0; limits.columns + 8],
        }
    }

    /// The next record with a value in it; blank ones are passed over. `None` at the end.
    pub fn next(&mut self) -> Result<Option<Record>, Fault> {
        loop {
            if self.text.skip_line_ends()? == Ahead::End {
                return Ok(None);
            }
            let record = self.read()?;
            if record.cells == ["\u{1a}"] && self.text.skip_line_ends()? == Ahead::End {
                return Ok(None); // Old DOS programs end a text with this character.
            }
            if record.cells.iter().any(|cell| !cell.trim().is_empty()) {
                return Ok(Some(record));
            }
        }
    }

    fn read(&mut self) -> Result<Record, Fault> {
        let mut at = Progress { line: self.text.line(), ..Progress::default() };
        loop {
            let piece = self.text.fill()?;
            if piece.is_empty() {
                return self.end_of_file(&at);
            }
            let (result, read, written, ended) =
                self.reader.read_record(piece, &mut self.cells[at.written..], &mut self.ends[at.ended..]);
            at.quotes.feed(&piece[..read], self.dialect);
            at.bytes += read;
            at.written += written;
            at.ended += ended;
            self.text.consume(read);
            match result {
                ReadRecordResult::Record => return self.record(&at),
                ReadRecordResult::OutputEndsFull => return Err(self.too_many_columns(&at)),
                ReadRecordResult::OutputFull => self.cells.resize(2 * self.cells.len(), 0),
                ReadRecordResult::InputEmpty | ReadRecordResult::End => {}
            }
            if at.bytes > self.limits.record_bytes {
                return Err(self.too_long(&at));
            }
        }
    }

    /// A last record without a line end is one; if a line end does not end it, a quote is open.
    fn end_of_file(&mut self, at: &Progress) -> Result<Record, Fault> {
        self.cells.resize(self.cells.len().max(at.written + 8), 0);
        let (result, _, written, ended) =
            self.reader.read_record(b"\n", &mut self.cells[at.written..], &mut self.ends[at.ended..]);
        match result {
            ReadRecordResult::Record => self.record(&Progress {
                line: at.line,
                bytes: at.bytes,
                written: at.written + written,
                ended: at.ended + ended,
                quotes: at.quotes,
            }),
            ReadRecordResult::OutputEndsFull => Err(self.too_many_columns(at)),
            _ => Err(self.unclosed(at, "the end of the file")),
        }
    }

    fn record(&self, at: &Progress) -> Result<Record, Fault> {
        let mut cells = Vec::with_capacity(at.ended);
        let mut start = 0;
        for &end in &self.ends[..at.ended] {
            cells.push(String::from_utf8_lossy(&self.cells[start..end]).into_owned());
            start = end;
        }
        if cells.len() > self.limits.columns {
            return Err(self.too_many_columns(at));
        }
        if at.bytes > self.limits.record_bytes {
            return Err(self.too_long(at));
        }
        Ok(Record { line: at.line, cells, quotes: at.quotes.found() })
    }

    fn too_many_columns(&self, at: &Progress) -> Fault {
        let message = format!(
            "This row has more than {} cells, the most that are taken. Take out columns that are not needed, or set \
             the delimiter if another character stands between the cells.",
            self.limits.columns
        );
        Fault::at(FaultCode::TooManyColumns, at.line, message)
    }

    fn too_long(&self, at: &Progress) -> Fault {
        let limit = size(self.limits.record_bytes as u64);
        let open = self.cells[self.open_cell(at)..at.written].contains(&b'\n');
        if open {
            return self.unclosed(at, &format!("{limit} later"));
        }
        let message = format!(
            "This line is longer than {limit}, the most that one row may have. Check that the file is a table with \
             one row a line, that its lines end with a line break, and that no quote is left open."
        );
        Fault::at(FaultCode::RecordTooLong, at.line, message)
    }

    /// Where the cell begins that is being read.
    fn open_cell(&self, at: &Progress) -> usize {
        at.ended.checked_sub(1).and_then(|last| self.ends.get(last)).copied().unwrap_or(0).min(at.written)
    }

    /// Line ends before the open cell are those of quoted cells, so its line is exact.
    fn unclosed(&self, at: &Progress, until: &str) -> Fault {
        let before = &self.cells[..self.open_cell(at)];
        let line = at.line + before.iter().filter(|byte| **byte == b'\n').count() as u64;
        let message = format!(
            "A quote opens in column {} of this line and is not closed by {until}. Close it; a quote that belongs \
             to the text is written twice; if cells are not quoted at all, set the quote to none.",
            at.ended + 1
        );
        Fault::at(FaultCode::UnclosedQuote, line, message)
    }
}
