//! Imports: how the rows of a table become what accounts are to be like, and the states of a run.
//!
//! - `config` and `entry` are what a pipeline is told, as it is written and stored;
//! - `check` finds everything that makes no sense in it and plans the rest, `plan` maps rows;
//! - `target` finds what an entry writes, `text` what it says for a row, `coerce`, `numbers`, `pattern` and `moment` make values of cells;
//! - `propose` guesses a mapping from names and samples, and says where it cannot;
//! - `run` knows states, counters and outcomes;
//! - `schedule` says when files are looked for, and where.
//!
//! Nothing here reads files or looks accounts up.

mod check;
mod coerce;
mod config;
mod entry;
mod moment;
mod numbers;
mod pattern;
mod plan;
mod propose;
mod row;
mod run;
mod sample;
mod schedule;
mod synonyms;
mod target;
#[cfg(test)]
mod tests;
mod text;

pub use config::{
    Destination, Duplicates, FileFormat, FileSettings, MatchKey, NULL_TOKENS_DEFAULT, PipelineConfig,
    WriteMode,
};
pub use entry::{Blank, From, MappingEntry, TagMode, Target};
pub use plan::Plan;
pub use propose::{Proposal, propose};
pub use row::{MappedRelation, MappedRow, MappedTags, RowCode, RowFault};
pub use run::{Action, Counters, RunAction, RunKind, RunStatus, Transition};
pub use schedule::{FileSource, Schedule};

use crate::violation::Violation;

/// Everything that is wrong with a pipeline, at least one thing.
pub type Violations = Vec<Violation>;
