//! Runs: their states, their counters and the outcomes of their rows.

use serde::{Deserialize, Serialize};

/// Where a run stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RunStatus {
    /// It waits for a worker.
    #[default]
    Pending,
    /// It works.
    Running,
    /// Somebody stopped it for now.
    Paused,
    /// Somebody stopped it for good. What it wrote stays.
    Canceled,
    /// It came to the end of its source; rows may have failed.
    Completed,
    /// It gave up: too many rows failed, or the source cannot be read.
    Errored,
    /// It lost its worker too often.
    Killed,
}

/// What happens to a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum RunAction {
    /// A worker takes it up for the first time.
    Start,
    /// Somebody pauses it.
    Pause,
    /// Somebody resumes it.
    Resume,
    /// Somebody cancels it.
    Cancel,
    /// It comes to the end of its source.
    Complete,
    /// It gives up.
    Fail,
    /// It is taken down.
    Kill,
}

/// Where an action leads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Transition {
    /// The status after it.
    pub status: RunStatus,
    /// The verb of the event `importer-pipeline-run.…`, if there is one.
    pub event: Option<&'static str>,
}

impl RunStatus {
    /// All statuses.
    pub const ALL: [Self; 7] = [
        Self::Pending,
        Self::Running,
        Self::Paused,
        Self::Canceled,
        Self::Completed,
        Self::Errored,
        Self::Killed,
    ];

    /// The status as it is shown.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Running => "running",
            Self::Paused => "paused",
            Self::Canceled => "canceled",
            Self::Completed => "completed",
            Self::Errored => "errored",
            Self::Killed => "killed",
        }
    }

    /// Reads a status as it is shown.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.as_str() == text)
    }

    /// Where an action leads from here; nothing if it is not possible here (spec B.3.4).
    #[must_use]
    pub const fn after(self, action: RunAction) -> Option<Transition> {
        use RunAction as A;
        let (status, event) = match (self, action) {
            (Self::Pending, A::Start) => (Self::Running, Some("started")),
            (Self::Pending | Self::Running | Self::Paused, A::Cancel) => (Self::Canceled, Some("canceled")),
            (Self::Running, A::Pause) => (Self::Paused, Some("paused")),
            (Self::Paused | Self::Errored | Self::Killed, A::Resume) => (Self::Running, Some("resumed")),
            (Self::Running, A::Complete) => (Self::Completed, Some("completed")),
            (Self::Running, A::Fail) => (Self::Errored, Some("errored")),
            (Self::Running, A::Kill) => (Self::Killed, None),
            _ => return None,
        };
        Some(Transition { status, event })
    }

    /// Whether the run does nothing more unless somebody resumes it; `ended-at` is set then.
    #[must_use]
    pub const fn has_ended(self) -> bool {
        matches!(self, Self::Canceled | Self::Completed | Self::Errored | Self::Killed)
    }
}

/// What a run is for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RunKind {
    /// It writes accounts.
    #[default]
    Import,
    /// It finds out what an import would write, and writes nothing.
    DryRun,
    /// It takes back what an import wrote.
    Undo,
}

impl RunKind {
    /// The kind as it is shown.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Import => "import",
            Self::DryRun => "dry-run",
            Self::Undo => "undo",
        }
    }
}

/// What became of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Action {
    /// Its account was created.
    Created,
    /// Its account was updated.
    Updated,
    /// Its account was as wanted already.
    Unchanged,
    /// It was left out on purpose.
    Skipped,
    /// It could not be applied.
    Error,
}

impl Action {
    /// All actions.
    pub const ALL: [Self; 5] = [Self::Created, Self::Updated, Self::Unchanged, Self::Skipped, Self::Error];

    /// The action as an import shows it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Created => "created",
            Self::Updated => "updated",
            Self::Unchanged => "unchanged",
            Self::Skipped => "skipped",
            Self::Error => "error",
        }
    }

    /// The action as a dry run shows it: what would become of the row.
    #[must_use]
    pub const fn as_planned(self) -> &'static str {
        match self {
            Self::Created => "create",
            Self::Updated => "update",
            Self::Unchanged => "unchanged",
            Self::Skipped => "skip",
            Self::Error => "error",
        }
    }

    /// Reads an action as an import or a dry run shows it.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|action| action.as_str() == text || action.as_planned() == text)
    }
}

/// How many rows a run has read, and what became of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", default)]
pub struct Counters {
    /// Rows read.
    pub read: u64,
    /// Rows whose account was created.
    pub created: u64,
    /// Rows whose account was updated.
    pub updated: u64,
    /// Rows whose account was as wanted already.
    pub unchanged: u64,
    /// Rows left out on purpose.
    pub skipped: u64,
    /// Rows that could not be applied.
    pub errors: u64,
    /// Warnings; a row can have several, whatever became of it.
    pub warnings: u64,
}

impl Counters {
    /// Counts one more row with its warnings.
    pub fn count(&mut self, action: Action, warnings: u64) {
        self.read += 1;
        self.warnings += warnings;
        match action {
            Action::Created => self.created += 1,
            Action::Updated => self.updated += 1,
            Action::Unchanged => self.unchanged += 1,
            Action::Skipped => self.skipped += 1,
            Action::Error => self.errors += 1,
        }
    }

    /// Adds what another part of the run counted.
    pub fn add(&mut self, other: &Self) {
        self.read += other.read;
        self.created += other.created;
        self.updated += other.updated;
        self.unchanged += other.unchanged;
        self.skipped += other.skipped;
        self.errors += other.errors;
        self.warnings += other.warnings;
    }

    /// Whether every row read is counted exactly once.
    #[must_use]
    pub const fn adds_up(&self) -> bool {
        self.read == self.created + self.updated + self.unchanged + self.skipped + self.errors
    }

    /// Rows whose account is as the row wants it: created, updated or unchanged.
    #[must_use]
    pub const fn succeeded(&self) -> u64 {
        self.created + self.updated + self.unchanged
    }

    /// Whether a run should give up: at least 100 rows, and at least this share of them errors.
    #[must_use]
    pub fn is_hopeless(&self, max_error_ratio: f64) -> bool {
        const ROWS_MIN: u64 = 100;
        self.errors > 0 && self.read >= ROWS_MIN && self.errors as f64 >= max_error_ratio * self.read as f64
    }
}
