//! Zstandard: one frame after the other, as the format allows and as parallel packers write it.

use std::io::{self, BufRead, Read};

use ruzstd::decoding::{
    BlockDecodingStrategy, FrameDecoder,
    errors::{FrameDecoderError, ReadFrameHeaderError},
};

use crate::{Fault, FaultCode};

/// The memory a frame may ask for; `zstd` up to level 19 asks for 8 MiB.
const WINDOW: u64 = 32 << 20;

/// The bytes of all frames of a source.
pub struct Frames<R> {
    source: R,
    decoder: FrameDecoder,
    state: State,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    BetweenFrames,
    InFrame,
}

impl<R: BufRead> Frames<R> {
    /// Reads from the start of a frame.
    pub fn new(source: R) -> Self {
        let mut decoder = FrameDecoder::new();
        decoder.set_max_window_size(WINDOW);
        Self { source, decoder, state: State::BetweenFrames }
    }

    /// Begins the next frame, passing over those that hold no data.
    fn begin(&mut self) -> io::Result<()> {
        match self.decoder.reset(&mut self.source) {
            Ok(()) => {
                self.state = State::InFrame;
                Ok(())
            }
            Err(FrameDecoderError::ReadFrameHeaderError(ReadFrameHeaderError::SkipFrame {
                length, ..
            })) => {
                let skipped = io::copy(&mut (&mut self.source).take(u64::from(length)), &mut io::sink())?;
                let whole = skipped == u64::from(length);
                if whole { Ok(()) } else { Err(io::ErrorKind::UnexpectedEof.into()) }
            }
            Err(FrameDecoderError::WindowSizeTooBig { .. }) => {
                let message = "The zstd file asks for more memory than is given to it (a window of over 32 MiB). Pack \
                               it anew without --long and --ultra.";
                Err(Fault::new(FaultCode::UnsupportedFormat, message).into())
            }
            Err(error) => Err(io::Error::other(error)),
        }
    }

    fn end(&mut self) -> io::Result<()> {
        self.state = State::BetweenFrames;
        let told = self.decoder.get_checksum_from_data();
        if told.is_some() && told != self.decoder.get_calculated_checksum() {
            return Err(io::ErrorKind::InvalidData.into());
        }
        Ok(())
    }
}

impl<R: BufRead> Read for Frames<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            if self.state == State::BetweenFrames {
                if self.source.fill_buf()?.is_empty() {
                    return Ok(0);
                }
                self.begin()?;
                continue;
            }
            if self.decoder.can_collect() > 0 {
                return self.decoder.read(buffer);
            }
            if self.decoder.is_finished() {
                self.end()?;
                continue;
            }
            self.decoder
                .decode_blocks(&mut self.source, BlockDecodingStrategy::UptoBlocks(1))
                .map_err(io::Error::other)?;
        }
    }
}
