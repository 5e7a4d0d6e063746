//! Searching accounts.
//!
//! The indexes give candidates, in the order that is wanted; `muster_domain::search` decides about each one.
//! So an index may name too many accounts, never too few.
//!
//! - `plan` picks the indexes that narrow a search down (`ranges` by ranges), `stream` reads them side by side,
//!   along a `span`;
//! - `walk` goes along the order that is wanted when nothing narrows it down enough;
//! - `filling` gathers a page, and knows when it has to be cut short.

mod filling;
mod plan;
mod ranges;
mod span;
mod stream;
mod walk;

use std::cmp::Ordering;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use muster_domain::AccountId;
use muster_domain::search::{Direction, Search, SortBy, SortKey, Subject};
use muster_store::{accounts as rows, search as index};
use serde_json::Value;

use super::read::{cut, open};
use super::{Account, Page};
use crate::{Catalog, Error, ReadCx, Result};
use filling::{Filling, Read};
use plan::Planner;
use span::Span;
use stream::{Budget, Reading, Stream};
use walk::{Cursor, Step, Walk};

/// Candidates that are read at once at the most.
const BATCH_MAX: usize = 500;

/// How much is read of what may turn out to be too much.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Candidates that are sorted in memory; of more than these the order that is wanted is walked along.
    pub sorted: usize,
    /// Candidates of which all are opened at once; more are looked for along the order first.
    pub few: usize,
    /// Entries of one range that are read; a wider range narrows nothing down.
    pub range: usize,
    /// Entries of all ranges together that are read.
    pub ranges: usize,
    /// Accounts that are opened to fill a page; after these it stays as it is, and the next one goes on there.
    pub opened: usize,
    /// Steps that are made to bring indexes together, as [`Budget`] counts them; after these as well.
    pub steps: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { sorted: 10_000, few: 200, range: 10_000, ranges: 40_000, opened: 50_000, steps: 500_000 }
    }
}

/// What is searched for.
#[derive(Clone, Debug, Default)]
pub struct SearchRequest<'a> {
    /// The condition, as it was sent.
    pub query: Option<&'a Value>,
    /// The order, as it was sent.
    pub sort: Option<&'a Value>,
    /// How many accounts at the most.
    pub size: usize,
    /// Those that come after this one.
    pub after: Option<Mark>,
    /// Those that come before this one.
    pub before: Option<Mark>,
    /// How much may be read. The result does not depend on it.
    pub limits: Limits,
}

/// A place in the order of a search.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mark {
    /// The account that stands there.
    pub id: AccountId,
    /// Among which accounts it stands.
    pub among: Among,
}

/// Among which accounts a place is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Among {
    /// All: the account stands where its value puts it.
    All,
    /// Those without a value in the field that is sorted by. Whoever has one does not stand there, but its ID
    /// marks a place there: reading had come so far when a page was cut short.
    Blank,
}

/// What was found.
#[derive(Clone, Debug)]
pub struct Found {
    /// The accounts.
    pub page: Page<Arc<Account>>,
    /// Where to go on when the page is not full only because too much had to be read.
    pub resume: Option<Mark>,
}

/// Finds the accounts that a condition holds for; archived ones are never found.
///
/// # Errors
/// [`Error::Malformed`] with every place that is wrong, [`Error::NotFound`] for a cursor that is no account,
/// [`Error::Busy`] while accounts from before there was search are still being indexed.
pub fn search(cx: &mut ReadCx<'_, '_>, request: &SearchRequest<'_>) -> Result<Found> {
    let catalog = cx.catalog()?;
    let search =
        Search::read(request.query, request.sort, catalog.account_types()).map_err(Error::Malformed)?;
    if index::backlog(cx.tx, &cx.scope.environment.id)?.is_some() {
        return Err(Error::Busy);
    }
    request.check_mark(&search)?;
    let (found, resume) = match search.sort.by {
        SortBy::CreatedAt => by_creation(cx, &search, (&catalog, request))?,
        _ => sorted(cx, &search, (&catalog, request))?,
    };
    let mut page = cut(found, request.size, request.after.is_some(), request.before.is_some());
    match (&resume, &request.before) {
        (None, _) => {}
        (Some(_), None) => page.has_older = true,
        (Some(_), Some(_)) => page.has_newer = true,
    }
    Ok(Found { page, resume })
}

