//! Pipelines that look for files by themselves.

use std::io::{Cursor, Read};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use muster_app::imports::pipelines::{self, PipelineChanges, PipelineStatus};
use muster_app::imports::runs::{self, PageRequest};
use muster_app::imports::{LookOutcome, Pipeline, Run};
use muster_app::outside::{Failure, Files, FoundFile, Outside};
use muster_app::record::PageOf;
use muster_domain::ImporterPipelineId;
use muster_domain::import::{FileSource, RunStatus};
use muster_testkit::{TestDb, on_both};
use serde_json::json;

use crate::scene::{Scene, config, table};

/// A folder in memory: names, marks and contents; none while it is out of reach.
#[derive(Clone, Default)]
struct Folder(Arc<Mutex<Option<Vec<Held>>>>);

/// Name, mark and content.
type Held = (String, String, String);

impl Folder {
    fn holds(&self, files: &[(&str, &str, &str)]) {
        let owned = |(name, mark, text): &(&str, &str, &str)| {
            ((*name).to_owned(), (*mark).to_owned(), (*text).to_owned())
        };
        *self.0.lock().unwrap() = Some(files.iter().map(owned).collect());
    }
}

impl Files for Folder {
    fn list(&self, source: &FileSource) -> Result<Vec<FoundFile>, Failure> {
        let held = self.0.lock().unwrap().clone();
        let held = held.ok_or_else(|| Failure::Unreachable("the folder cannot be read".into()))?;
        let found = held.into_iter().filter(|(name, ..)| source.takes(name));
        let found = found.map(|(name, mark, text)| FoundFile { name, mark, byte_size: text.len() as u64 });
        Ok(found.collect())
    }

    fn open(&self, _: &FileSource, file: &FoundFile) -> Result<Box<dyn Read + Send>, Failure> {
        let held = self.0.lock().unwrap().clone().unwrap_or_default();
        let found = held.into_iter().find(|(name, ..)| *name == file.name).unwrap();
        Ok(Box::new(Cursor::new(found.2.into_bytes())))
    }
}

struct Watched {
    scene: Scene,
    folder: Folder,
    pipeline: ImporterPipelineId,
}

impl Watched {
    async fn start(db: TestDb) -> Self {
        let folder = Folder::default();
        let files: Arc<dyn Files> = Arc::new(folder.clone());
        let scene = Scene::start_outside(db, Outside { files: Some(files), ..Outside::default() }).await;
        let more = json!({
            "schedule": { "every-minutes": 15 },
            "source": { "kind": "folder", "path": "/srv/in", "pattern": "*.csv" }
        });
        let pipeline = scene.pipeline(&config(&scene, &more)).await;
        Self { scene, folder, pipeline }
    }

    /// Lets a quarter of an hour pass, and does what is due.
    async fn quarter(&self) -> Pipeline {
        self.scene.app.advance(Duration::from_mins(15));
        self.scene.app.run_jobs().await;
        self.read().await
    }

    async fn read(&self) -> Pipeline {
        let id = self.pipeline.clone();
        self.scene.query(move |cx| pipelines::get(cx, &id)).await.unwrap().item
    }

    async fn runs(&self) -> Vec<Run> {
        let pipeline = Some(self.pipeline.clone());
        let request =
            PageRequest { page: PageOf { size: 100, ..PageOf::default() }, pipeline, statuses: None };
        let page = self.scene.query(move |cx| runs::page(cx, &request)).await.unwrap();
        page.items.into_iter().map(|record| record.item).collect()
    }
}

fn came_to(pipeline: &Pipeline) -> Option<LookOutcome> {
    pipeline.last_look.as_ref().map(|look| look.outcome)
}

