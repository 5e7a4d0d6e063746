//! Inquiries and their sessions.

mod inquiry;
mod sessions;

pub use inquiry::{Inquiry, InquiryChanges, NewInquiry};
pub use sessions::{InquirySession, InquirySessionFilters, InquirySessions};

use bytes::Bytes;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::accounts::{Query, SearchOptions, TagReference};
use crate::call::Call;
use crate::client::Client;
use crate::endpoints::{self as to, Endpoint};
use crate::error::Result;
use crate::list::List;

/// What can be done with inquiries.
#[derive(Clone, Debug)]
pub struct Inquiries {
    client: Client,
}

/// The filters of the list of inquiries.
#[derive(Clone, Copy, Debug)]
pub enum InquiryFilters {}

/// An inquiry that was created, and what was wanted with it.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct CreatedInquiry {
    /// The inquiry.
    pub inquiry: Inquiry,
    /// The token of its session.
    pub session_token: Option<String>,
    /// Its one-time link.
    pub one_time_link: Option<String>,
    /// The same link, shorter.
    pub one_time_link_short: Option<String>,
}

/// A one-time link.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub struct OneTimeLink {
    /// The link.
    pub one_time_link: String,
    /// The same link, shorter.
    pub one_time_link_short: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
struct CreatedMeta {
    session_token: Option<String>,
    one_time_link: Option<String>,
    one_time_link_short: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
struct ResumedMeta {
    session_token: String,
}

impl Inquiries {
    pub(crate) fn new(client: Client) -> Self {
        Self { client }
    }

    /// Lists inquiries, newest first.
    pub fn list(&self) -> List<Inquiry, InquiryFilters> {
        List::new(self.client.clone(), Call::new(to::LIST_INQUIRIES))
    }

    /// Creates an inquiry, and finds or creates the account that it belongs to.
    ///
    /// # Errors
    /// Any [`crate::Error`].
    pub async fn create(&self, new: &NewInquiry) -> Result<CreatedInquiry> {
        let mut reply = self.client.send(Call::new(to::CREATE_INQUIRY).body(new.body())).await?;
        let (inquiry, meta): (_, CreatedMeta) = (reply.one()?, reply.meta()?);
        Ok(CreatedInquiry {
            inquiry,
            session_token: meta.session_token,
            one_time_link: meta.one_time_link,
            one_time_link_short: meta.one_time_link_short,
        })
    }

    /// Retrieves an inquiry.
    ///
    /// # Errors
    /// Any [`crate::Error`]; a refusal of 404 when there is no such inquiry.
    pub async fn retrieve(&self, inquiry_id: &str) -> Result<Inquiry> {
        self.client.send(Call::of(to::RETRIEVE_INQUIRY, inquiry_id)).await?.one()
    }

    /// Changes an inquiry. Only what is sent changes.
    ///
    /// # Errors
    /// Any [`crate::Error`].
    pub async fn update(&self, inquiry_id: &str, changes: &InquiryChanges) -> Result<Inquiry> {
        self.client.send(Call::of(to::UPDATE_INQUIRY, inquiry_id).body(changes.body())).await?.one()
    }

    /// Searches inquiries by `status`, `created_at`, `updated_at`, `reference_id` and `inquiry_template_id`; newest
    /// first unless it is said otherwise. Only a page without `next` is the last.
    pub fn search(&self, query: &Query) -> List<Inquiry, SearchOptions> {
        List::new(self.client.clone(), Call::new(to::SEARCH_INQUIRIES).reading().body(query.body()))
    }

    /// Erases the personal data of an inquiry; its skeleton stays. This cannot be undone.
    ///
    /// # Errors
    /// Any [`crate::Error`].
    pub async fn redact(&self, inquiry_id: &str) -> Result<Inquiry> {
        self.client.send(Call::of(to::REDACT_INQUIRY, inquiry_id)).await?.one()
    }

    /// Approves an inquiry.
    ///
    /// # Errors
    /// Any [`crate::Error`].
    pub async fn approve(&self, inquiry_id: &str, comment: Option<&str>) -> Result<Inquiry> {
        self.meta(to::APPROVE_INQUIRY, inquiry_id, json!({ "comment": comment })).await
    }

    /// Declines an inquiry.
    ///
    /// # Errors
    /// Any [`crate::Error`].
    pub async fn decline(&self, inquiry_id: &str, comment: Option<&str>) -> Result<Inquiry> {
        self.meta(to::DECLINE_INQUIRY, inquiry_id, json!({ "comment": comment })).await
    }

    /// Asks for somebody to look at an inquiry.
    ///
    /// # Errors
    /// Any [`crate::Error`].
    pub async fn mark_for_review(&self, inquiry_id: &str) -> Result<Inquiry> {
        self.client.send(Call::of(to::MARK_INQUIRY_FOR_REVIEW, inquiry_id)).await?.one()
    }

    /// Ends an inquiry before its time.
    ///
    /// # Errors
    /// Any [`crate::Error`].
    pub async fn expire(&self, inquiry_id: &str) -> Result<Inquiry> {
        self.client.send(Call::of(to::EXPIRE_INQUIRY, inquiry_id)).await?.one()
    }

