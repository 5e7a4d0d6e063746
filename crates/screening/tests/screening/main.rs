//! What a user of the crate sees.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on has failed")]

mod circumstances;
mod index_finds_all;
mod presets;
mod reading;
mod support;