on_both! {
    async fn each_file_is_imported_once_whatever_it_is_called(db: TestDb) {
        let watched = Watched::start(db).await;
        let (first, second) = (table(0, 10, |_| "1".to_owned()), table(10, 20, |_| "1".to_owned()));
        watched.folder.holds(&[("a.csv", "1", &first), ("notes.txt", "1", "not for us")]);
        assert_eq!(came_to(&watched.read().await), None, "nothing happens before its time");
        assert_eq!(came_to(&watched.quarter().await), Some(LookOutcome::Started));
        assert_eq!(watched.scene.people().await.len(), 10);

        assert_eq!(came_to(&watched.quarter().await), Some(LookOutcome::NothingNew));
        watched.folder.holds(&[("a.csv", "1", &first), ("copy.csv", "1", &first)]);
        assert_eq!(came_to(&watched.quarter().await), Some(LookOutcome::NothingNew));
        watched.folder.holds(&[("a.csv", "2", &second)]);
        let seen = watched.quarter().await;
        assert_eq!(came_to(&seen), Some(LookOutcome::Started));
        assert!(seen.next_run_at > Some(watched.scene.app.now()), "{:?}", seen.next_run_at);

        let runs = watched.runs().await;
        assert_eq!(runs.len(), 2);
        assert!(runs.iter().all(|run| run.status == RunStatus::Completed && run.counters.created == 10));
        assert_eq!(watched.scene.people().await.len(), 20);
    }

    async fn files_that_come_together_are_imported_one_after_the_other(db: TestDb) {
        let watched = Watched::start(db).await;
        let tables = [0, 10, 20].map(|from| table(from, from + 10, |_| "1".to_owned()));
        watched.folder.holds(&[("a.csv", "1", &tables[0]), ("b.csv", "1", &tables[1]), ("c.csv", "1", &tables[2])]);
        watched.quarter().await;
        for _ in 0..2 {
            watched.scene.app.advance(Duration::from_secs(10));
            watched.scene.app.run_jobs().await;
        }
        assert_eq!(watched.runs().await.len(), 3, "nobody waits a quarter of an hour for each");
        assert_eq!(watched.scene.people().await.len(), 30);
    }

    async fn a_look_is_skipped_while_a_run_is_under_way(db: TestDb) {
        let watched = Watched::start(db).await;
        let file = watched.scene.upload(table(0, 10, |_| "1".to_owned()).as_bytes()).await;
        let rows = table(10, 20, |_| "1".to_owned());
        watched.folder.holds(&[("a.csv", "1", &rows)]);
        watched.scene.app.advance(Duration::from_mins(15));
        let run = watched.scene.start_run(&watched.pipeline, &file).await;
        // Who does briefer jobs looks while the run waits for its worker.
        let app = Arc::clone(&watched.scene.app.app);
        let brief = move || muster_app::jobs::run_due(&app, muster_app::jobs::Work::Brief).unwrap();
        tokio::task::spawn_blocking(brief).await.unwrap();
        let look = watched.read().await.last_look.unwrap();
        assert_eq!((look.outcome, look.run), (LookOutcome::Skipped, Some(run)));
        watched.scene.app.run_jobs().await;
        assert_eq!(came_to(&watched.quarter().await), Some(LookOutcome::Started));
    }

    async fn a_source_out_of_reach_is_told_and_looked_at_again(db: TestDb) {
        let watched = Watched::start(db).await;
        let look = watched.quarter().await.last_look.unwrap();
        assert_eq!(look.outcome, LookOutcome::Failed);
        assert!(look.reason.unwrap().contains("the folder cannot be read"));
        let rows = table(0, 10, |_| "1".to_owned());
        watched.folder.holds(&[("a.csv", "1", &rows)]);
        assert_eq!(came_to(&watched.quarter().await), Some(LookOutcome::Started));
    }

    async fn a_file_that_cannot_be_imported_keeps_no_other_back(db: TestDb) {
        let watched = Watched::start(db).await;
        let rows = table(0, 10, |_| "1".to_owned());
        watched.folder.holds(&[("a.csv", "1", ""), ("b.csv", "1", &rows)]);
        let look = watched.quarter().await.last_look.unwrap();
        assert_eq!((look.outcome, look.reason.as_deref()), (LookOutcome::Started, Some("a.csv: it is empty")));
        assert_eq!(watched.scene.people().await.len(), 10);
        assert_eq!(came_to(&watched.quarter().await), Some(LookOutcome::NothingNew));
        watched.folder.holds(&[("a.csv", "2", &table(10, 20, |_| "1".to_owned()))]);
        assert_eq!(came_to(&watched.quarter().await), Some(LookOutcome::Started), "it changed");
    }

    async fn an_inactive_pipeline_does_not_look(db: TestDb) {
        let watched = Watched::start(db).await;
        let rows = table(0, 10, |_| "1".to_owned());
        watched.folder.holds(&[("a.csv", "1", &rows)]);
        let set = |status| {
            let id = watched.pipeline.clone();
            let changes = PipelineChanges { status: Some(status), ..PipelineChanges::default() };
            watched.scene.command(move |cx| pipelines::update(cx, &id, changes.clone()))
        };
        set(PipelineStatus::Inactive).await.unwrap();
        assert_eq!(came_to(&watched.quarter().await), None);
        assert_eq!(watched.read().await.next_run_at, None);
        set(PipelineStatus::Active).await.unwrap();
        assert_eq!(came_to(&watched.quarter().await), Some(LookOutcome::Started));
    }
}
