//! A closed loop: each client sends its next request when the last one is answered.

use std::time::{Duration, Instant};

use crate::figures::Figure;

/// How long a measurement takes, and when: what is answered before `from` only warms up.
#[derive(Clone, Copy, Debug)]
pub struct Window {
    from: Instant,
    until: Instant,
}

impl Window {
    /// Opens the window after a third of its length.
    pub fn open(seconds: u64) -> Self {
        let length = Duration::from_secs(seconds);
        let from = Instant::now() + length / 3;
        Self { from, until: from + length }
    }

    /// Makes the meter of one client.
    pub fn meter(self) -> Meter {
        Meter { window: self, answered: 0, micros: Vec::with_capacity(1 << 16) }
    }

    /// Puts the meters of all clients together.
    pub fn figure(self, meters: Vec<Meter>) -> Figure {
        let answered = meters.iter().map(|meter| meter.answered).sum();
        let mut micros: Vec<u32> = meters.into_iter().flat_map(|meter| meter.micros).collect();
        micros.sort_unstable();
        Figure::new(answered, &micros, (self.until - self.from).as_secs_f64())
    }
}

/// The stop watch of one client.
#[derive(Debug)]
pub struct Meter {
    window: Window,
    /// Everything that was answered, warm-up and all.
    answered: u64,
    /// How long the answers within the window took.
    micros: Vec<u32>,
}

impl Meter {
    /// Notes that what began at `began` is answered now. `false` when time is up.
    pub fn note(&mut self, began: Instant) -> bool {
        let now = Instant::now();
        self.answered += 1;
        if now >= self.window.until {
            return false;
        }
        if now >= self.window.from {
            self.micros.push(u32::try_from((now - began).as_micros()).unwrap_or(u32::MAX));
        }
        true
    }
}
