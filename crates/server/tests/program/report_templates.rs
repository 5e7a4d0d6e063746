//! `muster report-templates`: files go in, come out, and are refused by line and column.

use std::path::Path;

use muster_testkit::{TestDb, on_both};

use crate::program::{failure, stdout};

const DAILY: &str = r#"name = "Daily watchlist"
kind = "watchlist"

[definition]
interval-days = 1
birthdate = "exact-year"
countries = ["nationality"]
minimum-score = 0.8

[definition.names]
preset = "strict"
"#;

/// Writes a file and returns its path.
fn file(folder: &Path, text: &str) -> String {
    let path = folder.join("report.toml");
    std::fs::write(&path, text).unwrap();
    path.to_str().unwrap().to_owned()
}

on_both! {
    async fn a_file_is_compared_applied_and_printed_again(db: TestDb) {
        let data = tempfile::tempdir().unwrap();
        let (folder, url) = (data.path().to_str().unwrap().to_owned(), db.url());
        let with = |words: &[&str]| -> Vec<String> {
            let all = ["report-templates"].iter().chain(words).copied();
            all.chain(["--data", &folder, "--database", &url]).map(str::to_owned).collect()
        };
        let told = |words: &[&str]| stdout(&with(words).iter().map(String::as_str).collect::<Vec<_>>());
        let refused = |words: &[&str]| failure(&with(words).iter().map(String::as_str).collect::<Vec<_>>());
        let admin = |words: &[&str]| {
            let all: Vec<&str> = ["admin"].iter().chain(words).copied().chain(["--data", &folder, "--database", &url]).collect();
            stdout(&all)
        };
        let organization = admin(&["create-organization", "Example"]);
        admin(&["create-environment", organization.trim(), "sandbox"]);
        let of_every_kind = told(&["list"]).lines().count();
        assert!(told(&["list"]).contains("Watchlist  watchlist  v1  (default)"), "{}", told(&["list"]));

        let path = file(data.path(), DAILY);
        assert_eq!(told(&["diff", &path]), "+ report template Daily watchlist of watchlist\n");
        told(&["apply", &path, "--dry-run"]);
        assert_eq!(told(&["list"]).lines().count(), of_every_kind, "a comparison changes nothing");
        assert!(told(&["apply", &path]).contains("Daily watchlist  watchlist  v1\n"));

        let printed = file(data.path(), &told(&["export", "daily watchlist"]));
        assert!(told(&["apply", &printed]).starts_with("Daily watchlist is already as the file says"));
        let seldom = file(data.path(), &DAILY.replace("interval-days = 1", "interval-days = 30"));
        let changes = told(&["apply", &seldom]);
        assert!(changes.starts_with("~ interval-days: changes\n") && changes.contains("v2"), "{changes}");
        assert!(told(&["export", "Daily watchlist"]).contains("interval-days = 30"));
        assert_eq!(admin(&["audit"]).matches("/cli/report-templates/apply").count(), 2);

        let table = [
            ("interval-days = 1", "interval-days = 500", "line 5, column 1: definition.interval-days must be from 1"),
            ("interval-days = 1", "interval = 1", "line 5, column 1: unknown field"),
            ("\"watchlist\"", "\"profile\"", "line 2, column 1: kind is not that of the template of this name"),
        ];
        for (good, bad, why) in table {
            let wrong = file(data.path(), &DAILY.replace(good, bad));
            let told_of = refused(&["apply", &wrong]);
            assert!(told_of.contains(why), "{told_of}");
        }
        assert!(refused(&["export", "Gone"]).contains("report-templates list"));
    }
}
