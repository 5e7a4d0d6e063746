//! Running the built program.

use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::{Method, Request};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use serde_json::Value;

/// The program with a command line, deaf to the variables of whoever runs the tests.
pub fn muster(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_muster"));
    for name in
        ["DATA", "DATABASE", "LISTEN", "CONFIG", "MASTER_KEY", "MASTER_KEY_FILE", "MASTER_KEY_COMMAND"]
    {
        command.env_remove(format!("MUSTER_{name}"));
    }
    command.env("MUSTER_RATE_LIMIT", "0").env("MUSTER_LOG", "error").args(arguments);
    command
}

/// Runs a command line to its end.
pub fn run(arguments: &[&str]) -> Output {
    muster(arguments).output().unwrap()
}

/// What a command line wrote to standard output. It must have succeeded.
pub fn stdout(arguments: &[&str]) -> String {
    let output = run(arguments);
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// The one line a command line failed with.
pub fn failure(arguments: &[&str]) -> String {
    let output = run(arguments);
    assert!(!output.status.success(), "{arguments:?} succeeded");
    let text = String::from_utf8(output.stderr).unwrap();
    assert_eq!(text.lines().count(), 1, "more than one line: {text}");
    text.trim().to_owned()
}

/// Whom a server listens to: cheap to clone, for several clients at once.
#[derive(Clone)]
pub struct Caller {
    pub base_url: String,
    pub key: String,
    http: Client<HttpConnector, Full<Bytes>>,
}

/// A demo server that is running. It is killed when dropped.
pub struct Server {
    child: Child,
    /// What it said until it was ready.
    pub said: String,
    caller: Caller,
}

impl std::ops::Deref for Server {
    type Target = Caller;
    fn deref(&self) -> &Caller {
        &self.caller
    }
}

impl Server {
    /// Starts a demo server and waits until it says that it is ready.
    pub fn start(data: &Path, database: &str) -> Self {
        let mut server =
            Self::spawn(muster(&["serve", "--demo", "--database", database]).arg("--data").arg(data));
        let facts: Value = serde_json::from_slice(&std::fs::read(data.join("demo.json")).unwrap()).unwrap();
        assert_eq!(facts["base-url"], server.base_url.as_str());
        server.caller.key = facts["api-key"].as_str().unwrap().to_owned();
        server
    }

    /// Starts a server of an installation that was set up by hand.
    pub fn start_with_key(data: &Path, key: &str) -> Self {
        let mut server = Self::spawn(muster(&["serve"]).arg("--data").arg(data));
        server.caller.key = key.to_owned();
        server
    }

    fn spawn(command: &mut Command) -> Self {
        let mut child = command
            .args(["--listen", "127.0.0.1:0"])
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap);
        let said: Vec<String> = lines.take_while(|line| !line.starts_with("Ready.")).collect();
        let Some(base_url) = said.iter().find_map(|line| line.strip_prefix("Base URL  ")) else {
            let mut why = String::new();
            child.stderr.take().unwrap().read_to_string(&mut why).unwrap();
            panic!("the server did not start: {why}");
        };
        let http = Client::builder(TokioExecutor::new()).build_http();
        let caller = Caller { base_url: base_url.to_owned(), key: String::new(), http };
        Self { child, said: said.join("\n"), caller }
    }

    /// Kills it without warning, as a power failure would.
    pub fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Asks it to end and says whether it ended well.
    pub fn stop(mut self) -> bool {
        let pid = self.child.id().to_string();
        assert!(Command::new("kill").args(["-INT", &pid]).status().unwrap().success());
        self.child.wait().unwrap().success()
    }

    /// Another client of it.
    pub fn caller(&self) -> Caller {
        self.caller.clone()
    }
}

impl Caller {
    /// Sends a request. `Err` when the server did not answer it.
    pub async fn send(
        &self,
        method: Method,
        path: &str,
        idempotency_key: Option<&str>,
        body: &str,
    ) -> Result<(u16, Bytes), String> {
        let mut request = Request::builder()
            .method(method)
            .uri(format!("{}{path}", self.base_url))
            .header("authorization", format!("Bearer {}", self.key));
        if let Some(key) = idempotency_key {
            request = request.header("idempotency-key", key);
        }
        let request = request.body(Full::new(Bytes::from(body.to_owned()))).unwrap();
        let reply = self.http.request(request).await.map_err(|error| error.to_string())?;
        let status = reply.status().as_u16();
        let body = reply.into_body().collect().await.map_err(|error| error.to_string())?;
        Ok((status, body.to_bytes()))
    }

    /// Gets a path that must answer 200.
    pub async fn get(&self, path: &str) -> Value {
        let (status, body) = self.send(Method::GET, path, None, "").await.unwrap();
        assert_eq!(status, 200, "{path}: {}", String::from_utf8_lossy(&body));
        serde_json::from_slice(&body).unwrap()
    }

    /// All resources of a list, page by page.
    pub async fn all(&self, path: &str) -> Vec<Value> {
        let mut all = Vec::new();
        let mut after = String::new();
        loop {
            let joint = if path.contains('?') { '&' } else { '?' };
            let page = self.get(&format!("{path}{joint}page[size]=100{after}")).await;
            let data = page["data"].as_array().unwrap();
            let Some(last) = data.last() else { return all };
            after = format!("&page[after]={}", last["id"].as_str().unwrap());
            all.extend(data.iter().cloned());
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
