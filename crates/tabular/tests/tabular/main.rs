//! What users of the reader notice: rows, refusals and their texts, round trips.

mod plain;
mod reading;
