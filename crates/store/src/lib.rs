//! The only SQL of Muster: databases, transactions, sealing, one module of functions per noun.
//!
//! One SQL text serves both engines. A statement is a named constant with `$n` parameters
//! ([`statements!`]), or a set statement whose rows come from `{rows}` ([`Batch`]); what truly differs
//! stands in [`dialect`]. Every function takes the environment (or organization) it works for.

pub mod account_types;
pub mod accounts;
pub mod api_keys;
pub mod api_logs;
pub mod consolidations;
pub mod data_keys;
pub mod db;
pub mod dialect;
mod error;
pub mod events;
pub mod files;
pub mod idempotency;
pub mod identifiers;
pub mod import_sources;
pub mod import_traces;
pub mod imports;
pub mod inquiry_templates;
pub mod jobs;
mod migrate;
pub mod organizations;
pub mod rate_windows;
pub mod records;
pub mod relations;
pub mod report_templates;
pub mod seal;
pub mod search;
pub mod sql;
pub mod tags;
pub mod user_audit_logs;
pub mod users;
mod value;
pub mod watchlists;

pub use db::{Db, Engine, Lane, Options, Pending, Target, Tx};
pub use error::{Error, Result, Retry};
pub use sql::{Batch, ColumnType, Statement};
pub use value::{Row, Value};

/// Every statement of the crate, for the tests that prepare and explain them all.
#[must_use]
pub fn all_statements() -> Vec<&'static Statement> {
    [
        account_types::STATEMENTS,
        accounts::STATEMENTS,
        api_keys::STATEMENTS,
        api_logs::STATEMENTS,
        consolidations::STATEMENTS,
        data_keys::STATEMENTS,
        events::STATEMENTS,
        files::STATEMENTS,
        idempotency::STATEMENTS,
        import_sources::STATEMENTS,
        imports::STATEMENTS,
        inquiry_templates::STATEMENTS,
        jobs::STATEMENTS,
        migrate::STATEMENTS,
        organizations::STATEMENTS,
        rate_windows::STATEMENTS,
        records::STATEMENTS,
        relations::STATEMENTS,
        report_templates::STATEMENTS,
        search::STATEMENTS,
        tags::STATEMENTS,
        user_audit_logs::STATEMENTS,
        users::STATEMENTS,
        watchlists::STATEMENTS,
    ]
    .concat()
}

/// Every set statement of the crate.
#[must_use]
pub fn all_batches() -> Vec<&'static Batch> {
    [
        accounts::BATCHES,
        api_logs::BATCHES,
        api_keys::BATCHES,
        data_keys::BATCHES,
        events::BATCHES,
        files::BATCHES,
        idempotency::BATCHES,
        identifiers::BATCHES,
        imports::BATCHES,
        inquiry_templates::BATCHES,
        records::BATCHES,
        relations::BATCHES,
        search::BATCHES,
        tags::BATCHES,
    ]
    .concat()
}
