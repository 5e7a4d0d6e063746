//! Rules for any text: no notes to self, no paths of somebody's machine.

use super::{
    TextFile, Violation,
    source::{Source, line_of},
};

/// Notes to self. Split, so that this file does not break its own rule.
const NOTES: [&str; 3] = [concat!("TO", "DO"), concat!("FIX", "ME"), concat!("XX", "X")];

/// Folders that exist on one machine only. Split for the same reason.
const MACHINE_FOLDERS: [&str; 4] =
    [concat!("/wo", "rk/"), concat!("/ro", "ot/"), concat!("/ho", "me/"), concat!("/Us", "ers/")];

/// Files that people write for people, beside Rust. In data, three capital letters may mean anything.
const PROSE: [&str; 10] = ["md", "toml", "sh", "sql", "yml", "yaml", "html", "css", "js", "txt"];

/// Checks one file of any kind.
pub fn check(file: &TextFile) -> Vec<Violation> {
    let mut violations = check_notes(file);
    for folder in MACHINE_FOLDERS {
        let starts_path = |at: &usize| {
            let before = file.text[..*at].chars().next_back();
            before.is_none_or(|c| c.is_whitespace() || "\"'`(<=:,[".contains(c))
        };
        for at in file.text.match_indices(folder).map(|(at, _)| at).filter(starts_path) {
            let mend = "this path exists on one machine; make it relative or an argument";
            violations.push(Violation::new(&file.path, line_of(&file.text, at), "machine path", mend));
        }
    }
    violations
}

fn check_notes(file: &TextFile) -> Vec<Violation> {
    let pieces = if file.has_extension("rs") {
        Source::parse(&file.text).comments.into_iter().map(|piece| (piece.at, piece.text)).collect()
    } else if PROSE.iter().any(|extension| file.has_extension(extension)) || file.text.starts_with("#!") {
        vec![(0, file.text.clone())]
    } else {
        vec![]
    };
    let mut violations = Vec::new();
    for (start, text) in pieces {
        for note in NOTES {
            for at in find_note(&text, note) {
                let mend = "do it, or write down what is not done where a reader looks for it";
                violations.push(Violation::new(&file.path, line_of(&file.text, start + at), "note", mend));
            }
        }
    }
    violations
}

/// Finds a note that stands alone; `123-XX…-456` is a number with blanks.
fn find_note<'a>(text: &'a str, note: &'a str) -> impl Iterator<Item = usize> + 'a {
    let part = |character: char| character.is_alphanumeric() || "_-".contains(character);
    let alone = move |at: &usize| {
        let before = text[..*at].chars().next_back();
        let after = text[*at + note.len()..].chars().next();
        !before.is_some_and(part) && !after.is_some_and(part)
    };
    text.match_indices(note).map(|(at, _)| at).filter(alone)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rules(path: &str, text: &str) -> Vec<(usize, &'static str)> {
        check(&TextFile::of(path, text)).into_iter().map(|found| (found.line, found.rule)).collect()
    }

    #[test]
    fn notes_to_self_are_found_in_comments_and_prose() {
        let [first, second, third] = NOTES;
        let text = format!("let a = \"{first}\";\n// {first}: later\n/// {second}\n// {third}-12\n");
        assert_eq!(rules("a.rs", &text), [(2, "note"), (3, "note")]);
        assert_eq!(rules("a.md", &format!("\n{third}\n{first}S\n")), [(2, "note")]);
        assert_eq!(rules("a.json", third), []);
    }

    #[test]
    fn machine_paths_are_found_anywhere() {
        let [folder, ..] = MACHINE_FOLDERS;
        assert_eq!(rules("a.json", &format!("{{\n\"{folder}x\"")), [(2, "machine path")]);
        assert_eq!(rules("a.md", &format!("docs{folder}x https://a.example{folder}")), []);
    }
}
