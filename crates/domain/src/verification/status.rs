//! The statuses of a verification and the steps between them.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::VerificationKind;

/// The status of a verification, as the API shows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum VerificationStatus {
    /// It waits for what is to be checked.
    Initiated,
    /// The code was right; e-mail addresses and telephone numbers only.
    Confirmed,
    /// What it checks cannot change any more; a provider or a reviewer has the word.
    Submitted,
    /// No required check failed, and something was proven.
    Passed,
    /// A required check failed.
    Failed,
    /// What was given could not be used and may be given again. No longer assigned by new servers.
    RequiresRetry,
    /// It ran out of time, or its inquiry did.
    Canceled,
    /// It does not apply to this person.
    Skipped,
    /// Nothing speaks against it, and somebody has yet to look.
    TentativelyPassed,
    /// Something speaks against it, and somebody has yet to look.
    TentativelyFailed,
}

/// What happens to a verification.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Step {
    /// The right code was entered.
    Confirm,
    /// What it checks was given for good.
    Submit,
    /// It is decided in favour.
    Pass,
    /// It is decided against.
    Fail,
    /// It is decided in favour until somebody looks.
    PassTentatively,
    /// It is decided against until somebody looks.
    FailTentatively,
    /// What was given has to be given again.
    RequireRetry,
    /// It ends without a decision.
    Cancel,
    /// It does not apply.
    Skip,
}

impl Step {
    /// All steps.
    pub const ALL: [Self; 9] = [
        Self::Confirm,
        Self::Submit,
        Self::Pass,
        Self::Fail,
        Self::PassTentatively,
        Self::FailTentatively,
        Self::RequireRetry,
        Self::Cancel,
        Self::Skip,
    ];

    /// The status that the step leads to.
    #[must_use]
    pub const fn leads_to(self) -> VerificationStatus {
        match self {
            Self::Confirm => VerificationStatus::Confirmed,
            Self::Submit => VerificationStatus::Submitted,
            Self::Pass => VerificationStatus::Passed,
            Self::Fail => VerificationStatus::Failed,
            Self::PassTentatively => VerificationStatus::TentativelyPassed,
            Self::FailTentatively => VerificationStatus::TentativelyFailed,
            Self::RequireRetry => VerificationStatus::RequiresRetry,
            Self::Cancel => VerificationStatus::Canceled,
            Self::Skip => VerificationStatus::Skipped,
        }
    }
}

/// Which kinds know a status that not all know.
fn knows(kind: VerificationKind, status: VerificationStatus) -> bool {
    use VerificationKind as Kind;
    match status {
        VerificationStatus::Confirmed => kind.has_code(),
        VerificationStatus::Skipped => kind == Kind::Aamva,
        VerificationStatus::TentativelyPassed => matches!(kind, Kind::Document | Kind::QesInfocert),
        VerificationStatus::TentativelyFailed => {
            matches!(kind, Kind::DatabaseBusiness | Kind::DatabaseBusinessFootprint)
        }
        _ => true,
    }
}

impl VerificationStatus {
    /// All statuses.
    pub const ALL: [Self; 10] = [
        Self::Initiated,
        Self::Confirmed,
        Self::Submitted,
        Self::Passed,
        Self::Failed,
        Self::RequiresRetry,
        Self::Canceled,
        Self::Skipped,
        Self::TentativelyPassed,
        Self::TentativelyFailed,
    ];

    /// The name in the API.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Initiated => "initiated",
            Self::Confirmed => "confirmed",
            Self::Submitted => "submitted",
            Self::Passed => "passed",
            Self::Failed => "failed",
            Self::RequiresRetry => "requires_retry",
            Self::Canceled => "canceled",
            Self::Skipped => "skipped",
            Self::TentativelyPassed => "tentatively_passed",
            Self::TentativelyFailed => "tentatively_failed",
        }
    }

    /// Finds a status by its name.
    #[must_use]
    pub fn find(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.as_str() == name)
    }

    /// Whether it waits for what is to be checked.
    #[must_use]
    pub const fn is_open(self) -> bool {
        matches!(self, Self::Initiated | Self::Confirmed | Self::RequiresRetry)
    }

    /// Whether nothing happens to it any more.
    #[must_use]
    pub const fn is_final(self) -> bool {
        matches!(self, Self::Passed | Self::Failed | Self::Canceled | Self::Skipped)
    }

    /// Where a step leads from here, for a verification of this kind; none where it is not allowed.
    #[must_use]
    pub fn after(self, kind: VerificationKind, step: Step) -> Option<Self> {
        use Step::{
            Cancel, Confirm, Fail, FailTentatively, Pass, PassTentatively, RequireRetry, Skip, Submit,
        };
        let steps: &[Step] = match self {
            Self::Initiated => &[Confirm, Submit, Cancel, Skip],
            Self::Confirmed => &[Submit, Cancel],
            Self::Submitted => &[Pass, Fail, PassTentatively, FailTentatively, RequireRetry, Cancel, Skip],
            Self::RequiresRetry => &[Submit, Fail, Cancel],
            Self::TentativelyPassed | Self::TentativelyFailed => &[Pass, Fail, Cancel],
            Self::Passed | Self::Failed | Self::Canceled | Self::Skipped => &[],
        };
        let after = step.leads_to();
        (steps.contains(&step) && knows(kind, after)).then_some(after)
    }
}

impl fmt::Display for VerificationStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
