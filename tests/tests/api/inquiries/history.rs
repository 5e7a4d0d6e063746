//! What the Events API shows of inquiries: each as it was at that moment.

use muster_testkit::{TestApp, TestDb, on_both};
use serde_json::{Value, json};

use super::{act, create, simulate, template};
use crate::bodies::attributes;

on_both! {
    async fn an_event_shows_the_inquiry_as_it_was(db: TestDb) {
        let app = TestApp::start(db).await;
        let template = template(&app).await;
        let made = create(&app, &template, json!({ "note": "first", "fields": { "name-first": "Ada" } }), json!({})).await;
        let path = format!("/inquiries/{}", made.id());
        let mut states: Vec<Value> = vec![made.at("/data").clone()];
        // More changes than there are between two whole copies.
        for i in 0..70 {
            app.patch(&path, attributes(json!({ "note": format!("note {i}"), "fields": { "name-first": format!("Ada {i}") } }))).await.good();
            states.push(app.get(&path).await.at("/data").clone());
        }
        simulate(&app, made.id(), &["start"]).await.good();
        states.push(app.get(&path).await.at("/data").clone());
        act(&app, made.id(), "resume").await.good();
        states.push(app.post(&format!("{path}/approve"), json!({})).await.at("/data").clone());

        let events = app.all(&format!("/events?filter[object-id]={}", made.id())).await;

        let shown: Vec<&Value> = events.iter().rev().map(|event| &event["attributes"]["payload"]["data"]).collect();
        assert_eq!(shown.len(), states.len());
        for (shown, state) in shown.iter().zip(&states) {
            assert_eq!(*shown, state);
        }
    }
}
