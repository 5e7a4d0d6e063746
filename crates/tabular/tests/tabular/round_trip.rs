//! Property: whatever rows are written in whatever dialect, encoding and packing, are read back as they were.

use muster_tabular::{Encoding, Limits, Settings};
use rand::{RngExt, SeedableRng, rngs::StdRng};

use crate::{
    files,
    reading::{cells, read, read_with},
};

const CASES: u64 = 300;

/// How a file is written.
#[derive(Clone, Copy, Debug)]
struct Way {
    delimiter: char,
    quote: char,
    line_end: &'static str,
    encoding: Encoding,
    packing: Packing,
}

#[derive(Clone, Copy, Debug)]
enum Packing {
    None,
    Gzip,
    TwoGzipMembers,
    Zstd,
    TwoZstdFrames,
}

fn one<T: Copy>(random: &mut StdRng, of: &[T]) -> T {
    of[random.random_range(0..of.len())]
}

fn way(random: &mut StdRng) -> Way {
    use Packing::{Gzip, None, TwoGzipMembers, TwoZstdFrames, Zstd};
    Way {
        delimiter: one(random, &[',', ';', '\t', '|']),
        quote: one(random, &['"', '\'']),
        line_end: one(random, &["\n", "\r\n", "\r"]),
        encoding: one(random, &[Encoding::Utf8, Encoding::Utf16Le, Encoding::Utf16Be, Encoding::Windows1252]),
        packing: one(random, &[None, Gzip, TwoGzipMembers, Zstd, TwoZstdFrames]),
    }
}

fn cell(random: &mut StdRng, way: Way) -> String {
    let narrow = [
        "a", "Z", "9", " ", ",", ";", "\t", "|", "\"", "'", "\n", "\r\n", "=", "-", "é", "Ö", "€", "''",
        "\"\"",
    ];
    let wide = ["漢", "🜚", "e\u{301}", "\u{feff}", "\u{1a}", "ё"];
    let length = if random.random_range(0..40) == 0 {
        random.random_range(0..5000)
    } else {
        random.random_range(0..9)
    };
    let piece = |random: &mut StdRng| {
        let is_wide = way.encoding != Encoding::Windows1252 && random.random_range(0..4) == 0;
        one(random, if is_wide { &wide } else { &narrow })
    };
    (0..length).map(|_| piece(random)).collect()
}

/// Rows with a value in each, for rows without any are passed over.
fn table(random: &mut StdRng, way: Way) -> (Vec<String>, Vec<Vec<String>>) {
    let columns = random.random_range(2..8);
    let names = (0..columns).map(|at| format!("name {at}")).collect();
    let row = |random: &mut StdRng| {
        let mut row: Vec<_> = (0..columns).map(|_| cell(random, way)).collect();
        row[0] = format!("x{}", row[0]);
        row
    };
    let rows = (0..random.random_range(1..40)).map(|_| row(random)).collect();
    (names, rows)
}

fn written(names: &[String], rows: &[Vec<String>], way: Way, random: &mut StdRng) -> Vec<u8> {
    let mut text = String::new();
    for record in std::iter::once(names).chain(rows.iter().map(Vec::as_slice)) {
        let quoted: Vec<_> = record.iter().map(|cell| quoted(cell, way, random)).collect();
        text.push_str(&quoted.join(&way.delimiter.to_string()));
        text.push_str(way.line_end);
    }
    if random.random_range(0..2) == 0 {
        text.truncate(text.len() - way.line_end.len());
    }
    packed(&encoded(&text, way.encoding), way.packing)
}

fn quoted(cell: &str, way: Way, random: &mut StdRng) -> String {
    let must = cell.contains([way.delimiter, way.quote, '\n', '\r']);
    if !must && random.random_range(0..2) == 0 {
        return cell.to_owned();
    }
    let quote = way.quote.to_string();
    format!("{quote}{}{quote}", cell.replace(&quote, &quote.repeat(2)))
}

fn encoded(text: &str, encoding: Encoding) -> Vec<u8> {
    let wide = |bytes: fn(u16) -> [u8; 2]| {
        std::iter::once(0xfeff).chain(text.encode_utf16()).flat_map(bytes).collect::<Vec<_>>()
    };
    match encoding {
        Encoding::Utf8 => text.as_bytes().to_vec(),
        Encoding::Utf16Le => wide(u16::to_le_bytes),
        Encoding::Utf16Be => wide(u16::to_be_bytes),
        Encoding::Windows1252 => encoding_rs::WINDOWS_1252.encode(text).0.into_owned(),
    }
}

fn packed(bytes: &[u8], packing: Packing) -> Vec<u8> {
    let (first, second) = bytes.split_at(bytes.len() / 2);
    match packing {
        Packing::None => bytes.to_vec(),
        Packing::Gzip => files::gzip(bytes),
        Packing::TwoGzipMembers => [files::gzip(first), files::gzip(second)].concat(),
        Packing::Zstd => files::zstd(bytes),
        Packing::TwoZstdFrames => [files::zstd(first), files::zstd(second)].concat(),
    }
}

#[test]
fn what_is_written_in_any_way_is_read_back_when_the_dialect_is_given() {
    for seed in 0..CASES {
        let random = &mut StdRng::seed_from_u64(seed);
        let way = way(random);
        let (names, rows) = table(random, way);
        let file = written(&names, &rows, way, random);
        let settings = Settings {
            delimiter: u8::try_from(way.delimiter).ok(),
            quote: u8::try_from(way.quote).ok(),
            encoding: Some(way.encoding),
            header: Some(true),
            ..Settings::default()
        };
        let (columns, read) = read_with("table.csv", file, &settings, Limits::default()).unwrap();
        assert_eq!(columns, names, "seed {seed}: {way:?}");
        assert_eq!(cells(&read), rows, "seed {seed}: {way:?}");
        assert!(read.iter().all(|row| row.fault.is_none()), "seed {seed}: {way:?}");
    }
}

/// Cells of everyday tables, which give the dialect away; encoding and packing are found out as well.
#[test]
fn everyday_tables_are_read_back_with_everything_found_out() {
    let words = ["Ada", "O'Hara", "12, Main St", "1;2", "say \"so\"", "Zoë", "a | b", "", "3.5"];
    for seed in 0..CASES {
        let random = &mut StdRng::seed_from_u64(seed);
        let way = Way { quote: '"', ..way(random) };
        let names = vec!["id".to_owned(), "name".to_owned(), "note".to_owned()];
        let row = |at: usize, random: &mut StdRng| {
            vec![at.to_string(), one(random, &words).to_owned(), one(random, &words).to_owned()]
        };
        let rows: Vec<_> = (1..30).map(|at| row(at, random)).collect();
        let file = written(&names, &rows, way, random);
        let (columns, read) = read("table", file).unwrap();
        assert_eq!(columns, names, "seed {seed}: {way:?}");
        assert_eq!(cells(&read), rows, "seed {seed}: {way:?}");
    }
}
