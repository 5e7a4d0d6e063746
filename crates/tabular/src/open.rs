//! From a file as it lies to its rows: unpacked, decoded, its dialect and header found.

use std::io::{Read, Seek, SeekFrom};

use crate::{
    Detected, Fault, FaultCode, Format, Input, Limits, Settings,
    dialect::Cut,
    header::{self, Header},
    json_lines::{self, JsonLines, Lines},
    plan::{self, Head, Plan},
    records::Records,
    reject,
    rows::{Delimited, Form, Rows},
    sniff::{self, Wrapping},
    text::Text,
    unpack::{self, Counter},
    workbook::{self, Choice, Sheet},
};

/// A file that stands before its first row.
pub struct Opened {
    /// Where its rows come from.
    pub rows: Rows,
    /// What it is; without sample.
    pub shape: Detected,
    /// How much of it has been read.
    pub read: Counter,
    /// How much of it there is.
    pub length: u64,
}

/// How a file is read.
#[derive(Clone, Copy)]
struct Reading<'a> {
    length: u64,
    settings: &'a Settings,
    limits: Limits,
}

/// Opens a file of any kind.
pub fn open(
    mut input: Box<dyn Input>,
    name: &str,
    settings: &Settings,
    limits: Limits,
) -> Result<Opened, Fault> {
    check(settings)?;
    let length = input.seek(SeekFrom::End(0)).map_err(Fault::of)?;
    rewind(&mut input)?;
    let reading = Reading { length, settings, limits };
    let mut magic = [0; 8];
    let count = fill(&mut input, &mut magic)?;
    rewind(&mut input)?;
    let wrapping = sniff::wrapping(&magic[..count]);
    let fits = |format| (format == Format::Xlsx) == (wrapping == Wrapping::Zip);
    if wrapping != Wrapping::Compound && !settings.format.is_none_or(fits) {
        return Err(other_format(wrapping));
    }
    let compression = match wrapping {
        Wrapping::None => None,
        Wrapping::Packed(compression) => Some(compression),
        Wrapping::Zip => return sheet(input, reading),
        Wrapping::Compound => return Err(workbook::compound(&mut *input)),
    };
    let mut bytes = vec![0; sniff::HEAD];
    let read =
        fill(&mut unpack::unpacked(&mut *input, compression, limits, &Counter::default()), &mut bytes)?;
    bytes.truncate(read);
    rewind(&mut input)?;
    if bytes.is_empty() {
        return Err(empty());
    }
    let cut = if read == sniff::HEAD { Cut::Within } else { Cut::Whole };
    let plan = plan::plan(name, settings, &Head { compression, bytes, cut })?;
    match plan.shape.format {
        Format::JsonLines => json_lines(input, plan, reading),
        _ => delimited(input, plan, reading),
    }
}

/// The text of a file, behind the lines to pass over.
fn text<'a, R: Read + Send + 'a>(
    input: R,
    plan: &Plan,
    reading: Reading<'_>,
    counter: &Counter,
) -> Result<Text<'a>, Fault> {
    let source = unpack::unpacked(input, plan.shape.compression, reading.limits, counter);
    let mut text = Text::new(source, plan.shape.encoding, reading.settings.encoding);
    text.skip_lines(plan.skip_lines)?;
    Ok(text)
}

fn delimited(input: Box<dyn Input>, plan: Plan, reading: Reading<'_>) -> Result<Opened, Fault> {
    let read = Counter::default();
    let mut records = Records::new(text(input, &plan, reading, &read)?, plan.dialect, reading.limits);
    let Some(first) = records.next()? else { return Err(empty()) };
    let first_cells = first.cells.clone();
    let columns = columns(reading.settings, first_cells, first.line, plan.header, plan.form)?;
    let first = (plan.header == Header::Absent).then_some(first);
    let rows = Delimited { records, first, form: plan.form, limits: reading.limits };
    Ok(Opened {
        rows: Rows::Delimited(Box::new(rows)),
        shape: Detected { columns, ..plan.shape },
        read,
        length: reading.length,
    })
}

