//! A tenant with two account types, and the means to import into it.

use std::fmt::Write;
use std::sync::Arc;
use std::time::Duration;

use muster_app::imports::outcomes::{self, Direction};
use muster_app::imports::{NewPipeline, NewRun, RowOutcome, Run, files, pipelines, runs};
use muster_app::jobs::{self, Work};
use muster_app::outside::Outside;
use muster_app::{Cx, Error, ReadCx, Result, Scope, keys};
use muster_domain::event::{Actor, Source};
use muster_domain::import::{PipelineConfig, RunKind, RunStatus};
use muster_domain::{ImportFileId, ImporterPipelineId, ImporterPipelineRunId, Timestamp};
use muster_store::Statement;
use muster_testkit::{TestApp, TestDb};
use serde_json::{Value, json};

/// Longer than the lease of a run that a crash left lying.
const PAST_THE_LEASE: Duration = Duration::from_secs(20);

pub struct Scene {
    pub app: TestApp,
    /// In whose name everything is done.
    pub scope: Scope,
    types: Vec<(&'static str, String)>,
}

impl Scene {
    pub async fn start(db: TestDb) -> Self {
        Self::start_outside(db, Outside::default()).await
    }

    /// A tenant of an installation that has something outside.
    pub async fn start_outside(db: TestDb, outside: Outside) -> Self {
        let app = TestApp::start_outside(db, outside).await;
        let mut types = Vec::new();
        for (name, relations) in [("Firm", json!([])), ("Person", people())] {
            let attributes = json!({
                "name": name,
                "account-statuses": [{ "name": "New", "default": true }, { "name": "Approved" }],
                "identifiers": [{ "key": "email", "unique": true }],
                "field-schemas": [
                    { "key": "email", "type": "string" },
                    { "key": "city", "type": "string" },
                    { "key": "count", "type": "integer", "config": { "min": 0, "max": 10 } }
                ],
                "relation-schemas": relations
            });
            let made = app.post("/account-types", json!({ "data": { "attributes": attributes } })).await;
            types.push((name, made.id().to_owned()));
        }
        let scope = scope(&app).await;
        Self { app, scope, types }
    }

    /// Another process on the same database.
    pub fn second_process(&self) -> Self {
        Self { app: self.app.second_process(), scope: self.scope.clone(), types: self.types.clone() }
    }

    fn now(&self) -> Scope {
        Scope { now: self.app.now(), ..self.scope.clone() }
    }

    /// Runs a command in a transaction of its own.
    pub async fn command<T: Send + 'static>(
        &self,
        command: impl FnMut(&mut Cx<'_, '_>) -> Result<T> + Clone + Send + 'static,
    ) -> Result<T> {
        let (app, scope) = (Arc::clone(&self.app.app), self.now());
        tokio::task::spawn_blocking(move || jobs::transact(&app, &scope, "test", command)).await.unwrap()
    }

