//! Writes field schemas and values as the public API shows them.

use serde_json::{Map, Value};

use super::{FieldKind, FieldSchema};
use crate::time::Timestamp;

impl FieldSchema {
    /// The schema as `field-schemas` of an account type shows it: closed, without Muster's own settings.
    #[must_use]
    pub fn published(&self) -> Value {
        let mut schema = Map::new();
        schema.insert("type".to_owned(), self.kind.name().into());
        schema.insert("key".to_owned(), self.key.as_str().into());
        schema.insert("label".to_owned(), self.label.as_deref().into());
        if self.kind.publishes_default() {
            schema.insert("default-value".to_owned(), self.default_value.clone().unwrap_or_default());
        }
        schema.insert("config".to_owned(), Value::Object(self.published_config()));
        Value::Object(schema)
    }

    fn published_config(&self) -> Map<String, Value> {
        let mut config = self.config_spec().into_map();
        config.remove("searchable");
        config.remove("ordered");
        config.insert("required".to_owned(), self.required.into());
        config.insert("archived-at".to_owned(), self.archived_at.map(Timestamp::to_rfc3339_millis).into());
        config.insert(
            "deactivated-at".to_owned(),
            self.deactivated_at.map(Timestamp::to_rfc3339_millis).into(),
        );
        config.entry("redaction-policy").or_insert_with(|| "none".into());
        config.entry("write-policy").or_insert_with(|| "none".into());
        for nullable in self.kind.nullable_settings() {
            config.entry(*nullable).or_insert(Value::Null);
        }
        match &self.kind {
            FieldKind::Array { item } => {
                config.insert("item-schema".to_owned(), item.published());
            }
            FieldKind::Hash { items, .. } => {
                config.insert("item-schemas".to_owned(), items.iter().map(Self::published).collect());
            }
            _ => {}
        }
        config
    }

    /// The value as `fields` of an account shows it: `{"type": …, "value": …}`, at every level.
    ///
    /// A hash lists all its members and an unset array is empty, since neither is null in the published
    /// shape. A required member that an import left out is not listed: its published shape has no null.
    #[must_use]
    pub fn with_type(&self, raw: Option<&Value>) -> Value {
        let value = match (&self.kind, raw) {
            (FieldKind::Hash { items, .. }, raw) => Value::Object(members_with_types(items, raw)),
            (FieldKind::Array { item }, Some(Value::Array(values))) => {
                values.iter().map(|value| item.with_type(Some(value))).collect()
            }
            (FieldKind::Array { .. }, _) => Value::Array(Vec::new()),
            (_, Some(value)) => value.clone(),
            (_, None) => Value::Null,
        };
        let mut typed = Map::new();
        typed.insert("type".to_owned(), self.kind.value_name().into());
        typed.insert("value".to_owned(), value);
        Value::Object(typed)
    }
}

fn members_with_types(items: &[FieldSchema], raw: Option<&Value>) -> Map<String, Value> {
    let members = raw.and_then(Value::as_object);
    items
        .iter()
        .filter_map(|item| {
            let value = members.and_then(|members| members.get(&item.key));
            (value.is_some() || !item.required).then(|| (item.key.clone(), item.with_type(value)))
        })
        .collect()
}

impl FieldKind {
    /// Whether the published schema has a `default-value`.
    fn publishes_default(&self) -> bool {
        !matches!(self, Self::Array { .. } | Self::Hash { .. } | Self::File { .. } | Self::Relation { .. })
    }

    /// The settings that are published as null when there is no limit.
    fn nullable_settings(&self) -> &'static [&'static str] {
        match self {
            Self::Date { .. } => &["min-date", "max-date"],
            Self::File { .. } => &["page-count-min", "page-count-max"],
            _ => &[],
        }
    }
}
