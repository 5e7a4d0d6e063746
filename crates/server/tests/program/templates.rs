//! `muster templates`: files go in, come out, and are refused by line and column.

use std::path::Path;

use muster_testkit::{TestDb, on_both};

use crate::program::{failure, stdout};

const DEMO: &str = include_str!("../../../../examples/templates/demo.toml");

/// Writes a file and returns its path.
fn file(folder: &Path, text: &str) -> String {
    let path = folder.join("flow.toml");
    std::fs::write(&path, text).unwrap();
    path.to_str().unwrap().to_owned()
}

on_both! {
    async fn a_file_is_compared_applied_and_printed_again(db: TestDb) {
        let data = tempfile::tempdir().unwrap();
        let (folder, url) = (data.path().to_str().unwrap().to_owned(), db.url());
        let with = |words: &[&str]| -> Vec<String> {
            words.iter().chain(&["--data", &folder, "--database", &url]).map(|word| (*word).to_owned()).collect()
        };
        let told = |words: &[&str]| stdout(&with(words).iter().map(String::as_str).collect::<Vec<_>>());
        let refused = |words: &[&str]| failure(&with(words).iter().map(String::as_str).collect::<Vec<_>>());
        let organization = told(&["admin", "create-organization", "Example"]);
        told(&["admin", "create-environment", organization.trim(), "sandbox"]);

        let path = file(data.path(), DEMO);
        assert!(told(&["templates", "diff", &path]).starts_with("+ inquiry template Demo with 11 steps"));
        assert_eq!(told(&["templates", "list"]), "", "a comparison changes nothing");
        assert!(told(&["templates", "apply", &path]).contains("itmpl_"));
        assert_eq!(told(&["templates", "list"]).lines().count(), 1);

        let printed = file(data.path(), &told(&["templates", "export", "demo"]));
        assert!(told(&["templates", "apply", &printed]).starts_with("Demo is already as the file says"));
        let stricter = file(data.path(), &DEMO.replace("minimum-age = 18", "minimum-age = 21"));
        let changes = told(&["templates", "apply", &stricter]);
        assert!(changes.starts_with("~ verifications government_id.minimum-age: changes"), "{changes}");
        assert!(told(&["templates", "export", "Demo"]).contains("minimum-age = 21"));
        let log = told(&["admin", "audit"]);
        assert_eq!(log.matches("/cli/templates/apply").count(), 2, "{log}");

        let line = 1 + DEMO.lines().position(|line| line == "minimum-age = 18").unwrap();
        let wrong = file(data.path(), &DEMO.replace("minimum-age = 18", "minimum-age = 1800"));
        let told_of = refused(&["templates", "apply", &wrong]);
        let place = format!("flow.toml: line {line}, column 1: verifications.2.minimum-age must be at most 150");
        assert!(told_of.contains(&place), "{told_of}");
        assert!(refused(&["templates", "export", "Demo", "--draft"]).contains("there is no draft"));
        assert!(refused(&["templates", "export", "Gone"]).contains("templates list"));
    }
}
