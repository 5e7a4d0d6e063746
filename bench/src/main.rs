//! The benchmark: what Muster does, as a share of what the engine beneath it can do in the same run.
//!
//! `bench/README.md` tells how to run it and how to read each line.

mod closed_loop;
mod database;
mod figures;
mod fill;
mod http;
mod import;
mod machine;
mod numbers;
mod options;
mod raw;
mod report;
mod requests;
mod rounds;
mod sample;
mod scale;
mod scratch;
mod search;
mod server;

use std::fmt;
use std::io::Write;
use std::process::ExitCode;

use clap::Parser;

use crate::figures::Results;
use crate::options::{Options, Scenario};
use crate::rounds::Bench;
use crate::scratch::Scratch;

/// What a step gives back: its result, or one line for the person who asked.
pub type Outcome<T> = Result<T, Box<dyn std::error::Error + Send + Sync>>;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    match run(&Options::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            note(format_args!("muster-bench: {error}"));
            ExitCode::FAILURE
        }
    }
}

fn run(options: &Options) -> Outcome<()> {
    let engines = options.engines()?;
    let binary = server::find_program(options.binary.as_deref())?;
    let scratch = Scratch::new()?;
    let sample = sample::take(&binary, &scratch)?;
    let machine = machine::Machine::of_this_run();
    say(&machine);
    say(&sample);
    let mut all: Vec<Results> = Vec::new();
    for engine in engines {
        let bench = Bench { options, binary: &binary, scratch: &scratch, sample: &sample, engine };
        let mut results = Results::new(engine);
        for round in 1..=options.repeat {
            note(format_args!("{}: round {round} of {}", results.title(), options.repeat));
            bench.round(&mut results)?;
        }
        if options.wants(Scenario::Search) {
            bench.search(options.scale.unwrap_or(search::FEW), &mut results)?;
        }
        for &rows in &options.import {
            bench.import(rows, &mut results)?;
        }
        if let Some(accounts) = options.scale.filter(|_| !options.only_searches()) {
            bench.scale(accounts, &mut results)?;
        }
        say(report::table(&results));
        all.push(results);
    }
    if let Some(file) = &options.json {
        let text = serde_json::to_string_pretty(&report::json(&machine, options, &sample, &all))?;
        std::fs::write(file, text + "\n").map_err(|error| format!("{}: {error}", file.display()))?;
    }
    Ok(())
}

/// Writes to standard output. A reader that has gone away is no failure of ours.
fn say(text: impl fmt::Display) {
    let _ = writeln!(std::io::stdout(), "{text}");
}

/// Tells the person who waits how far it is.
fn note(text: impl fmt::Display) {
    let _ = writeln!(std::io::stderr(), "{text}");
}
