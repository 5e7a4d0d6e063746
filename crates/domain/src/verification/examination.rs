//! What all checks together say.

use std::collections::BTreeMap;

use serde_json::Map;

use super::check::{Check, CheckStatus, ChecksWanted, MadeBy, find};
use super::status::Step;
use super::{Requirement, VerificationKind};

/// What one check found, before it is known what it means for the decision.
#[derive(Clone, PartialEq)]
pub struct Verdict {
    /// How it ended.
    pub status: CheckStatus,
    /// Why, in words for programs.
    pub reasons: Vec<String>,
    /// What it saw: personal data.
    pub metadata: Map<String, serde_json::Value>,
}

impl Verdict {
    /// It holds.
    #[must_use]
    pub fn passed() -> Self {
        Self { status: CheckStatus::Passed, reasons: Vec::new(), metadata: Map::new() }
    }

    /// Nobody could say.
    #[must_use]
    pub fn not_applicable() -> Self {
        Self { status: CheckStatus::NotApplicable, ..Self::passed() }
    }

    /// It does not hold.
    #[must_use]
    pub fn failed(reason: &str) -> Self {
        Self { status: CheckStatus::Failed, reasons: vec![reason.to_owned()], metadata: Map::new() }
    }

    /// It holds if there are no reasons against it.
    #[must_use]
    pub fn unless(reasons: Vec<String>) -> Self {
        let status = if reasons.is_empty() { CheckStatus::Passed } else { CheckStatus::Failed };
        Self { status, reasons, metadata: Map::new() }
    }

    /// Adds what was seen.
    #[must_use]
    pub fn seeing(mut self, key: &str, value: impl Into<serde_json::Value>) -> Self {
        self.metadata.insert(key.to_owned(), value.into());
        self
    }
}

/// How a verification ends, as far as its checks can tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decision {
    /// No required check failed, and something was proven.
    Passed,
    /// A required check failed.
    Failed,
    /// Nothing failed and nothing was proven: somebody has to look.
    Undecided,
}

impl Decision {
    /// The step that follows; none for a verification that stays `submitted` until somebody has looked.
    ///
    /// Documents say by `tentatively_passed` that they wait for somebody (spec C.2).
    #[must_use]
    pub const fn step(self, kind: VerificationKind) -> Option<Step> {
        match (self, kind) {
            (Self::Passed, _) => Some(Step::Pass),
            (Self::Failed, _) => Some(Step::Fail),
            (Self::Undecided, VerificationKind::Document | VerificationKind::QesInfocert) => {
                Some(Step::PassTentatively)
            }
            (Self::Undecided, _) => None,
        }
    }
}

/// Whether something speaks for the person, rather than nothing against.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Proof {
    None,
    Given,
}

/// The checks of one verification and what they are worth.
#[derive(Clone, Debug, PartialEq)]
pub struct Examination {
    checks: Vec<Check>,
    proof: Proof,
}

impl Examination {
    /// What Muster found by itself: one check for each that is wanted, in the order of names.
    ///
    /// `verdicts` holds what was looked at; every other check is `not_applicable`.
    #[must_use]
    pub fn local(kind: VerificationKind, wanted: &ChecksWanted, mut verdicts: Verdicts) -> Self {
        let checks: Vec<Check> = wanted
            .0
            .iter()
            .map(|(name, requirement)| {
                let verdict = verdicts.0.remove(name.as_str()).unwrap_or_else(Verdict::not_applicable);
                named(name, verdict, *requirement)
            })
            .collect();
        Self::again(kind, checks)
    }

    /// The examination that Muster's own checks come from, to be gone on with.
    #[must_use]
    pub fn again(kind: VerificationKind, checks: Vec<Check>) -> Self {
        let proven = checks.iter().any(|check| {
            let spec = find(kind, &check.name);
            check.status == CheckStatus::Passed && spec.is_some_and(|spec| spec.by == MadeBy::MusterAsProof)
        });
        Self { checks, proof: if proven { Proof::Given } else { Proof::None } }
    }

    /// Adds what a provider found.
    ///
    /// Where Muster could not say, the provider's word counts; where both did, a failure wins. A check that
    /// nobody asked for is shown, and decides nothing. A check that is wanted and that the provider has found to
    /// hold is a proof. Muster's own are none any more: where a provider is asked, what it does not say must not
    /// count for less than what it says.
    #[must_use]
    pub fn with_provider(mut self, answers: BTreeMap<String, Verdict>) -> Self {
        self.proof = Proof::None;
        for (name, verdict) in answers {
            let is_wanted = self.checks.iter().any(|check| check.name == name);
            if is_wanted && verdict.status == CheckStatus::Passed {
                self.proof = Proof::Given;
            }
            match self.checks.iter_mut().find(|check| check.name == name) {
                Some(check) if check.status == CheckStatus::Failed => {}
                Some(check)
                    if check.status == CheckStatus::Passed && verdict.status != CheckStatus::Failed => {}
                Some(check) => *check = named(&name, verdict, check.requirement),
                None => self.checks.push(named(&name, verdict, Requirement::NotRequired)),
            }
        }
        self.checks.sort_by(|a, b| a.name.cmp(&b.name));
        self
    }

    /// What a sandbox makes up: everything holds, or the first required check does not.
    #[must_use]
    pub fn simulated(wanted: &ChecksWanted, decision: Decision) -> Self {
        let mut fails = match decision {
            Decision::Failed => wanted
                .0
                .iter()
                .find(|(_, requirement)| requirement.decides())
                .or_else(|| wanted.0.iter().next())
                .map(|(name, _)| name.clone()),
            _ => None,
        };
        let checks = wanted
            .0
            .iter()
            .map(|(name, requirement)| {
                let verdict = match fails.take_if(|failing| failing == name) {
                    Some(_) => Verdict::failed("simulated"),
                    None => Verdict::passed(),
                };
                named(name, verdict, *requirement)
            })
            .collect();
        Self { checks, proof: Proof::Given }
    }

    /// What the checks say: failed if a required one failed, passed if none did and something was proven.
    #[must_use]
    pub fn decision(&self) -> Decision {
        let failed = |check: &Check| check.status == CheckStatus::Failed && check.requirement.decides();
        match self.proof {
            _ if self.checks.iter().any(failed) => Decision::Failed,
            Proof::Given => Decision::Passed,
            Proof::None => Decision::Undecided,
        }
    }

    /// The checks, in the order of their names.
    #[must_use]
    pub fn checks(&self) -> &[Check] {
        &self.checks
    }

    /// The checks, for keeping.
    #[must_use]
    pub fn into_checks(self) -> Vec<Check> {
        self.checks
    }
}

fn named(name: &str, verdict: Verdict, requirement: Requirement) -> Check {
    let Verdict { status, reasons, metadata } = verdict;
    Check { name: name.to_owned(), status, reasons, requirement, metadata }
}

/// What was found, by the name of the check.
#[derive(Clone, Default, PartialEq)]
pub struct Verdicts(BTreeMap<&'static str, Verdict>);

impl Verdicts {
    /// Notes what a check found.
    pub fn note(&mut self, name: &'static str, verdict: Verdict) {
        self.0.insert(name, verdict);
    }
}

impl std::fmt::Debug for Verdicts {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}

impl std::fmt::Debug for Verdict {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:?} {:?}", self.status, self.reasons)
    }
}
