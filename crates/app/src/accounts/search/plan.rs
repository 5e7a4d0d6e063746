//! Picks the indexes that narrow a search down.

use std::collections::BTreeSet;

use muster_domain::search::{Direction, FieldTest, Form, Query, Range, Search, Test};
use muster_domain::{AccountId, AccountStatusId, AccountType, AccountTypeId, Timestamp};
use muster_store::identifiers::{self, REFERENCE_ID, UniqueKey};
use muster_store::search::{self as index, FIRST, OrderedPart};

use super::super::keys::{blind_index, unique_key};
use super::Limits;
use super::ranges::{created, merged_ranges, moments, ordered_edges, reads_range};
use super::span::Span;
use super::stream::{Reading, Source, Stream};
use crate::{Catalog, ReadCx, Result};

type Statuses = BTreeSet<(AccountTypeId, AccountStatusId)>;

/// What the indexes tell about a condition.
enum Narrowed {
    /// Nothing: it may hold for any account.
    Everything,
    /// It holds for these statuses only.
    Statuses(Statuses),
    /// It holds for these accounts at the most.
    Only(Stream),
    /// It holds for none of these accounts.
    Except(Stream),
}

/// Whether the accounts that an index names are all right.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Fit {
    Exact,
    TooMany,
}

/// Plans one search.
pub(super) struct Planner<'s> {
    search: &'s Search<'s>,
    catalog: &'s Catalog,
    limits: Limits,
    /// Entries of ranges that may still be read.
    ranges_left: usize,
}

impl<'s> Planner<'s> {
    pub(super) fn new(search: &'s Search<'s>, catalog: &'s Catalog, limits: Limits) -> Self {
        Self { search, catalog, limits, ranges_left: limits.ranges }
    }

    /// The accounts that can match, for reading along a span; None when that is no fewer than all.
    pub(super) fn plan(mut self, reading: &mut Reading<'_, '_, '_>, span: &Span) -> Result<Option<Stream>> {
        let Some(query) = &self.search.query else { return Ok(None) };
        Ok(match self.narrow(reading, span, query, Sense::Holds)? {
            Narrowed::Everything => None,
            Narrowed::Statuses(statuses) => Some(Stream::statuses(statuses.iter())),
            Narrowed::Only(stream) => Some(stream),
            Narrowed::Except(none) => Some(Stream::And { all: vec![Stream::all()], none: vec![none] }),
        })
    }

    fn narrow(
        &mut self,
        reading: &mut Reading<'_, '_, '_>,
        span: &Span,
        query: &Query<'_>,
        sense: Sense,
    ) -> Result<Narrowed> {
        match (query, sense) {
            (Query::Not(inner), sense) => self.narrow(reading, span, inner, sense.reversed()),
            (Query::And(all), Sense::Holds) | (Query::Or(all), Sense::Fails) => {
                self.all(reading, span, all, sense)
            }
            (Query::Or(any), Sense::Holds) | (Query::And(any), Sense::Fails) => {
                self.any(reading, span, any, sense)
            }
            (Query::Leaf(test), sense) => self.leaf(reading.cx, test, sense),
        }
    }

