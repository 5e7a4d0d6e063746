//! Rows that relate accounts.

use muster_domain::import::{RowCode, RunStatus};
use muster_testkit::{TestDb, on_both};
use serde_json::json;

use crate::scene::{Scene, config, figures};

on_both! {
    async fn rows_relate_their_accounts_or_are_refused_as_a_whole(db: TestDb) {
        let scene = Scene::start(db).await;
        let firms = json!({
            "account-type-id": scene.type_id("Firm"), "mapping": [
                { "column": "id", "target": "reference-id" }, { "column": "city", "target": "fields.city" }
            ]
        });
        scene.import("id,city\nF1,Gera\nF2,Jena\n", &config(&scene, &firms)).await;
        let people = config(&scene, &json!({ "mapping": [
            { "column": "id", "target": "reference-id" },
            { "column": "firm", "target": "relations.employer" },
            { "column": "friends", "target": "relations.friends", "split": ";" }
        ] }));

        let rows = "id,firm,friends\nA,f1,\nB,F1,A\nC,nobody,A\nD,F2,Z\n";
        let first = scene.import(rows, &people).await;
        let again = scene.import(rows, &people).await;
        let moved = scene.import("id,firm,friends\nA,F2,\nB,F1,A\n", &people).await;

        assert_eq!(figures(&first), (RunStatus::Completed, [4, 2, 0, 0, 0, 2]));
        assert_eq!(figures(&again), (RunStatus::Completed, [4, 0, 0, 2, 0, 2]));
        assert_eq!(figures(&moved), (RunStatus::Completed, [2, 0, 1, 1, 0, 0]));
        let outcomes = scene.outcomes(&first.id).await;
        assert_eq!(outcomes[2].faults[0].code, RowCode::RelationNotFound);
        assert_eq!(scene.people().await.len(), 2, "a refused row leaves nothing");
        let all = scene.app.all("/accounts").await;
        let id = |key: &str| {
            let it = all.iter().find(|account| account["attributes"]["reference-id"] == key);
            it.unwrap()["id"].as_str().unwrap().to_owned()
        };
        let employer = scene.app.get(&format!("/accounts/{}/relations?filter[key]=employer", id("A"))).await;
        assert_eq!(employer.ids(), [id("F2")]);
    }
}
