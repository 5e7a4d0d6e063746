//! The house rules of `STYLE.md` that a program can check.
//!
//! A rule reads text and returns violations; only this file touches the disk and Cargo.

mod arrows;
mod documents;
mod migrations;
mod rust;
mod source;
mod statements;
mod text;

use std::{
    fmt, fs,
    path::{Path, PathBuf},
    process::Command,
};

use crate::{Outcome, cargo, root, say};

/// One broken rule at one place, with the way to mend it.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Violation {
    file: String,
    line: usize,
    rule: &'static str,
    mend: String,
}

impl Violation {
    fn new(file: &str, line: usize, rule: &'static str, mend: impl Into<String>) -> Violation {
        Violation { file: file.to_owned(), line, rule, mend: mend.into() }
    }
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}: {}", self.file, self.line, self.rule, self.mend)
    }
}

/// A file of the project: its path from the root, with `/`, and its text.
pub struct TextFile {
    path: String,
    text: String,
}

impl TextFile {
    /// Makes a file out of thin air, for the tests of the rules.
    #[cfg(test)]
    fn of(path: &str, text: &str) -> TextFile {
        TextFile { path: path.to_owned(), text: text.to_owned() }
    }

    fn has_extension(&self, extension: &str) -> bool {
        Path::new(&self.path).extension().is_some_and(|found| found == extension)
    }
}

/// Prints every violation, one a line; `true` if there is none.
pub fn report() -> Outcome<bool> {
    let root = root()?;
    let violations = check(&root)?;
    for violation in &violations {
        say(violation);
    }
    say(format_args!("tidy: {} to mend", violations.len()));
    Ok(violations.is_empty())
}

fn check(root: &Path) -> Outcome<Vec<Violation>> {
    let files = read_files(root)?;
    let mut violations = arrows::check(&metadata()?, &files);
    for file in &files {
        violations.extend(text::check(file));
        if file.has_extension("rs") {
            violations.extend(rust::check(file));
        }
        if file.has_extension("md") {
            violations.extend(documents::check_links(file, |path| root.join(path).exists()));
        }
    }
    violations.extend(statements::check(&files));
    violations.extend(documents::check_decisions(&files));
    violations.extend(migrations::check(&files));
    violations.sort();
    Ok(violations)
}

fn metadata() -> Outcome<serde_json::Value> {
    let output = cargo()?.args(["metadata", "--no-deps", "--format-version", "1"]).output()?;
    if !output.status.success() {
        return Err(format!("cargo metadata: {}", String::from_utf8_lossy(&output.stderr).trim()).into());
    }
    Ok(serde_json::from_slice(&output.stdout)?)
}

/// Reads all text files of the project; pictures and the like are passed over.
fn read_files(root: &Path) -> Outcome<Vec<TextFile>> {
    let paths = match listed_by_git(root) {
        Some(paths) => paths,
        None => walked(root)?,
    };
    let read = |path: String| match fs::read(root.join(&path)) {
        Ok(bytes) => String::from_utf8(bytes).ok().map(|text| TextFile { path, text }),
        Err(_) => None, // Git lists a file until its removal is committed.
    };
    Ok(paths.into_iter().filter_map(read).collect())
}

/// Lists what is tracked or could be; `None` without Git or outside a repository.
fn listed_by_git(root: &Path) -> Option<Vec<String>> {
    // A checkout that belongs to someone else is normal in a container.
    let args = ["-c", "safe.directory=*", "ls-files", "-z", "-co", "--exclude-standard"];
    let output = Command::new("git").args(args).current_dir(root).output().ok()?;
    let listed = String::from_utf8(output.stdout).ok().filter(|_| output.status.success())?;
    Some(listed.split_terminator('\0').map(str::to_owned).collect())
}

/// Lists the files of an unpacked archive, without what `.gitignore` names at the root.
fn walked(root: &Path) -> Outcome<Vec<String>> {
    let ignored = fs::read_to_string(root.join(".gitignore")).unwrap_or_default();
    let mut skipped: Vec<PathBuf> =
        ignored.lines().filter_map(|line| line.strip_prefix('/')).map(|name| root.join(name)).collect();
    skipped.push(root.join(".git"));
    let mut files = Vec::new();
    let mut folders = vec![root.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder)? {
            let entry = entry?;
            let path = entry.path();
            if skipped.contains(&path) {
                continue;
            }
            if entry.file_type()?.is_dir() {
                folders.push(path);
            } else if let Some(name) = path.strip_prefix(root)?.to_str() {
                files.push(name.to_owned());
            }
        }
    }
    Ok(files)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_violation_is_one_line_an_editor_can_jump_to() {
        let violation = Violation::new("crates/app/src/lib.rs", 7, "size", "split it by verb");
        assert_eq!(violation.to_string(), "crates/app/src/lib.rs:7: size: split it by verb");
    }
}
