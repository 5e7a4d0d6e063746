//! Conditions of routes: as they are written, and whether they hold.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::advance::{EnvironmentKind, Facts, Outcome};
use crate::field::{any_value, is_blank};
use crate::written::{Explained, Nested, explain, explain_list};

/// When a route is taken.
#[derive(Clone, Debug, PartialEq)]
pub enum Condition {
    /// All of these hold.
    All(Vec<Condition>),
    /// At least one of these holds.
    Any(Vec<Condition>),
    /// This does not hold.
    Not(Box<Condition>),
    /// A field has one of these values.
    FieldIsOneOf {
        /// The key of the field.
        field: String,
        /// The values, normalised.
        values: Vec<Value>,
    },
    /// A field has no value, or a blank one.
    FieldIsBlank {
        /// The key of the field.
        field: String,
    },
    /// The latest attempt at a verification came out like this.
    VerificationIs {
        /// The key of the verification.
        verification: String,
        /// How it came out.
        status: Outcome,
    },
    /// There were fewer attempts at a verification than this.
    AttemptsLessThan {
        /// The key of the verification.
        verification: String,
        /// The number.
        attempts: u32,
    },
    /// The inquiry is in such an environment.
    EnvironmentIs(EnvironmentKind),
}

/// A condition as it is written: exactly one of its forms.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct ConditionSpec {
    /// The key of a field; with `equals`, `one-of` or `is-blank`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
    /// The value that the field has.
    #[serde(deserialize_with = "any_value", skip_serializing_if = "Option::is_none")]
    pub equals: Option<Value>,
    /// The values of which the field has one.
    #[serde(deserialize_with = "any_value", skip_serializing_if = "Option::is_none")]
    pub one_of: Option<Value>,
    /// Whether the field has no value, or a blank one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub is_blank: Option<bool>,
    /// The key of a verification; with `status` or `attempts-less-than`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub verification: Option<String>,
    /// How the latest attempt came out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<Outcome>,
    /// The number that the attempts are below.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub attempts_less_than: Option<u32>,
    /// The kind of the environment.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub environment: Option<EnvironmentKind>,
    /// Conditions that all hold.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub all: Option<Vec<ConditionSpec>>,
    /// Conditions of which one holds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub any: Option<Vec<ConditionSpec>>,
    /// A condition that does not hold.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub not: Option<Box<ConditionSpec>>,
}

impl Explained for ConditionSpec {
    const NESTED: Nested = &[
        ("all", explain_list::<ConditionSpec>),
        ("any", explain_list::<ConditionSpec>),
        ("not", explain::<ConditionSpec>),
    ];
}

impl Condition {
    /// Whether the condition holds. A verification that was never tried has no outcome and no attempts.
    #[must_use]
    pub fn holds(&self, facts: &Facts<'_>) -> bool {
        let of = |key: &String| facts.verifications.get(key).copied().unwrap_or_default();
        match self {
            Self::All(below) => below.iter().all(|condition| condition.holds(facts)),
            Self::Any(below) => below.iter().any(|condition| condition.holds(facts)),
            Self::Not(below) => !below.holds(facts),
            Self::FieldIsOneOf { field, values } => {
                facts.fields.get(field).is_some_and(|value| values.contains(value))
            }
            Self::FieldIsBlank { field } => facts.fields.get(field).is_none_or(is_blank),
            Self::VerificationIs { verification, status } => of(verification).outcome == Some(*status),
            Self::AttemptsLessThan { verification, attempts } => of(verification).attempts < *attempts,
            Self::EnvironmentIs(kind) => facts.environment == *kind,
        }
    }

    /// The condition as it is written.
    pub(super) fn to_spec(&self) -> ConditionSpec {
        let empty = ConditionSpec::default();
        let specs = |below: &[Self]| Some(below.iter().map(Self::to_spec).collect());
        match self {
            Self::All(below) => ConditionSpec { all: specs(below), ..empty },
            Self::Any(below) => ConditionSpec { any: specs(below), ..empty },
            Self::Not(below) => ConditionSpec { not: Some(Box::new(below.to_spec())), ..empty },
            Self::FieldIsOneOf { field, values } => {
                let (equals, one_of) = match values.as_slice() {
                    [only] => (Some(only.clone()), None),
                    several => (None, Some(several.to_vec().into())),
                };
                ConditionSpec { field: Some(field.clone()), equals, one_of, ..empty }
            }
            Self::FieldIsBlank { field } => {
                ConditionSpec { field: Some(field.clone()), is_blank: Some(true), ..empty }
            }
            Self::VerificationIs { verification, status } => {
                ConditionSpec { verification: Some(verification.clone()), status: Some(*status), ..empty }
            }
            Self::AttemptsLessThan { verification, attempts } => ConditionSpec {
                verification: Some(verification.clone()),
                attempts_less_than: Some(*attempts),
                ..empty
            },
            Self::EnvironmentIs(kind) => ConditionSpec { environment: Some(*kind), ..empty },
        }
    }
}
