//! What the program refuses to start on: one clear line, a non-zero exit, nothing touched.

use std::hash::{Hash, Hasher};
use std::path::Path;

use muster_testkit::TestDb;

use crate::program::{Server, failure, stdout};

fn serve(data: &Path, more: &[&str]) -> String {
    let mut line = vec!["serve", "--listen", "127.0.0.1:0", "--data", data.to_str().unwrap()];
    line.extend(more);
    failure(&line)
}

/// Names and contents (as a number) of a folder. What SQLite keeps beside a database while it is open, and
/// takes away when it can, holds nothing of its own once the log is empty.
fn files(folder: &Path) -> Vec<(String, u64)> {
    let mut all = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let (name, content) =
            (path.file_name().unwrap().to_string_lossy().into_owned(), std::fs::read(&path).unwrap());
        if !(name.ends_with("-shm") || name.ends_with("-wal") && content.is_empty()) {
            let mut hasher = std::hash::DefaultHasher::new();
            content.hash(&mut hasher);
            all.push((name, hasher.finish()));
        }
    }
    all.sort();
    all
}

#[test]
fn an_address_that_is_none() {
    let data = tempfile::tempdir().unwrap();
    for database in ["mysql://localhost/x", "sqlite:", "postgres", ""] {
        let line = serve(data.path(), &["--database", database]);
        assert!(line.starts_with("muster: --database"), "{line}");
    }
    let line = serve(data.path(), &["--database", "postgres://nobody:hunter2@127.0.0.1:1/x"]);
    assert!(line.contains("cannot be reached") && !line.contains("hunter2"), "{line}");
    assert!(files(data.path()).is_empty(), "a failed start left files behind");
}

#[test]
fn a_file_that_is_not_ours() {
    let data = tempfile::tempdir().unwrap();
    let file = data.path().join("notes.txt");
    std::fs::write(&file, "these are notes, not a database, and longer than sixteen bytes").unwrap();
    let before = files(data.path());
    let line = serve(data.path(), &["--database", &format!("sqlite:{}", file.display())]);
    assert!(line.contains("is not a SQLite database"), "{line}");
    assert_eq!(files(data.path()), before);
}

#[test]
fn a_missing_or_wrong_master_key() {
    let data = tempfile::tempdir().unwrap();
    stdout(&["admin", "create-organization", "Example", "--data", data.path().to_str().unwrap()]);
    let key = data.path().join("master.key");
    let kept = std::fs::read(&key).unwrap();
    std::fs::remove_file(&key).unwrap();
    let before = files(data.path());
    let line = serve(data.path(), &[]);
    assert!(line.contains("its master key") && line.contains("does not"), "{line}");
    let line = serve(data.path(), &["--master-key", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="]);
    assert!(line.contains("not the one the database was made with"), "{line}");
    let line = serve(data.path(), &["--master-key", "short"]);
    assert!(line.contains("32 bytes in base64"), "{line}");
    let line = serve(data.path(), &["--master-key-command", "exit 3"]);
    assert!(line.contains("master key command"), "{line}");
    assert_eq!(files(data.path()), before, "a refused start must touch nothing");
    std::fs::write(&key, kept).unwrap();
    stdout(&["admin", "list", "--data", data.path().to_str().unwrap()]);
}

#[test]
fn a_wrong_master_key_for_postgresql() {
    let (db, first, second) =
        (TestDb::postgres(), tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let url = db.url();
    stdout(&[
        "admin",
        "create-organization",
        "Example",
        "--data",
        first.path().to_str().unwrap(),
        "--database",
        &url,
    ]);
    let line = serve(second.path(), &["--database", &url]);
    assert!(line.contains("not the one the database was made with"), "{line}");
    assert!(files(second.path()).is_empty(), "the key that was made for nothing must go again");
}

#[tokio::test]
async fn a_taken_port() {
    let (first, second) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let database = format!("sqlite:{}", first.path().join("first.sqlite3").display());
    let server = Server::start(first.path(), &database);
    let address = server.base_url.trim_start_matches("http://").trim_end_matches("/api/v1").to_owned();
    let line = failure(&["serve", "--demo", "--listen", &address, "--data", second.path().to_str().unwrap()]);
    assert!(line.contains(&format!("cannot listen on {address}")), "{line}");
    assert!(files(second.path()).is_empty());
}

#[test]
fn a_settings_file_with_a_mistake() {
    let data = tempfile::tempdir().unwrap();
    let file = data.path().join("muster.toml");
    std::fs::write(&file, "rate-limits = 5\n").unwrap();
    let line = serve(data.path(), &["--config", file.to_str().unwrap()]);
    assert!(line.contains("muster.toml") && line.contains("rate-limits"), "{line}");
}
