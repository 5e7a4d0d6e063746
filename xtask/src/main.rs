//! The chores of Muster, each one command: `cargo xtask test`, `tidy`, `bench`, `postgres`.
//!
//! Standard library, JSON and SHA-256 only, so that the front door opens in seconds on a new machine.

mod bench;
mod cluster;
mod machine;
mod openapi;
mod test;
mod tidy;

use std::{
    env, fmt,
    io::{Read, Write},
    path::PathBuf,
    process::{Command, ExitCode},
};

use cluster::{Cluster, Durability};

/// What a chore gives back: its result, or one line for the person who asked.
pub type Outcome<T> = Result<T, Box<dyn std::error::Error>>;

const USAGE: &str = "\
usage: cargo xtask CHORE

  test [--fast] [-- ARGS]   everything that must hold: fmt, clippy, tidy, tests on both databases
                            --fast leaves out fmt and clippy; ARGS go to `cargo test` instead of --workspace
  tidy                      the house rules of STYLE.md that a program can check
  openapi                   writes docs/openapi.yaml anew from the code
  bench [ARGS]              runs muster-bench with ARGS against a durable PostgreSQL
  postgres [--durable]      keeps a throw-away PostgreSQL until Ctrl-C or the end of standard input";

fn main() -> ExitCode {
    let args: Vec<String> = env::args().skip(1).collect();
    match run(&args) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("xtask: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Runs the chore the arguments name; `false` means that it ran and found fault.
fn run(args: &[String]) -> Outcome<bool> {
    let words: Vec<&str> = args.iter().map(String::as_str).collect();
    match words.as_slice() {
        [] | ["help" | "-h" | "--help", ..] => {
            say(USAGE);
            Ok(true)
        }
        ["test", rest @ ..] => test::run(&test::Options::parse(rest)?),
        ["tidy"] => tidy::report(),
        ["openapi"] => openapi::write(),
        ["bench", rest @ ..] => bench::run(rest),
        ["postgres"] => keep_cluster(Durability::Fast),
        ["postgres", "--durable"] => keep_cluster(Durability::Durable),
        _ => Err(format!("no such chore: {}\n{USAGE}", words.join(" ")).into()),
    }
}

/// Prints the address of a new cluster and keeps it until standard input ends.
fn keep_cluster(durability: Durability) -> Outcome<bool> {
    machine::require(&[machine::Need::Postgres])?;
    let cluster = Cluster::start(durability)?;
    say(cluster.url());
    std::io::stdin().read_to_end(&mut Vec::new())?;
    Ok(true)
}

/// Writes one line to standard output; a reader that has gone away is no reason to stop.
pub fn say(line: impl fmt::Display) {
    let _ = writeln!(std::io::stdout(), "{line}");
}

/// Finds the folder of the workspace.
pub fn root() -> Outcome<PathBuf> {
    let xtask = env::var_os("CARGO_MANIFEST_DIR").ok_or("start me with `cargo xtask`")?;
    let root = PathBuf::from(xtask).parent().map(PathBuf::from);
    Ok(root.ok_or("xtask has no folder above it")?)
}

/// Prepares a call of the Cargo that started us, in the folder of the workspace.
pub fn cargo() -> Outcome<Command> {
    let mut command = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.current_dir(root()?);
    Ok(command)
}
