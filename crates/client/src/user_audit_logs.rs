//! What people, and API keys with other API keys, did with Muster.

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::call::Call;
use crate::client::Client;
use crate::endpoints as to;
use crate::error::Result;
use crate::list::List;

/// What somebody, or an API key with API keys, did with Muster.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub struct UserAuditLog {
    /// Its ID, `ual_…`.
    pub id: String,
    /// Path of the request; `/cli/…` for a command.
    pub path: String,
    /// Method of the request; `POST` for a command.
    pub method: String,
    /// Parameters in the query of the request.
    pub get_params: Map<String, Value>,
    /// To what it was done, and how.
    pub post_params: Map<String, Value>,
    /// The address that it was done from; none for what an API key did.
    #[serde(default)]
    pub ip_address: Option<String>,
    /// The program that it was done with; none for what an API key did.
    #[serde(default)]
    pub user_agent: Option<String>,
    /// The status of the reply.
    pub response_status: u16,
    /// When it was done.
    pub created_at: String,
    /// Who did it in the name of the user.
    pub impersonator_email_address: Option<String>,
    /// The API key that did it, and the request.
    pub context: Map<String, Value>,
    /// The ID of the user who did it.
    #[serde(default)]
    pub user_id: Option<String>,
    /// The ID of the session in which it was done.
    #[serde(default)]
    pub user_session_id: Option<String>,
}

impl fmt::Debug for UserAuditLog {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_struct("UserAuditLog");
        shown.field("id", &self.id).field("path", &self.path).finish_non_exhaustive()
    }
}

/// What can be done with the user audit log. It is for API keys of a production environment.
#[derive(Clone, Debug)]
pub struct UserAuditLogs {
    client: Client,
}

impl UserAuditLogs {
    pub(crate) fn new(client: Client) -> Self {
        Self { client }
    }

    /// Lists entries, newest first.
    pub fn list(&self) -> List<UserAuditLog> {
        List::new(self.client.clone(), Call::new(to::LIST_USER_AUDIT_LOGS))
    }

    /// Retrieves an entry.
    ///
    /// # Errors
    /// Any [`crate::Error`].
    pub async fn retrieve(&self, id: &str) -> Result<UserAuditLog> {
        self.client.send(Call::of(to::RETRIEVE_USER_AUDIT_LOG, id)).await?.one()
    }
}
