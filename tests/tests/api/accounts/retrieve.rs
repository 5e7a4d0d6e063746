//! `GET /accounts/{account-id}`: sparse fields, `include`, and what is not there

use muster_testkit::{TestApp, TestDb, on_both};
use serde_json::json;

use crate::bodies::attributes;

on_both! {
    async fn accented_names_come_back_byte_for_byte(db: TestDb) {
        let app = TestApp::start(db).await;
        for name in ["Nydia Velázquez", "Γιώργος", "Ω\u{2126}", "e\u{301}", "👩‍⚕️", " padded "] {
            let account = app.post("/accounts", attributes(json!({ "name-last": name }))).await;
            let stored = app.get(&format!("/accounts/{}", account.id())).await;
            assert_eq!(stored.at("/data/attributes/fields/name/value/last/value"), name);
        }
    }

    async fn what_is_not_there_is_not_found(db: TestDb) {
        let app = TestApp::start(db).await;
        for id in ["act_111111111111111111111111", "act_short", "%00", "acttp_111111111111111111111111"] {
            let reply = app.get(&format!("/accounts/{id}")).await;
            assert_eq!(reply.problem(), "404 Record not found", "{id}");
            assert!(reply.header("request-id").starts_with("req_"));
        }
    }

    async fn sparse_fields_keep_what_they_name(db: TestDb) {
        let app = TestApp::start(db).await;
        let account = app.post("/accounts", attributes(json!({
            "reference-id": "u-1", "name-first": "Ada", "name-last": "Byron", "phone-number": "+441"
        }))).await;
        let get = async |query: &str| app.get(&format!("/accounts/{}?{query}", account.id())).await;

        assert_eq!(get("fields[account]=reference-id,tags").await.at("/data"), &json!({
            "type": "account", "id": account.id(), "attributes": { "reference-id": "u-1", "tags": [] },
            "relationships": {}
        }));
        assert_eq!(get("fields[account]=fields.name-first,fields.phoneNumber").await.at("/data/attributes"), &json!({
            "fields": {
                "name": { "type": "hash", "value": { "first": { "type": "string", "value": "Ada" } } },
                "phone_number": { "type": "string", "value": "+441" }
            }
        }));
        assert_eq!(get("fields%5Baccount-type%5D=name").await.json, account.json, "of another resource");
        assert_eq!(app.get("/accounts?fields[account]=tags").await.at("/data/0/attributes"), &json!({ "tags": [] }));
    }

    async fn the_account_type_can_be_included(db: TestDb) {
        let app = TestApp::start(db).await;
        let account = app.post("/accounts?include=account-type", json!({})).await;
        let user = account.text_at("/data/relationships/account-type/data/id");

        assert_eq!(account.at("/included/0/id"), user);
        for query in ["include=account-type", "include=accountType", "include=account_type&fields[account-type]=name"] {
            let reply = app.get(&format!("/accounts/{}?{query}", account.id())).await;
            assert_eq!(reply.at("/included").as_array().unwrap().len(), 1, "{query}");
            assert_eq!(reply.at("/included/0/attributes/name"), "User", "{query}");
        }
        let plain = app.get(&format!("/accounts/{}", account.id())).await;
        assert!(plain.json.get("included").is_none());
        let empty = app.get(&format!("/accounts/{}?include=", account.id())).await;
        assert_eq!(empty.at("/included"), &json!([]));
    }

    async fn what_cannot_be_included_is_refused(db: TestDb) {
        let app = TestApp::start(db).await;
        let account = app.post("/accounts", json!({})).await;
        let get = async |path: &str| app.get(path).await.problem();

        assert_eq!(get(&format!("/accounts/{}?include=inquiries", account.id())).await,
            "400 Bad Request: include: this endpoint can include account-type");
        assert_eq!(get("/accounts?include=account-type").await,
            "400 Bad Request: include: this endpoint can include none");
    }
}
