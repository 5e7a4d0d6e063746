//! Looking at what became of the rows of a run: pages with filters, one row, and the file of those that were refused.

use std::collections::{HashMap, HashSet};
use std::io::{self, Write};
use std::sync::Arc;

use muster_domain::import::{Action, RowCode, RowFault};
use muster_domain::{AccountId, ImporterPipelineRunId, Timestamp};
use muster_store::Tx;
use muster_store::accounts as account_rows;
use muster_store::imports::{self as rows, Order, With};
use muster_store::seal::MasterKey;
use muster_tabular::{Reject, RejectWriter};

use super::outcomes::{self, RowOutcome};
use super::runs::{self, Run};
use crate::accounts::Page;
use crate::record::{self, Record};
use crate::{App, Error, ReadCx, Result, Scope};

/// Chunks that are read at once.
const CHUNKS_AT_ONCE: i64 = 4;
/// How bad what is told of a row is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Severity {
    /// The row was refused.
    Error,
    /// Somebody should know.
    Warning,
}

impl Severity {
    /// Its name on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
        }
    }

    /// Reads a severity as it is shown.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Error, Self::Warning].into_iter().find(|one| one.as_str() == text)
    }
}

/// Which rows are meant; all conditions hold of them.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Those that came to one of these.
    pub actions: Option<Vec<Action>>,
    /// Those of which one of these is told.
    pub codes: Option<Vec<RowCode>>,
    /// Those of which something of this severity is told.
    pub severity: Option<Severity>,
}

impl Filter {
    /// Rows that made or changed an account: what a run wrote.
    #[must_use]
    pub fn written() -> Self {
        Self { actions: Some(vec![Action::Created, Action::Updated]), ..Self::default() }
    }

    /// Rows that were refused.
    #[must_use]
    pub fn refused() -> Self {
        Self { actions: Some(vec![Action::Error]), ..Self::default() }
    }

    fn passes(&self, outcome: &RowOutcome) -> bool {
        let is_named = |fault: &RowFault| self.codes.as_ref().is_none_or(|codes| codes.contains(&fault.code));
        let told = match self.severity {
            None => outcome.faults.iter().chain(&outcome.warnings).any(is_named),
            Some(Severity::Error) => outcome.faults.iter().any(is_named),
            Some(Severity::Warning) => outcome.warnings.iter().any(is_named),
        };
        self.actions.as_ref().is_none_or(|actions| actions.contains(&outcome.action))
            && (told || (self.codes.is_none() && self.severity.is_none()))
    }

    /// Which chunks may have such rows.
    fn with(&self) -> With {
        let is = |yes: bool| i64::from(yes);
        if let Some(actions) = &self.actions {
            let has = |action: Action| is(actions.contains(&action));
            return With {
                created: has(Action::Created),
                updated: has(Action::Updated),
                unchanged: has(Action::Unchanged),
                skipped: has(Action::Skipped),
                errors: has(Action::Error),
                warnings: 0,
            };
        }
        if self.codes.is_some() || self.severity.is_some() {
            let (errors, warnings) =
                (is(self.severity != Some(Severity::Warning)), is(self.severity != Some(Severity::Error)));
            return With { errors, warnings, ..With::default() };
        }
        With { created: 1, updated: 1, unchanged: 1, skipped: 1, errors: 1, warnings: 1 }
    }
}

/// Which rows a page is to hold.
#[derive(Clone, Debug, Default)]
pub struct RowsRequest {
    /// How many at the most.
    pub size: usize,
    /// Those after this row.
    pub after: Option<u64>,
    /// Those before this row, the nearest.
    pub before: Option<u64>,
    /// Which of them.
    pub filter: Filter,
}

/// Reads one page of what became of the rows of a run, the first row first. `has_newer` says that there are rows before
/// it, `has_older` that there are rows after it. What belongs to an account that was redacted since is withheld.
///
/// # Errors
/// [`Error::NotFound`] for an unknown run.
pub fn page(
    cx: &mut ReadCx<'_, '_>,
    run: &ImporterPipelineRunId,
    request: &RowsRequest,
) -> Result<Page<RowOutcome>> {
    let record = runs::find(cx, run)?;
    let found = match request.before {
        Some(before) => backward(cx, &record, before, request)?,
        None => forward(cx, &record, request.after.unwrap_or(0), request)?,
    };
    let mut page =
        crate::accounts::cut(found, request.size, request.after.is_some(), request.before.is_some());
    withhold(cx, &record.item, &mut page.items)?;
    Ok(page)
}

