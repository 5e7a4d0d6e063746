//! What users of the reader notice: rows, refusals and their texts, round trips.

mod detecting;
mod files;
mod golden;
mod limits;
mod plain;
mod reading;
mod rejects;
mod round_trip;
