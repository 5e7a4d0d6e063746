//! What is too large is refused before it is held.

use std::{
    io::{Cursor, Read, Seek, SeekFrom},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use muster_tabular::{Fault, FaultCode, Limits, Settings, Table, detect};

use crate::{
    files,
    reading::{read, read_with},
};

/// A file that is made while it is read: a beginning, then one pattern again and again. It counts what was read.
#[derive(Clone)]
struct Made {
    start: &'static [u8],
    pattern: &'static [u8],
    size: u64,
    position: u64,
    read: Arc<AtomicU64>,
}

impl Made {
    fn new(start: &'static str, pattern: &'static str, size: u64) -> Self {
        let (start, pattern) = (start.as_bytes(), pattern.as_bytes());
        Self { start, pattern, size, position: 0, read: Arc::default() }
    }
}

impl Read for Made {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let length = buffer.len().min(usize::try_from(self.size - self.position).unwrap());
        let place = usize::try_from(self.position).unwrap();
        for (byte, at) in buffer[..length].iter_mut().zip(place..) {
            let repeated = || self.pattern[(at - self.start.len()) % self.pattern.len()];
            *byte = self.start.get(at).copied().unwrap_or_else(repeated);
        }
        self.position += length as u64;
        self.read.fetch_add(length as u64, Ordering::Relaxed);
        Ok(length)
    }
}

impl Seek for Made {
    fn seek(&mut self, to: SeekFrom) -> std::io::Result<u64> {
        let position = match to {
            SeekFrom::Start(position) => position,
            SeekFrom::End(0) => self.size,
            _ => return Err(std::io::ErrorKind::Unsupported.into()),
        };
        self.position = position;
        Ok(position)
    }
}

fn open_and_read(input: &Made, name: &str) -> Fault {
    let outcome = Table::open(Box::new(input.clone()), name, &Settings::default(), Limits::default());
    let mut table = match outcome {
        Ok(table) => table,
        Err(fault) => return fault,
    };
    loop {
        match table.next() {
            Ok(row) => assert!(row.is_some(), "the end was reached"),
            Err(fault) => return fault,
        }
    }
}

/// Nothing can hold what was never read: of the gigabyte only the head, looked at once, and one record are read.
#[test]
fn a_line_of_a_gigabyte_is_refused_after_a_few_mebibytes() {
    let cases = [
        ("one-line.csv", "", "x", FaultCode::RecordTooLong, 1),
        ("after-rows.csv", "id,name\n1,Ada\n2,", "x", FaultCode::RecordTooLong, 3),
        ("in-quotes.csv", "id,name\n1,Ada\n2,\"", "x,\n", FaultCode::UnclosedQuote, 3),
        ("many-cells.csv", "id,name\n1,", "x,", FaultCode::TooManyColumns, 2),
        ("one-object.jsonl", "{\"id\":1}\n{\"id\":\"", "x", FaultCode::RecordTooLong, 2),
    ];
    for (name, start, pattern, code, line) in cases {
        let input = Made::new(start, pattern, 1 << 30);
        let fault = open_and_read(&input, name);
        assert_eq!((fault.code, fault.line), (code, Some(line)), "{name}: {fault}");
        let read = input.read.load(Ordering::Relaxed);
        assert!(read < 6 << 20, "{name}: {read} bytes were read before the refusal");
    }
}

#[test]
fn a_file_larger_than_the_limit_is_refused_where_it_passes_it() {
    let limits = Limits { unpacked_bytes: 2 << 20, ..Limits::default() };
    let csv = format!("id,name\n{}", "1,Ada\n".repeat(400_000));
    for (name, bytes) in [("a.csv", csv.clone().into_bytes()), ("a.csv.gz", files::gzip(csv.as_bytes()))] {
        let fault = read_with(name, bytes, &Settings::default(), limits).unwrap_err();
        assert_eq!(fault.code, FaultCode::TooBig);
        assert!(fault.message.contains("2 MiB"), "{fault}");
    }
}

#[test]
fn rows_beyond_the_limit_are_refused() {
    let limits = Limits { rows: 2, ..Limits::default() };
    let fault =
        read_with("a.csv", "id,name\n1,Ada\n2,Jean\n3,Alan\n", &Settings::default(), limits).unwrap_err();
    assert_eq!((fault.code, fault.line), (FaultCode::TooManyRows, Some(4)));
}

#[test]
fn a_bomb_is_refused_long_before_it_is_unpacked() {
    let bomb = files::gzip_of(&files::LONG_ROW, 200 << 20);
    let mut table =
        Table::open(Box::new(Cursor::new(bomb.clone())), "a.gz", &Settings::default(), Limits::default())
            .unwrap();
    let fault = loop {
        match table.next() {
            Ok(row) => assert!(row.is_some(), "the end was reached"),
            Err(fault) => break fault,
        }
    };
    assert_eq!(fault.code, FaultCode::CompressionBomb);
    assert!(table.bytes_read() < bomb.len() as u64 / 2);
}

#[test]
fn a_workbook_that_unpacks_to_more_than_the_limit_is_refused_before_its_cells_are_read() {
    let limits = Limits { workbook_bytes: 1 << 20, ..Limits::default() };
    let rows = "<row><c><v>1</v></c><c><v>2</v></c></row>".repeat(40_000);
    let workbook = files::workbook_of(&files::sheet(&rows, ""), &[]);
    let fault = read_with("a.xlsx", workbook.clone(), &Settings::default(), limits).unwrap_err();
    assert_eq!(fault.code, FaultCode::TooBig);
    assert_eq!(read("a.xlsx", workbook).unwrap().1.len(), 40_000);
}

#[test]
fn a_look_at_a_file_reads_its_beginning_only() {
    let input = Made::new("id,name\n", "1,Ada\n", 1 << 30);
    let found = detect(Box::new(input.clone()), "people.csv", &Settings::default()).unwrap();
    assert_eq!((found.columns.len(), found.sample.len(), found.header), (2, 20, true));
    assert!(input.read.load(Ordering::Relaxed) < 2 << 20);
}
