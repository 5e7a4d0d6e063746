//! An inquiry on paper.

use muster_app::inquiries::{self, Shown};
use muster_app::{Error, ReadCx, Result};
use muster_print::Document;

use super::{footer, moment};
use crate::call::Call;

/// Reads an inquiry and lays it out.
pub fn inquiry(cx: &mut ReadCx<'_, '_>, call: &Call) -> Result<Document> {
    let id = call.object_id.parse().map_err(|_| Error::NotFound)?;
    let shown = inquiries::get(cx, &id)?;
    let mut document = summary(cx, &shown);
    fields(&shown, &mut document);
    let related = &shown.related;
    let lists =
        [&related.verifications, &related.documents, &related.selfies, &related.reports, &related.sessions];
    let rows: Vec<Vec<String>> =
        lists.into_iter().flatten().map(|(kind, id)| vec![kind.replace('/', ": "), id.clone()]).collect();
    if !rows.is_empty() {
        document.section("What belongs to it").table(["Kind", "ID"], rows);
    }
    Ok(document)
}

fn summary(cx: &ReadCx<'_, '_>, shown: &Shown) -> Document {
    let item = &shown.inquiry;
    let text = |text: Option<&str>| text.unwrap_or_default().to_owned();
    let mut document = Document::new("Inquiry", item.id.as_str()).with_footer(footer(cx.scope));
    document.section("Summary").rows([
        ("Status", item.status.as_str().replace('_', " ")),
        ("Account", text(item.account.as_ref().map(muster_domain::AccountId::as_str))),
        ("Reference ID", text(shown.reference_id.as_deref())),
        ("Template", item.template.to_string()),
        ("Version of the template", item.template_version.to_string()),
        ("Created by", item.creator.clone()),
        ("Created", moment(Some(item.created_at))),
        ("Started", moment(item.started_at)),
        ("Completed", moment(item.completed_at)),
        ("Failed", moment(item.failed_at)),
        ("Expired", moment(item.expired_at)),
        ("Marked for review", moment(item.marked_for_review_at)),
        ("Decided", moment(item.decisioned_at)),
        ("Decided by", text(item.reviewer.as_deref())),
        ("Comment", text(item.reviewer_comment.as_deref())),
        ("Redacted", moment(item.redacted_at)),
        ("Tags", item.tags.join(", ")),
        ("Note", text(item.note.as_deref())),
    ]);
    document
}

/// The fields of the template, set or not.
fn fields(shown: &Shown, document: &mut Document) {
    let definition = &shown.version.definition;
    let values = definition.effective(&shown.inquiry.fields);
    let known = definition.fields.iter().filter(|field| field.archived_at.is_none());
    let rows: Vec<(String, String)> = known
        .map(|field| {
            let value = match values.get(&field.key) {
                None => String::new(),
                Some(serde_json::Value::String(text)) => text.clone(),
                Some(other) => other.to_string(),
            };
            (field.key.clone(), value)
        })
        .collect();
    if !rows.is_empty() {
        document.section("Fields").rows(rows);
    }
}
