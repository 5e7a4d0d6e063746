//! A verification on paper.

use muster_app::accounts::files;
use muster_app::verifications::{self, Shown};
use muster_app::{Error, ReadCx, Result};
use muster_domain::field::StoredFile;
use muster_domain::verification::{Check, CheckStatus, Requirement};
use muster_domain::{AccountId, FileId, InquiryId};
use muster_print::Document;
use muster_store::files as rows;
use serde_json::Value;

use super::{footer, moment};
use crate::call::Call;

/// Pictures that are printed at the most: what is larger altogether is named only.
const PICTURES_BYTES_MAX: u64 = 24 << 20;

/// Reads a verification and lays it out.
pub fn verification(cx: &mut ReadCx<'_, '_>, call: &Call) -> Result<Document> {
    let id = call.object_id.parse().map_err(|_| Error::NotFound)?;
    let shown = verifications::get(cx, &id)?;
    let mut document = summary(cx, &shown);
    pictures(cx, &shown, &mut document)?;
    Ok(document)
}

fn summary(cx: &ReadCx<'_, '_>, shown: &Shown) -> Document {
    let item = &shown.verification;
    let title = format!("Verification: {}", item.kind.as_str().replace('-', " "));
    let mut document = Document::new(title, item.id.as_str()).with_footer(footer(cx.scope));
    let text = |id: Option<&str>| id.unwrap_or_default().to_owned();
    document.section("Summary").rows([
        ("Status", item.status.to_string()),
        ("Inquiry", text(item.inquiry.as_ref().map(InquiryId::as_str))),
        ("Account", text(item.account.as_ref().map(AccountId::as_str))),
        ("Created", moment(Some(item.created_at))),
        ("Submitted", moment(item.submitted_at)),
        ("Decided", moment(item.completed_at)),
        ("Redacted", moment(item.redacted_at)),
        ("Tags", item.tags.join(", ")),
    ]);
    if !item.attributes.is_empty() {
        let rows = item.attributes.iter().flat_map(|(key, value)| attribute(key, value));
        document.section("Details").rows(rows);
    }
    if !item.checks.is_empty() {
        let rows = item.checks.iter().map(check);
        document.section("Checks").table(["Check", "Result", "Required", "Reasons"], rows);
        document.note("Not applicable: nobody could make this check, or there was nothing to check.");
    }
    document
}

/// An attribute as rows: the members of an object one by one.
fn attribute(key: &str, value: &Value) -> Vec<(String, String)> {
    let name = |key: &str| key.replace('_', " ");
    match value {
        Value::Null => Vec::new(),
        Value::String(text) => vec![(name(key), text.clone())],
        Value::Object(members) => members.iter().flat_map(|(key, value)| attribute(key, value)).collect(),
        other => vec![(name(key), other.to_string())],
    }
}

fn check(check: &Check) -> Vec<String> {
    let result = match check.status {
        CheckStatus::Passed => "passed",
        CheckStatus::Failed => "failed",
        CheckStatus::NotApplicable => "not applicable",
    };
    let required = match check.requirement {
        Requirement::Required => "yes",
        Requirement::NotRequired => "no",
        Requirement::RequiresRetry => "retry",
    };
    vec![check.name.clone(), result.to_owned(), required.to_owned(), check.reasons.join(", ")]
}

fn pictures(cx: &mut ReadCx<'_, '_>, shown: &Shown, document: &mut Document) -> Result<()> {
    let of_document = shown.document.iter().flat_map(|document| &document.files);
    let of_selfie = shown.selfie.iter().flat_map(|selfie| &selfie.photos);
    let files: Vec<(&str, &StoredFile)> = of_document
        .chain(of_selfie)
        .filter_map(|captured| Some((captured.page.as_str(), captured.file.as_ref()?)))
        .collect();
    if files.is_empty() {
        return Ok(());
    }
    document.section("Files");
    let mut room = PICTURES_BYTES_MAX;
    for (page, file) in files {
        let caption = match page {
            "" => file.filename.clone(),
            page => format!("{page}: {}", file.filename),
        };
        match room.checked_sub(file.byte_size).filter(|_| file.mime_type.starts_with("image/")) {
            None => {
                document.note(caption);
            }
            Some(rest) => {
                room = rest;
                document.image(caption, content(cx, file)?.unwrap_or_default());
            }
        }
    }
    Ok(())
}

fn content(cx: &mut ReadCx<'_, '_>, file: &StoredFile) -> Result<Option<Vec<u8>>> {
    let (id, environment) = (FileId::trusted(file.id.clone()), &cx.scope.environment.id);
    let Some(found) = rows::find(cx.tx, environment, &id)? else { return Ok(None) };
    Ok(files::open(&found, &id, environment, cx.master)?.map(|file| file.bytes))
}
