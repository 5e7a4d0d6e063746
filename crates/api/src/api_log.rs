//! The log of API requests on its way to the database.
//!
//! A request leaves its entry, framed and sealed, in a bounded [`Buffer`]. A thread of its own packs and writes
//! what is in there: at least every [`FLUSH_EVERY`], sooner when there is much, and at once for whoever wants to
//! read the log. What cannot be written is dropped and counted: the log must never hold up a request.

mod buffer;
pub mod describe;

use std::collections::HashSet;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

use muster_app::Result;
use muster_app::api_logs::{self, Framed, Packed};
use muster_app::idempotency::Claim;
use muster_domain::EnvironmentId;
use muster_store::Db;
use parking_lot::Mutex;

use buffer::{Batch, Buffer, Limits};

/// How long an entry waits at the most.
const FLUSH_EVERY: Duration = Duration::from_millis(250);
/// What may wait, and when it no longer does.
const LIMITS: Limits =
    Limits { items_max: 16_384, bytes_max: 16 * 1024 * 1024, ripe_items: 512, ripe_after: FLUSH_EVERY };
/// What is written in one transaction, in bytes: it must not keep others waiting.
const WRITE_BYTES: usize = 1024 * 1024;
/// Idempotency keys that are remembered as used for another request.
const MISUSED_MAX: usize = 4_096;

/// The log of one process.
pub struct ApiLog {
    buffer: Arc<Buffer<Framed>>,
    thread: Option<JoinHandle<()>>,
    /// Idempotency keys that were used for another request: the log tells of it once (spec A.7).
    misused: Mutex<HashSet<(EnvironmentId, Vec<u8>)>>,
}

impl ApiLog {
    /// Starts the log.
    ///
    /// # Errors
    /// When there can be no further thread.
    pub fn start(db: Db) -> std::io::Result<Self> {
        let buffer = Arc::new(Buffer::new(LIMITS));
        let source = Arc::clone(&buffer);
        let thread = std::thread::Builder::new().name("muster-api-log".into()).spawn(move || {
            while let Some(batch) = source.take() {
                write(&db, batch);
            }
        })?;
        Ok(Self { buffer, thread: Some(thread), misused: Mutex::default() })
    }

    /// Takes an entry into the log, or drops it when there are too many.
    pub fn push(&self, entry: Framed) {
        let bytes = size_of::<Framed>() + entry.size_bytes();
        self.buffer.push(entry, bytes);
    }

    /// Waits until everything that was pushed before is written or dropped.
    pub async fn flush(&self) {
        // It fails only when the thread has ended, and then nothing waits.
        let _ = self.buffer.flush().await;
    }

    /// True for the first request that came under an idempotency key of another one.
    pub fn is_first_misuse(&self, environment: &EnvironmentId, claim: &Claim) -> bool {
        let mut misused = self.misused.lock();
        if misused.len() >= MISUSED_MAX {
            misused.clear();
        }
        misused.insert((environment.clone(), claim.key().to_vec()))
    }
}

impl Drop for ApiLog {
    fn drop(&mut self) {
        self.buffer.stop();
        let _ = self.thread.take().map(JoinHandle::join);
    }
}

/// Packs what was taken from the buffer and writes it in small transactions.
fn write(db: &Db, batch: Batch<Framed>) {
    let count = batch.items.len();
    if batch.dropped > 0 {
        tracing::warn!(dropped = batch.dropped, "the log of API requests could not keep up");
    }
    let written: Result<()> = api_logs::pack(batch.items).and_then(|packed| {
        let mut packed = packed.into_iter().peekable();
        while packed.peek().is_some() {
            let mut bytes = 0;
            let rows: Vec<Packed> = std::iter::from_fn(|| {
                let row = packed.next_if(|_| bytes < WRITE_BYTES)?;
                bytes += row.size_bytes();
                Some(row)
            })
            .collect();
            db.write_blocking("api_logs.append", move |tx| api_logs::append(tx, &rows))?;
        }
        Ok(())
    });
    if let Err(error) = written {
        tracing::warn!(%error, count, "entries of the log of API requests were lost");
    }
    for flush in batch.flushes {
        // Whoever waited may have gone away.
        let _ = flush.send(());
    }
}
