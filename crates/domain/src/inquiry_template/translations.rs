//! The texts of a flow as rows for translators, and their translations merged back.

use serde::{Deserialize, Serialize};

use super::texts::{Text, language_fault};
use super::{Definition, Step, StepKind};
use crate::violation::Violation;

/// The longest text, in characters.
pub(super) const TEXT_CHARS_MAX: usize = 10_000;

/// One text of a flow in all its languages.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Translation {
    /// The name of the step.
    pub step: String,
    /// What people who work with inquiries call the step; ignored when translations are merged.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub step_display_name: Option<String>,
    /// The part of the page: `title`, `text`, `button`, or the key of the field that an input writes.
    pub component: String,
    /// What of it: `text`, or `label` or `hint` of an input.
    pub attribute_name: String,
    /// What it says in each language.
    pub locale_values: Vec<LocaleValue>,
}

/// What one text says in one language.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct LocaleValue {
    /// The language.
    pub locale: String,
    /// The text; null takes it out.
    pub value: Option<String>,
}

impl crate::written::Explained for Translation {
    const NESTED: crate::written::Nested = &[("locale-values", crate::written::explain_list::<LocaleValue>)];
}

impl crate::written::Explained for LocaleValue {}

impl Translation {
    /// Reads the `translations` of a request, with keys in kebab case.
    ///
    /// # Errors
    /// Lists the members that are not understood; paths start with `translations`.
    pub fn list_from_value(value: &serde_json::Value) -> Result<Vec<Self>, Vec<Violation>> {
        let mut violations = Vec::new();
        let path = &mut vec!["translations".to_owned()];
        crate::written::explain_list::<Self>(value, path, &mut violations);
        if !violations.is_empty() {
            return Err(violations);
        }
        Vec::deserialize(value)
            .map_err(|_| vec![Violation::new(["translations"], "must be a list of translations")])
    }
}

impl Definition {
    /// Lists every text that somebody reads, by step, with what it says in each language of the flow.
    #[must_use]
    pub fn translations(&self) -> Vec<Translation> {
        let mut rows = Vec::new();
        for step in &self.steps {
            for (component, attribute, text) in step.texts() {
                let Some(text) = text else { continue };
                let said = |language: &String| LocaleValue {
                    locale: language.clone(),
                    value: text.given_for(language, &self.default_language).map(str::to_owned),
                };
                rows.push(Translation {
                    step: step.name.clone(),
                    step_display_name: Some(step.shown_name().to_owned()),
                    component: component.to_owned(),
                    attribute_name: attribute.to_owned(),
                    locale_values: self.languages.iter().map(said).collect(),
                });
            }
        }
        rows
    }

    /// The same definition with translations merged in. A language that the flow did not have is added; what is
    /// not named stays as it is.
    ///
    /// # Errors
    /// Lists rows that name no text of the flow, and languages that are none; paths start with `translations`.
    pub fn with_translations(&self, rows: &[Translation]) -> Result<Self, Vec<Violation>> {
        let mut merged = self.clone();
        let mut violations = Vec::new();
        for (index, row) in rows.iter().enumerate() {
            if let Err(below) = merged.merge(row) {
                let place = |v: Violation| v.within(&index.to_string()).within("translations");
                violations.extend(below.into_iter().map(place));
            }
        }
        if merged.languages.len() > super::create::LANGUAGES_MAX {
            let message =
                format!("must not bring the languages to more than {}", super::create::LANGUAGES_MAX);
            violations.push(Violation::new(["translations"], message));
        }
        if violations.is_empty() { Ok(merged) } else { Err(violations) }
    }

    fn merge(&mut self, row: &Translation) -> Result<(), Vec<Violation>> {
        let refuse = |path: &[&str], message: &str| vec![Violation::new(path.iter().copied(), message)];
        let Some(step) = self.steps.iter_mut().find(|step| step.name == row.step) else {
            return Err(refuse(
                &["step"],
                "must be the name of a step; retrieve the translations to see them",
            ));
        };
        let Some(text) = step.text_mut(&row.component, &row.attribute_name) else {
            let message = "must name a text of its step; retrieve the translations to see them";
            return Err(refuse(&["component"], message));
        };
        for (index, said) in row.locale_values.iter().enumerate() {
            let place = ["locale-values", &index.to_string()];
            if let Some(message) = language_fault(&said.locale) {
                return Err(refuse(&[place[0], place[1], "locale"], message));
            }
            let is_long = |text: &String| text.chars().count() > TEXT_CHARS_MAX;
            if said.value.as_ref().is_some_and(is_long) {
                let message = format!("must have at most {TEXT_CHARS_MAX} characters");
                return Err(refuse(&[place[0], place[1], "value"], &message));
            }
            let said_text = said.value.as_deref();
            if said_text.is_none() && said.locale == self.default_language {
                let message = "must have a text in the default language";
                return Err(refuse(&[place[0], place[1], "value"], message));
            }
            if said_text.is_some() && !self.languages.contains(&said.locale) {
                self.languages.push(said.locale.clone());
            }
            if let Some(old) = text.as_ref() {
                *text = Some(old.with(&said.locale, &self.default_language, said_text));
            }
        }
        Ok(())
    }
}

impl Step {
    /// What people who work with inquiries call the step: its own name if nobody gave it another.
    #[must_use]
    pub fn shown_name(&self) -> &str {
        self.display_name.as_deref().unwrap_or(&self.name)
    }

    /// Every text of the step, as component, attribute and what it says.
    pub(super) fn texts(&self) -> Vec<(&str, &str, Option<&Text>)> {
        let mut texts = vec![
            ("title", "text", self.title.as_ref()),
            ("text", "text", self.text.as_ref()),
            ("button", "text", self.button.as_ref()),
        ];
        if let StepKind::Form { inputs, .. } = &self.kind {
            for input in inputs {
                texts.push((&input.field, "label", input.label.as_ref()));
                texts.push((&input.field, "hint", input.hint.as_ref()));
            }
        }
        texts
    }

    /// The place of one text that the step has.
    fn text_mut(&mut self, component: &str, attribute: &str) -> Option<&mut Option<Text>> {
        let place = match (component, attribute) {
            ("title", "text") => &mut self.title,
            ("text", "text") => &mut self.text,
            ("button", "text") => &mut self.button,
            _ => {
                let StepKind::Form { inputs, .. } = &mut self.kind else { return None };
                let input = inputs.iter_mut().find(|input| input.field == component)?;
                match attribute {
                    "label" => &mut input.label,
                    "hint" => &mut input.hint,
                    _ => return None,
                }
            }
        };
        place.is_some().then_some(place)
    }
}
