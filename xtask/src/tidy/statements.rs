//! Rules for SQL: where it may stand, and that no statement forgets its tenant.

use super::{
    TextFile, Violation,
    source::{Source, find_word, is_word},
};

/// Where SQL may stand. `xtask` is here for the tests of this very file.
const HOMES: [&str; 5] = ["crates/store/", "crates/testkit/", "tests/", "bench/", "xtask/"];

/// How a statement begins, apart from `UPDATE … SET`.
const OPENINGS: [&str; 9] = [
    "SELECT",
    "INSERT INTO",
    "DELETE FROM",
    "CREATE TABLE",
    "CREATE INDEX",
    "CREATE UNIQUE INDEX",
    "ALTER TABLE",
    "DROP TABLE",
    "PRAGMA",
];

const TENANT_TABLES: [&str; 13] = [
    "accounts",
    "account_types",
    "identifiers",
    "field_index",
    "data_keys",
    "events",
    "idempotency_keys",
    "jobs",
    "api_keys",
    "tags",
    "user_audit_logs",
    "user_sessions",
    "users",
];

const TENANT_COLUMNS: [&str; 2] = ["environment_id", "organization_id"];

const STORE: &str = "crates/store/src/";
const EXCEPTIONS: &str = "crates/store/tenant-exceptions.txt";

/// Checks all SQL in Rust files.
pub fn check(files: &[TextFile]) -> Vec<Violation> {
    let mut violations = Vec::new();
    let mut tenantless = Vec::new();
    for file in files.iter().filter(|file| file.has_extension("rs")) {
        let source = Source::parse(&file.text);
        if file.path.starts_with(STORE) {
            tenantless.extend(find_tenantless(&file.path, &source));
        } else if !HOMES.iter().any(|home| file.path.starts_with(home)) {
            let strings = source.strings.iter().filter(|piece| is_sql(&piece.text));
            let mend = "move the statement to crates/store and call a function";
            violations.extend(
                strings.map(|piece| Violation::new(&file.path, source.line_of(piece.at), "sql", mend)),
            );
        }
    }
    let exceptions = files.iter().find(|file| file.path == EXCEPTIONS).map_or("", |file| file.text.as_str());
    violations.extend(compare(&tenantless, exceptions));
    violations
}

/// Tells whether a string literal is a statement.
fn is_sql(literal: &str) -> bool {
    let text = literal.trim_start_matches(|c: char| c.is_whitespace() || c == '\\');
    let opens = |words: &str| {
        text.strip_prefix(words)
            .is_some_and(|rest| rest.starts_with(|c: char| c.is_whitespace() || c == '\\'))
    };
    OPENINGS.iter().any(|words| opens(words)) || (opens("UPDATE") && find_word(text, "SET").next().is_some())
}

/// A statement that names a tenant table and no tenant.
struct Tenantless {
    file: String,
    line: usize,
    name: String,
    table: &'static str,
}

impl Tenantless {
    /// Tells whether this is the statement `accounts::GET`, or just `GET`.
    fn is(&self, name: &str) -> bool {
        self.name == name || self.name.split("::").last() == Some(name)
    }
}

/// Finds the statements of a store module that read or write across tenants.
fn find_tenantless(path: &str, source: &Source) -> Vec<Tenantless> {
    let end = source.find("#[cfg(test)]").next().unwrap_or(source.code.len());
    let mut found = Vec::new();
    for statement in statements(source).into_iter().filter(|statement| statement.at < end) {
        let table =
            TENANT_TABLES.into_iter().find(|table| find_word(&statement.text, table).next().is_some());
        let scoped = TENANT_COLUMNS.iter().any(|column| is_bound_to(&statement.text, column));
        if let (Some(table), false) = (table, scoped) {
            let line = source.line_of(statement.at);
            let name = format!("{}::{}", module_of(path), statement.name);
            found.push(Tenantless { file: path.to_owned(), line, name, table });
        }
    }
    found
}

