//! How far a run is, on standard error: a bar on a terminal, else a line now and then.

use std::io::{IsTerminal, Write};
use std::time::{Duration, Instant};

use indicatif::{HumanDuration, ProgressBar, ProgressStyle};
use muster_app::imports::Run;
use muster_domain::import::Counters;

use super::report::counts;

/// How often a line is written where there is no terminal.
const LINE_EVERY: Duration = Duration::from_secs(5);
const BAR: &str = "{bar:28} {pos}/{len} rows  {msg}";
const NO_BAR: &str = "{spinner} {pos} rows  {msg}";

/// Shows how far a run is.
pub struct Progress {
    bar: Option<ProgressBar>,
    /// Rows that were done before this process took the run up.
    before: u64,
    since: Instant,
    told: Instant,
}

impl Progress {
    /// Begins at where the run is.
    pub fn new(run: &Run) -> Self {
        let bar = std::io::stderr().is_terminal().then(ProgressBar::no_length);
        let now = Instant::now();
        Self { bar, before: run.counters.read, since: now, told: now }
    }

    /// Shows how far the run is now.
    pub fn show(&mut self, run: &Run) {
        let (read, total) = (run.counters.read, run.estimated_rows.map(|rows| rows.max(run.counters.read)));
        let message = self.message(&run.counters, total);
        let Some(bar) = &self.bar else {
            if self.told.elapsed() >= LINE_EVERY {
                self.told = Instant::now();
                let of = total.map(|total| format!(" of about {total}")).unwrap_or_default();
                let _ = writeln!(std::io::stderr(), "{read}{of} rows  {message}");
            }
            return;
        };
        let template = if total.is_some() { BAR } else { NO_BAR };
        if let Ok(style) = ProgressStyle::with_template(template) {
            bar.set_style(style);
        }
        if let Some(total) = total {
            bar.set_length(total);
        }
        bar.set_position(read);
        bar.set_message(message);
    }

    /// Rate, time left and counts.
    fn message(&self, counters: &Counters, total: Option<u64>) -> String {
        let seconds = self.since.elapsed().as_secs_f64().max(0.001);
        let rate = counters.read.saturating_sub(self.before) as f64 / seconds;
        let left = total.filter(|_| rate > 0.0).map(|total| {
            let seconds = total.saturating_sub(counters.read) as f64 / rate;
            format!(", {} left", HumanDuration(Duration::from_secs_f64(seconds.min(1e9))))
        });
        format!("{rate:.0} rows/s{}  {}", left.unwrap_or_default(), counts(counters))
    }

    /// Takes the bar away.
    pub fn end(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}
