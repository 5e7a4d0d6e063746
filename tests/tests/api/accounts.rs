//! `/accounts`

mod create;
mod list;
mod retrieve;
mod search;
mod update;
mod upsert;
