//! The HTTP API on both engines, as those who call it meet it. The modules mirror the tree of paths.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]
#![expect(clippy::needless_pass_by_value, reason = "a body is written where it is sent")]

mod account_types;
mod accounts;
mod api_keys;
mod bodies;
mod events;
mod files;
mod hosted;
mod importers;
mod inquiries;
mod inquiry_templates;
mod openapi;
mod pipeline;
mod reports;
mod rule;
mod sealing;
mod user_audit_logs;
mod verifications;
mod watchlists;
