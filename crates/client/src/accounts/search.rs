//! Searching accounts.

use std::fmt;

use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::{Account, Accounts};
use crate::call::Call;
use crate::endpoints as to;
use crate::list::List;

/// What accounts are to be like: conditions, combined two levels deep at the most.
///
/// ```
/// use muster_client::{Query, attribute, field};
///
/// let query = Query::and([
///     field("email_address").eq("ines.sala@example.com"),
///     Query::not(attribute("status").eq("Blocked")),
///     attribute("created_at").gte("2026-01-01"),
/// ]);
/// ```
#[derive(Clone, PartialEq)]
#[must_use]
pub struct Query(Value);

/// What of an account is looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use]
pub struct Attribute(String);

/// What a search has beside its query.
#[derive(Clone, Copy, Debug)]
pub enum SearchOptions {}

/// A field by its key, or a member of one: `email_address`, `name.first`. It must be searchable in its account type,
/// and ordered for ranges and sorting.
pub fn field(key: &str) -> Attribute {
    Attribute(format!("fields.{key}"))
}

/// An identifier of the account type by its key.
pub fn identifier(key: &str) -> Attribute {
    Attribute(format!("identifiers.{key}"))
}

/// Something that every account has: `type`, `status`, `created_at`, `updated_at` or `reference_id`.
pub fn attribute(name: &str) -> Attribute {
    Attribute(name.to_owned())
}

impl Attribute {
    /// It is equal to this.
    pub fn eq(self, value: impl Into<Value>) -> Query {
        self.compared("eq", value.into())
    }

    /// It is greater than this.
    pub fn gt(self, value: impl Into<Value>) -> Query {
        self.compared("gt", value.into())
    }

    /// It is this or greater.
    pub fn gte(self, value: impl Into<Value>) -> Query {
        self.compared("gte", value.into())
    }

    /// It is less than this.
    pub fn lt(self, value: impl Into<Value>) -> Query {
        self.compared("lt", value.into())
    }

    /// It is this or less.
    pub fn lte(self, value: impl Into<Value>) -> Query {
        self.compared("lte", value.into())
    }

    fn compared(self, operator: &str, value: Value) -> Query {
        let mut condition = json!({ "attribute": self.0, "operator": operator });
        condition["value"] = value;
        Query(condition)
    }
}

impl Query {
    /// Any account.
    pub fn any() -> Self {
        Self(Value::Null)
    }

    /// All of these hold.
    pub fn and(queries: impl IntoIterator<Item = Self>) -> Self {
        Self::combined("and", queries)
    }

    /// At least one of these holds.
    pub fn or(queries: impl IntoIterator<Item = Self>) -> Self {
        Self::combined("or", queries)
    }

    fn combined(how: &str, queries: impl IntoIterator<Item = Self>) -> Self {
        let all: Value = queries.into_iter().map(|query| query.0).collect();
        Self(Value::from_iter([(how, all)]))
    }

    /// The body of a search.
    pub(crate) fn body(&self) -> Value {
        match self.0 {
            Value::Null => json!({}),
            _ => json!({ "query": self.0 }),
        }
    }

    /// This does not hold.
    #[expect(clippy::should_implement_trait, reason = "it stands beside `and` and `or`")]
    pub fn not(query: Self) -> Self {
        Self(Value::from_iter([("not", query.0)]))
    }
}

impl fmt::Debug for Query {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Query [redacted]")
    }
}

impl Accounts {
    /// Searches accounts, newest first unless it is said otherwise. A change is found by the next request. A page
    /// that would take too long is cut short, and may be empty: only one without `next` is the last.
    pub fn search(&self, query: &Query) -> List<Account, SearchOptions> {
        List::new(self.client.clone(), Call::new(to::SEARCH_ACCOUNTS).reading().body(query.body()))
    }
}

impl<T: DeserializeOwned> List<T, SearchOptions> {
    /// Smallest or oldest first.
    pub fn ascending(self, by: &Attribute) -> Self {
        self.sorted(by, "asc")
    }

    /// Greatest or newest first.
    pub fn descending(self, by: &Attribute) -> Self {
        self.sorted(by, "desc")
    }

    fn sorted(self, by: &Attribute, direction: &str) -> Self {
        self.with(|call| {
            let mut body = call.body.clone().unwrap_or_default();
            body["sort"] = json!({ "attribute": by.0, "direction": direction });
            call.body(body)
        })
    }
}
