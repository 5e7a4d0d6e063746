//! `/accounts`

mod batch;
mod consolidation;
mod create;
mod history;
mod lifecycle;
mod list;
mod relations;
mod retrieve;
pub mod search;
mod tags;
mod update;
mod upsert;
