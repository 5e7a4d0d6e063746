//! Counts requests per environment in fixed windows of one minute.
//!
//! A window opens with the first request and lasts 60 s; the counter starts anew with the first
//! request after its end. Time is an argument, and a refused request costs nothing.

use std::collections::HashMap;

use parking_lot::Mutex;

const WINDOW_SECONDS: u32 = 60;
const MICROS_PER_SECOND: u64 = 1_000_000;
const WINDOW_MICROS: u64 = WINDOW_SECONDS as u64 * MICROS_PER_SECOND;

/// What is reported as the limit when there is none.
const NO_LIMIT: u32 = 1_000_000;

/// Whether a request may run, and what the `RateLimit-*` headers say about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Decision {
    /// Whether the request may run; otherwise it is answered with 429.
    pub allowed: bool,
    /// Requests per window.
    pub limit: u32,
    /// Requests left in this window, after this one.
    pub remaining: u32,
    /// Whole seconds until the window ends, from 1 to 60.
    pub reset_seconds: u32,
}

/// Limits the requests of each environment.
#[derive(Debug)]
pub struct RateLimiter {
    limit: u32,
    windows: Mutex<Windows>,
}

#[derive(Debug, Default)]
struct Windows {
    open: HashMap<String, Window>,
    swept_at: i64,
}

#[derive(Debug)]
struct Window {
    opened_at: i64,
    used: u32,
}

impl RateLimiter {
    /// A limiter that allows so many requests per minute and environment; 0 means no limit.
    pub fn new(limit_per_minute: u32) -> Self {
        Self { limit: limit_per_minute, windows: Mutex::default() }
    }

    /// Counts one request of an environment and decides whether it may run.
    pub fn check(&self, environment: &str, now_micros: i64) -> Decision {
        if self.limit == 0 {
            let reset_seconds = WINDOW_SECONDS;
            return Decision { allowed: true, limit: NO_LIMIT, remaining: NO_LIMIT, reset_seconds };
        }
        let mut windows = self.windows.lock();
        windows.sweep(now_micros);
        if let Some(window) = windows.open.get_mut(environment) {
            return window.count(self.limit, now_micros);
        }
        let mut window = Window { opened_at: now_micros, used: 0 };
        let decision = window.count(self.limit, now_micros);
        windows.open.insert(environment.to_owned(), window);
        decision
    }
}

impl Windows {
    /// Forgets the windows that ended, once a minute, so that memory holds active environments only.
    fn sweep(&mut self, now: i64) {
        if now.abs_diff(self.swept_at) >= WINDOW_MICROS {
            self.open.retain(|_, window| !window.is_over(now));
            self.swept_at = now;
        }
    }
}

impl Window {
    /// Requests may arrive a little out of order; a clock set back by more than a window ends it too.
    fn is_over(&self, now: i64) -> bool {
        now.abs_diff(self.opened_at) >= WINDOW_MICROS
    }

    fn count(&mut self, limit: u32, now: i64) -> Decision {
        if self.is_over(now) {
            *self = Self { opened_at: now, used: 0 };
        }
        let allowed = self.used < limit;
        self.used += u32::from(allowed);
        Decision { allowed, limit, remaining: limit - self.used, reset_seconds: self.seconds_left(now) }
    }

    fn seconds_left(&self, now: i64) -> u32 {
        let elapsed = now.max(self.opened_at).abs_diff(self.opened_at);
        let left = WINDOW_MICROS.saturating_sub(elapsed).div_ceil(MICROS_PER_SECOND);
        u32::try_from(left).unwrap_or(WINDOW_SECONDS)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: i64 = 1_000_000;
    const START: i64 = 1_770_000_000 * SECOND + 123_456;

    #[test]
    fn a_window_opens_with_the_first_request_and_resets_after_a_minute() {
        let limiter = RateLimiter::new(2);
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
            assert_eq!(limiter.check("env_a", START + after), expected, "{after}");
        }
    }

    #[test]
    fn environments_do_not_share_a_window() {
        let limiter = RateLimiter::new(1);
        assert!(limiter.check("env_a", START).allowed);
        assert!(!limiter.check("env_a", START).allowed);
        assert!(limiter.check("env_b", START).allowed);
    }

    #[test]
    fn no_limit_is_reported_as_a_large_one() {
        let decision = RateLimiter::new(0).check("env_a", START);
        let expected = Decision { allowed: true, limit: NO_LIMIT, remaining: NO_LIMIT, reset_seconds: 60 };
        assert_eq!(decision, expected);
    }

    #[test]
    fn a_clock_that_steps_back_neither_locks_out_nor_panics() {
        let limiter = RateLimiter::new(1);
        assert!(limiter.check("env_a", START).allowed);
        assert!(!limiter.check("env_a", START - SECOND).allowed);
        assert!(limiter.check("env_a", START - 3_600 * SECOND).allowed);
        assert!(limiter.check("env_a", i64::MIN).allowed);
        assert!(limiter.check("env_a", i64::MAX).allowed);
    }

    #[test]
    fn ended_windows_are_forgotten() {
        let limiter = RateLimiter::new(5);
        for number in 0..1_000 {
            limiter.check(&format!("env_{number}"), START);
        }
        assert_eq!(limiter.windows.lock().open.len(), 1_000);
        limiter.check("env_x", START + 61 * SECOND);
        assert_eq!(limiter.windows.lock().open.len(), 1);
    }
}
