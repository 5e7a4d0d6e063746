//! Undo: what a run wrote goes back, what others touched since stays and is told.

use std::ops::ControlFlow;
use std::sync::Arc;

use muster_app::imports::{Pace, runs};
use muster_domain::import::{Action, RowCode, RunKind, RunStatus};
use muster_testkit::{TestDb, on_both};
use serde_json::{Value, json};

use crate::planning::is_conflict;
use crate::scene::{Scene, config, figures, table};

fn attributes(attributes: &Value) -> Value {
    json!({ "data": { "attributes": attributes } })
}

on_both! {
    async fn undo_brings_the_first_state_back(db: TestDb) {
        let scene = Scene::start(db).await;
        let mapping = json!([
            { "column": "id", "target": "reference-id" }, { "column": "email", "target": "fields.email" },
            { "column": "city", "target": "fields.city", "blank-means": "clear" },
            { "column": "count", "target": "fields.count" },
            { "column": "status", "target": "account-status" },
            { "column": "tags", "target": "tags", "split": ";", "mode": "replace" }
        ]);
        let config = config(&scene, &json!({ "mapping": mapping }));
        let head = "id,email,city,count,status,tags\n";
        scene.import(&format!("{head}A,a@x.test,Gera,1,,red;blue\nB,b@x.test,Ulm,2,approved,\n"), &config).await;
        let before = scene.people().await;
        let changed = scene.import(&format!("{head}A,b2@x.test,,7,approved,gold\nB,b@x.test,Ulm,2,new,red\nC,c@x.test,Jena,3,,\n"), &config).await;
        let after = scene.people().await;

        let plan = scene.undo(&changed, RunKind::DryRun).await;
        let planned = scene.outcomes(&plan.id).await;
        let untouched = scene.people().await;
        let undo = scene.undo(&changed, RunKind::Undo).await;

        assert_eq!(figures(&plan), (RunStatus::Completed, [3, 0, 3, 0, 0, 0]));
        assert_eq!(untouched, after, "a dry run writes nothing");
        let expected = json!({
            "fields.city": [null, "Gera"], "fields.count": [7, 1], "fields.email": ["b2@x.test", "a@x.test"],
            "account-status": ["Approved", "New"], "tags": [["gold"], ["red", "blue"]]
        });
        assert_eq!(json!(planned[0].changes), expected);
        assert_eq!(json!(planned[2].changes), json!({ "archived": [false, true] }));
        assert_eq!((figures(&undo), undo.counters.warnings), ((RunStatus::Completed, [3, 0, 3, 0, 0, 0]), 0));
        assert_eq!(scene.people().await, before);
        let again = scene.import(&format!("{head}D,b2@x.test,Suhl,1,,\n"), &config).await;
        assert_eq!(figures(&again).1, [1, 1, 0, 0, 0, 0], "the address is free again");
        let (_, _, source) = scene.events().await.into_iter().rev().nth(1).unwrap();
        assert!(source.starts_with(&format!("import/{}/row/", undo.id)), "{source}");
    }

    async fn what_somebody_changed_since_stays_and_is_told(db: TestDb) {
        let scene = Scene::start(db).await;
        let config = config(&scene, &json!({}));
        scene.import(&table(0, 4, |_| "1".to_owned()), &config).await;
        let rows = table(0, 8, |_| "2".to_owned()).replace("Zwickau", "Erfurt");
        let run = scene.import(&rows, &config).await;
        let edit = async |reference: &str, fields: Value| {
            let id = scene.id_of(reference).await;
            scene.app.patch(&format!("/accounts/{id}"), attributes(&json!({ "fields": fields }))).await;
        };
        edit("P-1", json!({ "count": 9 })).await;
        edit("P-2", json!({ "count": 9, "city": "Ulm" })).await;
        edit("P-3", json!({ "email": "other@example.test" })).await;
        edit("P-5", json!({ "count": 9 })).await;

        let plan = scene.undo(&run, RunKind::DryRun).await;
        let undo = scene.undo(&run, RunKind::Undo).await;

        for run in [&plan, &undo] {
            assert_eq!(figures(run), (RunStatus::Completed, [8, 0, 6, 0, 2, 0]));
        }
        let told: Vec<(u64, Option<String>)> = scene
            .outcomes(&undo.id)
            .await
            .iter()
            .flat_map(|one| one.warnings.iter().map(|warning| {
                assert_eq!(warning.code, RowCode::TouchedSince);
                (one.row, warning.field.clone())
            }))
            .collect();
        let field = |key: &str| Some(format!("fields.{key}"));
        assert_eq!(told, [(2, field("count")), (3, field("city")), (3, field("count")), (6, None)]);
        let people = scene.people().await;
        let shown: Vec<(&Value, &Value)> = people.iter().map(|person| (&person[4], &person[5])).collect();
        let (a, b, c, d, f) = (json!("Zwickau-0"), json!("Zwickau-1"), json!("Ulm"), json!("Zwickau-3"), json!("Erfurt-5"));
        assert_eq!(shown, [(&a, &json!(1)), (&b, &json!(9)), (&c, &json!(9)), (&d, &json!(1)), (&f, &json!(9))]);
    }

    async fn an_account_that_is_used_by_now_is_left_alone(db: TestDb) {
        let scene = Scene::start(db).await;
        let run = scene.import("id,email,city,count\nA,,Gera,1\nB,,Ulm,1\n", &config(&scene, &json!({}))).await;
        let account = scene.outcomes(&run.id).await[0].account.clone().unwrap();
        let report = json!({ "data": { "type": "report/watchlist", "attributes": {
            "query": { "term": "Grace Hopper" }, "account-id": account.as_str() } } });
        assert_eq!(scene.app.post("/reports", report).await.status, 201);

        let undo = scene.undo(&run, RunKind::Undo).await;

        assert_eq!(figures(&undo), (RunStatus::Completed, [2, 0, 1, 0, 1, 0]));
        let kept = scene.app.get(&format!("/accounts/{account}")).await;
        assert_eq!(kept.at("/data/attributes/archived-at"), &Value::Null);
    }

    async fn rows_of_one_account_go_back_one_after_the_other(db: TestDb) {
        let scene = Scene::start(db).await;
        let config = config(&scene, &json!({}));
        scene.app.app.imports.set_pace(Pace { rows_first: 2, rows_min: 2, rows_max: 2 });
        scene.import("id,email,city,count\nA,,Gera,1\n", &config).await;
        let before = scene.people().await;
        let rows = "id,email,city,count\nA,,Gera,2\nB,,Ulm,1\nA,,Gera,3\nB,,Ulm,5\nA,,Jena,3\nB,,Ulm,1\n";
        let run = scene.import(rows, &config).await;
        assert_eq!(figures(&run).1, [6, 1, 5, 0, 0, 0]);

        let plan = scene.undo(&run, RunKind::DryRun).await;
        let undo = scene.undo(&run, RunKind::Undo).await;

        for run in [&plan, &undo] {
            assert_eq!((figures(run), run.counters.warnings), ((RunStatus::Completed, [6, 0, 6, 0, 0, 0]), 0));
        }
        assert_eq!(scene.people().await, before);
    }

    async fn an_undo_goes_on_after_a_crash_a_pause_and_ends_exactly(db: TestDb) {
        let scene = Scene::start(db).await;
        let config = config(&scene, &json!({}));
        scene.import(&table(0, 60, |_| "1".to_owned()), &config).await;
        let before = scene.people().await;
        let run = scene.import(&table(0, 100, |_| "2".to_owned()), &config).await;
        scene.app.app.imports.set_pace(Pace { rows_first: 7, rows_min: 7, rows_max: 7 });
        let undo = scene.try_undo(&run.id, RunKind::Undo).await.unwrap();

        for crash in 1..4 {
            scene.app.app.imports.set_interruption(Some(Arc::new(move |chunks| match chunks >= crash {
                true => ControlFlow::Break(()),
                false => ControlFlow::Continue(()),
            })));
            scene.work_after_crash().await;
        }
        scene.app.app.imports.set_interruption(None);
        let id = undo.clone();
        let paused = scene.command(move |cx| runs::pause(cx, &id)).await.unwrap().item;
        scene.work_after_crash().await;
        let id = undo.clone();
        scene.command(move |cx| runs::resume(cx, &id)).await.unwrap();
        scene.work_after_crash().await;

        assert!((1..100).contains(&paused.counters.read), "{:?}", paused.counters);
        let undo = scene.run(&undo).await;
        assert_eq!((figures(&undo), undo.counters.warnings), ((RunStatus::Completed, [100, 0, 100, 0, 0, 0]), 0));
        assert_eq!(scene.people().await, before);
        let outcomes = scene.outcomes(&undo.id).await;
        assert!(outcomes.iter().zip(1..).all(|(one, row)| one.row == row), "no row twice, none lost");
        let events = scene.events().await;
        let count = |name: &str| events.iter().filter(|event| event.0 == name).count();
        assert_eq!((count("account.archived"), count("account.updated-fields")), (40, 120));
    }

    async fn only_an_import_that_is_over_is_taken_back_and_only_once(db: TestDb) {
        let scene = Scene::start(db).await;
        let config = config(&scene, &json!({}));
        let plan = scene.plan(&table(0, 3, |_| "1".to_owned()), &config).await;
        let run = scene.commit(&plan).await;

        let of_plan = scene.try_undo(&plan.id, RunKind::Undo).await;
        let planned = scene.undo(&run, RunKind::DryRun).await;
        let undo = scene.commit(&planned).await;
        let twice = scene.try_undo(&run.id, RunKind::Undo).await;
        let of_undo = scene.try_undo(&undo.id, RunKind::Undo).await;
        let id = run.id.clone();
        let resumed = scene.command(move |cx| runs::resume(cx, &id)).await;

        assert!(is_conflict(&of_plan, "wrote nothing"));
        assert_eq!((undo.kind, figures(&undo).1, undo.counters.warnings), (RunKind::Undo, [3, 0, 3, 0, 0, 0], 0));
        assert!(scene.people().await.is_empty());
        assert!(is_conflict(&twice, "already"));
        assert!(is_conflict(&of_undo, "an undo is not taken back"));
        assert!(is_conflict(&resumed, "takes back"));
        assert!(scene.rows(&undo, Action::Updated).await.iter().all(|one| one.changes.is_none()));
    }

    async fn a_key_that_somebody_else_has_by_now_is_told(db: TestDb) {
        let scene = Scene::start(db).await;
        let config = config(&scene, &json!({}));
        scene.import("id,email,city,count\nA,a@x.test,Gera,1\n", &config).await;
        let run = scene.import("id,email,city,count\nA,b@x.test,Gera,1\n", &config).await;
        scene.import("id,email,city,count\nB,a@x.test,Ulm,1\n", &config).await;

        let undo = scene.undo(&run, RunKind::Undo).await;

        assert_eq!(figures(&undo).1, [1, 0, 0, 0, 0, 1]);
        let outcome = &scene.outcomes(&undo.id).await[0];
        assert_eq!(outcome.faults[0].code, RowCode::Conflict);
        assert!(outcome.faults[0].message.contains("fields.email"), "{}", outcome.faults[0].message);
    }

    async fn relations_go_back_as_well(db: TestDb) {
        let scene = Scene::start(db).await;
        let firms = json!({
            "account-type-id": scene.type_id("Firm"), "mapping": [
                { "column": "id", "target": "reference-id" }, { "column": "city", "target": "fields.city" }
            ]
        });
        scene.import("id,city\nF1,Gera\nF2,Jena\n", &config(&scene, &firms)).await;
        let config = config(&scene, &json!({ "mapping": [
            { "column": "id", "target": "reference-id" }, { "column": "firm", "target": "relations.employer" }
        ] }));
        scene.import("id,firm\nA,F1\nB,F1\n", &config).await;
        let [a, f1] = [scene.id_of("A").await, scene.id_of("F1").await];
        let employer = async || {
            let reply = scene.app.get(&format!("/accounts/{a}/relations?filter[key]=employer")).await;
            reply.ids().into_iter().map(str::to_owned).collect::<Vec<String>>()
        };
        let planned = scene.plan("id,firm\nA,F2\nB,F1\nC,F1\n", &config).await;
        let run = scene.commit(&planned).await;
        assert_eq!((figures(&planned).1, run.counters.warnings), ([3, 1, 1, 1, 0, 0], 0));
        assert_eq!(figures(&run).1, [3, 1, 1, 1, 0, 0]);
        assert_ne!(employer().await, std::slice::from_ref(&f1));

        let plan = scene.undo(&run, RunKind::DryRun).await;
        let undo = scene.undo(&run, RunKind::Undo).await;

        for run in [&plan, &undo] {
            assert_eq!((figures(run).1, run.counters.warnings), ([2, 0, 2, 0, 0, 0], 0));
        }
        assert!(scene.outcomes(&plan.id).await[0].changes.as_ref().unwrap().contains_key("relations.employer"));
        assert_eq!(employer().await, [f1]);
        assert_eq!(scene.people().await.len(), 2);
    }
}
