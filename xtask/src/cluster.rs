//! A throw-away PostgreSQL cluster: how it starts, and how it surely ends.
//!
//! The end is the keeper's work: a shell of its own process group that waits until we close its
//! standard input. The kernel does that too when we are interrupted or killed, so a cluster
//! never outlives the chore that started it.

use std::{
    env,
    fs::{self, DirBuilder, File},
    io::ErrorKind,
    net::{Ipv4Addr, TcpListener, TcpStream},
    os::unix::{fs::DirBuilderExt, process::CommandExt},
    path::{Path, PathBuf},
    process::{self, Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use crate::{
    Outcome,
    machine::{is_root, postgres_programs},
};

const START_DEADLINE: Duration = Duration::from_secs(30);
const POLL_EVERY: Duration = Duration::from_millis(50);
const START_ATTEMPTS: usize = 3;

/// Fast shutdown (SIGINT), after five seconds an immediate one (SIGQUIT); then the folder goes.
const KEEPER: &str = r#"
trap '' INT TERM HUP
cat >/dev/null
signal=INT
tries=0
while [ -s "$1/data/postmaster.pid" ] && [ "$tries" -lt 200 ]; do
    kill "-$signal" "$(head -n 1 "$1/data/postmaster.pid")" || break
    sleep 0.05
    tries=$((tries + 1))
    [ "$tries" -lt 100 ] || signal=QUIT
done
rm -rf "$1"
"#;

/// What the cluster does when the power fails.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Durability {
    /// Loses everything and is fast: for tests.
    Fast,
    /// Keeps what it has committed: for measurements.
    Durable,
}

impl Durability {
    fn settings(self) -> Vec<String> {
        let lines: &[&str] = match self {
            Durability::Fast => &[
                "fsync=off",
                "full_page_writes=off",
                "synchronous_commit=off",
                "max_connections=400",
                "shared_buffers=128MB",
            ],
            Durability::Durable => &[
                "fsync=on",
                "synchronous_commit=on",
                "max_wal_size=8GB",
                "wal_compression=off",
                "max_connections=200",
                "random_page_cost=1.1",
            ],
        };
        let mut settings: Vec<String> = lines.iter().map(|&line| line.to_owned()).collect();
        if self == Durability::Durable {
            settings.push(format!("shared_buffers={}MB", durable_buffers_mb()));
        }
        settings
    }

    /// Where the files lie. `/tmp` may be memory, which makes `fsync` an empty promise.
    fn parent(self, root: bool) -> PathBuf {
        match self {
            Durability::Durable => "/var/tmp".into(),
            // The user `postgres` need not be able to reach root's own TMPDIR.
            Durability::Fast if root => "/tmp".into(),
            Durability::Fast => env::temp_dir(),
        }
    }
}

/// A running cluster; it stops and its files go when this value is dropped or our process ends.
pub struct Cluster {
    url: String,
    folder: PathBuf,
    programs: PathBuf,
    as_root: bool,
    keeper: Child,
    server: Option<Child>,
}

impl Cluster {
    /// Starts a new cluster on a free port and waits until it accepts connections.
    pub fn start(durability: Durability) -> Outcome<Cluster> {
        let programs = postgres_programs().ok_or("PostgreSQL is not installed")?;
        let as_root = is_root()?;
        let folder = new_folder(&durability.parent(as_root))?;
        let keeper = keep(&folder)?;
        let mut cluster = Cluster { url: String::new(), folder, programs, as_root, keeper, server: None };
        if as_root {
            finish(Command::new("chown").arg("postgres:").arg(&cluster.folder))?;
        }
        cluster.initialise(durability)?;
        let mut settings = durability.settings();
        if cluster.knows("default_toast_compression=lz4")? {
            settings.push("default_toast_compression=lz4".to_owned());
        }
        cluster.serve(&settings)?;
        Ok(cluster)
    }

    /// The address of its database, for `MUSTER_TEST_POSTGRES_URL` and the like.
    pub fn url(&self) -> &str {
        &self.url
    }

    fn data(&self) -> PathBuf {
        self.folder.join("data")
    }

    fn log(&self) -> PathBuf {
        self.folder.join("log")
    }

    /// Prepares a call of one of PostgreSQL's programs, which refuse to run as root.
    fn program(&self, name: &str) -> Command {
        let path = self.programs.join(name);
        let mut command = if self.as_root {
            let mut command = Command::new("setpriv");
            command.args(["--reuid=postgres", "--regid=postgres", "--init-groups", "--"]).arg(path);
            command
        } else {
            Command::new(path)
        };
        command.current_dir(&self.folder).arg("-D").arg(self.data());
        command
    }

    fn initialise(&self, durability: Durability) -> Outcome<()> {
        let mut initdb = self.program("initdb");
        initdb.args(["--locale=C", "--encoding=UTF8", "--auth=trust", "--username=postgres"]);
        if durability == Durability::Fast {
            initdb.arg("--no-sync");
        }
        finish(&mut initdb)
    }

    /// Tells whether this server was built with what the setting needs.
    fn knows(&self, setting: &str) -> Outcome<bool> {
        let name = setting.split('=').next().unwrap_or(setting);
        Ok(self.program("postgres").args(["-C", name, "-c", setting]).output()?.status.success())
    }

    /// Starts the server; another process may take the free port first, so it tries more than once.
    fn serve(&mut self, settings: &[String]) -> Outcome<()> {
        for _ in 0..START_ATTEMPTS {
            let port = free_port()?;
            let log = File::create(self.log())?;
            let mut postgres = self.program("postgres");
            postgres.arg("-k").arg(&self.folder).args(["-h", "127.0.0.1", "-p", &port.to_string()]);
            for setting in settings {
                postgres.args(["-c", setting]);
            }
            postgres.stdin(Stdio::null()).stdout(log.try_clone()?).stderr(log);
            // Not in our group: Ctrl-C is answered by the keeper, after the tests have let go.
            let mut server = postgres.process_group(0).spawn()?;
            if self.wait_until_ready(&mut server, port)? {
                self.url = format!("postgres://postgres@127.0.0.1:{port}/postgres");
                self.server = Some(server);
                return Ok(());
            }
        }
        let log = fs::read_to_string(self.log()).unwrap_or_default();
        Err(format!("PostgreSQL did not start; its log:\n{log}").into())
    }

    /// Waits for the server; `false` if it gave up by itself.
    fn wait_until_ready(&self, server: &mut Child, port: u16) -> Outcome<bool> {
        let started = Instant::now();
        while started.elapsed() < START_DEADLINE {
            let status = fs::read_to_string(self.data().join("postmaster.pid")).unwrap_or_default();
            if says_ready(&status) && TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_ok() {
                return Ok(true);
            }
            if server.try_wait()?.is_some() {
                return Ok(false);
            }
            thread::sleep(POLL_EVERY);
        }
        Err(format!("PostgreSQL was not ready after {} seconds", START_DEADLINE.as_secs()).into())
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        drop(self.keeper.stdin.take());
        let _ = self.keeper.wait();
        if let Some(server) = &mut self.server {
            let _ = server.wait();
        }
    }
}

/// Starts the process that ends the cluster when we do.
fn keep(folder: &Path) -> Outcome<Child> {
    let mut keeper = Command::new("sh");
    keeper.args(["-c", KEEPER, "keeper"]).arg(folder).process_group(0);
    keeper.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
    Ok(keeper.spawn()?)
}

/// Runs a program to its end; its own words are the error.
fn finish(command: &mut Command) -> Outcome<()> {
    let output = command.output()?;
    if output.status.success() {
        return Ok(());
    }
    let words = String::from_utf8_lossy(&output.stderr);
    Err(format!("{}: {}: {}", command.get_program().display(), output.status, words.trim()).into())
}

/// Creates a folder nobody had before, for our eyes only.
fn new_folder(parent: &Path) -> Outcome<PathBuf> {
    for number in 0..1000 {
        let folder = parent.join(format!("muster-postgres-{}-{number}", process::id()));
        match DirBuilder::new().mode(0o700).create(&folder) {
            Ok(()) => return Ok(folder),
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
            Err(error) => return Err(format!("{}: {error}", folder.display()).into()),
        }
    }
    Err(format!("{} is full of old clusters", parent.display()).into())
}

fn free_port() -> Outcome<u16> {
    Ok(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.port())
}

/// Reads the state a server writes to the eighth line of `postmaster.pid`, as `pg_ctl` does.
fn says_ready(postmaster_pid: &str) -> bool {
    postmaster_pid.lines().nth(7).is_some_and(|state| state.trim() == "ready")
}

/// A quarter of the memory, two gigabytes at most.
fn durable_buffers_mb() -> u64 {
    let meminfo = fs::read_to_string("/proc/meminfo").unwrap_or_default();
    (memory_mb(&meminfo) / 4).clamp(128, 2048)
}

fn memory_mb(meminfo: &str) -> u64 {
    let total = meminfo.lines().find_map(|line| line.strip_prefix("MemTotal:"));
    let kilobytes = total.and_then(|rest| rest.trim().strip_suffix("kB")?.trim().parse::<u64>().ok());
    kilobytes.unwrap_or(0) / 1024
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_is_ready_when_its_file_says_so() {
        let head = "71\n/tmp/x/data\n1790000000\n5433\n/tmp/x\n127.0.0.1\n  589 3\n";
        assert!(says_ready(&format!("{head}ready   \n")));
        assert!(!says_ready(&format!("{head}starting\n")));
        assert!(!says_ready(head));
    }

    #[test]
    fn memory_is_read_in_megabytes() {
        assert_eq!(memory_mb("MemTotal:       24576000 kB\nMemFree: 1 kB\n"), 24000);
        assert_eq!(memory_mb("nothing of the kind"), 0);
    }

    #[test]
    fn only_the_durable_cluster_syncs() {
        assert!(Durability::Durable.settings().contains(&"fsync=on".to_owned()));
        assert!(Durability::Fast.settings().contains(&"fsync=off".to_owned()));
    }
}
