//! Reading the log of API requests.

use std::collections::HashMap;

use muster_domain::{RequestId, ResourceId, Timestamp};
use muster_store::api_logs::{self as rows, LogRow, SubjectKey};
use muster_store::events::Side;
use muster_store::seal::DataKey;

use super::pack::{Frame, Head, damaged, unpack};
use super::{ApiLog, Exchange, Params, bucket, identity};
use crate::accounts::{Page, cut};
use crate::{Error, ReadCx, Result};

/// Rows that are read at once, first and later.
const ROWS_FIRST: i64 = 8;
const ROWS_MAX: i64 = 128;

/// Which entries a page is to hold.
#[derive(Clone, Debug)]
pub struct PageRequest {
    /// How many at the most.
    pub size: usize,
    /// Older than this one.
    pub after: Option<RequestId>,
    /// Newer than this one.
    pub before: Option<RequestId>,
}

/// Reads one entry.
///
/// # Errors
/// [`Error::NotFound`].
pub fn get(cx: &mut ReadCx<'_, '_>, id: &RequestId) -> Result<ApiLog> {
    let environment = &cx.scope.environment;
    let bucket = bucket(id).ok_or(Error::NotFound)?;
    for row in rows::containing(cx.tx, &environment.id, bucket, id)? {
        let found = unpack(environment, &row, |other| other == id.as_str())?;
        if !found.is_empty() {
            return show(cx, found)?.pop().ok_or(Error::NotFound);
        }
    }
    Err(Error::NotFound)
}

/// Reads one page of entries.
///
/// # Errors
/// 400 for a cursor that no request of this server ever had.
pub fn page(cx: &mut ReadCx<'_, '_>, request: &PageRequest) -> Result<Page<ApiLog>> {
    let (side, cursor) = match &request.before {
        Some(cursor) => (Side::Before, Some(cursor)),
        None => (Side::After, request.after.as_ref()),
    };
    let found = select(cx, side, cursor, request.size + 1)?;
    let page = cut(found, request.size, request.after.is_some(), request.before.is_some());
    let items = show(cx, page.items)?;
    Ok(Page { items, has_newer: page.has_newer, has_older: page.has_older })
}

/// Up to `wanted` entries from the cursor outwards.
///
/// Rows come in the order of their seconds, and within one in that of their lowest IDs. Rows of one second may
/// overlap, so it takes all of them to know its entries.
fn select(
    cx: &mut ReadCx<'_, '_>,
    side: Side,
    cursor: Option<&RequestId>,
    wanted: usize,
) -> Result<Vec<Frame>> {
    let environment = &cx.scope.environment;
    let mut position = start(side, cursor)?;
    let mut found = Found { side, cursor, wanted, frames: Vec::new() };
    let mut limit = ROWS_FIRST;
    loop {
        let read = rows::page(cx.tx, &environment.id, side, (position.0, &position.1), limit)?;
        for row in &read {
            if found.is_complete(row) {
                return Ok(found.frames);
            }
            if found.may_gain(row) {
                found.add(unpack(environment, row, |id| found.is_wanted(id))?);
            }
        }
        match read.last() {
            Some(last) if read.len() >= usize::try_from(limit).unwrap_or(usize::MAX) => {
                position = (last.bucket, last.first_id.to_string());
            }
            _ => return Ok(found.frames),
        }
        limit = (limit * 2).min(ROWS_MAX);
    }
}

/// Where reading starts so that no row is missed in which there is an entry beyond the cursor.
fn start(side: Side, cursor: Option<&RequestId>) -> Result<(i64, String)> {
    let Some(cursor) = cursor else { return Ok((i64::MAX, String::new())) };
    let bucket = bucket(cursor).ok_or_else(|| {
        let name = if side == Side::After { "page[after]" } else { "page[before]" };
        Error::malformed([name], "must be the ID of an API log")
    })?;
    Ok((bucket, if side == Side::After { cursor.to_string() } else { String::new() }))
}

/// The entries of a page as they are gathered, nearest to the cursor first.
struct Found<'a> {
    side: Side,
    cursor: Option<&'a RequestId>,
    wanted: usize,
    frames: Vec<Frame>,
}

