//! What an account is to be like.

use std::fmt;

use serde_json::{Map, Value, json};

/// An account that is to be created.
#[derive(Clone, Default, PartialEq)]
#[must_use]
pub struct NewAccount {
    attributes: Map<String, Value>,
    upsert_by: Option<String>,
}

/// What is to change in an account. What is not named stays as it is.
#[derive(Clone, Default, PartialEq)]
#[must_use]
pub struct AccountChanges {
    attributes: Map<String, Value>,
}

impl NewAccount {
    /// An account of the default type that has nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// The ID of its account type; the default type when it is not said.
    pub fn account_type_id(self, id: impl Into<String>) -> Self {
        self.with("account-type-id", id.into())
    }

    /// The ID that another system gave it. No two accounts of a type have the same.
    pub fn reference_id(self, id: impl Into<String>) -> Self {
        self.with("reference-id", id.into())
    }

    /// The name of its status.
    pub fn status(self, name: impl Into<String>) -> Self {
        self.with("account-status", name.into())
    }

    /// The names of its tags. A tag that does not exist is created.
    pub fn tags<S: Into<String>>(self, names: impl IntoIterator<Item = S>) -> Self {
        self.with("tags", texts(names))
    }

    /// A field by its key. Values are sent bare: a text for a date, an object for a hash.
    pub fn field(mut self, key: impl Into<String>, value: impl Into<Value>) -> Self {
        set_field(&mut self.attributes, key.into(), value.into());
        self
    }

    /// Updates the account that has the same value of a key, instead of refusing: `reference-id`, or the key
    /// of a unique identifier of the account type.
    pub fn upsert_by(self, key: impl Into<String>) -> Self {
        Self { upsert_by: Some(key.into()), ..self }
    }

    fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.attributes.insert(name.to_owned(), value.into());
        self
    }

    pub(crate) fn body(&self) -> Value {
        let mut body = json!({ "data": { "attributes": self.attributes } });
        if let Some(key) = &self.upsert_by {
            body["meta"] = json!({ "upsert-by": key });
        }
        body
    }

    pub(crate) fn item(&self) -> Value {
        let mut item = json!({ "attributes": self.attributes });
        if let Some(key) = &self.upsert_by {
            item["meta"] = json!({ "upsert-by": key });
        }
        item
    }
}

impl AccountChanges {
    /// Changes that change nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Gives it another reference ID.
    pub fn reference_id(self, id: impl Into<String>) -> Self {
        self.with("reference-id", id.into())
    }

    /// Takes its reference ID away.
    pub fn no_reference_id(self) -> Self {
        self.with("reference-id", Value::Null)
    }

    /// Gives it the status with this name.
    pub fn status(self, name: impl Into<String>) -> Self {
        self.with("account-status", name.into())
    }

    /// Gives it these tags and no others.
    pub fn tags<S: Into<String>>(self, names: impl IntoIterator<Item = S>) -> Self {
        self.with("tags", texts(names))
    }

    /// Sets a field by its key. Values are sent bare; the members of `name` and `address` change one by one.
    pub fn field(mut self, key: impl Into<String>, value: impl Into<Value>) -> Self {
        set_field(&mut self.attributes, key.into(), value.into());
        self
    }

    /// Clears a field.
    pub fn clear(self, key: impl Into<String>) -> Self {
        self.field(key, Value::Null)
    }

    fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.attributes.insert(name.to_owned(), value.into());
        self
    }

    pub(crate) fn body(&self) -> Value {
        json!({ "data": { "attributes": self.attributes } })
    }

    pub(crate) fn item(&self, account_id: &str) -> Value {
        json!({ "id": account_id, "attributes": self.attributes })
    }
}

fn texts<S: Into<String>>(names: impl IntoIterator<Item = S>) -> Vec<String> {
    names.into_iter().map(Into::into).collect()
}

fn set_field(attributes: &mut Map<String, Value>, key: String, value: Value) {
    let fields = attributes.entry("fields").or_insert_with(|| json!({}));
    if let Value::Object(fields) = fields {
        fields.insert(key, value);
    }
}

/// Writes the names of what is set.
fn names(attributes: &Map<String, Value>) -> String {
    attributes.keys().map(String::as_str).collect::<Vec<_>>().join(", ")
}

impl fmt::Debug for NewAccount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "NewAccount [redacted: {}]", names(&self.attributes))
    }
}

impl fmt::Debug for AccountChanges {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "AccountChanges [redacted: {}]", names(&self.attributes))
    }
}
