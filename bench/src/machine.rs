//! What the figures were taken on, and how to let it come to rest between two of them.

use std::fmt;
use std::process::Command;

use serde_json::{Value, json};

/// The machine, as far as a reader of the figures needs it.
pub struct Machine {
    cores: usize,
    processor: String,
    kernel: String,
}

impl Machine {
    /// Looks around.
    pub fn of_this_run() -> Self {
        let read = |path: &str| std::fs::read_to_string(path).unwrap_or_default();
        let processor = read("/proc/cpuinfo").lines().find_map(|line| {
            line.strip_prefix("model name")?.split_once(':').map(|(_, name)| name.trim().to_owned())
        });
        Self {
            cores: std::thread::available_parallelism().map_or(1, usize::from),
            processor: processor.unwrap_or_default(),
            kernel: read("/proc/sys/kernel/osrelease").trim().to_owned(),
        }
    }

    /// For `--json`.
    pub fn json(&self) -> Value {
        json!({ "cores": self.cores, "processor": self.processor, "kernel": self.kernel })
    }
}

impl fmt::Display for Machine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} cores, {}, Linux {}. Server, database and load share them: compare ratios, not figures.",
            self.cores, self.processor, self.kernel
        )
    }
}

/// Writes out what earlier measurements left in memory, so that the next one does not pay for it.
pub fn settle() {
    // It only evens things out; a machine without the program measures all the same.
    let _ = Command::new("sync").status();
}
