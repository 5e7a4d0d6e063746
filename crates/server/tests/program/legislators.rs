//! Real people from a file: the type, the mapping and the loader of `examples/legislators`.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use muster_testkit::{TestDb, on_both};

use crate::program::{Server, muster, stdout};

const PEOPLE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/legislators.csv");

fn example(name: &str) -> String {
    let root: PathBuf = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/legislators");
    root.join(name).to_str().unwrap().to_owned()
}

fn people() -> Vec<BTreeMap<String, String>> {
    let mut reader = csv::Reader::from_path(PEOPLE).unwrap();
    reader.deserialize().map(|row| row.unwrap()).collect()
}

fn load_line(server: &Server) -> Vec<String> {
    let words = [
        "load",
        PEOPLE,
        "--map",
        &example("mapping.toml"),
        "--base-url",
        &server.base_url,
        "--api-key",
        &server.key,
    ];
    words.iter().map(|word| (*word).to_owned()).collect()
}

fn load(server: &Server) -> String {
    let line = load_line(server);
    stdout(&line.iter().map(String::as_str).collect::<Vec<_>>())
}

fn start(db: &TestDb, data: &Path) -> Server {
    let server = Server::start(data, &db.url());
    let at = ["--data", data.to_str().unwrap(), "--database", &db.url()];
    let file = example("type.toml");
    let dry = stdout(&["types", "apply", &file, "--dry-run", at[0], at[1], at[2], at[3]]);
    assert!(dry.contains("+ account type Legislator with 15 fields"), "{dry}");
    assert!(
        !stdout(&["types", "export", at[0], at[1], at[2], at[3]]).contains("Legislator"),
        "a dry run wrote"
    );
    stdout(&["types", "apply", &file, at[0], at[1], at[2], at[3]]);
    let again = stdout(&["types", "diff", &file, at[0], at[1], at[2], at[3]]);
    assert_eq!(again.trim(), "Legislator is already as the file says");
    server
}

on_both! {
    /// First everybody is created, then nobody changes and no event is written; names come back as they were.
    async fn a_file_is_loaded_twice(db: TestDb) {
        let data = tempfile::tempdir().unwrap();
        let server = start(&db, data.path());
        let people = people();
        assert_eq!(load(&server).trim(), format!("{} × 201", people.len()));
        let muster = server.client();
        let created = muster.events().list().names(["account.created"]).all().await.unwrap();
        assert_eq!(created.len(), people.len());
        assert_eq!(load(&server).trim(), format!("{} × 200", people.len()));
        let events = muster.events().list().all().await.unwrap();
        let told: Vec<String> = events.into_iter().map(|event| event.name).collect();
        assert_eq!(told.iter().filter(|name| name.starts_with("account.")).count(), people.len(), "{told:?}");
        for person in people {
            let found = muster.accounts().list().reference_ids([&person["bioguide_id"]]).all().await.unwrap();
            let text = |path: &str| found[0].text(path).unwrap();
            assert_eq!(text("full_name"), person["full_name"]);
            assert_eq!(text("name.last"), person["last_name"]);
            assert_eq!(text("birthdate"), person["birthday"]);
        }
    }

    /// Eight loaders of one file at once: everybody is there once.
    async fn eight_loaders_at_once_make_everybody_once(db: TestDb) {
        let data = tempfile::tempdir().unwrap();
        let server = start(&db, data.path());
        let line = load_line(&server);
        let line: Vec<&str> = line.iter().map(String::as_str).collect();
        let loaders: Vec<_> = (0..8).map(|_| muster(&line).stdout(std::process::Stdio::null()).spawn().unwrap()).collect();
        for mut loader in loaders {
            assert!(loader.wait().unwrap().success());
        }
        let count = people().len();
        let muster = server.client();
        assert_eq!(muster.accounts().list().all().await.unwrap().len(), count);
        let created = muster.events().list().names(["account.created"]).all().await.unwrap();
        assert_eq!(created.len(), count);
    }
}
