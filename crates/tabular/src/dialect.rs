//! Which characters stand between and around the cells of a file, judged by its first lines.

use csv_core::ReadRecordResult;

use crate::records::Dialect;

/// The characters that are looked for between cells, the likelier first.
pub const DELIMITERS: [u8; 4] = [b',', b';', b'\t', b'|'];
const QUOTES: [u8; 2] = [b'"', b'\''];
/// So many percent are most of the records.
const MOST: u64 = 60;
/// As many records are judged.
const RECORDS: usize = 100;

/// The first records of a text as a dialect has them; blank ones are left out.
///
/// `cut` says that the text goes on after what is given: then its last record is not one.
pub fn records(sample: &str, cut: Cut, dialect: Dialect) -> Vec<Vec<String>> {
    let mut reader = dialect.reader();
    let mut cells = vec![0; sample.len() + 16];
    let mut ends = vec![0; sample.len() + 16];
    let mut records = Vec::new();
    let mut input = sample.as_bytes();
    let (mut written, mut ended) = (0, 0);
    while records.len() < RECORDS && !(input.is_empty() && cut == Cut::Within) {
        let end = input.is_empty();
        let (result, read, more_written, more_ended) =
            reader.read_record(input, &mut cells[written..], &mut ends[ended..]);
        input = &input[read..];
        written += more_written;
        ended += more_ended;
        match result {
            ReadRecordResult::Record => {
                records.push(split(&cells[..written], &ends[..ended]));
                (written, ended) = (0, 0);
            }
            ReadRecordResult::InputEmpty if !end => {}
            _ => break,
        }
    }
    records.retain(|cells| cells.iter().any(|cell| !cell.trim().is_empty()) && cells != &["\u{1a}"]);
    records
}

fn split(cells: &[u8], ends: &[usize]) -> Vec<String> {
    let mut start = 0;
    let cell = |&end: &usize| {
        let cell = String::from_utf8_lossy(&cells[start..end]).into_owned();
        start = end;
        cell
    };
    ends.iter().map(cell).collect()
}

/// Whether a sample is a whole text or the beginning of one.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Cut {
    /// It ends where the text ends.
    Whole,
    /// The text goes on.
    Within,
}

/// How well a dialect explains a sample: the share of records with the usual number of cells, then that number.
type Score = (u64, usize);

/// The dialect that explains most records; among equals more cells, then the likelier characters.
///
/// What is given by hand is taken as it is.
pub fn detect(sample: &str, cut: Cut, delimiter: Option<u8>, quote: Option<u8>) -> Dialect {
    let delimiters = delimiter.map_or(DELIMITERS.to_vec(), |one| vec![one]);
    let mut quotes = quote.map_or(QUOTES.to_vec(), |one| vec![one]);
    quotes.retain(|quote| delimiter != Some(*quote));
    let mut best = (Dialect { delimiter: delimiters[0], quote: quotes[0] }, (0, 0), 0);
    for &quote in &quotes {
        for &delimiter in &delimiters {
            let dialect = Dialect { delimiter, quote };
            let score = score(&records(sample, cut, dialect));
            let quoted = quoted_cells(sample, dialect);
            // Another quote has to explain something: cells that it encloses.
            let likelier = score > best.1 || (score == best.1 && quoted > best.2);
            if likelier && (quote == quotes[0] || quoted > 0) {
                best = (dialect, score, quoted);
            }
        }
    }
    if best.1 == (0, 0) {
        return one_column(sample, cut, &delimiters, quotes[0]);
    }
    best.0
}

/// A file of one column is split by none of its characters.
fn one_column(sample: &str, cut: Cut, delimiters: &[u8], quote: u8) -> Dialect {
    let dialects = delimiters.iter().map(|&delimiter| Dialect { delimiter, quote });
    let splits = |dialect: &Dialect| records(sample, cut, *dialect).iter().any(|cells| cells.len() > 1);
    dialects.clone().find(|dialect| !splits(dialect)).unwrap_or(Dialect { delimiter: delimiters[0], quote })
}

fn score(records: &[Vec<String>]) -> Score {
    let Some((cells, share)) = usual_cells(records) else { return (0, 0) };
    let headed = records.first().is_some_and(|first| first.len() > 1);
    // Commas in some of the rows below a name without any are commas of a text.
    if headed || share >= MOST { (share, cells) } else { (0, 0) }
}

/// The number of cells that most records with more than one have, and their share in percent.
fn usual_cells(records: &[Vec<String>]) -> Option<(usize, u64)> {
    let mut counts = std::collections::BTreeMap::<usize, u64>::new();
    for cells in records {
        *counts.entry(cells.len()).or_default() += 1;
    }
    let several = counts.into_iter().filter(|(cells, _)| *cells > 1);
    let (cells, times) = several.max_by_key(|(cells, records)| (*records, *cells))?;
    Some((cells, 100 * times / records.len() as u64))
}

/// What should be said where the first record does not look like the others: it may be a title.
pub fn note(records: &[Vec<String>]) -> Option<String> {
    let (usual, share) = usual_cells(records)?;
    let first = records.first()?.len();
    let note = format!(
        "The first row has {first} of {usual} cells that the rows below have. If it is a title, set the lines to skip."
    );
    (first < usual && share >= MOST).then_some(note)
}

/// How many cells begin or end with the quote right beside a delimiter or a line end.
fn quoted_cells(sample: &str, dialect: Dialect) -> usize {
    let bytes = sample.as_bytes();
    let beside = |byte: Option<&u8>| byte.is_none_or(|byte| [dialect.delimiter, b'\n', b'\r'].contains(byte));
    let opens = |at: usize| beside(at.checked_sub(1).and_then(|before| bytes.get(before)));
    let closes = |at: usize| beside(bytes.get(at + 1));
    let quotes = bytes.iter().enumerate().filter(|(_, byte)| **byte == dialect.quote);
    let (opening, closing) =
        quotes.fold((0, 0), |(o, c), (at, _)| (o + usize::from(opens(at)), c + usize::from(closes(at))));
    opening.min(closing)
}