    /// Lets the person go on with an inquiry: the inquiry, and the token of a session.
    ///
    /// # Errors
    /// Any [`crate::Error`].
    pub async fn resume(&self, inquiry_id: &str) -> Result<(Inquiry, String)> {
        let mut reply = self.client.send(Call::of(to::RESUME_INQUIRY, inquiry_id)).await?;
        let (inquiry, meta): (_, ResumedMeta) = (reply.one()?, reply.meta()?);
        Ok((inquiry, meta.session_token))
    }

    /// Adds a tag to an inquiry.
    ///
    /// # Errors
    /// Any [`crate::Error`].
    pub async fn add_tag(&self, inquiry_id: &str, tag: impl Into<TagReference>) -> Result<Inquiry> {
        let meta = tag.into().meta();
        self.meta(to::ADD_INQUIRY_TAG, inquiry_id, meta).await
    }

    /// Removes a tag from an inquiry.
    ///
    /// # Errors
    /// Any [`crate::Error`].
    pub async fn remove_tag(&self, inquiry_id: &str, tag: impl Into<TagReference>) -> Result<Inquiry> {
        let meta = tag.into().meta();
        self.meta(to::REMOVE_INQUIRY_TAG, inquiry_id, meta).await
    }

    /// Gives an inquiry these tags and no others.
    ///
    /// # Errors
    /// Any [`crate::Error`].
    pub async fn set_tags<T: Into<TagReference>>(
        &self,
        inquiry_id: &str,
        tags: impl IntoIterator<Item = T>,
    ) -> Result<Inquiry> {
        let meta = TagReference::all(tags);
        self.meta(to::SET_INQUIRY_TAGS, inquiry_id, meta).await
    }

    /// Tells a one-time link of an inquiry; it works for so many seconds, or as long as its template says.
    ///
    /// # Errors
    /// Any [`crate::Error`].
    pub async fn one_time_link(
        &self,
        inquiry_id: &str,
        expires_in_seconds: Option<u32>,
    ) -> Result<OneTimeLink> {
        let meta = json!({ "expires-in-seconds": expires_in_seconds });
        let call = Call::of(to::INQUIRY_ONE_TIME_LINK, inquiry_id).body(json!({ "meta": meta }));
        self.client.send(call).await?.meta()
    }

    /// Pretends that things happened to an inquiry of a sandbox, such as `start_inquiry`.
    ///
    /// # Errors
    /// Any [`crate::Error`].
    pub async fn simulate<'a>(
        &self,
        inquiry_id: &str,
        actions: impl IntoIterator<Item = &'a str>,
    ) -> Result<Inquiry> {
        let actions: Value = actions.into_iter().map(|name| json!({ "type": name })).collect();
        self.meta(to::SIMULATE_INQUIRY, inquiry_id, json!({ "simulate-actions": actions })).await
    }

    /// Prints an inquiry: a PDF.
    ///
    /// # Errors
    /// Any [`crate::Error`].
    pub async fn print(&self, inquiry_id: &str) -> Result<Bytes> {
        self.client.fetch(Call::of(to::PRINT_INQUIRY, inquiry_id)).await
    }

    /// Sends a request about an inquiry with a body `{"meta": …}`.
    async fn meta(&self, endpoint: Endpoint, inquiry_id: &str, meta: Value) -> Result<Inquiry> {
        let call = Call::of(endpoint, inquiry_id).body(json!({ "meta": meta }));
        self.client.send(call).await?.one()
    }
}

impl List<Inquiry, InquiryFilters> {
    /// Only these. At most 100.
    pub fn ids<S: Into<String>>(self, ids: impl IntoIterator<Item = S>) -> Self {
        self.with(|call| call.filter("inquiry-id", ids))
    }

    /// Only those of these accounts. At most 100.
    pub fn account_ids<S: Into<String>>(self, ids: impl IntoIterator<Item = S>) -> Self {
        self.with(|call| call.filter("account-id", ids))
    }

    /// Only those of the account with this reference ID.
    pub fn reference_id(self, id: &str) -> Self {
        self.with(|call| call.filter("reference-id", [id]))
    }

    /// Only those with this note. It must be the only filter.
    pub fn note(self, note: &str) -> Self {
        self.with(|call| call.filter("note", [note]))
    }

    /// Only those of these templates.
    pub fn inquiry_template_ids<S: Into<String>>(self, ids: impl IntoIterator<Item = S>) -> Self {
        self.with(|call| call.filter("inquiry-template-id", ids))
    }

    /// Only those with one of these statuses.
    pub fn statuses<S: Into<String>>(self, statuses: impl IntoIterator<Item = S>) -> Self {
        self.with(|call| call.filter("status", statuses))
    }

    /// Only those created at this instant (or on this date) or later.
    pub fn created_from(self, from: &str) -> Self {
        self.with(|call| call.filter("created-at-start", [from]))
    }

    /// Only those created at this instant (or on this date) or before.
    pub fn created_until(self, until: &str) -> Self {
        self.with(|call| call.filter("created-at-end", [until]))
    }
}
