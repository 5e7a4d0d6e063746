//! Verifications: what is checked about a person or a paper, how it ends, and who may decide it.
//!
//! Everything here is a pure function. Muster checks what can be computed from what it was given; what needs
//! a model, a register or another company is `not_applicable` until a provider answers. Nothing passes merely
//! because nobody looked: see [`Examination::decision`].

pub mod check;
pub mod code;
pub mod comparison;
pub mod document;
pub mod examination;
pub mod government_id;
pub mod kind;
pub mod selfie;
pub mod status;
#[cfg(test)]
mod tests;

pub use check::{Check, CheckStatus, ChecksWanted, Requirement};
pub use examination::{Decision, Examination, Verdict};
pub use kind::VerificationKind;
pub use status::{Step, VerificationStatus};
