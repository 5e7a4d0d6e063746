//! Packages of Python and Node, installed once for each lock file.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use super::{folder, output, run, tests};
use crate::Outcome;

/// The note that says for which lock file a folder was filled.
const NOTE: &str = "installed-for";

/// The folder of programs of a virtual environment with what `tests/NAME/requirements.txt` lists.
pub fn python(name: &str) -> Outcome<PathBuf> {
    let requirements = tests(name)?.join("requirements.txt");
    let place = folder(&format!("python-{}", name.replace('/', "-")))?;
    let lock = fs::read_to_string(&requirements)?;
    if !is_installed(&place, &lock) {
        fs::remove_dir_all(&place)?;
        run(Command::new("python3").args(["-m", "venv"]).arg(&place))?;
        let mut pip = Command::new(place.join("bin/pip"));
        pip.args(["install", "--quiet", "--disable-pip-version-check", "--no-deps", "-r"]).arg(&requirements);
        run(&mut pip)?;
        fs::write(place.join(NOTE), lock)?;
    }
    Ok(place.join("bin"))
}

/// A copy of `tests/NAME` with what its `package-lock.json` lists.
pub fn node(name: &str) -> Outcome<PathBuf> {
    let source = tests(name)?;
    let place = folder(&format!("node-{}", name.replace('/', "-")))?;
    let lock = fs::read_to_string(source.join("package-lock.json"))?;
    for entry in fs::read_dir(&source)? {
        let file = entry?.path();
        fs::copy(&file, place.join(file.file_name().ok_or("a file without a name")?))?;
    }
    if !is_installed(&place, &lock) {
        let mut npm = Command::new("npm");
        npm.args(["ci", "--no-audit", "--no-fund", "--ignore-scripts", "--loglevel=error"]);
        output(npm.current_dir(&place))?;
        fs::write(place.join(NOTE), lock)?;
    }
    Ok(place)
}

fn is_installed(place: &Path, lock: &str) -> bool {
    fs::read_to_string(place.join(NOTE)).is_ok_and(|noted| noted == lock)
}
