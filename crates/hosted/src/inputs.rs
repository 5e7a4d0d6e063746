//! Inputs of a form: what a field looks like on a page, and how it is said that its value is wrong.

use muster_app::inquiries::flow::{Fault as What, Wrong};
use muster_domain::Violation;
use muster_domain::field::{FieldKind, FieldSchema};
use muster_domain::inquiry_template::{Definition, FieldValues, Input as Asked};
use serde_json::Value;

use crate::page::{Choice, Control, Input};
use crate::sent::Members;
use crate::words::{Words, fill};

/// Most options that are all shown at once.
const RADIOS_MAX: usize = 6;
/// The longest text of one line, in characters.
const LINE_CHARS_MAX: u32 = 512;
/// Megabytes of a file that are taken; said to people.
pub const FILE_MEGABYTES: &str = "10";

/// The ID of an input on its page.
pub fn id(name: &str) -> String {
    format!("in-{name}")
}

/// An input with nothing but a name, a label and a look.
pub fn plain(name: &str, label: &str, kind: Control) -> Input {
    Input {
        id: id(name),
        name: name.to_owned(),
        label: label.to_owned(),
        hint: None,
        required: true,
        autocomplete: None,
        kind,
        fault: None,
        is_country: false,
    }
}

/// What a form asks for, with what was typed, or else with what is known.
pub fn of_form(
    definition: &Definition,
    inputs: &[Asked],
    (values, typed): (&FieldValues, Option<&Members>),
    language: &str,
) -> Vec<Input> {
    let make = |asked: &Asked| {
        let field = definition.field(&asked.field)?;
        let label = match &asked.label {
            Some(text) => definition.say(Some(text), language).to_owned(),
            None => field.label.clone().unwrap_or_else(|| readable(&field.key)),
        };
        let texts = match typed {
            Some(typed) => {
                let all = typed.all().iter().filter(|(name, _)| *name == field.key);
                all.map(|(_, text)| text.clone()).collect()
            }
            None => texts_of(values.get(&field.key)),
        };
        let hint = asked.hint.as_ref().map(|hint| definition.say(Some(hint), language).to_owned());
        Some(Input {
            hint: hint.filter(|hint| !hint.is_empty()),
            required: asked.is_required(field),
            autocomplete: asked.autocomplete.clone(),
            ..plain(&field.key, &label, control(field, &texts))
        })
    };
    inputs.iter().filter_map(make).collect()
}

