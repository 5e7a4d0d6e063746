//! The store on both engines, as the code above it meets it.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod accounts;
mod api_keys;
mod api_logs;
mod data_keys;
mod events;
mod gate;
mod handles;
mod idempotency;
mod identifiers;
mod lanes;
mod migrations;
mod plans;
mod rate_windows;
mod report_templates;
mod rows;
mod tenants;
mod units;
mod values;
