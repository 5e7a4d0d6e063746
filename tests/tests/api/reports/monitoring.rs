//! Runs on a schedule.

use std::time::Duration;

use hyper::Method;
use muster_testkit::{TestApp, TestDb, on_both};
use serde_json::{Value, json};

use super::{attribute, report};
use crate::bodies::attributes;

const DAY: Duration = Duration::from_hours(24);

/// Asks for adverse media every ten days.
async fn monitored(app: &TestApp, term: &str) -> String {
    let name = format!("Every ten days {}", app.all("/report-templates").await.len());
    let new = json!({ "name": name, "kind": "adverse-media", "definition": { "interval-days": 10 } });
    let template = app.post("/report-templates", attributes(new)).await.id().to_owned();
    let body =
        json!({ "data": { "attributes": { "report-template-id": template, "query": { "term": term } } } });
    let id = app.post("/reports", body).await.id().to_owned();
    app.run_jobs().await;
    id
}

async fn act(app: &TestApp, id: &str, action: &str) -> u16 {
    app.request(Method::POST, &format!("/reports/{id}/{action}")).send().await.status
}

/// The types of its runs, newest first.
async fn runs(app: &TestApp, id: &str) -> Vec<String> {
    app.run_jobs().await;
    let history = app.get(&format!("/reports/{id}/history")).await;
    let entries = history.at("/data").as_array().unwrap().iter();
    entries
        .filter(|one| one["type"] == "run")
        .map(|one| one["run-type"].as_str().unwrap().to_owned())
        .collect()
}

on_both! {
    async fn a_report_is_run_again_when_its_interval_is_over(db: TestDb) {
        let app = TestApp::start(db).await;
        let id = monitored(&app, "Ines Sala").await;
        assert_eq!(attribute(&app, &id, "is-recurring").await, json!(true));
        app.advance(DAY * 9);
        assert_eq!(runs(&app, &id).await, ["manual"]);
        app.advance(DAY);
        assert_eq!(runs(&app, &id).await, ["scheduled", "manual"]);
        let shown = report(&app, &id).await;
        assert_eq!((shown.at("/data/attributes/is-continuous"), shown.at("/data/attributes/is-recurring")), (&json!(true), &json!(true)));
        let history = app.get(&format!("/reports/{id}/history")).await;
        assert!(history.at("/data/0/scheduled-date").is_string() && history.at("/data/1/scheduled-date").is_null());
        app.advance(DAY * 10);
        assert_eq!(runs(&app, &id).await.len(), 3);
        let ready = app.get("/events?filter[name]=report/adverse-media.ready").await;
        assert_eq!(ready.ids().len(), 3, "each run tells that it is ready");
    }

    async fn a_run_between_does_not_count_twice(db: TestDb) {
        let app = TestApp::start(db).await;
        let id = monitored(&app, "Ines Sala").await;
        app.advance(DAY * 5);
        assert_eq!(act(&app, &id, "run").await, 200);
        assert_eq!(act(&app, &id, "run").await, 200);
        assert_eq!(runs(&app, &id).await, ["manual", "manual"]);
        app.advance(DAY * 5);
        assert_eq!(runs(&app, &id).await.len(), 2, "the interval begins with the last run");
        app.advance(DAY * 5);
        assert_eq!(runs(&app, &id).await, ["scheduled", "manual", "manual"]);
    }

    async fn a_hit_stops_the_schedule_until_it_is_dismissed(db: TestDb) {
        let app = TestApp::start(db).await;
        let id = monitored(&app, "Kim Jong Un").await;
        let shown = report(&app, &id).await;
        assert_eq!((shown.at("/data/attributes/has-match"), shown.at("/data/attributes/is-recurring")), (&json!(true), &json!(false)));
        app.advance(DAY * 100);
        assert_eq!(runs(&app, &id).await.len(), 1);
        assert_eq!(act(&app, &id, "pause").await, 409, "there is nothing to pause");

        let what = json!({ "dismiss-type": "entity", "entity-id": "simulated-person", "reason": "Too young." });
        let dismissed = app.post(&format!("/reports/{id}/dismiss"), attributes(what)).await;
        assert_eq!(dismissed.at("/data/attributes/is-recurring"), &json!(true), "{}", dismissed.problem());
        app.advance(DAY * 9);
        assert_eq!(runs(&app, &id).await.len(), 1);
        app.advance(DAY);
        assert_eq!(runs(&app, &id).await.len(), 2);
        let matched = app.get("/events?filter[name]=report/adverse-media.matched").await;
        assert_eq!(matched.ids().len(), 1, "what is dismissed is no new match");
    }

    async fn a_pause_lasts_until_it_is_ended(db: TestDb) {
        let app = TestApp::start(db).await;
        let id = monitored(&app, "Ines Sala").await;
        assert_eq!(act(&app, &id, "resume").await, 409);
        assert_eq!(act(&app, &id, "pause").await, 200);
        assert_eq!(act(&app, &id, "pause").await, 409);
        assert_eq!(attribute(&app, &id, "is-recurring").await, json!(false));
        app.advance(DAY * 50);
        assert_eq!(runs(&app, &id).await.len(), 1);
        assert_eq!(act(&app, &id, "resume").await, 200);
        app.advance(DAY * 9);
        assert_eq!(runs(&app, &id).await.len(), 1, "the interval begins anew");
        app.advance(DAY);
        assert_eq!(runs(&app, &id).await.len(), 2);
        let history = app.get(&format!("/reports/{id}/history")).await;
        let kinds: Vec<&Value> = history.at("/data").as_array().unwrap().iter().map(|one| &one["type"]).collect();
        assert_eq!(kinds, ["run", "resume", "pause", "run"]);
    }

    /// A run that was asked for while it is paused leaves the pause alone.
    async fn a_paused_report_can_be_run_by_hand(db: TestDb) {
        let app = TestApp::start(db).await;
        let id = monitored(&app, "Ines Sala").await;
        assert_eq!((act(&app, &id, "pause").await, act(&app, &id, "run").await), (200, 200));
        assert_eq!(runs(&app, &id).await.len(), 2);
        app.advance(DAY * 50);
        assert_eq!(runs(&app, &id).await.len(), 2);
        assert_eq!(attribute(&app, &id, "is-recurring").await, json!(false));
    }

    async fn a_redacted_report_is_never_run_again(db: TestDb) {
        let app = TestApp::start(db).await;
        let id = monitored(&app, "Ines Sala").await;
        app.request(Method::DELETE, &format!("/reports/{id}")).send().await.good();
        app.advance(DAY * 50);
        assert_eq!(runs(&app, &id).await.len(), 1);
    }
}
