//! Files become accounts at the command line: mapped, tried, done, resumed, taken back.

use std::path::{Path, PathBuf};

use muster_testkit::{TestDb, on_both};

use crate::program::{Server, muster, run, stdout};

const PEOPLE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/legislators.csv");
const SANCTIONED: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/ofac-sdn.csv");

fn example(name: &str) -> String {
    let root: PathBuf = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples");
    root.join(name).to_str().unwrap().to_owned()
}

/// An installation with one environment and the types of the examples.
struct Place {
    data: tempfile::TempDir,
    database: String,
}

impl Place {
    fn new(db: &TestDb) -> Self {
        let this = Self { data: tempfile::tempdir().unwrap(), database: db.url() };
        let organization = this.told(&["admin", "create-organization", "Example"]);
        this.told(&["admin", "create-environment", organization.trim(), "sandbox"]);
        this.told(&["types", "apply", &example("legislators/type.toml")]);
        this.told(&["types", "apply", &example("imports/ofac-sdn-type.toml")]);
        this
    }

    fn with(&self, words: &[&str]) -> Vec<String> {
        let at = ["--data", self.data.path().to_str().unwrap(), "--database", &self.database];
        words.iter().chain(&at).map(|word| (*word).to_owned()).collect()
    }

    fn told(&self, words: &[&str]) -> String {
        stdout(&self.with(words).iter().map(String::as_str).collect::<Vec<_>>())
    }

    /// How a command ended, and what it said.
    fn ended(&self, words: &[&str]) -> (i32, String) {
        let output = run(&self.with(words).iter().map(String::as_str).collect::<Vec<_>>());
        let said = [output.stdout, output.stderr].concat();
        (output.status.code().unwrap(), String::from_utf8(said).unwrap())
    }

    fn file(&self, name: &str, text: &str) -> String {
        let path = self.data.path().join(name);
        std::fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    }

    fn import(&self, file: &str, more: &[&str]) -> String {
        let map = example("imports/legislators.toml");
        self.told(&[&["import", file, "--map", &map], more].concat())
    }
}

/// The ID of the run that was told of.
fn run_id(said: &str) -> String {
    let words = said.split_whitespace();
    words.filter(|word| word.starts_with("mprtpr_")).map(str::to_owned).next().unwrap()
}

fn count() -> usize {
    std::fs::read_to_string(PEOPLE).unwrap().lines().count() - 1
}

