//! What an operation is: a row of the table.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use axum::http::Method;
use muster_app::idempotency::{Answered, Subject};
use muster_app::{Cx, ReadCx, Result};
use muster_domain::Permission;

use crate::Api;
use crate::call::Call;
use crate::doc::Doc;
use crate::payload::Payload;

/// One operation of the API.
pub struct Operation {
    /// Its ID; that of the public API where it has one.
    pub id: &'static str,
    /// HTTP method.
    pub method: Method,
    /// Path under `/api/v1`, such as `/accounts/{account-id}`.
    pub path: &'static str,
    /// What the key must be allowed; nothing where any key will do.
    pub permission: Option<Permission>,
    /// The group it stands in, as people read it: `Accounts`.
    pub tag: &'static str,
    /// One line about what it does.
    pub summary: &'static str,
    /// What its documentation shows: body, examples, reply.
    pub doc: Doc,
    /// Names of filters it takes.
    pub filters: &'static [&'static str],
    /// Relationships that `include` may name.
    pub includes: &'static [&'static str],
    /// True when it is Muster's own and the public API has no such operation.
    pub extension: bool,
    /// Whether files may come with it.
    pub uploads: Uploads,
    /// What it does.
    pub run: Run,
}

/// What a key must be allowed before `include` shows it the objects of a relationship; nothing where a relationship
/// leads to none that are ever shown.
#[must_use]
pub fn permission_to_include(relationship: &str) -> Option<Permission> {
    match relationship {
        "account" => Some(Permission::AccountRead),
        "account-type" => Some(Permission::AccountTypeRead),
        "document" | "documents" | "document-files" | "selfies" => Some(Permission::DocumentRead),
        "inquiry"
        | "inquiry-template"
        | "inquiry-template-version"
        | "latest-published-version"
        | "sessions"
        | "template" => Some(Permission::InquiryRead),
        "report-template" | "reports" => Some(Permission::ReportRead),
        "user" => Some(Permission::UserAuditLogRead),
        "verifications" => Some(Permission::VerificationRead),
        _ => None,
    }
}

/// Whether files may come with the requests of an operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Uploads {
    /// They may not: its bodies are JSON of up to 4 MiB.
    None,
    /// They may: its bodies are JSON or `multipart/form-data` of up to 16 MiB.
    Accepted,
}

impl Uploads {
    /// The largest body, in bytes.
    #[must_use]
    pub const fn body_bytes_max(self) -> usize {
        match self {
            Self::None => 4 * 1024 * 1024,
            Self::Accepted => 16 * 1024 * 1024,
        }
    }
}

/// What a writing operation answers.
pub struct Written {
    /// HTTP status.
    pub status: u16,
    /// The reply.
    pub payload: Payload,
    /// Whose personal data is in it.
    pub subject: Option<Subject>,
}

/// A reply on its way.
pub type Pending = Pin<Box<dyn Future<Output = Result<Answered>> + Send>>;

/// How an operation runs.
#[derive(Clone, Copy)]
pub enum Run {
    /// On a reading connection.
    Read(fn(&mut ReadCx<'_, '_>, &Call) -> Result<Payload>),
    /// In a transaction of its own.
    Write(fn(&mut Cx<'_, '_>, &Call) -> Result<Written>),
    /// By itself: hot commands that go through a lane, and what needs something else before or instead.
    Lane(fn(Arc<Api>, Arc<Call>) -> Pending),
}
