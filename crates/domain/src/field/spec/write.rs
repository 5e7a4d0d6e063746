//! Writes a field schema down.

use super::read::ITEM_KEY;
use super::{FieldConfigSpec, FieldSchemaSpec, Sanitize};
use crate::account::exact_text;
use crate::account_type::system_field;
use crate::field::{FieldKind, FieldSchema, MAX_CHAR_LENGTH_DEFAULT, RedactionPolicy, WritePolicy};

impl FieldSchema {
    /// The schema in full, as it is stored.
    pub(crate) fn full_spec(&self) -> FieldSchemaSpec {
        FieldSchemaSpec {
            key: self.key.clone(),
            kind: Some(self.kind.name().to_owned()),
            label: self.label.clone(),
            default_value: self.default_value.clone(),
            config: self.config_spec(),
        }
    }

    /// The schema as a customer writes it: a system field that is as the system defines it says only so.
    pub(crate) fn to_spec(&self) -> FieldSchemaSpec {
        let mut spec = self.full_spec();
        spec.leave_out_defaults();
        let Some(system) = system_field(&self.key) else { return spec };
        if system.kind != self.kind || (self.label.is_none() && system.label.is_some()) {
            return spec;
        }
        spec.kind = None;
        if self.label == system.label {
            spec.label = None;
        }
        spec.config = FieldConfigSpec {
            searchable: (self.searchable != system.searchable).then_some(self.searchable),
            ordered: (self.ordered != system.ordered).then_some(self.ordered),
            ..self.common_config()
        };
        spec
    }

    fn common_config(&self) -> FieldConfigSpec {
        FieldConfigSpec {
            required: self.required.then_some(true),
            archived_at: self.archived_at.map(exact_text),
            deactivated_at: self.deactivated_at.map(exact_text),
            redaction_policy: (self.redaction_policy != RedactionPolicy::None)
                .then_some(self.redaction_policy),
            write_policy: (self.write_policy != WritePolicy::None).then_some(self.write_policy),
            searchable: self.searchable.then_some(true),
            ordered: self.ordered.then_some(true),
            ..FieldConfigSpec::default()
        }
    }

    /// All settings of the field: those of its kind in full, the common ones where they are not the default.
    pub(in crate::field) fn config_spec(&self) -> FieldConfigSpec {
        let common = self.common_config();
        match &self.kind {
            FieldKind::String { max_char_length, sanitize_html } => FieldConfigSpec {
                max_char_length: Some(*max_char_length),
                sanitize: Some(if *sanitize_html { vec![Sanitize::Html] } else { Vec::new() }),
                ..common
            },
            FieldKind::Integer { min, max } | FieldKind::Number { min, max } => {
                FieldConfigSpec { min: *min, max: *max, ..common }
            }
            FieldKind::Date { min, max } => {
                FieldConfigSpec { min_date: min.clone(), max_date: max.clone(), ..common }
            }
            FieldKind::Choices { allow_empty, options, option_labels }
            | FieldKind::MultiChoices { allow_empty, options, option_labels } => FieldConfigSpec {
                allow_empty: Some(*allow_empty),
                options: Some(options.clone()),
                option_labels: Some(option_labels.clone()),
                ..common
            },
            FieldKind::Array { item } => {
                FieldConfigSpec { item_schema: Some(Box::new(item.full_spec())), ..common }
            }
            FieldKind::Hash { items, ignore_unknown_keys } => FieldConfigSpec {
                item_schemas: Some(items.iter().map(Self::full_spec).collect()),
                ignore_unknown_keys: Some(*ignore_unknown_keys),
                ..common
            },
            FieldKind::Json { json_schema } => FieldConfigSpec { json_schema: json_schema.clone(), ..common },
            FieldKind::Relation { target } => FieldConfigSpec { target: Some(*target), ..common },
            FieldKind::File { .. } => self.file_config(common),
            FieldKind::Boolean | FieldKind::Datetime | FieldKind::EmailAddress => common,
        }
    }

    fn file_config(&self, common: FieldConfigSpec) -> FieldConfigSpec {
        let FieldKind::File {
            max_size_bytes,
            min_size_bytes,
            mime_types,
            page_count_limited,
            page_count_min,
            page_count_max,
        } = &self.kind
        else {
            return common;
        };
        FieldConfigSpec {
            max_file_size_bytes: Some(*max_size_bytes),
            min_file_size_bytes: Some(*min_size_bytes),
            supported_mime_types: Some(mime_types.clone()),
            page_count_limit_enabled: Some(*page_count_limited),
            page_count_min: *page_count_min,
            page_count_max: *page_count_max,
            ..common
        }
    }
}

impl FieldSchemaSpec {
    /// Leaves out the settings of the kind that are as they would be anyway, at every level.
    pub(crate) fn leave_out_defaults(&mut self) {
        let config = &mut self.config;
        config.max_char_length = config.max_char_length.filter(|length| *length != MAX_CHAR_LENGTH_DEFAULT);
        config.allow_empty = config.allow_empty.filter(|allowed| *allowed);
        config.ignore_unknown_keys = config.ignore_unknown_keys.filter(|ignored| *ignored);
        config.sanitize = config.sanitize.take().filter(|list| !list.is_empty());
        config.option_labels = config.option_labels.take().filter(|labels| !labels.is_empty());
        let file = FieldSchema::new("", "", FieldKind::any_file()).config_spec();
        config.max_file_size_bytes =
            config.max_file_size_bytes.filter(|size| Some(*size) != file.max_file_size_bytes);
        config.min_file_size_bytes =
            config.min_file_size_bytes.filter(|size| Some(*size) != file.min_file_size_bytes);
        config.supported_mime_types.take_if(|types| Some(&*types) == file.supported_mime_types.as_ref());
        config.page_count_limit_enabled = config.page_count_limit_enabled.filter(|enabled| *enabled);
        if let Some(item) = &mut config.item_schema {
            item.leave_out_defaults();
            if item.key == ITEM_KEY {
                item.key.clear();
            }
        }
        config.item_schemas.iter_mut().flatten().for_each(Self::leave_out_defaults);
    }
}
