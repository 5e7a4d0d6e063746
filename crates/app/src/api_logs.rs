//! The log of API requests: what is kept of each, what of it may be shown, and for how long.
//!
//! It is written outside of requests and in batches: a request leaves a [`Framed`] entry, [`pack`] makes rows of
//! many, [`append`] writes them.

pub mod filter;
mod pack;
mod read;

use std::borrow::Cow;
use std::time::Duration;

use muster_domain::{EnvironmentId, RequestId, Timestamp};
use muster_store::{Tx, api_logs as rows};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

pub use filter::Detail;
pub use pack::{Framed, Packed, pack};
pub use read::{PageRequest, get, page};

use crate::Result;
use crate::idempotency::Subject;

/// What stands where something was left out.
pub const FILTERED: &str = "[FILTERED]";
/// How long an entry is kept unless the operator says otherwise (spec E.2).
pub const DAYS_KEPT: u32 = 14;

/// A request and how it was answered, without what the sender put into it.
#[derive(Clone, Serialize, Deserialize)]
pub struct Exchange<'a> {
    /// HTTP method.
    #[serde(rename = "m")]
    pub method: Cow<'a, str>,
    /// Path, `/api/v1` and all.
    #[serde(rename = "p")]
    pub path: Cow<'a, str>,
    /// The header `Accept`.
    #[serde(rename = "a", default, skip_serializing_if = "Option::is_none")]
    pub accept: Option<Cow<'a, str>>,
    /// The header `Host`.
    #[serde(rename = "h", default, skip_serializing_if = "Option::is_none")]
    pub host: Option<Cow<'a, str>>,
    /// The API version: that of the key, or both that and the one that the request named.
    #[serde(rename = "v")]
    pub version: Cow<'a, str>,
    /// The header `User-Agent`.
    #[serde(rename = "u", default, skip_serializing_if = "Option::is_none")]
    pub user_agent: Option<Cow<'a, str>>,
    /// Where it came from.
    #[serde(rename = "i")]
    pub ip_address: Cow<'a, str>,
    /// HTTP status of the reply.
    #[serde(rename = "s")]
    pub status: u16,
    /// Limit, remaining requests and seconds to the end of the window, as the reply told them.
    #[serde(rename = "l", default, skip_serializing_if = "Option::is_none")]
    pub rate_limit: Option<[u32; 3]>,
}

/// What the sender put into a request.
#[derive(Deserialize)]
pub struct Params {
    /// The query.
    #[serde(rename = "g")]
    pub get: Map<String, Value>,
    /// The body.
    #[serde(rename = "p")]
    pub post: Map<String, Value>,
}

impl Params {
    /// Nothing was sent.
    fn none() -> Self {
        Self { get: Map::new(), post: Map::new() }
    }
}

/// A body: as it was read, and as it came if that was JSON.
#[derive(Clone, Copy)]
pub struct Body<'a> {
    /// Its members.
    pub members: &'a Map<String, Value>,
    /// The JSON that they were read from; none where they came in another form.
    pub raw: Option<&'a [u8]>,
}

/// A request on its way into the log.
pub struct NewApiLog<'a> {
    /// The ID of the request.
    pub id: &'a RequestId,
    /// The request and how it was answered.
    pub exchange: Exchange<'a>,
    /// The parameters of its query.
    pub query: &'a [(String, String)],
    /// Its body; none where it was not read.
    pub body: Option<Body<'a>>,
    /// Whose personal data is in it. Its data key seals query and body; without a subject, what may be personal
    /// data in them is left out.
    pub subject: Option<&'a Subject>,
}

/// An entry of the log.
pub struct ApiLog {
    /// The ID of the request.
    pub id: RequestId,
    /// The request and how it was answered.
    pub exchange: Exchange<'static>,
    /// What the sender put into it; empty when it told of a subject that was redacted since.
    pub params: Params,
    /// When the request came.
    pub created_at: Timestamp,
    /// When its subject was redacted.
    pub redacted_at: Option<Timestamp>,
}

/// The second of a request, by which entries are stored.
fn bucket(id: &RequestId) -> Option<i64> {
    use muster_domain::ResourceId as _;
    id.millis().map(|millis| millis.div_euclid(1000))
}

fn identity(id: &RequestId) -> String {
    format!("api_logs/{id}")
}

/// Writes packed entries.
///
/// # Errors
/// What the store reports.
pub fn append(tx: &mut Tx<'_>, packed: &[Packed]) -> Result<()> {
    let rows: Vec<_> = packed.iter().map(|one| (&one.environment.id, &one.row)).collect();
    Ok(rows::insert(tx, &rows)?)
}

/// Forgets some of the oldest entries that were made longer than `kept` ago. Says how many rows went: more are
/// left unless there were none.
///
/// # Errors
/// What the store reports.
pub fn prune(
    tx: &mut Tx<'_>,
    environment: &EnvironmentId,
    (now, kept): (Timestamp, Duration),
    limit: i64,
) -> Result<u64> {
    let oldest = (now - kept).as_millis().div_euclid(1000);
    Ok(rows::prune(tx, environment, oldest, limit)?)
}
