//! The log of API requests on its way to the database.
//!
//! A request only leaves what it was in a bounded [`Buffer`]. A thread of its own makes entries of it, seals
//! and writes them: at least every [`FLUSH_EVERY`], sooner when there are many, and at once for whoever wants
//! to read the log. What cannot be written is dropped and counted: the log must never hold up a request.

mod buffer;
mod describe;

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

use muster_app::api_logs::{self, NewApiLog, Packed};
use muster_app::idempotency::{Claim, Subject};
use muster_app::keys::Principal;
use muster_app::{EnvironmentContext, Result};
use muster_domain::{EnvironmentId, RequestId};
use muster_store::Db;
use parking_lot::Mutex;

use crate::call::Call;
use crate::operation::Operation;
use crate::pipeline::Incoming;
use crate::rate_limit::Decision;
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

/// A request that was answered.
pub struct Exchange {
    /// The ID of the request.
    pub id: RequestId,
    /// The operation it asked for.
    pub operation: &'static Operation,
    /// Its head.
    pub incoming: Incoming,
    /// Whose key it came with.
    pub principal: Arc<Principal>,
    /// What was read of it; none where it was refused before that.
    pub call: Option<Arc<Call>>,
    /// Whose personal data is in it, if it is known.
    pub subject: Option<Subject>,
    /// HTTP status of the reply.
    pub status: u16,
    /// What the reply told of the rate limit.
    pub limit: Option<Decision>,
    /// How long its body was.
    pub body_bytes: usize,
}

/// The log of one process.
pub struct ApiLog {
    buffer: Arc<Buffer<Exchange>>,
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

    /// Takes a request into the log, or drops it when there are too many.
    pub fn push(&self, exchange: Exchange) {
        let bytes = size_of::<Exchange>() + exchange.incoming.raw_query.len() + exchange.body_bytes;
        self.buffer.push(exchange, bytes);
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
fn write(db: &Db, batch: Batch<Exchange>) {
    let count = batch.items.len();
    if batch.dropped > 0 {
        tracing::warn!(dropped = batch.dropped, "the log of API requests could not keep up");
    }
    let written = pack(&batch.items).and_then(|packed| {
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

fn pack(exchanges: &[Exchange]) -> Result<Vec<Packed>> {
    let mut tenants: HashMap<&EnvironmentId, (&Arc<EnvironmentContext>, Vec<NewApiLog<'_>>)> = HashMap::new();
    for exchange in exchanges {
        let environment = &exchange.principal.environment;
        let tenant = tenants.entry(&environment.id).or_insert((environment, Vec::new()));
        tenant.1.push(describe::entry(exchange));
    }
    let mut packed = Vec::new();
    for (environment, entries) in tenants.into_values() {
        packed.extend(api_logs::pack(environment, entries)?);
    }
    Ok(packed)
}
