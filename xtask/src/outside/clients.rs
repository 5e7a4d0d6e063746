//! The examples of `docs/clients.md`: generated clients compile, and what they print is what the page says.

use std::{env, fs, path::Path, process::Command};

use super::{output, packages, server::Server};
use crate::{Outcome, root, say};

/// Runs both examples against one server.
pub fn check() -> Outcome<bool> {
    let server = Server::start(None)?;
    let page = fs::read_to_string(root()?.join("docs/clients.md"))?;
    let document = root()?.join("docs/openapi.yaml");
    let said = [typescript(&server, &page, &document)?, python(&server, &page, &document)?];
    let missing: Vec<&String> =
        said.iter().filter(|line| !page.contains(&format!("It prints `{line}`."))).collect();
    for line in &missing {
        say(format_args!("an example of docs/clients.md printed {line:?}, not what the page says"));
    }
    Ok(missing.is_empty())
}

fn typescript(server: &Server, page: &str, document: &Path) -> Outcome<String> {
    let place = packages::node("clients/typescript")?;
    fs::write(place.join("example.ts"), example(page, "ts")?)?;
    let program = |name: &str| {
        let mut command = Command::new(place.join("node_modules/.bin").join(name));
        command.current_dir(&place);
        command
    };
    output(program("openapi-typescript").arg(document).args(["--output", "muster.d.ts"]))?;
    output(program("tsc").args(["--project", "."]))?;
    printed(Command::new("node").arg("out/example.js").current_dir(&place), server)
}

fn python(server: &Server, page: &str, document: &Path) -> Outcome<String> {
    let programs = packages::python("clients/python")?;
    let place = super::folder("python-example")?;
    fs::write(place.join("example.py"), example(page, "python")?)?;
    // The generator knows no PDF; for it they are bytes.
    let config = place.join("generator.json");
    fs::write(&config, r#"{"content_type_overrides": {"application/pdf": "application/octet-stream"}}"#)?;
    let mut paths = vec![programs.clone()];
    paths.extend(env::split_paths(&env::var_os("PATH").unwrap_or_default()));
    let mut generator = Command::new(programs.join("openapi-python-client"));
    generator.args([
        "generate",
        "--overwrite",
        "--fail-on-warning",
        "--meta",
        "none",
        "--output-path",
        "muster",
        "--config",
    ]);
    generator.arg(&config).arg("--path");
    // It looks for its formatter on the path.
    output(generator.arg(document).env("PATH", env::join_paths(paths)?).current_dir(&place))?;
    let mut mypy = Command::new(programs.join("mypy"));
    output(mypy.args(["--strict", "--follow-imports=silent", "example.py"]).current_dir(&place))?;
    printed(Command::new(programs.join("python")).arg("example.py").current_dir(&place), server)
}

/// The code of the page in a language that stands there as a whole program: the longest block.
fn example<'a>(page: &'a str, language: &str) -> Outcome<&'a str> {
    let fence = format!("```{language}\n");
    let blocks = page.split(&fence).skip(1).filter_map(|rest| rest.split("```").next());
    Ok(blocks
        .max_by_key(|block| block.len())
        .ok_or(format!("docs/clients.md has no example in {language}"))?)
}

fn printed(command: &mut Command, server: &Server) -> Outcome<String> {
    let said = output(command.env("MUSTER_URL", &server.url).env("MUSTER_API_KEY", &server.key))?;
    Ok(String::from_utf8(said)?.trim().to_owned())
}
