//! How keys are spelled, both ways.

use hyper::Method;
use muster_testkit::{TestApp, TestDb, on_both};
use serde_json::json;

use crate::bodies::{account_type, attributes, everything};

on_both! {
    async fn replies_are_spelled_as_asked_but_fields_are_not(db: TestDb) {
        let app = TestApp::start(db).await;
        let account = app.post("/accounts", attributes(json!({ "address-street-1": "9 Harbour Row", "tags": ["a-b"] }))).await;
        let path = format!("/accounts/{}?include=account-type", account.id());
        let get = async |inflection: &str| {
            app.request(Method::GET, &path).header("Key-Inflection", inflection).send().await
        };

        let camel = get("camel").await;
        assert_eq!(camel.at("/data/attributes/accountTypeName"), "User");
        assert_eq!(camel.at("/data/attributes/createdAt"), "2026-03-02T09:14:07.000Z");
        assert_eq!(camel.at("/data/relationships/accountType/data/type"), "account-type");
        assert_eq!(camel.at("/included/0/attributes/fieldSchemas/0/config/redactionPolicy"), "none");
        let snake = get("snake").await;
        assert_eq!(snake.at("/data/attributes/account_status"), "Default");
        assert_eq!(snake.at("/included/0/relationships/default_account_status/data/type"), "account-status");
        let kebab = get("kebab").await;
        assert_eq!(kebab.at("/data"), account.at("/data"));
        for reply in [camel, snake, kebab] {
            assert_eq!(reply.at("/data/attributes/fields/address/value/street_1/value"), "9 Harbour Row");
            assert_eq!(reply.at("/data/attributes/fields/identification_numbers/type"), "array");
            assert_eq!(reply.at("/data/attributes/tags"), &json!(["a-b"]));
        }
    }

    async fn requests_are_understood_in_any_spelling(db: TestDb) {
        let app = TestApp::start(db).await;
        let ty = account_type(&app, everything()).await;
        let bodies = [
            json!({ "data": { "attributes": { "account-type-id": ty, "reference-id": "u-1", "account-status": "Approved" } },
                "meta": { "upsert-by": "reference-id" } }),
            json!({ "data": { "attributes": { "account_type_id": ty, "reference_id": "u-1", "account_status": "Approved" } },
                "meta": { "upsert_by": "reference_id" } }),
            json!({ "data": { "attributes": { "accountTypeId": ty, "referenceId": "u-1", "accountStatus": "Approved" } },
                "meta": { "upsertBy": "referenceId" } }),
        ];
        for (body, status) in bodies.into_iter().zip([201, 200, 200]) {
            let reply = app.post("/accounts", body.clone()).await;
            assert_eq!(reply.status, status, "{body} {}", reply.text());
            assert_eq!(reply.at("/data/attributes/account-status"), "Approved");
        }
        assert_eq!(app.events().await, ["account-type.created", "account.created"]);
    }

    async fn keys_inside_a_json_value_are_the_customers(db: TestDb) {
        let app = TestApp::start(db).await;
        let ty = account_type(&app, everything()).await;
        let extra = json!({ "camelCase": { "kebab-case": 1 }, "snake_case": [{ "Kebab-Case": 2 }] });
        let account = app.post("/accounts", attributes(json!({
            "account-type-id": ty, "fields": { "extra": extra, "owner": { "given-name": "Zoë" } }
        }))).await;
        for inflection in ["kebab", "camel", "snake"] {
            let path = format!("/accounts/{}", account.id());
            let reply = app.request(Method::GET, &path).header("key-inflection", inflection).send().await;
            assert_eq!(reply.at("/data/attributes/fields/extra/value"), &extra, "{inflection}");
            assert_eq!(reply.at("/data/attributes/fields/owner/value/given_name/value"), "Zoë", "{inflection}");
        }
    }

    async fn an_unknown_inflection_is_refused(db: TestDb) {
        let app = TestApp::start(db).await;
        for value in ["pascal", "KEBAB", ""] {
            let reply = app.request(Method::POST, "/accounts").header("key-inflection", value).json(&json!({}));
            assert_eq!(reply.send().await.problem(), "400 Bad Request: Key-Inflection must be kebab, camel or snake");
        }
        assert_eq!(app.events().await, Vec::<String>::new());
    }
}