on_both! {
    /// Created; the same again, unchanged; one cell changed, shown first, then done; taken back.
    async fn a_file_is_imported_changed_and_taken_back(db: TestDb) {
        let (place, count) = (Place::new(&db), count());
        let said = place.import(PEOPLE, &[]);
        assert!(said.contains(&format!("completed: {count} rows, {count} created")), "{said}");
        let said = place.import(PEOPLE, &[]);
        assert!(said.contains(&format!("{count} rows, {count} unchanged")), "{said}");
        assert!(said.contains("note: A file with the same content was imported before"), "{said}");

        let text = std::fs::read_to_string(PEOPLE).unwrap();
        let file = place.file("changed.csv", &text.replacen("C001072,André,,Carson", "C001072,André,D.,Carson", 1));
        let said = place.import(&file, &["--dry-run"]);
        assert!(said.contains(&format!("would be 1 updated, {} unchanged", count - 1)), "{said}");
        assert!(said.contains("fields.name.middle  –  →  D."), "{said}");
        let said = place.told(&["imports", "commit", &run_id(&said)]);
        assert!(said.contains(&format!("1 updated, {} unchanged", count - 1)), "{said}");
        let written = run_id(&said);
        let rows = place.told(&["imports", "rows", &written, "--action", "updated"]);
        assert!(rows.starts_with("row 1 ") && rows.lines().count() == 1, "{rows}");

        let said = place.told(&["imports", "undo", &written, "--dry-run"]);
        assert!(said.contains("fields.name.middle  D.  →  –"), "{said}");
        let said = place.told(&["imports", "undo", &written]);
        assert!(said.contains("1 row, 1 updated"), "{said}");
        let said = place.import(PEOPLE, &[]);
        assert!(said.contains(&format!("{count} rows, {count} unchanged")), "as it was before: {said}");

        let audit = place.told(&["admin", "audit"]);
        for command in ["/cli/import\n", "/cli/imports/commit", "/cli/imports/undo"] {
            assert!(audit.contains(command.trim_end()), "{command}: {audit}");
        }
    }

    /// Rows that are refused end in a file that is imported again once it is mended.
    async fn refused_rows_are_mended_and_imported(db: TestDb) {
        let place = Place::new(&db);
        let map = ["--type", "Legislator", "--map", "id=reference-id", "--map", "born=fields.birthdate", "--key", "reference-id"];
        let file = place.file("people.csv", "id,born\n1,1990-12-31\n2,31.12.1990\n,1990-12-31\n");
        let rejects = place.data.path().join("rejects.csv");
        let rejects = rejects.to_str().unwrap();
        let (code, said) = place.ended(&[&["import", &file, "--rejects", rejects], &map[..]].concat());
        assert_eq!(code, 2, "{said}");
        assert!(said.contains("3 rows, 1 created, 2 refused") && said.contains("row 2 "), "{said}");
        assert!(said.contains("born: ") && said.contains("missing_key"), "{said}");
        assert!(!said.contains("31.12.1990"), "a message never quotes the cell: {said}");

        let text = std::fs::read_to_string(rejects).unwrap();
        assert!(text.contains("_error_code") && text.lines().count() == 3, "{text}");
        assert_eq!(place.told(&["imports", "rejects", &run_id(&said)]), text);
        std::fs::write(rejects, text.replace("31.12.1990", "1990-12-31").replace("\"\",\"1990", "\"3\",\"1990")).unwrap();
        let said = place.told(&[&["import", rejects], &map[..]].concat());
        assert!(said.contains("2 rows, 2 created"), "{said}");
    }

    /// What a run keeps of refused rows is imported again as it is, until it is redacted.
    async fn refused_rows_are_retried_and_redacted(db: TestDb) {
        let place = Place::new(&db);
        let map = ["--type", "Legislator", "--map", "id=reference-id", "--map", "born=fields.birthdate", "--key", "reference-id"];
        let file = place.file("people.csv", "id,born\n1,1990-12-31\n2,31.12.1990\n");
        let (_, said) = place.ended(&[&["import", &file], &map[..]].concat());
        let first = run_id(&said);

        let (code, retried) = place.ended(&["imports", "retry-failed", &first]);
        assert_eq!(code, 2, "{retried}");
        assert!(retried.contains("1 row, 1 refused"), "{retried}");
        assert!(place.told(&["imports", "rejects", &first]).contains("31.12.1990"));

        place.told(&["imports", "redact", &first]);
        assert!(!place.told(&["imports", "rejects", &first]).contains("31.12.1990"));
        let (code, said) = place.ended(&["imports", "retry-failed", &first]);
        assert_eq!(code, 1, "{said}");
        assert!(said.contains("erased"), "{said}");
        assert!(place.told(&["imports", "rejects", &run_id(&retried)]).contains("31.12.1990"), "another run");
    }

    /// What nobody said where it goes is named, and nothing is stored; a proposal is a mapping file.
    async fn a_mapping_is_proposed_and_never_partial(db: TestDb) {
        let place = Place::new(&db);
        let (code, said) = place.ended(&["import", PEOPLE, "--type", "Legislator", "--yes"]);
        assert!(code == 1 && said.contains("bioguide_id") && said.contains("--ignore"), "{said}");
        assert_eq!(place.told(&["imports", "list"]), "");

        let proposed = place.told(&["import", PEOPLE, "--type", "Legislator", "--propose"]);
        assert!(proposed.contains("# bioguide_id "), "{proposed}");
        let mended = proposed.replace("ignore-columns = [\"bioguide_id\", ", "ignore-columns = [");
        let mapping = place.file("mapping.toml", &mended);
        let said = place.told(&["import", PEOPLE, "--map", &mapping, "--map", "bioguide_id=reference-id"]);
        assert!(said.contains(&format!("{0} rows, {0} created", count())), "{said}");

        let wrong = place.file("wrong.toml", &mended.replace("fields.birthdate", "fields.birthday"));
        let (code, said) = place.ended(&["import", PEOPLE, "--map", &wrong, "--map", "bioguide_id=reference-id"]);
        assert!(code == 1 && said.contains("wrong.toml: line ") && said.contains("is no field"), "{said}");
    }

    /// A file without a header that writes -0- for nothing, by settings alone.
    async fn a_sanctions_list_is_imported_by_settings_alone(db: TestDb) {
        let place = Place::new(&db);
        let map = example("imports/ofac-sdn.toml");
        let said = place.told(&["import", SANCTIONED, "--map", &map]);
        assert!(said.contains("20 rows, 20 created"), "{said}");
        let said = place.told(&["import", SANCTIONED, "--map", &map]);
        assert!(said.contains("20 rows, 20 unchanged"), "{said}");
    }

    /// A server beside goes on with what the command line leaves to it.
    async fn a_server_takes_over_what_is_left_to_it(db: TestDb) {
        let data = tempfile::tempdir().unwrap();
        let server = Server::start(data.path(), &db.url());
        let place = Place { data, database: db.url() };
        let map = example("imports/legislators.toml");
        place.told(&["types", "apply", &example("legislators/type.toml")]);
        let list = place.told(&["admin", "list"]);
        let environment = list.split_whitespace().find(|word| word.starts_with("env_")).unwrap();
        let run = run_id(&place.told(&["import", PEOPLE, "--map", &map, "--environment", environment, "--detach"]));
        let (code, said) = place.ended(&["imports", "resume", &run]);
        assert!(code == 0 || said.contains("this run is completed"), "{said}");
        let said = place.told(&["imports", "show", &run]);
        assert!(said.contains("completed") && said.contains(&format!("{} created", count())), "{said}");
        assert!(server.stop());
    }
}

