//! `cargo xtask openapi`: writes the newest OpenAPI document into `docs`.

use crate::{Outcome, cargo, root};

/// The document, from the root of the project.
const FILE: &str = "docs/openapi.yaml";

/// Writes it; `false` if the program could not make it.
pub fn write() -> Outcome<bool> {
    let output = cargo()?
        .args(["run", "--quiet", "--package", "muster", "--", "openapi", "--yaml"])
        .stderr(std::process::Stdio::inherit())
        .output()?;
    if output.status.success() {
        std::fs::write(root()?.join(FILE), output.stdout)?;
    }
    Ok(output.status.success())
}