/// Tells whether a statement works for one tenant: by its condition, or by what it inserts. To read the
/// column is not enough.
fn is_bound_to(text: &str, column: &str) -> bool {
    if text.contains("INSERT INTO") {
        return text.contains(column);
    }
    let condition = find_word(text, "WHERE").next().map_or("", |at| &text[at..]);
    condition.contains(&format!("{column} = ")) || condition.contains(&format!("({column}, "))
}

fn module_of(path: &str) -> &str {
    path.rsplit('/').next().and_then(|name| name.strip_suffix(".rs")).unwrap_or_default()
}

/// The whole text of a statement under the name of its constant, or of the function around it.
struct Statement {
    name: String,
    at: usize,
    text: String,
}

/// Puts together what belongs together: `concat!` and the like split one statement into literals.
fn statements(source: &Source) -> Vec<Statement> {
    let mut found: Vec<Statement> = Vec::new();
    let mut function = String::new();
    let mut strings = source.strings.iter().peekable();
    for (start, chunk) in chunks(&source.code) {
        if let Some(at) = find_word(chunk, "fn").next() {
            function = first_word(&chunk[at + 2..]);
        }
        let mut begun = false;
        while let Some(piece) = strings.next_if(|piece| piece.at < start + chunk.len()) {
            if is_sql(&piece.text) {
                let name = constant_name(&chunk[..piece.at - start]).unwrap_or_else(|| function.clone());
                found.push(Statement { name, at: piece.at, text: piece.text.clone() });
                begun = true;
            } else if let Some(statement) = found.last_mut().filter(|_| begun) {
                statement.text.push_str(&piece.text);
            }
        }
    }
    found
}

/// Cuts code where one definition ends and another may begin.
fn chunks(code: &str) -> Vec<(usize, &str)> {
    let mut chunks = Vec::new();
    let mut start = 0;
    let arrows = code.match_indices("=>").map(|(at, _)| at + 2);
    let marks = code.match_indices([';', '{', '}']).map(|(at, _)| at + 1);
    let mut ends: Vec<usize> = arrows.chain(marks).chain([code.len()]).collect();
    ends.sort_unstable();
    for end in ends {
        chunks.push((start, &code[start..end]));
        start = end;
    }
    chunks
}

/// Reads `FIND` out of `pub const FIND: &str = `, `FIND = ` and `FIND (id Text) = `.
fn constant_name(before: &str) -> Option<String> {
    let left = before.split('=').next().filter(|left| left.len() < before.len())?;
    let loud = |word: &&str| word.len() > 1 && !word.chars().any(char::is_lowercase);
    left.split(|c: char| !is_word(c)).rfind(loud).map(str::to_owned)
}

fn first_word(text: &str) -> String {
    text.trim_start().chars().take_while(|&character| is_word(character)).collect()
}

