//! Statements as named constants, listed so that tests can prepare and explain every one of them.

use std::sync::OnceLock;

use crate::db::Engine;
use crate::dialect;

/// One portable SQL statement with `$n` parameters.
#[derive(Debug)]
pub struct Statement {
    /// Module and name, such as `accounts::GET`; it also stands in front of the SQL, so that it can be
    /// found in the log of the database.
    pub name: &'static str,
    /// The text, for both engines.
    pub sql: &'static str,
}

/// What a column of a set statement holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ColumnType {
    /// Text.
    Text,
    /// A whole number.
    Int,
    /// Bytes.
    Blob,
}

/// One portable statement over a set of rows: the text says `{rows}` where the rows come from, or, in an
/// insert, `{values}` where all their columns stand in order.
///
/// On PostgreSQL the rows travel as one array per column and the statement runs once; on SQLite it is
/// prepared once and runs once per row, which is as fast there (`dialect::rows`). The rows are called
/// `r` in the text.
#[derive(Debug)]
pub struct Batch {
    /// Module and name, such as `accounts::INSERT`.
    pub name: &'static str,
    /// Names and kinds of the columns of `r`.
    pub columns: &'static [(&'static str, ColumnType)],
    /// The text with `{rows}`.
    pub sql: &'static str,
    /// The texts of the two engines, made on first use.
    pub expanded: [OnceLock<String>; 2],
}

impl Batch {
    /// The text for one engine.
    #[must_use]
    pub fn sql(&self, engine: Engine) -> &str {
        self.expanded[engine as usize].get_or_init(|| {
            let rows = dialect::rows(engine, self.columns);
            self.sql
                .replace("{values}", &dialect::values(engine, self.columns, &rows))
                .replace("{rows}", &rows)
        })
    }
}

/// Declares statements as constants of their module and lists them in `STATEMENTS`.
#[macro_export]
macro_rules! statements {
    ($($(#[$doc:meta])* $name:ident = $sql:literal;)*) => {
        $($(#[$doc])* pub(crate) static $name: $crate::Statement = $crate::Statement {
            name: concat!(module_path!(), "::", stringify!($name)),
            sql: concat!("/* ", stringify!($name), " */ ", $sql),
        };)*
        /// The statements of this module.
        pub static STATEMENTS: &[&$crate::Statement] = &[$(&$name),*];
    };
}

/// Declares set statements as constants of their module and lists them in `BATCHES`.
#[macro_export]
macro_rules! batches {
    ($($(#[$doc:meta])* $name:ident ($($column:ident $ty:ident),* $(,)?) = $sql:literal;)*) => {
        $($(#[$doc])* pub(crate) static $name: $crate::Batch = $crate::Batch {
            name: concat!(module_path!(), "::", stringify!($name)),
            columns: &[$((stringify!($column), $crate::ColumnType::$ty)),*],
            sql: concat!("/* ", stringify!($name), " */ ", $sql),
            expanded: [std::sync::OnceLock::new(), std::sync::OnceLock::new()],
        };)*
        /// The set statements of this module.
        pub static BATCHES: &[&$crate::Batch] = &[$(&$name),*];
    };
}

/// The parameters of a statement, in the order of their numbers.
#[macro_export]
macro_rules! params {
    ($($value:expr),* $(,)?) => { &[$($crate::Value::from($value)),*] };
}
