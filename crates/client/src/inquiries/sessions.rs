//! Sessions of inquiries.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::OneTimeLink;
use crate::call::Call;
use crate::client::Client;
use crate::endpoints as to;
use crate::error::Result;
use crate::list::List;

/// A session: one browser that answers an inquiry. `Debug` shows its ID and status only.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub struct InquirySession {
    /// Its ID, `iqse_…`.
    pub id: String,
    /// `new`, `active` or `expired`.
    pub status: String,
    /// When it was created.
    pub created_at: String,
    /// When it was opened.
    pub started_at: Option<String>,
    /// When it ended.
    pub expired_at: Option<String>,
    /// The ID of the inquiry.
    pub inquiry_id: String,
    /// What is known of the browser, such as `user-agent`.
    #[serde(flatten)]
    pub attributes: Map<String, Value>,
}

impl std::fmt::Debug for InquirySession {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut shown = f.debug_struct("InquirySession");
        shown.field("id", &self.id).field("status", &self.status).finish_non_exhaustive()
    }
}

/// What can be done with sessions of inquiries.
#[derive(Clone, Debug)]
pub struct InquirySessions {
    client: Client,
}

/// The filters of the list of sessions.
#[derive(Clone, Copy, Debug)]
pub enum InquirySessionFilters {}

impl InquirySessions {
    pub(crate) fn new(client: Client) -> Self {
        Self { client }
    }

    /// Lists sessions, newest first.
    pub fn list(&self) -> List<InquirySession, InquirySessionFilters> {
        List::new(self.client.clone(), Call::new(to::LIST_INQUIRY_SESSIONS))
    }

    /// Creates a session of an inquiry.
    ///
    /// # Errors
    /// Any [`crate::Error`]; a refusal of 409 when the inquiry is not open or has had as many as it may.
    pub async fn create(&self, inquiry_id: &str) -> Result<InquirySession> {
        let body = json!({ "data": { "attributes": { "inquiry-id": inquiry_id } } });
        self.client.send(Call::new(to::CREATE_INQUIRY_SESSION).body(body)).await?.one()
    }

    /// Retrieves a session.
    ///
    /// # Errors
    /// Any [`crate::Error`].
    pub async fn retrieve(&self, session_id: &str) -> Result<InquirySession> {
        self.client.send(Call::of(to::RETRIEVE_INQUIRY_SESSION, session_id)).await?.one()
    }

    /// Ends a session.
    ///
    /// # Errors
    /// Any [`crate::Error`].
    pub async fn expire(&self, session_id: &str) -> Result<InquirySession> {
        self.client.send(Call::of(to::EXPIRE_INQUIRY_SESSION, session_id)).await?.one()
    }

    /// Ends all sessions of inquiries, at most 100. Returns those that it ended.
    ///
    /// # Errors
    /// Any [`crate::Error`].
    pub async fn expire_all<S: Into<String>>(
        &self,
        inquiry_ids: impl IntoIterator<Item = S>,
    ) -> Result<Vec<InquirySession>> {
        let ids: Vec<String> = inquiry_ids.into_iter().map(Into::into).collect();
        let body = json!({ "meta": { "inquiry-ids": ids } });
        self.client.send(Call::new(to::EXPIRE_INQUIRY_SESSIONS).body(body)).await?.many()
    }

    /// Tells a one-time link that leads into a session.
    ///
    /// # Errors
    /// Any [`crate::Error`].
    pub async fn one_time_link(&self, session_id: &str) -> Result<OneTimeLink> {
        self.client.send(Call::of(to::SESSION_ONE_TIME_LINK, session_id)).await?.meta()
    }
}

impl List<InquirySession, InquirySessionFilters> {
    /// Only those of these inquiries. At most 100.
    pub fn inquiry_ids<S: Into<String>>(self, ids: impl IntoIterator<Item = S>) -> Self {
        self.with(|call| call.filter("inquiry-id", ids))
    }
}