impl SearchRequest<'_> {
    /// One more than a page holds: whether there is another page.
    const fn wanted(&self) -> usize {
        self.size + 1
    }

    fn cursor(&self) -> Option<&Mark> {
        self.before.as_ref().or(self.after.as_ref())
    }

    /// Refuses a place among those without a value where there are none.
    fn check_mark(&self, search: &Search<'_>) -> Result<()> {
        let side = if self.before.is_some() { "before" } else { "after" };
        match (self.cursor(), &search.sort.by) {
            (Some(Mark { among: Among::Blank, .. }), by) if !matches!(by, SortBy::Field(_)) => {
                Err(Error::malformed(
                    ["page", side],
                    "is a place in the order of a field: send it with the sort of the request it came from",
                ))
            }
            _ => Ok(()),
        }
    }

    /// The direction away from the cursor.
    fn direction(&self, search: &Search<'_>) -> Direction {
        let direction = search.sort.direction;
        if self.before.is_some() { direction.reversed() } else { direction }
    }

    /// The accounts on the far side of the cursor, read away from it.
    fn span(&self, search: &Search<'_>) -> Span {
        let mut span = Span::whole(self.direction(search));
        if let Some(cursor) = self.cursor() {
            span.pass(&cursor.id);
        }
        span
    }
}

