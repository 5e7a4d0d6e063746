//! What a sandbox makes up, and dismissing it.

use hyper::Method;
use muster_testkit::{TestApp, TestDb, on_both};
use serde_json::{Value, json};

use super::{ask, attribute, report};
use crate::bodies::attributes;

/// Asks for adverse media of somebody whom every sandbox knows.
async fn found(app: &TestApp) -> String {
    let id = ask(app, "adverse-media", json!({ "term": "Jong Kim Un", "birthdate": "1984-01-08" })).await;
    app.run_jobs().await;
    id
}

on_both! {
    async fn canned_inputs_have_canned_results_that_are_marked(db: TestDb) {
        let app = TestApp::start(db).await;
        let table = [
            ("email-address", json!({ "email-address": "alexanderjsample@example.com" }), "email-reputation", json!("low")),
            ("email-address", json!({ "email-address": "other@example.com" }), "email-reputation", json!("high")),
            ("phone-number", json!({ "phone-number": "+1 500 555 0006" }), "phone-risk-level", json!("low")),
            ("phone-number", json!({ "phone-number": "+14155555555" }), "phone-risk-level", json!("high")),
            ("social-media", json!({ "email-address": "x@example.com" }), "github-username", json!("alexandersample")),
            ("adverse-media", json!({ "term": "Ines Sala" }), "related-sources", json!([])),
            ("adverse-media", json!({ "term": "Kim Jong Un" }), "has-match", json!(true)),
            ("business-adverse-media", json!({ "term": "Globovision" }), "has-match", json!(true)),
        ];
        for (kind, query, name, expected) in table {
            let id = ask(&app, kind, query.clone()).await;
            app.run_jobs().await;
            assert_eq!(attribute(&app, &id, name).await, expected, "{kind} {query}");
            assert_eq!(attribute(&app, &id, "tags").await, json!(["simulated"]), "{kind}");
            let runs = app.get(&format!("/reports/{id}/runs")).await;
            assert_eq!(runs.at("/data/0/attributes/is-simulated"), &json!(true), "{kind}");
        }
    }

    async fn a_match_is_told_after_ready(db: TestDb) {
        let app = TestApp::start(db).await;
        let id = found(&app).await;
        let events = app.events().await;
        assert_eq!(events[1..], ["report/adverse-media.created", "report/adverse-media.ready", "report/adverse-media.matched"]);
        let shown = report(&app, &id).await;
        assert_eq!(shown.at("/data/attributes/birthdate-year"), &json!(1984));
        assert_eq!(shown.text_at("/data/attributes/related-sources/0/entity-id"), "simulated-person");
        let matched = app.get("/events?filter[name]=report/adverse-media.matched").await;
        assert_eq!(matched.at("/data/0/attributes/payload/data/attributes/has-match"), &json!(true));
        let created = app.get("/events?filter[name]=report/adverse-media.created").await;
        assert_eq!(created.text_at("/data/0/attributes/payload/data/attributes/status"), "pending");
    }

    async fn an_entity_that_is_dismissed_stays_away(db: TestDb) {
        let app = TestApp::start(db).await;
        let id = found(&app).await;
        let what = json!({ "dismiss-type": "entity", "entity-id": "simulated-person", "reason": "Too young." });
        let dismissed = app.post(&format!("/reports/{id}/dismiss"), attributes(what)).await;
        assert_eq!((dismissed.status, dismissed.at("/data/attributes/has-match")), (200, &json!(false)), "{}", dismissed.problem());
        let ignored = dismissed.at("/data/attributes/ignore-list-entity/0");
        assert_eq!((&ignored["entity-id"], &ignored["user"], &ignored["ignore-reason"]), (&json!("simulated-person"), &json!("Test"), &json!("Too young.")));
        app.request(Method::POST, &format!("/reports/{id}/run")).send().await.good();
        app.run_jobs().await;
        assert_eq!(attribute(&app, &id, "related-sources").await, json!([]), "the same is not found again");
        assert_eq!(attribute(&app, &id, "is-continuous").await, json!(true));

        let history = app.get(&format!("/reports/{id}/history")).await;
        let kinds: Vec<&Value> = history.at("/data").as_array().unwrap().iter().map(|one| &one["type"]).collect();
        assert_eq!(kinds, ["run", "dismiss", "run"]);
        let matches = ["/data/0/matches", "/data/2/matches"].map(|at| history.at(at).as_i64());
        assert_eq!((matches, history.text_at("/data/1/creator-name")), ([Some(0), Some(1)], "Test"));
        let page = app.get(&format!("/reports/{id}/history?page[size]=2")).await;
        let rest = app.get(page.text_at("/links/next")).await;
        assert_eq!(rest.at("/data/0/id"), history.at("/data/2/id"));
    }

    async fn the_last_article_takes_its_entity_along(db: TestDb) {
        let app = TestApp::start(db).await;
        let id = found(&app).await;
        let url = "https://news.example/simulated-article";
        let what = json!({ "dismiss-type": "media", "entity-id": url, "reason": "Somebody else." });
        let dismissed = app.post(&format!("/reports/{id}/dismiss"), attributes(what)).await;
        assert_eq!(dismissed.at("/data/attributes/has-match"), &json!(false), "{}", dismissed.problem());
        assert_eq!(dismissed.at("/data/attributes/ignore-list-media")[url]["ignore-reason"], "Somebody else.");
    }

    async fn a_dismissal_says_what_it_lacks(db: TestDb) {
        let app = TestApp::start(db).await;
        let id = found(&app).await;
        let table = [
            (json!({}), 400, "data.attributes.reason must be given"),
            (json!({ "reason": " " }), 400, "data.attributes.reason must be given"),
            (json!({ "reason": "x" }), 400, "data.attributes.entity_id must name one of the hits"),
            (json!({ "reason": "x", "entity-id": "simulated-person" }), 400, "data.attributes.dismiss_type must be entity or media"),
            (json!({ "reason": "x", "entity-id": "nobody", "dismiss-type": "entity" }), 422, "names none of the hits"),
        ];
        for (what, status, expected) in table {
            let refused = app.post(&format!("/reports/{id}/dismiss"), attributes(what.clone())).await;
            assert_eq!(refused.status, status, "{what}");
            assert!(refused.problem().contains(expected), "{}", refused.problem());
        }
        let crypto = ask(&app, "crypto-address-watchlist", json!({ "crypto-address": "1x" })).await;
        let refused = app.post(&format!("/reports/{crypto}/dismiss"), attributes(json!({ "reason": "x" }))).await;
        assert_eq!(refused.status, 422, "{}", refused.problem());
        assert_eq!(attribute(&app, &id, "has-match").await, json!(true));
    }
}
