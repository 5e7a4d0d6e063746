//! The rule of the arrows: which crate may know which.

use serde_json::Value;

use super::{TextFile, Violation};

/// Each crate of the product and the crates of ours it may know.
const LAYERS: [(&str, &[&str]); 10] = [
    ("muster-domain", &[]),
    ("muster-store", &["muster-domain"]),
    // Pure, and of use to others: names and lists, nothing of Muster.
    ("muster-screening", &[]),
    // Pure as well: rows out of files, whatever they are for.
    ("muster-tabular", &[]),
    ("muster-app", &["muster-domain", "muster-store", "muster-screening", "muster-tabular"]),
    ("muster-api", &["muster-domain", "muster-store", "muster-app", "muster-print"]),
    ("muster-hosted", &["muster-domain", "muster-store", "muster-app"]),
    // Makes documents of whatever it is given.
    ("muster-print", &[]),
    // An outsider: it knows the API as customers do.
    ("muster-client", &[]),
    (
        "muster",
        &[
            "muster-domain",
            "muster-store",
            "muster-screening",
            "muster-tabular",
            "muster-app",
            "muster-api",
            "muster-client",
            "muster-hosted",
        ],
    ),
];

/// Crates for developers: they may know everything, and the product knows none of them.
const TOOLS: [&str; 4] = ["muster-testkit", "muster-tests", "muster-bench", "xtask"];

/// Checks the output of `cargo metadata --no-deps`.
pub fn check(metadata: &Value, files: &[TextFile]) -> Vec<Violation> {
    let root = metadata["workspace_root"].as_str().unwrap_or_default();
    let mut violations = Vec::new();
    for package in list(&metadata["packages"]) {
        let name = package["name"].as_str().unwrap_or_default();
        let manifest = package["manifest_path"].as_str().unwrap_or_default();
        let manifest = manifest.strip_prefix(root).unwrap_or(manifest).trim_start_matches('/');
        if TOOLS.contains(&name) {
            continue;
        }
        let Some((_, known)) = LAYERS.iter().find(|(layer, _)| *layer == name) else {
            let mend = format!("give {name} its place in LAYERS or TOOLS of xtask/src/tidy/arrows.rs");
            violations.push(Violation::new(manifest, 1, "arrows", mend));
            continue;
        };
        for forbidden in own_dependencies(package).filter(|dependency| !known.contains(dependency)) {
            let line = line_naming(files, manifest, forbidden);
            let mend = format!("{name} must not know {forbidden}; it may know {known:?}");
            violations.push(Violation::new(manifest, line, "arrows", mend));
        }
    }
    violations
}

/// Lists the crates of ours that this one is built from; `dev-dependencies` are free.
fn own_dependencies(package: &Value) -> impl Iterator<Item = &str> {
    list(&package["dependencies"])
        .iter()
        .filter(|dependency| dependency["kind"] != "dev" && dependency["path"].is_string())
        .filter_map(|dependency| dependency["name"].as_str())
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

fn line_naming(files: &[TextFile], path: &str, name: &str) -> usize {
    let text = files.iter().find(|file| file.path == path).map_or("", |file| file.text.as_str());
    let names = |line: &str| line.strip_prefix(name).is_some_and(|rest| rest.starts_with([' ', '.', '=']));
    text.lines().position(names).map_or(1, |index| index + 1)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn edge(from: &str, to: &str, kind: &Value) -> Vec<String> {
        let metadata = json!({
            "workspace_root": "/m",
            "packages": [{
                "name": from,
                "manifest_path": "/m/crates/x/Cargo.toml",
                "dependencies": [
                    { "name": to, "kind": kind, "path": "/m/crates/y" },
                    { "name": "serde", "kind": null, "path": null },
                ],
            }],
        });
        let manifest = format!("[package]\n[dependencies]\n{to}.workspace = true\n");
        let found = check(&metadata, &[TextFile::of("crates/x/Cargo.toml", &manifest)]);
        found.iter().map(|violation| format!("{}:{}", violation.file, violation.line)).collect()
    }

    #[test]
    fn arrows_point_down() {
        assert_eq!(edge("muster-app", "muster-store", &Value::Null), Vec::<String>::new());
        assert_eq!(edge("muster-store", "muster-app", &Value::Null), ["crates/x/Cargo.toml:3"]);
        assert_eq!(edge("muster-domain", "muster-store", &json!("build")), ["crates/x/Cargo.toml:3"]);
    }

    #[test]
    fn tools_are_for_development_only() {
        assert_eq!(edge("muster-api", "muster-testkit", &json!("dev")), Vec::<String>::new());
        assert_eq!(edge("muster-api", "muster-testkit", &Value::Null), ["crates/x/Cargo.toml:3"]);
        assert_eq!(edge("muster-tests", "muster-testkit", &Value::Null), Vec::<String>::new());
    }

    #[test]
    fn a_new_crate_needs_a_place() {
        assert_eq!(edge("muster-new", "muster-domain", &Value::Null), ["crates/x/Cargo.toml:1"]);
    }
}
