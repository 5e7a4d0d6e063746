//! IDs of accounts in their order, out of several indexes at once.

use std::collections::VecDeque;

use muster_domain::search::Direction;
use muster_domain::{AccountId, AccountStatusId, AccountTypeId};
use muster_store::identifiers::UniqueKey;
use muster_store::search::{self as index, FIRST, LAST, Part, above, below};

use crate::{ReadCx, Result};

/// Entries of an index that are read at first.
const READ_MIN: usize = 64;
/// Entries of an index that are read at once at the most.
const READ_MAX: usize = 1024;

/// The accounts between two gaps in the order of their IDs, and from which end they are read.
#[derive(Clone, Debug)]
pub(super) struct Span {
    /// The gap where it begins.
    pub(super) low: String,
    /// The gap where it ends.
    pub(super) high: String,
    /// From which end it is read.
    pub(super) direction: Direction,
}

impl Span {
    /// All accounts.
    pub(super) fn whole(direction: Direction) -> Self {
        Self { low: FIRST.to_owned(), high: LAST.to_owned(), direction }
    }

    /// Leaves out all up to an account, and the account itself.
    pub(super) fn pass(&mut self, id: &AccountId) {
        match self.direction {
            Direction::Ascending => self.low = above(id),
            Direction::Descending => self.high = below(id),
        }
    }

    /// Leaves out all that come before an account, but not the account.
    fn reach(&mut self, id: &AccountId) {
        match self.direction {
            Direction::Ascending => self.low = below(id),
            Direction::Descending => self.high = above(id),
        }
    }

    /// Leaves out what is beyond two other gaps.
    fn narrow(&mut self, low: &str, high: &str) {
        if low > self.low.as_str() {
            low.clone_into(&mut self.low);
        }
        if high < self.high.as_str() {
            high.clone_into(&mut self.high);
        }
    }

    fn contains(&self, id: &AccountId) -> bool {
        self.low.as_str() <= id.as_str() && id.as_str() < self.high.as_str()
    }

    /// The gap at which reading begins.
    fn near(&self) -> &str {
        match self.direction {
            Direction::Ascending => &self.low,
            Direction::Descending => &self.high,
        }
    }

    /// Whether an account was passed already.
    fn is_past(&self, id: &AccountId) -> bool {
        match self.direction {
            Direction::Ascending => id.as_str() < self.low.as_str(),
            Direction::Descending => id.as_str() >= self.high.as_str(),
        }
    }

    fn part(&self, limit: usize) -> Part<'_> {
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        Part { low: &self.low, high: &self.high, direction: self.direction, limit }
    }
}

/// IDs of accounts in their order.
///
/// One is asked for at a time, always further on than before.
#[derive(Debug)]
pub(super) enum Stream {
    /// Those of one index.
    Entries(Entries),
    /// These, sorted.
    Listed(Vec<AccountId>),
    /// Those of any of these.
    Or(Vec<Self>),
    /// Those of all of the first and none of the second.
    And { all: Vec<Self>, none: Vec<Self> },
    /// Those between two gaps.
    Within { low: String, high: String, inner: Box<Self> },
}

/// Where the entries of one index come from.
#[derive(Debug)]
pub(super) enum Source {
    /// Accounts with a value.
    Equal(UniqueKey),
    /// Accounts of a type with a status.
    Status(AccountTypeId, AccountStatusId),
    /// All accounts.
    All,
}

/// The entries of one index, read ahead.
#[derive(Debug)]
pub(super) struct Entries {
    source: Source,
    ahead: VecDeque<AccountId>,
    /// The gap up to which entries were read.
    read_to: Option<String>,
    /// Entries that are read next.
    limit: usize,
    ended: bool,
}

impl Stream {
    /// Every account there is.
    pub(super) fn all() -> Self {
        Self::of(Source::All)
    }

    /// Whether it names every account there is.
    pub(super) fn is_all(&self) -> bool {
        matches!(self, Self::Entries(Entries { source: Source::All, .. }))
    }

    /// The entries of one index.
    pub(super) fn of(source: Source) -> Self {
        let (ahead, read_to) = (VecDeque::new(), None);
        Self::Entries(Entries { source, ahead, read_to, limit: READ_MIN, ended: false })
    }

