//! A process that is killed in the middle of an import.

use std::io::{BufRead, BufReader, Write};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use muster_app::App;
use muster_app::imports::Pace;
use muster_app::jobs::{Work, run_due};
use muster_domain::Timestamp;
use muster_domain::import::RunStatus;
use muster_store::seal::MasterKey;
use muster_store::{Db, Options};
use muster_testkit::app::MASTER;
use muster_testkit::{TestDb, on_both};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use serde_json::json;

use crate::scene::{Scene, config, figures, table};

/// Tells the child what to work on, and what time it is.
const DATABASE: &str = "MUSTER_TEST_IMPORT_DATABASE";
const TIME: &str = "MUSTER_TEST_IMPORT_TIME";
const KILLS: u32 = 50;
const ROWS: u32 = 6000;
/// A chunk every few milliseconds.
const SMALL: Pace = Pace { rows_first: 10, rows_min: 10, rows_max: 10 };
/// Longest time that a process works before it is killed: a few chunks.
const WORKS_FOR_MAX: Duration = Duration::from_millis(25);
/// What the process says when it is about to begin.
const READY: &str = "ready to import";

/// What the process does that is killed; nothing when nobody told it to.
#[test]
#[expect(clippy::disallowed_methods, reason = "a test talks to itself in another process by its environment")]
fn a_process_that_imports() {
    let Ok(url) = std::env::var(DATABASE) else { return };
    let now = Timestamp::from_micros(std::env::var(TIME).unwrap().parse().unwrap());
    let mut options = Options::parse(&url).unwrap();
    options.threads = 4;
    let app = App::new(Db::open(&options, now).unwrap(), MasterKey::new(MASTER), Arc::new(move || now));
    app.imports.set_pace(SMALL);
    writeln!(std::io::stdout(), "{READY}").unwrap();
    while run_due(&app, Work::Imports).unwrap() > 0 {}
}

/// Lets a process import, and kills it after it worked for a while. False when it was done before.
fn import_and_kill(url: &str, now: Timestamp, after: Duration) -> bool {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["killed::a_process_that_imports", "--exact", "--nocapture"])
        .env(DATABASE, url)
        .env(TIME, now.as_micros().to_string())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let said = BufReader::new(child.stdout.take().unwrap()).lines();
    assert!(said.map_while(Result::ok).any(|line| line.contains(READY)), "it never began");
    std::thread::sleep(after);
    let is_done = child.try_wait().unwrap().is_some();
    child.kill().unwrap();
    child.wait().unwrap();
    !is_done
}

on_both! {
    async fn a_process_killed_at_any_moment_loses_no_row_and_does_none_twice(db: TestDb) {
        let engine = db.engine();
        let rows = table(0, ROWS, |n| if n % 50 == 7 { "none".to_owned() } else { (n % 9).to_string() });
        let scene = Scene::start(db).await;
        let pipeline = scene.pipeline(&config(&scene, &json!({}))).await;
        let file = scene.upload(rows.as_bytes()).await;
        let run = scene.start_run(&pipeline, &file).await;
        let mut random = StdRng::seed_from_u64(50);
        let mut kills = 0;
        for _ in 0..KILLS {
            scene.app.advance(Duration::from_secs(20));
            let (url, now) = (scene.app.database_url(), scene.app.now());
            let after = WORKS_FOR_MAX.mul_f64(random.random());
            let killed = tokio::task::spawn_blocking(move || import_and_kill(&url, now, after)).await.unwrap();
            if !killed {
                break;
            }
            kills += 1;
        }
        scene.work_after_crash().await;

        let undisturbed = Scene::start(TestDb::of(engine)).await;
        let expected = undisturbed.import(&rows, &config(&undisturbed, &json!({}))).await;
        let found = scene.run(&run).await;

        // A fast machine may be through before the last of them.
        assert!(kills >= KILLS / 2, "{kills}");
        assert_eq!(figures(&found), figures(&expected));
        assert_eq!(figures(&found), (RunStatus::Completed, [6000, 5880, 0, 0, 0, 120]));
        let told = async |scene: &Scene, id| -> Vec<String> {
            scene.outcomes(id).await.iter().map(|o| format!("{} {:?} {:?}", o.row, o.action, o.faults)).collect()
        };
        assert_eq!(told(&scene, &found.id).await, told(&undisturbed, &expected.id).await);
        assert_eq!(scene.people().await, undisturbed.people().await);
        assert_eq!(scene.events().await.len(), undisturbed.events().await.len());
        assert_eq!(scene.run_events().await, undisturbed.run_events().await);
    }
}
