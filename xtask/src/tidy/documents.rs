//! Rules for documents: links lead somewhere, and every decision is in the index.

use std::path::{Component, Path, PathBuf};

use super::{TextFile, Violation};

const DECISIONS: &str = "docs/adr/";
const INDEX: &str = "docs/adr/README.md";

/// Checks that the relative links of a Markdown file lead to something that exists.
pub fn check_links(file: &TextFile, exists: impl Fn(&Path) -> bool) -> Vec<Violation> {
    let mut violations = Vec::new();
    for (line, target) in links(&file.text) {
        if !is_relative(target) {
            continue;
        }
        if !resolve(&file.path, target).is_some_and(|path| exists(&path)) {
            let mend = format!("`{target}` leads nowhere; mend or remove the link");
            violations.push(Violation::new(&file.path, line, "link", mend));
        }
    }
    violations
}

/// Checks that `docs/adr/README.md` links every `docs/adr/NNNN-….md`.
pub fn check_decisions(files: &[TextFile]) -> Vec<Violation> {
    let index = files.iter().find(|file| file.path == INDEX).map_or("", |file| file.text.as_str());
    let linked: Vec<&str> =
        links(index).into_iter().map(|(_, target)| target.trim_start_matches("./")).collect();
    files
        .iter()
        .filter_map(|file| file.path.strip_prefix(DECISIONS))
        .filter(|name| is_decision(name) && !linked.contains(name))
        .map(|name| Violation::new(&format!("{DECISIONS}{name}"), 1, "adr", format!("link it from {INDEX}")))
        .collect()
}

fn is_decision(name: &str) -> bool {
    let number = name.split('-').next().unwrap_or_default();
    number.len() == 4 && number.bytes().all(|byte| byte.is_ascii_digit()) && name.ends_with(".md")
}

/// Finds the targets of `[text](target)` and `[name]: target`, outside of code.
fn links(markdown: &str) -> Vec<(usize, &str)> {
    let mut links = Vec::new();
    let mut fenced = false;
    for (index, line) in markdown.lines().enumerate() {
        if line.trim_start().starts_with("```") {
            fenced = !fenced;
        } else if !fenced {
            let targets = line.match_indices("](").filter(|(at, _)| !in_code(line, *at));
            let inline = targets.filter_map(|(at, _)| target(&line[at + 2..], ')'));
            let named = line.strip_prefix('[').and_then(|rest| rest.split_once("]: "));
            links.extend(inline.chain(named.map(|(_, rest)| rest)).map(|found| (index + 1, bare(found))));
        }
    }
    links
}

/// Tells whether a place in a line lies between backticks.
fn in_code(line: &str, at: usize) -> bool {
    line[..at].matches('`').count() % 2 == 1 && line[at..].contains('`')
}

fn target(rest: &str, close: char) -> Option<&str> {
    rest.find(close).map(|end| &rest[..end])
}

/// Leaves out the title, the angle brackets and the place within the page.
fn bare(target: &str) -> &str {
    let target = target.split_whitespace().next().unwrap_or_default();
    let target = target.trim_start_matches('<').trim_end_matches('>');
    target.split('#').next().unwrap_or_default()
}

/// Tells whether a target means a file of ours; an empty one is a place in the same page.
fn is_relative(target: &str) -> bool {
    !target.is_empty() && !target.contains("://") && !target.starts_with("mailto:")
}

/// Follows a target from the file it stands in; `None` if it leaves the project.
fn resolve(from: &str, target: &str) -> Option<PathBuf> {
    let folder = Path::new(from).parent().unwrap_or(Path::new(""));
    let path = target.strip_prefix('/').map_or_else(|| folder.join(target), PathBuf::from);
    let mut resolved = PathBuf::new();
    for component in path.components() {
        match component {
            Component::Normal(name) => resolved.push(name),
            Component::ParentDir if !resolved.pop() => return None,
            _ => {}
        }
    }
    Some(resolved)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn broken(path: &str, text: &str) -> Vec<usize> {
        let exists =
            |path: &Path| ["README.md", "docs/errors.md"].iter().any(|known| path == Path::new(known));
        check_links(&TextFile::of(path, text), exists).into_iter().map(|found| found.line).collect()
    }

    #[test]
    fn links_lead_somewhere() {
        assert_eq!(
            broken("README.md", "[a](docs/errors.md#busy) [b](#here) [c](https://a.example/x)"),
            [0; 0]
        );
        assert_eq!(broken("docs/errors.md", "[a](../README.md)\n[b](errors.md \"title\") [c](lost.md)"), [2]);
        assert_eq!(broken("README.md", "[a](../outside.md)\n[b]: docs/lost.md"), [1, 2]);
    }

    #[test]
    fn code_has_no_links() {
        assert_eq!(broken("README.md", "```\n[a](lost.md)\n```\n`[a](lost.md)` and [b](lost.md)"), [4]);
    }

    #[test]
    fn decisions_are_in_the_index() {
        let files = [
            TextFile::of(INDEX, "- [One](0001-one.md)"),
            TextFile::of("docs/adr/0001-one.md", ""),
            TextFile::of("docs/adr/0002-two.md", ""),
            TextFile::of("docs/adr/template.md", ""),
        ];
        let found: Vec<String> = check_decisions(&files).into_iter().map(|found| found.file).collect();
        assert_eq!(found, ["docs/adr/0002-two.md"]);
    }
}
