//! The limit of requests per minute, shared by all processes on one database.
//!
//! A process leases a part of what is left of an environment's minute and admits from it without asking again.
//! What is leased is never more than what is left, so all processes together never admit more than the limit;
//! a lease shrinks with what is left down to a single request, so they admit no less while all are asked.

use std::time::Duration;

use muster_domain::{EnvironmentId, Timestamp};
use muster_store::Tx;
use muster_store::rate_windows::{self as rows, RateWindow};

use crate::Result;

/// How long a window lasts (spec A.6).
pub const WINDOW: Duration = Duration::from_secs(60);
/// Which part of what is left is leased at once.
const PART: i64 = 10;

/// Requests that a process may admit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lease {
    /// When the window was opened that they belong to.
    pub opened_at: Timestamp,
    /// How many they are; 0 when nothing is left.
    pub granted: u32,
    /// What is left for everybody beside them.
    pub left: u32,
}

/// True when a window that was opened at `opened_at` is over. Clocks may differ a little; one that was set back
/// by more than a window ends it too.
#[must_use]
pub fn is_over(opened_at: Timestamp, now: Timestamp) -> bool {
    u128::from(now.as_micros().abs_diff(opened_at.as_micros())) >= WINDOW.as_micros()
}

/// Leases requests of the current window, or of a new one if that is over.
///
/// # Errors
/// What the store reports.
pub fn lease(tx: &mut Tx<'_>, environment: &EnvironmentId, limit: u32, now: Timestamp) -> Result<Lease> {
    let held = rows::hold(tx, environment, now)?;
    let window = if is_over(held.opened_at, now) { RateWindow { opened_at: now, used: 0 } } else { held };
    let left = (i64::from(limit) - window.used).max(0);
    let granted = left.min((left / PART).max(1));
    if granted > 0 {
        rows::set(tx, environment, RateWindow { used: window.used + granted, ..window })?;
    }
    let count = |n: i64| u32::try_from(n).unwrap_or(limit);
    Ok(Lease { opened_at: window.opened_at, granted: count(granted), left: count(left - granted) })
}