/// `name-first` as a label: `Name first`.
fn readable(key: &str) -> String {
    let spaced = key.replace(['-', '_'], " ");
    let mut letters = spaced.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

/// A value as texts of a form.
fn texts_of(value: Option<&Value>) -> Vec<String> {
    match value {
        None | Some(Value::Null) => Vec::new(),
        Some(Value::String(text)) => vec![text.clone()],
        Some(Value::Array(items)) => items.iter().flat_map(|item| texts_of(Some(item))).collect(),
        Some(other) => vec![other.to_string()],
    }
}

fn control(field: &FieldSchema, texts: &[String]) -> Control {
    let value = || texts.last().cloned().unwrap_or_default();
    let line = |kind, mode, length_max| Control::Line { kind, mode, value: value(), length_max };
    match &field.kind {
        FieldKind::String { max_char_length, .. } if *max_char_length > LINE_CHARS_MAX => {
            Control::Lines { value: value(), mono: false }
        }
        FieldKind::String { .. } if field.key.contains("phone") => line("tel", "tel", 40),
        FieldKind::String { max_char_length, .. } => line("text", "", *max_char_length),
        FieldKind::EmailAddress => line("email", "email", 254),
        FieldKind::Integer { .. } => line("text", "numeric", 20),
        FieldKind::Number { .. } => line("text", "decimal", 40),
        FieldKind::Boolean => {
            Control::Tick { is_on: texts.iter().any(|text| text == "true" || text == "on") }
        }
        FieldKind::Date { min, max } => {
            let limit = |limit: &Option<String>| limit.clone().unwrap_or_default();
            Control::Date { value: value(), min: limit(min), max: limit(max) }
        }
        FieldKind::Choices { options, option_labels, .. } => {
            let options = choices(options, option_labels, texts);
            match options.len() {
                0..=RADIOS_MAX => Control::Options { options, several: false },
                _ => Control::Select { options },
            }
        }
        FieldKind::MultiChoices { options, option_labels, .. } => {
            Control::Options { options: choices(options, option_labels, texts), several: true }
        }
        _ => line("text", "", 0),
    }
}

fn choices(options: &[String], labels: &[String], texts: &[String]) -> Vec<Choice> {
    let make = |(index, option): (usize, &String)| Choice {
        value: option.clone(),
        label: labels.get(index).unwrap_or(option).clone(),
        is_chosen: texts.contains(option),
    };
    options.iter().enumerate().map(make).collect()
}

/// What is wrong with the value of a field, in the words of the page.
pub fn of_violation(words: &'static Words, field: Option<&FieldSchema>, violation: &Violation) -> String {
    if violation.message == "is required" {
        return words.required.to_owned();
    }
    if violation.message.contains("only once") || violation.message.contains("deactivated") {
        return words.settled.to_owned();
    }
    match field.map(|field| &field.kind) {
        Some(FieldKind::Date { min, max }) => match (min, max) {
            _ if violation.message.contains("like") => words.bad_date.to_owned(),
            (Some(min), None) => fill(words.date_from, &[min]),
            (None, Some(max)) => fill(words.date_to, &[max]),
            _ => words.bad_date.to_owned(),
        },
        Some(FieldKind::EmailAddress) => words.bad_email.to_owned(),
        Some(FieldKind::Integer { .. }) => words.bad_integer.to_owned(),
        Some(FieldKind::Number { .. }) => words.bad_number.to_owned(),
        Some(FieldKind::Choices { .. } | FieldKind::MultiChoices { .. }) => words.pick_one.to_owned(),
        Some(FieldKind::String { max_char_length, .. }) if violation.message.contains("characters") => {
            fill(words.too_long, &[&max_char_length.to_string()])
        }
        _ => words.bad_value.to_owned(),
    }
}

/// What is wrong with what was given for a verification, in the words of the page. `accepted` names the types of
/// files.
pub fn of_wrong(words: &'static Words, wrong: &Wrong, accepted: &str) -> String {
    match wrong.what {
        What::Missing
            if wrong.input.starts_with("file") || wrong.input == "front" || wrong.input == "center" =>
        {
            words.file_missing.to_owned()
        }
        What::Missing => words.required.to_owned(),
        What::NoOption => words.pick_one.to_owned(),
        What::NoEmailAddress => words.bad_email.to_owned(),
        What::NoPhoneNumber => words.bad_phone.to_owned(),
        What::Settled => words.settled.to_owned(),
        What::CodeWrong { tries_left } => fill(words.code_wrong, &[&tries_left.to_string()]),
        What::CodeExpired => words.code_expired.to_owned(),
        What::CodeSpent => words.code_spent.to_owned(),
        What::TooEarly { seconds } => fill(words.code_wait, &[&seconds.to_string()]),
        What::NoMoreCodes => words.code_no_more.to_owned(),
        What::FileType => fill(words.file_type, &[accepted]),
        What::FileLarge => fill(words.file_large, &[FILE_MEGABYTES]),
        What::FileEmpty => words.file_empty.to_owned(),
        What::TooManyFiles => words.file_many.to_owned(),
        What::ZoneMissing => words.mrz_missing.to_owned(),
        What::NoMail => words.no_mail.to_owned(),
        What::NoTextMessages => words.no_texts.to_owned(),
        What::NoProvider => words.no_provider.to_owned(),
    }
}
