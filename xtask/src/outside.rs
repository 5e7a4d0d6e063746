//! Checks of the API by programs that are not ours: a validator of OpenAPI documents, a browser, generated clients,
//! a fuzzer. They are installed below the target folder, in the versions of the lock files under `tests`.

mod browser;
mod clients;
mod document;
mod fuzz;
mod packages;
mod server;

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::Command,
    time::Instant,
};

use crate::{Outcome, cargo, machine, machine::Need, root, say};

pub use fuzz::run as fuzz;

/// A check and its name.
type Check = (&'static str, fn() -> Outcome<bool>);

const CHECKS: [Check; 4] = [
    ("OpenAPI documents, by openapi-spec-validator", document::check),
    ("reference page, in a browser", browser::check),
    ("hosted pages, in a browser", browser::check_hosted),
    ("clients in TypeScript and Python", clients::check),
];

/// Runs all checks; `false` if one failed.
pub fn report() -> Outcome<bool> {
    let mut faults = Vec::new();
    check(&mut faults)?;
    Ok(faults.is_empty())
}

/// Runs all checks and names those that failed.
pub fn check(faults: &mut Vec<String>) -> Outcome<()> {
    if let Err(error) = machine::require(&[Need::PythonVenv, Need::Node, Need::Chromium]) {
        faults.push(error.to_string());
        return Ok(());
    }
    build()?;
    for (name, check) in CHECKS {
        say(format_args!("\n=== {name}"));
        let started = Instant::now();
        let good = check().unwrap_or_else(|error| {
            say(error);
            false
        });
        say(format_args!(
            "{} after {:.1} s",
            if good { "fine" } else { "failed" },
            started.elapsed().as_secs_f32()
        ));
        if !good {
            faults.push(name.to_owned());
        }
    }
    Ok(())
}

/// Builds the program.
fn build() -> Outcome<()> {
    run(cargo()?.args(["build", "--quiet", "--package", "muster"]))
}

/// The program, which Cargo puts beside this one.
fn muster() -> Outcome<PathBuf> {
    Ok(env::current_exe()?.with_file_name("muster"))
}

/// A folder below the target folder.
fn folder(name: &str) -> Outcome<PathBuf> {
    let exe = env::current_exe()?;
    let target = exe.ancestors().nth(2).ok_or("xtask does not stand in a target folder")?;
    let folder = target.join("outside").join(name);
    fs::create_dir_all(&folder)?;
    Ok(folder)
}

/// A folder of `tests`.
fn tests(name: &str) -> Outcome<PathBuf> {
    Ok(root()?.join("tests").join(name))
}

/// Runs a command that must succeed.
fn run(command: &mut Command) -> Outcome<()> {
    match command.status() {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(format!("{}: {status}", shown(command)).into()),
        Err(error) => Err(format!("{}: {error}", shown(command)).into()),
    }
}

/// The standard output of a command that must succeed.
fn output(command: &mut Command) -> Outcome<Vec<u8>> {
    let output = command.output()?;
    if output.status.success() {
        return Ok(output.stdout);
    }
    let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    Err(format!("{}: {}\n{out}{err}", shown(command), output.status).into())
}

fn shown(command: &Command) -> String {
    let program = Path::new(command.get_program());
    let first = command.get_args().next().map(|arg| arg.to_string_lossy().into_owned());
    format!("{} {}", program.display(), first.unwrap_or_default())
}
