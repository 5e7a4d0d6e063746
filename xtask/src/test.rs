//! `cargo xtask test`: everything that must hold, in order, and one line that sums it up.

use std::{
    io::{BufRead, BufReader, Read, Write},
    process::{Command, Stdio},
};

use crate::{
    Outcome, cargo,
    cluster::{Cluster, Durability},
    machine::{self, Need},
    outside, root, say, tidy,
};

/// How much to run.
#[derive(Default, PartialEq, Eq, Debug)]
pub struct Options {
    /// Leave out fmt, clippy and the checks by programs that are not ours.
    fast: bool,
    /// What `cargo test` gets instead of `--workspace`.
    cargo_test: Vec<String>,
}

impl Options {
    /// Reads `[--fast] [-- ARGS]`.
    pub fn parse(args: &[&str]) -> Outcome<Options> {
        let mut options = Options::default();
        let mut rest = args.iter();
        while let Some(&arg) = rest.next() {
            match arg {
                "--fast" => options.fast = true,
                "--" => options.cargo_test = rest.by_ref().map(|&arg| arg.to_owned()).collect(),
                other => return Err(format!("`test` takes --fast and -- ARGS, not {other}").into()),
            }
        }
        Ok(options)
    }
}

/// What `cargo test` said, added up.
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug)]
struct Tally {
    passed: u64,
    failed: u64,
    ignored: u64,
}

impl Tally {
    /// Adds a `test result: …` line; any other line changes nothing.
    fn add(&mut self, line: &str) {
        let Some(result) = line.trim_end().strip_prefix("test result: ") else { return };
        for part in result.split([';', '.']) {
            match part.trim().split_once(' ') {
                Some((count, "passed")) => self.passed += count.parse().unwrap_or(0),
                Some((count, "failed")) => self.failed += count.parse().unwrap_or(0),
                Some((count, "ignored")) => self.ignored += count.parse().unwrap_or(0),
                _ => {}
            }
        }
    }

    fn ran(self) -> u64 {
        self.passed + self.failed
    }
}

/// Runs all steps, even after a failed one, and says what failed; the last line is the sum.
pub fn run(options: &Options) -> Outcome<bool> {
    machine::require(&[Need::Postgres, Need::CCompiler])?;
    let cluster = Cluster::start(Durability::Fast)?;
    let mut faults = Vec::new();
    if !options.fast {
        add_missing_components()?;
        check(&mut faults, &["fmt", "--all", "--check"])?;
        check(&mut faults, &["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"])?;
    }
    step("tidy");
    if !tidy::report()? {
        faults.push("tidy".to_owned());
    }
    let tally = cargo_test(&options.cargo_test, cluster.url(), &mut faults)?;
    drop(cluster);
    if !options.fast && options.cargo_test.is_empty() {
        outside::check(&mut faults)?;
    }
    let (lines, good) = sum_up(tally, &faults);
    say(format_args!("\n{}", lines.join("\n")));
    Ok(good)
}

fn step(name: &str) {
    say(format_args!("\n=== {name}"));
}

/// Runs a Cargo command that is either fine or one fault.
fn check(faults: &mut Vec<String>, args: &[&str]) -> Outcome<()> {
    let name = format!("cargo {}", args.join(" "));
    step(&name);
    if !cargo()?.args(args).status()?.success() {
        faults.push(name);
    }
    Ok(())
}

/// Asks rustup for rustfmt and clippy, which a minimal toolchain lacks.
fn add_missing_components() -> Outcome<()> {
    for (subcommand, component) in [("fmt", "rustfmt"), ("clippy", "clippy")] {
        let present = cargo()?.args([subcommand, "--version"]).output()?.status.success();
        if !present && machine::on_path("rustup").is_some() {
            Command::new("rustup").args(["component", "add", component]).current_dir(root()?).status()?;
        }
    }
    Ok(())
}

fn cargo_test(args: &[String], url: &str, faults: &mut Vec<String>) -> Outcome<Tally> {
    let workspace = ["--workspace".to_owned()];
    let args = if args.is_empty() { &workspace } else { args };
    step(&format!("cargo test --no-fail-fast {}", args.join(" ")));
    let mut child = cargo()?
        .args(["test", "--no-fail-fast"])
        .args(args)
        .env("MUSTER_TEST_POSTGRES_URL", url)
        .stdout(Stdio::piped())
        .spawn()?;
    let stdout = child.stdout.take().ok_or("cargo test has no standard output")?;
    let tally = add_up(stdout, &mut std::io::stdout())?;
    let status = child.wait()?;
    if !status.success() && tally.failed == 0 {
        faults.push(format!("cargo test ({status}, no test failed: did it build, did a test binary crash?)"));
    }
    Ok(tally)
}

/// Passes the output through as it comes and adds up its results.
fn add_up(output: impl Read, through: &mut impl Write) -> Outcome<Tally> {
    let mut reader = BufReader::new(output);
    let mut tally = Tally::default();
    let mut line = Vec::new();
    while reader.read_until(b'\n', &mut line)? > 0 {
        through.write_all(&line)?;
        through.flush()?;
        tally.add(&String::from_utf8_lossy(&line));
        line.clear();
    }
    Ok(tally)
}

/// Names what failed and closes with the sum; `true` if all is well.
fn sum_up(tally: Tally, faults: &[String]) -> (Vec<String>, bool) {
    let mut lines: Vec<String> = faults.iter().map(|fault| format!("failed: {fault}")).collect();
    if tally.ignored > 0 {
        lines.push(format!("failed: {} ignored tests; a test runs or it goes", tally.ignored));
    }
    if tally.ran() == 0 {
        lines.push("failed: no test ran".to_owned());
    }
    let failed = tally.failed + tally.ignored + faults.len() as u64;
    lines.push(format!("{} passed, {failed} failed", tally.passed));
    (lines, failed == 0 && tally.ran() > 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    const OUTPUT: &str = "running 3 tests\n\
        test result: ok. 3 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.00s\n\
        noise\n\
        test result: FAILED. 40 passed; 2 failed; 0 ignored; 0 measured; 7 filtered out; finished in 1.10s\n";

    #[test]
    fn results_of_all_test_binaries_are_added_up_and_shown() {
        let mut shown = Vec::new();
        let tally = add_up(OUTPUT.as_bytes(), &mut shown).unwrap();
        assert_eq!(tally, Tally { passed: 43, failed: 2, ignored: 1 });
        assert_eq!(shown, OUTPUT.as_bytes());
    }

    #[test]
    fn a_run_is_good_only_if_something_ran_and_nothing_failed() {
        let good = Tally { passed: 1, ..Tally::default() };
        assert_eq!(sum_up(good, &[]), (vec!["1 passed, 0 failed".to_owned()], true));
        let tidy = sum_up(good, &["tidy".to_owned()]);
        assert_eq!(tidy, (vec!["failed: tidy".to_owned(), "1 passed, 1 failed".to_owned()], false));
        assert!(!sum_up(Tally { ignored: 1, ..good }, &[]).1);
        assert!(!sum_up(Tally::default(), &[]).1);
    }

    #[test]
    fn arguments_after_the_dashes_belong_to_cargo_test() {
        let options = Options::parse(&["--fast", "--", "-p", "xtask", "--", "tidy"]).unwrap();
        assert!(options.fast);
        assert_eq!(options.cargo_test, ["-p", "xtask", "--", "tidy"]);
        assert!(Options::parse(&["--quick"]).is_err());
    }
}
