//! Lists at the command line.

use std::path::Path;

use crate::program::{failure, stdout};

const HEADER: &str = "id,name,type,aliases\n";

fn write(folder: &Path, name: &str, text: &str) -> String {
    let path = folder.join(name);
    std::fs::write(&path, text).unwrap();
    path.to_str().unwrap().to_owned()
}

/// Makes an installation with one organization.
fn set_up(at: [&str; 2]) {
    let organization = stdout(&["admin", "create-organization", "Acme", at[0], at[1]]);
    stdout(&["admin", "create-environment", organization.trim(), "sandbox", at[0], at[1]]);
}

/// A command line about the installation at a place.
fn watchlists<'a>(at: [&'a str; 2], words: &[&'a str]) -> Vec<&'a str> {
    [&["watchlists"], words, &at].concat()
}

#[test]
fn a_list_is_imported_replaced_and_removed() {
    let data = tempfile::tempdir().unwrap();
    let at = ["--data", data.path().to_str().unwrap()];
    set_up(at);
    assert!(stdout(&watchlists(at, &["list"])).starts_with("no list is loaded"));

    let file =
        write(data.path(), "own.csv", &format!("{HEADER}1,John Smith,person,J. S.\n2,Acme,organization,\n"));
    let said = stdout(&watchlists(at, &["import", "csv", &file]));
    assert!(said.starts_with("own  wlv_") && said.contains("2 entities, 3 names"), "{said}");
    assert!(said.contains("2 added, 0 changed, 0 removed"), "{said}");

    let file =
        write(data.path(), "own.csv", &format!("{HEADER}1,John Smyth,person,\n3,Bolt,organization,\n"));
    let said = stdout(&watchlists(at, &["import", "csv", &file, "--name", "Our own"]));
    assert!(said.contains("1 added, 1 changed, 1 removed"), "{said}");

    let broken = write(data.path(), "own.csv", &format!("{HEADER}1,John Smyth,dog,\n"));
    let said = failure(&watchlists(at, &["import", "csv", &broken]));
    assert!(said.contains("own.csv, line 2, column type: must be person, "), "{said}");
    assert!(said.ends_with("nothing was replaced"), "{said}");
    assert!(stdout(&watchlists(at, &["list"])).contains("own  Our own  2 entities, 2 names"));

    assert!(failure(&watchlists(at, &["remove", "other"])).contains("there is no list other"));
    stdout(&watchlists(at, &["remove", "own"]));
    let audit = stdout(&["admin", "audit", at[0], at[1]]);
    assert_eq!(audit.matches("/cli/watchlists/import").count(), 2, "{audit}");
    assert!(audit.contains("/cli/watchlists/remove"), "{audit}");
    assert!(stdout(&watchlists(at, &["list"])).starts_with("no list is loaded"));
}

#[test]
fn a_publication_of_ofac_needs_its_other_names() {
    let data = tempfile::tempdir().unwrap();
    let folder = data.path().to_str().unwrap();
    let at = ["--data", folder];
    set_up(at);
    let import = ["watchlists", "import", "ofac", folder, at[0], at[1]];
    assert!(failure(&import).contains("has no sdn.csv"));
    let row = "1,\"DOE, John\",\"individual\",\"SDGT\",-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,\"DOB 1966.\"\r\n";
    write(data.path(), "SDN.CSV", row);
    assert!(failure(&import).contains("alt.csv is missing"));
    write(data.path(), "alt.csv", "1,1,\"aka\",\"DOE, Johnny\",-0- \r\n2,2,\"aka\",\"NOBODY\",-0- \r\n");
    write(data.path(), "add.csv", "");
    let said = stdout(&import);
    assert!(said.contains("note: 1 entities that other files speak of are not in SDN.CSV"), "{said}");
    assert!(said.contains("ofac-sdn  wlv_") && said.contains("1 entities, 2 names"), "{said}");
}
