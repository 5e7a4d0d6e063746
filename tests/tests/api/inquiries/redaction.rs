//! Erasing the personal data of inquiries, by themselves and with their account.

use hyper::Method;
use muster_testkit::{Reply, TestApp, TestDb, on_both};
use serde_json::{Value, json};

use super::{act, create, simulate, template, told};
use crate::bodies::attributes;
use crate::reports::asking;

const NAMES: [&str; 4] = ["Xanthippe", "Quetzalcoatl", "Nabuchodonosor", "Ludmilla"];

async fn redact(app: &TestApp, path: &str) -> Reply {
    app.request(Method::DELETE, path).send().await
}

/// An inquiry that has seen much, and is full of names.
async fn eventful(app: &TestApp, template: &str, meta: Value) -> Reply {
    let fields = json!({ "name-first": "Xanthippe", "identification-number": "4711" });
    let made =
        create(app, template, json!({ "fields": fields, "note": "Quetzalcoatl", "tags": ["vip"] }), meta)
            .await;
    let path = format!("/inquiries/{}", made.id());
    simulate(app, made.id(), &["start"]).await.good();
    act(app, made.id(), "generate-one-time-link").await.good();
    app.patch(&path, attributes(json!({ "fields": { "name-first": "Ludmilla" } }))).await.good();
    app.post(&format!("{path}/decline"), json!({ "meta": { "comment": "Nabuchodonosor" } })).await.good();
    app.get(&path).await
}

fn is_in(dump: &[u8], text: &str) -> bool {
    dump.windows(text.len()).any(|bytes| bytes == text.as_bytes())
}

