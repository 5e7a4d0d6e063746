//! Running the built program.

use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};

use muster_client::{Client, Value};

/// The program with a command line, deaf to the variables of whoever runs the tests.
pub fn muster(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_muster"));
    for name in
        ["DATA", "DATABASE", "LISTEN", "CONFIG", "MASTER_KEY", "MASTER_KEY_FILE", "MASTER_KEY_COMMAND"]
    {
        command.env_remove(format!("MUSTER_{name}"));
    }
    command.env("MUSTER_RATE_LIMIT", "0").env("MUSTER_LOG", "error").args(arguments);
    command
}

/// Runs a command line to its end.
pub fn run(arguments: &[&str]) -> Output {
    muster(arguments).output().unwrap()
}

/// What a command line wrote to standard output. It must have succeeded.
pub fn stdout(arguments: &[&str]) -> String {
    let output = run(arguments);
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// The one line a command line failed with.
pub fn failure(arguments: &[&str]) -> String {
    let output = run(arguments);
    assert!(!output.status.success(), "{arguments:?} succeeded");
    let text = String::from_utf8(output.stderr).unwrap();
    assert_eq!(text.lines().count(), 1, "more than one line: {text}");
    text.trim().to_owned()
}

/// A demo server that is running. It is killed when dropped.
pub struct Server {
    child: Child,
    /// What it said until it was ready.
    pub said: String,
    pub base_url: String,
    pub key: String,
}

impl Server {
    /// Starts a demo server and waits until it says that it is ready.
    pub fn start(data: &Path, database: &str) -> Self {
        let mut server =
            Self::spawn(muster(&["serve", "--demo", "--database", database]).arg("--data").arg(data));
        let facts: Value = serde_json::from_slice(&std::fs::read(data.join("demo.json")).unwrap()).unwrap();
        assert_eq!(facts["base-url"], server.base_url.as_str());
        server.key = facts["api-key"].as_str().unwrap().to_owned();
        server
    }

    /// Starts a server of an installation that was set up by hand.
    pub fn start_with_key(data: &Path, key: &str) -> Self {
        let mut server = Self::spawn(muster(&["serve"]).arg("--data").arg(data));
        server.key = key.to_owned();
        server
    }

    fn spawn(command: &mut Command) -> Self {
        let mut child = command
            .args(["--listen", "127.0.0.1:0"])
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap);
        let said: Vec<String> = lines.take_while(|line| !line.starts_with("Ready.")).collect();
        let Some(base_url) = said.iter().find_map(|line| line.strip_prefix("Base URL  ")) else {
            let mut why = String::new();
            child.stderr.take().unwrap().read_to_string(&mut why).unwrap();
            panic!("the server did not start: {why}");
        };
        Self {
            child,
            base_url: base_url.to_owned(),
            said: said.join(
                "
",
            ),
            key: String::new(),
        }
    }

    /// Kills it without warning, as a power failure would.
    pub fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Asks it to end and says whether it ended well.
    pub fn stop(mut self) -> bool {
        let pid = self.child.id().to_string();
        assert!(Command::new("kill").args(["-INT", &pid]).status().unwrap().success());
        self.child.wait().unwrap().success()
    }

    /// A client of it that sends everything once: what the server leaves unanswered is an error.
    pub fn client(&self) -> Client {
        Client::builder(&self.base_url, &self.key).tries_max(1).build().unwrap()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
