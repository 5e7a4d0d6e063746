//! Unpacks a file and watches how much comes out of it.

use std::{
    io::{self, BufReader, Read, Seek, SeekFrom},
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
};

use flate2::read::MultiGzDecoder;

use crate::{Compression, Fault, FaultCode, Limits, fault::size, zstd::Frames};

/// Less than this is not worth an alarm, however small it was packed.
const HARMLESS: u64 = 16 << 20;

/// Counts the bytes that have been read of a file as it lies.
#[derive(Clone, Default)]
pub struct Counter {
    bytes: Arc<AtomicU64>,
    broken: Arc<AtomicBool>,
}

impl Counter {
    /// The bytes so far.
    pub fn bytes(&self) -> u64 {
        self.bytes.load(Ordering::Relaxed)
    }

    /// Whether it was the source that failed, rather than what is in it.
    fn is_broken(&self) -> bool {
        self.broken.load(Ordering::Relaxed)
    }
}

/// A source whose bytes are counted.
pub struct Counted<R> {
    source: R,
    counter: Counter,
}

impl<R> Counted<R> {
    /// Counts from here.
    pub fn new(source: R, counter: &Counter) -> Self {
        Self { source, counter: counter.clone() }
    }
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.source.read(buffer).inspect_err(|error| {
            let broken = error.kind() != io::ErrorKind::Interrupted;
            self.counter.broken.store(broken, Ordering::Relaxed);
        })?;
        self.counter.bytes.fetch_add(read as u64, Ordering::Relaxed);
        Ok(read)
    }
}

impl<R: Seek> Seek for Counted<R> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.source.seek(to)
    }
}

/// The bytes of the file, unpacked; more than the limits allow is an error that holds a [`Fault`].
pub fn unpacked<'a, R: Read + Send + 'a>(
    source: R,
    compression: Option<Compression>,
    limits: Limits,
    counter: &Counter,
) -> Box<dyn Read + Send + 'a> {
    let source = Counted::new(source, counter);
    let opened: Box<dyn Read + Send + 'a> = match compression {
        None => Box::new(source),
        Some(Compression::Gzip) => Box::new(MultiGzDecoder::new(BufReader::new(source))),
        Some(Compression::Zstd) => Box::new(Frames::new(BufReader::new(source))),
    };
    Box::new(Limited { source: opened, compression, counter: counter.clone(), limits, unpacked: 0 })
}

/// Refuses more bytes than a file may have.
struct Limited<'a> {
    source: Box<dyn Read + Send + 'a>,
    compression: Option<Compression>,
    counter: Counter,
    limits: Limits,
    unpacked: u64,
}

impl Read for Limited<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.source.read(buffer).map_err(|error| self.told(error))?;
        self.unpacked += read as u64;
        check(self.unpacked, self.counter.bytes(), &self.limits)?;
        Ok(read)
    }
}

impl Limited<'_> {
    /// An error of a whole source is one of what is packed in it.
    fn told(&self, error: io::Error) -> io::Error {
        let own = error.get_ref().is_some_and(<dyn std::error::Error + Send + Sync>::is::<Fault>);
        if self.compression.is_none() || own || self.counter.is_broken() {
            return error;
        }
        if error.kind() == io::ErrorKind::Interrupted {
            return error;
        }
        let name = match self.compression {
            Some(Compression::Zstd) => "zstd",
            _ => "gzip",
        };
        let message = format!(
            "The {name} file breaks off or is damaged after {} of unpacked text. Pack it anew and upload it again.",
            size(self.unpacked)
        );
        Fault::new(FaultCode::Damaged, message).into()
    }
}

/// Refuses what is too large, and what grows so much that it was made to harm.
pub fn check(unpacked: u64, packed: u64, limits: &Limits) -> Result<(), Fault> {
    if unpacked > HARMLESS && unpacked / limits.ratio.max(1) > packed {
        let message = format!(
            "The file unpacks to more than {} times its size, which is no table but an attack or a mistake. If it is \
             a table, upload it unpacked.",
            limits.ratio
        );
        return Err(Fault::new(FaultCode::CompressionBomb, message));
    }
    if unpacked > limits.unpacked_bytes {
        let message = format!(
            "The file is larger than {} (unpacked), the most that is taken. Split it into several files.",
            size(limits.unpacked_bytes)
        );
        return Err(Fault::new(FaultCode::TooBig, message));
    }
    Ok(())
}
