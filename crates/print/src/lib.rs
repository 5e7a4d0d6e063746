//! Documents for people to read and keep: headings, values, tables, images, as PDF.
//!
//! This crate knows none of the nouns of Muster. The same document always becomes the same bytes.
//!
//! The font is DejaVu Sans: Latin, Cyrillic, Greek, Armenian, Georgian, Arabic, Hebrew and many symbols. A
//! character that it lacks, such as a Chinese one, is printed as `□`, and a line at the end says so.

mod draw;
mod layout;
mod text;

use std::fmt;

/// A document: a title and what stands below it. `Debug` prints `[redacted]`.
#[derive(Clone, Default, PartialEq)]
pub struct Document {
    title: String,
    subtitle: String,
    footer: String,
    blocks: Vec<Block>,
}

/// A piece of a document.
#[derive(Clone, PartialEq)]
enum Block {
    Section(String),
    Paragraph(String),
    Note(String),
    Rows(Vec<(String, String)>),
    Table { head: Vec<String>, rows: Vec<Vec<String>> },
    Image { caption: String, bytes: Vec<u8> },
}

/// A document could not be made. Says nothing of what it holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CannotPrint;

impl fmt::Display for CannotPrint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the document could not be made")
    }
}

impl std::error::Error for CannotPrint {}

impl Document {
    /// A document with this title, and below it in small letters what it is about.
    #[must_use]
    pub fn new(title: impl Into<String>, subtitle: impl Into<String>) -> Self {
        Self { title: title.into(), subtitle: subtitle.into(), ..Self::default() }
    }

    /// Puts a line at the foot of every page, beside its number.
    #[must_use]
    pub fn with_footer(mut self, footer: impl Into<String>) -> Self {
        self.footer = footer.into();
        self
    }

    /// Begins a section.
    pub fn section(&mut self, heading: impl Into<String>) -> &mut Self {
        self.block(Block::Section(heading.into()))
    }

    /// Adds running text. Line ends in it begin new lines.
    pub fn paragraph(&mut self, text: impl Into<String>) -> &mut Self {
        self.block(Block::Paragraph(text.into()))
    }

    /// Adds a remark in small letters.
    pub fn note(&mut self, text: impl Into<String>) -> &mut Self {
        self.block(Block::Note(text.into()))
    }

    /// Adds names with their values, one below the other. An empty value is shown as a dash.
    pub fn rows<N: Into<String>, V: Into<String>>(
        &mut self,
        rows: impl IntoIterator<Item = (N, V)>,
    ) -> &mut Self {
        self.block(Block::Rows(rows.into_iter().map(|(name, value)| (name.into(), value.into())).collect()))
    }

    /// Adds a table. Its columns are as many as its head has; rows that are longer lose what is too much.
    pub fn table<T: Into<String>>(
        &mut self,
        head: impl IntoIterator<Item = T>,
        rows: impl IntoIterator<Item = Vec<String>>,
    ) -> &mut Self {
        let head = head.into_iter().map(Into::into).collect();
        self.block(Block::Table { head, rows: rows.into_iter().collect() })
    }

    /// Adds a picture, PNG or JPEG, with a caption. One that cannot be shown leaves a remark.
    pub fn image(&mut self, caption: impl Into<String>, bytes: Vec<u8>) -> &mut Self {
        self.block(Block::Image { caption: caption.into(), bytes })
    }

    fn block(&mut self, block: Block) -> &mut Self {
        self.blocks.push(block);
        self
    }

    /// Makes the PDF, on pages of A4.
    ///
    /// # Errors
    /// [`CannotPrint`], which only a damaged font can cause.
    pub fn to_pdf(&self) -> Result<Vec<u8>, CannotPrint> {
        draw::to_pdf(self)
    }
}

impl fmt::Debug for Document {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Document([redacted], {} blocks)", self.blocks.len())
    }
}
