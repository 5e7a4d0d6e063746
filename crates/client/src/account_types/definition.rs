//! Account types as they are written.

use serde_json::{Map, Value, json};

/// The definition of an account type, as a whole.
#[derive(Clone, Debug, PartialEq)]
#[must_use]
pub struct AccountTypeDefinition {
    attributes: Map<String, Value>,
}

/// The definition of a field. What is not said takes its default.
#[derive(Clone, Debug, PartialEq)]
#[must_use]
pub struct FieldDefinition {
    members: Map<String, Value>,
}

impl AccountTypeDefinition {
    /// A type with a name and nothing else. No other type may have it.
    pub fn new(name: impl Into<String>) -> Self {
        Self { attributes: Map::from_iter([("name".to_owned(), Value::String(name.into()))]) }
    }

    /// Adds a field.
    pub fn field(self, field: FieldDefinition) -> Self {
        self.with("field-schemas", Value::Object(field.members))
    }

    /// Adds a status in a colour. One of several must be the default: [`Self::default_status`].
    pub fn status(self, name: &str, color: &str) -> Self {
        self.with("account-statuses", json!({ "name": name, "color": color }))
    }

    /// Adds the status that new accounts get.
    pub fn default_status(self, name: &str, color: &str) -> Self {
        self.with("account-statuses", json!({ "name": name, "color": color, "default": true }))
    }

    /// Lets accounts be looked up by a field that two accounts may have alike.
    pub fn identifier(self, field: &str) -> Self {
        self.with("identifiers", json!({ "key": field }))
    }

    /// Lets accounts be looked up by a field that no two accounts may have alike.
    pub fn unique_identifier(self, field: &str) -> Self {
        self.with("identifiers", json!({ "key": field, "unique": true }))
    }

    /// Adds a link to at most one account of the type with the name `target`.
    pub fn relation(self, key: &str, target: &str) -> Self {
        self.with("relation-schemas", json!({ "key": key, "target": target }))
    }

    /// Adds a link to any number of accounts of the type with the name `target`; `inverse` is its key seen
    /// from the other end.
    pub fn relation_to_many(self, key: &str, target: &str, inverse: Option<&str>) -> Self {
        self.with(
            "relation-schemas",
            json!({ "key": key, "target": target, "many": true, "inverse": inverse }),
        )
    }

    fn with(mut self, list: &str, item: Value) -> Self {
        let items = self.attributes.entry(list).or_insert_with(|| json!([]));
        if let Value::Array(items) = items {
            items.push(item);
        }
        self
    }

    pub(crate) fn body(&self) -> Value {
        json!({ "data": { "attributes": self.attributes } })
    }
}

impl FieldDefinition {
    /// A field by its key. What its values are may be left out for fields that Muster knows, such as `name`.
    pub fn new(key: impl Into<String>) -> Self {
        Self { members: Map::from_iter([("key".to_owned(), Value::String(key.into()))]) }
    }

    /// What its values are: `string`, `integer`, `email-address`, `choices`, `hash` and so on.
    pub fn kind(self, kind: &str) -> Self {
        self.with("type", kind.into())
    }

    /// What people call it.
    pub fn label(self, label: impl Into<String>) -> Self {
        self.with("label", Value::String(label.into()))
    }

    /// The value of new accounts.
    pub fn default_value(self, value: impl Into<Value>) -> Self {
        self.with("default-value", value.into())
    }

    /// A setting by its name on the wire, such as `max-char-length`, `options`, `required`.
    pub fn setting(mut self, name: &str, value: impl Into<Value>) -> Self {
        let config = self.members.entry("config").or_insert_with(|| json!({}));
        if let Value::Object(config) = config {
            config.insert(name.to_owned(), value.into());
        }
        self
    }

    /// Adds a member of a hash.
    pub fn member(mut self, member: FieldDefinition) -> Self {
        let config = self.members.entry("config").or_insert_with(|| json!({}));
        if let Value::Object(config) = config {
            let members = config.entry("item-schemas").or_insert_with(|| json!([]));
            if let Value::Array(members) = members {
                members.push(Value::Object(member.members));
            }
        }
        self
    }

    /// Says what the items of an array are.
    pub fn items(self, item: FieldDefinition) -> Self {
        self.setting("item-schema", Value::Object(item.members))
    }

    fn with(mut self, name: &str, value: Value) -> Self {
        self.members.insert(name.to_owned(), value);
        self
    }
}
