//! IDs of accounts in their order, out of several indexes at once.

use std::collections::VecDeque;

use muster_domain::search::Direction;
use muster_domain::{AccountId, AccountStatusId, AccountTypeId};
use muster_store::identifiers::UniqueKey;
use muster_store::search::{self as index, FIRST, LAST};

use super::span::Span;
use crate::{ReadCx, Result};

/// Entries of an index that are read at first.
const READ_MIN: usize = 64;
/// Entries of an index that are read at once at the most.
const READ_MAX: usize = 1024;

/// How much may still be read to bring streams together.
///
/// A step is an ID that is looked at, or one that is read from an index; whoever reads an index takes
/// [`READ_MIN`] steps at least.
#[derive(Debug)]
pub(super) struct Budget {
    steps: usize,
}

impl Budget {
    pub(super) const fn new(steps: usize) -> Self {
        Self { steps }
    }

    pub(super) const fn is_spent(&self) -> bool {
        self.steps == 0
    }

    const fn spend(&mut self, steps: usize) {
        self.steps = self.steps.saturating_sub(steps);
    }
}

/// What reads accounts, and how much of it may still be done.
pub(super) struct Reading<'r, 'a, 'b> {
    pub(super) cx: &'r mut ReadCx<'a, 'b>,
    pub(super) budget: &'r mut Budget,
}

/// The first account of a stream in a span.
enum First {
    /// This one.
    At(AccountId),
    /// There is none.
    None,
    /// None up to this ID, which is in the span; what comes after it was not looked at.
    NoneUpTo(AccountId),
}

/// What was taken of a stream.
pub(super) struct Taken {
    /// Accounts in their order.
    pub(super) ids: Vec<AccountId>,
    /// The ID up to which there are no others, if taking was broken off there.
    pub(super) broken_off: Option<AccountId>,
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
    Status(AccountStatusId),
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
        Self::Or(pairs.map(|(_, status)| Self::of(Source::Status(status.clone()))).collect())
    }

    /// These accounts.
    pub(super) fn listed(mut ids: Vec<AccountId>) -> Self {
        ids.sort_unstable();
        ids.dedup();
        Self::Listed(ids)
    }

    fn first(&mut self, reading: &mut Reading<'_, '_, '_>, span: &Span) -> Result<First> {
        match self {
            Self::Entries(entries) => entries.first(reading, span).map(First::of),
            Self::Listed(ids) => {
                reading.budget.spend(1);
                Ok(First::of(first_listed(ids, span)))
            }
            Self::Or(any) => first_of_any(any, reading, span),
            Self::And { all, none } => first_of_all(all, none, reading, span),
            Self::Within { low, high, inner } => {
                let mut span = span.clone();
                span.narrow(low, high);
                inner.first(reading, &span)
            }
        }
    }

    /// The first accounts in a span, which is cut down to what comes after them. Something is always got past,
    /// even if nothing is left of the budget.
    pub(super) fn take(
        &mut self,
        reading: &mut Reading<'_, '_, '_>,
        span: &mut Span,
        count: usize,
    ) -> Result<Taken> {
        let mut taken = Taken { ids: Vec::with_capacity(count.min(READ_MAX)), broken_off: None };
        while taken.ids.len() < count && taken.broken_off.is_none() {
            match self.first(reading, span)? {
                First::None => break,
                First::At(id) => {
                    span.pass(&id);
                    taken.broken_off = reading.budget.is_spent().then(|| id.clone());
                    taken.ids.push(id);
                }
                First::NoneUpTo(id) => {
                    span.pass(&id);
                    taken.broken_off = Some(id);
                }
            }
        }
        Ok(taken)
    }

    /// Whether it is known to be so short that nothing has to narrow it down further.
    pub(super) fn is_short(&mut self, reading: &mut Reading<'_, '_, '_>, span: &Span) -> Result<bool> {
        Ok(match self {
            Self::Entries(entries) => {
                entries.first(reading, span)?;
                entries.ended
            }
            Self::Listed(ids) => ids.len() <= READ_MAX,
            Self::Or(any) => {
                let mut all_short = true;
                for one in any {
                    all_short = all_short && one.is_short(reading, span)?;
                }
                all_short
            }
            Self::And { .. } | Self::Within { .. } => false,
        })
    }
}

