//! Where a flow goes from a step.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Definition, FieldValues, Step, StepKind};
use crate::id::AccountTypeId;

/// What conditions are decided by.
#[derive(Clone, Copy, Debug)]
pub struct Facts<'a> {
    /// The values of the inquiry, defaults included ([`Definition::effective`]).
    pub fields: &'a FieldValues,
    /// Key of a verification to what became of it. One that was never tried need not be there.
    pub verifications: &'a BTreeMap<String, VerificationFacts>,
    /// The kind of the inquiry's environment.
    pub environment: EnvironmentKind,
}

/// What became of a verification so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct VerificationFacts {
    /// How the latest attempt came out; nothing while it is under way, or was given up.
    pub outcome: Option<Outcome>,
    /// How many attempts were submitted.
    pub attempts: u32,
}

/// How an attempt at a verification came out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// It was handed in and is not decided.
    Submitted,
    /// It passed.
    Passed,
    /// It failed.
    Failed,
}

/// The kinds of environments.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum EnvironmentKind {
    /// For trying things out.
    Sandbox,
    /// For real people.
    Production,
}

/// Where a flow came from a step, and what is to be done on the way.
#[derive(Clone, Debug, PartialEq)]
pub struct Arrival<'d> {
    /// What is to be done, in order, before the flow is there.
    pub actions: Vec<Action<'d>>,
    /// The names of the steps that it went through, from the first after the old one to the new one.
    pub path: Vec<&'d str>,
    /// Where it is.
    pub at: Stop<'d>,
}

/// Something that a flow does on its way.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Action<'d> {
    /// The inquiry gets an account, unless it has one.
    CreateAccount {
        /// The name of the step.
        step: &'d str,
        /// The type of the account; nothing means the default one.
        account_type: Option<&'d AccountTypeId>,
    },
    /// Values of the inquiry are written into its account; [`Definition::account_fields`] makes them.
    UpdateAccount {
        /// The name of the step.
        step: &'d str,
        /// Key of the account's field to key of the inquiry's.
        fields: &'d BTreeMap<String, String>,
    },
}

/// A step at which a flow stays.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Stop<'d> {
    /// A page is to be shown.
    Page(&'d Step),
    /// The inquiry is complete.
    Completed(&'d Step),
    /// The inquiry has failed.
    Failed(&'d Step),
}

impl<'d> Stop<'d> {
    /// The step.
    #[must_use]
    pub const fn step(&self) -> &'d Step {
        match self {
            Self::Page(step) | Self::Completed(step) | Self::Failed(step) => step,
        }
    }
}

impl Definition {
    /// The step where every flow starts: always a page.
    #[must_use]
    pub fn first_step(&self) -> Option<&Step> {
        self.steps.first()
    }

    /// Goes on from a step that a person has finished.
    ///
    /// Nothing if there is no such step, or it is an end. The same facts lead to the same place.
    #[must_use]
    pub fn advance(&self, from: &str, facts: &Facts<'_>) -> Option<Arrival<'_>> {
        let mut arrival = (Vec::new(), Vec::new());
        let mut step = self.step(from)?;
        // A definition has no way around that meets no page, so this ends earlier.
        for _ in 0..=self.steps.len() {
            step = self.step(step.kind.next(facts)?)?;
            arrival.1.push(step.name.as_str());
            let at = match &step.kind {
                StepKind::Branch { .. } => continue,
                StepKind::CreateAccount { account_type, .. } => {
                    let account_type = account_type.as_ref();
                    arrival.0.push(Action::CreateAccount { step: &step.name, account_type });
                    continue;
                }
                StepKind::UpdateAccount { fields, .. } => {
                    arrival.0.push(Action::UpdateAccount { step: &step.name, fields });
                    continue;
                }
                StepKind::Complete => Stop::Completed(step),
                StepKind::Fail => Stop::Failed(step),
                _ => Stop::Page(step),
            };
            return Some(Arrival { actions: arrival.0, path: arrival.1, at });
        }
        None
    }
}

impl StepKind {
    /// The step that follows by these facts; nothing after an end.
    fn next(&self, facts: &Facts<'_>) -> Option<&str> {
        match self {
            Self::Branch { routes, otherwise } => {
                let taken = routes.iter().find(|route| route.when.holds(facts));
                Some(taken.map_or(otherwise.as_str(), |route| route.to.as_str()))
            }
            other => other.targets().first().copied(),
        }
    }
}
