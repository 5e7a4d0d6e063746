//! `/accounts`

mod create;
mod list;
mod retrieve;
mod update;
mod upsert;
