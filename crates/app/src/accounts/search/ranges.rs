//! Ranges as the indexes know them.

use std::ops::Bound;
use std::time::Duration;

use muster_domain::search::{Comparable, FieldTest, Query, Range, Test};
use muster_domain::{AccountId, ResourceId, Timestamp, id};
use muster_store::search::{FIRST, LAST};

use super::stream::Stream;

/// Whether a condition is looked up by reading a range of an index.
pub(super) fn reads_range(query: &Query<'_>) -> bool {
    match query {
        Query::Leaf(Test::UpdatedAt(_)) => true,
        Query::Leaf(Test::Field(tests)) => tests.iter().any(|test| test.range.point().is_none()),
        _ => false,
    }
}

/// The conditions of an `and`, with ranges of one attribute made into one: between two values there may be
/// few, where there are many beyond each of them.
pub(super) fn merged_ranges<'t>(queries: &[Query<'t>]) -> Vec<Query<'t>> {
    let mut merged: Vec<Query<'t>> = Vec::with_capacity(queries.len());
    for query in queries {
        let with = merged.iter_mut().find_map(|other| match (other, query) {
            (Query::Leaf(other), Query::Leaf(test)) => merge(other, test).map(|both| (other, both)),
            _ => None,
        });
        match with {
            Some((other, both)) => *other = both,
            None => merged.push(query.clone()),
        }
    }
    merged
}

fn merge<'t>(a: &Test<'t>, b: &Test<'t>) -> Option<Test<'t>> {
    match (a, b) {
        (Test::CreatedAt(a), Test::CreatedAt(b)) => Some(Test::CreatedAt(a.and(b))),
        (Test::UpdatedAt(a), Test::UpdatedAt(b)) => Some(Test::UpdatedAt(a.and(b))),
        (Test::Field(a), Test::Field(b)) => {
            let same = a.len() == b.len()
                && a.iter().zip(b).all(|(a, b)| a.account_type == b.account_type && a.place == b.place);
            same.then(|| {
                let both = |(a, b): (&FieldTest<'t>, &FieldTest<'t>)| FieldTest {
                    range: a.range.and(&b.range),
                    ..a.clone()
                };
                Test::Field(a.iter().zip(b).map(both).collect())
            })
        }
        _ => None,
    }
}

/// A place in an ordered index: a value, and a gap between the accounts that have it.
pub(super) type Edge = (Vec<u8>, &'static str);

/// Where the values of a range begin and end in the ordered index; None when it has no ends.
pub(super) fn ordered_edges(range: &Range) -> Option<(Edge, Edge)> {
    let edge = |bound: &Bound<Comparable>, included: &'static str, excluded: &'static str| match bound {
        Bound::Unbounded => None,
        // A cut text says nothing about those that begin alike.
        Bound::Included(value) | Bound::Excluded(value @ Comparable::Text(_)) => {
            Some((value.ordered_bytes(), included))
        }
        Bound::Excluded(value) => Some((value.ordered_bytes(), excluded)),
    };
    let (low, high) = (edge(&range.low, FIRST, LAST), edge(&range.high, LAST, FIRST));
    let kind = *low.as_ref().or(high.as_ref())?.0.first()?;
    Some((low.unwrap_or_else(|| (vec![kind], FIRST)), high.unwrap_or_else(|| (vec![kind + 1], FIRST))))
}

/// The instants from the first of a range of whole seconds to the first after it.
pub(super) fn moments(range: &Range) -> (Option<Timestamp>, Option<Timestamp>) {
    const SECOND: Duration = Duration::from_secs(1);
    let low = match &range.low {
        Bound::Included(Comparable::Instant(at)) => Some(*at),
        Bound::Excluded(Comparable::Instant(at)) => Some(*at + SECOND),
        _ => None,
    };
    let high = match &range.high {
        Bound::Included(Comparable::Instant(at)) => Some(*at + SECOND),
        Bound::Excluded(Comparable::Instant(at)) => Some(*at),
        _ => None,
    };
    (low, high)
}

/// The accounts that were created in a range of whole seconds: their IDs say so.
pub(super) fn created(range: &Range) -> Stream {
    let gap = |moment| id::least_at(AccountId::PREFIX, moment).as_str().to_owned();
    let (low, high) = moments(range);
    Stream::Within {
        low: low.map_or_else(|| FIRST.to_owned(), gap),
        high: high.map_or_else(|| LAST.to_owned(), gap),
        inner: Box::new(Stream::all()),
    }
}
