//! Reads a search as it was sent: the shape of the condition, place by place.

use std::sync::Arc;

use serde_json::{Map, Value};

use super::{Node, Search, Sort};
use crate::account_type::AccountType;
use crate::violation::Violation;

/// Deepest nesting of `and`, `or` and `not`.
pub const DEPTH_MAX: usize = 2;
/// Most conditions of one `and` or `or`.
pub const CLAUSES_MAX: usize = 20;

/// What a condition can be.
const FORMS: &str =
    "must be an object with exactly one of and, or, not, or with attribute, operator and value";

/// Reads a condition that is one test: its attribute, operator and value.
pub(super) type Leaf<'t, T> = fn(&mut Reader<'t>, &Value, &Value, &Value) -> Option<T>;

/// Where the reader stands, and what it found wrong so far.
pub(super) struct Reader<'t> {
    pub(super) types: &'t [Arc<AccountType>],
    path: Vec<String>,
    violations: Vec<Violation>,
}

impl<'t> Search<'t> {
    /// Reads the members `query` and `sort` of a search; null is as good as absent.
    ///
    /// # Errors
    /// Lists everything that is wrong; paths start at the body of the request.
    pub fn read(
        query: Option<&Value>,
        sort: Option<&Value>,
        types: &'t [Arc<AccountType>],
    ) -> Result<Self, Vec<Violation>> {
        let mut reader = Reader::new(types);
        let query = reader.query(query, Reader::leaf);
        let sort = match sort.filter(|sort| !sort.is_null()) {
            None => Some(Sort::default()),
            Some(sort) => reader.within("sort", |reader| reader.sort(sort)),
        };
        match sort {
            Some(sort) => reader.end(Self { query, sort }),
            None => Err(reader.violations),
        }
    }
}

impl<'t> Reader<'t> {
    pub(super) const fn new(types: &'t [Arc<AccountType>]) -> Self {
        Reader { types, path: Vec::new(), violations: Vec::new() }
    }

    /// What was read, unless something is wrong.
    pub(super) fn end<T>(self, read: T) -> Result<T, Vec<Violation>> {
        if self.violations.is_empty() { Ok(read) } else { Err(self.violations) }
    }

    /// Reads the member `query`; null is as good as absent.
    pub(super) fn query<T>(&mut self, query: Option<&Value>, leaf: Leaf<'t, T>) -> Option<Node<T>> {
        let query = query.filter(|query| !query.is_null())?;
        self.within("query", |reader| reader.node(query, 0, leaf))
    }

    /// Reads something one step further in.
    pub(super) fn within<T>(&mut self, step: &str, read: impl FnOnce(&mut Self) -> T) -> T {
        self.path.push(step.to_owned());
        let read = read(self);
        self.path.pop();
        read
    }

    /// Notes that what stands here is wrong.
    pub(super) fn refuse<T>(&mut self, message: impl Into<String>) -> Option<T> {
        self.violations.push(Violation { path: self.path.clone(), message: message.into() });
        None
    }

    /// Notes that a member of what stands here is wrong.
    pub(super) fn refuse_at<T>(&mut self, member: &str, message: impl Into<String>) -> Option<T> {
        self.within(member, |reader| reader.refuse(message))
    }

    fn node<T>(&mut self, node: &Value, depth: usize, leaf: Leaf<'t, T>) -> Option<Node<T>> {
        let Value::Object(members) = node else { return self.refuse(FORMS) };
        let forms = ["and", "or", "not"];
        let Some(form) = forms.into_iter().find(|form| members.contains_key(*form)) else {
            return self.leaf_of(members, leaf);
        };
        if members.len() > 1 {
            return self.refuse(FORMS);
        }
        if depth == DEPTH_MAX {
            return self.refuse_at(
                form,
                format!("must not stand here: and, or and not can be nested {DEPTH_MAX} levels deep"),
            );
        }
        let inner = members.get(form).unwrap_or(&Value::Null);
        self.within(form, |reader| match form {
            "and" => reader.clauses(inner, depth + 1, leaf).map(Node::And),
            "or" => reader.clauses(inner, depth + 1, leaf).map(Node::Or),
            _ => reader.node(inner, depth + 1, leaf).map(|node| Node::Not(Box::new(node))),
        })
    }

    fn clauses<T>(&mut self, list: &Value, depth: usize, leaf: Leaf<'t, T>) -> Option<Vec<Node<T>>> {
        let count = list.as_array().map_or(0, Vec::len);
        if !(1..=CLAUSES_MAX).contains(&count) {
            return self.refuse(format!("must be a list of 1 to {CLAUSES_MAX} conditions"));
        }
        let clauses = list.as_array().map(Vec::as_slice).unwrap_or_default();
        let read: Vec<Option<Node<T>>> = clauses
            .iter()
            .enumerate()
            .map(|(i, clause)| self.within(&i.to_string(), |reader| reader.node(clause, depth, leaf)))
            .collect();
        read.into_iter().collect()
    }

    fn leaf_of<T>(&mut self, members: &Map<String, Value>, leaf: Leaf<'t, T>) -> Option<Node<T>> {
        const MEMBERS: [&str; 3] = ["attribute", "operator", "value"];
        self.closed(members, &MEMBERS)?;
        if members.is_empty() {
            return self.refuse(FORMS);
        }
        let mut missing = false;
        for member in MEMBERS.iter().filter(|member| !members.contains_key(**member)) {
            missing = true;
            self.refuse_at::<()>(member, "is required");
        }
        if missing {
            return None;
        }
        let member = |name: &str| members.get(name).unwrap_or(&Value::Null);
        leaf(self, member("attribute"), member("operator"), member("value")).map(Node::Leaf)
    }

    /// Refuses members that are not known here.
    pub(super) fn closed(&mut self, members: &Map<String, Value>, known: &[&str]) -> Option<()> {
        let mut all_known = Some(());
        for unknown in members.keys().filter(|key| !known.contains(&key.as_str())) {
            all_known = self.refuse_at(unknown, format!("is not known here; known are {}", known.join(", ")));
        }
        all_known
    }
}
