//! The program under test: building it, starting it, watching it, ending it for sure.

use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

use crate::Outcome;
use crate::database::Database;
use crate::scratch::Scratch;

/// Ticks of `/proc/PID/stat` in a second: what Linux tells every program, whatever it uses itself.
const TICKS_PER_SECOND: f64 = 100.0;
/// How long a server may take to finish.
const STOP_MAX: Duration = Duration::from_secs(60);

/// Whether the server is to store what it is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Storage {
    /// As always.
    Kept,
    /// It answers creations and keeps nothing.
    Skipped,
}

/// A running server. Dropping it kills it.
pub struct Server {
    child: Child,
    /// Its address.
    pub address: SocketAddr,
    /// The key of the demo environment.
    pub key: String,
    note: PathBuf,
    log: PathBuf,
    /// A server whose output nobody holds is told so when it next prints.
    _output: BufReader<ChildStdout>,
}

/// Builds the program, unless one is given.
pub fn find_program(given: Option<&Path>) -> Outcome<PathBuf> {
    if let Some(path) = given {
        return Ok(path.canonicalize().map_err(|error| format!("{}: {error}", path.display()))?);
    }
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let here = std::env::var_os("CARGO_MANIFEST_DIR").unwrap_or_else(|| env!("CARGO_MANIFEST_DIR").into());
    let output = Command::new(cargo)
        .args(["build", "--release", "-p", "muster", "--message-format=json-render-diagnostics"])
        .current_dir(here)
        .stderr(Stdio::inherit())
        .output()?;
    if !output.status.success() {
        return Err("the server could not be built".into());
    }
    let built = String::from_utf8_lossy(&output.stdout)
        .lines()
        .filter_map(|line| serde_json::from_str::<serde_json::Value>(line).ok())
        .filter(|message| message["target"]["name"] == "muster")
        .find_map(|message| message["executable"].as_str().map(PathBuf::from));
    Ok(built.ok_or("cargo did not say where the server is")?)
}

impl Server {
    /// Starts it on a database and waits until it listens.
    pub fn start(program: &Path, scratch: &Scratch, database: &Database, storage: Storage) -> Outcome<Self> {
        let log = database.folder().join("server.log");
        let mut command = Command::new(program);
        command.args(["serve", "--demo", "--listen", "127.0.0.1:0", "--rate-limit", "0"]);
        command.arg("--data").arg(database.folder()).args(["--database", &database.url()]);
        if storage == Storage::Skipped {
            command.arg("--bench-without-storage");
        }
        for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("MUSTER_"))
        {
            command.env_remove(name);
        }
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(std::fs::File::create(&log)?);
        let mut child = command.spawn().map_err(|error| format!("{}: {error}", program.display()))?;
        let note = scratch.server_note();
        let noted = std::fs::write(&note, child.id().to_string());
        let said = child.stdout.take().map(|output| greeting(BufReader::new(output)));
        match (noted, said) {
            (Ok(()), Some(Ok((address, key, output)))) => {
                Ok(Self { child, address, key, note, log, _output: output })
            }
            (noted, _) => {
                let _ = child.kill();
                let _ = child.wait();
                let words = std::fs::read_to_string(&log).unwrap_or_default();
                noted?;
                Err(format!("the server did not start: {}", words.trim()).into())
            }
        }
    }

    /// How to look inside while it works.
    pub fn how_to_profile(&self) -> String {
        format!(
            "perf record -F 999 -g -o muster.perf -p {0} -- sleep 4   # then: perf report -i muster.perf",
            self.child.id()
        )
    }

    /// Processor seconds it has used.
    pub fn cpu_seconds(&self) -> Outcome<f64> {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.child.id()))?;
        // What stands in brackets is its name, which may hold anything.
        let after = stat.rsplit_once(") ").map_or("", |(_, rest)| rest);
        let ticks = after.split(' ').skip(11).take(2).map(str::parse::<f64>).sum::<Result<f64, _>>()?;
        Ok(ticks / TICKS_PER_SECOND)
    }

    /// Megabytes it has in memory: at most so far, and now.
    pub fn memory_mib(&self) -> Outcome<(f64, f64)> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id()))?;
        let read = |name: &str| -> Outcome<f64> {
            let line = status.lines().find_map(|line| line.strip_prefix(name)).ok_or("no memory is told")?;
            Ok(line.trim().trim_end_matches("kB").trim().parse::<f64>()? / 1024.0)
        };
        Ok((read("VmHWM:")?, read("VmRSS:")?))
    }

    /// Ends it as an operator would, so that everything is in the file, and returns what it logged.
    pub fn stop(mut self) -> Outcome<String> {
        Command::new("kill").args(["-TERM", &self.child.id().to_string()]).status()?;
        let asked = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait()? {
                let words = std::fs::read_to_string(&self.log).unwrap_or_default();
                let words = words.trim().to_owned();
                return if status.success() {
                    Ok(words)
                } else {
                    Err(format!("the server: {status}: {words}").into())
                };
            }
            if asked.elapsed() > STOP_MAX {
                return Err("the server did not stop when it was asked to".into());
            }
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Both fail only when it has ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
        let _ = std::fs::remove_file(&self.note);
    }
}

type Greeting = (SocketAddr, String, BufReader<ChildStdout>);

/// Reads what the server prints until it is ready.
fn greeting(mut output: BufReader<ChildStdout>) -> Outcome<Greeting> {
    let (mut address, mut key, mut line) = (None, None, String::new());
    while output.read_line(&mut line)? > 0 {
        if let Some(url) = line.strip_prefix("Base URL") {
            let host = url.trim().trim_start_matches("http://").split('/').next().unwrap_or_default();
            address = Some(host.parse::<SocketAddr>()?);
        }
        if let Some(text) = line.strip_prefix("API key") {
            key = Some(text.trim().to_owned());
        }
        if line.starts_with("Ready") {
            return Ok((address.ok_or("no address")?, key.ok_or("no API key")?, output));
        }
        line.clear();
    }
    Err("it ended".into())
}