fn json_lines(mut input: Box<dyn Input>, plan: Plan, reading: Reading<'_>) -> Result<Opened, Fault> {
    let columns = match &reading.settings.columns {
        Some(names) => names.clone(),
        None => {
            let text = text(&mut *input, &plan, reading, &Counter::default())?;
            json_lines::survey(Lines::new(text, reading.limits))?
        }
    };
    if columns.is_empty() {
        return Err(empty());
    }
    rewind(&mut input)?;
    let read = Counter::default();
    let rows = JsonLines::new(Lines::new(text(input, &plan, reading, &read)?, reading.limits), &columns);
    Ok(Opened {
        rows: Rows::JsonLines(rows),
        shape: Detected { columns, ..plan.shape },
        read,
        length: reading.length,
    })
}

fn sheet(mut input: Box<dyn Input>, reading: Reading<'_>) -> Result<Opened, Fault> {
    let Reading { length, settings, limits } = reading;
    let traits = workbook::look_through(&mut *input, &limits)?;
    rewind(&mut input)?;
    let read = Counter::default();
    let choice = Choice { sheet: settings.sheet.clone(), skip_rows: settings.skip_lines };
    let mut sheet = Sheet::open(input, choice, limits, &read)?;
    let first = sheet.survey()?;
    let Some(names) = first.first().cloned() else { return Err(empty()) };
    sheet.form = if reject::is_reject_header(&names) { Form::Rejected } else { Form::Plain };
    let header =
        if sheet.form == Form::Rejected { Header::Present } else { header::judged(&first, settings) };
    let mut shape = plan::shape(Format::Xlsx, None, header);
    shape.notes.extend(traits.notes());
    shape.notes.extend(header::note(header, settings));
    shape.sheets = sheet.sheets().to_vec();
    let widest = first.iter().map(Vec::len).max().unwrap_or(0);
    shape.columns = match (header, &settings.columns) {
        (Header::Present, _) => {
            let line = sheet.take_first().map_or(1, |row| row.number);
            columns(settings, names, line, header, sheet.form)?
        }
        (Header::Absent, Some(names)) => names.clone(), // Rows with more cells say so themselves.
        (Header::Absent, None) => header::numbered(widest),
    };
    Ok(Opened { rows: Rows::Sheet(sheet), shape, read, length })
}

/// The names of the columns: those given, those of the header, or numbers.
fn columns(
    settings: &Settings,
    mut first: Vec<String>,
    line: u64,
    header: Header,
    form: Form,
) -> Result<Vec<String>, Fault> {
    let given = settings.columns.clone().filter(|_| form == Form::Plain);
    if form == Form::Rejected {
        first.truncate(first.len() - reject::REJECT_COLUMNS.len());
        first = first.into_iter().map(reject::unguarded).collect();
    }
    let Some(names) = given else {
        return match header {
            Header::Present => header::checked(first, line),
            Header::Absent => Ok(header::numbered(first.len())),
        };
    };
    if names.len() != first.len() {
        let message = format!(
            "The settings name {} columns, but this row has {} cells. Name as many columns as the file has, or set \
             the delimiter.",
            names.len(),
            first.len()
        );
        return Err(Fault::at(FaultCode::ColumnsMismatch, line, message));
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
    if names.is_empty() || header::checked(names.clone(), 0).is_err() {
        return invalid("The names of the columns must be filled, and each be there once.");
    }
    Ok(())
}

fn other_format(wrapping: Wrapping) -> Fault {
    let message = if wrapping == Wrapping::Zip {
        "The file is a workbook or a ZIP archive, but the settings name another format. Take the format out of the \
         settings."
    } else {
        "The file is no XLSX workbook, though the settings say so. Take the format out of the settings."
    };
    Fault::new(FaultCode::InvalidSetting, message)
}

/// The fault of a file with nothing in it.
pub fn empty() -> Fault {
    Fault::new(
        FaultCode::EmptyFile,
        "The file is empty: it has neither a header nor a row. Save the table anew.",
    )
}

/// Reads until the buffer is full or the source ends.
pub fn fill(source: &mut (impl Read + ?Sized), buffer: &mut [u8]) -> Result<usize, Fault> {
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
