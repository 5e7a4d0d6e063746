//! `/verifications`, `/verification/…`, `/documents`, `/document/…`: what is handed in, checked and decided.

mod codes;
mod providers;
mod redact;
pub mod scene;
mod simulate;
mod submit;
