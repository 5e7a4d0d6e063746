//! A server with the demo installation, for as long as somebody needs it.

use std::{
    fs,
    io::{BufRead, BufReader},
    path::PathBuf,
    process::{Child, Command, Stdio},
};

use super::{folder, muster};
use crate::Outcome;

/// Requests per minute: more than anybody sends.
const RATE_LIMIT: &str = "1000000";

/// A running server.
pub struct Server {
    child: Child,
    data: PathBuf,
    /// The address of the API, with `/api/v1`.
    pub url: String,
    /// The key of its sandbox.
    pub key: String,
}

impl Server {
    /// Starts a server on an empty database: one of its own, or that of a URL.
    pub fn start(database: Option<&str>) -> Outcome<Server> {
        Self::start_with(database, &[])
    }

    /// [`Server::start`], with variables of its environment.
    pub fn start_with(database: Option<&str>, variables: &[(&str, &str)]) -> Outcome<Server> {
        let data = folder(&format!("data-{}", std::process::id()))?;
        let mut command = Command::new(muster()?);
        command
            .args(["serve", "--demo", "--listen", "127.0.0.1:0", "--rate-limit", RATE_LIMIT, "--data"])
            .arg(&data);
        command.envs(variables.iter().copied());
        if let Some(database) = database {
            command.args(["--database", database]);
        }
        let mut child = command.stdout(Stdio::piped()).spawn()?;
        let stdout = child.stdout.take();
        let mut server = Server { child, data, url: String::new(), key: String::new() };
        for line in BufReader::new(stdout.ok_or("the server has no standard output")?).lines() {
            let line = line?;
            match line.split_once("  ") {
                Some(("API key", key)) => server.key = key.trim().to_owned(),
                Some(("Base URL", url)) => server.url = url.trim().to_owned(),
                _ if line.starts_with("Ready") => return Ok(server),
                _ => {}
            }
        }
        Err("the server ended before it was ready".into())
    }

    /// A fact of its demo, such as `inquiry-template-id`.
    pub fn fact(&self, name: &str) -> Outcome<String> {
        let facts: serde_json::Value = serde_json::from_slice(&fs::read(self.data.join("demo.json"))?)?;
        Ok(facts[name].as_str().ok_or(format!("demo.json has no {name}"))?.to_owned())
    }

    /// The address of the server itself.
    pub fn origin(&self) -> &str {
        self.url.trim_end_matches("/api/v1")
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended by itself; its data goes in any case.
        let _ = self.child.kill();
        let _ = self.child.wait();
        let _ = fs::remove_dir_all(&self.data);
    }
}
