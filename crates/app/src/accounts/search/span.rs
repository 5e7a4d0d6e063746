//! Parts of the order of IDs.

use muster_domain::AccountId;
use muster_domain::search::Direction;
use muster_store::search::{FIRST, LAST, Part, above, below};

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
    pub(super) fn reach(&mut self, id: &AccountId) {
        match self.direction {
            Direction::Ascending => self.low = below(id),
            Direction::Descending => self.high = above(id),
        }
    }

    /// Leaves out what is beyond two other gaps.
    pub(super) fn narrow(&mut self, low: &str, high: &str) {
        if low > self.low.as_str() {
            low.clone_into(&mut self.low);
        }
        if high < self.high.as_str() {
            high.clone_into(&mut self.high);
        }
    }

    pub(super) fn contains(&self, id: &AccountId) -> bool {
        self.low.as_str() <= id.as_str() && id.as_str() < self.high.as_str()
    }

    /// The gap at which reading begins.
    pub(super) fn near(&self) -> &str {
        match self.direction {
            Direction::Ascending => &self.low,
            Direction::Descending => &self.high,
        }
    }

    /// Whether an account was passed already.
    pub(super) fn is_past(&self, id: &AccountId) -> bool {
        match self.direction {
            Direction::Ascending => id.as_str() < self.low.as_str(),
            Direction::Descending => id.as_str() >= self.high.as_str(),
        }
    }

    pub(super) fn part(&self, limit: usize) -> Part<'_> {
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        Part { low: &self.low, high: &self.high, direction: self.direction, limit }
    }
}
