//! Counts requests per environment in fixed windows of one minute.
//!
//! A window opens with the first request and lasts 60 s; the counter starts anew with the first
//! request after its end. Time is an argument, and a refused request costs nothing.
//!
//! Where several processes share a database, each admits from leases ([`muster_app::rate_limits`]) and asks
//! the database for another only when one is used up. Where there is one process, its lease is the window.

use std::collections::HashMap;
use std::sync::Arc;

use muster_app::rate_limits::{self, Lease};
use muster_app::{Error, Result};
use muster_domain::{EnvironmentId, Timestamp};
use muster_store::Db;
use parking_lot::Mutex;

const MICROS_PER_SECOND: u64 = 1_000_000;
const WINDOW_SECONDS: u32 = 60;

/// Leases that a request waits for at the most: others may use up what it waited for.
const LEASES_MAX: usize = 32;

/// What is reported as the limit when there is none.
const NO_LIMIT: u32 = 1_000_000;

/// Whether a request may run, and what the `RateLimit-*` headers say about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Decision {
    /// Whether the request may run; otherwise it is answered with 429.
    pub allowed: bool,
    /// Requests per window.
    pub limit: u32,
    /// Requests left in this window, after this one, as far as this process knows.
    pub remaining: u32,
    /// Whole seconds until the window ends, from 1 to 60.
    pub reset_seconds: u32,
}

/// Limits the requests of each environment.
pub struct RateLimiter {
    limit: u32,
    /// Where the windows are shared; none when this process is alone.
    shared: Option<Db>,
    windows: Arc<Mutex<Windows>>,
}

#[derive(Default)]
struct Windows {
    open: HashMap<EnvironmentId, Window>,
    swept_at: Option<Timestamp>,
}

/// What this process may still admit.
struct Window {
    opened_at: Timestamp,
    /// Requests it has leased and not admitted yet.
    leased: u32,
    /// Requests that were left to lease when it asked last.
    left: u32,
    /// Held by whoever asks for a lease.
    gate: Arc<tokio::sync::Mutex<()>>,
}

impl RateLimiter {
    /// A limiter that allows so many requests per minute and environment; 0 means no limit. `shared` is the
    /// database of several processes; without one, this process is alone.
    pub fn new(limit_per_minute: u32, shared: Option<Db>) -> Self {
        Self { limit: limit_per_minute, shared, windows: Arc::default() }
    }

    /// Counts one request of an environment and decides whether it may run.
    ///
    /// # Errors
    /// What the database reports, or [`Error::Busy`] when others are always faster; never where this process
    /// is alone.
    pub async fn check(&self, environment: &EnvironmentId, now: Timestamp) -> Result<Decision> {
        if self.limit == 0 {
            let reset_seconds = WINDOW_SECONDS;
            return Ok(Decision { allowed: true, limit: NO_LIMIT, remaining: NO_LIMIT, reset_seconds });
        }
        for _ in 0..LEASES_MAX {
            if let Some(decision) = self.count(environment, now) {
                return Ok(decision);
            }
            match &self.shared {
                None => {
                    let whole = Lease { opened_at: now, granted: self.limit, left: 0 };
                    self.windows.lock().take(environment, whole);
                }
                Some(db) => self.lease(db, environment, now).await?,
            }
        }
        Err(Error::Busy)
    }

    /// Counts a request if that takes no new lease.
    fn count(&self, environment: &EnvironmentId, now: Timestamp) -> Option<Decision> {
        let mut windows = self.windows.lock();
        windows.sweep(now);
        windows.open.get_mut(environment)?.count(self.limit, now)
    }

    /// Asks the database for requests. Whoever comes meanwhile waits for the answer to the first.
    async fn lease(&self, db: &Db, environment: &EnvironmentId, now: Timestamp) -> Result<()> {
        let gate = self.windows.lock().gate(environment, now);
        let asking = gate.lock_owned().await;
        if !self.windows.lock().is_used_up(environment, now) {
            return Ok(());
        }
        let (db, windows, limit) = (db.clone(), Arc::clone(&self.windows), self.limit);
        let environment = environment.clone();
        // On its own: what was leased must not be lost when the client goes away.
        let leasing = tokio::spawn(async move {
            let whose = environment.clone();
            let lease =
                db.write("rate_windows.lease", move |tx| rate_limits::lease(tx, &whose, limit, now)).await?;
            windows.lock().take(&environment, lease);
            drop(asking);
            Ok(())
        });
        leasing.await.unwrap_or_else(|_| Err(Error::bug("a lease of requests was given up")))
    }
}

impl Windows {
    /// Forgets the windows that ended, once a minute, so that memory holds active environments only.
    fn sweep(&mut self, now: Timestamp) {
        if self.swept_at.is_none_or(|at| rate_limits::is_over(at, now)) {
            self.open.retain(|_, window| !rate_limits::is_over(window.opened_at, now));
            self.swept_at = Some(now);
        }
    }

