//! Reads the conditions of routes.

use serde_json::Value;

use super::Known;
use crate::field::{FieldKind, within};
use crate::inquiry_template::{Condition, ConditionSpec};
use crate::violation::Violation;

/// Deepest nesting of conditions.
const DEPTH_MAX: usize = 5;
/// Most conditions in one `all` or `any`, and most values of a `one-of`.
const CLAUSES_MAX: usize = 20;
/// What is said where a condition is none, or several.
const FORMS: &str = "must be exactly one of: field with equals, one-of or is-blank; verification with status or \
     attempts-less-than; environment; all; any; not";

type Read = Result<Condition, Vec<Violation>>;

fn refuse(path: &[&str], message: impl Into<String>) -> Read {
    Err(vec![Violation::new(path.iter().copied(), message)])
}

impl Known<'_> {
    /// Reads a condition; paths start below it.
    pub(super) fn read_condition(&self, spec: &ConditionSpec, depth: usize) -> Read {
        if depth >= DEPTH_MAX {
            return refuse(&[], format!("must be nested at most {DEPTH_MAX} levels deep"));
        }
        let empty = ConditionSpec::default();
        match spec {
            ConditionSpec { all: Some(all), .. }
                if *spec == (ConditionSpec { all: Some(all.clone()), ..empty.clone() }) =>
            {
                Ok(Condition::All(self.read_clauses("all", all, depth)?))
            }
            ConditionSpec { any: Some(any), .. }
                if *spec == (ConditionSpec { any: Some(any.clone()), ..empty.clone() }) =>
            {
                Ok(Condition::Any(self.read_clauses("any", any, depth)?))
            }
            ConditionSpec { not: Some(not), .. }
                if *spec == (ConditionSpec { not: Some(not.clone()), ..empty.clone() }) =>
            {
                let below = self.read_condition(not, depth + 1).map_err(|below| within(below, &["not"]))?;
                Ok(Condition::Not(Box::new(below)))
            }
            ConditionSpec { environment: Some(kind), .. }
                if *spec == (ConditionSpec { environment: Some(*kind), ..empty.clone() }) =>
            {
                Ok(Condition::EnvironmentIs(*kind))
            }
            ConditionSpec { field: Some(field), verification: None, .. } => self.read_field(field, spec),
            ConditionSpec { field: None, verification: Some(key), .. } => self.read_verification(key, spec),
            _ => refuse(&[], FORMS),
        }
    }

    fn read_clauses(
        &self,
        name: &str,
        specs: &[ConditionSpec],
        depth: usize,
    ) -> Result<Vec<Condition>, Vec<Violation>> {
        if specs.is_empty() || specs.len() > CLAUSES_MAX {
            let message = format!("must have from 1 to {CLAUSES_MAX} conditions");
            return Err(vec![Violation::new([name], message)]);
        }
        let mut conditions = Vec::new();
        let mut violations = Vec::new();
        for (index, spec) in specs.iter().enumerate() {
            match self.read_condition(spec, depth + 1) {
                Ok(condition) => conditions.push(condition),
                Err(below) => violations.extend(within(below, &[name, &index.to_string()])),
            }
        }
        if violations.is_empty() { Ok(conditions) } else { Err(violations) }
    }

    fn read_field(&self, key: &str, spec: &ConditionSpec) -> Read {
        let Some(field) = self.fields.iter().find(|field| field.key == key) else {
            return refuse(&["field"], "must be the key of a field of the template");
        };
        if matches!(field.kind, FieldKind::File { .. }) && spec.is_blank.is_none() {
            return refuse(&[], "can only ask is-blank of a file");
        }
        let form = ConditionSpec { field: None, equals: None, one_of: None, is_blank: None, ..spec.clone() };
        let (name, values) = match (&spec.equals, &spec.one_of, spec.is_blank) {
            _ if form != ConditionSpec::default() => return refuse(&[], FORMS),
            (Some(value), None, None) => ("equals", vec![value.clone()]),
            (None, Some(Value::Array(values)), None) if (1..=CLAUSES_MAX).contains(&values.len()) => {
                ("one-of", values.clone())
            }
            (None, Some(_), None) => {
                return refuse(&["one-of"], format!("must be a list of 1 to {CLAUSES_MAX} values"));
            }
            (None, None, Some(is_blank)) => {
                let blank = Condition::FieldIsBlank { field: field.key.clone() };
                return Ok(if is_blank { blank } else { Condition::Not(Box::new(blank)) });
            }
            _ => return refuse(&[], FORMS),
        };
        let mut checked = Vec::new();
        for value in &values {
            match field.check(value) {
                Ok(Value::Null) => return refuse(&[name], "must not be null; ask is-blank instead"),
                Ok(value) => checked.push(value),
                Err(below) => return Err(within(below, &[name])),
            }
        }
        Ok(Condition::FieldIsOneOf { field: field.key.clone(), values: checked })
    }

    fn read_verification(&self, key: &str, spec: &ConditionSpec) -> Read {
        if !self.verifications.iter().any(|verification| verification.key == key) {
            return refuse(&["verification"], "must be the key of a verification of the template");
        }
        let form =
            ConditionSpec { verification: None, status: None, attempts_less_than: None, ..spec.clone() };
        let verification = key.to_owned();
        match (spec.status, spec.attempts_less_than) {
            _ if form != ConditionSpec::default() => refuse(&[], FORMS),
            (Some(status), None) => Ok(Condition::VerificationIs { verification, status }),
            (None, Some(0)) => refuse(&["attempts-less-than"], "must be at least 1"),
            (None, Some(attempts)) => Ok(Condition::AttemptsLessThan { verification, attempts }),
            _ => refuse(&[], FORMS),
        }
    }
}
