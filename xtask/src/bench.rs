//! `cargo xtask bench`: the benchmark against a PostgreSQL that keeps what it promises.

use crate::{
    Outcome, cargo,
    cluster::{Cluster, Durability},
    machine::{self, Need},
};

/// Runs `muster-bench` with these arguments; a durable cluster stands by for the time of the run.
pub fn run(args: &[&str]) -> Outcome<bool> {
    let args = args.strip_prefix(&["--"]).unwrap_or(args);
    machine::require(&[Need::Postgres, Need::CCompiler])?;
    let cluster = Cluster::start(Durability::Durable)?;
    let status = cargo()?
        .args(["run", "--release", "-p", "muster-bench", "--"])
        .args(args)
        .env("MUSTER_BENCH_POSTGRES_URL", cluster.url())
        .status()?;
    Ok(status.success())
}