    /// The gate of an environment.
    fn gate(&mut self, environment: &EnvironmentId, now: Timestamp) -> Arc<tokio::sync::Mutex<()>> {
        let window = self.open.entry(environment.clone()).or_insert_with(|| Window::new(now));
        Arc::clone(&window.gate)
    }

    /// Whether the next request takes a new lease.
    fn is_used_up(&self, environment: &EnvironmentId, now: Timestamp) -> bool {
        self.open.get(environment).is_none_or(|window| window.is_used_up(now))
    }

    fn take(&mut self, environment: &EnvironmentId, lease: Lease) {
        let window = self.open.entry(environment.clone()).or_insert_with(|| Window::new(lease.opened_at));
        (window.opened_at, window.leased, window.left) = (lease.opened_at, lease.granted, lease.left);
    }
}

impl Window {
    /// One of which nothing is leased and nobody knows what is left.
    fn new(opened_at: Timestamp) -> Self {
        Self { opened_at, leased: 0, left: 1, gate: Arc::default() }
    }

    fn is_used_up(&self, now: Timestamp) -> bool {
        rate_limits::is_over(self.opened_at, now) || (self.leased == 0 && self.left > 0)
    }

    fn count(&mut self, limit: u32, now: Timestamp) -> Option<Decision> {
        if self.is_used_up(now) {
            return None;
        }
        let allowed = self.leased > 0;
        self.leased -= u32::from(allowed);
        let remaining = self.leased + self.left;
        Some(Decision { allowed, limit, remaining, reset_seconds: self.seconds_left(now) })
    }

    fn seconds_left(&self, now: Timestamp) -> u32 {
        let elapsed = now.max(self.opened_at).as_micros().abs_diff(self.opened_at.as_micros());
        let window = u64::from(WINDOW_SECONDS) * MICROS_PER_SECOND;
        let left = window.saturating_sub(elapsed).div_ceil(MICROS_PER_SECOND);
        u32::try_from(left).unwrap_or(WINDOW_SECONDS)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: i64 = 1_000_000;
    const START: i64 = 1_770_000_000 * SECOND + 123_456;

    async fn check(limiter: &RateLimiter, environment: &str, micros: i64) -> Decision {
        let environment = EnvironmentId::trusted(environment.to_owned());
        limiter.check(&environment, Timestamp::from_micros(micros)).await.unwrap()
    }

    #[tokio::test]
    async fn a_window_opens_with_the_first_request_and_resets_after_a_minute() {
        let limiter = RateLimiter::new(2, None);
        let table = [
            (0, true, 1, 60),
            (SECOND / 2, true, 0, 60),
            (30 * SECOND, false, 0, 30),
            (60 * SECOND - 1, false, 0, 1),
            (60 * SECOND, true, 1, 60),
            (150 * SECOND, true, 1, 60),
        ];
        for (after, allowed, remaining, reset_seconds) in table {
            let expected = Decision { allowed, limit: 2, remaining, reset_seconds };
            assert_eq!(check(&limiter, "env_a", START + after).await, expected, "{after}");
        }
    }

    #[tokio::test]
    async fn environments_do_not_share_a_window() {
        let limiter = RateLimiter::new(1, None);
        assert!(check(&limiter, "env_a", START).await.allowed);
        assert!(!check(&limiter, "env_a", START).await.allowed);
        assert!(check(&limiter, "env_b", START).await.allowed);
    }

    #[tokio::test]
    async fn no_limit_is_reported_as_a_large_one() {
        let decision = check(&RateLimiter::new(0, None), "env_a", START).await;
        let expected = Decision { allowed: true, limit: NO_LIMIT, remaining: NO_LIMIT, reset_seconds: 60 };
        assert_eq!(decision, expected);
    }

    #[tokio::test]
    async fn a_clock_that_steps_back_neither_locks_out_nor_panics() {
        let limiter = RateLimiter::new(1, None);
        assert!(check(&limiter, "env_a", START).await.allowed);
        assert!(!check(&limiter, "env_a", START - SECOND).await.allowed);
        assert!(check(&limiter, "env_a", START - 3_600 * SECOND).await.allowed);
        assert!(check(&limiter, "env_a", i64::MIN).await.allowed);
        assert!(check(&limiter, "env_a", i64::MAX).await.allowed);
    }

    #[tokio::test]
    async fn ended_windows_are_forgotten() {
        let limiter = RateLimiter::new(5, None);
        for number in 0..1_000 {
            check(&limiter, &format!("env_{number}"), START).await;
        }
        assert_eq!(limiter.windows.lock().open.len(), 1_000);
        check(&limiter, "env_x", START + 61 * SECOND).await;
        assert_eq!(limiter.windows.lock().open.len(), 1);
    }
}
