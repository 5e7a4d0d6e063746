//! Every document is valid OpenAPI, and its two forms say the same.

use std::{fs, process::Command};

use super::{folder, muster, output, packages, run};
use crate::{Outcome, say};

/// Compares pairs of files, JSON and YAML.
const COMPARE: &str = "\
import json, sys, yaml
for name in sys.argv[1:]:
    same = json.load(open(name + '.json')) == yaml.safe_load(open(name + '.yaml'))
    assert same, name + ': YAML and JSON differ'
";

/// Validates the documents of all versions.
pub fn check() -> Outcome<bool> {
    let programs = packages::python("clients/python")?;
    let place = folder("documents")?;
    let versions = String::from_utf8(output(Command::new(muster()?).args(["openapi", "--versions"]))?)?;
    let versions: Vec<&str> = versions.lines().collect();
    for version in &versions {
        for (form, flags) in [("json", &[][..]), ("yaml", &["--yaml"])] {
            let mut command = Command::new(muster()?);
            let document = output(command.args(["openapi", "--version", version]).args(flags))?;
            fs::write(place.join(format!("{version}.{form}")), document)?;
        }
    }
    let names = versions.iter().map(|version| format!("{version}.yaml"));
    output(Command::new(programs.join("openapi-spec-validator")).args(names).current_dir(&place))?;
    run(Command::new(programs.join("python")).args(["-c", COMPARE]).args(&versions).current_dir(&place))?;
    say(format_args!("{} documents are valid", versions.len()));
    Ok(!versions.is_empty())
}
