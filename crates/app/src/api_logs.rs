//! The log of API requests: what is kept of each, what of it may be shown, and for how long.
//!
//! It is written outside of requests and in batches: [`pack`] does what can be done before the transaction,
//! [`append`] writes.

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
pub use pack::{Packed, pack};
pub use read::{PageRequest, get, page};

use crate::Result;
use crate::idempotency::Subject;

/// What stands where something was left out.
pub const FILTERED: &str = "[FILTERED]";
/// Longest parameters that are kept, in bytes of JSON.
const PARAMS_BYTES_MAX: usize = 16 * 1024;
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
#[derive(Clone, Serialize, Deserialize)]
pub struct Params<'a> {
    /// The query.
    #[serde(rename = "g")]
    pub get: Map<String, Value>,
    /// The body.
    #[serde(rename = "p")]
    pub post: Cow<'a, Map<String, Value>>,
}

impl Params<'_> {
    /// What of a request may be kept: all but files where it tells of a subject, and what is no personal data
    /// where it does not.
    #[must_use]
    pub fn of<'a>(query: &[(String, String)], body: &'a Map<String, Value>, detail: Detail) -> Params<'a> {
        let post = match detail {
            Detail::Whole => filter::without_files(body),
            Detail::Harmless => Cow::Owned(filter::harmless(body)),
        };
        Params { get: filter::query(query, detail), post }
    }

    /// The same, borrowed from nowhere.
    #[must_use]
    pub fn into_owned(self) -> Params<'static> {
        Params { get: self.get, post: Cow::Owned(self.post.into_owned()) }
    }

    /// Nothing was sent.
    fn none() -> Self {
        Self { get: Map::new(), post: Cow::Owned(Map::new()) }
    }

    fn is_empty(&self) -> bool {
        self.get.is_empty() && self.post.is_empty()
    }

    /// JSON of it, without what is too long to be kept.
    fn to_json(&self) -> Result<Vec<u8>> {
        let write = |params: &Params<'_>| {
            serde_json::to_vec(params)
                .map_err(|_| crate::Error::bug("parameters of a request cannot be written as JSON"))
        };
        let json = write(self)?;
        if json.len() <= PARAMS_BYTES_MAX {
            return Ok(json);
        }
        let left_out = |name: &str| Map::from_iter([(name.to_owned(), Value::from(FILTERED))]);
        write(&Params { get: left_out("query"), post: Cow::Owned(left_out("data")) })
    }
}

/// A request on its way into the log.
pub struct NewApiLog<'a> {
    /// The ID of the request.
    pub id: &'a RequestId,
    /// The request and how it was answered.
    pub exchange: Exchange<'a>,
    /// What the sender put into it: as it is where there is a subject, filtered where there is none.
    pub params: Params<'a>,
    /// Whose personal data is in it. Its data key seals `params`.
    pub subject: Option<&'a Subject>,
}

/// An entry of the log.
pub struct ApiLog {
    /// The ID of the request.
    pub id: RequestId,
    /// The request and how it was answered.
    pub exchange: Exchange<'static>,
    /// What the sender put into it; empty when it told of a subject that was redacted since.
    pub params: Params<'static>,
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
