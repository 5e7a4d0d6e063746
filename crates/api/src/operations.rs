//! The operation table: every operation of the API, once.

mod account_types;
mod accounts;
mod accounts_search;
mod api_keys;
mod api_logs;
mod documents;
mod events;
mod importers;
mod inquiries;
mod inquiry_templates;
mod rate_limits;
mod report_templates;
mod reports;
mod searching;
mod tags;
mod user_audit_logs;
mod verifications;

use std::sync::LazyLock;
use std::time::Duration;

use muster_app::Result;
use muster_app::accounts::Page;
use muster_domain::{ResourceId, Timestamp};

use crate::call::Call;
use crate::operation::Operation;
use crate::payload::{Links, Payload};
use crate::query::page_link;
use crate::resources::Resource;

static TABLE: LazyLock<Vec<Operation>> = LazyLock::new(|| {
    let mut all = accounts::operations();
    all.extend(accounts_search::operations());
    all.extend(account_types::operations());
    all.extend(inquiries::operations());
    all.extend(verifications::operations());
    all.extend(documents::operations());
    all.extend(events::operations());
    all.extend(importers::operations());
    all.extend(inquiry_templates::operations());
    all.extend(api_logs::operations());
    all.extend(rate_limits::operations());
    all.extend(api_keys::operations());
    all.extend(user_audit_logs::operations());
    all.extend(reports::operations());
    all.extend(report_templates::operations());
    all
});

/// Every operation of the API.
#[must_use]
pub fn operations() -> &'static [Operation] {
    &TABLE
}

pub use accounts::batch_item_schema;

/// A page of resources with links to the pages beside it.
fn list<T>(call: &Call, page: Page<T>, id: impl Fn(&T) -> &str, resource: impl Fn(T) -> Resource) -> Payload {
    let link = |side: &'static str, item: Option<&T>| {
        item.map(|item| page_link(&call.path, &call.query.raw_pairs, (side, id(item))))
    };
    let links = Links {
        prev: link("before", page.items.first().filter(|_| page.has_newer)),
        next: link("after", page.items.last().filter(|_| page.has_older)),
    };
    Payload::many(page.items.into_iter().map(resource).collect(), links)
}

/// What is added to a date to get its last instant.
const REST_OF_DAY: Duration = Duration::from_micros(24 * 60 * 60 * 1_000_000 - 1);

/// Reads the instant of a filter; a date stands for its first instant and `rest` more.
///
/// # Errors
/// 400 when it is neither.
fn instant(call: &Call, name: &str, rest: Duration) -> Result<Option<Timestamp>> {
    let Some(text) = filter(call, name)?.and_then(|values| values.into_iter().next()) else {
        return Ok(None);
    };
    let read = Timestamp::parse(&text).or_else(|| Timestamp::start_of(&text).map(|day| day + rest));
    let bad = || {
        let message = "must be an instant like 2026-01-31T12:00:00Z or a date like 2026-01-31";
        muster_app::Error::malformed([format!("filter[{name}]")], message)
    };
    read.ok_or_else(bad).map(Some)
}

/// Most values of one filter.
const FILTER_VALUES_MAX: usize = 100;

/// The values of a filter.
///
/// # Errors
/// 400 when there are too many.
fn filter(call: &Call, name: &str) -> Result<Option<Vec<String>>> {
    match call.filter(name) {
        Some(values) if values.len() > FILTER_VALUES_MAX => Err(muster_app::Error::malformed(
            [format!("filter[{name}]")],
            format!("takes at most {FILTER_VALUES_MAX} values"),
        )),
        values => Ok(values.cloned()),
    }
}

/// Reads the cursors of a page.
///
/// # Errors
/// 400 when one is not an ID of the right kind.
fn cursors<I: ResourceId>(call: &Call) -> Result<(Option<I>, Option<I>)> {
    let read = |name: &str, text: &Option<String>| {
        text.as_ref()
            .map(|text| text.parse::<I>())
            .transpose()
            .map_err(|wrong| muster_app::Error::malformed([format!("page[{name}]")], wrong.to_string()))
    };
    Ok((read("after", &call.query.page.after)?, read("before", &call.query.page.before)?))
}
