//! The top level of a reply.

use serde_json::{Map, Value, json};

/// `data`, `included`, `links` and `meta` of a reply, before version and inflection.
#[derive(Default)]
pub struct Payload {
    /// One resource or a list of them.
    pub data: Value,
    /// Objects named by `include`.
    pub included: Vec<Value>,
    /// Links to the pages beside this one: previous, next.
    pub links: Option<(Option<String>, Option<String>)>,
    /// What is told beside the data.
    pub meta: Option<Value>,
}

impl Payload {
    /// A reply of one resource.
    pub fn one(data: Value) -> Self {
        Self { data, ..Self::default() }
    }

    /// The JSON of the reply. An empty `included` is only shown when the request named `include`.
    pub fn into_value(self, include_named: bool) -> Value {
        let mut top = Map::new();
        top.insert("data".into(), self.data);
        if include_named || !self.included.is_empty() {
            top.insert("included".into(), Value::Array(self.included));
        }
        if let Some((prev, next)) = self.links {
            top.insert("links".into(), json!({ "prev": prev, "next": next }));
        }
        if let Some(meta) = self.meta {
            top.insert("meta".into(), meta);
        }
        Value::Object(top)
    }
}
