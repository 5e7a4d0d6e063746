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
    /// Filters that take one value, and what it is.
    pub filters: &'static [OneValue],
}

/// A filter that takes one value.
#[derive(Clone, Copy)]
pub struct OneValue {
    /// Its name, such as `at`.
    pub name: &'static str,
    /// What it is.
    pub about: &'static str,
    /// Whether it must be there.
    pub need: Need,
}

/// Whether a filter must be there.
#[derive(Clone, Copy)]
pub enum Need {
    /// It may be left out.
    Optional,
    /// It must be there; a value that works.
    Required(&'static str),
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
    /// A list of resources that has no pages: its links are always null.
    Whole(&'static str),
    /// A list of resources without links.
    List(&'static str),
    /// No JSON at all: a PDF of resources of these types, or families of types.
    Pdf(&'static [&'static str]),
    /// No JSON at all: a table of what resources of these types, or families of types, hold.
    Csv(&'static [&'static str]),
}

impl Shape {
    /// The name of the schema of its resources.
    #[must_use]
    pub const fn schema(self) -> &'static str {
        match self {
            Self::One(name) | Self::Page(name) | Self::Whole(name) | Self::List(name) => name,
            Self::Pdf(_) | Self::Csv(_) => "",
        }
    }
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
            filters: &[],
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

/// The schema of a body with these attributes, by their schemas; those of `required` must be sent.
///
/// That null stands for `data` or `attributes` that are left out is taken, but not told.
#[must_use]
pub fn body(members: &Value, required: &[&str]) -> Value {
    let outer = |name: &'static str| if required.is_empty() { vec![] } else { vec![name] };
    let data = json!({
        "type": { "description": "The type of the resource. Not looked at." },
        "attributes": object(members, required),
    });
    object(&json!({ "data": object(&data, &outer("attributes")) }), &outer("data"))
}

/// The schema of an object with these members and no others.
#[must_use]
pub fn object(members: &Value, required: &[&str]) -> Value {
    json!({ "type": "object", "properties": members, "required": required, "additionalProperties": false })
}

/// The schema of a resource object: its type, the prefix of its IDs, its attributes, its relationships (none
/// when that is an empty object).
#[must_use]
pub fn resource(kind: &str, prefix: &str, attributes: &Value, relationships: &Value) -> Value {
    let mut members = json!({ "type": constant(kind), "id": id(prefix), "attributes": attributes });
    let mut required = vec!["type", "id", "attributes"];
    if let Some(names) = relationships.as_object().filter(|names| !names.is_empty()) {
        let all: Vec<&str> = names.keys().map(String::as_str).collect();
        members["relationships"] = object(relationships, &all);
        required.push("relationships");
    }
    object(&members, &required)
}

/// The schema of a relationship to one resource of a type.
#[must_use]
pub fn to_one(kind: &str, prefix: &str) -> Value {
    object(&json!({ "data": identity(kind, prefix) }), &["data"])
}

/// The schema of a relationship to any number of resources of a type.
#[must_use]
pub fn to_many(kind: &str, prefix: &str) -> Value {
    object(&json!({ "data": { "type": "array", "items": identity(kind, prefix) } }), &["data"])
}

/// The schema of a relationship to one resource of a type, of any type without one, or to none.
#[must_use]
pub fn to_one_or_none(kind: Option<&str>) -> Value {
    let kind = kind.map_or_else(|| json!({ "type": "string" }), constant);
    let members = json!({ "type": kind, "id": { "type": "string" } });
    object(&json!({ "data": nullable(object(&members, &["type", "id"])) }), &["data"])
}

/// The schema of a relationship to any number of resources, each with its type.
#[must_use]
pub fn to_any() -> Value {
    let members = json!({ "type": { "type": "string" }, "id": { "type": "string" } });
    object(&json!({ "data": { "type": "array", "items": object(&members, &["type", "id"]) } }), &["data"])
}

fn identity(kind: &str, prefix: &str) -> Value {
    object(&json!({ "type": constant(kind), "id": id(prefix) }), &["type", "id"])
}

/// The schema of an ID with this prefix, such as `act_`.
#[must_use]
pub fn id(prefix: &str) -> Value {
    json!({ "type": "string", "pattern": format!("^{prefix}[0-9A-Za-z]{{1,28}}$") })
}

/// The schema of one text and no other.
#[must_use]
pub fn constant(text: &str) -> Value {
    json!({ "type": "string", "const": text })
}

/// The schema of an instant.
#[must_use]
pub fn instant() -> Value {
    json!({ "type": "string", "format": "date-time" })
}

/// A schema that takes null, too. It must have a `type`; with an `enum`, null is one more of it.
#[must_use]
pub fn nullable(mut schema: Value) -> Value {
    let kind = schema["type"].take();
    schema["type"] = json!([kind, "null"]);
    if let Some(Value::Array(options)) = schema.get_mut("enum") {
        options.push(Value::Null);
    }
    schema
}

/// A schema with a description.
#[must_use]
pub fn described(mut schema: Value, text: &str) -> Value {
    schema["description"] = text.into();
    schema
}

/// A schema by its name.
#[must_use]
pub fn named(schema: &str) -> Value {
    json!({ "$ref": format!("#/components/schemas/{schema}") })
}
