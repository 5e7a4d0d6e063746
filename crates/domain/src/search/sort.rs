//! The order of what was found.

use std::cmp::Ordering;

use serde_json::{Map, Value};

use super::leaf::Attribute;
use super::read::Reader;
use super::{Place, Subject};
use crate::fold::fold;
use crate::id::{AccountStatusId, AccountTypeId};
use crate::time::Timestamp;

/// An order of accounts. Those without a value come last; ties are in the order of the IDs, in the same
/// direction.
#[derive(Clone, Debug)]
pub struct Sort<'t> {
    /// What accounts are sorted by.
    pub by: SortBy<'t>,
    /// Which end comes first.
    pub direction: Direction,
}

/// What accounts are sorted by.
#[derive(Clone, Debug)]
pub enum SortBy<'t> {
    /// When they were created: the order of their IDs.
    CreatedAt,
    /// When they last changed.
    UpdatedAt,
    /// The ID of their type.
    Type,
    /// The name of their status, folded: the statuses of all types with their names.
    Status(Vec<(AccountStatusId, String)>),
    /// A field that is kept in order, in the types that have it.
    Field(Vec<(&'t AccountTypeId, Place<'t>)>),
}

/// Which end comes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// The smallest, the oldest.
    Ascending,
    /// The greatest, the newest.
    Descending,
}

/// What one account is sorted by.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum SortKey {
    /// Nothing but its ID.
    Id,
    /// An instant.
    Instant(Timestamp),
    /// A text that is not personal.
    Text(String),
    /// A value in bytes that are in order.
    Bytes(Vec<u8>),
}

impl Direction {
    /// The other one.
    #[must_use]
    pub const fn reversed(self) -> Self {
        match self {
            Self::Ascending => Self::Descending,
            Self::Descending => Self::Ascending,
        }
    }

    /// How two things come in this direction, given how they compare.
    #[must_use]
    pub const fn apply(self, ordering: Ordering) -> Ordering {
        match self {
            Self::Ascending => ordering,
            Self::Descending => ordering.reverse(),
        }
    }
}

impl Default for Sort<'_> {
    fn default() -> Self {
        Self { by: SortBy::CreatedAt, direction: Direction::Descending }
    }
}

impl Sort<'_> {
    /// What an account is sorted by; nothing if it has no value.
    #[must_use]
    pub fn key(&self, account: &Subject<'_>) -> Option<SortKey> {
        match &self.by {
            SortBy::CreatedAt => Some(SortKey::Id),
            SortBy::UpdatedAt => Some(SortKey::Instant(account.updated_at)),
            SortBy::Type => Some(SortKey::Text(account.account_type.to_string())),
            SortBy::Status(names) => {
                let name = names.iter().find(|(id, _)| id == account.status)?;
                Some(SortKey::Text(name.1.clone()))
            }
            SortBy::Field(places) => {
                let (_, place) = places.iter().find(|(ty, _)| *ty == account.account_type)?;
                Some(SortKey::Bytes(place.value(account.fields)?.ordered_bytes()))
            }
        }
    }

    /// Which of two accounts comes first, by their keys and IDs.
    #[must_use]
    pub fn compare(&self, a: (Option<&SortKey>, &str), b: (Option<&SortKey>, &str)) -> Ordering {
        let by_key = match (a.0, b.0) {
            (Some(x), Some(y)) => self.direction.apply(x.cmp(y)),
            // None is less than any key, but comes last.
            (x, y) => y.is_some().cmp(&x.is_some()),
        };
        by_key.then_with(|| self.direction.apply(a.1.cmp(b.1)))
    }
}

impl<'t> Reader<'t> {
    /// Reads the member `sort`.
    pub(super) fn sort(&mut self, sort: &Value) -> Option<Sort<'t>> {
        const KNOWN: &str = "must be created_at, updated_at, type, status or fields.<key>";
        let Value::Object(members) = sort else {
            return self.refuse("must be an object with attribute and direction");
        };
        self.closed(members, &["attribute", "direction"])?;
        let direction = self.direction(members);
        let attribute = match members.get("attribute") {
            None => self.refuse_at("attribute", "is required"),
            Some(Value::String(name)) => self.attribute(name, KNOWN),
            Some(_) => self.refuse_at("attribute", KNOWN),
        };
        let by = match attribute? {
            Attribute::CreatedAt => SortBy::CreatedAt,
            Attribute::UpdatedAt => SortBy::UpdatedAt,
            Attribute::Type => SortBy::Type,
            Attribute::Status => SortBy::Status(self.status_names()),
            Attribute::ReferenceId => return self.refuse_at("attribute", KNOWN),
            Attribute::Field(places) => {
                let ordered: Vec<_> = places.into_iter().filter(|(_, place)| place.ordered).collect();
                if ordered.is_empty() {
                    return self.refuse_at(
                        "attribute",
                        "names a field that is not kept in order; set ordered = true in its field schema",
                    );
                }
                SortBy::Field(ordered)
            }
        };
        Some(Sort { by, direction: direction? })
    }

    /// Reads the member `direction` of `sort`.
    pub(super) fn direction(&mut self, members: &Map<String, Value>) -> Option<Direction> {
        match members.get("direction").map(|direction| direction.as_str().unwrap_or_default()) {
            None | Some("desc") => Some(Direction::Descending),
            Some("asc") => Some(Direction::Ascending),
            Some(_) => self.refuse_at("direction", "must be asc or desc"),
        }
    }

    fn status_names(&self) -> Vec<(AccountStatusId, String)> {
        let statuses = self.types.iter().flat_map(|ty| &ty.statuses);
        statuses.map(|status| (status.id.clone(), fold(&status.name))).collect()
    }
}
