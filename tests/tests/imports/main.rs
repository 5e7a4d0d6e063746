//! Files become accounts: what a run writes, and that nothing is done twice or lost, on both engines.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod crashes;
mod importers;
mod killed;
mod planning;
mod plans;
mod redaction;
mod rejects;
mod relations;
mod runs;
mod scene;
mod schedule;
mod taking_back;
mod writing;
