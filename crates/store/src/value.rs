//! The few kinds of value that both engines share, and rows of them.

use bytes_free::ToSqlBytes;
use postgres_types::{IsNull, ToSql, Type, to_sql_checked};

use muster_domain::{ObjectId, Timestamp, id};

use crate::error::{Error, Result};

mod bytes_free {
    //! The buffer type of `postgres-types`, under a name of its own.
    pub use postgres_types::private::BytesMut as ToSqlBytes;
}

/// One parameter of a statement.
#[derive(Clone, Copy, PartialEq)]
pub enum Value<'a> {
    /// SQL null.
    Null,
    /// A truth value.
    Bool(bool),
    /// A whole number; instants are microseconds since 1970.
    Int(i64),
    /// Text.
    Text(&'a str),
    /// Bytes.
    Blob(&'a [u8]),
}

impl std::fmt::Debug for Value<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("[redacted]")
    }
}

macro_rules! value_from {
    ($($from:ty => |$x:ident| $to:expr;)*) => {$(
        impl<'a> From<$from> for Value<'a> {
            fn from($x: $from) -> Self { $to }
        }
    )*};
}
value_from! {
    bool => |x| Value::Bool(x);
    i64 => |x| Value::Int(x);
    &'a str => |x| Value::Text(x);
    &'a String => |x| Value::Text(x);
    &'a [u8] => |x| Value::Blob(x);
    &'a Vec<u8> => |x| Value::Blob(x);
    Timestamp => |x| Value::Int(x.as_micros());
    &'a ObjectId => |x| Value::Text(x.as_str());
    &'a id::AccountId => |x| Value::Text(x.as_str());
    &'a id::AccountStatusId => |x| Value::Text(x.as_str());
    &'a id::AccountTypeId => |x| Value::Text(x.as_str());
    &'a id::ApiKeyId => |x| Value::Text(x.as_str());
    &'a id::EnvironmentId => |x| Value::Text(x.as_str());
    &'a id::EventId => |x| Value::Text(x.as_str());
    &'a id::OrganizationId => |x| Value::Text(x.as_str());
    &'a id::FileId => |x| Value::Text(x.as_str());
    &'a id::ImportFileId => |x| Value::Text(x.as_str());
    &'a id::ImporterPipelineRunId => |x| Value::Text(x.as_str());
    &'a id::JobId => |x| Value::Text(x.as_str());
    &'a id::RequestId => |x| Value::Text(x.as_str());
    &'a id::TagId => |x| Value::Text(x.as_str());
    &'a id::UserAuditLogId => |x| Value::Text(x.as_str());
    &'a id::UserId => |x| Value::Text(x.as_str());
    &'a id::UserSessionId => |x| Value::Text(x.as_str());
    &'a id::WatchlistVersionId => |x| Value::Text(x.as_str());
}

impl<'a, T: Into<Value<'a>>> From<Option<T>> for Value<'a> {
    fn from(x: Option<T>) -> Self {
        x.map_or(Value::Null, Into::into)
    }
}

impl ToSql for Value<'_> {
    fn to_sql(
        &self,
        ty: &Type,
        out: &mut ToSqlBytes,
    ) -> std::result::Result<IsNull, Box<dyn std::error::Error + Sync + Send>> {
        match self {
            Value::Null => Ok(IsNull::Yes),
            Value::Bool(x) => x.to_sql_checked(ty, out),
            Value::Int(x) => x.to_sql_checked(ty, out),
            Value::Text(x) => x.to_sql_checked(ty, out),
            Value::Blob(x) => x.to_sql_checked(ty, out),
        }
    }

    fn accepts(_: &Type) -> bool {
        true
    }

    to_sql_checked!();
}

impl rusqlite::ToSql for Value<'_> {
    fn to_sql(&self) -> rusqlite::Result<rusqlite::types::ToSqlOutput<'_>> {
        use rusqlite::types::{ToSqlOutput, Value as Owned, ValueRef};
        Ok(match self {
            Value::Null => ToSqlOutput::Owned(Owned::Null),
            Value::Bool(x) => ToSqlOutput::Owned(Owned::Integer(i64::from(*x))),
            Value::Int(x) => ToSqlOutput::Owned(Owned::Integer(*x)),
            Value::Text(x) => ToSqlOutput::Borrowed(ValueRef::Text(x.as_bytes())),
            Value::Blob(x) => ToSqlOutput::Borrowed(ValueRef::Blob(x)),
        })
    }
}

/// One row of a result. Columns are read by position, from 0.
pub struct Row<'a>(pub(crate) Inner<'a>);

pub(crate) enum Inner<'a> {
    Sqlite(&'a rusqlite::Row<'a>),
    Postgres(&'a postgres::Row),
}

macro_rules! getters {
    ($($(#[$doc:meta])* $name:ident -> $ty:ty;)*) => {$(
        $(#[$doc])*
        ///
        /// # Errors
        /// The column is absent or of another kind: a statement and its reader disagree.
        pub fn $name(&self, column: usize) -> Result<$ty> {
            match &self.0 {
                Inner::Sqlite(row) => row.get(column).map_err(|_| wrong_kind(column)),
                Inner::Postgres(row) => row.try_get(column).map_err(|_| wrong_kind(column)),
            }
        }
    )*};
}

fn wrong_kind(column: usize) -> Error {
    Error::corrupt(format!("column {column} is of another kind than expected"))
}

impl Row<'_> {
    getters! {
        /// A text.
        text -> String;
        /// A text or null.
        opt_text -> Option<String>;
        /// A whole number.
        int -> i64;
        /// A whole number or null.
        opt_int -> Option<i64>;
        /// A truth value.
        bool -> bool;
        /// Bytes.
        blob -> Vec<u8>;
        /// Bytes or null.
        opt_blob -> Option<Vec<u8>>;
    }

    /// An instant.
    ///
    /// # Errors
    /// As [`Row::int`].
    pub fn instant(&self, column: usize) -> Result<Timestamp> {
        self.int(column).map(Timestamp::from_micros)
    }

    /// An instant or null.
    ///
    /// # Errors
    /// As [`Row::opt_int`].
    pub fn opt_instant(&self, column: usize) -> Result<Option<Timestamp>> {
        Ok(self.opt_int(column)?.map(Timestamp::from_micros))
    }
}
