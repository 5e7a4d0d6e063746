//! Selfies: pictures are taken and kept; whether they show whom they should needs a provider.

use super::check::ChecksWanted;
use super::examination::{Examination, Verdicts};
use super::kind::VerificationKind;

/// Checks a selfie without a provider: nothing about a face can be said.
///
/// The result is undecided: the verification stays `submitted` until a provider or a reviewer has looked.
#[must_use]
pub fn examine(wanted: &ChecksWanted) -> Examination {
    unexamined(VerificationKind::Selfie, wanted)
}

/// The checks of a verification that only a provider can make.
#[must_use]
pub fn unexamined(kind: VerificationKind, wanted: &ChecksWanted) -> Examination {
    Examination::local(kind, wanted, Verdicts::default())
}