    /// What all of these let through.
    fn all(
        &mut self,
        reading: &mut Reading<'_, '_, '_>,
        span: &Span,
        queries: &[Query<'_>],
        sense: Sense,
    ) -> Result<Narrowed> {
        let merged = if sense == Sense::Holds { merged_ranges(queries) } else { queries.to_vec() };
        let (ranges, others): (Vec<_>, Vec<_>) = merged.iter().partition(|query| reads_range(query));
        let mut parts = Parts::default();
        for query in others {
            parts.add(self.narrow(reading, span, query, sense)?);
        }
        for query in ranges {
            // Reading a whole range for what a few rows settle would be dear.
            if !parts.is_short(reading, span)? {
                parts.add(self.narrow(reading, span, query, sense)?);
            }
        }
        Ok(parts.together(self.catalog))
    }

    /// What any of these lets through.
    fn any(
        &mut self,
        reading: &mut Reading<'_, '_, '_>,
        span: &Span,
        queries: &[Query<'_>],
        sense: Sense,
    ) -> Result<Narrowed> {
        let (mut streams, mut statuses) = (Vec::new(), Statuses::new());
        for query in queries {
            match self.narrow(reading, span, query, sense)? {
                Narrowed::Everything | Narrowed::Except(_) => return Ok(Narrowed::Everything),
                Narrowed::Statuses(more) => statuses.extend(more),
                Narrowed::Only(stream) => streams.push(stream),
            }
        }
        if streams.is_empty() {
            return Ok(self.of_statuses(statuses));
        }
        if !statuses.is_empty() {
            streams.push(Stream::statuses(statuses.iter()));
        }
        Ok(Narrowed::Only(Stream::Or(streams)))
    }

    fn leaf(&mut self, cx: &mut ReadCx<'_, '_>, test: &Test<'_>, sense: Sense) -> Result<Narrowed> {
        Ok(match (test, sense) {
            (Test::Status(pairs), Sense::Holds) => self.of_statuses(pairs.clone()),
            (Test::Status(pairs), Sense::Fails) => {
                self.of_statuses(all_statuses(self.catalog).difference(pairs).cloned().collect())
            }
            (Test::CreatedAt(range), Sense::Holds) => Narrowed::Only(created(range)),
            (Test::CreatedAt(range), Sense::Fails) => {
                Narrowed::Only(Stream::Or(range.outside().iter().map(created).collect()))
            }
            (Test::UpdatedAt(range), Sense::Holds) => {
                self.updated(cx, range)?.map_or(Narrowed::Everything, Narrowed::Only)
            }
            (Test::UpdatedAt(range), Sense::Fails) => {
                let mut streams = Vec::new();
                for range in range.outside() {
                    let Some(stream) = self.updated(cx, &range)? else { return Ok(Narrowed::Everything) };
                    streams.push(stream);
                }
                Narrowed::Only(Stream::Or(streams))
            }
            (Test::ReferenceId(folded), sense) => {
                let stream = self.reference_id(cx, folded)?;
                sense.of(stream, Fit::Exact)
            }
            (Test::Field(tests), sense) => match self.field(cx, tests)? {
                None => Narrowed::Everything,
                Some((stream, fit)) => sense.of(stream, fit),
            },
        })
    }

    fn of_statuses(&self, statuses: Statuses) -> Narrowed {
        if statuses == all_statuses(self.catalog) {
            return Narrowed::Everything;
        }
        Narrowed::Statuses(statuses)
    }

    fn reference_id(&self, cx: &mut ReadCx<'_, '_>, folded: &str) -> Result<Stream> {
        let types = self.catalog.account_types().iter();
        let value = || folded.as_bytes().to_vec();
        let keys: Vec<_> = types.map(|ty| unique_key(cx.scope, ty, REFERENCE_ID, value())).collect();
        holders(cx, &keys)
    }

    /// The accounts whose field passes, and whether they all do; None when they are too many to be listed.
    fn field(&mut self, cx: &mut ReadCx<'_, '_>, tests: &[FieldTest<'_>]) -> Result<Option<(Stream, Fit)>> {
        let (mut streams, mut unique, mut fit) = (Vec::new(), Vec::new(), Fit::Exact);
        for test in tests {
            let Some(ty) = self.catalog.account_type(test.account_type) else { continue };
            if let Some(value) = test.range.point() {
                let key = test.place.key();
                let key = unique_key(cx.scope, ty, &key, blind_index(cx.scope, ty, &key, value));
                if test.place.unique {
                    unique.push(key);
                } else {
                    streams.push(Stream::of(Source::Equal(key)));
                }
            } else {
                let Some(stream) = self.ordered(cx, ty, test)? else { return Ok(None) };
                streams.push(stream);
                if matches!(test.place.form, Form::Folded | Form::Normalized) {
                    // Long texts are cut in the index.
                    fit = Fit::TooMany;
                }
            }
        }
        if !unique.is_empty() {
            streams.push(holders(cx, &unique)?);
        }
        Ok(Some((Stream::Or(streams), fit)))
    }

    fn ordered(
        &mut self,
        cx: &mut ReadCx<'_, '_>,
        ty: &AccountType,
        test: &FieldTest<'_>,
    ) -> Result<Option<Stream>> {
        let limit = self.ranges_left.min(self.limits.range);
        let Some((low, high)) = ordered_edges(&test.range) else {
            return Ok(Some(Stream::Listed(Vec::new())));
        };
        let part = OrderedPart {
            low: (low.0.as_slice(), low.1),
            high: (high.0.as_slice(), high.1),
            direction: Direction::Ascending,
            limit: i64::try_from(limit).unwrap_or(i64::MAX),
        };
        let place = (&ty.id, &*test.place.key());
        let found = index::ordered(cx.tx, &cx.scope.environment.id, place, part)?;
        Ok(self.listed(found.into_iter().map(|(id, _)| id).collect(), limit))
    }

    fn updated(&mut self, cx: &mut ReadCx<'_, '_>, range: &Range) -> Result<Option<Stream>> {
        let limit = self.ranges_left.min(self.limits.range);
        let (low, high) = moments(range);
        let part = OrderedPart {
            low: (low.unwrap_or(Timestamp::from_micros(i64::MIN)), FIRST),
            high: (high.unwrap_or(Timestamp::from_micros(i64::MAX)), FIRST),
            direction: Direction::Ascending,
            limit: i64::try_from(limit).unwrap_or(i64::MAX),
        };
        let found = index::updated(cx.tx, &cx.scope.environment.id, part)?;
        Ok(self.listed(found.into_iter().map(|(id, _)| id).collect(), limit))
    }

    /// What was read of a range, if that is all there is.
    fn listed(&mut self, ids: Vec<AccountId>, limit: usize) -> Option<Stream> {
        self.ranges_left = self.ranges_left.saturating_sub(ids.len());
        (ids.len() < limit).then(|| Stream::listed(ids))
    }
}

/// Whether a condition is to hold or not to.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Sense {
    Holds,
    Fails,
}

impl Sense {
    const fn reversed(self) -> Self {
        match self {
            Self::Holds => Self::Fails,
            Self::Fails => Self::Holds,
        }
    }

    /// What the accounts that an index names mean.
    fn of(self, stream: Stream, fit: Fit) -> Narrowed {
        match (self, fit) {
            (Self::Holds, _) => Narrowed::Only(stream),
            (Self::Fails, Fit::Exact) => Narrowed::Except(stream),
            // It might leave out accounts that it names in vain.
            (Self::Fails, Fit::TooMany) => Narrowed::Everything,
        }
    }
}

/// What the conditions of an `and` let through, one beside the other.
#[derive(Default)]
struct Parts {
    all: Vec<Stream>,
    none: Vec<Stream>,
    statuses: Option<Statuses>,
    bounds: Vec<(String, String)>,
}

impl Parts {
    fn add(&mut self, narrowed: Narrowed) {
        match narrowed {
            Narrowed::Everything => {}
            Narrowed::Statuses(some) => {
                self.statuses = Some(match self.statuses.take() {
                    None => some,
                    Some(others) => others.intersection(&some).cloned().collect(),
                });
            }
            Narrowed::Only(Stream::Within { low, high, inner }) => {
                self.bounds.push((low, high));
                if !inner.is_all() {
                    self.all.push(*inner);
                }
            }
            Narrowed::Only(stream) => self.all.push(stream),
            Narrowed::Except(stream) => self.none.push(stream),
        }
    }

    fn is_short(&mut self, reading: &mut Reading<'_, '_, '_>, span: &Span) -> Result<bool> {
        for one in &mut self.all {
            if one.is_short(reading, span)? {
                return Ok(true);
            }
        }
        Ok(self.statuses.as_ref().is_some_and(BTreeSet::is_empty))
    }

    fn together(mut self, catalog: &Catalog) -> Narrowed {
        if let Some(statuses) = self.statuses {
            let alone = self.all.is_empty() && self.none.is_empty() && self.bounds.is_empty();
            match () {
                () if statuses == all_statuses(catalog) => {}
                () if alone => return Narrowed::Statuses(statuses),
                () => self.all.push(Stream::statuses(statuses.iter())),
            }
        }
        if self.all.is_empty() && self.bounds.is_empty() {
            return match self.none.is_empty() {
                true => Narrowed::Everything,
                false => Narrowed::Except(Stream::Or(self.none)),
            };
        }
        let mut stream = match (self.all.pop(), self.all.is_empty() && self.none.is_empty()) {
            (Some(only), true) => only,
            (last, _) => {
                let mut all = self.all;
                all.push(last.unwrap_or_else(Stream::all));
                Stream::And { all, none: self.none }
            }
        };
        for (low, high) in self.bounds {
            stream = Stream::Within { low, high, inner: Box::new(stream) };
        }
        Narrowed::Only(stream)
    }
}

fn all_statuses(catalog: &Catalog) -> Statuses {
    let types = catalog.account_types().iter();
    types.flat_map(|ty| ty.statuses.iter().map(|status| (ty.id.clone(), status.id.clone()))).collect()
}

/// The accounts that hold unique keys.
fn holders(cx: &mut ReadCx<'_, '_>, keys: &[UniqueKey]) -> Result<Stream> {
    let found = identifiers::find(cx.tx, &keys.iter().collect::<Vec<_>>())?;
    Ok(Stream::listed(found.into_iter().flatten().collect()))
}
