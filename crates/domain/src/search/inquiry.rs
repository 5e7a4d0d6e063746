//! What a search of inquiries asks for, and which inquiries answer it (spec A.5).

use std::cmp::Ordering;
use std::collections::BTreeSet;
use std::fmt;

use serde_json::Value;

use super::leaf::{INSTANT, ONLY_EQ, Operator, instants};
use super::place::is_inflected;
use super::read::Reader;
use super::{Comparable, Direction, Node, Range};
use crate::fold::fold;
use crate::id::InquiryTemplateId;
use crate::inquiry::InquiryStatus;
use crate::time::Timestamp;
use crate::violation::Violation;

const ATTRIBUTES: &str = "must be status, created_at, updated_at, reference_id or inquiry_template_id";
const SORTS: &str = "must be created_at, updated_at or status";

/// A search of inquiries that was understood.
#[derive(Clone, Debug)]
pub struct InquirySearch {
    /// What inquiries must be like; nothing where all are wanted.
    pub query: Option<Node<InquiryTest>>,
    /// What they are sorted by.
    pub sort: InquirySort,
    /// Which end comes first.
    pub direction: Direction,
}

/// A condition on one attribute of an inquiry.
#[derive(Clone)]
pub enum InquiryTest {
    /// The status is one of these.
    Status(BTreeSet<InquiryStatus>),
    /// It was created in this range of whole milliseconds.
    CreatedAt(Range),
    /// It was last changed in this range of whole milliseconds.
    UpdatedAt(Range),
    /// The reference ID of its account folds to this.
    ReferenceId(String),
    /// It was made from this template.
    Template(InquiryTemplateId),
}

impl fmt::Debug for InquiryTest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("InquiryTest([redacted])")
    }
}

/// What inquiries are sorted by; ties are in the order of their IDs, in the same direction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InquirySort {
    /// When they were created: the order of their IDs.
    CreatedAt,
    /// When they last changed.
    UpdatedAt,
    /// The name of their status.
    Status,
}

/// What of an inquiry can be searched.
#[derive(Clone, Copy, Debug)]
pub struct InquirySubject<'a> {
    /// Its ID.
    pub id: &'a str,
    /// Where it stands.
    pub status: InquiryStatus,
    /// The template it was made from.
    pub template: &'a InquiryTemplateId,
    /// The reference ID of its account.
    pub reference_id: Option<&'a str>,
    /// When it was created.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
}

impl InquirySearch {
    /// Reads the members `query` and `sort` of a search; null is as good as absent.
    ///
    /// # Errors
    /// Lists everything that is wrong; paths start at the body of the request.
    pub fn read(query: Option<&Value>, sort: Option<&Value>) -> Result<Self, Vec<Violation>> {
        let mut reader = Reader::new(&[]);
        let query = reader.query(query, Reader::inquiry_leaf);
        let sort = match sort.filter(|sort| !sort.is_null()) {
            None => Some((InquirySort::CreatedAt, Direction::Descending)),
            Some(sort) => reader.within("sort", |reader| reader.inquiry_sort(sort)),
        };
        let (sort, direction) = sort.unwrap_or((InquirySort::CreatedAt, Direction::Descending));
        reader.end(Self { query, sort, direction })
    }

    /// Whether an inquiry is what is searched for.
    #[must_use]
    pub fn matches(&self, inquiry: &InquirySubject<'_>) -> bool {
        self.query.as_ref().is_none_or(|query| query.holds(&|test: &InquiryTest| test.matches(inquiry)))
    }

    /// Which of two inquiries comes first.
    #[must_use]
    pub fn compare(&self, a: &InquirySubject<'_>, b: &InquirySubject<'_>) -> Ordering {
        let by_key = match self.sort {
            InquirySort::CreatedAt => Ordering::Equal,
            InquirySort::UpdatedAt => a.updated_at.cmp(&b.updated_at),
            InquirySort::Status => a.status.as_str().cmp(b.status.as_str()),
        };
        self.direction.apply(by_key.then_with(|| a.id.cmp(b.id)))
    }

