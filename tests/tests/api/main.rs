//! The HTTP API on both engines, as those who call it meet it. The modules mirror the tree of paths.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod account_types;
mod accounts;
mod bodies;
mod events;
mod pipeline;
mod rule;
mod sealing;
