//! The client: where every request starts.

use std::fmt;
use std::sync::Arc;

use bytes::Bytes;
use hyper::Method;
use hyper::header::HeaderValue;
use rand::RngExt;
use serde_json::Value;

use crate::account_types::AccountTypes;
use crate::accounts::Accounts;
use crate::api_keys::ApiKeys;
use crate::api_logs::ApiLogs;
use crate::builder::Builder;
use crate::call::Call;
use crate::error::{Error, Result};
use crate::events::Events;
use crate::files::StoredFile;
use crate::importers::{ImporterFiles, ImporterPipelineRuns, ImporterPipelines, Importers};
use crate::inquiries::{Inquiries, InquirySessions};
use crate::inquiry_templates::InquiryTemplates;
use crate::rate_limits::RateLimits;
use crate::reports::{ReportTemplates, Reports};
use crate::resource::Document;
use crate::transport::{BYTES, JSON, Outgoing, Place, Transport};
use crate::user_audit_logs::UserAuditLogs;
use crate::verifications::{Documents, Verifications};

/// A client of the API with one API key. Clones are cheap and share their connections.
#[derive(Clone)]
pub struct Client {
    transport: Arc<Transport>,
    idempotency_key: Option<Arc<str>>,
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client").field("base_url", &self.transport.base_url).finish_non_exhaustive()
    }
}

impl Client {
    /// A client of the API at an address such as `http://127.0.0.1:8080/api/v1`.
    ///
    /// # Errors
    /// As [`Builder::build`].
    pub fn new(base_url: &str, api_key: &str) -> Result<Self> {
        Self::builder(base_url, api_key).build()
    }

    /// A client that is to behave otherwise than usual.
    #[must_use]
    pub fn builder(base_url: &str, api_key: &str) -> Builder {
        Builder::new(base_url, api_key)
    }

    pub(crate) fn over(transport: Transport) -> Self {
        Self { transport: Arc::new(transport), idempotency_key: None }
    }

    /// The address of the API.
    #[must_use]
    pub fn base_url(&self) -> &str {
        &self.transport.base_url
    }

    /// The same client for one request that has an idempotency key of your own: sent again, by whichever
    /// program, the request brings back the first reply and changes nothing.
    ///
    /// The key must be new for each request; 1 to 255 visible ASCII characters. Requests that only read, and
    /// PATCH and DELETE, which say what is to be, go without it.
    #[must_use]
    pub fn once(&self, idempotency_key: &str) -> Self {
        Self { idempotency_key: Some(idempotency_key.into()), ..self.clone() }
    }

    /// Accounts.
    #[must_use]
    pub fn accounts(&self) -> Accounts {
        Accounts::new(self.clone())
    }

    /// Account types.
    #[must_use]
    pub fn account_types(&self) -> AccountTypes {
        AccountTypes::new(self.clone())
    }

    /// Inquiries.
    #[must_use]
    pub fn inquiries(&self) -> Inquiries {
        Inquiries::new(self.clone())
    }

    /// Sessions of inquiries.
    #[must_use]
    pub fn inquiry_sessions(&self) -> InquirySessions {
        InquirySessions::new(self.clone())
    }

    /// Inquiry templates.
    #[must_use]
    pub fn inquiry_templates(&self) -> InquiryTemplates {
        InquiryTemplates::new(self.clone())
    }

    /// Importers of small files.
    #[must_use]
    pub fn importers(&self) -> Importers {
        Importers::new(self.clone())
    }

    /// Files that are uploaded to be imported.
    #[must_use]
    pub fn importer_files(&self) -> ImporterFiles {
        ImporterFiles::new(self.clone())
    }

    /// Saved ways of importing.
    #[must_use]
    pub fn importer_pipelines(&self) -> ImporterPipelines {
        ImporterPipelines::new(self.clone())
    }

    /// Runs of importer pipelines.
    #[must_use]
    pub fn importer_pipeline_runs(&self) -> ImporterPipelineRuns {
        ImporterPipelineRuns::new(self.clone())
    }

    /// Reports.
    #[must_use]
    pub fn reports(&self) -> Reports {
        Reports::new(self.clone())
    }

    /// Report templates.
    #[must_use]
    pub fn report_templates(&self) -> ReportTemplates {
        ReportTemplates::new(self.clone())
    }

    /// Verifications.
    #[must_use]
    pub fn verifications(&self) -> Verifications {
        Verifications::new(self.clone())
    }

