//! The folder of one run, and the keeper that clears up whatever happens to the run.
//!
//! The keeper is a shell of its own process group that waits for the end of its standard input. The
//! kernel ends that when we are interrupted or killed; the keeper then ends the server that is noted
//! in the folder and removes the folder.

use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use tempfile::TempDir;

use crate::Outcome;

/// `/tmp` may be memory, which makes `fsync` an empty promise.
const PARENT: &str = "/var/tmp";

const KEEPER: &str = r#"
trap '' INT TERM HUP
cat >/dev/null
[ ! -s "$1/server.pid" ] || kill -KILL "$(cat "$1/server.pid")" 2>/dev/null
rm -rf "$1"
"#;

/// The folder of one run.
pub struct Scratch {
    root: TempDir,
    keeper: Child,
}

impl Scratch {
    /// Makes the folder.
    pub fn new() -> Outcome<Self> {
        let root = tempfile::Builder::new().prefix("muster-bench-").tempdir_in(PARENT)?;
        let mut keeper = Command::new("sh");
        keeper.args(["-c", KEEPER, "keeper"]).arg(root.path()).process_group(0);
        keeper.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
        let keeper = keeper.spawn()?;
        Ok(Self { root, keeper })
    }

    /// Makes a folder in it that goes with the value.
    pub fn folder(&self) -> Outcome<TempDir> {
        Ok(tempfile::tempdir_in(self.root.path())?)
    }

    /// Where the process ID of the running server is noted.
    pub fn server_note(&self) -> PathBuf {
        self.path().join("server.pid")
    }

    fn path(&self) -> &Path {
        self.root.path()
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        drop(self.keeper.stdin.take());
        let _ = self.keeper.wait();
    }
}
