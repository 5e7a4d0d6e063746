//! What the documentation of an operation shows: its body, examples of it, its reply.
//!
//! Schemas are JSON Schema (2020-12), in the newest version and in kebab case. Those of resources have names
//! ([`crate::resources::schemas`]) and are referred to by them.

use serde_json::{Value, json};

/// What is shown of an operation beside what its row says.
#[derive(Clone, Copy)]
pub struct Doc {
    /// More than the summary tells, in Markdown; empty where there is no more to say.
    pub text: &'static str,
    /// Statuses of success.
    pub success: &'static [u16],
    /// The schema of its body; none when it takes none.
    pub body: Option<fn() -> Value>,
    /// Bodies that work when they are sent.
    pub examples: fn() -> Vec<Example>,
    /// Its reply.
    pub reply: Shape,
    /// The schema of `meta` in its reply; none when there is none.
    pub meta: Option<fn() -> Value>,
}

/// A body that works when it is sent.
///
/// `$account-id` and the like stand for IDs of what must exist: the test that sends all examples fills them
/// in, the documentation shows an ID of that kind.
pub struct Example {
    /// A name for programs, such as `by-reference-id`.
    pub name: &'static str,
    /// A line for people.
    pub summary: &'static str,
    /// The body.
    pub body: Value,
}

/// What `data` of a reply is.
#[derive(Clone, Copy)]
pub enum Shape {
    /// One resource, by the name of its schema.
    One(&'static str),
    /// A list of resources with links to the pages beside it.
    Page(&'static str),
    /// A list of resources without links.
    List(&'static str),
}

impl Doc {
    /// An operation that answers 200 with one resource.
    #[must_use]
    pub const fn one(resource: &'static str) -> Self {
        Self {
            text: "",
            success: &[200],
            body: None,
            examples: Vec::new,
            reply: Shape::One(resource),
            meta: None,
        }
    }

    /// An operation that answers 200 with a page of resources.
    #[must_use]
    pub const fn page(resource: &'static str) -> Self {
        Self { reply: Shape::Page(resource), ..Self::one(resource) }
    }
}

/// A body `{"data": {"attributes": …}}`.
#[must_use]
pub fn attributes(attributes: &Value) -> Value {
    json!({ "data": { "attributes": attributes } })
}

/// The schema of an object with these members and no others.
#[must_use]
pub fn object(members: &Value, required: &[&str]) -> Value {
    json!({ "type": "object", "properties": members, "required": required, "additionalProperties": false })
}

/// The schema of a body `{"data": {"attributes": …}}` with these attributes.
#[must_use]
pub fn attributes_schema(members: &Value, required: &[&str]) -> Value {
    let attributes = object(members, required);
    let data = object(&json!({ "attributes": attributes }), &["attributes"]);
    object(&json!({ "data": data }), &["data"])
}
