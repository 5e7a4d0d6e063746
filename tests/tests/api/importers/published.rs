//! The published importers of small files.

use hyper::Method;
use muster_app::Error;
use muster_store::Statement;
use muster_testkit::{Reply, TestApp, TestDb, on_both};
use serde_json::{Value, json};

use super::sent;
use crate::bodies::attributes;

static KEPT: Statement =
    Statement { name: "test", sql: "SELECT COUNT(*) FROM import_files WHERE status <> 'erased'" };

async fn import(app: &TestApp, content: &str) -> Reply {
    app.post("/importer/accounts", attributes(json!({ "file": sent(content) }))).await
}

/// The status and the counts of an importer: successful, duplicate, error.
fn counts(reply: &Reply) -> (String, [u64; 3]) {
    let attributes = reply.at("/data/attributes");
    let count = |name: &str| attributes[name].as_u64().unwrap();
    let status = attributes["status"].as_str().unwrap().to_owned();
    (status, ["successful-count", "duplicate-count", "error-count"].map(count))
}

on_both! {
    async fn every_row_is_a_new_account(db: TestDb) {
        let app = TestApp::start(db).await;
        app.post("/accounts", attributes(json!({ "reference-id": "u-2" }))).await.good();
        let content = "reference_id, name_first, tags, birthdate\nu-1,Ines,\"vip;new\",1990-12-31\nU-2,Jon,,\n,Eve,,\nu-4,Max,,31.12.1990\n";
        let made = import(&app, content).await;
        assert_eq!((made.status, counts(&made)), (201, ("pending".to_owned(), [0, 0, 0])), "{}", made.text());
        assert_eq!((made.at("/data/type"), made.at("/data/attributes/completed-at")), (&json!("importer/account"), &Value::Null));
        app.run_jobs().await;

        let path = format!("/importers/{}", made.id());
        let done = app.get(&path).await;
        assert_eq!(counts(&done), ("ready".to_owned(), [2, 1, 1]), "{}", done.text());
        assert!(done.at("/data/attributes/completed-at").is_string());
        assert_eq!(app.all("/importers").await, [done.at("/data").clone()]);
        let ines = app.get("/accounts?filter[reference-id]=u-1").await;
        assert_eq!(ines.at("/data/0/attributes/tags").as_array().map(Vec::len), Some(2), "{}", ines.text());
        assert_eq!(app.all("/importer-pipeline-runs").await, Vec::<Value>::new(), "its run is its own affair");

        let errors = app.get(&format!("{path}/errors")).await;
        let row = errors.at("/data/0/attributes");
        assert_eq!((errors.at("/data").as_array().unwrap().len(), &row["row-number"]), (1, &json!(4)), "{}", errors.text());
        assert_eq!(row["issues"][0]["code"], "type_mismatch");
        let table = app.get(&format!("{path}/errors.csv")).await;
        assert_eq!(table.header("content-type"), "text/csv; charset=utf-8");
        let text = table.text();
        assert!(text.contains(r#""u-4","Max","","31.12.1990","4","type_mismatch","birthdate""#), "{text}");

        // Mended, the table is imported as it is; the other rows are not there any more.
        let mended = text.replace("31.12.1990", "1990-12-31");
        let again = import(&app, &mended).await;
        assert_eq!(again.status, 201, "{}", again.text());
        app.run_jobs().await;
        assert_eq!(counts(&app.get(&format!("/importers/{}", again.id())).await).1, [1, 0, 0]);
    }

    async fn a_request_sent_twice_imports_once(db: TestDb) {
        let app = TestApp::start(db).await;
        let body = attributes(json!({ "file": sent("reference_id\nu-1\n") }));
        let request = || app.request(Method::POST, "/importer/accounts").header("idempotency-key", "k").json(&body);
        let first = request().send().await;
        assert_eq!(first.status, 201, "{}", first.text());
        assert_eq!(request().send().await.json, first.json);
        assert_eq!(app.all("/importers").await.len(), 1);
        let kept = app.app.db.read("test", |tx| Ok::<_, Error>(tx.query_opt(&KEPT, &[], |row| row.int(0))?));
        assert_eq!(kept.await.unwrap(), Some(1), "what the repetition brought is not kept");
    }

    async fn a_file_that_cannot_be_imported_is_refused_whole(db: TestDb) {
        let app = TestApp::start(db).await;
        let refused = async |content: &str| import(&app, content).await.problem();
        let unknown = refused("reference_id,favourite_colour\nu-1,blue\n").await;
        assert!(unknown.starts_with("422 Record invalid: file has a column in its header that is not known"), "{unknown}");
        assert!(refused("reference_id,reference_id\nu-1,u-1\n").await.starts_with("422 Record invalid: file "));
        let huge = "x".repeat(11 * 1024 * 1024);
        assert!(refused(&huge).await.starts_with("422 Record invalid: file must have at most 10 MiB"));
        let bad = async |body: Value| app.post("/importer/accounts", attributes(body)).await.problem();
        assert!(bad(json!({})).await.starts_with("422 Record invalid: file is missing"));
        assert!(bad(json!({ "file": "reference_id" })).await.starts_with("400 "));
        assert!(bad(json!({ "file": sent("a"), "list-id": "lst_1" })).await.starts_with("400 "));
        app.run_jobs().await;
        assert_eq!(app.all("/accounts").await, Vec::<Value>::new());
    }
}
