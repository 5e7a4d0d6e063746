//! Lists, tags, redaction.

use hyper::Method;
use muster_testkit::{TestApp, TestDb, on_both};
use serde_json::{Value, json};

use super::{ask, asking, attribute, report};
use crate::bodies::reference;

on_both! {
    async fn a_list_is_newest_first_and_narrowed_by_account(db: TestDb) {
        let app = TestApp::start(db).await;
        let account = app.post("/accounts", reference("customer-1")).await.id().to_owned();
        let other = ask(&app, "watchlist", json!({ "term": "Other" })).await;
        let mut made = Vec::new();
        for kind in ["watchlist", "business-watchlist", "business-adverse-media"] {
            let mut body = asking(kind, json!({ "term": "Ines" }));
            body["data"]["attributes"]["account-id"] = account.clone().into();
            made.insert(0, app.post("/reports", body).await.id().to_owned());
        }
        let every: Vec<String> = made.iter().cloned().chain([other]).collect();
        assert_eq!(app.get("/reports").await.ids(), every);
        assert_eq!(app.get(&format!("/reports?filter[account-id]={account}")).await.ids(), made);
        assert_eq!(app.get("/reports?filter[reference-id]=Customer-1").await.ids(), made);
        assert_eq!(app.get("/reports?filter[reference-id]=nobody").await.ids(), Vec::<&str>::new());
        let first = app.get("/reports?page[size]=2&filter[reference-id]=customer-1").await;
        assert_eq!((first.ids(), first.at("/links/prev")), (vec![made[0].as_str(), made[1].as_str()], &Value::Null));
        let second = app.get(first.text_at("/links/next")).await;
        assert_eq!((second.ids(), second.at("/links/next")), (vec![made[2].as_str()], &Value::Null));
        assert_eq!(app.get("/reports?filter[status]=ready").await.status, 400);
    }

    async fn tags_are_told_by_an_event(db: TestDb) {
        let app = TestApp::start(db).await;
        let id = ask(&app, "watchlist", json!({ "term": "Ines" })).await;
        let tag = async |verb: &str, tags: Value| {
            let reply = app.post(&format!("/reports/{id}/{verb}"), json!({ "meta": { "tag-name": tags } })).await;
            reply.good();
            reply.at("/data/attributes/tags").clone()
        };
        assert_eq!(tag("add-tag", json!("Apple")).await, json!(["Apple"]));
        assert_eq!(tag("add-tag", json!("apple")).await, json!(["Apple"]));
        assert_eq!(tag("set-tags", json!(["Kiwi", "Plum"])).await, json!(["Kiwi", "Plum"]));
        assert_eq!(tag("remove-tag", json!("KIWI")).await, json!(["Plum"]));

        let events = app.get("/events?filter[name]=report/watchlist.updated-tags").await;
        assert_eq!(events.ids().len(), 3);
        assert_eq!(events.at("/data/1/attributes/context"), &json!({ "added-tags": ["Kiwi", "Plum"], "removed-tags": ["Apple"] }));
        assert_eq!(events.at("/data/1/attributes/payload/data/attributes/tags"), &json!(["Kiwi", "Plum"]));
        assert_eq!(events.at("/data/2/attributes/payload/data/attributes/tags"), &json!(["Apple"]), "as it was then");
    }

    async fn a_redaction_erases_the_report_and_nothing_else(db: TestDb) {
        let app = TestApp::start(db).await;
        let query = json!({ "email-address": "somebody.unusual@example.com" });
        let id = ask(&app, "email-address", query).await;
        app.run_jobs().await;
        let account = report(&app, &id).await.text_at("/data/relationships/account/data/id").to_owned();
        let redacted = app.request(Method::DELETE, &format!("/reports/{id}")).send().await;
        assert_eq!(redacted.status, 200, "{}", redacted.problem());
        assert!(redacted.at("/data/attributes/redacted-at").is_string());
        assert_eq!(redacted.at("/data/attributes/email-address"), &Value::Null);
        assert_eq!((redacted.at("/data/attributes/tags"), redacted.text_at("/data/attributes/status")), (&json!([]), "ready"));
        assert!(!report(&app, &id).await.text().contains("unusual"));
        let events = app.get(&format!("/events?filter[object-id]={id}")).await;
        assert!(!events.text().contains("unusual"), "its events are erased, too");
        assert_eq!(events.ids().len(), 3);
        app.get(&format!("/accounts/{account}")).await.good();

        let twice = app.request(Method::DELETE, &format!("/reports/{id}")).send().await;
        assert_eq!(twice.status, 409, "{}", twice.problem());
        for action in ["run", "pause", "resume"] {
            let refused = app.request(Method::POST, &format!("/reports/{id}/{action}")).send().await;
            assert_eq!(refused.status, 409, "{action}: {}", refused.problem());
        }
        app.run_jobs().await;
        assert_eq!(attribute(&app, &id, "email-reputation").await, Value::Null);
        let history = app.get(&format!("/reports/{id}/history")).await;
        assert_eq!((history.text_at("/data/0/type"), history.at("/data/0/matches")), ("run", &Value::Null));
    }

    /// What is asked and what is found is personal.
    async fn a_query_is_at_rest_only_sealed(db: TestDb) {
        let app = TestApp::start(db).await;
        ask(&app, "watchlist", json!({ "term": "Wolfeschlegelstein" })).await;
        ask(&app, "adverse-media", json!({ "term": "Kim Jong Un" })).await;
        app.run_jobs().await;
        let dump = app.dump();
        for name in ["Wolfeschlegelstein", "Kim Jong Un", "simulated-article"] {
            assert!(!dump.windows(name.len()).any(|bytes| bytes == name.as_bytes()), "{name}");
        }
    }
}
