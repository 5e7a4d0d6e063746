//! What happened to a report.

use muster_app::accounts::Page;
use muster_app::reports::{self, HistoryPage};
use muster_app::{Error, ReadCx, Result};
use muster_domain::EventId;
use serde_json::Value;

use super::{base, report_id};
use crate::call::Call;
use crate::doc::Doc;
use crate::operation::{Operation, Run};
use crate::operations::list;
use crate::payload::Payload;
use crate::resources::{self, Resource};

pub(super) fn operations() -> Vec<Operation> {
    vec![
        Operation {
            id: "list-report-history",
            path: "/reports/{report-id}/history",
            summary: "Lists runs, dismissals and pauses of a report, newest first.",
            doc: Doc {
                text: "What is listed are plain objects, not resources.",
                ..Doc::page("report-history-entry")
            },
            includes: &[],
            run: Run::Read(index),
            ..base()
        },
        Operation {
            id: "list-the-runs-of-a-report",
            path: "/reports/{report-id}/runs",
            summary: "Lists the runs of a report, newest first: which lists were searched, why hits are hits, what went wrong.",
            doc: Doc::page("report-run"),
            includes: &[],
            extension: true,
            run: Run::Read(runs),
            ..base()
        },
    ]
}

fn index(cx: &mut ReadCx<'_, '_>, call: &Call) -> Result<Payload> {
    let page = reports::history(cx, &report_id(call)?, &wanted(call)?)?;
    Ok(shown(call, page, resources::report_history_entry))
}

fn runs(cx: &mut ReadCx<'_, '_>, call: &Call) -> Result<Payload> {
    let page = reports::runs(cx, &report_id(call)?, &wanted(call)?)?;
    Ok(shown(call, page, resources::report_run))
}

fn shown<T>(call: &Call, page: Page<T>, entry: impl Fn(&T) -> (String, Value)) -> Payload {
    let Page { items, has_newer, has_older } = page;
    let page = Page { items: items.iter().map(entry).collect(), has_newer, has_older };
    list(call, page, |(id, _)| id.as_str(), |(_, shown)| Resource::Made(Box::new(shown)))
}

fn wanted(call: &Call) -> Result<HistoryPage> {
    let read = |name: &str, text: &Option<String>| -> Result<Option<EventId>> {
        let Some(text) = text else { return Ok(None) };
        let bad = || Error::malformed([format!("page[{name}]")], "must be the ID of an entry of this list");
        resources::report_event_of(text).map(Some).ok_or_else(bad)
    };
    let page = &call.query.page;
    Ok(HistoryPage {
        size: page.size as usize,
        after: read("after", &page.after)?,
        before: read("before", &page.before)?,
    })
}