fn forward(
    cx: &mut ReadCx<'_, '_>,
    record: &Record<Run>,
    after: u64,
    request: &RowsRequest,
) -> Result<Vec<RowOutcome>> {
    let (environment, run) = (&cx.scope.environment.id, &record.item.id);
    // The chunk that holds the row begins at it or before it.
    let next = i64::try_from(after).unwrap_or(i64::MAX).saturating_add(1);
    let holder = rows::covered_until(cx.tx, environment, run, next)?;
    let mut from = holder.unwrap_or(next);
    let mut found = Vec::new();
    loop {
        let at = (from, Order::FirstToLast, CHUNKS_AT_ONCE);
        let chunks = rows::chunks_with(cx.tx, environment, run, at, request.filter.with())?;
        let Some(last) = chunks.last() else { return Ok(found) };
        from = last.first_row + 1;
        for chunk in &chunks {
            let all = outcomes::open(run, &record.key, chunk)?.into_iter();
            found.extend(all.filter(|outcome| outcome.row > after && request.filter.passes(outcome)));
            if found.len() > request.size {
                found.truncate(request.size + 1);
                return Ok(found);
            }
        }
    }
}

fn backward(
    cx: &mut ReadCx<'_, '_>,
    record: &Record<Run>,
    before: u64,
    request: &RowsRequest,
) -> Result<Vec<RowOutcome>> {
    let (environment, run) = (&cx.scope.environment.id, &record.item.id);
    let mut from = i64::try_from(before).unwrap_or(i64::MAX).saturating_sub(1);
    let mut found = Vec::new();
    loop {
        let at = (from, Order::LastToFirst, CHUNKS_AT_ONCE);
        let chunks = rows::chunks_with(cx.tx, environment, run, at, request.filter.with())?;
        let Some(last) = chunks.last() else { return Ok(found) };
        from = last.first_row - 1;
        for chunk in &chunks {
            let all = outcomes::open(run, &record.key, chunk)?.into_iter().rev();
            found.extend(all.filter(|outcome| outcome.row < before && request.filter.passes(outcome)));
            if found.len() > request.size {
                found.truncate(request.size + 1);
                return Ok(found);
            }
        }
    }
}

/// Reads what became of one row.
///
/// # Errors
/// [`Error::NotFound`] for an unknown run, and when the run has not come to the row.
pub fn get(cx: &mut ReadCx<'_, '_>, run: &ImporterPipelineRunId, row: u64) -> Result<RowOutcome> {
    let request =
        RowsRequest { size: 1, after: Some(row.saturating_sub(1)), before: None, filter: Filter::default() };
    let found = page(cx, run, &request)?.items.pop();
    found.filter(|outcome| outcome.row == row).ok_or(Error::NotFound)
}

/// Takes out what rows hold of accounts whose personal data was erased after the run: cells and differences. A row of a
/// dry run that was to create an account counts as the account's that the commit made of it.
fn withhold(cx: &mut ReadCx<'_, '_>, run: &Run, outcomes: &mut [RowOutcome]) -> Result<()> {
    let holds = |outcome: &RowOutcome| outcome.cells.is_some() || outcome.changes.is_some();
    let mut accounts: HashMap<u64, AccountId> = HashMap::new();
    for outcome in outcomes.iter().filter(|outcome| holds(outcome)) {
        if let Some(account) = &outcome.account {
            accounts.insert(outcome.row, account.clone());
        }
    }
    if let Some(commit) = &run.committed_by {
        let open: Vec<u64> = outcomes
            .iter()
            .filter(|outcome| holds(outcome) && outcome.account.is_none())
            .map(|outcome| outcome.row)
            .collect();
        accounts.extend(made(cx, commit, &open)?);
    }
    let ids: HashSet<&AccountId> = accounts.values().collect();
    let gone = redacted_since(cx.tx, cx.scope, &ids, run.created_at)?;
    for outcome in outcomes {
        if accounts.get(&outcome.row).is_some_and(|account| gone.contains(account)) {
            (outcome.cells, outcome.changes) = (None, None);
        }
    }
    Ok(())
}

