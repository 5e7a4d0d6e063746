//! An inquiry as the server tells it, and what is said of one that is to be.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::field::FieldValue;

/// An inquiry. `Debug` shows its ID and status only.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub struct Inquiry {
    /// Its ID, `inq_…`.
    pub id: String,
    /// Where it stands, such as `created` or `approved`.
    pub status: String,
    /// The reference ID of its account.
    pub reference_id: Option<String>,
    /// A text of whoever works with it.
    pub note: Option<String>,
    /// Always nothing.
    pub behaviors: Option<Value>,
    /// The names of its tags.
    pub tags: Vec<String>,
    /// Who created it.
    pub creator: String,
    /// What was said with the decision.
    pub reviewer_comment: Option<String>,
    /// When it was created.
    pub created_at: String,
    /// When it last changed.
    pub updated_at: String,
    /// When the person began to be verified.
    pub started_at: Option<String>,
    /// When its time is over.
    pub expires_at: Option<String>,
    /// When the person reached the end.
    pub completed_at: Option<String>,
    /// When the person reached the end without success.
    pub failed_at: Option<String>,
    /// When somebody was asked to look at it.
    pub marked_for_review_at: Option<String>,
    /// When it was decided.
    pub decisioned_at: Option<String>,
    /// When it expired.
    pub expired_at: Option<String>,
    /// When its personal data was erased.
    pub redacted_at: Option<String>,
    /// The step before the present one.
    pub previous_step_name: Option<String>,
    /// The step that the person is to do.
    pub next_step_name: Option<String>,
    /// Its fields by key, set or not.
    pub fields: BTreeMap<String, FieldValue>,
    /// The ID of its account.
    pub account_id: Option<String>,
    /// Always nothing: there are no templates of the older kind.
    pub template_id: Option<String>,
    /// Always nothing.
    pub transaction_id: Option<String>,
    /// The ID of its template.
    pub inquiry_template_id: Option<String>,
    /// The ID of the version of its template.
    pub inquiry_template_version_id: Option<String>,
    /// The ID of who decided.
    pub reviewer_id: Option<String>,
    /// The IDs of its reports.
    #[serde(rename = "reports-ids")]
    pub report_ids: Vec<String>,
    /// The IDs of its verifications.
    #[serde(rename = "verifications-ids")]
    pub verification_ids: Vec<String>,
    /// The IDs of its sessions.
    #[serde(rename = "sessions-ids")]
    pub session_ids: Vec<String>,
    /// The IDs of its documents.
    #[serde(rename = "documents-ids")]
    pub document_ids: Vec<String>,
    /// The IDs of its selfies.
    #[serde(rename = "selfies-ids")]
    pub selfie_ids: Vec<String>,
}

impl std::fmt::Debug for Inquiry {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Inquiry").field("id", &self.id).field("status", &self.status).finish_non_exhaustive()
    }
}

/// An inquiry that is to be created.
#[derive(Clone, PartialEq)]
#[must_use]
pub struct NewInquiry {
    attributes: Map<String, Value>,
    fields: Map<String, Value>,
    meta: Map<String, Value>,
}

impl NewInquiry {
    /// An inquiry of the live version of a template.
    pub fn of_template(inquiry_template_id: &str) -> Self {
        Self::of("inquiry-template-id", inquiry_template_id)
    }

    /// An inquiry of one version of a template.
    pub fn of_version(inquiry_template_version_id: &str) -> Self {
        Self::of("inquiry-template-version-id", inquiry_template_version_id)
    }

    fn of(key: &str, id: &str) -> Self {
        let attributes = Map::from_iter([(key.to_owned(), id.into())]);
        Self { attributes, fields: Map::new(), meta: Map::new() }
    }

    /// It belongs to this account.
    pub fn account_id(self, id: &str) -> Self {
        self.attribute("account-id", id)
    }

