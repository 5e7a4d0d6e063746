//! What rows become.

use muster_app::imports::Pace;
use muster_domain::import::{Action, RowCode, RunStatus};
use muster_testkit::{TestDb, on_both};
use serde_json::json;

use crate::scene::{Scene, config, figures, table};

on_both! {
    async fn a_file_becomes_accounts_and_again_nothing(db: TestDb) {
        let scene = Scene::start(db).await;
        let config = config(&scene, &json!({}));
        let rows = table(0, 700, |_| "3".to_owned());

        let run = scene.import(&rows, &config).await;

        assert_eq!(figures(&run), (RunStatus::Completed, [700, 700, 0, 0, 0, 0]));
        assert_eq!(run.columns, ["id", "email", "city", "count"]);
        assert!(run.started_at.is_some() && run.ended_at.is_some() && run.warnings.is_empty());
        let people = scene.people().await;
        assert_eq!(people.len(), 700);
        assert_eq!(people[0], json!(["P-0", "New", [], "person0@example.test", "Zwickau-0", 3]));
        let events = scene.events().await;
        assert_eq!(events.len(), 700);
        let (name, actor, source) = &events[16];
        assert_eq!((name.as_str(), actor.as_str()), ("account.created", "operator"));
        assert_eq!(*source, format!("import/{}/row/17", run.id));
        assert_eq!(scene.run_events().await, ["importer-pipeline-run.started", "importer-pipeline-run.completed"]);

        let again = scene.import(&rows, &config).await;

        assert_eq!(figures(&again), (RunStatus::Completed, [700, 0, 0, 700, 0, 0]));
        assert_eq!(scene.events().await.len(), 700, "what changes nothing tells nothing");
        assert_eq!(again.warnings[0].run.as_ref(), Some(&run.id), "the same file twice");
        let outcomes = scene.outcomes(&again.id).await;
        assert!(outcomes.iter().zip(1..).all(|(outcome, row)| outcome.row == row && outcome.account.is_some()));
    }

    async fn one_changed_cell_is_one_update(db: TestDb) {
        let scene = Scene::start(db).await;
        let config = config(&scene, &json!({}));
        scene.import(&table(0, 300, |_| "3".to_owned()), &config).await;

        let changed = table(0, 300, |n| if n == 123 { "4" } else { "3" }.to_owned());
        let run = scene.import(&changed, &config).await;

        assert_eq!(figures(&run), (RunStatus::Completed, [300, 0, 1, 299, 0, 0]));
        let events = scene.events().await;
        assert_eq!(events.len(), 301);
        assert_eq!(events[300].0, "account.updated-fields");
        assert_eq!(events[300].2, format!("import/{}/row/124", run.id));
        let outcome = &scene.outcomes(&run.id).await[123];
        assert_eq!((outcome.action, outcome.version), (Action::Updated, Some(2)));
    }

    async fn write_modes_say_what_happens_to_rows_with_and_without_an_account(db: TestDb) {
        let scene = Scene::start(db).await;
        scene.import(&table(0, 10, |_| "1".to_owned()), &config(&scene, &json!({}))).await;
        let rows = table(5, 20, |_| "2".to_owned());

        let inserted = scene.import(&rows, &config(&scene, &json!({ "sync-mode": "insert" }))).await;
        let updates = config(&scene, &json!({ "sync-mode": "update", "max-error-ratio": 1.0 }));
        let updated = scene.import(&table(15, 25, |_| "5".to_owned()), &updates).await;

        assert_eq!(figures(&inserted), (RunStatus::Completed, [15, 10, 0, 0, 5, 0]));
        assert_eq!(figures(&updated), (RunStatus::Completed, [10, 0, 5, 0, 0, 5]));
        let people = scene.people().await;
        assert_eq!(people.len(), 20);
        let counts: Vec<i64> = (0..20)
            .map(|n| {
                let is_it = |person: &&serde_json::Value| person[0] == format!("P-{n}");
                people.iter().find(is_it).unwrap()[5].as_i64().unwrap()
            })
            .collect();
        assert_eq!(counts, [[1; 10], [2, 2, 2, 2, 2, 5, 5, 5, 5, 5]].concat());
        let outcomes = scene.outcomes(&updated.id).await;
        assert_eq!(outcomes[9].faults[0].code, RowCode::NotFound);
    }

    async fn bad_rows_are_refused_and_the_others_written(db: TestDb) {
        let scene = Scene::start(db).await;
        let rows = "id,email,city,count\n\
            A,a@example.test,Gera,1\n\
            B,b@example.test,Gera,eleven\n\
            C,c@example.test,Gera,11\n\
            ,d@example.test,Gera,1\n\
            E,a@example.test,Gera,1\n\
            F,f@example.test\n\
            A,a@example.test,Gera,2\n";

        let run = scene.import(rows, &config(&scene, &json!({}))).await;

        assert_eq!(figures(&run), (RunStatus::Completed, [7, 1, 1, 0, 0, 5]));
        let outcomes = scene.outcomes(&run.id).await;
        let codes: Vec<&str> = outcomes
            .iter()
            .map(|outcome| outcome.faults.first().map_or("", |fault| fault.code.as_str()))
            .collect();
        assert_eq!(codes, ["", "type_mismatch", "validation_failed", "missing_key", "conflict", "ragged_row", ""]);
        assert_eq!(outcomes[6].warnings[0].code, RowCode::DuplicateInFile);
        assert_eq!(outcomes[1].cells.as_ref().unwrap()[3], "eleven", "refused rows can be mended");
        assert!(outcomes[0].cells.is_none(), "others are not kept");
        assert!(outcomes.iter().flat_map(|outcome| &outcome.faults).all(|fault| !fault.message.contains("eleven")));
    }

    async fn rows_with_one_key_are_applied_left_out_or_refused(db: TestDb) {
        let scene = Scene::start(db).await;
        let rows = |key: &str| format!("id,email,city,count\n{key},,,1\n{key} ,,,2\n{},,,3\n", key.to_lowercase());

        let applied = scene.import(&rows("A"), &config(&scene, &json!({}))).await;
        let first = scene.import(&rows("B"), &config(&scene, &json!({ "duplicates": "first" }))).await;
        let refused = scene.import(&rows("C"), &config(&scene, &json!({ "duplicates": "reject" }))).await;

        assert_eq!(figures(&applied).1, [3, 1, 2, 0, 0, 0]);
        assert_eq!(figures(&first).1, [3, 1, 0, 0, 2, 0]);
        assert_eq!(figures(&refused).1, [3, 1, 0, 0, 0, 2]);
        let counts: Vec<_> = scene.people().await.into_iter().map(|person| person[5].clone()).collect();
        assert_eq!(counts, [json!(3), json!(1), json!(1)]);
    }

    async fn accounts_are_found_by_id_and_by_identifier(db: TestDb) {
        let scene = Scene::start(db).await;
        scene.import(&table(0, 3, |_| "1".to_owned()), &config(&scene, &json!({}))).await;
        let all = scene.app.all("/accounts").await;
        let id = all.iter().find(|account| account["attributes"]["reference-id"] == "P-1").unwrap()["id"].clone();
        let id = id.as_str().unwrap();
        let by_id = json!({
            "match-key": { "kind": "account-id" }, "sync-mode": "update",
            "mapping": [{ "column": "id", "target": "account-id" }, { "column": "count", "target": "fields.count" }]
        });
        let by_mail = json!({
            "match-key": { "kind": "identifier", "key": "email" },
            "mapping": [{ "column": "mail", "target": "fields.email" }, { "column": "count", "target": "fields.count" }]
        });

        let rows = format!("id,count\n{id},7\nact_111111111111111111111111,7\n");
        let found = scene.import(&rows, &config(&scene, &by_id)).await;
        let rows = "mail,count\nPERSON2@example.test,8\nnew@example.test,9\nperson2@example.test,8\n";
        let mailed = scene.import(rows, &config(&scene, &by_mail)).await;

        assert_eq!(figures(&found).1, [2, 0, 1, 0, 0, 1]);
        assert_eq!(figures(&mailed).1[..3], [3, 1, 2], "{:?}", scene.outcomes(&mailed.id).await);
        let people = scene.people().await;
        assert_eq!(people.len(), 4);
        assert_eq!(people[1][5], 7);
    }

    async fn tags_are_added_or_replaced_and_statuses_set(db: TestDb) {
        let scene = Scene::start(db).await;
        let with = |mode: &str| {
            let tags = json!({ "column": "tags", "target": "tags", "split": ";", "mode": mode });
            let mapping = json!([
                { "column": "id", "target": "reference-id" }, tags,
                { "column": "status", "target": "account-status" }
            ]);
            config(&scene, &json!({ "mapping": mapping }))
        };

        let rows = "id,tags,status\nA,red;blue,approved\nB,RED,\nC,green,unknown\n";
        let first = scene.import(rows, &with("add")).await;
        let again = scene.import(rows, &with("add")).await;
        let added = scene.import("id,tags,status\nA,Gold,\n", &with("add")).await;
        let replaced = scene.import("id,tags,status\nB,gold,\n", &with("replace")).await;

        assert_eq!(figures(&first).1, [3, 2, 0, 0, 0, 1]);
        assert_eq!(figures(&again).1, [3, 0, 0, 2, 0, 1]);
        assert_eq!((figures(&added).1[2], figures(&replaced).1[2]), (1, 1));
        let people = scene.people().await;
        assert_eq!(people[0][1], "Approved");
        assert_eq!(people[0][2], json!(["red", "blue", "Gold"]));
        assert_eq!(people[1][2], json!(["Gold"]));
    }

    /// An organization has 1,000 tags at the most, as through the API: a chunk does not bring more.
    async fn rows_beyond_the_limit_of_tags_are_refused(db: TestDb) {
        let scene = Scene::start(db).await;
        let tags = json!({ "column": "tags", "target": "tags", "split": ";", "mode": "add" });
        let mapping = json!([{ "column": "id", "target": "reference-id" }, tags]);
        let rows: String = (0..1002).map(|n| format!("T-{n},tag {n}\n")).collect();
        scene.app.app.imports.set_pace(Pace { rows_first: 600, rows_min: 600, rows_max: 600 });

        let config = config(&scene, &json!({ "mapping": mapping, "max-error-ratio": 1.0 }));
        let run = scene.import(&format!("id,tags\n{rows}"), &config).await;

        assert_eq!(figures(&run).1, [1002, 1000, 0, 0, 0, 2]);
        let outcomes = scene.outcomes(&run.id).await;
        let refused = outcomes.iter().flat_map(|outcome| &outcome.faults);
        assert!(refused.map(|fault| fault.message.as_str()).all(|text| text.contains("more than 1000 tags")));
    }

    /// Two keys name one account after it was merged: their rows keep their order, also where one changes nothing as
    /// the account is now.
    async fn rows_of_a_merged_account_are_applied_in_their_order(db: TestDb) {
        let scene = Scene::start(db).await;
        let config = config(&scene, &json!({}));
        scene.import("id,email,city,count\nA,,Gera,1\nB,,Ulm,1\n", &config).await;
        let (a, b) = (scene.id_of("A").await, scene.id_of("B").await);
        let body = json!({ "meta": { "source-account-ids": [a] } });
        scene.app.post(&format!("/accounts/{b}/consolidate"), body).await.good();

        let run = scene.import("id,email,city,count\nA,,Jena,1\nB,,Ulm,1\n", &config).await;

        assert_eq!(figures(&run).1, [2, 0, 2, 0, 0, 0]);
        let kept = scene.app.get(&format!("/accounts/{b}")).await;
        assert_eq!(kept.at("/data/attributes/fields/city/value"), "Ulm");
    }

    /// The database, and what is thrown away, is what a thief gets.
    async fn nothing_of_a_row_lies_in_the_clear(db: TestDb) {
        let scene = Scene::start(db).await;
        let rows = "id,email,city,count\nA,quetzal@example.test,Kuala-Xanadu,1\nB,b@example.test,Mirabell-Falls,oops\n";

        let run = scene.import(rows, &config(&scene, &json!({}))).await;

        assert_eq!(figures(&run).1, [2, 1, 0, 0, 0, 1]);
        let dump = scene.app.dump();
        for secret in ["quetzal", "Xanadu", "Mirabell", "oops", "people.csv"] {
            let found = dump.windows(secret.len()).any(|window| window == secret.as_bytes());
            assert!(!found, "{secret}");
        }
    }
}
