//! The rule of released migrations: they never change again.

use sha2::{Digest, Sha256};

use super::{TextFile, Violation};

const FOLDER: &str = "crates/store/migrations/";
const CHECKSUMS: &str = "crates/store/migrations/CHECKSUMS";

/// Compares `CHECKSUMS`, written as by `sha256sum`, with the files; without it nothing is released yet.
pub fn check(files: &[TextFile]) -> Vec<Violation> {
    let Some(checksums) = files.iter().find(|file| file.path == CHECKSUMS) else { return Vec::new() };
    let mut violations = Vec::new();
    let mut released = Vec::new();
    for (index, line) in checksums.text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
        let mut words = line.split_whitespace();
        let (sum, name) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
        let name = name.trim_start_matches('*');
        released.push(name);
        let mend = match files.iter().find(|file| file.path.strip_prefix(FOLDER) == Some(name)) {
            Some(file) if sha256(&file.text) == sum => continue,
            Some(_) => format!("{name} is released and must not change; undo it and add a new migration"),
            None => format!("{name} is released and must not go; bring it back"),
        };
        violations.push(Violation::new(CHECKSUMS, index + 1, "migration", mend));
    }
    violations.extend(check_order(files, &released));
    violations
}

/// A migration that is not released yet comes after all that are.
fn check_order(files: &[TextFile], released: &[&str]) -> Vec<Violation> {
    let last = released.iter().max().copied().unwrap_or_default();
    files
        .iter()
        .filter(|file| file.has_extension("sql"))
        .filter_map(|file| file.path.strip_prefix(FOLDER))
        .filter(|name| !released.contains(name) && *name < last)
        .map(|name| {
            let mend =
                format!("comes before the released {last}; list it in CHECKSUMS or give it the next number");
            Violation::new(&format!("{FOLDER}{name}"), 1, "migration", mend)
        })
        .collect()
}

fn sha256(text: &str) -> String {
    Sha256::digest(text.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const SUM_OF_ABC: &str = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

    fn found(text: &str, checksums: &str) -> Vec<String> {
        let files =
            [TextFile::of("crates/store/migrations/0002_a.sql", text), TextFile::of(CHECKSUMS, checksums)];
        check(&files).iter().map(|violation| format!("{}:{}", violation.file, violation.line)).collect()
    }

    #[test]
    fn a_released_migration_stays_as_it_is() {
        let checksums = format!("{SUM_OF_ABC}  0002_a.sql\n");
        assert_eq!(found("abc", &checksums), Vec::<String>::new());
        assert_eq!(found("abd", &checksums), [format!("{CHECKSUMS}:1")]);
        assert_eq!(
            found("abc", &format!("{checksums}{SUM_OF_ABC}  0003_lost.sql\n")),
            [format!("{CHECKSUMS}:2")]
        );
    }

    #[test]
    fn new_migrations_come_last() {
        assert_eq!(found("abc", ""), Vec::<String>::new());
        let later = format!("{SUM_OF_ABC}  0003_b.sql\n");
        assert!(found("abc", &later).contains(&"crates/store/migrations/0002_a.sql:1".to_owned()));
    }

    #[test]
    fn without_checksums_nothing_is_released() {
        assert_eq!(check(&[TextFile::of("crates/store/migrations/0001_a.sql", "abc")]), []);
    }
}
