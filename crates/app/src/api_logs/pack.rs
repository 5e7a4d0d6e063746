//! Packing of entries: one row per environment and second.
//!
//! A row is `compressed(frames)`, sealed under the log key of its environment. A frame is
//! `ID · head · parameters`, each after its length (4 bytes, little-endian): [`Head`] and [`super::Params`] in
//! JSON. Parameters that tell of a subject are sealed under its data key, so that they go with it.

use std::collections::BTreeMap;
use std::sync::Arc;

use muster_domain::RequestId;
use muster_store::api_logs::LogRow;
use serde::{Deserialize, Serialize};

use super::{NewApiLog, bucket, identity};
use crate::{EnvironmentContext, Error, Result};

/// Size of the frames of one row, before they are compressed, at which it is full.
const ROW_BYTES: usize = 256 * 1024;

/// What is kept of an entry beside its ID and its parameters.
#[derive(Serialize, Deserialize)]
pub(super) struct Head<E, S> {
    #[serde(rename = "e")]
    pub(super) exchange: E,
    /// Whose data key seals the parameters; none when nothing does.
    #[serde(rename = "o", default, skip_serializing_if = "Option::is_none")]
    pub(super) subject: Option<S>,
}

/// A row that is ready to be written.
pub struct Packed {
    pub(super) environment: Arc<EnvironmentContext>,
    pub(super) row: LogRow,
}

impl Packed {
    /// What it takes in the database, in bytes.
    #[must_use]
    pub fn size_bytes(&self) -> usize {
        self.row.entries.len()
    }
}

/// Packs and seals the entries of one environment.
///
/// # Errors
/// None that a caller could cause.
pub fn pack(environment: &Arc<EnvironmentContext>, logs: Vec<NewApiLog<'_>>) -> Result<Vec<Packed>> {
    let mut buckets: BTreeMap<i64, Vec<NewApiLog<'_>>> = BTreeMap::new();
    for log in logs {
        let bucket = bucket(log.id).ok_or_else(|| Error::bug("a request has an ID of another system"))?;
        buckets.entry(bucket).or_default().push(log);
    }
    let mut packed = Vec::new();
    for (bucket, mut logs) in buckets {
        logs.sort_by(|a, b| a.id.cmp(b.id));
        let mut open: Option<Frames<'_>> = None;
        for log in &logs {
            let frames = open.get_or_insert_with(|| Frames::new(log.id));
            frames.add(log)?;
            if frames.bytes.len() >= ROW_BYTES {
                packed.extend(close(environment, bucket, open.take())?);
            }
        }
        packed.extend(close(environment, bucket, open)?);
    }
    Ok(packed)
}

/// The entries of a row that is being packed.
struct Frames<'a> {
    first: &'a RequestId,
    last: &'a RequestId,
    bytes: Vec<u8>,
}

impl<'a> Frames<'a> {
    fn new(first: &'a RequestId) -> Self {
        Self { first, last: first, bytes: Vec::with_capacity(ROW_BYTES) }
    }

    fn add(&mut self, log: &NewApiLog<'a>) -> Result<()> {
        let failed = |_| Error::bug("an entry of the log cannot be written as JSON");
        self.last = log.id;
        self.part(|out| {
            out.extend_from_slice(log.id.as_str().as_bytes());
            Ok(())
        })?;
        let subject = log.subject.filter(|_| !log.params.is_empty());
        let head = Head { exchange: &log.exchange, subject: subject.map(|subject| subject.id.as_str()) };
        self.part(|out| serde_json::to_writer(out, &head).map_err(failed))?;
        self.part(|out| {
            match subject {
                _ if log.params.is_empty() => {}
                None => out.extend_from_slice(&log.params.to_json()?),
                Some(subject) => {
                    out.extend_from_slice(&subject.key.seal(&log.params.to_json()?, &identity(log.id))?);
                }
            }
            Ok(())
        })
    }

    /// Writes one part of a frame, and its length before it.
    fn part(&mut self, write: impl FnOnce(&mut Vec<u8>) -> Result<()>) -> Result<()> {
        let at = self.bytes.len();
        self.bytes.extend_from_slice(&[0; 4]);
        write(&mut self.bytes)?;
        let length = u32::try_from(self.bytes.len() - at - 4)
            .map_err(|_| Error::bug("an entry of the log is too long"))?;
        self.bytes[at..at + 4].copy_from_slice(&length.to_le_bytes());
        Ok(())
    }
}

fn close(
    environment: &Arc<EnvironmentContext>,
    bucket: i64,
    frames: Option<Frames<'_>>,
) -> Result<Option<Packed>> {
    let Some(frames) = frames else { return Ok(None) };
    let key = environment.index_key.log_key();
    let entries = key.seal_compressed(&frames.bytes, &row_identity(bucket, frames.first))?;
    let row = LogRow { bucket, first_id: frames.first.clone(), last_id: frames.last.clone(), entries };
    Ok(Some(Packed { environment: Arc::clone(environment), row }))
}

fn row_identity(bucket: i64, first_id: &RequestId) -> String {
    format!("api_logs/{bucket}/{first_id}")
}

/// One entry as it is stored.
pub(super) struct Frame {
    pub(super) id: RequestId,
    pub(super) head: Vec<u8>,
    pub(super) params: Vec<u8>,
}

/// Opens a row and takes those entries out of it whose ID is wanted, in the order of their IDs.
pub(super) fn unpack(
    environment: &EnvironmentContext,
    row: &LogRow,
    wanted: impl Fn(&str) -> bool,
) -> Result<Vec<Frame>> {
    let key = environment.index_key.log_key();
    let bytes = key.open_compressed(&row.entries, &row_identity(row.bucket, &row.first_id))?;
    let mut rest = bytes.as_slice();
    let mut frames = Vec::new();
    while !rest.is_empty() {
        let (id, head, params) = (take(&mut rest)?, take(&mut rest)?, take(&mut rest)?);
        let id = std::str::from_utf8(id).map_err(|_| damaged())?;
        if wanted(id) {
            let id = RequestId::trusted(id.to_owned());
            frames.push(Frame { id, head: head.to_vec(), params: params.to_vec() });
        }
    }
    Ok(frames)
}

/// Takes one part of a frame off the front.
fn take<'a>(rest: &mut &'a [u8]) -> Result<&'a [u8]> {
    let (length, after) = rest.split_first_chunk::<4>().ok_or_else(damaged)?;
    let length = usize::try_from(u32::from_le_bytes(*length)).map_err(|_| damaged())?;
    let (part, after) = after.split_at_checked(length).ok_or_else(damaged)?;
    *rest = after;
    Ok(part)
}

pub(super) fn damaged() -> Error {
    Error::bug("a row of the log of API requests is damaged")
}
