//! What an operation is: a row of the table.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use axum::body::Body;
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
        "importer-pipeline" => Some(Permission::ImporterRead),
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

/// Operations that need a second permission: those that lead to accounts being written, or show what is in them.
const ALSO: [(Permission, &[&str]); 2] = [
    (
        Permission::AccountWrite,
        &[
            "import-an-account",
            "create-an-importer-pipeline",
            "update-an-importer-pipeline",
            "run-an-importer-pipeline",
            "resume-an-importer-pipeline-run",
            "commit-an-importer-pipeline-run",
            "undo-an-importer-pipeline-run",
            "retry-an-importer-pipeline-run",
        ],
    ),
    (
        Permission::AccountRead,
        &[
            "list-the-errors-of-an-importer",
            "download-the-errors-of-an-importer",
            "list-the-rows-of-an-importer-pipeline-run",
            "download-the-rejects-of-an-importer-pipeline-run",
        ],
    ),
];

impl Operation {
    /// All that the key must be allowed.
    pub fn permissions(&self) -> impl Iterator<Item = Permission> {
        let also = ALSO.iter().filter(|(_, ids)| ids.contains(&self.id)).map(|(permission, _)| *permission);
        self.permission.into_iter().chain(also)
    }
}

/// Whether files may come with the requests of an operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Uploads {
    /// They may not: its bodies are JSON of up to 4 MiB.
    None,
    /// They may: its bodies are JSON or `multipart/form-data` of up to 16 MiB.
    Accepted,
    /// Its body is a piece of a file of up to 16 MiB, as it is.
    Piece,
}

impl Uploads {
    /// The largest body, in bytes.
    #[must_use]
    pub const fn body_bytes_max(self) -> usize {
        match self {
            Self::None => 4 * 1024 * 1024,
            Self::Accepted | Self::Piece => 16 * 1024 * 1024,
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

/// A file on its way, bit by bit.
pub type Streaming = Pin<Box<dyn Future<Output = Result<Body>> + Send>>;

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
    /// By itself, and it answers with a file that is made while it is sent.
    Stream(fn(Arc<Api>, Arc<Call>) -> Streaming),
}