#[test]
fn a_command_line_that_makes_no_sense_ends_with_a_word() {
    let data = tempfile::tempdir().unwrap();
    let at = data.path().to_str().unwrap();
    stdout(&["admin", "create-organization", "Example", "--data", at]);
    let organization = stdout(&["admin", "list", "--data", at]);
    let organization = organization.split_whitespace().find(|word| word.starts_with("org_")).unwrap();
    for kind in ["sandbox", "production"] {
        stdout(&["admin", "create-environment", organization, kind, "--data", at]);
    }
    let proposed =
        stdout(&["import", PEOPLE, "--type", "User", "--environment", "sandbox", "--propose", "--data", at]);
    assert!(proposed.contains("account-type = \"User\""), "{proposed}");
    stdout(&["admin", "create-environment", organization, "sandbox", "--data", at]);
    for (words, part) in [
        (vec!["import", PEOPLE, "--type", "User", "--environment", "sandbox"], "2 environments of this kind"),
        (vec!["import", PEOPLE, "--type", "User"], "--environment env_"),
        (vec!["import", PEOPLE, "--type", "User", "--environment", "demo"], "give env_… or one of"),
        (vec!["imports", "show", "mprtpr_1FEwvUpBQjUDEJnc1sJJpXBj"], "there is no run"),
        (vec!["imports", "rows", "mprtpr_1FEwvUpBQjUDEJnc1sJJpXBj", "--action", "lost"], "--action must be"),
    ] {
        let output = muster(&words).args(["--data", at]).output().unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(output.status.code() != Some(0) && said.contains(part), "{words:?}: {said}");
    }
}
