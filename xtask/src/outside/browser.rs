//! The reference page as a person uses it.

use std::process::Command;

use super::{folder, packages, run, server::Server};
use crate::{Outcome, machine};

/// Opens the page of a running server in Chromium; screenshots stay in the target folder.
pub fn check() -> Outcome<bool> {
    let place = packages::node("browser")?;
    let server = Server::start(None)?;
    let chromium = machine::on_path("chromium").ok_or("chromium is missing")?;
    let mut node = Command::new("node");
    node.arg("reference.mjs").arg(format!("{}/api/reference", server.origin())).arg(&server.key);
    run(node.arg(folder("screenshots")?).env("CHROMIUM", chromium).current_dir(place))?;
    Ok(true)
}
