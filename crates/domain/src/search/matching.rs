//! Decides whether one account is what is searched for.

use super::{Comparable, FieldTest, Query, Test};
use crate::account::Fields;
use crate::fold::fold;
use crate::id::{AccountStatusId, AccountTypeId};
use crate::time::Timestamp;

/// What of an account can be searched.
#[derive(Clone, Copy, Debug)]
pub struct Subject<'a> {
    /// Its type.
    pub account_type: &'a AccountTypeId,
    /// Its status.
    pub status: &'a AccountStatusId,
    /// The caller's key.
    pub reference_id: Option<&'a str>,
    /// Its field values.
    pub fields: &'a Fields,
    /// When it was created.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
}

impl Query<'_> {
    /// Whether an account is what is searched for.
    #[must_use]
    pub fn matches(&self, account: &Subject<'_>) -> bool {
        self.holds(&|test: &Test<'_>| test.matches(account))
    }
}

impl Test<'_> {
    fn matches(&self, account: &Subject<'_>) -> bool {
        let shown = |instant: Timestamp| Comparable::Instant(instant.whole_seconds());
        match self {
            Self::Status(pairs) => {
                pairs.iter().any(|(ty, status)| ty == account.account_type && status == account.status)
            }
            Self::CreatedAt(range) => range.contains(&shown(account.created_at)),
            Self::UpdatedAt(range) => range.contains(&shown(account.updated_at)),
            Self::ReferenceId(folded) => account.reference_id.is_some_and(|id| fold(id) == *folded),
            Self::Field(tests) => tests.iter().any(|test| test.matches(account)),
        }
    }
}

impl FieldTest<'_> {
    fn matches(&self, account: &Subject<'_>) -> bool {
        self.account_type == account.account_type
            && self.place.value(account.fields).is_some_and(|value| self.range.contains(&value))
    }
}
