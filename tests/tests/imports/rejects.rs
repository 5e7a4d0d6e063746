//! The file of refused rows: mended, it is imported as it is.

use muster_domain::import::RunStatus;
use muster_testkit::{TestDb, on_both};
use serde_json::json;

use crate::scene::{Scene, config, figures};

on_both! {
    async fn a_reject_file_is_mended_and_imported_again(db: TestDb) {
        let scene = Scene::start(db).await;
        let config = config(&scene, &json!({ "max-error-ratio": 1.0, "file": { "delimiter": ";" } }));
        let rows = "id;email;city;count\nA;a@x.test;Gera;1\nB;b@x.test;=HYPERLINK(\"http://x\");many\nC;c@x.test;-Ulm;11\nD;d@x.test\n";
        let run = scene.import(rows, &config).await;
        assert_eq!(figures(&run).1, [4, 1, 0, 0, 0, 3]);

        let rejects = scene.rejects(&run).await;
        let lines: Vec<&str> = rejects.lines().collect();
        assert_eq!(lines.len(), 4);
        let head = "\u{feff}\"id\",\"email\",\"city\",\"count\",\"_row_number\",\"_error_code\",\"_error_column\",\"_error_message\"";
        assert_eq!(lines[0], head);
        assert!(lines[1].starts_with("\"B\",\"b@x.test\",\"'=HYPERLINK("), "{}", lines[1]);
        assert!(lines[1].contains("\"many\",\"2\",\"type_mismatch\",\"count\","), "{}", lines[1]);
        assert!(lines[3].contains("\"4\",\"ragged_row\""), "{}", lines[3]);

        let as_it_is = scene.import(&rejects, &config).await;
        let mended = rejects.replace("\"many\"", "\"2\"").replace("\"11\"", "\"3\"");
        let again = scene.import(&mended, &config).await;

        assert_eq!(figures(&as_it_is), (RunStatus::Completed, [3, 0, 0, 0, 0, 3]));
        assert_eq!(figures(&again), (RunStatus::Completed, [3, 2, 0, 0, 0, 1]), "the short row is still short");
        let people = scene.people().await;
        assert_eq!(people[1], json!(["B", "New", [], "b@x.test", "=HYPERLINK(\"http://x\")", 2]));
        assert_eq!(people[2], json!(["C", "New", [], "c@x.test", "-Ulm", 3]));
    }
    async fn a_row_that_may_have_swallowed_others_is_refused_until_it_is_mended(db: TestDb) {
        let scene = Scene::start(db).await;
        let config = config(&scene, &json!({ "max-error-ratio": 1.0 }));
        let rows = "id,email,city,count\nA,a@x.test,Gera,1\nB,b@x.test,\"Ulm\" x,1\n";
        let run = scene.import(rows, &config).await;
        let rejects = scene.rejects(&run).await;
        assert!(rejects.contains("\"stray_quote\""), "{rejects}");

        let as_it_is = scene.import(&rejects, &config).await;
        let mended = scene.import(&rejects.replace("stray_quote", ""), &config).await;

        assert_eq!(figures(&as_it_is), (RunStatus::Completed, [1, 0, 0, 0, 0, 1]));
        assert_eq!(figures(&mended), (RunStatus::Completed, [1, 1, 0, 0, 0, 0]));
    }
}