    /// It belongs to the account with this reference ID, which is created if need be.
    pub fn reference_id(self, id: &str) -> Self {
        self.meta("auto-create-account-reference-id", id)
    }

    /// An account that has to be created is of this type.
    pub fn account_type_id(self, id: &str) -> Self {
        self.meta("auto-create-account-type-id", id)
    }

    /// It gets no account that does not exist yet.
    pub fn without_new_account(self) -> Self {
        self.meta("auto-create-account", false)
    }

    /// It gets a session at once.
    pub fn with_session(self) -> Self {
        self.meta("auto-create-inquiry-session", true)
    }

    /// It gets a one-time link at once.
    pub fn with_one_time_link(self) -> Self {
        self.meta("auto-create-one-time-link", true)
    }

    /// It can be used for so many seconds.
    pub fn expires_in(self, seconds: u32) -> Self {
        self.meta("expiration-after-create-interval-seconds", seconds)
    }

    /// The e-mail address of whoever creates it.
    pub fn creator(self, email_address: &str) -> Self {
        self.attribute("creator-email-address", email_address)
    }

    /// A text of whoever works with it.
    pub fn note(self, note: &str) -> Self {
        self.attribute("note", note)
    }

    /// The names of its tags.
    pub fn tags<S: Into<String>>(self, tags: impl IntoIterator<Item = S>) -> Self {
        let tags: Vec<String> = tags.into_iter().map(Into::into).collect();
        self.attribute("tags", tags)
    }

    /// Where the person goes at the end.
    pub fn redirect_uri(self, uri: &str) -> Self {
        self.attribute("redirect-uri", uri)
    }

    /// The value of a field.
    pub fn field(mut self, key: &str, value: impl Into<Value>) -> Self {
        self.fields.insert(key.to_owned(), value.into());
        self
    }

    /// An attribute that has no method here.
    pub fn attribute(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.attributes.insert(name.to_owned(), value.into());
        self
    }

    /// A member of `meta` that has no method here.
    pub fn meta(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.meta.insert(name.to_owned(), value.into());
        self
    }

    pub(crate) fn body(&self) -> Value {
        let mut attributes = self.attributes.clone();
        if !self.fields.is_empty() {
            attributes.insert("fields".to_owned(), self.fields.clone().into());
        }
        json!({ "data": { "attributes": attributes }, "meta": self.meta })
    }
}

impl std::fmt::Debug for NewInquiry {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("NewInquiry [redacted]")
    }
}

/// What of an inquiry is to be otherwise.
#[derive(Clone, Default, PartialEq)]
#[must_use]
pub struct InquiryChanges {
    attributes: Map<String, Value>,
    fields: Map<String, Value>,
}

impl InquiryChanges {
    /// Nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// The value of a field; null clears it.
    pub fn field(mut self, key: &str, value: impl Into<Value>) -> Self {
        self.fields.insert(key.to_owned(), value.into());
        self
    }

    /// Its note; none takes it away.
    pub fn note(mut self, note: Option<&str>) -> Self {
        self.attributes.insert("note".to_owned(), note.into());
        self
    }

    /// The names of its tags, and no others.
    pub fn tags<S: Into<String>>(mut self, tags: impl IntoIterator<Item = S>) -> Self {
        let tags: Vec<String> = tags.into_iter().map(Into::into).collect();
        self.attributes.insert("tags".to_owned(), tags.into());
        self
    }

    /// Where the person goes at the end; none leaves that to the template.
    pub fn redirect_uri(mut self, uri: Option<&str>) -> Self {
        self.attributes.insert("redirect-uri".to_owned(), uri.into());
        self
    }

    pub(crate) fn body(&self) -> Value {
        let mut attributes = self.attributes.clone();
        if !self.fields.is_empty() {
            attributes.insert("fields".to_owned(), self.fields.clone().into());
        }
        json!({ "data": { "attributes": attributes } })
    }
}

impl std::fmt::Debug for InquiryChanges {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("InquiryChanges [redacted]")
    }
}
