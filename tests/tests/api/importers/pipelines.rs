//! Pipelines and their runs.

use muster_testkit::{TestApp, TestDb, on_both};
use serde_json::{Value, json};

use super::{CUSTOMERS, config, file, pipeline, run};
use crate::bodies::attributes;

on_both! {
    async fn a_pipeline_is_saved_changed_and_archived(db: TestDb) {
        let app = TestApp::start(db).await;
        let mut wished = config();
        // Keys may be spelled in any way, but those of values are the customer's.
        wished["syncMode"] = "insert".into();
        wished["mapping"][0]["nullTokens"] = json!(["-0-"]);
        wished["mapping"][0]["values"] = json!({ "Old-Name": "new_name" });
        let body = json!({ "name": " CRM ", "destination": "account", "run-type": "manual", "pipelineConfig": wished });
        let made = app.post("/importer-pipelines", attributes(body)).await;
        assert_eq!(made.status, 201, "{}", made.text());
        let attributes_of = made.at("/data/attributes");
        assert_eq!(attributes_of["name"], "CRM");
        assert_eq!((&attributes_of["status"], &attributes_of["run-type"]), (&json!("active"), &json!("manual")));
        let kept = &attributes_of["pipeline-config"];
        assert_eq!((&kept["sync-mode"], &kept["destination"]), (&json!("insert"), &json!("account")));
        assert_eq!(kept["mapping"][0]["values"], json!({ "Old-Name": "new_name" }));

        let id = made.id().to_owned();
        let path = format!("/importer-pipelines/{id}");
        let snake = app.request(hyper::Method::GET, &path).header("key-inflection", "snake").send().await;
        let shown = &snake.json["data"]["attributes"]["pipeline_config"];
        assert_eq!(shown["mapping"][0]["values"], json!({ "Old-Name": "new_name" }), "{}", snake.text());
        assert_eq!(shown["sync_mode"], "insert");

        let changed = app.patch(&path, attributes(json!({ "status": "inactive", "pipeline-config": config() }))).await;
        assert_eq!(changed.text_at("/data/attributes/pipeline-config/sync-mode"), "upsert");
        let refused = run(&app, &id, json!({ "file-id": file(&app, CUSTOMERS).await })).await;
        assert_eq!(refused.status, 409, "{}", refused.text());
        let archived = app.post(&format!("{path}/archive"), json!({})).await;
        assert!(archived.at("/data/attributes/archived-at").is_string());
        assert_eq!(app.patch(&path, attributes(json!({ "name": "X" }))).await.status, 409);
        assert_eq!(app.all("/importer-pipelines").await.len(), 1);
    }

    async fn a_bad_pipeline_says_how_to_mend_it(db: TestDb) {
        let app = TestApp::start(db).await;
        let make = async |body: Value| {
            let refused = app.post("/importer-pipelines", attributes(body)).await;
            assert!([400, 422].contains(&refused.status), "{}", refused.text());
            refused.problem()
        };
        assert!(make(json!({ "name": "A" })).await.starts_with("422 Record invalid: pipeline-config is missing"));
        assert!(make(json!({ "name": "", "pipeline-config": config() })).await.contains("name must be 1 to 255"));
        assert!(make(json!({ "name": "A", "pipeline-config": [] })).await.contains("must be an object"));
        assert!(make(json!({ "name": "A", "pipeline-config": { "maping": [] } })).await.contains("pipeline-config"));
        assert!(make(json!({ "name": "A", "pipeline-config": { "mapping": 3 } })).await.contains("mapping"));
        assert!(make(json!({ "name": "A", "pipeline-config": { "syncMode": "upsert", "sync-mode": "insert" } })).await.contains("spellings of one member"));
        let mut other = config();
        other["mapping"][0]["target"] = "fields.nothing_like_it".into();
        assert!(make(json!({ "name": "A", "pipeline-config": other })).await.starts_with("422 "));
        assert!(make(json!({ "name": "A", "destination": "case", "pipeline-config": config() })).await.contains("destination must be account"));
        assert!(make(json!({ "name": "A", "run-type": "recurring", "pipeline-config": config() })).await.contains("run-type must be recurring where"));
        assert!(make(json!({ "name": "A", "colour": 1 })).await.contains("is not a member of this request"));
        assert_eq!(app.all("/importer-pipelines").await, Vec::<Value>::new());
    }

    async fn a_run_makes_accounts_and_tells_of_itself(db: TestDb) {
        let app = TestApp::start(db).await;
        let (pipeline, file) = (pipeline(&app, config()).await, file(&app, CUSTOMERS).await);
        let started = run(&app, &pipeline, json!({ "file-id": file, "reference-id": "batch-1" })).await;
        assert_eq!((started.status, started.text_at("/data/attributes/status")), (202, "pending"), "{}", started.text());
        let path = format!("/importer-pipeline-runs/{}", started.id());
        app.run_jobs().await;

        let done = app.get(&format!("{path}?include=importer-pipeline")).await;
        let data = done.at("/data/attributes/run-data");
        assert_eq!(done.text_at("/data/attributes/status"), "completed", "{}", done.text());
        assert_eq!((&data["rows-read"], &data["created-count"], &data["error-count"]), (&json!(2), &json!(2), &json!(0)));
        assert_eq!(data["column-names"], json!(["customer_id", "segments", "remarks"]));
        assert_eq!(done.at("/included/0/id"), &json!(pipeline));
        let mut references: Vec<String> = app.all("/accounts").await.iter().map(|one| one["attributes"]["reference-id"].as_str().unwrap().to_owned()).collect();
        references.sort_unstable();
        assert_eq!(references, ["c-1", "c-2"]);

        let events = app.get(&format!("/events?filter[object-id]={}", started.id())).await;
        let names: Vec<&str> = events.at("/data").as_array().unwrap().iter().map(|one| one["attributes"]["name"].as_str().unwrap()).collect();
        assert_eq!(names, ["importer-pipeline-run.completed", "importer-pipeline-run.started"]);
        let then = events.at("/data/1/attributes/payload/data");
        assert_eq!((&then["attributes"]["status"], &then["attributes"]["run-data"]["rows-read"]), (&json!("running"), &json!(0)));
        assert_eq!(then["relationships"]["importer-pipeline"]["data"]["id"], json!(pipeline));

        let taken = run(&app, &pipeline, json!({ "file-id": file, "reference-id": "BATCH-1" })).await;
        assert_eq!(taken.status, 409, "{}", taken.text());
        let again = run(&app, &pipeline, json!({ "file-id": file })).await;
        assert_eq!(again.text_at("/data/attributes/run-data/warnings/0/code"), "same_file", "{}", again.text());
        app.run_jobs().await;
        let again = app.get(&format!("/importer-pipeline-runs/{}", again.id())).await;
        assert_eq!(again.at("/data/attributes/run-data/unchanged-count"), 2, "{}", again.text());
        assert_eq!(app.get(&format!("/importer-pipeline-runs?filter[importer-pipeline-id]={pipeline}&filter[status]=completed")).await.ids().len(), 2);
        assert_eq!(app.get("/importer-pipeline-runs?filter[status]=paused").await.ids().len(), 0);
    }

    async fn a_run_that_cannot_be_is_refused(db: TestDb) {
        let app = TestApp::start(db).await;
        let (one, two) = (pipeline(&app, config()).await, file(&app, "customer_id,segments,remarks,more\nc-1,,,\n").await);
        let start = async |body: Value| run(&app, &one, body).await.problem();
        assert!(start(json!({})).await.starts_with("422 Record invalid: file-id must name the file"));
        assert!(start(json!({ "file-id": "file_1" })).await.starts_with("422 Record invalid: file-id names no file"));
        assert!(start(json!({ "file-id": two, "dry-run": "yes" })).await.starts_with("400 "));
        let partial = start(json!({ "file-id": two })).await;
        assert!(partial.starts_with("422 ") && partial.contains("more"), "a column is neither mapped nor ignored: {partial}");
        let unfinished = app.post("/importer-files", attributes(json!({ "filename": "a.csv" }))).await.id().to_owned();
        assert!(start(json!({ "file-id": unfinished })).await.starts_with("409 "));
        for filter in ["filter[status]=done", "filter[importer-pipeline-id]=act_1"] {
            assert_eq!(app.get(&format!("/importer-pipeline-runs?{filter}")).await.status, 400);
        }
    }

    async fn a_run_is_paused_resumed_and_cancelled(db: TestDb) {
        let app = TestApp::start(db).await;
        let (pipeline, file) = (pipeline(&app, config()).await, file(&app, CUSTOMERS).await);
        let started = run(&app, &pipeline, json!({ "file-id": file })).await;
        let act = async |verb: &str| app.post(&format!("/importer-pipeline-runs/{}/{verb}", started.id()), json!({})).await;
        for verb in ["pause", "resume"] {
            assert_eq!(act(verb).await.status, 409, "it has not begun: {verb}");
        }
        let busy = run(&app, &pipeline, json!({ "file-id": file })).await;
        assert_eq!(busy.status, 409, "{}", busy.text());
        let canceled = act("cancel").await;
        assert_eq!((canceled.status, canceled.text_at("/data/attributes/status")), (200, "canceled"), "{}", canceled.text());
        assert_eq!(act("cancel").await.status, 409);
        app.run_jobs().await;
        assert_eq!(app.all("/accounts").await, Vec::<Value>::new());
    }
}
