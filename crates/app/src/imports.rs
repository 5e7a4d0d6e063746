//! Imports: files of any size become accounts.
//!
//! A pipeline says how the rows of a file become accounts, a run does it: a durable job that goes through
//! [`crate::accounts::find_or_create`] chunk by chunk. Each chunk is one transaction that holds what became of its
//! rows as well, so no row is done twice and none is lost, whenever the process ends.

pub mod files;
pub mod outcomes;
pub mod pipelines;
mod run;
pub mod runs;
mod upload;

pub use files::{File, FileStatus};
pub use muster_tabular::Detected;
pub use outcomes::RowOutcome;
pub use pipelines::{NewPipeline, Pipeline, PipelineChanges, PipelineStatus, RunType};
pub(crate) use run::run;
pub use upload::{check_sha256, put_parts};
pub use runs::{NewRun, Run};
