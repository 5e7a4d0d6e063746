//! Makes a field schema of what was written.

use super::{FieldConfigSpec, FieldSchemaSpec, Sanitize};
use crate::account_type::system_field;
use crate::field::{FieldKind, FieldSchema, MAX_CHAR_LENGTH_DEFAULT};
use crate::time::Timestamp;
use crate::violation::Violation;

const FILE_SIZE_BYTES_MAX: u64 = 10_000_000;
const FILE_SIZE_BYTES_MIN: u64 = 1;
const MIME_TYPES: &str = "image/jpg image/jpeg image/png image/heic image/heif image/tif image/tiff image/gif \
     image/svg+xml application/pdf text/plain text/csv video/mp4 video/webm video/quicktime";
/// Settings of fields of every kind.
const COMMON_SETTINGS: [&str; 7] = [
    "required",
    "archived-at",
    "deactivated-at",
    "redaction-policy",
    "write-policy",
    "searchable",
    "ordered",
];
/// The key that the item schema of an array gets when it has none.
pub(super) const ITEM_KEY: &str = "item";

impl FieldSchemaSpec {
    /// Makes the schema. Only what cannot be understood is refused here; `faults` finds what makes no sense.
    pub(crate) fn read(&self) -> Result<FieldSchema, Vec<Violation>> {
        let base = match &self.kind {
            Some(_) => None,
            None => Some(system_field(&self.key).ok_or_else(|| vec![missing_type()])?),
        };
        let (kind, label) = match base.as_ref() {
            Some(base) => (base.kind.clone(), self.label.clone().or_else(|| base.label.clone())),
            None => (self.read_kind()?, self.label.clone()),
        };
        let config = &self.config;
        Ok(FieldSchema {
            key: self.key.clone(),
            label,
            kind,
            default_value: self.default_value.clone(),
            required: config.required.unwrap_or_default(),
            archived_at: read_instant("archived-at", config.archived_at.as_deref())?,
            deactivated_at: read_instant("deactivated-at", config.deactivated_at.as_deref())?,
            redaction_policy: config.redaction_policy.unwrap_or_default(),
            write_policy: config.write_policy.unwrap_or_default(),
            searchable: config
                .searchable
                .unwrap_or_else(|| base.as_ref().is_some_and(|base| base.searchable)),
            ordered: config.ordered.unwrap_or_else(|| base.as_ref().is_some_and(|base| base.ordered)),
        })
    }

    fn read_kind(&self) -> Result<FieldKind, Vec<Violation>> {
        let config = &self.config;
        let (min, max) = (config.min, config.max);
        let allow_empty = config.allow_empty.unwrap_or_default();
        let options = || config.options.clone().unwrap_or_default();
        let option_labels = || config.option_labels.clone().unwrap_or_default();
        Ok(match self.kind.as_deref().unwrap_or_default() {
            "string" => FieldKind::String {
                max_char_length: config.max_char_length.unwrap_or(MAX_CHAR_LENGTH_DEFAULT),
                sanitize_html: config.sanitize.as_ref().is_some_and(|list| list.contains(&Sanitize::Html)),
            },
            "integer" => FieldKind::Integer { min, max },
            "number" => FieldKind::Number { min, max },
            "boolean" => FieldKind::Boolean,
            "date" => FieldKind::Date { min: config.min_date.clone(), max: config.max_date.clone() },
            "datetime" => FieldKind::Datetime,
            "email-address" => FieldKind::EmailAddress,
            "choices" => {
                FieldKind::Choices { allow_empty, options: options(), option_labels: option_labels() }
            }
            "multi-choices" => {
                FieldKind::MultiChoices { allow_empty, options: options(), option_labels: option_labels() }
            }
            "array" => FieldKind::Array { item: Box::new(self.read_item()?) },
            "hash" => FieldKind::Hash {
                items: self.read_items()?,
                ignore_unknown_keys: config.ignore_unknown_keys.unwrap_or_default(),
            },
            "file" => self.read_file(),
            "json" => FieldKind::Json { json_schema: config.json_schema.clone() },
            "relation-schema" => {
                let target = config.target.ok_or_else(|| {
                    vec![Violation::new(
                        ["config", "target"],
                        "must say what the field points to, such as selfie",
                    )]
                })?;
                FieldKind::Relation { target }
            }
            _ => return Err(vec![missing_type()]),
        })
    }