on_both! {
    async fn what_is_personal_is_gone_and_the_rest_stays(db: TestDb) {
        let app = TestApp::start(db).await;
        let template = template(&app).await;
        let before = eventful(&app, &template, json!({})).await;
        let path = format!("/inquiries/{}", before.id());

        let redacted = redact(&app, &path).await;

        assert_eq!(redacted.status, 200);
        let given = redacted.at("/data/attributes");
        assert_eq!((&given["status"], &given["note"], &given["tags"], &given["reviewer-comment"]), (&json!("declined"), &Value::Null, &json!([]), &Value::Null));
        assert_eq!(given["fields"]["name-first"]["value"], Value::Null);
        assert_eq!(given["fields"]["identification-number"]["value"], "4711", "its schema says that it stays");
        for same in ["created-at", "started-at", "decisioned-at"] {
            assert_eq!(given[same], before.at("/data/attributes")[same], "{same}");
        }
        assert!(given["redacted-at"].is_string());
        assert_eq!(app.get(&path).await.at("/data"), redacted.at("/data"));
        let account = before.text_at("/data/relationships/account/data/id");
        assert_eq!(app.get(&format!("/accounts/{account}")).await.at("/data/attributes/redacted-at"), &Value::Null);
        let events = app.get(&format!("/events?filter[object-id]={}&page[size]=100", before.id())).await.text();
        for name in NAMES {
            assert!(!events.contains(name), "{name} is still told");
            assert!(!is_in(&app.dump(), name), "{name} is still there");
        }
        for (method, path, body) in [
            (Method::DELETE, path.clone(), json!({})),
            (Method::PATCH, path.clone(), attributes(json!({ "note": "x" }))),
            (Method::POST, format!("{path}/approve"), json!({})),
            (Method::POST, format!("{path}/resume"), json!({})),
            (Method::POST, format!("{path}/add-tag"), json!({ "meta": { "tag-name": "x" } })),
        ] {
            let refused = app.request(method, &path).json(&body).send().await;
            assert_eq!(refused.problem(), "409 Conflict: Inquiry already redacted", "{path}");
        }
        assert_eq!(told(&app, before.id()).await.last().unwrap(), "inquiry.redacted");
    }

    async fn an_account_is_redacted_when_all_its_inquiries_are(db: TestDb) {
        let app = TestApp::start(db).await;
        let template = template(&app).await;
        let meta = json!({ "auto-create-account-reference-id": "r" });
        let mut ids = Vec::new();
        for _ in 0..3 {
            ids.push(eventful(&app, &template, meta.clone()).await.id().to_owned());
        }
        redact(&app, &format!("/inquiries/{}", ids[1])).await.good();
        let other = eventful(&app, &template, json!({})).await;
        let account = app.get("/accounts?filter[reference-id]=r").await.ids()[0].to_owned();

        redact(&app, &format!("/accounts/{account}")).await.good();
        assert_eq!(told(&app, &account).await, ["account.created", "account.redaction-started"]);
        app.run_jobs().await;

        assert_eq!(told(&app, &account).await, ["account.created", "account.redaction-started", "account.redacted"]);
        for id in &ids {
            let given = app.get(&format!("/inquiries/{id}")).await;
            assert!(given.at("/data/attributes/redacted-at").is_string());
            let events = told(&app, id).await;
            assert_eq!(events.iter().filter(|name| *name == "inquiry.redacted").count(), 1);
        }
        let left = app.get(&format!("/inquiries/{}", other.id())).await;
        assert_eq!(left.at("/data/attributes/fields/name-first/value"), "Ludmilla", "that of another account");
    }

    async fn reports_are_redacted_and_merged_like_inquiries(db: TestDb) {
        let app = TestApp::start(db).await;
        let template = template(&app).await;
        let made = create(&app, &template, json!({}), json!({ "auto-create-account-reference-id": "one" })).await;
        let other = create(&app, &template, json!({}), json!({ "auto-create-account-reference-id": "other" })).await;
        let account = |reply: &Reply| reply.text_at("/data/relationships/account/data/id").to_owned();
        let (survivor, source) = (account(&made), account(&other));
        let report = async |attributes: Value| {
            let mut body = asking("watchlist", json!({ "name-first": "Xanthippe", "name-last": "Quetzalcoatl" }));
            body["data"]["attributes"].as_object_mut().unwrap().extend(attributes.as_object().unwrap().clone());
            app.post("/reports", body).await.id().to_owned()
        };
        let of_account = report(json!({ "account-id": source })).await;
        let left = report(json!({ "account-id": survivor })).await;
        let shown = async |id: &str| app.get(&format!("/reports/{id}")).await;

        let body = json!({ "meta": { "source-account-ids": [source] } });
        app.post(&format!("/accounts/{survivor}/consolidate"), body.clone()).await.good();
        assert_eq!(account(&shown(&of_account).await), survivor);
        app.post(&format!("/accounts/{survivor}/unconsolidate"), body).await.good();
        assert_eq!(account(&shown(&of_account).await), source);

        redact(&app, &format!("/accounts/{source}")).await.good();
        app.run_jobs().await;
        assert!(shown(&of_account).await.at("/data/attributes/redacted-at").is_string());
        assert_eq!(shown(&left).await.at("/data/attributes/redacted-at"), &Value::Null);
        assert_eq!(told(&app, &source).await.last().unwrap(), "account.redacted");
    }

    async fn an_account_that_was_merged_away_takes_nothing_along(db: TestDb) {
        let app = TestApp::start(db).await;
        let template = template(&app).await;
        let one = create(&app, &template, json!({}), json!({ "auto-create-account-reference-id": "one" })).await;
        let other = create(&app, &template, json!({}), json!({ "auto-create-account-reference-id": "other" })).await;
        let account = |reply: &Reply| reply.text_at("/data/relationships/account/data/id").to_owned();
        let (survivor, source) = (account(&one), account(&other));
        let body = json!({ "meta": { "source-account-ids": [source] } });
        app.post(&format!("/accounts/{survivor}/consolidate"), body.clone()).await.good();

        let moved = app.get(&format!("/inquiries/{}", other.id())).await;
        assert_eq!(account(&moved), survivor);
        assert_eq!(moved.at("/data/attributes/reference-id"), "one");
        assert_eq!(app.get(&format!("/inquiries?filter[account-id]={survivor}")).await.ids(), [other.id(), one.id()]);
        assert_eq!(app.get("/inquiries?filter[reference-id]=other").await.ids(), [other.id(), one.id()], "the merged account leads to the survivor");
        let later = create(&app, &template, json!({}), json!({ "auto-create-account-reference-id": "one" })).await;

        app.post(&format!("/accounts/{survivor}/unconsolidate"), body).await.good();

        assert_eq!(account(&app.get(&format!("/inquiries/{}", other.id())).await), source);
        assert_eq!(app.get(&format!("/inquiries?filter[account-id]={survivor}")).await.ids(), [later.id(), one.id()]);
    }
}
