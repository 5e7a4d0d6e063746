//! Unpacks a file and watches how much comes out of it.

use std::{
    io::{self, Read},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use crate::{Compression, Fault, FaultCode, Limits, fault::size};

/// Counts the bytes that have been read of a file as it lies.
#[derive(Clone, Default)]
pub struct Counter(Arc<AtomicU64>);

impl Counter {
    /// The bytes so far.
    pub fn bytes(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }

    /// Adds to them.
    pub fn add(&self, bytes: usize) {
        self.0.fetch_add(bytes as u64, Ordering::Relaxed);
    }
}

/// A source whose bytes are counted.
struct Counted<R> {
    source: R,
    counter: Counter,
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.source.read(buffer)?;
        self.counter.add(read);
        Ok(read)
    }
}

/// The bytes of the file, unpacked; more than the limits allow is an error that holds a [`Fault`].
pub fn unpacked<'a, R: Read + Send + 'a>(
    source: R,
    compression: Option<Compression>,
    limits: Limits,
    counter: &Counter,
) -> Result<Box<dyn Read + Send + 'a>, Fault> {
    let source = Counted { source, counter: counter.clone() };
    let opened: Box<dyn Read + Send + 'a> = match compression {
        None => Box::new(source),
        Some(_) => return Err(Fault::new(FaultCode::UnsupportedFormat, "Not yet read.")),
    };
    Ok(Box::new(Limited { source: opened, counter: counter.clone(), limits, unpacked: 0 }))
}

/// Refuses more bytes than a file may have.
struct Limited<'a> {
    source: Box<dyn Read + Send + 'a>,
    counter: Counter,
    limits: Limits,
    unpacked: u64,
}

impl Read for Limited<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.source.read(buffer)?;
        self.unpacked += read as u64;
        if self.unpacked > self.limits.unpacked_bytes {
            let message = format!(
                "The file is larger than {} once it is unpacked, the most that is taken. Split it into several files.",
                size(self.limits.unpacked_bytes)
            );
            return Err(Fault::new(FaultCode::TooBig, message).into());
        }
        Ok(read)
    }
}
