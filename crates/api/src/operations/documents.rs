//! Operations on documents (spec C.4).

use axum::http::Method;
use muster_app::documents::{self, DocumentKind};
use muster_app::{Error, ReadCx, Result};
use muster_domain::Permission;

use crate::call::Call;
use crate::doc::Doc;
use crate::operation::{Operation, Run, Uploads};
use crate::payload::Payload;
use crate::resources::Resource;

/// What is retrieved, and how: operation, path, schema, summary.
const RETRIEVALS: [(&str, &str, &str, &str); 3] = [
    ("retrieve-a-document", "/documents/{document-id}", "document", "Retrieves a document of any kind."),
    (
        "retrieve-a-generic-document",
        "/document/generics/{document-id}",
        "document-generic",
        "Retrieves a document that is no identity document.",
    ),
    (
        "retrieve-a-government-id-document",
        "/document/government-ids/{document-id}",
        "document-government-id",
        "Retrieves an identity document.",
    ),
];

pub(super) fn operations() -> Vec<Operation> {
    let one = |(id, path, schema, summary)| Operation {
        id,
        method: Method::GET,
        path,
        permission: Some(Permission::DocumentRead),
        tag: "Documents",
        summary,
        doc: Doc::one(schema),
        filters: &[],
        includes: &["document-files"],
        extension: false,
        uploads: Uploads::None,
        run: Run::Read(retrieve),
    };
    RETRIEVALS.into_iter().map(one).collect()
}

/// Retrieves a document of the kind that the operation names; one of another kind is not there.
fn retrieve(cx: &mut ReadCx<'_, '_>, call: &Call) -> Result<Payload> {
    let id = call.object_id.parse().map_err(|_| Error::NotFound)?;
    let document = documents::get(cx, &id)?;
    let wanted = match call.operation.id {
        "retrieve-a-generic-document" => Some(DocumentKind::Generic),
        "retrieve-a-government-id-document" => Some(DocumentKind::GovernmentId),
        _ => None,
    };
    if wanted.is_some_and(|wanted| wanted != document.kind) {
        return Err(Error::NotFound);
    }
    let files = call
        .includes("document-files")
        .then(|| document.files.iter().cloned().map(|file| Resource::DocumentFile(Box::new(file))).collect());
    Ok(Payload { included: files, ..Payload::one(Resource::Document(Box::new(document))) })
}
