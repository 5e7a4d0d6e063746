//! Operations on verifications (spec C.1).

use std::sync::Arc;

use axum::http::Method;
use muster_app::idempotency::Subject;
use muster_app::record::Record;
use muster_app::verifications::{self, Verification};
use muster_app::{Cx, Error, ReadCx, Result};
use muster_domain::{Permission, VerificationId};

use crate::Api;
use crate::call::Call;
use crate::doc::{Doc, Shape};
use crate::operation::{Operation, Pending, Run, Uploads, Written};
use crate::payload::Payload;
use crate::print;
use crate::resources::{PUBLISHED_VERIFICATIONS, Resource};

const TAG: &str = "Verifications";

/// Relationships that `include` may name.
const INCLUDES: &[&str] = &["document"];

pub(super) fn operations() -> Vec<Operation> {
    let mut all =
        vec![retrieving("retrieve-a-verification", "/verifications/{verification-id}", "verification")];
    all.extend(PUBLISHED_VERIFICATIONS.iter().map(|published| {
        let operation = retrieving(published.operation, published.path, published.schema);
        Operation { summary: published.summary, run: Run::Read(retrieve_typed), ..operation }
    }));
    let writing = |id, method, path, summary, run| Operation {
        id,
        method,
        path,
        permission: Some(Permission::VerificationWrite),
        tag: TAG,
        summary,
        doc: Doc::one("verification"),
        filters: &[],
        includes: INCLUDES,
        extension: false,
        uploads: Uploads::None,
        run: Run::Write(run),
    };
    all.push(writing(
        "redact-a-verification",
        Method::DELETE,
        "/verifications/{verification-id}",
        "Erases the personal data of a verification, for good.",
        redact,
    ));
    all.push(writing(
        "investigation-lock-a-verification",
        Method::POST,
        "/verifications/{verification-id}/investigation-lock",
        "Keeps a verification from redaction while somebody investigates.",
        lock,
    ));
    all.push(writing(
        "investigation-unlock-a-verification",
        Method::POST,
        "/verifications/{verification-id}/investigation-unlock",
        "Lets a verification be redacted again.",
        unlock,
    ));
    all.push(Operation {
        doc: Doc { reply: Shape::Pdf(print::VERIFICATION), text: print::TEXT, ..Doc::one("verification") },
        includes: &[],
        summary: "Prints a verification as PDF.",
        run: Run::Lane(print_one),
        ..retrieving("print-a-verification-as-pdf", "/verifications/{verification-id}/print", "verification")
    });
    all
}

fn retrieving(id: &'static str, path: &'static str, schema: &'static str) -> Operation {
    Operation {
        id,
        method: Method::GET,
        path,
        permission: Some(Permission::VerificationRead),
        tag: TAG,
        summary: "Retrieves a verification of any kind.",
        doc: Doc::one(schema),
        filters: &[],
        includes: INCLUDES,
        extension: false,
        uploads: Uploads::None,
        run: Run::Read(retrieve),
    }
}

fn id(call: &Call) -> Result<VerificationId> {
    call.object_id.parse().map_err(|_| Error::NotFound)
}

fn payload(call: &Call, shown: verifications::Shown) -> Payload {
    let document = shown.document.clone().filter(|_| call.includes("document"));
    let included = call
        .includes("document")
        .then(|| document.into_iter().map(|document| Resource::Document(Box::new(document))).collect());
    Payload { included, ..Payload::one(Resource::Verification(Box::new(shown))) }
}

fn retrieve(cx: &mut ReadCx<'_, '_>, call: &Call) -> Result<Payload> {
    Ok(payload(call, verifications::get(cx, &id(call)?)?))
}

/// Retrieves a verification of the kind that the path names; one of another kind is not there.
fn retrieve_typed(cx: &mut ReadCx<'_, '_>, call: &Call) -> Result<Payload> {
    let published = PUBLISHED_VERIFICATIONS.iter().find(|published| published.operation == call.operation.id);
    let shown = verifications::get(cx, &id(call)?)?;
    match published.is_some_and(|published| published.kind == shown.verification.kind) {
        true => Ok(payload(call, shown)),
        false => Err(Error::NotFound),
    }
}

fn written(cx: &mut Cx<'_, '_>, call: &Call, record: Record<Verification>) -> Result<Written> {
    let subject = Subject { id: record.subject.clone(), key: record.key.clone() };
    let shown = verifications::show(cx.tx, cx.scope, cx.master, record.item)?;
    Ok(Written { status: 200, payload: payload(call, shown), subject: Some(subject) })
}

fn redact(cx: &mut Cx<'_, '_>, call: &Call) -> Result<Written> {
    let record = verifications::redact(cx, &id(call)?)?;
    written(cx, call, record)
}

fn lock(cx: &mut Cx<'_, '_>, call: &Call) -> Result<Written> {
    let record = verifications::lock(cx, &id(call)?)?;
    written(cx, call, record)
}

fn unlock(cx: &mut Cx<'_, '_>, call: &Call) -> Result<Written> {
    let record = verifications::unlock(cx, &id(call)?)?;
    written(cx, call, record)
}

fn print_one(api: Arc<Api>, call: Arc<Call>) -> Pending {
    Box::pin(print::answer(api, call, print::verification))
}
