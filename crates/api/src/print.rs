//! Printing: resources as PDF, for people to read and keep.
//!
//! What is read is read on a database thread; the document is made elsewhere, since that takes a while.

mod inquiry;
mod report;
mod verification;

use std::sync::Arc;

use muster_app::idempotency::{Answered, Reply};
use muster_app::{Error, ReadCx, Result, Scope};
use muster_domain::Timestamp;
use muster_print::Document;

use crate::Api;
use crate::blocklist::Blocklist;
use crate::call::Call;
use crate::doc::Shape;
use crate::operation::Operation;

pub use inquiry::inquiry;
pub use report::report;
pub use verification::verification;

/// `Content-Type` of what is printed.
pub const CONTENT_TYPE: &str = "application/pdf";

/// What is told of every operation that prints.
pub const TEXT: &str = "What is printed is printed whole: an API key whose blocklist may hide anything of it is refused \
                        with 403.";

/// The types of what stands in a printed inquiry.
pub const INQUIRY: &[&str] = &["inquiry"];
/// The types of what stands in a printed report.
pub const REPORT: &[&str] = &["report", "report-run", "report-history-entry"];
/// The types of what stands in a printed verification: its pictures are those of a document or a selfie.
pub const VERIFICATION: &[&str] = &["verification", "document", "document-file", "selfie"];

/// Refuses to print, or to hand out a table, for a key whose blocklist may hide anything of what would be in it.
///
/// # Errors
/// 403.
pub fn refuse_hidden(operation: &Operation, blocklist: Option<&Blocklist>) -> Result<()> {
    match (operation.doc.reply, blocklist) {
        (Shape::Pdf(kinds), Some(blocklist)) if blocklist.may_hide_of(kinds) => Err(Error::NotPermitted(
            "What is printed is printed whole, and the blocklist of this API key hides attributes of it; \
             retrieve it instead, or use a key without such a blocklist"
                .to_owned(),
        )),
        (Shape::Csv(kinds), Some(blocklist)) if blocklist.may_hide_of(kinds) => Err(Error::NotPermitted(
            "A table is handed out whole, and the blocklist of this API key hides attributes of what is in it; \
             use a key without such a blocklist"
                .to_owned(),
        )),
        _ => Ok(()),
    }
}

/// Reads what a document holds, and answers with it as a PDF.
pub async fn answer(
    api: Arc<Api>,
    call: Arc<Call>,
    read: fn(&mut ReadCx<'_, '_>, &Call) -> Result<Document>,
) -> Result<Answered> {
    let app = Arc::clone(&api.app);
    let name = call.operation.id;
    let document = api.app.db.read(name, move |tx| {
        let (scope, catalogs) = (&call.scope, &app.catalogs);
        read(&mut ReadCx { tx, scope, catalogs, master: &app.master }, &call)
    });
    let document = document.await?;
    let printing = tokio::task::spawn_blocking(move || document.to_pdf());
    let made = printing.await.map_err(|_| Error::bug("a document was cut off"))?;
    let body = made.map_err(|error| Error::bug(error.to_string()))?;
    Ok(Answered::plain(Reply { status: 200, body }))
}

/// What stands at the foot of every page: where and when it was printed.
pub fn footer(scope: &Scope) -> String {
    format!("{} · {} · {}", scope.environment.id, scope.environment.kind, scope.now.to_rfc3339_seconds())
}

/// An instant for people; empty where there is none.
pub fn moment(at: Option<Timestamp>) -> String {
    let text = at.map(Timestamp::to_rfc3339_seconds).unwrap_or_default();
    text.replace('T', " ").replace(".000Z", " UTC")
}
