//! What a reader may be told of a file, what it finds out by itself, and how much it will take.

use serde::{Deserialize, Serialize};

/// The kind of a table file.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Format {
    /// Cells between commas, semicolons, bars or any other character.
    Csv,
    /// Cells between tabs.
    Tsv,
    /// One JSON object a line.
    JsonLines,
    /// An Excel workbook (`.xlsx`, `.xlsm`).
    Xlsx,
}

/// How the characters of a text file are stored.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum Encoding {
    /// UTF-8, with or without a byte order mark.
    #[serde(rename = "utf-8")]
    Utf8,
    /// UTF-16, low byte first (“Unicode” of older Windows programs).
    #[serde(rename = "utf-16le")]
    Utf16Le,
    /// UTF-16, high byte first.
    #[serde(rename = "utf-16be")]
    Utf16Be,
    /// Windows-1252 (“ANSI”, a superset of ISO 8859-1 as it is used).
    #[serde(rename = "windows-1252")]
    Windows1252,
}

impl Encoding {
    /// The name as settings and texts have it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Encoding::Utf8 => "utf-8",
            Encoding::Utf16Le => "utf-16le",
            Encoding::Utf16Be => "utf-16be",
            Encoding::Windows1252 => "windows-1252",
        }
    }
}

/// What a file is packed with.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Compression {
    /// gzip, one member or several.
    Gzip,
    /// Zstandard, one frame or several.
    Zstd,
}

/// What is set by hand; `None` is found out by looking at the file.
#[derive(Clone, PartialEq, Eq, Default, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", default, deny_unknown_fields)]
pub struct Settings {
    /// The kind of the file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub format: Option<Format>,
    /// How its characters are stored; an XLSX knows it by itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub encoding: Option<Encoding>,
    /// The ASCII character between cells; in JSON a string of one character.
    #[serde(skip_serializing_if = "Option::is_none", with = "character")]
    pub delimiter: Option<u8>,
    /// The ASCII character around cells; 0 (in JSON the empty string): cells are never quoted.
    #[serde(skip_serializing_if = "Option::is_none", with = "character")]
    pub quote: Option<u8>,
    /// Whether the first row names the columns.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub header: Option<bool>,
    /// Lines (of an XLSX: rows) to pass over before the header or the first row.
    #[serde(skip_serializing_if = "is_zero")]
    pub skip_lines: u64,
    /// The sheet of an XLSX; without it the first.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sheet: Option<String>,
    /// The names of the columns, in order: for a file without a header, or instead of the names it has.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub columns: Option<Vec<String>>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for this shape")]
fn is_zero(value: &u64) -> bool {
    *value == 0
}

/// One ASCII character as a string, or none as an empty one.
mod character {
    use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};

    #[expect(clippy::ref_option, reason = "serde asks for this shape")]
    pub fn serialize<S: Serializer>(value: &Option<u8>, serializer: S) -> Result<S::Ok, S::Error> {
        value.map(super::printed).serialize(serializer)
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<u8>, D::Error> {
        let text = Option::<String>::deserialize(deserializer)?;
        let read = |text: String| match *text.as_bytes() {
            [] => Ok(0),
            [one] if one.is_ascii() => Ok(one),
            _ => Err(Error::custom("must be one ASCII character")),
        };
        text.map(read).transpose()
    }
}

fn printed(value: u8) -> String {
    if value == 0 { String::new() } else { char::from(value).to_string() }
}

/// How much of a file is taken; what is beyond ends the reading with a text.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Limits {
    /// Bytes of the unpacked file.
    pub unpacked_bytes: u64,
    /// How many times its packed size a file may have once it is unpacked; looked at above 16 MiB.
    pub ratio: u64,
    /// Bytes of one record (a line, or several where a quoted cell has line ends in it).
    pub record_bytes: usize,
    /// Bytes of one cell; a longer one makes its row bad, reading goes on.
    pub cell_bytes: usize,
    /// Columns of the table.
    pub columns: usize,
    /// Rows of the table.
    pub rows: u64,
    /// Bytes of all parts of an XLSX together, unpacked.
    pub workbook_bytes: u64,
    /// Bytes of the parts of an XLSX that must be held in memory (its shared texts), unpacked.
    pub workbook_memory_bytes: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            unpacked_bytes: 10 << 30,
            ratio: 150,
            record_bytes: 1 << 20,
            cell_bytes: 64 << 10,
            columns: 500,
            rows: 100_000_000,
            workbook_bytes: 1 << 30,
            workbook_memory_bytes: 128 << 20,
        }
    }
}

/// What a look at the first rows of a file says.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Detected {
    /// The kind of the file.
    pub format: Format,
    /// What it is packed with, if it is.
    pub compression: Option<Compression>,
    /// How its characters are stored; of an XLSX always UTF-8.
    pub encoding: Encoding,
    /// The character between cells; `None` if the format has none.
    #[serde(with = "character")]
    pub delimiter: Option<u8>,
    /// The character around cells; 0: cells are never quoted; `None` if the format has none.
    #[serde(with = "character")]
    pub quote: Option<u8>,
    /// Whether the first row names the columns.
    pub header: bool,
    /// The sheets of an XLSX, in their order; else empty.
    pub sheets: Vec<String>,
    /// The names of the columns, `column_1` and so on where the file has none.
    pub columns: Vec<String>,
    /// The cells of the first rows (up to 20): personal data.
    pub sample: Vec<Vec<String>>,
    /// What somebody should know before importing, in whole sentences.
    pub notes: Vec<String>,
}

impl std::fmt::Debug for Detected {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Detected")
            .field("format", &self.format)
            .field("compression", &self.compression)
            .field("encoding", &self.encoding)
            .field("delimiter", &self.delimiter.map(char::from))
            .field("quote", &self.quote.map(char::from))
            .field("header", &self.header)
            .field("columns", &self.columns.len())
            .field("sample", &"[redacted]")
            .field("notes", &self.notes)
            .finish_non_exhaustive()
    }
}