    /// Documents that were handed in.
    #[must_use]
    pub fn documents(&self) -> Documents {
        Documents::new(self.clone())
    }

    /// Events.
    #[must_use]
    pub fn events(&self) -> Events {
        Events::new(self.clone())
    }

    /// API keys.
    #[must_use]
    pub fn api_keys(&self) -> ApiKeys {
        ApiKeys::new(self.clone())
    }

    /// The user audit log.
    #[must_use]
    pub fn user_audit_logs(&self) -> UserAuditLogs {
        UserAuditLogs::new(self.clone())
    }

    /// The log of API requests.
    #[must_use]
    pub fn api_logs(&self) -> ApiLogs {
        ApiLogs::new(self.clone())
    }

    /// Rate limits.
    #[must_use]
    pub fn rate_limits(&self) -> RateLimits {
        RateLimits::new(self.clone())
    }

    /// Gets a path below the base URL, with its query, for what this crate has no method for. Returns the body.
    ///
    /// # Errors
    /// Any [`Error`].
    pub async fn get(&self, path: &str) -> Result<Value> {
        self.exchange(Method::GET, path, &Value::Null).await
    }

    /// Posts a body to a path below the base URL, for what this crate has no method for. Returns the body of
    /// the reply.
    ///
    /// # Errors
    /// Any [`Error`].
    pub async fn post(&self, path: &str, body: &Value) -> Result<Value> {
        self.exchange(Method::POST, path, body).await
    }

    /// The content of a file, by the link in it: a reply that shows the file makes one that works for some hours.
    ///
    /// # Errors
    /// Any [`Error`]; a refusal of 403 when the link is too old, of 410 when the file was erased.
    pub async fn download(&self, file: &StoredFile) -> Result<Bytes> {
        if !file.url.starts_with("http://") {
            return Err(Error::Unusable("the link does not start with http:// and needs another client"));
        }
        self.transport
            .fetch(&Outgoing {
                operation: None,
                method: Method::GET,
                place: Place::Link(file.url.clone()),
                body: Bytes::new(),
                content_type: JSON,
                idempotency_key: None,
            })
            .await
    }

    async fn exchange(&self, method: Method, path: &str, body: &Value) -> Result<Value> {
        let idempotency_key = if method == Method::POST { Some(self.fresh_key()?) } else { None };
        let answer = self
            .transport
            .send(&Outgoing {
                operation: None,
                method,
                place: Place::Api(path.to_owned()),
                body: if body.is_null() { Bytes::new() } else { Bytes::from(body.to_string()) },
                content_type: JSON,
                idempotency_key,
            })
            .await?;
        Ok(answer.body)
    }

    /// Sends the request of a method whose reply is no JSON.
    pub(crate) async fn fetch(&self, call: Call) -> Result<Bytes> {
        self.transport
            .fetch(&Outgoing {
                operation: Some(call.endpoint.id),
                method: Method::GET,
                place: Place::Api(call.target()),
                body: Bytes::new(),
                content_type: JSON,
                idempotency_key: None,
            })
            .await
    }

    /// Sends the request of a method of this crate.
    pub(crate) async fn send(&self, call: Call) -> Result<Document> {
        let method = Method::from_bytes(call.endpoint.method.as_bytes())
            .map_err(|_| Error::Unusable("the method is none"))?;
        let is_writing = method == Method::POST && call.is_writing();
        let outgoing = Outgoing {
            operation: Some(call.endpoint.id),
            place: Place::Api(call.target()),
            method,
            content_type: if call.content.is_some() { BYTES } else { JSON },
            body: match (call.content, call.body) {
                (Some(content), _) => content,
                (None, body) => body.map_or_else(Bytes::new, |body| Bytes::from(body.to_string())),
            },
            idempotency_key: if is_writing { Some(self.fresh_key()?) } else { None },
        };
        self.transport.send(&outgoing).await.map(Document::new)
    }

    /// The idempotency key of a request: that of the caller, or a random one.
    fn fresh_key(&self) -> Result<HeaderValue> {
        let key = match &self.idempotency_key {
            Some(key) => HeaderValue::from_str(key),
            None => HeaderValue::from_str(&format!("{:032x}", rand::rng().random::<u128>())),
        };
        key.map_err(|_| Error::Unusable("the idempotency key has characters that no key has"))
    }
}
