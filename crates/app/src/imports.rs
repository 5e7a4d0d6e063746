//! Imports: files of any size become accounts.
//!
//! A pipeline says how the rows of a file become accounts, a run does it: a durable job that goes through
//! [`crate::accounts::find_or_create`] chunk by chunk. Each chunk is one transaction that holds what became of its
//! rows as well, so no row is done twice and none is lost, whenever the process ends.

mod chunk;
mod covered;
mod erase;
pub mod files;
pub mod legacy;
pub mod outcomes;
mod pace;
pub mod pipelines;
pub mod plan;
mod prepare;
mod redact;
mod retry;
pub mod rows;
mod run;
pub mod runs;
mod seen;
mod source;
mod timetable;
mod traces;
pub mod undo;
mod upload;

pub(crate) use erase::{cells_step, file_step};
pub use files::{File, FileStatus};
pub use legacy::{Importer, ImporterStatus};
pub use muster_tabular::Detected;
pub use outcomes::RowOutcome;
pub use pace::{Imports, Interruption, Pace};
pub use pipelines::{NewPipeline, Pipeline, PipelineChanges, PipelineStatus, RunType};
pub use redact::redact;
pub use retry::{refused_rows, retry};
pub(crate) use run::{LEASE, run};
pub use runs::{NewRun, Run};
pub(crate) use timetable::look;
pub use timetable::{Look, LookOutcome};
pub(crate) use traces::{forget, traces_step};
pub use upload::{check_sha256, put_parts};
