//! Dry runs: what they say, that they write nothing, and that what is committed is what they said.

use muster_app::imports::rows::{Filter, RowsRequest, Severity};
use muster_domain::import::{Action, RowCode, RunStatus};
use muster_testkit::{TestDb, on_both};
use serde_json::json;

use crate::planning::is_conflict;
use crate::scene::{Scene, config, figures, table};

on_both! {
    async fn a_dry_run_says_what_its_commit_does_and_writes_nothing(db: TestDb) {
        let scene = Scene::start(db).await;
        let config = config(&scene, &json!({}));
        let rows = table(0, 537, |_| "3".to_owned());

        let plan = scene.plan(&rows, &config).await;

        assert_eq!(figures(&plan), (RunStatus::Completed, [537, 537, 0, 0, 0, 0]));
        assert!(scene.people().await.is_empty() && scene.events().await.is_empty(), "nothing is written");
        let first = &scene.rows(&plan, Action::Created).await[0];
        assert!(first.account.is_none());
        assert_eq!(first.changes.as_ref().unwrap()["fields.email"], json!([null, "person0@example.test"]));

        let run = scene.commit(&plan).await;

        assert_eq!(figures(&run), (RunStatus::Completed, [537, 537, 0, 0, 0, 0]));
        assert_eq!(run.counters.warnings, 0);
        assert_eq!(scene.people().await.len(), 537);
        assert!(is_conflict(&scene.try_commit(&plan.id).await, "committed"), "only once");
        assert!(is_conflict(&scene.try_commit(&run.id).await, "dry run"));

        let again = scene.plan(&rows, &config).await;
        assert_eq!(figures(&again), (RunStatus::Completed, [537, 0, 0, 537, 0, 0]));
        let again = scene.commit(&again).await;
        assert_eq!(figures(&again), (RunStatus::Completed, [537, 0, 0, 537, 0, 0]));
        assert_eq!((again.counters.warnings, scene.events().await.len()), (0, 537));
    }

    async fn one_changed_cell_shows_as_one_update_with_before_and_after(db: TestDb) {
        let scene = Scene::start(db).await;
        let config = config(&scene, &json!({}));
        scene.import(&table(0, 300, |_| "3".to_owned()), &config).await;

        let plan = scene.plan(&table(0, 300, |n| if n == 123 { "4" } else { "3" }.to_owned()), &config).await;
        let planned = scene.rows(&plan, Action::Updated).await;
        let run = scene.commit(&plan).await;

        assert_eq!(figures(&plan), (RunStatus::Completed, [300, 0, 1, 299, 0, 0]));
        assert_eq!(planned.len(), 1);
        assert_eq!(planned[0].row, 124);
        assert_eq!(json!(planned[0].changes), json!({ "fields.count": [3, 4] }));
        assert_eq!((figures(&run).1, run.counters.warnings), ([300, 0, 1, 299, 0, 0], 0));
        assert_eq!(scene.events().await.len(), 301);
    }

    async fn tags_and_statuses_show_by_their_names_and_new_tags_stay_unmade(db: TestDb) {
        let scene = Scene::start(db).await;
        let mapping = json!([
            { "column": "id", "target": "reference-id" },
            { "column": "tags", "target": "tags", "split": ";", "mode": "add" },
            { "column": "status", "target": "account-status" }
        ]);
        let config = config(&scene, &json!({ "mapping": mapping }));
        scene.import("id,tags,status\nA,red,\n", &config).await;

        let plan = scene.plan("id,tags,status\nA,gold,approved\nB,GOLD,\nB,gold,\n", &config).await;
        let organization = scene.scope.environment.organization.clone();
        let tags = scene.command(move |cx| Ok(muster_store::tags::list(cx.tx, &organization)?)).await.unwrap();
        let planned = scene.outcomes(&plan.id).await;
        let run = scene.commit(&plan).await;

        assert_eq!(figures(&plan).1, [3, 1, 1, 1, 0, 0], "{planned:?}");
        assert_eq!(tags.len(), 1, "no tag is made");
        let changes = json!({ "tags": [["red"], ["red", "gold"]], "account-status": ["New", "Approved"] });
        assert_eq!(json!(planned[0].changes), changes);
        assert_eq!(figures(&run).1, [3, 1, 1, 1, 0, 0]);
    }

    /// What the dry run said holds of accounts that stayed as they were.
    async fn accounts_that_changed_after_a_dry_run_are_judged_anew_and_told(db: TestDb) {
        let scene = Scene::start(db).await;
        let config = config(&scene, &json!({}));
        scene.import(&table(0, 5, |_| "1".to_owned()), &config).await;
        let plan = scene.plan(&table(0, 6, |_| "2".to_owned()), &config).await;

        let attributes = |attributes| json!({ "data": { "attributes": attributes } });
        let [one, two] = [scene.id_of("P-1").await, scene.id_of("P-2").await];
        scene.app.patch(&format!("/accounts/{one}"), attributes(json!({ "fields": { "count": 2 } }))).await;
        scene.app.patch(&format!("/accounts/{two}"), attributes(json!({ "fields": { "city": "Ulm" } }))).await;
        scene.import(&table(5, 6, |_| "9".to_owned()), &config).await;
        let run = scene.commit(&plan).await;

        assert_eq!(figures(&plan).1, [6, 1, 5, 0, 0, 0]);
        assert_eq!(figures(&run).1, [6, 0, 5, 1, 0, 0]);
        let filter = Filter { codes: Some(vec![RowCode::ChangedSinceDryRun]), ..Filter::default() };
        let told = scene.page(&run, RowsRequest { size: 10, filter, ..RowsRequest::default() }).await.items;
        let rows: Vec<u64> = told.iter().map(|outcome| outcome.row).collect();
        assert_eq!(rows, [2, 3, 6], "those and no others");
        assert!(told[2].warnings[0].message.contains("create"));
        assert_eq!(run.counters.warnings, 3);
    }

    async fn rows_with_one_key_are_named_and_foreseen(db: TestDb) {
        let scene = Scene::start(db).await;
        let rows = |key: &str| format!("id,email,city,count\n{key},,,1\n{key},,,2\n{key},,,2\n,,,1\n");

        for (key, more, expected) in [
            ("K", json!({}), [4, 1, 1, 1, 0, 1]),
            ("L", json!({ "sync-mode": "insert" }), [4, 1, 0, 0, 2, 1]),
            ("M", json!({ "duplicates": "first" }), [4, 1, 0, 0, 2, 1]),
            ("N", json!({ "duplicates": "reject" }), [4, 1, 0, 0, 0, 3]),
        ] {
            let plan = scene.plan(&rows(key), &config(&scene, &more)).await;
            let told = scene.outcomes(&plan.id).await;
            let second = told[1].warnings.iter().chain(&told[1].faults).next().unwrap().clone();
            let run = scene.commit(&plan).await;

            assert_eq!(figures(&plan).1, expected, "{more}");
            assert_eq!(second.code, RowCode::DuplicateInFile);
            assert!(second.message.contains("row 1"), "{}", second.message);
            assert_eq!(figures(&run).1, expected, "{more}");
        }
    }

    async fn a_dry_run_is_paged_and_filtered_in_the_order_of_rows(db: TestDb) {
        let scene = Scene::start(db).await;
        let small = muster_app::imports::Pace { rows_first: 7, rows_min: 7, rows_max: 7 };
        scene.app.app.imports.set_pace(small);
        let rows = table(0, 100, |n| if n % 10 == 3 { "bad" } else { "1" }.to_owned());
        let plan = scene.plan(&rows, &config(&scene, &json!({}))).await;
        assert_eq!(figures(&plan).1, [100, 90, 0, 0, 0, 10]);

        let errors = Filter { severity: Some(Severity::Error), ..Filter::default() };
        let ask = |after, before, filter: &Filter| RowsRequest { size: 4, after, before, filter: filter.clone() };
        let (mut after, mut seen) = (None, Vec::new());
        loop {
            let page = scene.page(&plan, ask(after, None, &errors)).await;
            seen.extend(page.items.iter().map(|outcome| outcome.row));
            if !page.has_older {
                break;
            }
            after = seen.last().copied();
        }
        let back = scene.page(&plan, ask(None, Some(54), &errors)).await;
        let all = scene.page(&plan, ask(Some(48), None, &Filter::default())).await;

        assert_eq!(seen, (0..10).map(|n| n * 10 + 4).collect::<Vec<u64>>());
        assert_eq!(back.items.iter().map(|one| one.row).collect::<Vec<_>>(), [14, 24, 34, 44]);
        assert!(back.has_newer && back.has_older);
        assert_eq!(all.items.iter().map(|one| one.row).collect::<Vec<_>>(), [49, 50, 51, 52]);
    }

    async fn what_a_dry_run_holds_of_a_redacted_account_is_withheld(db: TestDb) {
        let scene = Scene::start(db).await;
        let config = config(&scene, &json!({}));
        scene.import(&table(0, 2, |_| "1".to_owned()), &config).await;
        let plan = scene.plan(&table(0, 4, |_| "2".to_owned()), &config).await;
        scene.commit(&plan).await;

        for reference in ["P-1", "P-2"] {
            let id = scene.id_of(reference).await;
            scene.app.request(hyper::Method::DELETE, &format!("/accounts/{id}")).send().await;
        }

        let plan = scene.run(&plan.id).await;
        let shown = scene.page(&plan, RowsRequest { size: 10, ..RowsRequest::default() }).await.items;
        let has: Vec<bool> = shown.iter().map(|outcome| outcome.changes.is_some()).collect();
        assert_eq!(has, [true, false, false, true], "the updated and the created one");
    }
}
