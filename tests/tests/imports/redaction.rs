//! What runs keep of an account goes when the account is redacted, whichever run it is.

use std::time::Duration;

use muster_domain::event::EventName;
use muster_store::Statement;
use muster_testkit::{TestDb, on_both};
use serde_json::json;

use crate::scene::{Scene, config, figures, table};

/// How many rows are noted that hold something of somebody.
async fn traces(scene: &Scene) -> i64 {
    static COUNT: Statement = Statement { name: "test::TRACES", sql: "SELECT COUNT(*) FROM import_traces" };
    let read =
        scene.app.app.db.read("test", |tx| {
            Ok::<_, muster_app::Error>(tx.query(&COUNT, &[], |row| row.int(0))?.remove(0))
        });
    read.await.unwrap()
}

async fn redact(scene: &Scene, reference: &str) {
    let id = scene.id_of(reference).await;
    scene.app.request(hyper::Method::DELETE, &format!("/accounts/{id}")).send().await;
}

on_both! {
    /// Rows that were refused name no account: their key does.
    async fn cells_of_refused_rows_go_with_their_account(db: TestDb) {
        let scene = Scene::start(db).await;
        let by_reference = config(&scene, &json!({ "max-error-ratio": 1.0 }));
        let by_email = config(&scene, &json!({
            "max-error-ratio": 1.0, "match-key": { "kind": "identifier", "key": "email" }
        }));
        scene.import("id,email,city,count\nA,a@x.test,Ulm,1\nB,b@x.test,Ulm,1\n", &by_reference).await;
        let refused = "id,email,city,count\na,a@x.test,Gera,many\nB,b@x.test,Gera,many\n,A@X.TEST,Gera,many\n";
        let first = scene.import(refused, &by_reference).await;
        let second = scene.import(refused, &by_email).await;
        assert_eq!((figures(&first).1[5], figures(&second).1[5]), (3, 3));

        redact(&scene, "A").await;
        let told = scene.events().await;
        scene.app.run_jobs().await;
        // The job that tells of the end waits for the others.
        scene.app.advance(Duration::from_secs(2));
        scene.app.run_jobs().await;

        let cells = |outcomes: Vec<muster_app::imports::RowOutcome>| -> Vec<bool> {
            outcomes.iter().map(|outcome| outcome.cells.is_some()).collect()
        };
        // The third row of the first run has no key: nobody knows whose it is.
        assert_eq!(cells(scene.outcomes(&first.id).await), [false, true, true]);
        assert_eq!(cells(scene.outcomes(&second.id).await), [false, true, false]);
        let rejects = scene.rejects(&scene.run(&second.id).await).await;
        assert!(!rejects.to_lowercase().contains("a@x.test") && rejects.contains("b@x.test"), "{rejects}");
        assert_eq!(traces(&scene).await, 2, "those of the other account");
        assert_eq!(told.last().unwrap().0, EventName::AccountRedactionStarted.as_str());
        assert_eq!(scene.events().await.last().unwrap().0, EventName::AccountRedacted.as_str());
    }

    /// Another run than its commit may have made what a dry run planned.
    async fn plans_for_an_account_go_with_it(db: TestDb) {
        let scene = Scene::start(db).await;
        let config = config(&scene, &json!({}));
        scene.import(&table(0, 1, |_| "1".to_owned()), &config).await;
        let plan = scene.plan(&table(0, 3, |_| "2".to_owned()), &config).await;
        scene.import(&table(0, 3, |_| "3".to_owned()), &config).await;

        redact(&scene, "P-0").await;
        redact(&scene, "P-1").await;
        scene.app.run_jobs().await;

        let left = scene.outcomes(&plan.id).await;
        assert_eq!(left.iter().map(|one| one.changes.is_some()).collect::<Vec<_>>(), [false, false, true]);
        assert_eq!(traces(&scene).await, 1);
    }

    async fn what_is_noted_of_rows_goes_with_their_run(db: TestDb) {
        let scene = Scene::start(db).await;
        let config = config(&scene, &json!({ "max-error-ratio": 1.0 }));
        let run = scene.import("id,email,city,count\nA,a@x.test,Ulm,many\nB,b@x.test,Ulm,1\n", &config).await;
        assert_eq!(traces(&scene).await, 1);

        let id = run.id.clone();
        scene.command(move |cx| muster_app::imports::redact(cx, &id)).await.unwrap();

        assert_eq!(traces(&scene).await, 0);
    }
}
