//! From a file as it lies to its rows: unpacked, decoded, its dialect and header found.

use std::io::{Read, Seek, SeekFrom};

use crate::{
    Compression, Detected, Encoding, Fault, FaultCode, Format, Input, Limits, Settings,
    dialect::{self, Cut},
    header::{self, Header},
    records::{Dialect, Record, Records},
    reject,
    rows::{Delimited, Form, Rows},
    sniff::{self, Wrapping},
    text::Text,
    unpack::{self, Counter},
};

/// As much decoded text is judged for dialect and header.
const SAMPLE_BYTES: usize = 128 << 10;

/// A file that stands before its first row.
pub struct Opened {
    /// Where its rows come from.
    pub rows: Rows,
    /// What it is; without sample.
    pub shape: Detected,
    /// How much of it has been read.
    pub read: Counter,
}

/// The first bytes of a file, unpacked.
struct Head {
    compression: Option<Compression>,
    bytes: Vec<u8>,
    cut: Cut,
}

/// What is known of a text before its rows are read.
struct Plan {
    encoding: Encoding,
    told_encoding: Option<Encoding>,
    dialect: Dialect,
    skip_lines: u64,
    header: Header,
    form: Form,
    names: Option<Vec<String>>,
    shape: Detected,
}

/// Opens a file of any kind.
pub fn open(
    mut input: Box<dyn Input>,
    name: &str,
    settings: &Settings,
    limits: Limits,
) -> Result<Opened, Fault> {
    check(settings)?;
    let mut magic = [0; 8];
    let count = fill(&mut input, &mut magic)?;
    rewind(&mut input)?;
    let compression = match sniff::wrapping(&magic[..count]) {
        Wrapping::None => None,
        Wrapping::Packed(compression) => Some(compression),
        Wrapping::Zip | Wrapping::Compound => {
            return Err(Fault::new(FaultCode::UnsupportedFormat, "Not yet read."));
        }
    };
    let mut bytes = vec![0; sniff::HEAD];
    let read = {
        let mut unpacked = unpack::unpacked(&mut *input, compression, limits, &Counter::default());
        fill(&mut unpacked, &mut bytes)?
    };
    bytes.truncate(read);
    let cut = if read == sniff::HEAD { Cut::Within } else { Cut::Whole };
    rewind(&mut input)?;
    text(input, name, settings, limits, &Head { compression, bytes, cut })
}

fn text(
    input: Box<dyn Input>,
    name: &str,
    settings: &Settings,
    limits: Limits,
    head: &Head,
) -> Result<Opened, Fault> {
    if head.bytes.is_empty() {
        return Err(empty());
    }
    let plan = plan(name, settings, head)?;
    let read = Counter::default();
    let source = unpack::unpacked(input, head.compression, limits, &read);
    let mut text = Text::new(source, plan.encoding, plan.told_encoding);
    text.skip_lines(plan.skip_lines)?;
    delimited(text, plan, limits, read)
}

/// Judges the head: encoding, format, dialect, header.
fn plan(name: &str, settings: &Settings, head: &Head) -> Result<Plan, Fault> {
    let (found, note) = sniff::encoding(&head.bytes);
    let encoding = settings.encoding.unwrap_or(found);
    sniff::refuse_binary(&head.bytes, encoding)?;
    let mut notes: Vec<String> = Vec::new();
    if settings.encoding.is_none() {
        notes.extend(note.map(str::to_owned));
    }
    let (sample, cut) = sample(head, encoding, 0);
    let rejected = rejected(&sample);
    let form = if rejected.is_some() { Form::Rejected } else { Form::Plain };
    let skip_lines = if form == Form::Rejected { 0 } else { settings.skip_lines };
    let (sample, cut) = if skip_lines > 0 { self::sample(head, encoding, skip_lines) } else { (sample, cut) };
    let format =
        if form == Form::Rejected { Format::Csv } else { sniff::text_format(&sample, name, settings)? };
    let dialect = rejected.unwrap_or_else(|| {
        let tab = (format == Format::Tsv).then_some(b'\t');
        dialect::detect(&sample, cut, settings.delimiter.or(tab), settings.quote)
    });
    let records = dialect::records(&sample, cut, dialect);
    let header = match (form, settings.header, &settings.columns) {
        (Form::Rejected, _, _) | (_, Some(true), _) => Header::Present,
        (_, Some(false), _) => Header::Absent,
        (_, None, Some(names)) => header::repeats(&records, names),
        (_, None, None) => header::names_columns(&records),
    };
    if form == Form::Rejected {
        notes.push("This is a reject file: settings of delimiter, header and columns are passed over, the last four \
                    columns too.".to_owned());
    } else if header == Header::Absent && settings.header.is_none() {
        notes.push(
            "The first row looks like values, so the columns are numbered. If it names the columns, set the \
                    header to true."
                .to_owned(),
        );
    }
    let format = if format == Format::Csv && dialect.delimiter == b'\t' { Format::Tsv } else { format };
    let shape = Detected {
        format,
        compression: head.compression,
        encoding,
        delimiter: Some(dialect.delimiter),
        quote: Some(dialect.quote),
        header: header == Header::Present,
        sheets: Vec::new(),
        columns: Vec::new(),
        sample: Vec::new(),
        notes,
    };
    let names = settings.columns.clone().filter(|_| form == Form::Plain);
    Ok(Plan { encoding, told_encoding: settings.encoding, dialect, skip_lines, header, form, names, shape })
}

