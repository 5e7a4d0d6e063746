//! Writes field schemas and values as the public API shows them.

use serde::Serialize;
use serde::ser::{SerializeMap, Serializer};
use serde_json::{Map, Value};

use super::{FieldKind, FieldSchema, StoredFile};
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

    /// The value as `fields` of an account shows it, ready to be serialized.
    #[must_use]
    pub fn typed<'a>(&'a self, raw: Option<&'a Value>) -> TypedValue<'a> {
        TypedValue { schema: self, raw, links: None }
    }
}

/// Makes the URLs under which the contents of files can be had for a while.
pub trait LinkFiles {
    /// The URL of a file.
    fn url(&self, file: &StoredFile) -> String;
}

/// A value as `fields` of an account shows it: `{"type": …, "value": …}`, at every level.
///
/// A hash lists all its members and an unset array is empty, since neither is null in the published
/// shape. A required member that an import left out is not listed: its published shape has no null.
#[derive(Clone, Copy)]
pub struct TypedValue<'a> {
    schema: &'a FieldSchema,
    raw: Option<&'a Value>,
    links: Option<&'a dyn LinkFiles>,
}

impl<'a> TypedValue<'a> {
    /// The same value with URLs for its files.
    #[must_use]
    pub fn linked(self, links: &'a dyn LinkFiles) -> Self {
        Self { links: Some(links), ..self }
    }
}

impl Serialize for TypedValue<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut typed = serializer.serialize_map(Some(2))?;
        typed.serialize_entry("type", self.schema.kind.value_name())?;
        match (&self.schema.kind, self.raw) {
            (FieldKind::Hash { items, .. }, raw) => {
                typed.serialize_entry(
                    "value",
                    &TypedMembers { items, members: raw.and_then(Value::as_object), links: self.links },
                )?;
            }
            (FieldKind::Array { item }, raw) => {
                let values = raw.and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
                typed.serialize_entry("value", &TypedItems { item, values, links: self.links })?;
            }
            (FieldKind::File { .. }, Some(raw)) => {
                typed.serialize_entry("value", &PublishedFile::new(raw, self.links))?;
            }
            (_, raw) => typed.serialize_entry("value", &raw)?,
        }
        typed.end()
    }
}

struct TypedMembers<'a> {
    items: &'a [FieldSchema],
    members: Option<&'a Map<String, Value>>,
    links: Option<&'a dyn LinkFiles>,
}

impl Serialize for TypedMembers<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.items.iter().filter_map(|item| {
            let value = self.members.and_then(|members| members.get(&item.key));
            let typed = || TypedValue { schema: item, raw: value, links: self.links };
            (value.is_some() || !item.required).then(|| (&item.key, typed()))
        }))
    }
}

struct TypedItems<'a> {
    item: &'a FieldSchema,
    values: &'a [Value],
    links: Option<&'a dyn LinkFiles>,
}

impl Serialize for TypedItems<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let typed = |value| TypedValue { schema: self.item, raw: Some(value), links: self.links };
        serializer.collect_seq(self.values.iter().map(typed))
    }
}

/// A file as `fields` of an account shows it; null where the stored value is none.
#[derive(Serialize)]
#[serde(transparent)]
struct PublishedFile(Option<FileMembers>);

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct FileMembers {
    filename: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    url: Option<String>,
    byte_size: u64,
    mime_type: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    page_count: Option<u32>,
}

impl PublishedFile {
    fn new(raw: &Value, links: Option<&dyn LinkFiles>) -> Self {
        Self(StoredFile::from_value(raw).map(|file| FileMembers {
            url: links.map(|links| links.url(&file)),
            filename: file.filename,
            byte_size: file.byte_size,
            mime_type: file.mime_type,
            page_count: file.page_count,
        }))
    }
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