/// IDs are in the order of creation: candidates come in the order that is wanted.
fn by_creation(
    cx: &mut ReadCx<'_, '_>,
    search: &Search<'_>,
    (catalog, request): (&Catalog, &SearchRequest<'_>),
) -> Result<Read> {
    let mut span = request.span(search);
    let mut budget = Budget::new(request.limits.steps);
    let mut reading = Reading { cx, budget: &mut budget };
    let mut stream =
        Planner::new(search, catalog, request.limits).plan(&mut reading, &span)?.unwrap_or_else(Stream::all);
    let mut page = Filling::new(request);
    while let Some(count) = page.wants() {
        let taken = stream.take(&mut reading, &mut span, count)?;
        if taken.ids.is_empty() && taken.broken_off.is_none() {
            break;
        }
        let accounts = matching(reading.cx, search, &taken.ids)?;
        page.add(&taken.ids, accounts, Among::All);
        if let Some(id) = taken.broken_off {
            page.break_off(id, Among::All);
        }
    }
    Ok(page.read())
}

/// Any other order: few candidates are sorted, otherwise the order is walked along.
fn sorted(
    cx: &mut ReadCx<'_, '_>,
    search: &Search<'_>,
    (catalog, request): (&Catalog, &SearchRequest<'_>),
) -> Result<Read> {
    let cursor = match request.cursor() {
        None => None,
        // Those without a value are in the order of their IDs: the ID alone is the place.
        Some(Mark { id, among: Among::Blank }) => Some(Cursor { key: None, id }),
        Some(Mark { id, among: Among::All }) => {
            let stored = rows::find(cx.tx, cx.scope.place(), id)?.ok_or(Error::NotFound)?;
            let account = open(cx, &stored)?;
            Some(Cursor { key: search.sort.key(&subject(&account)), id })
        }
    };
    let direction = request.direction(search);
    let mut span = Span::whole(direction);
    let mut budget = Budget::new(request.limits.steps);
    let mut reading = Reading { cx, budget: &mut budget };
    if let Some(mut stream) = Planner::new(search, catalog, request.limits).plan(&mut reading, &span)? {
        let taken = stream.take(&mut reading, &mut span, request.limits.sorted)?;
        let candidates = taken.ids;
        if candidates.len() < request.limits.sorted && taken.broken_off.is_none() {
            if candidates.len() > request.limits.few
                && let Some(found) = along(cx, search, (catalog, request), (&candidates, cursor.clone()))?
            {
                return Ok((found, None));
            }
            return Ok((in_memory(cx, search, request, (&candidates, cursor.as_ref()))?, None));
        }
    }
    let mut walk = Walk::new(search, (catalog, request.limits), cursor, direction);
    let mut page = Filling::new(request);
    while let Some(count) = page.wants() {
        let Some(step) = walk.next(cx, count)? else { break };
        let mut accounts = step_accounts(cx, search, &step)?;
        accounts.retain(|account| is_wanted(search, account));
        page.add(&step.candidates, accounts, step.among);
        if let Some(id) = step.broken_off {
            page.break_off(id, step.among);
        }
    }
    Ok(page.read())
}

/// How much longer than the list of candidates the way along the order may be.
const WAY_MAX: usize = 10;

/// Goes along the order and opens what is among the candidates, which are many. None when they are so far
/// apart that it is less work to open them all.
fn along(
    cx: &mut ReadCx<'_, '_>,
    search: &Search<'_>,
    (catalog, request): (&Catalog, &SearchRequest<'_>),
    (candidates, cursor): (&[AccountId], Option<Cursor<'_>>),
) -> Result<Option<Vec<Arc<Account>>>> {
    let members: HashSet<&AccountId> = candidates.iter().collect();
    let mut walk = Walk::new(search, (catalog, request.limits), cursor, request.direction(search));
    let (mut found, mut way, mut batch) = (Vec::new(), 0, request.wanted());
    while found.len() < request.wanted() {
        if way > candidates.len() * WAY_MAX {
            return Ok(None);
        }
        let Some(mut step) = walk.next(cx, batch)? else { break };
        if step.broken_off.is_some() {
            return Ok(None);
        }
        way += step.candidates.len();
        batch = (batch * 2).min(BATCH_MAX);
        step.candidates.retain(|id| members.contains(id));
        found.extend(step_accounts(cx, search, &step)?.into_iter().filter(|one| is_wanted(search, one)));
    }
    found.truncate(request.wanted());
    Ok(Some(found))
}

/// Opens what a step of a walk came upon, as far as it belongs there.
fn step_accounts(cx: &mut ReadCx<'_, '_>, search: &Search<'_>, step: &Step) -> Result<Vec<Arc<Account>>> {
    let mut accounts = opened(cx, &step.candidates)?;
    if step.among == Among::Blank {
        accounts.retain(|account| search.sort.key(&subject(account)).is_none());
    }
    Ok(accounts)
}

/// Opens all candidates and keeps those next to the cursor.
fn in_memory(
    cx: &mut ReadCx<'_, '_>,
    search: &Search<'_>,
    request: &SearchRequest<'_>,
    (candidates, cursor): (&[AccountId], Option<&Cursor<'_>>),
) -> Result<Vec<Arc<Account>>> {
    let outwards = |ordering: Ordering| if request.before.is_some() { ordering.reverse() } else { ordering };
    let compare = |a: (&Option<SortKey>, &AccountId), b: (&Option<SortKey>, &AccountId)| {
        outwards(search.sort.compare((a.0.as_ref(), a.1.as_str()), (b.0.as_ref(), b.1.as_str())))
    };
    let mut nearest: Vec<(Option<SortKey>, Arc<Account>)> = Vec::new();
    for candidates in candidates.chunks(BATCH_MAX) {
        let accounts = matching(cx, search, candidates)?.into_iter();
        let keyed = accounts.map(|account| (search.sort.key(&subject(&account)), account));
        nearest.extend(keyed.filter(|(key, account)| {
            cursor.is_none_or(|at| compare((key, &account.id), (&at.key, at.id)) == Ordering::Greater)
        }));
        nearest.sort_by(|a, b| compare((&a.0, &a.1.id), (&b.0, &b.1.id)));
        nearest.truncate(request.wanted());
    }
    Ok(nearest.into_iter().map(|(_, account)| account).collect())
}

/// Reads candidates and keeps those that the search is for, in their order.
fn matching(
    cx: &mut ReadCx<'_, '_>,
    search: &Search<'_>,
    candidates: &[AccountId],
) -> Result<Vec<Arc<Account>>> {
    let mut accounts = opened(cx, candidates)?;
    accounts.retain(|account| is_wanted(search, account));
    Ok(accounts)
}

fn is_wanted(search: &Search<'_>, account: &Account) -> bool {
    search.query.as_ref().is_none_or(|query| query.matches(&subject(account)))
}

/// Reads candidates that are not archived, in their order.
fn opened(cx: &mut ReadCx<'_, '_>, candidates: &[AccountId]) -> Result<Vec<Arc<Account>>> {
    let wanted: Vec<_> = candidates.iter().map(|id| (cx.scope.place(), id)).collect();
    let stored = rows::find_many(cx.tx, &wanted)?;
    let mut by_id: HashMap<AccountId, Arc<Account>> = HashMap::with_capacity(stored.len());
    for stored in stored.iter().filter(|stored| stored.row.archived_at.is_none()) {
        by_id.insert(stored.row.id.clone(), open(cx, stored)?);
    }
    Ok(candidates.iter().filter_map(|id| by_id.remove(id)).collect())
}

fn subject(account: &Account) -> Subject<'_> {
    Subject {
        account_type: &account.account_type.id,
        status: &account.status.id,
        reference_id: account.reference_id.as_deref(),
        fields: &account.fields,
        created_at: account.created_at,
        updated_at: account.updated_at,
    }
}
