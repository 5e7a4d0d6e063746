//! What users of the reader notice: rows, refusals and their texts, round trips.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod damage;
mod detecting;
mod files;
mod golden;
mod limits;
mod plain;
mod reading;
mod rejects;
mod round_trip;
