//! `muster openapi`.

use clap::Args;
use muster_api::openapi::written;
use muster_api::versions::ApiVersion;

use crate::output::{Failure, fail, line};

#[derive(Args)]
pub struct Arguments {
    /// The version of the API, such as 2023-01-05 [default: the newest]
    #[arg(long = "version", value_name = "DATE", id = "api-version")]
    version: Option<String>,
    /// Print YAML instead of JSON
    #[arg(long)]
    yaml: bool,
}

pub fn run(arguments: &Arguments) -> Result<(), Failure> {
    let Some(version) = arguments.version.as_deref().map_or(Some(ApiVersion::NEWEST), ApiVersion::parse)
    else {
        return fail(format!("--version: known are {}", ApiVersion::ALL.map(ApiVersion::as_str).join(", ")));
    };
    let document = written(version);
    line(if arguments.yaml { &document.yaml } else { &document.json }.trim_end());
    Ok(())
}
