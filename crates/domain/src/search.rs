//! What a search of accounts asks for, and which accounts answer it.
//!
//! - `value` brings values into the form in which they are compared;
//! - `place` tells which fields can be searched;
//! - `read`, `leaf` and `sort` turn a request into a [`Search`];
//! - `inquiry` is the same for inquiries, which have few attributes and no fields that can be searched;
//! - `matching` decides for one account. That is the definition: an index may only leave out accounts
//!   that this would refuse.

mod inquiry;
mod leaf;
mod matching;
mod place;
mod read;
mod sort;
#[cfg(test)]
mod tests;
mod value;

use std::collections::BTreeSet;
use std::fmt;
use std::ops::Bound;

pub use inquiry::{InquirySearch, InquirySort, InquirySubject, InquiryTest};
pub use matching::Subject;
pub use place::{Form, Place};
pub use read::{CLAUSES_MAX, DEPTH_MAX};
pub use sort::{Direction, Sort, SortBy, SortKey};
pub use value::{Comparable, ORDERED_TEXT_BYTES_MAX};

use crate::id::{AccountStatusId, AccountTypeId};

/// A search that was understood: every attribute is resolved against the account types.
#[derive(Clone, Debug)]
pub struct Search<'t> {
    /// What accounts must be like; nothing where all are wanted.
    pub query: Option<Query<'t>>,
    /// The order in which they are wanted.
    pub sort: Sort<'t>,
}

/// A condition that is made of tests of one kind.
#[derive(Clone, Debug)]
pub enum Node<T> {
    /// All of these hold.
    And(Vec<Self>),
    /// At least one of these holds.
    Or(Vec<Self>),
    /// This does not hold.
    Not(Box<Self>),
    /// One attribute is in a range.
    Leaf(T),
}

impl<T> Node<T> {
    /// Whether the condition holds, given which tests do.
    pub fn holds(&self, test: &impl Fn(&T) -> bool) -> bool {
        match self {
            Self::And(all) => all.iter().all(|one| one.holds(test)),
            Self::Or(any) => any.iter().any(|one| one.holds(test)),
            Self::Not(inner) => !inner.holds(test),
            Self::Leaf(leaf) => test(leaf),
        }
    }

    /// Whether any of its tests is so.
    pub fn has(&self, is_so: &impl Fn(&T) -> bool) -> bool {
        match self {
            Self::And(many) | Self::Or(many) => many.iter().any(|one| one.has(is_so)),
            Self::Not(inner) => inner.has(is_so),
            Self::Leaf(leaf) => is_so(leaf),
        }
    }
}

/// A condition on accounts.
pub type Query<'t> = Node<Test<'t>>;

/// A condition on one attribute.
#[derive(Clone)]
pub enum Test<'t> {
    /// The status is one of these, each of one type.
    Status(BTreeSet<(AccountTypeId, AccountStatusId)>),
    /// It was created in this range of whole seconds.
    CreatedAt(Range),
    /// It was last changed in this range of whole seconds.
    UpdatedAt(Range),
    /// Its reference ID folds to this.
    ReferenceId(String),
    /// A field has a value in a range, which differs from type to type.
    Field(Vec<FieldTest<'t>>),
}

impl fmt::Debug for Test<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Test([redacted])")
    }
}

/// A condition on one field of one account type.
#[derive(Clone, Debug)]
pub struct FieldTest<'t> {
    /// The type.
    pub account_type: &'t AccountTypeId,
    /// The field.
    pub place: Place<'t>,
    /// Where its value must be.
    pub range: Range,
}

/// A range of values of one form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Range {
    /// Where it begins.
    pub low: Bound<Comparable>,
    /// Where it ends.
    pub high: Bound<Comparable>,
}

impl Range {
    /// Whether a value is in it.
    #[must_use]
    pub fn contains(&self, value: &Comparable) -> bool {
        let from = match &self.low {
            Bound::Unbounded => true,
            Bound::Included(low) => value >= low,
            Bound::Excluded(low) => value > low,
        };
        let to = match &self.high {
            Bound::Unbounded => true,
            Bound::Included(high) => value <= high,
            Bound::Excluded(high) => value < high,
        };
        from && to
    }

    /// The only value in it, if it is the range of one value.
    #[must_use]
    pub fn point(&self) -> Option<&Comparable> {
        match (&self.low, &self.high) {
            (Bound::Included(low), Bound::Included(high)) if low == high => Some(low),
            _ => None,
        }
    }

    /// What is in both ranges.
    #[must_use]
    pub fn and(&self, other: &Self) -> Self {
        let low = tighter(&self.low, &other.low, std::cmp::Ordering::Greater);
        let high = tighter(&self.high, &other.high, std::cmp::Ordering::Less);
        Self { low, high }
    }

    /// What is outside of it: up to two ranges.
    #[must_use]
    pub fn outside(&self) -> Vec<Self> {
        let below = match &self.low {
            Bound::Unbounded => None,
            Bound::Included(low) => Some(Bound::Excluded(low.clone())),
            Bound::Excluded(low) => Some(Bound::Included(low.clone())),
        };
        let above = match &self.high {
            Bound::Unbounded => None,
            Bound::Included(high) => Some(Bound::Excluded(high.clone())),
            Bound::Excluded(high) => Some(Bound::Included(high.clone())),
        };
        let below = below.map(|high| Self { low: Bound::Unbounded, high });
        let above = above.map(|low| Self { low, high: Bound::Unbounded });
        below.into_iter().chain(above).collect()
    }
}

/// The bound that lets less through; `wins` is how the tighter value compares to the other one.
fn tighter(a: &Bound<Comparable>, b: &Bound<Comparable>, wins: std::cmp::Ordering) -> Bound<Comparable> {
    let value = |bound: &Bound<Comparable>| match bound {
        Bound::Unbounded => None,
        Bound::Included(value) | Bound::Excluded(value) => Some(value.clone()),
    };
    match (value(a), value(b)) {
        (None, _) => b.clone(),
        (_, None) => a.clone(),
        (Some(x), Some(y)) if x.cmp(&y) == wins => a.clone(),
        (Some(x), Some(y)) if x == y && matches!(a, Bound::Excluded(_)) => a.clone(),
        _ => b.clone(),
    }
}
