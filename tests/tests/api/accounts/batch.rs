//! `POST /accounts/batch`

use hyper::Method;
use muster_testkit::app::Reply;
use muster_testkit::{TestApp, TestDb, on_both};
use serde_json::{Value, json};

use crate::bodies::{attributes, reference};

async fn send(app: &TestApp, key: &str, body: &Value) -> Reply {
    app.request(Method::POST, "/accounts/batch").header("idempotency-key", key).json(body).send().await
}

fn outcomes(reply: &Reply) -> Vec<(u64, &str)> {
    let items = reply.at("/data").as_array().unwrap();
    let outcome = |item: &'_ Value| item["attributes"]["status"].as_u64().unwrap();
    items.iter().map(|item| (outcome(item), item["attributes"]["outcome"].as_str().unwrap())).collect()
}

on_both! {
    async fn each_item_is_done_or_refused_by_itself(db: TestDb) {
        let app = TestApp::start(db).await;
        let known = app.post("/accounts", reference("known")).await.id().to_owned();
        let body = json!({ "data": [
            { "attributes": { "reference-id": "new", "name-first": "Ines" } },
            { "attributes": { "reference-id": "KNOWN", "name-first": "Ada" }, "meta": { "upsert-by": "reference-id" } },
            { "attributes": { "reference-id": "known" } },
            { "id": known, "attributes": { "tags": ["seen"] } },
            { "id": "act_111111111111111111111111", "attributes": {} },
            { "id": known, "attributes": { "account-type-id": "x" } },
            { "attributes": { "fields": { "shoe": 1 } } },
            { "attributes": { "account-type-id": "acttp_1" }, "meta": { "upsert-by": "shoe" } },
            { "attributes": { "reference-id": 1 } },
            { "attributes": {} },
        ] });

        let reply = app.post("/accounts/batch", body).await;

        assert_eq!(reply.status, 200, "{}", reply.text());
        assert_eq!(outcomes(&reply), [
            (201, "created"), (200, "updated"), (409, "refused"), (200, "updated"), (404, "refused"),
            (400, "refused"), (422, "refused"), (422, "refused"), (400, "refused"), (201, "created"),
        ]);
        assert_eq!(reply.at("/meta"), &json!({ "created": 2, "updated": 2, "unchanged": 0, "refused": 6 }));
        assert_eq!(reply.at("/data/1/attributes/account-id"), &json!(known));
        assert_eq!(reply.at("/data/6/attributes/errors/0/source/pointer"), "/data/6/attributes/fields/shoe");
        assert_eq!(reply.at("/data/8/attributes/errors/0/details"), "data.8.attributes.reference_id must be a string");
        let now = app.get(&format!("/accounts/{known}")).await;
        assert_eq!(now.at("/data/attributes/tags"), &json!(["seen"]));
        assert_eq!(now.at("/data/attributes/fields/name/value/first/value"), "Ada");
        assert_eq!(app.get("/accounts").await.ids().len(), 3);
    }

    async fn what_is_wrong_for_all_items_is_told_once(db: TestDb) {
        let app = TestApp::start(db).await;
        let body = json!({ "data": [{ "attributes": {} }], "meta": { "upsert-by": 5 } });
        let reply = app.post("/accounts/batch", body).await;
        assert_eq!(reply.problem(), "400 Bad Request: meta.upsert_by must be a string");
        assert!(app.get("/accounts").await.ids().is_empty());
    }

    async fn a_batch_sent_again_does_nothing_twice(db: TestDb) {
        let app = TestApp::start(db).await;
        let items: Vec<Value> = (0..50).map(|i| json!({ "attributes": { "name-first": format!("N{i}") } })).collect();
        let body = json!({ "data": items });

        let first = send(&app, "k", &body).await;
        let second = send(&app, "k", &body).await;

        assert_eq!(first.at("/meta/created"), 50);
        assert_eq!(second.bytes, first.bytes);
        assert_eq!(app.all("/accounts").await.len(), 50);
        let other = send(&app, "k", &json!({ "data": [{ "attributes": {} }] })).await;
        assert_eq!(other.problem(), "400 Idempotency error: This Idempotency-Key was used before with other parameters; use a new key");
    }

    async fn a_whole_batch_is_taken_and_no_more(db: TestDb) {
        let app = TestApp::start(db).await;
        let items = |count: usize| -> Value {
            (0..count).map(|i| json!({ "attributes": { "reference-id": format!("r{i}") } })).collect()
        };

        let whole = app.post("/accounts/batch", json!({ "data": items(1000), "meta": { "upsert-by": "reference-id" } })).await;
        assert_eq!(whole.at("/meta/created"), 1000, "{}", whole.at("/meta"));
        let again = app.post("/accounts/batch", json!({ "data": items(1000), "meta": { "upsert-by": "reference-id" } })).await;
        assert_eq!(again.at("/meta/unchanged"), 1000, "{}", again.at("/meta"));
        for (body, problem) in [
            (json!({ "data": items(1001) }), "400 Bad Request: data must have at most 1000 items"),
            (json!({ "data": [] }), "400 Bad Request: data must be an array of accounts"),
            (attributes(json!({})), "400 Bad Request: data must be an array of accounts"),
            (json!({ "data": [1] }), "400 Bad Request: data.0 must be an object"),
            (json!({ "data": [{ "id": 1 }] }), "400 Bad Request: data.0.id must be an ID that starts with act_"),
            (json!({ "data": [{ "meta": 1 }] }), "400 Bad Request: data.0.meta must be an object"),
        ] {
            assert_eq!(app.post("/accounts/batch", body).await.problem(), problem);
        }
    }

    /// What two items want of one account is both done.
    async fn items_for_one_account_are_all_done(db: TestDb) {
        let app = TestApp::start(db).await;
        let id = app.post("/accounts", reference("a")).await.id().to_owned();
        let fields = ["birthdate", "phone_number", "email_address"];
        let items: Vec<Value> = fields.iter().map(|key| json!({ "id": id, "attributes": { "fields": { *key: "1990-12-31" } } })).collect();

        let reply = app.post("/accounts/batch", json!({ "data": items })).await;

        assert_eq!(reply.at("/meta/updated"), 3, "{}", reply.text());
        let now = app.get(&format!("/accounts/{id}")).await;
        for key in fields {
            assert_eq!(now.at(&format!("/data/attributes/fields/{key}/value")), "1990-12-31");
        }
    }
}
