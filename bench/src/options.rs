//! The command line.

use std::path::PathBuf;

use clap::{Parser, ValueEnum};
use muster_store::Engine;

use crate::Outcome;
use crate::database::cluster;

/// Measures Muster against the database engine beneath it.
#[derive(Parser, Debug)]
#[command(name = "muster-bench", version)]
pub struct Options {
    /// What to measure on; PostgreSQL needs MUSTER_BENCH_POSTGRES_URL
    #[arg(long, value_enum, default_value = "both")]
    engine: Engines,
    /// How long each measurement takes; a third of it is spent on warming up, on top
    #[arg(long, default_value_t = 6, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    pub seconds: u64,
    /// Clients that wait at once
    #[arg(long, default_value_t = 64, value_name = "N")]
    pub connections: usize,
    /// What to measure [default: everything]
    #[arg(long, value_enum, value_delimiter = ',', value_name = "LIST")]
    only: Vec<Scenario>,
    /// Rounds; the tables show the median and the extremes
    #[arg(long, default_value_t = 3, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub repeat: u32,
    /// Also compare a database of N accounts with one of 10,000
    #[arg(long, value_name = "N")]
    pub scale: Option<u64>,
    /// Also import files of N generated rows, each into a database of its own
    #[arg(long, value_delimiter = ',', value_name = "N,…")]
    pub import: Vec<u64>,
    /// Write everything that was measured to this file
    #[arg(long, value_name = "FILE")]
    pub json: Option<PathBuf>,
    /// The program to measure [default: what cargo builds from this source]
    #[arg(long, value_name = "PATH")]
    pub binary: Option<PathBuf>,
    /// Say how to attach a profiler whenever a server is put under load
    #[arg(long)]
    pub profile: bool,
}

/// The choice of engines.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum Engines {
    Sqlite,
    Postgres,
    Both,
}

/// What can be measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Scenario {
    /// POST /accounts
    Create,
    /// POST /accounts with an idempotency key
    Idempotent,
    /// POST /accounts on a server that stores nothing
    WithoutStorage,
    /// GET /accounts/{id}
    Retrieve,
    /// GET /accounts, ten at a time
    List,
    /// POST /accounts/search of every kind, by one client, on --scale accounts (default 10,000)
    Search,
    /// None of the above: for --scale alone
    None,
}

impl Options {
    /// The engines to measure on.
    pub fn engines(&self) -> Outcome<Vec<Engine>> {
        let engines = match self.engine {
            Engines::Sqlite => vec![Engine::Sqlite],
            Engines::Postgres => vec![Engine::Postgres],
            Engines::Both => vec![Engine::Sqlite, Engine::Postgres],
        };
        if engines.contains(&Engine::Postgres) {
            // Rather now than after the first half.
            cluster()?;
        }
        Ok(engines)
    }

    /// Tells whether searching is all that is to be measured: then `--scale` says of how many accounts.
    pub fn only_searches(&self) -> bool {
        self.only == [Scenario::Search]
    }

    /// Tells whether something is to be measured.
    pub fn wants(&self, scenario: Scenario) -> bool {
        self.only.is_empty() || self.only.contains(&scenario)
    }
}