    pub async fn query<T: Send + 'static>(
        &self,
        query: impl Fn(&mut ReadCx<'_, '_>) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let (app, scope) = (Arc::clone(&self.app.app), self.now());
        let db = self.app.app.db.clone();
        db.read("test", move |tx| {
            query(&mut ReadCx { tx, scope: &scope, catalogs: &app.catalogs, master: &app.master })
        })
        .await
    }

    /// Uploads a file in parts, and completes it.
    pub async fn upload(&self, content: &[u8]) -> ImportFileId {
        let file = self.command(|cx| files::create(cx, "people.csv")).await.unwrap();
        let (app, scope, content) = (Arc::clone(&self.app.app), self.now(), content.to_vec());
        let id = file.id.clone();
        tokio::task::spawn_blocking(move || {
            for (part, number) in content.chunks(files::PART_BYTES).zip(0..) {
                files::put_part(&app, &scope, &file.id, number, part).unwrap();
            }
            files::complete(&app, &scope, &file.id).unwrap();
        })
        .await
        .unwrap();
        id
    }

    pub async fn pipeline(&self, config: &Value) -> ImporterPipelineId {
        let config = PipelineConfig::from_value(config).unwrap();
        let new = NewPipeline { name: "People".to_owned(), config };
        self.command(move |cx| pipelines::create(cx, new.clone())).await.unwrap().item.id
    }

    pub async fn start_run(
        &self,
        pipeline: &ImporterPipelineId,
        file: &ImportFileId,
    ) -> ImporterPipelineRunId {
        self.try_start(pipeline, file).await.unwrap().id
    }

    pub async fn try_start(&self, pipeline: &ImporterPipelineId, file: &ImportFileId) -> Result<Run> {
        self.app.advance(Duration::from_millis(1));
        let new = NewRun {
            pipeline: pipeline.clone(),
            kind: RunKind::Import,
            file: Some(file.clone()),
            plan: None,
            undo_of: None,
            reference_id: None,
        };
        Ok(self.command(move |cx| runs::start(cx, &new)).await?.item)
    }

    /// Imports a table to the end.
    pub async fn import(&self, table: &str, config: &Value) -> Run {
        let (file, pipeline) = (self.upload(table.as_bytes()).await, self.pipeline(config).await);
        let run = self.start_run(&pipeline, &file).await;
        self.work().await;
        self.run(&run).await
    }

    /// Imports until nothing is due any more.
    pub async fn work(&self) {
        let app = Arc::clone(&self.app.app);
        let all = move || while jobs::run_due(&app, Work::Imports).unwrap() > 0 {};
        tokio::task::spawn_blocking(all).await.unwrap();
    }

    /// Lets time pass until what a crash left lying is taken up, and imports.
    pub async fn work_after_crash(&self) {
        self.app.advance(PAST_THE_LEASE);
        self.work().await;
    }

    pub async fn run(&self, id: &ImporterPipelineRunId) -> Run {
        let id = id.clone();
        self.query(move |cx| runs::get(cx, &id)).await.unwrap().item
    }

    /// What became of each row, in their order.
    pub async fn outcomes(&self, id: &ImporterPipelineRunId) -> Vec<RowOutcome> {
        let id = id.clone();
        let chunks =
            self.query(move |cx| outcomes::chunks(cx, &id, (0, Direction::FirstToLast, 10_000))).await;
        chunks.unwrap().into_iter().flatten().collect()
    }

    /// Name, actor and source of the events of accounts, as they happened.
    pub async fn events(&self) -> Vec<(String, String, String)> {
        let read = self.app.app.db.read("test", |tx| {
            let all = "SELECT name, actor, source FROM events WHERE name LIKE 'account.%' ORDER BY id";
            Ok::<_, Error>(tx.query(sql(all), &[], |row| {
                Ok::<_, muster_store::Error>((row.text(0)?, row.text(1)?, row.text(2)?))
            })?)
        });
        read.await.unwrap()
    }

    /// The names of the events of runs, as they happened.
    pub async fn run_events(&self) -> Vec<String> {
        let read = self.app.app.db.read("test", |tx| {
            let all = "SELECT name FROM events WHERE name LIKE 'importer-%' ORDER BY id";
            Ok::<_, Error>(tx.query(sql(all), &[], |row| row.text(0))?)
        });
        read.await.unwrap()
    }

    /// Reference ID, status, tags, e-mail address, city and count of each account of people, sorted.
    pub async fn people(&self) -> Vec<Value> {
        let mut all: Vec<Value> = self
            .app
            .all("/accounts")
            .await
            .into_iter()
            .filter(|account| account["attributes"]["account-type-name"] == "Person")
            .map(|account| {
                let at = |name: &str| account["attributes"][name].clone();
                let value = |name: &str| account["attributes"]["fields"][name]["value"].clone();
                json!([
                    at("reference-id"),
                    at("account-status"),
                    at("tags"),
                    value("email"),
                    value("city"),
                    value("count")
                ])
            })
            .collect();
        all.sort_by_key(Value::to_string);
        all
    }
}

fn people() -> Value {
    json!([
        { "key": "employer", "target": "Firm" },
        { "key": "friends", "target": "Person", "many": true }
    ])
}

async fn scope(app: &TestApp) -> Scope {
    let id = app.tenant.environment.clone();
    let (master, now) = (Arc::clone(&app.app.master), app.now());
    let read = app.app.db.read("test", move |tx| keys::environment(tx, &master, &id));
    let environment = read.await.unwrap();
    Scope { environment, actor: Actor::Operator, source: Source::CommandLine, now }
}

pub fn sql(text: &str) -> &'static Statement {
    Box::leak(Box::new(Statement { name: "test", sql: text.to_owned().leak() }))
}

/// How people are imported; `more` takes the place of members.
pub fn config(scene: &Scene, more: &Value) -> Value {
    let column = |column: &str, target: &str| json!({ "column": column, "target": target });
    let mut config = json!({
        "account-type-id": scene.type_id("Person"),
        "match-key": { "kind": "reference-id" },
        "mapping": [
            column("id", "reference-id"), column("email", "fields.email"),
            column("city", "fields.city"), column("count", "fields.count")
        ]
    });
    for (key, value) in more.as_object().unwrap() {
        config[key] = value.clone();
    }
    config
}

impl Scene {
    /// The ID of an account type by its name.
    pub fn type_id(&self, name: &str) -> String {
        self.types.iter().find(|(known, _)| *known == name).unwrap().1.clone()
    }
}

/// Rows of people from one number to another; `count` is theirs.
pub fn table(from: u32, until: u32, count: impl Fn(u32) -> String) -> String {
    let mut table = "id,email,city,count\n".to_owned();
    for n in from..until {
        writeln!(table, "P-{n},person{n}@example.test,Zwickau-{n},{}", count(n)).unwrap();
    }
    table
}

/// The status of a run, and how many rows it read, created, updated, left unchanged, skipped and refused.
pub fn figures(run: &Run) -> (RunStatus, [u64; 6]) {
    let c = run.counters;
    assert!(c.adds_up(), "{c:?}");
    (run.status, [c.read, c.created, c.updated, c.unchanged, c.skipped, c.errors])
}

/// A moment that is set.
pub fn is_set(at: Option<Timestamp>) -> bool {
    at.is_some()
}
