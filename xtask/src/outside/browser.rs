//! The reference page and the hosted pages as a person uses them.

use std::net::TcpListener;
use std::process::Command;

use super::{folder, packages, run, server::Server};
use crate::{Outcome, machine};

/// Opens the reference page of a running server in Chromium; screenshots stay in the target folder.
pub fn check() -> Outcome<bool> {
    let place = packages::node("browser")?;
    let server = Server::start(None)?;
    let chromium = machine::on_path("chromium").ok_or("chromium is missing")?;
    let mut node = Command::new("node");
    node.arg("reference.mjs").arg(format!("{}/api/reference", server.origin())).arg(&server.key);
    run(node.arg(folder("screenshots")?).env("CHROMIUM", chromium).current_dir(place))?;
    Ok(true)
}

/// Walks the demo flow in Chromium: from a one-time link to the redirect, with e-mail that goes nowhere else;
/// screenshots stay in the target folder.
pub fn check_hosted() -> Outcome<bool> {
    let place = packages::node("browser")?;
    // Somebody else may take the port meanwhile; then the check fails and says so.
    let port = TcpListener::bind(("127.0.0.1", 0))?.local_addr()?.port().to_string();
    let smtp = format!("smtp://127.0.0.1:{port}?tls=none");
    let mail = [("MUSTER_SMTP_URL", smtp.as_str()), ("MUSTER_MAIL_FROM", "Muster <no-reply@muster.example>")];
    let server = Server::start_with(None, &mail)?;
    let chromium = machine::on_path("chromium").ok_or("chromium is missing")?;
    let mut node = Command::new("node");
    node.arg("hosted.mjs").arg(server.origin()).arg(&server.key).arg(server.fact("inquiry-template-id")?);
    run(node.arg(folder("screenshots")?).arg(port).env("CHROMIUM", chromium).current_dir(place))?;
    Ok(true)
}
