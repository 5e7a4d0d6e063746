//! A request of a method of this crate, before it goes out.

use bytes::Bytes;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value;

use crate::endpoints::Endpoint;

/// What needs no encoding in a path or a query is unreserved (RFC 3986), nothing else.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// What sending a POST does to the server.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Effect {
    Reads,
    Writes,
}

/// A request of a method of this crate.
#[derive(Clone)]
pub(crate) struct Call {
    pub endpoint: Endpoint,
    id: String,
    /// What stands in the path behind the ID.
    part: String,
    query: Vec<(String, String)>,
    pub body: Option<Value>,
    /// A body that is no JSON.
    pub content: Option<Bytes>,
    effect: Effect,
}

impl Call {
    pub fn new(endpoint: Endpoint) -> Self {
        let (id, part) = (String::new(), String::new());
        Self { endpoint, id, part, query: Vec::new(), body: None, content: None, effect: Effect::Writes }
    }

    /// The request about the object with this ID.
    pub fn of(endpoint: Endpoint, id: &str) -> Self {
        Self { id: utf8_percent_encode(id, RESERVED).to_string(), ..Self::new(endpoint) }
    }

    /// The request about a part of the object.
    pub fn part(self, part: &str) -> Self {
        Self { part: utf8_percent_encode(part, RESERVED).to_string(), ..self }
    }

    /// Sends bytes as they are.
    pub fn content(self, content: Bytes) -> Self {
        Self { content: Some(content), ..self }
    }

    /// Says that it changes nothing, though it may be a POST.
    pub fn reading(self) -> Self {
        Self { effect: Effect::Reads, ..self }
    }

    pub fn is_writing(&self) -> bool {
        self.effect == Effect::Writes
    }

    pub fn body(self, body: Value) -> Self {
        Self { body: Some(body), ..self }
    }

    /// Sets a parameter of the query.
    pub fn query(mut self, name: &str, value: &str) -> Self {
        self.query.retain(|(known, _)| known != name);
        self.query.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Sets a filter to any of these values; to none of them, nothing is found. A comma within one is no problem:
    /// each is a parameter of its own.
    pub fn filter<S: Into<String>>(mut self, name: &str, values: impl IntoIterator<Item = S>) -> Self {
        let name = format!("filter[{name}][]");
        self.query.retain(|(known, _)| *known != name);
        let mut values = values.into_iter().map(Into::into).peekable();
        if values.peek().is_none() {
            self.query.push((name, String::new()));
            return self;
        }
        self.query.extend(values.map(|value| (name.clone(), value)));
        self
    }

    /// Whether a parameter of the query is set.
    pub fn has(&self, name: &str) -> bool {
        self.query.iter().any(|(known, _)| known == name)
    }

    /// Its path with its query.
    pub fn target(&self) -> String {
        let mut path = self.endpoint.path.to_owned();
        for value in [&self.id, &self.part] {
            if let Some((before, rest)) = path.split_once('{') {
                path = format!("{before}{value}{}", rest.split_once('}').map_or("", |(_, after)| after));
            }
        }
        let encoded = |text: &str| utf8_percent_encode(text, RESERVED).to_string();
        let pairs = self.query.iter().map(|(name, value)| format!("{}={}", encoded(name), encoded(value)));
        let query = pairs.collect::<Vec<_>>().join("&");
        if query.is_empty() { path } else { format!("{path}?{query}") }
    }
}