impl First {
    fn of(found: Option<AccountId>) -> Self {
        found.map_or(Self::None, Self::At)
    }
}

impl Entries {
    fn first(&mut self, reading: &mut Reading<'_, '_, '_>, span: &Span) -> Result<Option<AccountId>> {
        reading.budget.spend(1);
        while self.ahead.front().is_some_and(|id| span.is_past(id)) {
            self.ahead.pop_front();
        }
        if self.ahead.is_empty() && !self.ended {
            self.read(reading, span)?;
        }
        Ok(self.ahead.front().filter(|id| span.contains(id)).cloned())
    }

    /// Reads on from where the span begins, or from where reading ended if that is further on.
    fn read(&mut self, reading: &mut Reading<'_, '_, '_>, span: &Span) -> Result<()> {
        let cx = &mut *reading.cx;
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
            Source::Status(status) => index::of_status(cx.tx, environment, status, part)?,
            Source::All => index::all(cx.tx, environment, part)?,
        };
        reading.budget.spend(read.len().max(READ_MIN));
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

fn first_of_any(any: &mut [Stream], reading: &mut Reading<'_, '_, '_>, span: &Span) -> Result<First> {
    let (mut first, mut none_up_to): (Option<AccountId>, Option<AccountId>) = (None, None);
    let keep_first = |kept: &mut Option<AccountId>, id: AccountId| {
        if kept.as_ref().is_none_or(|other| span.direction.apply(id.cmp(other)).is_lt()) {
            *kept = Some(id);
        }
    };
    for one in any {
        match one.first(reading, span)? {
            First::None => {}
            First::At(id) => keep_first(&mut first, id),
            First::NoneUpTo(id) => keep_first(&mut none_up_to, id),
        }
    }
    Ok(match (first, none_up_to) {
        (Some(id), Some(to)) if span.direction.apply(to.cmp(&id)).is_lt() => First::NoneUpTo(to),
        (Some(id), _) => First::At(id),
        (None, Some(to)) => First::NoneUpTo(to),
        (None, None) => First::None,
    })
}

/// Lets each stream jump to where the others are, until all are at the same account.
fn first_of_all(
    all: &mut [Stream],
    none: &mut [Stream],
    reading: &mut Reading<'_, '_, '_>,
    span: &Span,
) -> Result<First> {
    let mut span = span.clone();
    loop {
        let ruled_out = match common(all, reading, &mut span)? {
            Common::At(id) if !is_in_any(none, reading, (&span, &id))? => return Ok(First::At(id)),
            Common::At(id) => {
                span.pass(&id);
                id
            }
            Common::Not(id) => id,
            Common::Broken(ended) => return Ok(ended),
        };
        if reading.budget.is_spent() {
            return Ok(First::NoneUpTo(ruled_out));
        }
    }
}

/// Where streams are that are to meet.
enum Common {
    /// All are at this account.
    At(AccountId),
    /// Some have passed this one, and nothing before it is in all of them.
    Not(AccountId),
    /// One of them has come to an end, or was broken off.
    Broken(First),
}

/// Lets each stream jump to where the one before it is.
fn common(all: &mut [Stream], reading: &mut Reading<'_, '_, '_>, span: &mut Span) -> Result<Common> {
    let mut candidate: Option<AccountId> = None;
    for one in all.iter_mut() {
        let id = match one.first(reading, span)? {
            First::At(id) => id,
            ended => return Ok(Common::Broken(ended)),
        };
        span.reach(&id);
        if let Some(passed) = candidate.replace(id.clone()).filter(|passed| *passed != id) {
            return Ok(Common::Not(passed));
        }
    }
    Ok(candidate.map_or(Common::Broken(First::None), Common::At))
}

/// Whether the account with which a span begins is in any of these. One that was broken off has got past it.
fn is_in_any(
    none: &mut [Stream],
    reading: &mut Reading<'_, '_, '_>,
    (span, id): (&Span, &AccountId),
) -> Result<bool> {
    for one in none {
        if matches!(one.first(reading, span)?, First::At(first) if first == *id) {
            return Ok(true);
        }
    }
    Ok(false)
}