    fn read_file(&self) -> FieldKind {
        let config = &self.config;
        FieldKind::File {
            max_size_bytes: config.max_file_size_bytes.unwrap_or(FILE_SIZE_BYTES_MAX),
            min_size_bytes: config.min_file_size_bytes.unwrap_or(FILE_SIZE_BYTES_MIN),
            mime_types: config
                .supported_mime_types
                .clone()
                .unwrap_or_else(|| MIME_TYPES.split_whitespace().map(str::to_owned).collect()),
            page_count_limited: config.page_count_limit_enabled.unwrap_or_default(),
            page_count_min: config.page_count_min,
            page_count_max: config.page_count_max,
        }
    }

    fn read_item(&self) -> Result<FieldSchema, Vec<Violation>> {
        let Some(item) = &self.config.item_schema else {
            return Err(vec![Violation::new(["config", "item-schema"], "must say what the items are")]);
        };
        let mut schema = item.read().map_err(|below| within(below, &["config", "item-schema"]))?;
        if schema.key.is_empty() {
            ITEM_KEY.clone_into(&mut schema.key);
        }
        Ok(schema)
    }

    fn read_items(&self) -> Result<Vec<FieldSchema>, Vec<Violation>> {
        let mut schemas = Vec::new();
        let mut violations = Vec::new();
        for (index, item) in self.config.item_schemas.iter().flatten().enumerate() {
            match item.read() {
                Ok(schema) => schemas.push(schema),
                Err(below) => {
                    violations.extend(within(below, &["config", "item-schemas", &index.to_string()]));
                }
            }
        }
        if violations.is_empty() { Ok(schemas) } else { Err(violations) }
    }

    /// Finds settings that the kind of the field does not have.
    pub(crate) fn stray_settings(&self, schema: &FieldSchema) -> Vec<Violation> {
        let known =
            if self.kind.is_some() { schema.config_spec() } else { FieldConfigSpec::default() }.into_map();
        let given = self.config.clone().into_map();
        let mut strays: Vec<Violation> = given
            .keys()
            .filter(|name| !COMMON_SETTINGS.contains(&name.as_str()) && !known.contains_key(*name))
            .map(|name| Violation::new(["config", name], stray_message(schema, self.kind.is_none())))
            .collect();
        if let (Some(spec), FieldKind::Array { item }) = (&self.config.item_schema, &schema.kind) {
            strays.extend(within(spec.stray_settings(item), &["config", "item-schema"]));
        }
        for (index, spec) in self.config.item_schemas.iter().flatten().enumerate() {
            if let Some(member) = schema.members().get(index) {
                let below = spec.stray_settings(member);
                strays.extend(within(below, &["config", "item-schemas", &index.to_string()]));
            }
        }
        strays
    }
}

fn missing_type() -> Violation {
    Violation::new(["type"], format!("must be one of {}", FieldKind::NAMES.join(", ")))
}

fn stray_message(schema: &FieldSchema, is_system: bool) -> String {
    let name = schema.kind.name();
    if is_system {
        format!("cannot be set while the type is left out; write type \"{name}\" to set it")
    } else {
        format!("is not a setting of a {name} field; leave it out")
    }
}

/// The violations seen from further out.
pub(crate) fn within(violations: Vec<Violation>, path: &[&str]) -> Vec<Violation> {
    violations
        .into_iter()
        .map(|violation| path.iter().rev().fold(violation, |violation, key| violation.within(key)))
        .collect()
}

fn read_instant(name: &str, text: Option<&str>) -> Result<Option<Timestamp>, Vec<Violation>> {
    let Some(text) = text else { return Ok(None) };
    let message = "must be an instant with an offset like 2026-03-02T09:14:07Z, or be left out";
    Timestamp::parse(text).map(Some).ok_or_else(|| vec![Violation::new(["config", name], message)])
}

impl FieldKind {
    /// A file with the published default limits.
    pub(crate) fn any_file() -> Self {
        FieldSchemaSpec::default().read_file()
    }
}
