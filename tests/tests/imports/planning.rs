//! The means to plan, commit and take back imports, and to look at their rows.

use std::sync::Arc;
use std::time::Duration;

use muster_app::accounts::Page;
use muster_app::imports::rows::{self, RowsRequest};
use muster_app::imports::{NewRun, RowOutcome, Run, plan, runs, undo};
use muster_app::{Error, ReadCx, Result, Scope};
use muster_domain::ImporterPipelineRunId;
use muster_domain::import::{Action, RunKind};
use serde_json::Value;

use crate::scene::Scene;

impl Scene {
    fn at(&self) -> Scope {
        self.app.advance(Duration::from_millis(1));
        Scope { now: self.app.now(), ..self.scope.clone() }
    }

    /// Makes a dry run of a table, to its end.
    pub async fn plan(&self, table: &str, config: &Value) -> Run {
        let (file, pipeline) = (self.upload(table.as_bytes()).await, self.pipeline(config).await);
        self.at();
        let (kind, file) = (RunKind::DryRun, Some(file));
        let new = NewRun { pipeline, kind, file, plan: None, undo_of: None, reference_id: None };
        let run = self.command(move |cx| runs::start(cx, &new)).await.unwrap().item.id;
        self.work().await;
        self.run(&run).await
    }

    pub async fn try_commit(&self, plan: &ImporterPipelineRunId) -> Result<Run> {
        self.at();
        let id = plan.clone();
        let run = self.command(move |cx| plan::commit(cx, &id, None)).await?.item.id;
        self.work().await;
        Ok(self.run(&run).await)
    }

    /// Commits a dry run, to its end.
    pub async fn commit(&self, plan: &Run) -> Run {
        self.try_commit(&plan.id).await.unwrap()
    }

    pub async fn try_undo(
        &self,
        run: &ImporterPipelineRunId,
        kind: RunKind,
    ) -> Result<ImporterPipelineRunId> {
        self.at();
        let id = run.clone();
        Ok(self.command(move |cx| undo::undo(cx, &id, kind, None)).await?.item.id)
    }

    /// Takes a run back, or says what that would do, to its end.
    pub async fn undo(&self, run: &Run, kind: RunKind) -> Run {
        let id = self.try_undo(&run.id, kind).await.unwrap();
        self.work().await;
        self.run(&id).await
    }

    /// One page of rows.
    pub async fn page(&self, run: &Run, request: RowsRequest) -> Page<RowOutcome> {
        let (app, scope, id) = (Arc::clone(&self.app.app), self.at(), run.id.clone());
        let db = app.db.clone();
        let read = db.read("test", move |tx| {
            let cx = &mut ReadCx { tx, scope: &scope, catalogs: &app.catalogs, master: &app.master };
            rows::page(cx, &id, &request)
        });
        read.await.unwrap()
    }

    /// The rows that came to an action.
    pub async fn rows(&self, run: &Run, action: Action) -> Vec<RowOutcome> {
        let filter = rows::Filter { actions: Some(vec![action]), ..rows::Filter::default() };
        self.page(run, RowsRequest { size: 10_000, filter, ..RowsRequest::default() }).await.items
    }

    pub async fn rejects(&self, run: &Run) -> String {
        let (app, scope, id) = (Arc::clone(&self.app.app), self.at(), run.id.clone());
        let written = move || rows::write_rejects(&app, &scope, &id, Vec::new()).unwrap();
        String::from_utf8(tokio::task::spawn_blocking(written).await.unwrap()).unwrap()
    }

    /// The ID of an account by its reference ID.
    pub async fn id_of(&self, reference: &str) -> String {
        let all = self.app.all("/accounts").await;
        let found = all.iter().find(|account| account["attributes"]["reference-id"] == reference);
        found.unwrap()["id"].as_str().unwrap().to_owned()
    }
}

pub fn is_conflict<T>(result: &Result<T>, words: &str) -> bool {
    matches!(result, Err(Error::Conflict { details, .. }) if details.contains(words))
}
