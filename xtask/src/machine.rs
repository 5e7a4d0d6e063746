//! What the machine must offer beside a Rust toolchain, and how to get what is missing.

use std::{
    env,
    path::{Path, PathBuf},
    process::Command,
};

use crate::Outcome;

/// A thing that `rustup` does not bring.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Need {
    /// The programs `initdb` and `postgres`.
    Postgres,
    /// Builds the SQLite that is compiled into the program.
    CCompiler,
    /// `python3` with virtual environments.
    PythonVenv,
    /// `node` and `npm`.
    Node,
    /// The browser.
    Chromium,
}

impl Need {
    fn is_met(self) -> bool {
        match self {
            Need::Postgres => postgres_programs().is_some(),
            Need::CCompiler => env::var_os("CC").is_some() || on_path("cc").is_some(),
            Need::PythonVenv => has_venv(),
            Need::Node => on_path("node").is_some() && on_path("npm").is_some(),
            Need::Chromium => on_path("chromium").is_some(),
        }
    }

    /// The Debian package that meets the need.
    fn package(self) -> &'static str {
        match self {
            Need::Postgres => "postgresql",
            Need::CCompiler => "build-essential",
            Need::PythonVenv => "python3-venv",
            Need::Node => "nodejs npm",
            Need::Chromium => "chromium",
        }
    }
}

/// Makes sure that every need is met: root installs what is missing, anyone else is told how to.
pub fn require(needs: &[Need]) -> Outcome<()> {
    let missing: Vec<&str> = needs
        .iter()
        .filter(|need| !need.is_met())
        .map(|need| need.package())
        .flat_map(str::split_whitespace)
        .collect();
    if missing.is_empty() {
        return Ok(());
    }
    let packages = missing.join(" ");
    if !is_root()? || on_path("apt-get").is_none() {
        return Err(format!("missing on this machine; run: sudo apt-get install {packages}").into());
    }
    apt_get(&["update"])?;
    apt_get(&[&["install", "-y", "--no-install-recommends"], missing.as_slice()].concat())?;
    match needs.iter().find(|need| !need.is_met()) {
        None => Ok(()),
        Some(need) => Err(format!("installed {}, yet {need:?} is still missing", need.package()).into()),
    }
}

fn has_venv() -> bool {
    let found = Command::new("python3").args(["-c", "import ensurepip, venv"]).output();
    found.is_ok_and(|output| output.status.success())
}

fn apt_get(args: &[&str]) -> Outcome<()> {
    let status = Command::new("apt-get").args(args).env("DEBIAN_FRONTEND", "noninteractive").status()?;
    if status.success() { Ok(()) } else { Err(format!("apt-get {}: {status}", args.join(" ")).into()) }
}

/// Tells whether we are root.
pub fn is_root() -> Outcome<bool> {
    let output = Command::new("id").arg("-u").output()?;
    Ok(output.stdout.trim_ascii() == b"0")
}

/// Finds the folder with `initdb` and `postgres`: the newest under Debian's folder, then `PATH`.
pub fn postgres_programs() -> Option<PathBuf> {
    let mut installed: Vec<PathBuf> = std::fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .flatten()
        .map(|version| version.path().join("bin"))
        .filter(|bin| has_server(bin))
        .collect();
    installed.sort_by_key(|bin| version_of(bin));
    installed.pop().or_else(|| path_folders().into_iter().find(|bin| has_server(bin)))
}

fn has_server(bin: &Path) -> bool {
    bin.join("initdb").is_file() && bin.join("postgres").is_file()
}

/// Reads the 15 of `/usr/lib/postgresql/15/bin`.
fn version_of(bin: &Path) -> Option<u32> {
    bin.parent()?.file_name()?.to_str()?.parse().ok()
}

/// Finds a program on `PATH`.
pub fn on_path(program: &str) -> Option<PathBuf> {
    path_folders().into_iter().map(|folder| folder.join(program)).find(|file| file.is_file())
}

fn path_folders() -> Vec<PathBuf> {
    env::var_os("PATH").map(|path| env::split_paths(&path).collect()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_compared_as_numbers() {
        let (nine, fifteen) =
            (Path::new("/usr/lib/postgresql/9/bin"), Path::new("/usr/lib/postgresql/15/bin"));
        assert!(version_of(nine) < version_of(fifteen));
    }
}
