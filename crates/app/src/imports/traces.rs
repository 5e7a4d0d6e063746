//! What runs keep of rows that are about an account which they do not belong to: the cells of refused rows, the differences
//! of dry runs. It goes when the account is redacted. Each such row is noted by a keyed hash of what its account is found
//! by, so that the way from the account to the row needs no look at all runs.

use std::time::Duration;

use muster_domain::fold::{fold, normalize};
use muster_domain::import::MatchKey;
use muster_domain::{AccountId, AccountType, ImporterPipelineRunId};
use muster_store::jobs::JobRow;
use muster_store::seal::IndexKey;
use muster_store::{Tx, import_traces, imports as rows};
use serde_json::Value;

use super::outcomes::{self, RowOutcome};
use super::runs::Run;
use crate::accounts::Account;
use crate::jobs::{self, Kind, Step};
use crate::{Cx, Error, Result, record};

/// Rows that are erased in one transaction: each is in a chunk that is written anew.
const ROWS_AT_ONCE: i64 = 8;
/// What stands between marks in the state of a job.
const BETWEEN: char = ',';

/// Whether an outcome holds personal data.
fn holds(outcome: &RowOutcome) -> bool {
    outcome.cells.is_some() || outcome.changes.is_some()
}

/// The mark of an account.
fn of_id(key: &IndexKey, id: &AccountId) -> Vec<u8> {
    key.blind("import", "account-id", id.as_str())
}

/// The mark of the key of a row.
fn of_key(key: &IndexKey, ty: &AccountType, by: &MatchKey, text: &str) -> Option<Vec<u8>> {
    match by {
        MatchKey::None => None,
        MatchKey::AccountId => Some(of_id(key, &AccountId::trusted(text.to_owned()))),
        MatchKey::ReferenceId => Some(key.blind(ty.id.as_str(), "import/reference-id", &fold(text))),
        MatchKey::Identifier(name) => {
            let identifier = ty.identifier(name)?;
            let text = if identifier.case_sensitive { normalize(text) } else { fold(text) };
            Some(key.blind(ty.id.as_str(), &format!("import/field/{}", identifier.key), &text))
        }
    }
}

/// The marks of all that an account is found by at this moment.
fn of_account(key: &IndexKey, account: &Account) -> Vec<Vec<u8>> {
    let ty = &account.account_type;
    let unique = ty.identifiers.iter().filter(|identifier| identifier.unique);
    let values = unique.filter_map(|identifier| {
        let text = account.fields.get(&identifier.key).and_then(Value::as_str)?;
        of_key(key, ty, &MatchKey::Identifier(identifier.key.clone()), text)
    });
    let reference = account.reference_id.as_ref();
    let reference = reference.and_then(|id| of_key(key, ty, &MatchKey::ReferenceId, id));
    values.chain(reference).chain([of_id(key, &account.id)]).collect()
}

/// Notes the rows of a chunk that hold personal data. `key_of` tells by what the account of a row is looked for, where the
/// row does not name it.
///
/// # Errors
/// What the store reports.
pub(super) fn note(
    tx: &mut Tx<'_>,
    (run, scope): (&ImporterPipelineRunId, &crate::Scope),
    all: &[RowOutcome],
    key_of: impl Fn(usize, &RowOutcome) -> Option<Vec<u8>>,
) -> Result<()> {
    let environment = &scope.environment;
    let mut traces = Vec::new();
    for (at, outcome) in all.iter().enumerate().filter(|(_, outcome)| holds(outcome)) {
        let row = i64::try_from(outcome.row).unwrap_or(i64::MAX);
        let account = outcome.account.as_ref().map(|id| of_id(&environment.index_key, id));
        traces.extend(key_of(at, outcome).into_iter().chain(account).map(|mark| (row, mark)));
    }
    Ok(import_traces::insert(tx, &environment.id, run, &traces)?)
}

/// The mark of the key of a row, which is among what a type and a pipeline call so.
pub(super) fn mark(
    scope: &crate::Scope,
    ty: &AccountType,
    (by, text): (&MatchKey, Option<&str>),
) -> Option<Vec<u8>> {
    of_key(&scope.environment.index_key, ty, by, text?)
}

/// Lets go what runs keep of an account that is being redacted, as it was until now. Returns whether that is anything; a
/// job does it.
///
/// # Errors
/// What the store reports.
pub(crate) fn forget(cx: &mut Cx<'_, '_>, account: &Account) -> Result<bool> {
    let environment = &cx.scope.environment;
    let mut marks = Vec::new();
    for mark in of_account(&environment.index_key, account) {
        if !import_traces::find(cx.tx, &environment.id, &mark, 1)?.is_empty() {
            marks.push(written(&mark));
        }
    }
    if marks.is_empty() {
        return Ok(false);
    }
    // Redacted twice in a row: what the first time left over is not forgotten.
    marks.extend(jobs::state_of(cx, Kind::EraseImportTraces, account.id.as_str())?);
    jobs::enqueue(cx, Kind::EraseImportTraces, account.id.as_str(), &marks.join(&BETWEEN.to_string()))?;
    Ok(true)
}

/// Erases some of the rows that the marks of a job stand for.
///
/// # Errors
/// [`Error::Retry`] when somebody else wrote a chunk anew at the same time, and what the store reports.
pub(crate) fn traces_step(cx: &mut Cx<'_, '_>, job: &JobRow) -> Result<Step> {
    let (first, rest) = job.state.split_once(BETWEEN).unwrap_or((&job.state, ""));
    let mark = read(first).ok_or_else(|| Error::bug("a job knows a mark that is none"))?;
    let found = import_traces::find(cx.tx, &cx.scope.environment.id, &mark, ROWS_AT_ONCE)?;
    for (run, row) in &found {
        erase(cx, run, *row)?;
    }
    Ok(match (found.is_empty(), rest.is_empty()) {
        (true, true) => Step::Done,
        (true, false) => Step::Again { state: rest.to_owned(), pause: Duration::ZERO },
        (false, _) => Step::Again { state: job.state.clone(), pause: Duration::ZERO },
    })
}

/// Takes cells and differences out of one row of a run.
fn erase(cx: &mut Cx<'_, '_>, run: &ImporterPipelineRunId, row: i64) -> Result<()> {
    let environment = &cx.scope.environment.id;
    import_traces::delete(cx.tx, environment, run, (row, row.saturating_add(1)))?;
    let Some(record) = record::find::<Run>(cx.tx, cx.scope, cx.master, run.as_str())? else { return Ok(()) };
    let Some(first) = rows::covered_until(cx.tx, environment, run, row)? else { return Ok(()) };
    let chunks = rows::chunks_from(cx.tx, environment, run, first, 1)?;
    let Some(chunk) = chunks.first().filter(|chunk| chunk.outcomes.is_some()) else { return Ok(()) };
    outcomes::without(cx, &record, std::slice::from_ref(chunk), |outcome| {
        i64::try_from(outcome.row).is_ok_and(|number| number == row)
    })
}

fn written(mark: &[u8]) -> String {
    use std::fmt::Write;
    mark.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

fn read(text: &str) -> Option<Vec<u8>> {
    let pairs = text.as_bytes().chunks_exact(2);
    pairs.map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()).collect()
}
