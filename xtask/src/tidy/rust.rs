//! Rules for one Rust file: size, name, and what never stands in our code.

use super::{
    TextFile, Violation,
    source::{Source, find_word},
};

const LINES_MAX: usize = 500;

/// Names under which anything could be filed.
const NAMELESS: [&str; 4] = ["utils.rs", "helpers.rs", "common.rs", "misc.rs"];

/// What the code must not contain, the rule it breaks, and what to do instead.
const BANNED: [(&str, &str, &str); 4] = [
    ("#[ignore", "ignored test", "let the test run, or remove it"),
    ("should_panic", "should_panic", "assert on the returned error; code that can fail returns a Result"),
    ("#[allow(", "allow", "use #[expect(lint, reason = \"…\")]"),
    ("#![allow(", "allow", "use #![expect(lint, reason = \"…\")]"),
];

/// Where nothing waits: commands are plain functions that the database threads may run again.
const SYNCHRONOUS: [&str; 2] = ["crates/domain/src/", "crates/app/src/"];

/// Checks one Rust file.
pub fn check(file: &TextFile) -> Vec<Violation> {
    let source = Source::parse(&file.text);
    let mut violations = Vec::new();
    check_name(file, &mut violations);
    check_size(file, &mut violations);
    for (text, rule, mend) in BANNED {
        let found = source.find(text).map(|at| Violation::new(&file.path, source.line_of(at), rule, mend));
        violations.extend(found);
    }
    if SYNCHRONOUS.iter().any(|folder| file.path.starts_with(folder)) {
        let mend = "write a plain function; waiting belongs to api and server";
        let places = find_word(&source.code, "async").chain(source.find(".await"));
        violations.extend(places.map(|at| Violation::new(&file.path, source.line_of(at), "async", mend)));
    }
    violations
}

fn check_name(file: &TextFile, violations: &mut Vec<Violation>) {
    let name = file.path.rsplit('/').next().unwrap_or_default();
    if NAMELESS.contains(&name) {
        violations.push(Violation::new(&file.path, 1, "name", "name the file after what it owns"));
    }
}

fn check_size(file: &TextFile, violations: &mut Vec<Violation>) {
    let lines = file.text.lines().count();
    let first_words = file.text.lines().find_map(|line| line.strip_prefix("//!")).unwrap_or_default();
    if lines > LINES_MAX && !first_words.to_lowercase().contains("table") {
        let mend =
            format!("{lines} lines; split by verb at {LINES_MAX}, or say `table` in the first doc line");
        violations.push(Violation::new(&file.path, lines, "size", mend));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rules(path: &str, text: &str) -> Vec<(usize, &'static str)> {
        check(&TextFile::of(path, text)).into_iter().map(|found| (found.line, found.rule)).collect()
    }

    #[test]
    fn banned_attributes_are_found_in_code_only() {
        let text = "// #[ignore] is banned\n#[ignore = \"slow\"]\nfn a() {}\n#![allow(dead_code)]\nlet b = \"#[allow(\";";
        assert_eq!(rules("crates/store/src/a.rs", text), [(2, "ignored test"), (4, "allow")]);
        assert_eq!(rules("a.rs", "#[test]\n#[should_panic]\nfn a() {}"), [(2, "should_panic")]);
        assert_eq!(rules("a.rs", "#[expect(dead_code, reason = \"x\")]"), []);
    }

    #[test]
    fn domain_and_app_do_not_wait() {
        let text = "async fn a() {\n    b().await\n}";
        assert_eq!(rules("crates/app/src/a.rs", text), [(1, "async"), (2, "async")]);
        assert_eq!(rules("crates/api/src/a.rs", text), []);
    }

    #[test]
    fn long_files_are_tables_or_split() {
        let lines = "a();\n".repeat(501);
        assert_eq!(rules("a.rs", &lines), [(501, "size")]);
        assert_eq!(rules("a.rs", &format!("//! The table of operations.\n{lines}")), []);
        assert_eq!(rules("a.rs", &"a();\n".repeat(500)), []);
    }

    #[test]
    fn a_file_is_named_after_what_it_owns() {
        assert_eq!(rules("crates/api/src/utils.rs", ""), [(1, "name")]);
        assert_eq!(rules("crates/api/src/inflection.rs", ""), []);
    }
}
