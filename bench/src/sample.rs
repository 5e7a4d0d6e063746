//! One account as Muster itself stores it: the measure of the rows that the raw loops write.

use std::fmt;
use std::path::Path;

use muster_store::Engine;
use serde_json::{Value, json};

use crate::Outcome;
use crate::database::Database;
use crate::http;
use crate::requests::{Keys, Request};
use crate::scratch::Scratch;
use crate::server::{Server, Storage};

/// What the rows of a created account hold beside what is unique about them.
#[derive(Debug)]
pub struct Sample {
    /// The environment.
    pub environment: String,
    /// The account type.
    pub account_type: String,
    /// The status.
    pub status: String,
    /// Who caused the event.
    pub actor: String,
    /// What caused it.
    pub source: String,
    /// Its name.
    pub event: String,
    /// When.
    pub at: i64,
    /// Length of the sealed fields.
    pub fields_bytes: usize,
    /// Length of the wrapped key.
    pub wrapped_bytes: usize,
    /// Length of the sealed reply under an idempotency key.
    pub reply_bytes: usize,
    /// Bytes of an empty SQLite database with the demo organization in it.
    pub empty_bytes: f64,
}

/// Lets the server store one account and looks at its rows. Both engines store the same bytes.
pub fn take(program: &Path, scratch: &Scratch) -> Outcome<Sample> {
    const ROWS: &str =
        "SELECT a.environment_id, a.account_type_id, a.status_id, e.actor, e.source, e.name, e.at,
            length(a.fields), length(k.wrapped), length(i.body),
            (SELECT COUNT(*) FROM identifiers) + (SELECT COUNT(*) FROM field_index), e.payload IS NULL
        FROM accounts a
        JOIN data_keys k ON k.environment_id = a.environment_id AND k.subject_id = a.id
        JOIN events e ON e.environment_id = a.environment_id AND e.object_id = a.id
        JOIN idempotency_keys i ON i.environment_id = a.environment_id AND i.subject_id = a.id";
    let database = Database::new(scratch, Engine::Sqlite)?;
    let server = Server::start(program, scratch, &database, Storage::Kept)?;
    http::once(&server, Request::create(&server, Keys::Unique))?;
    server.stop()?;
    let empty_bytes = database.size_bytes()?;
    let (sample, identifiers, no_payload) = database.sqlite_reader()?.query_row(ROWS, [], |row| {
        let sample = Sample {
            environment: row.get(0)?,
            account_type: row.get(1)?,
            status: row.get(2)?,
            actor: row.get(3)?,
            source: row.get(4)?,
            event: row.get(5)?,
            at: row.get(6)?,
            fields_bytes: row.get::<_, u32>(7)? as usize,
            wrapped_bytes: row.get::<_, u32>(8)? as usize,
            reply_bytes: row.get::<_, u32>(9)? as usize,
            empty_bytes,
        };
        Ok((sample, row.get::<_, i64>(10)?, row.get::<_, bool>(11)?))
    })?;
    if identifiers != 3 || !no_payload {
        return Err(
            "an account is stored in other rows than the raw loops write; bring them up to date".into()
        );
    }
    Ok(sample)
}

impl Sample {
    /// For `--json`.
    pub fn json(&self) -> Value {
        json!({
            "sealed-fields-bytes": self.fields_bytes,
            "wrapped-key-bytes": self.wrapped_bytes,
            "sealed-reply-bytes": self.reply_bytes,
        })
    }
}

impl fmt::Display for Sample {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "One account: {} bytes of sealed fields, {} of its key, {} of the reply kept under an idempotency key.",
            self.fields_bytes, self.wrapped_bytes, self.reply_bytes
        )
    }
}