/// The beginning of the text, without the lines to pass over; what cannot be decoded ends it.
fn sample(head: &Head, encoding: Encoding, skip_lines: u64) -> (String, Cut) {
    let bytes = std::io::Cursor::new(head.bytes.clone());
    let mut text = Text::new(Box::new(bytes), encoding, None);
    let mut sample = Vec::new();
    let mut cut = Cut::Within;
    if text.skip_lines(skip_lines).is_ok() {
        while sample.len() < SAMPLE_BYTES {
            let Ok(piece) = text.fill() else { break };
            if piece.is_empty() {
                cut = head.cut;
                break;
            }
            let length = piece.len();
            sample.extend_from_slice(piece);
            text.consume(length);
        }
    }
    (String::from_utf8_lossy(&sample).into_owned(), cut)
}

/// The dialect of a reject file, if this is one: its header tells, whatever program saved it last.
fn rejected(sample: &str) -> Option<Dialect> {
    let line = sample.trim_start().lines().next()?;
    if !line.contains(reject::REJECT_COLUMNS[0]) {
        return None;
    }
    dialect::DELIMITERS.into_iter().map(|delimiter| Dialect { delimiter, quote: b'"' }).find(|dialect| {
        let records = dialect::records(sample, Cut::Whole, *dialect);
        records.first().is_some_and(|names| reject::is_reject_header(names))
    })
}

fn delimited(text: Text, mut plan: Plan, limits: Limits, read: Counter) -> Result<Opened, Fault> {
    let mut records = Records::new(text, plan.dialect, limits);
    let Some(mut first) = records.next()? else { return Err(empty()) };
    if plan.form == Form::Rejected {
        first.cells.truncate(first.cells.len() - reject::REJECT_COLUMNS.len());
        first.cells = first.cells.into_iter().map(reject::unguarded).collect();
    }
    let names = plan.names.take();
    plan.shape.columns = columns(names, &first, plan.header)?;
    let first = (plan.header == Header::Absent).then_some(first);
    let rows = Rows::Delimited(Delimited { records, first, form: plan.form, limits });
    Ok(Opened { rows, shape: plan.shape, read })
}

/// The names of the columns: those given, those of the header, or numbers.
pub fn columns(given: Option<Vec<String>>, first: &Record, header: Header) -> Result<Vec<String>, Fault> {
    let Some(names) = given else {
        return match header {
            Header::Present => header::checked(first.cells.clone(), first.line),
            Header::Absent => Ok(header::numbered(first.cells.len())),
        };
    };
    if names.len() != first.cells.len() {
        let message = format!(
            "The settings name {} columns, but this row has {} cells. Name as many columns as the file has, or set \
             the delimiter.",
            names.len(),
            first.cells.len()
        );
        return Err(Fault::at(FaultCode::ColumnsMismatch, first.line, message));
    }
    Ok(names)
}

/// Refuses settings that cannot be, before the file is touched.
fn check(settings: &Settings) -> Result<(), Fault> {
    let invalid = |message: &str| Err(Fault::new(FaultCode::InvalidSetting, message));
    let bad = |byte: u8| !byte.is_ascii() || matches!(byte, b'\n' | b'\r');
    if settings.delimiter.is_some_and(|delimiter| bad(delimiter) || delimiter == 0) {
        return invalid("The delimiter must be one ASCII character and no line end.");
    }
    if settings.quote.is_some_and(bad) || (settings.quote.is_some() && settings.quote == settings.delimiter) {
        return invalid(
            "The quote must be one ASCII character, no line end, and another one than the delimiter.",
        );
    }
    let Some(names) = &settings.columns else { return Ok(()) };
    header::checked(names.clone(), 0)
        .map(drop)
        .or_else(|_| invalid("The names of the columns must be filled, and each be there once."))
}

/// The fault of a file with nothing in it.
pub fn empty() -> Fault {
    Fault::new(
        FaultCode::EmptyFile,
        "The file is empty: it has neither a header nor a row. Save the table anew.",
    )
}

/// Reads until the buffer is full or the source ends.
pub fn fill(source: &mut impl Read, buffer: &mut [u8]) -> Result<usize, Fault> {
    let mut count = 0;
    while count < buffer.len() {
        match source.read(&mut buffer[count..]) {
            Ok(0) => break,
            Ok(read) => count += read,
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
            Err(error) => return Err(Fault::of(error)),
        }
    }
    Ok(count)
}

fn rewind(input: &mut impl Seek) -> Result<(), Fault> {
    input.seek(SeekFrom::Start(0)).map(drop).map_err(Fault::of)
}
