//! States of runs.

use std::ops::ControlFlow;
use std::sync::Arc;

use muster_app::Error;
use muster_app::imports::runs::PageRequest;
use muster_app::imports::{Pace, files, runs};
use muster_app::record::PageOf;
use muster_domain::import::RunStatus;
use muster_domain::{ImporterPipelineId, ImporterPipelineRunId};
use muster_testkit::{TestDb, on_both};
use serde_json::json;

use crate::scene::{Scene, config, figures, is_set, table};

/// Small chunks, so that there is a between.
const SMALL: Pace = Pace { rows_first: 10, rows_min: 10, rows_max: 10 };

/// The runs of a pipeline that have a status, with a page for each.
async fn listed(
    scene: &Scene,
    pipeline: &ImporterPipelineId,
    status: RunStatus,
) -> Vec<ImporterPipelineRunId> {
    let page = PageOf { size: 1, ..PageOf::default() };
    let request = PageRequest { page, pipeline: Some(pipeline.clone()), statuses: Some(vec![status]) };
    let found = scene.query(move |cx| runs::page(cx, &request)).await.unwrap();
    found.items.into_iter().map(|record| record.item.id).collect()
}

on_both! {
    async fn a_run_is_paused_resumed_and_ends_as_if_nothing_had_been(db: TestDb) {
        let scene = Scene::start(db).await;
        let pipeline = scene.pipeline(&config(&scene, &json!({}))).await;
        let file = scene.upload(table(0, 100, |_| "1".to_owned()).as_bytes()).await;
        let run = scene.start_run(&pipeline, &file).await;
        scene.app.app.imports.set_pace(SMALL);
        scene.app.app.imports.set_interruption(Some(Arc::new(|chunks| match chunks {
            3 => ControlFlow::Break(()),
            _ => ControlFlow::Continue(()),
        })));
        scene.work().await;
        scene.app.app.imports.set_interruption(None);

        let id = run.clone();
        let paused = scene.command(move |cx| runs::pause(cx, &id)).await.unwrap().item;
        scene.work_after_crash().await;
        let waiting = scene.run(&run).await;
        let second = scene.start_run(&pipeline, &file).await;
        let id = run.clone();
        let refused = scene.command(move |cx| runs::resume(cx, &id)).await;
        assert!(matches!(refused, Err(Error::Conflict { .. })), "one run of a pipeline writes at a time");
        assert_eq!(listed(&scene, &pipeline, RunStatus::Paused).await, std::slice::from_ref(&run));
        scene.command(move |cx| runs::cancel(cx, &second)).await.unwrap();

        let id = run.clone();
        let resumed = scene.command(move |cx| runs::resume(cx, &id)).await.unwrap().item;
        scene.work().await;
        let done = scene.run(&run).await;

        assert_eq!(paused.status, RunStatus::Paused);
        assert!((30..100).contains(&paused.counters.read), "{:?}", paused.counters);
        assert!(waiting.status == RunStatus::Paused && waiting.counters == paused.counters);
        assert_eq!((resumed.status, resumed.run_count), (RunStatus::Running, 2));
        assert!(is_set(resumed.begun_at) && resumed.begun_with == resumed.counters.read);
        assert_eq!(figures(&done), (RunStatus::Completed, [100, 100, 0, 0, 0, 0]));
        assert!(is_set(done.ended_at) && done.started_at == paused.started_at);
        let mut told: Vec<String> = scene.run_events().await.iter().map(|name| name.replace("importer-pipeline-run.", "")).collect();
        told.retain(|name| name != "canceled");
        assert_eq!(told, ["started", "paused", "resumed", "completed"]);
        assert_eq!(scene.people().await.len(), 100);
    }

    async fn a_canceled_run_keeps_what_is_written_and_goes_no_further(db: TestDb) {
        let scene = Scene::start(db).await;
        let pipeline = scene.pipeline(&config(&scene, &json!({}))).await;
        let file = scene.upload(table(0, 100, |_| "1".to_owned()).as_bytes()).await;
        let run = scene.start_run(&pipeline, &file).await;
        let second = scene.try_start(&pipeline, &file).await;
        scene.app.app.imports.set_pace(SMALL);
        scene.app.app.imports.set_interruption(Some(Arc::new(|_| ControlFlow::Break(()))));
        scene.work().await;
        scene.app.app.imports.set_interruption(None);

        let id = run.clone();
        let canceled = scene.command(move |cx| runs::cancel(cx, &id)).await.unwrap().item;
        scene.work_after_crash().await;
        let id = run.clone();
        let resumed = scene.command(move |cx| runs::resume(cx, &id)).await;

        assert!(matches!(second, Err(Error::Conflict { .. })), "one run of a pipeline at a time");
        assert_eq!(canceled.status, RunStatus::Canceled);
        assert!(is_set(canceled.ended_at));
        assert_eq!(scene.people().await.len() as u64, canceled.counters.created);
        assert!(matches!(resumed, Err(Error::Conflict { .. })));
        assert!(scene.try_start(&pipeline, &file).await.is_ok());
    }

    async fn a_run_of_mostly_bad_rows_gives_up_early(db: TestDb) {
        let scene = Scene::start(db).await;
        scene.app.app.imports.set_pace(SMALL);

        let run = scene.import(&table(0, 1000, |_| "many".to_owned()), &config(&scene, &json!({}))).await;

        assert_eq!(run.status, RunStatus::Errored);
        assert!((100..200).contains(&run.counters.read), "{:?}", run.counters);
        assert!(run.reason.unwrap().contains("were refused"));
    }

    async fn a_file_that_breaks_off_ends_the_run_with_what_to_do(db: TestDb) {
        let scene = Scene::start(db).await;
        let rows = format!("{}X,\"never closed,\n", table(0, 50, |_| "1".to_owned()));

        let run = scene.import(&rows, &config(&scene, &json!({}))).await;

        assert_eq!(figures(&run).0, RunStatus::Errored);
        let reason = run.reason.unwrap();
        assert!(reason.contains("52") && !reason.contains("never closed"), "{reason}");
    }

    async fn files_and_cells_go_after_their_time(db: TestDb) {
        let scene = Scene::start(db).await;
        let rows = format!("{}Z,z@example.test,Gera,secretive\n", table(0, 20, |_| "1".to_owned()));
        let run = scene.import(&rows, &config(&scene, &json!({}))).await;
        let file = run.file.clone().unwrap();
        let (app, scope) = (Arc::clone(&scene.app.app), scene.scope.clone());
        let open = move || files::open(&app, &scope, &file).map(|_| ());
        scene.app.run_jobs().await;
        assert!(tokio::task::spawn_blocking(open.clone()).await.unwrap().is_ok());
        assert_eq!(scene.outcomes(&run.id).await[20].cells.as_ref().unwrap()[3], "secretive");

        scene.app.advance(std::time::Duration::from_hours(24 * 91));
        scene.app.run_jobs().await;

        assert!(matches!(tokio::task::spawn_blocking(open).await.unwrap(), Err(Error::Conflict { .. })));
        let outcomes = scene.outcomes(&run.id).await;
        assert_eq!(outcomes.len(), 21, "what became of the rows stays");
        assert!(outcomes.iter().all(|outcome| outcome.cells.is_none()));
    }

    async fn an_upload_tells_what_is_missing_and_what_is_in_it(db: TestDb) {
        let scene = Scene::start(db).await;
        let file = scene.command(|cx| files::create(cx, "big.csv")).await.unwrap();
        let content = table(0, 60_000, |_| "1".to_owned());
        let parts: Vec<Vec<u8>> = content.as_bytes().chunks(files::PART_BYTES).map(<[u8]>::to_vec).collect();
        assert!(parts.len() > 2);
        let (app, scope, id) = (Arc::clone(&scene.app.app), scene.scope.clone(), file.id.clone());

        let shown = tokio::task::spawn_blocking(move || {
            for number in [2, 0, 0] {
                files::put_part(&app, &scope, &id, number, &parts[usize::try_from(number).unwrap()]).unwrap();
            }
            let missing = files::complete(&app, &scope, &id).unwrap_err().to_string();
            assert!(missing.contains("part 1 is missing"), "{missing}");
            files::put_part(&app, &scope, &id, 1, &parts[1]).unwrap();
            for (number, part) in parts.iter().enumerate().skip(3) {
                files::put_part(&app, &scope, &id, number as u64, part).unwrap();
            }
            let shown = files::complete(&app, &scope, &id).unwrap();
            let late = files::put_part(&app, &scope, &id, 0, &parts[0]);
            assert!(matches!(late, Err(Error::Conflict { .. })));
            let mut read = Vec::new();
            std::io::Read::read_to_end(&mut files::open(&app, &scope, &id).unwrap(), &mut read).unwrap();
            assert_eq!(read, content.as_bytes());
            shown
        })
        .await
        .unwrap();

        let detected = shown.detected.unwrap();
        assert_eq!(detected.columns, ["id", "email", "city", "count"]);
        assert_eq!(detected.sample[0][0], "P-0");
    }
}
