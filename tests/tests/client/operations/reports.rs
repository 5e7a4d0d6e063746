//! The methods of reports and their templates.

use muster_client::{Dismissed, NewReport, Report, Value, json};

use crate::operations::values;
use crate::scene::Scene;

/// Asks for a report that is run every day.
async fn monitored(scene: &Scene) -> Report {
    let definition = json!({ "interval-days": 1 });
    let templates = scene.muster.report_templates();
    let name = format!("Daily {}", templates.list().await.unwrap().len());
    let template = templates.create("adverse-media", &name, definition).await.unwrap();
    let new = NewReport::of_template(&template.id, json!({ "term": "Ines Sala" })).without_account().wait();
    scene.muster.reports().create(&new).await.unwrap()
}

pub async fn reports(scene: &Scene, operation: &str) -> Vec<Value> {
    let reports = scene.muster.reports();
    let query = json!({ "term": "Kim Jong Un" });
    let new = NewReport::new("adverse-media", query).account_id(&scene.account).wait();
    let made = reports.create(&new).await.unwrap();
    let id = made.id.as_str();
    assert_eq!((made.status.as_str(), made.has_match), ("ready", true));
    match operation {
        "list-all-reports" => {
            let other = NewReport::new("watchlist", json!({ "term": "X" })).reference_id("other-report");
            reports.create(&other).await.unwrap();
            let page = reports.list().account_ids([&scene.account]).send().await.unwrap();
            assert_eq!(page.items[0].id, made.id);
            let page = reports.list().reference_ids(["other-report"]).send().await.unwrap();
            assert_eq!((page.items.len(), page.items[0].status.as_str()), (1, "pending"));
        }
        "create-a-report" => assert_eq!(made.account_id.as_deref(), Some(scene.account.as_str())),
        "retrieve-a-report" => {
            let found = reports.retrieve(id).await.unwrap();
            assert_eq!(found.attributes["related-sources"][0]["entity-id"], "simulated-person");
            assert!(!format!("{found:?}").contains("Kim"), "a report does not print what it holds");
        }
        "redact-a-report" => assert!(reports.redact(id).await.unwrap().redacted_at.is_some()),
        "report-action-re-run-report" => {
            reports.run(id).await.unwrap();
            scene.app.run_jobs().await;
            assert!(reports.retrieve(id).await.unwrap().is_continuous);
        }
        "report-action-pause-continuous-monitoring" | "report-action-resume-continuous-monitoring" => {
            let monitored = monitored(scene).await;
            assert!(monitored.is_recurring && !reports.pause(&monitored.id).await.unwrap().is_recurring);
            assert!(reports.resume(&monitored.id).await.unwrap().is_recurring);
            assert_eq!(reports.resume(&monitored.id).await.unwrap_err().status(), Some(409));
        }
        "dismiss-matches" => {
            let article = Dismissed::Media("https://news.example/nothing");
            assert_eq!(reports.dismiss(id, article, "x").await.unwrap_err().status(), Some(422));
            let dismissed = reports.dismiss(id, Dismissed::Entity("simulated-person"), "x").await;
            assert!(!dismissed.unwrap().has_match);
        }
        "reports-add-tag" | "reports-remove-tag" | "reports-set-all-tags" => {
            assert_eq!(reports.add_tag(id, "vip").await.unwrap().tags, ["simulated", "vip"]);
            assert_eq!(reports.remove_tag(id, "simulated").await.unwrap().tags, ["vip"]);
            assert_eq!(reports.set_tags(id, &["a", "b"]).await.unwrap().tags, ["a", "b"]);
        }
        "print-report-pdf" => assert!(reports.print(id).await.unwrap().starts_with(b"%PDF-")),
        "list-report-history" => {
            let page = reports.history(id).send().await.unwrap();
            let run = &page.items[0];
            assert_eq!(
                (run.kind.as_str(), run.run_type.as_deref(), run.matches),
                ("run", Some("manual"), Some(1))
            );
        }
        "list-the-runs-of-a-report" => {
            let page = reports.runs(id).send().await.unwrap();
            assert_eq!((page.items[0].is_simulated, page.items[0].hits.len()), (Some(true), 1));
            return values(page.items);
        }
        _ => panic!("tests/tests/client/operations/reports.rs: call {operation}"),
    }
    // A report has a schema for each kind.
    Vec::new()
}

pub async fn templates(scene: &Scene) -> Vec<Value> {
    let templates = scene.muster.report_templates();
    let name = format!("Daily {}", templates.list().await.unwrap().len());
    let made = templates.create("watchlist", &name, json!({ "interval-days": 1 })).await.unwrap();
    let changed = templates.update(&made.id, json!({ "interval-days": 2 })).await.unwrap();
    let found = templates.retrieve(&made.id).await.unwrap();
    assert_eq!((&found.definition["interval-days"], found.default), (&json!(2), false));
    assert!(templates.list().await.unwrap().contains(&changed));
    Vec::new()
}
