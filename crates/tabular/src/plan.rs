//! Judges the beginning of a text: its encoding, format, dialect and header.

use crate::{
    Compression, Detected, Encoding, Fault, FaultCode, Format, Settings,
    dialect::{self, Cut},
    header::{self, Header},
    records::Dialect,
    reject,
    rows::Form,
    sniff::{self, Wrapping},
    text::Text,
};

/// As much decoded text is judged for dialect and header.
const SAMPLE_BYTES: usize = 128 << 10;

/// The first bytes of a file, unpacked.
pub struct Head {
    /// What it was packed with.
    pub compression: Option<Compression>,
    /// As many as [`sniff::HEAD`], or the whole file.
    pub bytes: Vec<u8>,
    /// Which of the two.
    pub cut: Cut,
}

/// What is known of a text before its rows are read.
pub struct Plan {
    /// The lines to pass over.
    pub skip_lines: u64,
    /// Whether the first row names the columns.
    pub header: Header,
    /// Whether it is a reject file.
    pub form: Form,
    /// The dialect, also of a format that has none.
    pub dialect: Dialect,
    /// What will be told of it.
    pub shape: Detected,
}

/// Judges a text by its head.
pub fn plan(name: &str, settings: &Settings, head: &Head) -> Result<Plan, Fault> {
    if sniff::wrapping(&head.bytes) != Wrapping::None {
        let message = "There is an archive or a workbook inside the packed file. Unpack it once and upload what is in \
                       it: an XLSX is packed already.";
        return Err(Fault::new(FaultCode::UnsupportedFormat, message));
    }
    let (found, note) = sniff::encoding(&head.bytes);
    let encoding = settings.encoding.unwrap_or(found);
    sniff::refuse_binary(&head.bytes, encoding)?;
    let mut notes = Vec::new();
    if settings.encoding.is_none() {
        notes.extend(note.map(str::to_owned));
    }
    let (text, _) = sample(head, encoding, 0);
    let plan = match rejected(&text) {
        Some(dialect) => reject_file(dialect),
        None => table(name, settings, sample(head, encoding, settings.skip_lines))?,
    };
    notes.extend(plan.shape.notes);
    let shape = Detected { compression: head.compression, encoding, notes, ..plan.shape };
    Ok(Plan { shape, ..plan })
}

/// The settings say how the original is written, not this file: what it is itself holds.
fn reject_file(dialect: Dialect) -> Plan {
    let note = "This is a reject file: settings of format, delimiter, quote, header, lines to skip and columns are \
                passed over, and so are its last four columns.";
    let shape =
        Detected { notes: vec![note.to_owned()], ..shape(Format::Csv, Some(dialect), Header::Present) };
    Plan { skip_lines: 0, header: Header::Present, form: Form::Rejected, dialect, shape }
}

fn table(name: &str, settings: &Settings, (sample, cut): (String, Cut)) -> Result<Plan, Fault> {
    let format = sniff::text_format(&sample, name, settings)?;
    let (told, sample) = sniff::told_delimiter(&sample);
    let skip_lines = settings.skip_lines + u64::from(told.is_some());
    let tab = (format == Format::Tsv).then_some(b'\t');
    let dialect = dialect::detect(sample, cut, settings.delimiter.or(told).or(tab), settings.quote);
    let form = Form::Plain;
    if format == Format::JsonLines {
        let header = Header::Absent;
        return Ok(Plan { skip_lines, header, form, dialect, shape: shape(format, None, header) });
    }
    let records = dialect::records(sample, cut, dialect);
    let header = header::judged(&records, settings);
    let mut shape = shape(format, Some(dialect), header);
    shape.notes.extend(dialect::note(&records));
    shape.notes.extend(header::note(header, settings));
    Ok(Plan { skip_lines, header, form, dialect, shape })
}

/// What is told of a file, as far as it is known.
pub fn shape(format: Format, dialect: Option<Dialect>, header: Header) -> Detected {
    let tabs = dialect.is_some_and(|dialect| dialect.delimiter == b'\t');
    Detected {
        format: if tabs { Format::Tsv } else { format },
        compression: None,
        encoding: Encoding::Utf8,
        delimiter: dialect.map(|dialect| dialect.delimiter),
        quote: dialect.map(|dialect| dialect.quote),
        header: header == Header::Present,
        sheets: Vec::new(),
        columns: Vec::new(),
        sample: Vec::new(),
        notes: Vec::new(),
    }
}

/// The beginning of the text, without the lines to pass over; what cannot be decoded ends it.
fn sample(head: &Head, encoding: Encoding, skip_lines: u64) -> (String, Cut) {
    let mut text = Text::new(Box::new(head.bytes.as_slice()), encoding, None);
    let mut sample = Vec::new();
    if text.skip_lines(skip_lines).is_err() {
        return (String::new(), Cut::Within);
    }
    while sample.len() < SAMPLE_BYTES {
        let Ok(piece) = text.fill() else { break };
        let length = piece.len();
        if length == 0 {
            return (String::from_utf8_lossy(&sample).into_owned(), head.cut);
        }
        sample.extend_from_slice(piece);
        text.consume(length);
    }
    (String::from_utf8_lossy(&sample).into_owned(), Cut::Within)
}

/// The dialect of a reject file, if this is one: its header tells, whatever program saved it last.
fn rejected(sample: &str) -> Option<Dialect> {
    if !sample.contains(reject::REJECT_COLUMNS[0]) {
        return None;
    }
    dialect::DELIMITERS.into_iter().map(|delimiter| Dialect { delimiter, quote: b'"' }).find(|dialect| {
        let records = dialect::records(sample, Cut::Whole, *dialect);
        records.first().is_some_and(|names| reject::is_reject_header(names))
    })
}
