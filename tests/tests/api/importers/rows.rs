//! What became of rows: lists, tables, dry runs, undo, retries, redaction.

use muster_domain::Permission;
use muster_testkit::{Reply, TestApp, TestDb, on_both};
use serde_json::{Value, json};

use super::{CUSTOMERS, config, file, pipeline, run};
use crate::bodies::attributes;

/// Runs a pipeline to its end and returns the path of the run.
async fn done(app: &TestApp, pipeline: &str, body: Value) -> String {
    let started = run(app, pipeline, body).await;
    assert_eq!(started.status, 202, "{}", started.text());
    app.run_jobs().await;
    format!("/importer-pipeline-runs/{}", started.id())
}

async fn act(app: &TestApp, run: &str, verb: &str, body: Value) -> Reply {
    let reply = app.post(&format!("{run}/{verb}"), attributes(body)).await;
    app.run_jobs().await;
    reply
}

/// Row numbers and actions of a page.
fn rows(reply: &Reply) -> Vec<(u64, String)> {
    let row = |one: &Value| {
        let attributes = &one["attributes"];
        (attributes["row-number"].as_u64().unwrap(), attributes["action"].as_str().unwrap().to_owned())
    };
    reply.at("/data").as_array().unwrap().iter().map(row).collect()
}

fn named(found: &[(u64, &str)]) -> Vec<(u64, String)> {
    found.iter().map(|(row, action)| (*row, (*action).to_owned())).collect()
}

