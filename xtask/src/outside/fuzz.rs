//! `cargo xtask fuzz-api`: requests made up by schemathesis; none may break the server or what the document promises.

use std::process::Command;

use super::{build, folder, packages, server::Server, tests};
use crate::{
    Outcome,
    cluster::{Cluster, Durability},
    machine::{self, Need},
    say,
};

/// About how many requests are sent for one example and operation, all phases together.
const REQUESTS_PER_EXAMPLE: usize = 4;

/// What to do.
struct Options {
    /// How many requests to send, about.
    requests: usize,
    /// True for PostgreSQL.
    engine: Engine,
    /// Where the random numbers start.
    seed: String,
}

#[derive(PartialEq, Eq)]
enum Engine {
    Sqlite,
    Postgres,
}

impl Options {
    /// Reads `[--requests N] [--engine sqlite|postgres] [--seed N]`.
    fn parse(args: &[&str]) -> Outcome<Options> {
        let mut options = Options { requests: 3000, engine: Engine::Sqlite, seed: "1".to_owned() };
        for pair in args.chunks(2) {
            match pair {
                ["--requests", number] => options.requests = number.parse()?,
                ["--engine", "sqlite"] => options.engine = Engine::Sqlite,
                ["--engine", "postgres"] => options.engine = Engine::Postgres,
                ["--seed", number] => (*number).clone_into(&mut options.seed),
                _ => {
                    let known = "--requests N, --engine sqlite|postgres and --seed N";
                    return Err(format!("`fuzz-api` takes {known}, not {}", pair.join(" ")).into());
                }
            }
        }
        Ok(options)
    }
}

/// Sends requests to a server on an empty database; `false` when schemathesis found fault.
pub fn run(args: &[&str]) -> Outcome<bool> {
    let options = Options::parse(args)?;
    machine::require(&[Need::PythonVenv])?;
    let programs = packages::python("fuzz")?;
    build()?;
    let cluster = match options.engine {
        Engine::Sqlite => None,
        Engine::Postgres => {
            machine::require(&[Need::Postgres])?;
            Some(Cluster::start(Durability::Fast)?)
        }
    };
    let server = Server::start(cluster.as_ref().map(Cluster::url))?;
    let operations = operations()?.max(1);
    let examples = (options.requests / operations / REQUESTS_PER_EXAMPLE).max(1);
    say(format_args!("{operations} operations, {examples} examples of each, seed {}", options.seed));
    let mut command = Command::new(programs.join("schemathesis"));
    command.args(["--config-file", "schemathesis.toml", "run", "--checks", "all", "--no-color"]);
    // DELETE redacts: the object stays, without its personal data.
    command.args(["--exclude-checks", "use_after_free"]);
    command.args(["--max-examples", &examples.to_string(), "--seed", &options.seed]);
    command.args([
        "--header",
        &format!("Authorization: Bearer {}", server.key),
        "--header",
        "Key-Inflection: kebab",
    ]);
    command.arg("--report-dir").arg(folder("fuzz")?).arg(format!("{}/openapi.json", server.url));
    command.env("MUSTER_URL", &server.url).env("MUSTER_API_KEY", &server.key);
    command.env("PYTHONPATH", ".").env("PYTHONDONTWRITEBYTECODE", "1");
    Ok(command.current_dir(tests("fuzz")?).status()?.success())
}

/// How many operations the document has.
fn operations() -> Outcome<usize> {
    let document = super::output(Command::new(super::muster()?).arg("openapi"))?;
    let document: serde_json::Value = serde_json::from_slice(&document)?;
    let paths = document["paths"].as_object().ok_or("a document without paths")?;
    Ok(paths.values().filter_map(|path| path.as_object().map(serde_json::Map::len)).sum())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_are_read_in_pairs() {
        let options = Options::parse(&["--engine", "postgres", "--requests", "200"]).unwrap();
        assert!(options.engine == Engine::Postgres && options.requests == 200);
        assert!(Options::parse(&["--engine", "oracle"]).is_err());
        assert!(Options::parse(&["--requests"]).is_err());
    }
}
