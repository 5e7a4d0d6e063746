//! JSON:API documents, read into flat types.
//!
//! A resource object becomes an object of its ID, its attributes, and its relationships as `<name>-id` (an ID)
//! or `<name>-ids` (a list of IDs). The types of this crate are derived from that.

use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use crate::error::{Error, Result};
use crate::list::{Cursor, Page};
use crate::transport::Answer;

/// The body of a reply.
pub(crate) struct Document {
    pub status: u16,
    request_id: Option<String>,
    body: Value,
}

impl Document {
    pub fn new(answer: Answer) -> Self {
        Self { status: answer.status, request_id: answer.request_id, body: answer.body }
    }

    /// The one resource of the reply.
    pub fn one<T: DeserializeOwned>(&mut self) -> Result<T> {
        let data = self.body.get_mut("data").map(Value::take).unwrap_or_default();
        read(data).ok_or_else(|| self.unexpected::<T>("data"))
    }

    /// All resources of the reply.
    pub fn many<T: DeserializeOwned>(&mut self) -> Result<Vec<T>> {
        let data = self.body.get_mut("data").map(Value::take).unwrap_or_default();
        let Value::Array(items) = data else { return Err(self.unexpected::<T>("data")) };
        let read_all: Option<Vec<T>> = items.into_iter().map(read).collect();
        read_all.ok_or_else(|| self.unexpected::<T>("data"))
    }

    /// The resources of the reply, and where the pages beside it are.
    pub fn page<T: DeserializeOwned>(&mut self) -> Result<Page<T>> {
        let items = self.many()?;
        let link = |name: &str| {
            self.body.pointer(&format!("/links/{name}")).and_then(Value::as_str).and_then(Cursor::of_link)
        };
        Ok(Page { items, next: link("next"), prev: link("prev") })
    }

    /// What stands beside the resources.
    pub fn meta<T: DeserializeOwned>(&mut self) -> Result<T> {
        let meta = self.body.get_mut("meta").map(Value::take).unwrap_or_default();
        serde_json::from_value(meta).map_err(|_| self.unexpected::<T>("meta"))
    }

    /// What was read may be personal: it is not told.
    fn unexpected<T>(&self, member: &str) -> Error {
        let wanted = std::any::type_name::<T>().rsplit("::").next().unwrap_or_default();
        let what = format!("the {member} of its reply cannot be read as {wanted}");
        Error::Unexpected { status: self.status, request_id: self.request_id.clone(), what }
    }
}

/// Reads a resource object.
pub(crate) fn read<T: DeserializeOwned>(resource: Value) -> Option<T> {
    serde_json::from_value(flattened(resource)?).ok()
}

/// The members of an object that is no resource: what happened to a report. Its type becomes its kind.
fn plain(object: &Map<String, Value>) -> Map<String, Value> {
    let members = object.iter().filter(|(name, _)| !["id", "relationships", "meta"].contains(&name.as_str()));
    let named = |name: &str| if name == "type" { "kind".to_owned() } else { name.to_owned() };
    members.map(|(name, value)| (named(name), value.clone())).collect()
}

fn flattened(resource: Value) -> Option<Value> {
    let Value::Object(mut resource) = resource else { return None };
    let mut flat = match resource.remove("attributes") {
        Some(Value::Object(attributes)) => attributes,
        None => plain(&resource),
        Some(_) => return None,
    };
    if let Some(id) = resource.remove("id") {
        flat.insert("id".to_owned(), id);
    }
    if let Some(Value::Object(relationships)) = resource.remove("relationships") {
        for (name, mut relationship) in relationships {
            let id = |identity: &Value| identity.get("id").cloned().unwrap_or_default();
            match relationship.get_mut("data").map(Value::take) {
                Some(Value::Array(list)) => {
                    flat.insert(format!("{name}-ids"), list.iter().map(id).collect());
                }
                data => {
                    flat.insert(format!("{name}-id"), data.as_ref().map(id).unwrap_or_default());
                }
            }
        }
    }
    Some(Value::Object(flat))
}