on_both! {
    async fn rows_are_listed_filtered_and_paged(db: TestDb) {
        let app = TestApp::start(db).await;
        let pipeline = pipeline(&app, config()).await;
        let content = format!("{CUSTOMERS},vip,=nobody\nc-1,new,again\n");
        let run = done(&app, &pipeline, json!({ "file-id": file(&app, &content).await })).await;

        let all = app.get(&format!("{run}/rows")).await;
        assert_eq!(rows(&all), named(&[(1, "created"), (2, "created"), (3, "error"), (4, "updated")]), "{}", all.text());
        assert!(all.at("/data/0/attributes/account-id").is_string());
        assert_eq!(all.at("/data/0/attributes/cells"), &Value::Null);
        assert_eq!(all.at("/data/2/attributes/cells/remarks"), "=nobody");
        assert_eq!(all.at("/data/3/attributes/issues/0/code"), "duplicate_in_file");
        let first = app.get(&format!("{run}/rows?page[size]=3")).await;
        assert_eq!(first.at("/links/prev"), &Value::Null);
        let next = app.get(first.text_at("/links/next").strip_prefix("/api/v1").unwrap()).await;
        assert_eq!(rows(&next), named(&[(4, "updated")]));
        let back = app.get(next.text_at("/links/prev").strip_prefix("/api/v1").unwrap()).await;
        assert_eq!(rows(&back), rows(&first));
        assert_eq!(rows(&app.get(&format!("{run}/rows?filter[action]=error")).await), named(&[(3, "error")]));
        assert_eq!(rows(&app.get(&format!("{run}/rows?filter[code]=duplicate_in_file&filter[severity]=warning")).await), named(&[(4, "updated")]));
        for bad in ["filter[action]=done", "filter[code]=x", "filter[severity]=x", "page[after]=x"] {
            assert_eq!(app.get(&format!("{run}/rows?{bad}")).await.status, 400, "{bad}");
        }

        let table = app.get(&format!("{run}/rejects.csv")).await;
        assert!(table.text().contains(r#""vip","'=nobody","3","missing_key","customer_id""#), "{}", table.text());
        let key = app.key_with(|key| key.blocklist = vec!["name-*".to_owned()]).await;
        let get = async |path: &str| app.request(hyper::Method::GET, &format!("{run}/{path}")).key(&key).narrowed().send().await;
        assert_eq!(get("rejects.csv").await.status, 403);
        assert_eq!(get("rows").await.at("/data/2/attributes/cells"), &Value::Null);
        let key = app.key_with(|key| key.permissions = [Permission::ImporterRead].into_iter().collect()).await;
        let narrow = app.request(hyper::Method::GET, &format!("{run}/rows")).key(&key).send().await;
        assert_eq!(narrow.status, 403);
    }

    async fn a_dry_run_shows_what_would_be_and_is_committed(db: TestDb) {
        let app = TestApp::start(db).await;
        app.post("/accounts", attributes(json!({ "reference-id": "c-1" }))).await.good();
        let pipeline = pipeline(&app, config()).await;
        let plan = done(&app, &pipeline, json!({ "file-id": file(&app, CUSTOMERS).await, "dry-run": true })).await;
        let planned = app.get(&format!("{plan}/rows")).await;
        assert_eq!(rows(&planned), named(&[(1, "update"), (2, "create")]), "{}", planned.text());
        let changes = planned.at("/data/0/attributes/changes").as_object().unwrap();
        assert!(!changes.is_empty() && changes.values().all(|one| one.get("before").is_some() && one.get("after").is_some()), "{changes:?}");
        assert_eq!(app.all("/accounts").await.len(), 1);

        let committed = act(&app, &plan, "commit", json!({ "reference-id": "final" })).await;
        assert_eq!(committed.status, 202, "{}", committed.text());
        assert_eq!(app.all("/accounts").await.len(), 2);
        assert_eq!(act(&app, &plan, "commit", json!({})).await.status, 409);
        let run = format!("/importer-pipeline-runs/{}", committed.id());
        assert!(app.get(&run).await.text_at("/data/attributes/run-data/plan-id").len() > 10);

        let undone = act(&app, &run, "undo", json!({ "dry-run": true })).await;
        assert_eq!((undone.status, app.all("/accounts").await.len()), (202, 2), "{}", undone.text());
        let undone = act(&app, &run, "undo", json!({})).await;
        assert_eq!(undone.text_at("/data/attributes/run-data/kind"), "undo", "{}", undone.text());
        let left = app.get("/accounts?filter[reference-id]=c-1").await;
        assert_eq!(left.at("/data/0/attributes/tags"), &json!([]), "{}", left.text());
    }

    async fn refused_rows_are_imported_again(db: TestDb) {
        let app = TestApp::start(db).await;
        let pipeline = pipeline(&app, config()).await;
        let content = format!("{CUSTOMERS},vip,nobody\n");
        let run = done(&app, &pipeline, json!({ "file-id": file(&app, &content).await })).await;
        let mut more = config();
        more["create-without-key"] = true.into();
        app.patch(&format!("/importer-pipelines/{pipeline}"), attributes(json!({ "pipeline-config": more }))).await.good();
        let retried = act(&app, &run, "retry-failed", json!({})).await;
        assert_eq!(retried.status, 202, "{}", retried.text());
        let retried = app.get(&format!("/importer-pipeline-runs/{}", retried.id())).await;
        assert_eq!(retried.at("/data/attributes/run-data/created-count"), 1, "{}", retried.text());
        assert_eq!(app.all("/accounts").await.len(), 3);
        let nothing = act(&app, &format!("/importer-pipeline-runs/{}", retried.id()), "retry-failed", json!({})).await;
        assert_eq!(nothing.status, 409);
    }

    async fn a_redacted_run_has_its_counts_only(db: TestDb) {
        let app = TestApp::start(db).await;
        let pipeline = pipeline(&app, config()).await;
        let file = file(&app, &format!("{CUSTOMERS},vip,Xanthippe\n")).await;
        let run = done(&app, &pipeline, json!({ "file-id": file })).await;
        let redacted = act(&app, &run, "redact", json!({})).await;
        assert!(redacted.at("/data/attributes/redacted-at").is_string(), "{}", redacted.text());
        assert_eq!(redacted.at("/data/attributes/run-data/rows-read"), 3);
        assert_eq!(rows(&app.get(&format!("{run}/rows")).await), Vec::new());
        let erased = app.get(&format!("/importer-files/{file}")).await;
        assert_eq!((erased.text_at("/data/attributes/status"), erased.at("/data/attributes/detected")), ("erased", &Value::Null));
        for verb in ["redact", "undo", "retry-failed"] {
            assert_eq!(act(&app, &run, verb, json!({})).await.status, 409, "{verb}");
        }
        assert_eq!(app.all("/accounts").await.len(), 2);
    }
}
