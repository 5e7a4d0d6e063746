//! Erasing the personal data of an account (spec C.10).
//!
//! The account gets a new data key. What the old one sealed can never be read again: values, events, stored
//! replies, logs of requests, files. What hangs on the account follows in a job; `account.redacted` tells of
//! the end.

use std::sync::Arc;

use muster_domain::event::EventName;
use muster_domain::{AccountId, JobId, ObjectId, ResourceId};
use muster_store::data_keys::{self, NewDataKey};
use muster_store::jobs::JobRow;
use muster_store::organizations::Hold;
use muster_store::seal::DataKey;
use muster_store::{consolidations, events};
use serde_json::Map;

use super::change::{self, alter, alter_under};
use super::history::is_redaction;
use super::update::{expect_types, open};
use super::{Account, Opened, files, hanging};
use crate::jobs::{self, Kind, Step};
use crate::{Cx, Error, Result, imports};

/// Accounts that are redacted in one transaction of the job.
const AT_ONCE: i64 = 20;

/// Erases the personal data of an account, archived or not. Fields whose schema says so keep their values.
///
/// # Errors
/// [`Error::NotFound`], [`Error::Conflict`] when it was redacted and nothing was written since.
pub fn redact(cx: &mut Cx<'_, '_>, id: &AccountId) -> Result<Arc<Opened>> {
    expect_types(cx, Hold::AsItIs)?;
    let opened = open(cx, id)?;
    if opened.account.redacted_at.is_some()
        && !was_written_since(cx, &opened)?
        && !hanging::is_any_open(cx, id)?
    {
        return Err(Error::Conflict { title: "Conflict", details: "Account already redacted".to_owned() });
    }
    hanging::refuse_locked(cx, id)?;
    erase(cx, &opened)
}

/// Whether an account changed after its personal data was erased. That its children are done, which a job
/// tells, is no change.
fn was_written_since(cx: &mut Cx<'_, '_>, opened: &Opened) -> Result<bool> {
    let object = ObjectId::from(opened.account.id.clone());
    for version in (1..=opened.account.version).rev() {
        let newest = events::later(cx.tx, &cx.scope.environment.id, &object, (version - 1, version), 1)?;
        let Some(event) = newest.into_iter().next() else { break };
        let by_job = event.source.starts_with(JobId::PREFIX);
        match event.name.as_str() {
            name if name == EventName::AccountRedacted.as_str() && by_job => {}
            name => return Ok(!is_redaction(name)),
        }
    }
    Ok(true)
}

fn erase(cx: &mut Cx<'_, '_>, opened: &Opened) -> Result<Arc<Opened>> {
    let (environment, id) = (&cx.scope.environment.id, &opened.account.id);
    let key = DataKey::random();
    let wrapped = key.wrap(cx.master, environment.as_str(), id.as_str())?;
    let new = Account {
        fields: opened.account.account_type.redacted(&opened.account.fields),
        redacted_at: Some(cx.scope.now),
        ..Account::clone(&opened.account)
    };
    let is_in_imports = imports::forget(cx, &opened.account)?;
    let has_children = is_in_imports
        || !consolidations::into(cx.tx, environment, id, None, 1)?.is_empty()
        || hanging::is_any_open(cx, id)?;
    let name = match has_children {
        true => EventName::AccountRedactionStarted,
        false => EventName::AccountRedacted,
    };
    let change = alter_under(cx.scope, opened, new, vec![(name, Map::new())], &key)?;
    data_keys::renew(
        cx.tx,
        NewDataKey { environment, subject: id.as_str(), wrapped: &wrapped },
        cx.scope.now,
    )?;
    change::write(cx.tx, &[(cx.scope, &change)])?;
    files::erase(cx.tx, cx.scope, &change.after, &opened.key)?;
    if has_children {
        jobs::enqueue(cx, Kind::RedactChildren, id.as_str(), "")?;
    }
    Ok(change.after)
}

/// One step of the job that redacts what was merged into an account and what hangs on it, and then tells that all is
/// done. The state of the job is the last account that it redacted, then how far what hangs on it is.
///
/// # Errors
/// What the store reports.
pub(crate) fn redact_children(cx: &mut Cx<'_, '_>, job: &JobRow) -> Result<Step> {
    expect_types(cx, Hold::AsItIs)?;
    let id = AccountId::trusted(job.subject_id.clone());
    let environment = &cx.scope.environment.id;
    let is_at_sources = job.state.is_empty() || job.state.starts_with(AccountId::PREFIX);
    let sources = match is_at_sources {
        true => {
            let cursor = Some(job.state.clone()).filter(|state| !state.is_empty()).map(AccountId::trusted);
            consolidations::into(cx.tx, environment, &id, cursor.as_ref(), AT_ONCE)?
        }
        false => Vec::new(),
    };
    for source in &sources {
        let opened = open(cx, &source.source)?;
        if opened.account.redacted_at.is_none() || was_written_since(cx, &opened)? {
            erase(cx, &opened)?;
        }
    }
    if let Some(last) = sources.last() {
        return Ok(Step::Again { state: last.source.to_string(), pause: std::time::Duration::ZERO });
    }
    if let Some(step) = hanging::redact_step(cx, &id, if is_at_sources { "" } else { &job.state })? {
        return Ok(step);
    }
    if jobs::is_any_under_way(cx, Kind::RedactChildren, &id)?
        || jobs::is_any_under_way(cx, Kind::EraseImportTraces, &id)?
        || jobs::is_under_way_for(cx, Kind::EraseImportTraces, id.as_str())?
    {
        return Ok(Step::Again { state: job.state.clone(), pause: jobs::PAUSE });
    }
    let opened = open(cx, &id)?;
    let same = Account::clone(&opened.account);
    let change = alter(cx.scope, &opened, same, vec![(EventName::AccountRedacted, Map::new())])?;
    change::write(cx.tx, &[(cx.scope, &change)])?;
    Ok(Step::Done)
}