impl Found<'_> {
    /// The farthest entry of the page, once there are enough.
    fn farthest(&self) -> Option<&RequestId> {
        self.frames.get(self.wanted - 1).map(|frame| &frame.id)
    }

    fn is_wanted(&self, id: &str) -> bool {
        let (cursor, farthest) = (self.cursor.map(RequestId::as_str), self.farthest().map(RequestId::as_str));
        match self.side {
            Side::After => cursor.is_none_or(|at| id < at) && farthest.is_none_or(|end| id > end),
            Side::Before => cursor.is_none_or(|at| id > at) && farthest.is_none_or(|end| id < end),
        }
    }

    /// Whether there may be a wanted entry in a row.
    fn may_gain(&self, row: &LogRow) -> bool {
        match self.side {
            Side::After => self.farthest().is_none_or(|end| row.last_id > *end),
            Side::Before => self.cursor.is_none_or(|at| row.last_id > *at),
        }
    }

    /// Whether no wanted entry can be in this row or a later one.
    fn is_complete(&self, row: &LogRow) -> bool {
        self.farthest().is_some_and(|end| match self.side {
            Side::After => bucket(end).is_some_and(|end| row.bucket < end),
            Side::Before => row.first_id > *end,
        })
    }

    fn add(&mut self, frames: Vec<Frame>) {
        self.frames.extend(frames);
        self.frames.sort_by(|a, b| if self.side == Side::After { b.id.cmp(&a.id) } else { a.id.cmp(&b.id) });
        self.frames.truncate(self.wanted);
    }
}

/// Opens entries with the keys that their subjects have now.
fn show(cx: &mut ReadCx<'_, '_>, frames: Vec<Frame>) -> Result<Vec<ApiLog>> {
    let mut heads = Vec::with_capacity(frames.len());
    for frame in &frames {
        heads.push(
            serde_json::from_slice::<Head<Exchange<'static>, String>>(&frame.head).map_err(|_| damaged())?,
        );
    }
    let mut subjects: Vec<&str> = heads.iter().filter_map(|head| head.subject.as_deref()).collect();
    subjects.sort_unstable();
    subjects.dedup();
    let keys = rows::subject_keys(cx.tx, &cx.scope.environment.id, &subjects)?;
    let keys: HashMap<String, SubjectKey> =
        keys.into_iter().map(|key| (key.subject_id.clone(), key)).collect();
    let mut shown = Vec::with_capacity(frames.len());
    for (frame, head) in frames.into_iter().zip(heads) {
        let (params, redacted_at) = match head.subject {
            None if frame.params.is_empty() => (Params::none(), None),
            None => (read(&frame.id, &frame.params), None),
            Some(subject) => open(cx, keys.get(&subject), &frame)?,
        };
        let millis = frame.id.millis().ok_or_else(damaged)?;
        let created_at = Timestamp::from_micros(millis * 1000);
        shown.push(ApiLog { id: frame.id, exchange: head.exchange, params, created_at, redacted_at });
    }
    Ok(shown)
}

/// Opens what an entry tells of its subject: nothing, and since when, if the subject was redacted.
fn open(cx: &ReadCx<'_, '_>, key: Option<&SubjectKey>, frame: &Frame) -> Result<(Params, Option<Timestamp>)> {
    let renewed_at = key.and_then(|key| key.renewed_at);
    let Some((key, wrapped)) = key.and_then(|key| Some((key, key.wrapped.as_deref()?))) else {
        return Ok((Params::none(), renewed_at));
    };
    let environment = cx.scope.environment.id.as_str();
    let key = DataKey::unwrap(cx.master, wrapped, environment, &key.subject_id)?;
    match (key.open(&frame.params, &identity(&frame.id)), renewed_at) {
        (Ok(plain), _) => Ok((read(&frame.id, &plain), None)),
        // Sealed under the key that redaction has replaced.
        (Err(_), Some(_)) => Ok((Params::none(), renewed_at)),
        (Err(error), None) => Err(error.into()),
    }
}

/// Reads what was sent. What cannot be read shows nothing: one entry must not hide the others of its page.
fn read(id: &RequestId, params: &[u8]) -> Params {
    serde_json::from_slice(params).unwrap_or_else(|_| {
        tracing::warn!(request = %id, "the parameters of an entry of the log of API requests cannot be read");
        Params::none()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_read_shows_nothing() {
        let id = RequestId::trusted("req_1".to_owned());
        let sent = |params: &str| read(&id, params.as_bytes()).post.len();
        assert_eq!(sent(r#"{"g":{},"p":{"data":{}}}"#), 1);
        for bad in [r#"{"g":{},"p":--b}"#, "", r#"{"g":{},"p":[]}"#] {
            assert_eq!(sent(bad), 0);
        }
    }
}
