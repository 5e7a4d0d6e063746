//! Whatever happens in between, the end is the same.

use std::ops::ControlFlow;
use std::sync::Arc;

use muster_app::imports::Pace;
use muster_domain::import::RunStatus;
use muster_testkit::{TestDb, on_both};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use serde_json::{Value, json};

use crate::scene::{Scene, config, figures};

/// Random tables per engine.
const RUNS: u64 = 8;
const ROWS: usize = 120;

/// Rows of which many have one key, and some are bad.
fn random_table(random: &mut StdRng) -> String {
    let mut table = "id,email,city,count\n".to_owned();
    for _ in 0..ROWS {
        let key = random.random_range(0..60);
        let email = if random.random_ratio(1, 4) { random.random_range(0..60) } else { key };
        let count = random.random_range(0..12);
        let tags = ["", "x@", "Gera"][random.random_range(0..3)];
        table.push_str(&format!("K{key},u{email}@example.test,{tags},{count}\n"));
    }
    table
}

/// What a table becomes: people, events without their sources, and what became of the rows.
async fn outcome(
    scene: &Scene,
    table: &str,
    pace: Pace,
    crashes: u64,
) -> (Vec<Value>, Vec<String>, Vec<String>) {
    let pipeline = scene.pipeline(&config(scene, &json!({ "max-error-ratio": 1.0 }))).await;
    let file = scene.upload(table.as_bytes()).await;
    let run = scene.start_run(&pipeline, &file).await;
    scene.app.app.imports.set_pace(pace);
    for at in 0..crashes {
        scene.app.app.imports.set_interruption(Some(Arc::new(move |chunks| match chunks > at % 3 {
            true => ControlFlow::Break(()),
            false => ControlFlow::Continue(()),
        })));
        scene.work_after_crash().await;
    }
    scene.app.app.imports.set_interruption(None);
    scene.work_after_crash().await;
    let run = scene.run(&run).await;
    assert_eq!(figures(&run).0, RunStatus::Completed, "{:?}", run.reason);
    assert_eq!(run.counters.read, ROWS as u64);
    let outcomes = scene.outcomes(&run.id).await;
    assert!(outcomes.iter().zip(1..).all(|(outcome, row)| outcome.row == row), "no row twice, none lost");
    let told = outcomes.iter().map(|o| format!("{:?} {:?}", o.action, o.faults)).collect();
    let mut events: Vec<String> = scene.events().await.into_iter().map(|(name, ..)| name).collect();
    events.sort();
    (scene.people().await, events, told)
}

on_both! {
    async fn any_chunks_and_crashes_end_as_the_rows_one_by_one(db: TestDb) {
        let engine = db.engine();
        drop(db);
        for seed in 0..RUNS {
            let mut random = StdRng::seed_from_u64(seed);
            let table = random_table(&mut random);
            let most = random.random_range(2..50);
            let pace = Pace { rows_first: most, rows_min: 1, rows_max: most };
            let crashes = random.random_range(0..5);

            let one = Pace { rows_first: 1, rows_min: 1, rows_max: 1 };
            let expected = outcome(&Scene::start(TestDb::of(engine)).await, &table, one, 0).await;
            let found = outcome(&Scene::start(TestDb::of(engine)).await, &table, pace, crashes).await;

            assert!(expected.0.len() > 5);
            assert_eq!(found, expected, "seed {seed}, {pace:?}, {crashes} crashes");
        }
    }

    /// Two files with the same rows, by two processes at once: each row is done by either one.
    async fn a_second_importer_at_once_makes_no_account_twice(db: TestDb) {
        let scene = Scene::start(db).await;
        let other = scene.second_process();
        let rows = crate::scene::table(0, 600, |_| "1".to_owned());
        let mut runs = Vec::new();
        for _ in 0..2 {
            let pipeline = scene.pipeline(&config(&scene, &json!({}))).await;
            let file = scene.upload(rows.as_bytes()).await;
            runs.push(scene.start_run(&pipeline, &file).await);
        }
        let small = Pace { rows_first: 40, rows_min: 40, rows_max: 40 };
        scene.app.app.imports.set_pace(small);
        other.app.app.imports.set_pace(small);

        tokio::join!(scene.work(), other.work());

        let (one, two) = (scene.run(&runs[0]).await, scene.run(&runs[1]).await);
        assert_eq!((figures(&one).0, figures(&two).0), (RunStatus::Completed, RunStatus::Completed));
        assert_eq!(one.counters.created + two.counters.created, 600);
        assert_eq!(one.counters.unchanged + two.counters.unchanged, 600);
        assert_eq!(scene.people().await.len(), 600);
        assert_eq!(scene.events().await.len(), 600);
    }
}