/// The accounts that a run made of rows, which are in their order.
fn made(
    cx: &mut ReadCx<'_, '_>,
    run: &ImporterPipelineRunId,
    wanted: &[u64],
) -> Result<HashMap<u64, AccountId>> {
    let record = record::get::<Run>(cx.tx, cx.scope, cx.master, run.as_str())?;
    let environment = &cx.scope.environment.id;
    let (mut found, mut wanted) = (HashMap::new(), wanted.iter().copied().peekable());
    // Chunk by chunk, only those that hold one of the rows.
    while let Some(&row) = wanted.peek() {
        let at = i64::try_from(row).unwrap_or(i64::MAX);
        let Some(holder) = rows::covered_until(cx.tx, environment, run, at)? else {
            wanted.next();
            continue;
        };
        let chunks = rows::chunks_from(cx.tx, environment, run, holder, 1)?;
        let Some(chunk) = chunks.first() else { break };
        let end = chunk.first_row + chunk.counts.rows;
        let made: HashMap<u64, AccountId> = outcomes::open(run, &record.key, chunk)?
            .into_iter()
            .filter_map(|outcome| Some((outcome.row, outcome.account?)))
            .collect();
        wanted.next();
        found.extend(made.get(&row).map(|account| (row, account.clone())));
        while let Some(next) = wanted.next_if(|next| i64::try_from(*next).is_ok_and(|next| next < end)) {
            found.extend(made.get(&next).map(|account| (next, account.clone())));
        }
    }
    Ok(found)
}

fn redacted_since(
    tx: &mut Tx<'_>,
    scope: &Scope,
    ids: &HashSet<&AccountId>,
    since: Timestamp,
) -> Result<HashSet<AccountId>> {
    let wanted: Vec<_> = ids.iter().map(|id| (scope.place(), *id)).collect();
    let stored = account_rows::find_many(tx, &wanted)?;
    let gone = stored.into_iter().filter(|stored| stored.row.redacted_at.is_some_and(|at| at >= since));
    Ok(gone.map(|stored| stored.row.id).collect())
}

/// Writes the rows of a run that were refused, as a table that can be mended and imported again as it is: the columns
/// of the source, and after them why. Reads piece by piece. Blocks; never call it on an async thread.
///
/// # Errors
/// [`Error::NotFound`] for an unknown run; [`Error::Internal`] when `into` takes no more.
pub fn write_rejects<W: Write>(app: &App, scope: &Scope, run: &ImporterPipelineRunId, into: W) -> Result<W> {
    let record = read(app, scope, runs::find, run)?;
    let failed = |error: io::Error| Error::Internal(format!("a reject file cannot be written: {error}"));
    let mut writer = RejectWriter::new(into, &record.item.columns).map_err(failed)?;
    let mut after = None;
    loop {
        let piece = read(
            app,
            scope,
            move |cx, id| {
                let request = RowsRequest { size: 500, after, before: None, filter: Filter::refused() };
                page(cx, id, &request)
            },
            run,
        )?;
        for outcome in &piece.items {
            after = Some(outcome.row);
            let Some(cells) = &outcome.cells else { continue };
            let reasons: Vec<Reject<'_>> = outcome.faults.iter().map(reason).collect();
            writer.write(outcome.row, cells, &reasons).map_err(failed)?;
        }
        if !piece.has_older {
            return writer.finish().map_err(failed);
        }
    }
}

/// Refuses to hand out refused rows of which nothing is left.
///
/// # Errors
/// [`Error::Conflict`] when all of their cells were erased; [`Error::NotFound`] for an unknown run.
pub fn refuse_erased(app: &App, scope: &Scope, run: &ImporterPipelineRunId) -> Result<()> {
    let (mut after, mut refused) = (None, false);
    loop {
        let piece = read(
            app,
            scope,
            move |cx, id| {
                page(cx, id, &RowsRequest { size: 500, after, before: None, filter: Filter::refused() })
            },
            run,
        )?;
        if piece.items.iter().any(|outcome| outcome.cells.is_some()) {
            return Ok(());
        }
        refused |= !piece.items.is_empty();
        after = piece.items.last().map(|outcome| outcome.row);
        if !piece.has_older || after.is_none() {
            break;
        }
    }
    if refused {
        return Err(runs::conflict(
            "the cells of its refused rows were erased by now; import the file again",
        ));
    }
    Ok(())
}

fn reason(fault: &RowFault) -> Reject<'_> {
    Reject {
        code: fault.code.as_str(),
        column: fault.column.as_deref().unwrap_or_default(),
        message: &fault.message,
    }
}

fn read<T: Send + 'static>(
    app: &App,
    scope: &Scope,
    query: impl Fn(&mut ReadCx<'_, '_>, &ImporterPipelineRunId) -> Result<T> + Send + 'static,
    run: &ImporterPipelineRunId,
) -> Result<T> {
    let (scope, run) = (scope.clone(), run.clone());
    let (catalogs, master): (_, Arc<MasterKey>) = (Arc::clone(&app.catalogs), Arc::clone(&app.master));
    app.db.read_blocking("imports.rows", move |tx| {
        query(&mut ReadCx { tx, scope: &scope, catalogs: &catalogs, master: &master }, &run)
    })
}
