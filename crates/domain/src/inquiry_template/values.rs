//! Values of the fields of an inquiry: what is given by API, by link and in a form, and what is shown.

use std::collections::{BTreeMap, HashSet};
use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Number, Value};

use super::{Definition, Input, Step, StepKind};
use crate::field::{FieldKind, FieldSchema, LinkFiles, WritePolicy, is_blank};
use crate::violation::Violation;

/// Values of the fields of one inquiry: key of the field to normalised JSON value.
///
/// Null says that somebody cleared the field; a field that nobody wrote has no entry. `Debug` prints
/// `[redacted]`.
#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct FieldValues(pub Map<String, Value>);

impl FieldValues {
    /// The value of a field, by its exact key; nothing where it was cleared.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Value> {
        self.0.get(key).filter(|value| !value.is_null())
    }
}

impl fmt::Debug for FieldValues {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("FieldValues([redacted])")
    }
}

impl Definition {
    /// Reads the `fields` of a request; keys in any inflection. Null clears.
    ///
    /// # Errors
    /// Lists unknown keys and wrong values; paths start with `fields`.
    pub fn read_fields(&self, sent: &Map<String, Value>) -> Result<FieldValues, Vec<Violation>> {
        let mut read = Map::new();
        let mut violations = Vec::new();
        for (key, value) in sent {
            match self.read_value(key, value) {
                Ok((field, value)) => {
                    if read.insert(field.key.clone(), value.clone()).is_some_and(|other| other != value) {
                        violations
                            .push(Violation { path: Vec::new(), message: TWICE.to_owned() }.within(key));
                    }
                }
                Err(below) => violations.extend(below.into_iter().map(|violation| violation.within(key))),
            }
        }
        if violations.is_empty() {
            Ok(FieldValues(read))
        } else {
            Err(violations.into_iter().map(|violation| violation.within("fields")).collect())
        }
    }

    /// Reads the `fields[…]` of a link: a key and a text each. What a field does not take is refused; a blank
    /// text is as if it were not there.
    ///
    /// # Errors
    /// Lists unknown keys and wrong values; paths start with `fields`.
    pub fn read_link<'t>(
        &self,
        sent: impl IntoIterator<Item = (&'t str, &'t str)>,
    ) -> Result<FieldValues, Vec<Violation>> {
        let mut texts: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for (key, text) in sent {
            texts.entry(key).or_default().push(text);
        }
        let mut values = Map::new();
        for (key, texts) in texts {
            let value = match self.field(key) {
                Some(field) => field.value_of_texts(&texts),
                None => Value::from(texts.concat()),
            };
            if !value.is_null() {
                values.insert(key.to_owned(), value);
            }
        }
        self.read_fields(&values)
    }

    /// Reads what a form was sent with: the key of a field and a text each, as a browser sends them. Every input
    /// of the form counts; one that was left blank clears its field, unless that
    /// can be written only once. What is not on the form is ignored.
    ///
    /// # Errors
    /// Lists what is wrong or missing; the path is the key of the field, to be shown beside its input.
    pub fn read_form<'t>(
        &self,
        step: &Step,
        sent: impl IntoIterator<Item = (&'t str, &'t str)>,
    ) -> Result<FieldValues, Vec<Violation>> {
        let StepKind::Form { inputs, .. } = &step.kind else { return Ok(FieldValues::default()) };
        let sent: Vec<(&str, &str)> = sent.into_iter().collect();
        let mut read = Map::new();
        let mut violations = Vec::new();
        for input in inputs {
            let Some(field) = self.field(&input.field) else { continue };
            let texts: Vec<&str> =
                sent.iter().filter(|(key, _)| *key == field.key).map(|(_, text)| *text).collect();
            match field.check(&field.value_of_texts(&texts)) {
                Ok(value) if is_blank(&value) && input.is_required(field) => {
                    violations.push(Violation::new([field.key.as_str()], "is required"));
                }
                // Leaving a field blank must not use up the only time that it can be written.
                Ok(Value::Null) if field.write_policy == WritePolicy::WriteOnce => {}
                Ok(value) => {
                    read.insert(field.key.clone(), value);
                }
                Err(below) => {
                    violations.extend(below.into_iter().map(|violation| violation.within(&field.key)));
                }
            }
        }
        if violations.is_empty() { Ok(FieldValues(read)) } else { Err(violations) }
    }

    fn read_value(&self, key: &str, value: &Value) -> Result<(&FieldSchema, Value), Vec<Violation>> {
        let refuse = |message: &str| vec![Violation { path: Vec::new(), message: message.to_owned() }];
        let field = self
            .field(key)
            .filter(|field| field.archived_at.is_none())
            .ok_or_else(|| refuse("is not a field of the inquiry template"))?;
        Ok((field, field.check(value)?))
    }

    /// Writes changes into the values of an inquiry. Null is kept: the field was cleared.
    ///
    /// # Errors
    /// Lists the fields that take no other value: they are deactivated, or written once and for all. Clearing
    /// counts as writing, a default value does not.
    pub fn apply_fields(
        &self,
        current: &FieldValues,
        changes: &FieldValues,
    ) -> Result<FieldValues, Vec<Violation>> {
        let mut after = current.clone();
        let mut violations = Vec::new();
        for (key, value) in &changes.0 {
            let old = current.0.get(key);
            let refusal = self.field(key).and_then(|field| field.refusal(old, value));
            match refusal {
                Some(message) => violations.push(Violation::new(["fields", key], message)),
                None => {
                    after.0.insert(key.clone(), value.clone());
                }
            }
        }
        if violations.is_empty() { Ok(after) } else { Err(violations) }
    }

    /// The values of an inquiry with the default values of the fields that nobody wrote; without nulls.
    #[must_use]
    pub fn effective(&self, values: &FieldValues) -> FieldValues {
        let shown = self.fields.iter().filter(|field| field.is_active());
        let defaults = shown.filter_map(|field| Some((field.key.clone(), field.default_value.clone()?)));
        let mut all: Map<String, Value> = defaults.collect();
        all.extend(values.0.clone());
        all.retain(|_, value| !value.is_null());
        FieldValues(all)
    }

    /// The `fields` attribute of an inquiry: every field that is not archived, with its type, under its own key.
    #[must_use]
    pub fn present<'a>(&'a self, values: &'a FieldValues, links: &'a dyn LinkFiles) -> PresentedValues<'a> {
        PresentedValues { definition: self, values, links }
    }

    /// What an *update account* step writes: the `fields` of a request that changes the account. Fields of the
    /// inquiry that have no value are left out, so that an account never loses a value by an inquiry.
    #[must_use]
    pub fn account_fields(&self, mapping: &BTreeMap<String, String>, values: &FieldValues) -> FieldValues {
        let mut fields = Map::new();
        for (target, source) in mapping {
            let Some(value) = values.get(source).filter(|value| !is_blank(value)) else { continue };
            match target.split_once('.') {
                None => {
                    fields.insert(target.clone(), value.clone());
                }
                Some((key, member)) => {
                    let hash = fields.entry(key).or_insert_with(|| Value::Object(Map::new()));
                    if let Value::Object(members) = hash {
                        members.insert(member.to_owned(), value.clone());
                    }
                }
            }
        }
        FieldValues(fields)
    }

    /// The keys of the fields that a person can write in a form. The value of any other field stays what an API
    /// or a link said.
    #[must_use]
    pub fn editable(&self) -> HashSet<&str> {
        let forms = self.steps.iter().filter_map(|step| match &step.kind {
            StepKind::Form { inputs, .. } => Some(inputs),
            _ => None,
        });
        forms.flatten().map(|input| input.field.as_str()).collect()
    }
}