    /// The tests that must all hold: those at the top.
    pub fn required(&self) -> impl Iterator<Item = &InquiryTest> {
        let nodes: &[Node<InquiryTest>] = match &self.query {
            None => &[],
            Some(Node::And(all)) => all,
            Some(one) => std::slice::from_ref(one),
        };
        nodes.iter().filter_map(|node| match node {
            Node::Leaf(test) => Some(test),
            _ => None,
        })
    }
}

/// An instant as inquiries show it.
fn shown(instant: Timestamp) -> Comparable {
    Comparable::Instant(Timestamp::from_micros(instant.as_millis() * 1000))
}

impl InquiryTest {
    fn matches(&self, inquiry: &InquirySubject<'_>) -> bool {
        match self {
            Self::Status(any) => any.contains(&inquiry.status),
            Self::CreatedAt(range) => range.contains(&shown(inquiry.created_at)),
            Self::UpdatedAt(range) => range.contains(&shown(inquiry.updated_at)),
            Self::ReferenceId(folded) => inquiry.reference_id.is_some_and(|id| fold(id) == *folded),
            Self::Template(id) => inquiry.template == id,
        }
    }
}

impl Reader<'_> {
    fn inquiry_leaf(&mut self, attribute: &Value, operator: &Value, value: &Value) -> Option<InquiryTest> {
        const NAMES: [&str; 5] =
            ["status", "created_at", "updated_at", "reference_id", "inquiry_template_id"];
        let name =
            attribute.as_str().and_then(|sent| NAMES.into_iter().find(|name| is_inflected(sent, name)));
        let name = match name {
            Some(name) => Some(name),
            None => self.refuse_at("attribute", ATTRIBUTES),
        };
        let operator = self.operator(operator, value);
        let (name, operator) = (name?, operator?);
        match name {
            "created_at" => self.inquiry_moment(operator, value).map(InquiryTest::CreatedAt),
            "updated_at" => self.inquiry_moment(operator, value).map(InquiryTest::UpdatedAt),
            _ if operator != Operator::Eq => self.refuse_at("operator", ONLY_EQ),
            "status" => match value.as_str().and_then(InquiryStatus::parse) {
                Some(status) => Some(InquiryTest::Status(BTreeSet::from([status]))),
                None => {
                    let known = InquiryStatus::ALL.map(InquiryStatus::as_str).join(", ");
                    self.refuse_at("value", format!("must be one of {known}"))
                }
            },
            "reference_id" => self.reference_id(value).map(InquiryTest::ReferenceId),
            _ => match value.as_str().and_then(|id| id.parse().ok()) {
                Some(id) => Some(InquiryTest::Template(id)),
                None => self.refuse_at("value", "must be the ID of an inquiry template, itmpl_…"),
            },
        }
    }

    fn inquiry_moment(&mut self, operator: Operator, value: &Value) -> Option<Range> {
        match value.as_str().and_then(instants) {
            Some((first, last)) => Some(operator.range(shown(first), shown(last))),
            None => self.refuse_at("value", INSTANT),
        }
    }

    fn inquiry_sort(&mut self, sort: &Value) -> Option<(InquirySort, Direction)> {
        let Value::Object(members) = sort else {
            return self.refuse("must be an object with attribute and direction");
        };
        self.closed(members, &["attribute", "direction"])?;
        let direction = self.direction(members);
        let named = |name: &str| match name {
            name if is_inflected(name, "created_at") => Some(InquirySort::CreatedAt),
            name if is_inflected(name, "updated_at") => Some(InquirySort::UpdatedAt),
            "status" => Some(InquirySort::Status),
            _ => None,
        };
        let by = match members.get("attribute") {
            None => self.refuse_at("attribute", "is required"),
            Some(name) => match name.as_str().and_then(named) {
                Some(by) => Some(by),
                None => self.refuse_at("attribute", SORTS),
            },
        };
        Some((by?, direction?))
    }
}
