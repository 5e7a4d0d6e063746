//! What a file is, judged by its first bytes.

use crate::{Compression, Encoding, Fault, FaultCode, Format, Settings};

/// As much of the unpacked file is looked at.
pub const HEAD: usize = 1 << 20;

/// What wraps the table, by the first bytes of the file as it lies.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Wrapping {
    /// Text, as far as can be seen.
    None,
    /// Packed.
    Packed(Compression),
    /// A ZIP archive, which an XLSX is.
    Zip,
    /// The container of old Excel files, and of new ones with a password.
    Compound,
}

/// Tells the wrapping by its magic number.
pub fn wrapping(head: &[u8]) -> Wrapping {
    match head {
        [0x1f, 0x8b, ..] => Wrapping::Packed(Compression::Gzip),
        [0x28, 0xb5, 0x2f, 0xfd, ..] | [0x50..=0x5f, 0x2a, 0x4d, 0x18, ..] => {
            Wrapping::Packed(Compression::Zstd)
        }
        [b'P', b'K', 3, 4, ..] | [b'P', b'K', 5, 6, ..] => Wrapping::Zip,
        [0xd0, 0xcf, 0x11, 0xe0, ..] => Wrapping::Compound,
        _ => Wrapping::None,
    }
}

/// The encoding that a file begins with, and what should be said of it.
pub fn encoding(head: &[u8]) -> (Encoding, Option<&'static str>) {
    match head {
        [0xef, 0xbb, 0xbf, ..] => return (Encoding::Utf8, None),
        [0xff, 0xfe, ..] => return (Encoding::Utf16Le, None),
        [0xfe, 0xff, ..] => return (Encoding::Utf16Be, None),
        _ => {}
    }
    let wide = "The file has no byte order mark; it is read as UTF-16 because every second byte is zero.";
    let start = &head[..head.len().min(4096)];
    let zeros = |from: usize| start.iter().skip(from).step_by(2).filter(|byte| **byte == 0).count();
    let (even, odd) = (zeros(0), zeros(1));
    if 5 * odd > start.len() && 20 * even < start.len() {
        return (Encoding::Utf16Le, Some(wide));
    }
    if 5 * even > start.len() && 20 * odd < start.len() {
        return (Encoding::Utf16Be, Some(wide));
    }
    let valid = match std::str::from_utf8(head) {
        Ok(_) => true,
        Err(error) => error.error_len().is_none() && head.len() >= HEAD,
    };
    if valid {
        return (Encoding::Utf8, None);
    }
    let note = "The file is not UTF-8; it is read as Windows-1252. If letters look wrong, save it as UTF-8 or set \
                its encoding.";
    (Encoding::Windows1252, Some(note))
}

/// The format of a text: what is set, else by its first character, else by the name of the file.
pub fn text_format(sample: &str, name: &str, settings: &Settings) -> Result<Format, Fault> {
    if let Some(format) = settings.format {
        return Ok(format);
    }
    refuse_other_text(sample)?;
    let first = sample.trim_start().as_bytes().first();
    if first == Some(&b'{') && serde_json::from_str::<serde::de::IgnoredAny>(first_line(sample)).is_ok() {
        return Ok(Format::JsonLines);
    }
    let name = name.to_lowercase();
    let name = [".gz", ".zst"].iter().find_map(|ending| name.strip_suffix(ending)).unwrap_or(&name);
    let ends = |endings: &[&str]| endings.iter().any(|ending| name.ends_with(ending));
    if ends(&[".jsonl", ".ndjson", ".jsonlines", ".json"]) {
        return Ok(Format::JsonLines);
    }
    let tabs = settings.delimiter.is_none_or(|delimiter| delimiter == b'\t');
    Ok(if tabs && ends(&[".tsv", ".tab"]) { Format::Tsv } else { Format::Csv })
}

/// The delimiter that a first line `sep=;` tells, as Excel writes and reads it, and the text behind that line.
pub fn told_delimiter(sample: &str) -> (Option<u8>, &str) {
    let told = |rest: &str| match *rest.as_bytes() {
        [delimiter, b'\r' | b'\n', ..] if delimiter.is_ascii_punctuation() || delimiter == b'\t' => {
            Some(delimiter)
        }
        _ => None,
    };
    match sample.strip_prefix("sep=").and_then(told) {
        Some(delimiter) => (Some(delimiter), sample.get(5..).unwrap_or_default()),
        None => (None, sample),
    }
}

fn first_line(sample: &str) -> &str {
    sample.trim_start().lines().next().unwrap_or_default()
}

/// Refuses what is no table, by how it begins.
fn refuse_other_text(sample: &str) -> Result<(), Fault> {
    let start: String = sample.trim_start().chars().take(64).collect::<String>().to_lowercase();
    let what = if ["<!doctype html", "<html", "<table", "<head"].iter().any(|tag| start.starts_with(tag)) {
        "a web page (HTML)"
    } else if start.starts_with("<?xml") {
        "an XML file"
    } else if start.starts_with("%pdf-") {
        "a PDF"
    } else if start.starts_with('[') && start[1..].trim_start().starts_with('{') {
        let message = "This is a JSON array. Write one object a line, without the brackets around and the commas \
                       between them (JSON Lines).";
        return Err(Fault::new(FaultCode::UnsupportedFormat, message));
    } else {
        return Ok(());
    };
    let message = format!("This is {what}, not a table. Save the table as CSV, TSV, JSON Lines or XLSX.");
    Err(Fault::new(FaultCode::UnknownFormat, message))
}

/// Refuses bytes that are no text at all: pictures, programs, archives of other kinds.
pub fn refuse_binary(head: &[u8], encoding: Encoding) -> Result<(), Fault> {
    if matches!(encoding, Encoding::Utf16Le | Encoding::Utf16Be) {
        return Ok(());
    }
    let start = &head[..head.len().min(4096)];
    let odd =
        |byte: &&u8| **byte < 0x20 && !matches!(byte, b'\t' | b'\n' | b'\r' | 0x0b | 0x0c | 0x1a | 0x1b);
    if 10 * start.iter().filter(odd).count() > start.len() {
        let message = "This is not a table: it is binary data of another kind. Save the table as CSV, TSV, JSON \
                       Lines or XLSX; of archives only gzip and zstd are opened.";
        return Err(Fault::new(FaultCode::UnknownFormat, message));
    }
    Ok(())
}
