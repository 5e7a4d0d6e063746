//! Watches the quotes of a record, for the parser takes text behind a closing quote as part of the cell.
//!
//! Such text is the only trace of a quote that was left open some lines above: `1,"Ada⏎2,"Grace"` is one row, whose
//! second cell goes on after its closing quote.

use crate::records::Dialect;

/// How the quotes of a record stand so far.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Quotes {
    place: Place,
    found: Found,
}

/// Whether the quotes of a record are where they belong.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Found {
    /// They are.
    #[default]
    InOrder,
    /// Text stands between a closing quote and the end of its cell.
    TextBehindQuote,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
enum Place {
    #[default]
    CellStart,
    Unquoted,
    Quoted,
    BehindQuote,
    /// Behind a closing quote and blanks.
    BehindBlanks,
}

impl Quotes {
    /// What was found in the record.
    pub fn found(self) -> Found {
        self.found
    }

    /// Takes the next bytes of the record, line end included.
    pub fn feed(&mut self, bytes: &[u8], dialect: Dialect) {
        if dialect.quote == 0 {
            return;
        }
        let outside = matches!(self.place, Place::CellStart | Place::Unquoted);
        if outside && memchr::memchr(dialect.quote, bytes).is_none() {
            if let Some(last) = bytes.last() {
                self.place = if *last == dialect.delimiter { Place::CellStart } else { Place::Unquoted };
            }
            return;
        }
        for &byte in bytes {
            self.place = self.step(byte, dialect);
        }
    }

    fn step(&mut self, byte: u8, dialect: Dialect) -> Place {
        let (quote, ends) =
            (byte == dialect.quote, byte == dialect.delimiter || matches!(byte, b'\r' | b'\n'));
        match self.place {
            Place::Quoted if quote => Place::BehindQuote,
            Place::Quoted => Place::Quoted,
            Place::CellStart | Place::BehindQuote if quote => Place::Quoted,
            _ if ends => Place::CellStart,
            Place::BehindQuote | Place::BehindBlanks if matches!(byte, b' ' | b'\t') => Place::BehindBlanks,
            Place::BehindQuote | Place::BehindBlanks => {
                self.found = Found::TextBehindQuote;
                Place::Unquoted
            }
            Place::CellStart | Place::Unquoted => Place::Unquoted,
        }
    }
}
