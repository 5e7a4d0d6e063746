//! What hangs on an account: its inquiries and reports. It follows the account where that is merged, and is redacted with it.

use std::time::Duration;

use muster_domain::event::EventName;
use muster_domain::{AccountId, InquiryId};
use muster_store::records::{self as rows, Range, Selection};

use crate::inquiries::{self, Inquiry};
use crate::jobs::{self, Kind, Step};
use crate::record::{self, told};
use crate::reports::{self, Report};
use crate::{Cx, Error, Result};

/// Records that are looked at, at once.
const AT_ONCE: i64 = 100;
/// Records that are redacted in one transaction of a job.
const REDACTED_AT_ONCE: i64 = 5;
/// Records that one consolidation moves at the most: it is one transaction.
const MOVED_MAX: usize = 200;
/// Records that are looked at before an account is redacted; the job sees all of them.
const LOOKED_AT_MAX: i64 = 200;

/// What a job says of how far it is: it has redacted all up to an ID.
const REDACTED: &str = "redacted:";
/// It has seen all up to an ID to be done, with what belongs to them.
const DONE: &str = "done:";

/// IDs of what hangs on an account, oldest first within a kind, from one on.
fn page(cx: &mut Cx<'_, '_>, account: &AccountId, above: &str, limit: i64) -> Result<Vec<String>> {
    let range = Range { above, below: "~", newest_first: false, limit };
    Ok(rows::page(cx.tx, &cx.scope.environment.id, Selection::OfAccount(account.as_str()), range)?)
}

/// Whether anything hangs on an account that is not redacted. Where more hangs on it than is looked at, it may be so.
pub(super) fn is_any_open(cx: &mut Cx<'_, '_>, account: &AccountId) -> Result<bool> {
    let ids = page(cx, account, "", LOOKED_AT_MAX + 1)?;
    let inquiries = record::find_many::<Inquiry>(cx.tx, cx.scope, cx.master, &ids)?;
    let reports = record::find_many::<Report>(cx.tx, cx.scope, cx.master, &ids)?;
    let mut redacted = inquiries.iter().map(|one| one.item.redacted_at);
    let is_open = redacted.any(|at| at.is_none()) || reports.iter().any(|one| one.item.redacted_at.is_none());
    Ok(is_open || i64::try_from(ids.len()).is_ok_and(|seen| seen > LOOKED_AT_MAX))
}

/// Refuses to redact an account one of whose inquiries has a locked verification. Where more hangs on it than is looked
/// at, the job leaves out what is locked until it is unlocked.
///
/// # Errors
/// [`Error::Conflict`].
pub(super) fn refuse_locked(cx: &mut Cx<'_, '_>, account: &AccountId) -> Result<()> {
    let ids = page(cx, account, "", LOOKED_AT_MAX)?;
    for id in ids.iter().filter_map(|id| id.parse::<InquiryId>().ok()) {
        crate::verifications::refuse_locked(cx, &id)?;
    }
    Ok(())
}

/// One step of the job that redacts what hangs on an account. None when all of it is done.
pub(super) fn redact_step(cx: &mut Cx<'_, '_>, account: &AccountId, state: &str) -> Result<Option<Step>> {
    let again = |mark: &str, id: &str, pause| Ok(Some(Step::Again { state: format!("{mark}{id}"), pause }));
    let Some(done) = state.strip_prefix(DONE) else {
        let ids = page(cx, account, state.strip_prefix(REDACTED).unwrap_or_default(), REDACTED_AT_ONCE)?;
        for mut inquiry in record::find_many::<Inquiry>(cx.tx, cx.scope, cx.master, &ids)? {
            if inquiry.item.redacted_at.is_none() {
                inquiries::erase(cx, &mut inquiry)?;
            }
        }
        for report in record::find_many::<Report>(cx.tx, cx.scope, cx.master, &ids)? {
            if report.item.redacted_at.is_none() {
                reports::redact(cx, &report.item.id)?;
            }
        }
        return match ids.last() {
            Some(last) => again(REDACTED, last, Duration::ZERO),
            None => again(DONE, "", Duration::ZERO),
        };
    };
    let ids = page(cx, account, done, AT_ONCE)?;
    let mut seen = done;
    for id in &ids {
        if jobs::is_under_way_for(cx, Kind::RedactInquiryChildren, id)? {
            return again(DONE, seen, jobs::PAUSE);
        }
        seen = id;
    }
    if ids.is_empty() { Ok(None) } else { again(DONE, seen, Duration::ZERO) }
}

/// Moves what hangs on an account to another one. Returns the IDs of what it moved.
///
/// # Errors
/// [`Error::Conflict`] when that is too much for one transaction.
pub(super) fn hand_over(cx: &mut Cx<'_, '_>, from: &AccountId, to: &AccountId) -> Result<Vec<String>> {
    let mut moved = Vec::new();
    loop {
        // What was moved is not found again.
        let ids: Vec<String> = page(cx, from, moved.last().map_or("", String::as_str), AT_ONCE)?;
        if ids.is_empty() {
            return Ok(moved);
        }
        if moved.len() + ids.len() > MOVED_MAX {
            let details = format!(
                "{from} has more than {MOVED_MAX} inquiries and reports, as many as one consolidation moves; \
                 redact those that are not needed, or consolidate into {from}"
            );
            return Err(Error::Conflict { title: "Conflict", details });
        }
        rehang(cx, &ids, (from, to))?;
        moved.extend(ids);
    }
}

/// Moves what was moved back to where it was, as far as it still hangs on the account that received it.
pub(super) fn hand_back(
    cx: &mut Cx<'_, '_>,
    moved: &[String],
    (from, to): (&AccountId, &AccountId),
) -> Result<()> {
    for ids in moved.chunks(usize::try_from(AT_ONCE).unwrap_or(1)) {
        rehang(cx, ids, (from, to))?;
    }
    Ok(())
}

fn rehang(cx: &mut Cx<'_, '_>, ids: &[String], (from, to): (&AccountId, &AccountId)) -> Result<()> {
    for mut inquiry in record::find_many::<Inquiry>(cx.tx, cx.scope, cx.master, ids)? {
        if inquiry.item.account.as_ref() == Some(from) {
            let next = Inquiry { account: Some(to.clone()), ..inquiry.item.clone() };
            record::update(cx, &mut inquiry, next, vec![told(EventName::InquiryUpdated)])?;
        }
    }
    for mut report in record::find_many::<Report>(cx.tx, cx.scope, cx.master, ids)? {
        if report.item.account.as_ref() == Some(from) {
            let next = Report { account: Some(to.clone()), ..report.item.clone() };
            record::update(cx, &mut report, next, Vec::new())?;
        }
    }
    Ok(())
}