/// Compares what was found with what is excused; an excuse nobody needs has to go.
fn compare(tenantless: &[Tenantless], exceptions: &str) -> Vec<Violation> {
    let mut violations = Vec::new();
    let lines = exceptions.lines().enumerate().map(|(index, line)| (index + 1, line.trim()));
    let excused: Vec<(usize, &str, &str)> = lines
        .filter(|(_, line)| !line.is_empty() && !line.starts_with('#'))
        .map(|(number, line)| {
            let (name, reason) = line.split_once(char::is_whitespace).unwrap_or((line, ""));
            (number, name, reason)
        })
        .collect();
    for found in tenantless.iter().filter(|found| !excused.iter().any(|(_, name, _)| found.is(name))) {
        let Tenantless { name, table, .. } = found;
        let mend =
            format!("{name} names `{table}` without environment_id; scope it, or say why in {EXCEPTIONS}");
        violations.push(Violation::new(&found.file, found.line, "tenant", mend));
    }
    for (number, name, reason) in excused {
        if !tenantless.iter().any(|found| found.is(name)) {
            violations.push(Violation::new(
                EXCEPTIONS,
                number,
                "tenant",
                format!("{name} needs no excuse; remove it"),
            ));
        } else if reason.is_empty() {
            violations.push(Violation::new(
                EXCEPTIONS,
                number,
                "tenant",
                format!("say why {name} may do so"),
            ));
        }
    }
    violations
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(path: &str, text: &str) -> Vec<String> {
        check(&[TextFile::of(path, text)]).iter().map(ToString::to_string).collect()
    }

    fn names(text: &str) -> Vec<String> {
        let source = Source::parse(text);
        find_tenantless("a.rs", &source).into_iter().map(|found| found.name).collect()
    }

    #[test]
    fn sql_lives_in_the_store() {
        let text = "let a = \"\\\n    SELECT 1\";\nlet b = \"UPDATE t\n SET x = 1\";\nlet c = \"SELECTED\";";
        assert_eq!(found("crates/app/src/a.rs", text).len(), 2);
        assert_eq!(found("crates/store/src/a.rs", text), Vec::<String>::new());
        assert_eq!(found("tests/tests/a.rs", text), Vec::<String>::new());
        assert_eq!(
            found("crates/app/src/a.rs", "// SELECT 1\nlet a = \"UPDATE your profile\";"),
            Vec::<String>::new()
        );
    }

    #[test]
    fn every_statement_names_its_tenant() {
        let text = "statements! {\n  GOOD = \"SELECT id FROM accounts WHERE environment_id = $1\";\n  \
                    BAD = \"SELECT id FROM accounts WHERE id = $1\";\n}\n\
                    pub const ALSO_BAD: &str = \"DELETE FROM jobs WHERE id = $1\";\n\
                    const ONLY_READ: &str = \"SELECT environment_id FROM accounts WHERE id = $1\";";
        assert_eq!(names(text), ["a::BAD", "a::ALSO_BAD", "a::ONLY_READ"]);
    }

    #[test]
    fn a_set_statement_has_the_name_of_its_constant() {
        let text = "batches! {\n  /// Adds.\n  ADD (id Text, at Int) = \"INSERT INTO events SELECT id, at FROM {rows}\";\n}";
        assert_eq!(names(text), ["a::ADD"]);
    }

    #[test]
    fn parts_of_a_statement_are_read_together() {
        let text = "const ONE: &str = concat!(\"SELECT id FROM events\", \" WHERE environment_id = $1\");\n\
                    const TWO: &str = concat!(\"SELECT id FROM events\", \" WHERE id = $1\");";
        assert_eq!(names(text), ["a::TWO"]);
    }

    #[test]
    fn a_dialect_statement_has_the_name_of_its_function() {
        let text = "pub fn claim(e: Engine) -> &'static str {\n match e {\n  A => \"UPDATE jobs SET a = 1\",\n  \
                    B => \"UPDATE jobs SET a = 2 WHERE environment_id = $1\",\n }\n}";
        assert_eq!(names(text), ["a::claim"]);
    }

    #[test]
    fn exceptions_have_a_reason_and_an_object() {
        let bad = || Tenantless { file: "a.rs".into(), line: 3, name: "jobs::CLAIM".into(), table: "jobs" };
        let rules = |exceptions: &str| -> Vec<usize> {
            compare(&[bad()], exceptions).iter().map(|violation| violation.line).collect()
        };
        assert_eq!(rules("# why\nCLAIM workers serve all tenants\n"), Vec::<usize>::new());
        assert_eq!(rules("jobs::CLAIM workers serve all tenants\n"), Vec::<usize>::new());
        assert_eq!(rules("CLAIM\n"), [1]);
        assert_eq!(rules("CLAIM for all\nOTHER for all\n"), [2]);
        assert_eq!(rules(""), [3]);
    }
}