const TWICE: &str = "is given twice, in different spellings of its key and with different values";

impl Input {
    /// Whether the form needs a value.
    #[must_use]
    pub fn is_required(&self, field: &FieldSchema) -> bool {
        self.required.unwrap_or(field.required)
    }
}

impl FieldKind {
    /// Whether a form can ask for such values.
    pub(super) const fn fits_forms(&self) -> bool {
        matches!(
            self,
            Self::String { .. }
                | Self::Integer { .. }
                | Self::Number { .. }
                | Self::Boolean
                | Self::Date { .. }
                | Self::Datetime
                | Self::EmailAddress
                | Self::Choices { .. }
                | Self::MultiChoices { .. }
        )
    }
}

impl FieldSchema {
    fn refusal(&self, old: Option<&Value>, new: &Value) -> Option<&'static str> {
        if old == Some(new) {
            return None;
        }
        if self.deactivated_at.is_some() {
            return Some("is deactivated and takes no new values");
        }
        (self.write_policy == WritePolicy::WriteOnce && old.is_some())
            .then_some("was written already and can be written only once")
    }

    /// The value that texts of a form or a link stand for; what cannot be understood stays a text, to be refused.
    /// Blank is null.
    fn value_of_texts(&self, texts: &[&str]) -> Value {
        if let FieldKind::MultiChoices { .. } = self.kind {
            let chosen: Vec<&&str> = texts.iter().filter(|text| !text.trim().is_empty()).collect();
            return if chosen.is_empty() { Value::Null } else { chosen.into_iter().copied().collect() };
        }
        let given = texts.last().copied().unwrap_or_default();
        let text = given.trim();
        if text.is_empty() {
            return Value::Null;
        }
        match &self.kind {
            FieldKind::Boolean => match text.to_ascii_lowercase().as_str() {
                "true" | "on" | "1" | "yes" => true.into(),
                "false" | "off" | "0" | "no" => false.into(),
                _ => text.into(),
            },
            FieldKind::Integer { .. } => {
                text.parse::<i64>().map_or_else(|_| text.into(), |number| Value::Number(number.into()))
            }
            FieldKind::Number { .. } => {
                let number = text.parse::<f64>().ok().and_then(Number::from_f64);
                number.map_or_else(|| text.into(), Value::Number)
            }
            FieldKind::Array { .. } | FieldKind::Hash { .. } | FieldKind::Json { .. } => {
                serde_json::from_str(text).unwrap_or_else(|_| text.into())
            }
            FieldKind::File { .. } => text.into(),
            // A browser sends line breaks as two characters.
            _ => text.replace("\r\n", "\n").into(),
        }
    }
}

/// The `fields` attribute of an inquiry, ready to be serialized.
#[derive(Clone, Copy)]
pub struct PresentedValues<'a> {
    definition: &'a Definition,
    values: &'a FieldValues,
    links: &'a dyn LinkFiles,
}

impl Serialize for PresentedValues<'_> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let shown = self.definition.fields.iter().filter(|field| field.archived_at.is_none());
        let value = |field: &'_ FieldSchema| match self.values.0.get(&field.key) {
            Some(value) => Some(value.clone()).filter(|value| !value.is_null()),
            None => field.default_value.clone(),
        };
        let values: Vec<(&FieldSchema, Option<Value>)> = shown.map(|field| (field, value(field))).collect();
        serializer.collect_map(
            values.iter().map(|(field, value)| (&field.key, field.typed(value.as_ref()).linked(self.links))),
        )
    }
}
