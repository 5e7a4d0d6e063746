//! Importers on the wire: files, pipelines, runs and what became of rows, and the importers of the published
//! endpoints.

mod file;
mod mapping;
mod pipeline;
mod row;
mod run;

pub use file::{ImporterFile, PART_BYTES, Sample};
pub use mapping::proposal;
pub use pipeline::config_schema;
pub use row::{Hidden, row, row_of};

pub(super) use file::file;
pub(super) use pipeline::pipeline;
pub(super) use run::{importer, run};

use serde_json::Value;

/// The schemas of all of them.
pub fn schemas() -> Vec<(&'static str, Value)> {
    vec![
        ("importer", run::importer_schema()),
        ("importer-file", file::schema()),
        ("importer-mapping", mapping::schema()),
        ("importer-pipeline", pipeline::schema()),
        ("importer-pipeline-config", config_schema()),
        ("importer-pipeline-run", run::schema()),
        ("importer-row", row::schema()),
    ]
}