    /// The accounts that have one of these statuses.
    pub(super) fn statuses<'a>(pairs: impl Iterator<Item = &'a (AccountTypeId, AccountStatusId)>) -> Self {
        Self::Or(pairs.map(|(ty, status)| Self::of(Source::Status(ty.clone(), status.clone()))).collect())
    }

    /// These accounts.
    pub(super) fn listed(mut ids: Vec<AccountId>) -> Self {
        ids.sort_unstable();
        ids.dedup();
        Self::Listed(ids)
    }

    /// The first account in a span.
    pub(super) fn first(&mut self, cx: &mut ReadCx<'_, '_>, span: &Span) -> Result<Option<AccountId>> {
        match self {
            Self::Entries(entries) => entries.first(cx, span),
            Self::Listed(ids) => Ok(first_listed(ids, span)),
            Self::Or(any) => first_of_any(any, cx, span),
            Self::And { all, none } => first_of_all(all, none, cx, span),
            Self::Within { low, high, inner } => {
                let mut span = span.clone();
                span.narrow(low, high);
                inner.first(cx, &span)
            }
        }
    }

    /// The first accounts in a span, which is cut down to what comes after them.
    pub(super) fn take(
        &mut self,
        cx: &mut ReadCx<'_, '_>,
        span: &mut Span,
        count: usize,
    ) -> Result<Vec<AccountId>> {
        let mut taken = Vec::with_capacity(count.min(READ_MAX));
        while taken.len() < count {
            let Some(id) = self.first(cx, span)? else { break };
            span.pass(&id);
            taken.push(id);
        }
        Ok(taken)
    }

    /// Whether it is known to be so short that nothing has to narrow it down further.
    pub(super) fn is_short(&mut self, cx: &mut ReadCx<'_, '_>, span: &Span) -> Result<bool> {
        Ok(match self {
            Self::Entries(entries) => {
                entries.first(cx, span)?;
                entries.ended
            }
            Self::Listed(ids) => ids.len() <= READ_MAX,
            Self::Or(any) => {
                let mut all_short = true;
                for one in any {
                    all_short = all_short && one.is_short(cx, span)?;
                }
                all_short
            }
            Self::And { .. } | Self::Within { .. } => false,
        })
    }
}

impl Entries {
    fn first(&mut self, cx: &mut ReadCx<'_, '_>, span: &Span) -> Result<Option<AccountId>> {
        while self.ahead.front().is_some_and(|id| span.is_past(id)) {
            self.ahead.pop_front();
        }
        if self.ahead.is_empty() && !self.ended {
            self.read(cx, span)?;
        }
        Ok(self.ahead.front().filter(|id| span.contains(id)).cloned())
    }

    /// Reads on from where the span begins, or from where reading ended if that is further on.
    fn read(&mut self, cx: &mut ReadCx<'_, '_>, span: &Span) -> Result<()> {
        let mut span = span.clone();
        if let Some(read_to) = &self.read_to {
            match span.direction {
                Direction::Ascending => span.narrow(read_to, LAST),
                Direction::Descending => span.narrow(FIRST, read_to),
            }
            // Who goes step by step is given more at once; who jumps is not.
            let on = span.near() == read_to;
            self.limit = if on { (self.limit * 2).min(READ_MAX) } else { READ_MIN };
        }
        let (environment, part) = (&cx.scope.environment.id, span.part(self.limit));
        let read = match &self.source {
            Source::Equal(key) => index::equal(cx.tx, key, part)?,
            Source::Status(_, status) => index::of_status(cx.tx, environment, status, part)?,
            Source::All => index::all(cx.tx, environment, part)?,
        };
        self.ended = read.len() < self.limit;
        if let Some(last) = read.last() {
            span.pass(last);
            self.read_to = Some(span.near().to_owned());
        }
        self.ahead = read.into();
        Ok(())
    }
}

fn first_listed(ids: &[AccountId], span: &Span) -> Option<AccountId> {
    let from = ids.partition_point(|id| id.as_str() < span.low.as_str());
    let to = ids.partition_point(|id| id.as_str() < span.high.as_str());
    let within = ids.get(from..to).unwrap_or_default();
    match span.direction {
        Direction::Ascending => within.first().cloned(),
        Direction::Descending => within.last().cloned(),
    }
}

fn first_of_any(any: &mut [Stream], cx: &mut ReadCx<'_, '_>, span: &Span) -> Result<Option<AccountId>> {
    let mut first: Option<AccountId> = None;
    for one in any {
        let Some(id) = one.first(cx, span)? else { continue };
        let comes_first = |other: &AccountId| span.direction.apply(id.cmp(other)).is_lt();
        if first.as_ref().is_none_or(comes_first) {
            first = Some(id);
        }
    }
    Ok(first)
}

/// Lets each stream jump to where the others are, until all are at the same account.
fn first_of_all(
    all: &mut [Stream],
    none: &mut [Stream],
    cx: &mut ReadCx<'_, '_>,
    span: &Span,
) -> Result<Option<AccountId>> {
    let mut span = span.clone();
    'candidates: loop {
        let mut candidate: Option<AccountId> = None;
        for one in all.iter_mut() {
            let Some(id) = one.first(cx, &span)? else { return Ok(None) };
            span.reach(&id);
            if candidate.replace(id.clone()).is_some_and(|before| before != id) {
                continue 'candidates;
            }
        }
        let Some(id) = candidate else { return Ok(None) };
        for one in none.iter_mut() {
            if one.first(cx, &span)?.as_ref() == Some(&id) {
                span.pass(&id);
                continue 'candidates;
            }
        }
        return Ok(Some(id));
    }
}
