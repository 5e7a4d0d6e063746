//! The current minute of each environment, as all processes on one database share it.

use muster_domain::{EnvironmentId, Timestamp};

use crate::error::{Error, Result};
use crate::{Tx, params};

crate::statements! {
    // Writes what is there already: on PostgreSQL that holds the row until the transaction ends.
    HOLD = "INSERT INTO rate_windows (environment_id, opened_at, used) VALUES ($1, $2, 0)
            ON CONFLICT (environment_id) DO UPDATE SET used = rate_windows.used
            RETURNING opened_at, used";
    SET = "UPDATE rate_windows SET opened_at = $2, used = $3 WHERE environment_id = $1";
}

/// A minute in which requests are counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RateWindow {
    /// When its first request came.
    pub opened_at: Timestamp,
    /// Requests that were admitted or leased since.
    pub used: i64,
}

/// Reads the window of an environment, or opens its first one, and keeps it as it is until the
/// transaction ends.
///
/// # Errors
/// What the engine reports.
pub fn hold(tx: &mut Tx<'_>, environment: &EnvironmentId, now: Timestamp) -> Result<RateWindow> {
    let held = tx.query_opt(&HOLD, params![environment, now], |row| {
        Ok::<_, Error>(RateWindow { opened_at: row.instant(0)?, used: row.int(1)? })
    })?;
    held.ok_or_else(|| Error::corrupt("a window of requests was not kept"))
}

/// Replaces a window that this transaction holds.
///
/// # Errors
/// What the engine reports.
pub fn set(tx: &mut Tx<'_>, environment: &EnvironmentId, window: RateWindow) -> Result<()> {
    tx.execute(&SET, params![environment, window.opened_at, window.used]).map(|_| ())
}
