//! The log of API requests.

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::call::Call;
use crate::client::Client;
use crate::endpoints as to;
use crate::error::Result;
use crate::list::List;

/// A request that was logged.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub struct ApiLog {
    /// Its ID: the `Request-Id` of its reply, `req_…`.
    pub id: String,
    /// What was asked.
    pub request: LoggedRequest,
    /// What was answered.
    pub response: LoggedResponse,
    /// When it came in.
    pub created_at: String,
    /// When what it told of an account was erased.
    pub redacted_at: Option<String>,
}

/// What was asked.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub struct LoggedRequest {
    /// HTTP method.
    pub method: String,
    /// Path of the request, without its query.
    pub path: String,
    /// Headers, without the API key.
    pub headers: Map<String, Value>,
    /// What stood in the query.
    pub get_params: Map<String, Value>,
    /// What stood in the body; `[FILTERED]` where it is not shown.
    pub post_params: Map<String, Value>,
    /// The address of the client.
    pub ip_address: String,
}

impl fmt::Debug for LoggedRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LoggedRequest").field("method", &self.method).finish_non_exhaustive()
    }
}

/// What was answered.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct LoggedResponse {
    /// HTTP status.
    pub status: u16,
    /// Headers.
    pub headers: Map<String, Value>,
}

/// What can be done with the log of API requests.
#[derive(Clone, Debug)]
pub struct ApiLogs {
    client: Client,
}

impl ApiLogs {
    pub(crate) fn new(client: Client) -> Self {
        Self { client }
    }

    /// Lists requests, newest first.
    pub fn list(&self) -> List<ApiLog> {
        List::new(self.client.clone(), Call::new(to::LIST_API_LOGS))
    }

    /// Retrieves a request by the `Request-Id` of its reply.
    ///
    /// # Errors
    /// Any [`crate::Error`].
    pub async fn retrieve(&self, request_id: &str) -> Result<ApiLog> {
        self.client.send(Call::of(to::RETRIEVE_API_LOG, request_id)).await?.one()
    }
}
