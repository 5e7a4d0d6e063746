//! A file's bytes as UTF-8, a piece at a time, with the number of the line.

use std::io::Read;

use encoding_rs::{Decoder, DecoderResult};

use crate::{Encoding, Fault, FaultCode};

/// Bytes decoded at once: small beside a record, large beside a call.
const PIECE: usize = 64 << 10;

/// UTF-8 out of bytes of some encoding; a byte order mark is passed over.
pub struct Text<'a> {
    source: Box<dyn Read + Send + 'a>,
    raw: Vec<u8>,
    raw_end: usize,
    decoding: Decoding,
    decoded: Vec<u8>,
    position: usize,
    state: State,
    line: u64,
    after_return: bool,
}

enum Decoding {
    Utf8 { told: bool },
    Other { decoder: Box<Decoder>, encoding: Encoding },
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Start,
    Within,
    Malformed,
    Ended,
}

impl<'a> Text<'a> {
    /// `told` is the encoding set by hand, `encoding` the one to decode with.
    pub fn new(source: Box<dyn Read + Send + 'a>, encoding: Encoding, told: Option<Encoding>) -> Self {
        let other = |with: &'static encoding_rs::Encoding| Decoding::Other {
            decoder: Box::new(with.new_decoder_with_bom_removal()),
            encoding,
        };
        let decoding = match encoding {
            Encoding::Utf8 => Decoding::Utf8 { told: told.is_some() },
            Encoding::Utf16Le => other(encoding_rs::UTF_16LE),
            Encoding::Utf16Be => other(encoding_rs::UTF_16BE),
            Encoding::Windows1252 => other(encoding_rs::WINDOWS_1252),
        };
        Self {
            source,
            raw: vec![0; PIECE],
            raw_end: 0,
            decoding,
            decoded: Vec::new(),
            position: 0,
            state: State::Start,
            line: 1,
            after_return: false,
        }
    }

    /// The number of the line that the next byte stands in, from 1.
    pub fn line(&self) -> u64 {
        self.line
    }

    /// What is decoded and not yet consumed; empty at the end of the file.
    pub fn fill(&mut self) -> Result<&[u8], Fault> {
        while self.position == self.decoded.len() && self.state != State::Ended {
            self.decode_piece()?;
        }
        Ok(&self.decoded[self.position..])
    }

    /// Takes bytes off what [`Text::fill`] gave, counting their lines: `\n`, `\r\n` and `\r` end one.
    pub fn consume(&mut self, bytes: usize) {
        let end = (self.position + bytes).min(self.decoded.len());
        let taken = &self.decoded[self.position..end];
        for at in memchr::memchr2_iter(b'\n', b'\r', taken) {
            let after_return = at.checked_sub(1).map_or(self.after_return, |before| taken[before] == b'\r');
            self.line += u64::from(taken[at] == b'\r' || !after_return);
        }
        self.after_return = taken.last().map_or(self.after_return, |last| *last == b'\r');
        self.position = end;
    }

    /// Passes over line ends; `false` at the end of the file.
    pub fn skip_line_ends(&mut self) -> Result<Ahead, Fault> {
        loop {
            let piece = self.fill()?;
            if piece.is_empty() {
                return Ok(Ahead::End);
            }
            let blank = piece.iter().take_while(|byte| matches!(byte, b'\r' | b'\n')).count();
            let done = blank < piece.len();
            self.consume(blank);
            if done {
                return Ok(Ahead::More);
            }
        }
    }

    /// Passes over whole lines, whatever stands in them.
    pub fn skip_lines(&mut self, lines: u64) -> Result<(), Fault> {
        let until = self.line.saturating_add(lines);
        while self.line < until {
            let piece = self.fill()?;
            if piece.is_empty() {
                return Ok(());
            }
            let step =
                piece.iter().position(|byte| matches!(byte, b'\r' | b'\n')).map_or(piece.len(), |at| at + 1);
            self.consume(step);
        }
        self.finish_line_end()
    }

    /// Passes over the `\n` of a `\r\n` whose `\r` was the last byte.
    fn finish_line_end(&mut self) -> Result<(), Fault> {
        if self.after_return && self.fill()?.first() == Some(&b'\n') {
            self.consume(1);
        }
        Ok(())
    }

    fn decode_piece(&mut self) -> Result<(), Fault> {
        if self.state == State::Malformed {
            return Err(self.malformed());
        }
        let ended = self.read_raw()?;
        self.decoded.clear();
        self.position = 0;
        match self.decoding {
            Decoding::Utf8 { .. } => self.take_utf8(ended),
            Decoding::Other { .. } => self.decode_other(ended),
        }
        if self.state == State::Start {
            self.state = State::Within;
        }
        if ended == Ahead::End && self.raw_end == 0 && self.state == State::Within {
            self.state = State::Ended;
        }
        Ok(())
    }

    /// Reads until the piece is full, so that a slow source makes no difference to what is decoded.
    fn read_raw(&mut self) -> Result<Ahead, Fault> {
        while self.raw_end < self.raw.len() {
            match self.source.read(&mut self.raw[self.raw_end..]) {
                Ok(0) => return Ok(Ahead::End),
                Ok(read) => self.raw_end += read,
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
                Err(error) => return Err(Fault::of(error)),
            }
        }
        Ok(Ahead::More)
    }

    fn take_utf8(&mut self, ahead: Ahead) {
        let mark: &[u8] = b"\xEF\xBB\xBF";
        let piece = &self.raw[..self.raw_end];
        let start = if self.state == State::Start && piece.starts_with(mark) { mark.len() } else { 0 };
        let piece = &piece[start..];
        let (valid, broken) = match std::str::from_utf8(piece) {
            Ok(_) => (piece.len(), false),
            Err(error) => (error.valid_up_to(), error.error_len().is_some() || ahead == Ahead::End),
        };
        self.decoded.extend_from_slice(&piece[..valid]);
        self.raw.copy_within(start + valid..self.raw_end, 0);
        self.raw_end -= start + valid;
        if broken {
            self.state = State::Malformed;
        }
    }

    fn decode_other(&mut self, ahead: Ahead) {
        let Decoding::Other { decoder, .. } = &mut self.decoding else { return };
        let room = decoder.max_utf8_buffer_length_without_replacement(self.raw_end).unwrap_or(4 * PIECE);
        self.decoded.resize(room, 0);
        let (result, read, written) = decoder.decode_to_utf8_without_replacement(
            &self.raw[..self.raw_end],
            &mut self.decoded,
            ahead == Ahead::End,
        );
        self.decoded.truncate(written);
        self.raw.copy_within(read..self.raw_end, 0);
        self.raw_end -= read;
        if let DecoderResult::Malformed(..) = result {
            self.state = State::Malformed;
        }
    }

    /// Everything before the bad bytes has been consumed when this is asked for, so the line is exact.
    fn malformed(&self) -> Fault {
        let message = match &self.decoding {
            Decoding::Utf8 { told: true } => {
                "This line is not UTF-8, though the encoding is set to utf-8. Save the \
                 file as UTF-8, or set the encoding it has: windows-1252, utf-16le or utf-16be."
                    .to_owned()
            }
            Decoding::Utf8 { told: false } => {
                "This line is not UTF-8, though the file begins as UTF-8. Save the \
                 whole file as UTF-8; or, if it was written by an older Windows program, set the encoding to \
                 windows-1252."
                    .to_owned()
            }
            Decoding::Other { encoding, .. } => format!(
                "This line holds bytes that are not {}. The file may be cut off, or two files of different \
                 encodings may have been joined: save it anew as UTF-8.",
                encoding.name()
            ),
        };
        Fault::at(FaultCode::WrongEncoding, self.line, message)
    }
}

/// Whether there is more to read.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Ahead {
    /// There is.
    More,
    /// The file ends here.
    End,
}
