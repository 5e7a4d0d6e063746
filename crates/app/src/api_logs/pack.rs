//! Packing of entries: one row per environment and second.
//!
//! A row is `compressed(frames)`, sealed under the log key of its environment. A frame is
//! `ID · head · parameters`, each after its length (4 bytes, little-endian): [`Head`] and [`super::Params`] in
//! JSON. Parameters that tell of a subject are sealed under its data key, so that they go with it.

use std::sync::Arc;

use muster_domain::{RequestId, Timestamp};
use muster_store::api_logs::LogRow;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{Body, Detail, FILTERED, NewApiLog, filter, identity};
use crate::{EnvironmentContext, Error, Result};

/// Size of the frames of one row, before they are compressed, at which it is full.
const ROW_BYTES: usize = 256 * 1024;
/// Longest parameters that are kept, in bytes of JSON.
const PARAMS_BYTES_MAX: usize = 16 * 1024;
/// About what an entry takes beside its parameters.
const HEAD_BYTES: usize = 512;

/// What is kept of an entry beside its ID and its parameters.
#[derive(Serialize, Deserialize)]
pub(super) struct Head<E, S> {
    #[serde(rename = "e")]
    pub(super) exchange: E,
    /// Whose data key seals the parameters; none when nothing does.
    #[serde(rename = "o", default, skip_serializing_if = "Option::is_none")]
    pub(super) subject: Option<S>,
}

/// An entry that nobody can read but for what is shown: it may wait for others.
pub struct Framed {
    environment: Arc<EnvironmentContext>,
    bucket: i64,
    bytes: Vec<u8>,
}

impl Framed {
    /// Makes a frame of an entry of a request that came at `at`.
    ///
    /// # Errors
    /// None that a caller could cause.
    pub fn new(environment: &Arc<EnvironmentContext>, at: Timestamp, log: &NewApiLog<'_>) -> Result<Self> {
        let params = params(log)?;
        let mut bytes = Vec::with_capacity(HEAD_BYTES + params.len());
        part(&mut bytes, |out| {
            out.extend_from_slice(log.id.as_str().as_bytes());
            Ok(())
        })?;
        let subject = log.subject.filter(|_| !params.is_empty());
        let head = Head { exchange: &log.exchange, subject: subject.map(|subject| subject.id.as_str()) };
        part(&mut bytes, |out| serde_json::to_writer(out, &head).map_err(|_| not_json()))?;
        part(&mut bytes, |out| {
            match subject {
                None => out.extend_from_slice(&params),
                Some(subject) => out.extend_from_slice(&subject.key.seal(&params, &identity(log.id))?),
            }
            Ok(())
        })?;
        let bucket = at.as_millis().div_euclid(1000);
        Ok(Self { environment: Arc::clone(environment), bucket, bytes })
    }

    /// What it takes while it waits, in bytes.
    #[must_use]
    pub fn size_bytes(&self) -> usize {
        self.bytes.capacity()
    }

    fn id(&self) -> Result<RequestId> {
        let id = take(&mut self.bytes.as_slice())?;
        Ok(RequestId::trusted(String::from_utf8_lossy(id).into_owned()))
    }
}

/// Writes one part of a frame, and its length before it.
fn part(bytes: &mut Vec<u8>, write: impl FnOnce(&mut Vec<u8>) -> Result<()>) -> Result<()> {
    let at = bytes.len();
    bytes.extend_from_slice(&[0; 4]);
    write(bytes)?;
    let length = u32::try_from(bytes.len() - at - 4)
        .map_err(|_| Error::bug("an entry of the log of API requests is too long"))?;
    bytes[at..at + 4].copy_from_slice(&length.to_le_bytes());
    Ok(())
}

/// JSON of [`super::Params`], without what is not to be kept; nothing when there are none.
fn params(log: &NewApiLog<'_>) -> Result<Vec<u8>> {
    let no_members = Map::new();
    let Body { members, raw } = log.body.unwrap_or(Body { members: &no_members, raw: None });
    if log.query.is_empty() && members.is_empty() {
        return Ok(Vec::new());
    }
    let detail = if log.subject.is_some() { Detail::Whole } else { Detail::Harmless };
    let query = filter::query(log.query, detail);
    let as_sent = match detail {
        Detail::Harmless => None,
        Detail::Whole => raw.filter(|_| !members.is_empty() && !filter::has_files(members)),
    };
    let json = match as_sent {
        // By far the most common: nothing is to be left out, so nothing is to be written anew.
        Some(raw) => write(&query, raw)?,
        None => {
            let kept = match detail {
                Detail::Whole => filter::without_files(members),
                Detail::Harmless => filter::harmless(members),
            };
            write(&query, &serde_json::to_vec(&kept).map_err(|_| not_json())?)?
        }
    };
    if json.len() <= PARAMS_BYTES_MAX {
        return Ok(json);
    }
    let left_out = |name: &str| Map::from_iter([(name.to_owned(), Value::from(FILTERED))]);
    write(&left_out("query"), &serde_json::to_vec(&left_out("data")).map_err(|_| not_json())?)
}

fn write(query: &Map<String, Value>, body: &[u8]) -> Result<Vec<u8>> {
    let mut json = Vec::with_capacity(body.len() + 64);
    json.extend_from_slice(br#"{"g":"#);
    serde_json::to_writer(&mut json, query).map_err(|_| not_json())?;
    json.extend_from_slice(br#","p":"#);
    json.extend_from_slice(body);
    json.push(b'}');
    Ok(json)
}

fn not_json() -> Error {
    Error::bug("an entry of the log of API requests cannot be written as JSON")
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

/// Packs and seals entries, in the order of environments, seconds and IDs.
///
/// # Errors
/// None that a caller could cause.
pub fn pack(mut frames: Vec<Framed>) -> Result<Vec<Packed>> {
    // A frame starts with its ID, and all IDs are of one length.
    frames.sort_unstable_by(|a, b| {
        (&a.environment.id, a.bucket, &a.bytes).cmp(&(&b.environment.id, b.bucket, &b.bytes))
    });
    let one_row = |a: &Framed, b: &Framed| a.environment.id == b.environment.id && a.bucket == b.bucket;
    let mut packed = Vec::new();
    for of_one_second in frames.chunk_by(one_row) {
        let mut rest = of_one_second;
        while !rest.is_empty() {
            let mut bytes = Vec::new();
            let full = rest.iter().position(|frame| {
                bytes.extend_from_slice(&frame.bytes);
                bytes.len() >= ROW_BYTES
            });
            let (row, after) = rest.split_at(full.map_or(rest.len(), |last| last + 1));
            packed.extend(seal(row, &bytes)?);
            rest = after;
        }
    }
    Ok(packed)
}

fn seal(frames: &[Framed], bytes: &[u8]) -> Result<Option<Packed>> {
    let (Some(first), Some(last)) = (frames.first(), frames.last()) else { return Ok(None) };
    let (bucket, first_id, last_id) = (first.bucket, first.id()?, last.id()?);
    let key = first.environment.index_key.log_key();
    let entries = key.seal_compressed(bytes, &row_identity(bucket, &first_id))?;
    let environment = Arc::clone(&first.environment);
    Ok(Some(Packed { environment, row: LogRow { bucket, first_id, last_id, entries } }))
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
