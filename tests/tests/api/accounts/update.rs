//! `PATCH /accounts/{account-id}`

use muster_testkit::{TestApp, TestDb, on_both};
use serde_json::{Value, json};

use crate::bodies::{account_type, attributes, everything, reference};

on_both! {
    async fn members_of_a_name_are_merged(db: TestDb) {
        let app = TestApp::start(db).await;
        let account = app.post("/accounts", attributes(json!({ "name-first": "Ada", "name-last": "Byron" }))).await;
        app.advance(std::time::Duration::from_secs(3));

        let reply = app.patch(&path(account.id()), attributes(json!({ "fields": { "name": { "last": "King" } } }))).await;

        assert_eq!(reply.status, 200, "{}", reply.text());
        assert_eq!(reply.at("/data/attributes/fields/name/value/first/value"), "Ada");
        assert_eq!(reply.at("/data/attributes/fields/name/value/last/value"), "King");
        assert_eq!(reply.at("/data/attributes/created-at"), "2026-03-02T09:14:07.000Z");
        assert_eq!(reply.at("/data/attributes/updated-at"), "2026-03-02T09:14:10.000Z");
        assert_eq!(app.get(&path(account.id())).await.json, reply.json);
        assert_eq!(app.events().await, ["account.created", "account.updated-fields"]);
    }

    async fn null_clears_a_member_or_a_field(db: TestDb) {
        let app = TestApp::start(db).await;
        let account = app.post("/accounts", attributes(json!({
            "name-first": "Ada", "name-last": "Byron", "birthdate": "1815-12-10", "country-code": "GB"
        }))).await;

        let fields = json!({ "name": { "last": null }, "birthdate": null, "address": null });
        let reply = app.patch(&path(account.id()), attributes(json!({ "fields": fields }))).await;

        let at = |field: &str| reply.at(&format!("/data/attributes/fields/{field}")).clone();
        assert_eq!(reply.status, 200, "{}", reply.text());
        assert_eq!([at("name/value/first/value"), at("name/value/last/value")], [json!("Ada"), Value::Null]);
        assert_eq!([at("birthdate/value"), at("address/value/country_code/value")], [Value::Null, Value::Null]);
    }

    async fn everything_but_the_system_hashes_is_replaced_whole(db: TestDb) {
        let app = TestApp::start(db).await;
        let ty = account_type(&app, everything()).await;
        let fields = json!({ "owner": { "given_name": "Zoë", "age": 41 }, "numbers": [1, 2], "extra": { "a": 1 } });
        let account = app.post("/accounts", attributes(json!({ "account-type-id": ty, "fields": fields }))).await;

        let change = json!({ "owner": { "age": 42 }, "numbers": [3], "extra": { "b": 1 } });
        let reply = app.patch(&path(account.id()), attributes(json!({ "fields": change }))).await;

        let at = |field: &str| reply.at(&format!("/data/attributes/fields/{field}")).clone();
        assert_eq!(at("owner/value/given_name/value"), Value::Null);
        assert_eq!(at("owner/value/age/value"), 42);
        assert_eq!(at("numbers/value"), json!([{ "type": "integer", "value": 3 }]));
        assert_eq!(at("extra/value"), json!({ "b": 1 }));
    }

    async fn tags_are_replaced_and_cleared(db: TestDb) {
        let app = TestApp::start(db).await;
        let account = app.post("/accounts", attributes(json!({ "tags": ["a", "b"] }))).await;
        let tags = async |tags: Value| {
            let reply = app.patch(&path(account.id()), attributes(json!({ "tags": tags }))).await;
            reply.at("/data/attributes/tags").clone()
        };

        assert_eq!(tags(json!(["b", "c"])).await, json!(["b", "c"]));
        assert_eq!(tags(json!(["B", "C"])).await, json!(["b", "c"]));
        assert_eq!(tags(json!(null)).await, json!([]));
        assert_eq!(tags(json!([])).await, json!([]));

        assert_eq!(app.events().await, [
            "account.created",
            "account.updated-tags", "account.tag-added", "account.tag-removed",
            "account.updated-tags", "account.tag-removed", "account.tag-removed",
        ]);
    }

    async fn a_status_is_changed_by_its_name(db: TestDb) {
        let app = TestApp::start(db).await;
        let ty = account_type(&app, everything()).await;
        let account = app.post("/accounts", attributes(json!({ "account-type-id": ty }))).await;

        let reply = app.patch(&path(account.id()), attributes(json!({ "account-status": "Approved" }))).await;
        let unknown = app.patch(&path(account.id()), attributes(json!({ "account-status": "Gone" }))).await;

        assert_eq!(reply.at("/data/attributes/account-status"), "Approved");
        assert_eq!(unknown.problem(), "422 Record invalid: account-status names no status of this account type \
            (/data/attributes/account-status)");
        assert_eq!(app.events().await, ["account-type.created", "account.created", "account.status-updated"]);
    }

    async fn a_reference_id_can_change_but_not_to_one_in_use(db: TestDb) {
        let app = TestApp::start(db).await;
        let account = app.post("/accounts", reference("u-1")).await;
        app.post("/accounts", reference("u-2")).await.good();

        let taken = app.patch(&path(account.id()), reference("U-2")).await;
        let free = app.patch(&path(account.id()), reference("u-3")).await;
        let spelled = app.patch(&path(account.id()), reference("U-3")).await;
        let reused = app.post("/accounts", reference("u-1")).await;
        let cleared = app.patch(&path(account.id()), attributes(json!({ "reference-id": null }))).await;

        assert_eq!(taken.problem(), "409 Conflict: Resource already exists as an active resource: \
            data.attributes.reference_id is in use");
        assert_eq!(free.at("/data/attributes/reference-id"), "u-3");
        assert_eq!(spelled.at("/data/attributes/reference-id"), "U-3");
        assert_eq!(reused.status, 201, "the old reference ID is free again");
        assert_eq!(cleared.at("/data/attributes/reference-id"), &Value::Null);
        assert_eq!(app.post("/accounts", reference("u-3")).await.status, 201);
    }

    async fn a_field_that_is_written_once_keeps_its_value(db: TestDb) {
        let app = TestApp::start(db).await;
        let ty = account_type(&app, everything()).await;
        let account = app.post("/accounts", attributes(json!({ "account-type-id": ty }))).await;
        let write = async |value: Value| {
            app.patch(&path(account.id()), attributes(json!({ "fields": { "crm_id": value } }))).await
        };

        assert_eq!(write(json!("CRM-1")).await.status, 200);
        assert_eq!(write(json!("CRM-1")).await.status, 200, "the same value again is no change");
        let refusal = "422 Record invalid: fields.crm_id has a value already and can be written only once \
            (/data/attributes/fields/crm_id)";
        assert_eq!(write(json!("CRM-2")).await.problem(), refusal);
        assert_eq!(write(json!(null)).await.problem(), refusal);
        assert_eq!(app.events().await.len(), 3);
    }

    async fn a_deactivated_field_takes_no_new_value(db: TestDb) {
        let app = TestApp::start(db).await;
        let mut definition = everything();
        let ty = account_type(&app, definition.clone()).await;
        let account = app.post("/accounts", attributes(json!({ "account-type-id": ty, "fields": { "count": 1 } }))).await;
        definition["field-schemas"].as_array_mut().unwrap().retain(|field| field["key"] != "count");
        app.patch(&format!("/account-types/{ty}"), attributes(definition)).await.good();

        let changed = app.patch(&path(account.id()), attributes(json!({ "fields": { "count": 2 } }))).await;
        let same = app.patch(&path(account.id()), attributes(json!({ "fields": { "count": 1, "text": "x" } }))).await;

        assert_eq!(changed.problem(), "422 Record invalid: fields.count is deactivated and takes no new values \
            (/data/attributes/fields/count)");
        assert_eq!(same.status, 200, "{}", same.text());
        assert_eq!(same.at("/data/attributes/fields/count/value"), 1, "the value is still shown");
    }

    async fn a_write_of_what_is_there_already_is_no_event(db: TestDb) {
        let app = TestApp::start(db).await;
        let wishes = json!({ "reference-id": "u-1", "name-first": "Ada", "tags": ["vip"], "account-status": "Default" });
        let account = app.post("/accounts", attributes(wishes.clone())).await;
        app.advance(std::time::Duration::from_secs(60));

        for body in [attributes(wishes), attributes(json!({})), json!({})] {
            let reply = app.patch(&path(account.id()), body).await;
            assert_eq!((reply.status, &reply.json), (200, &account.json));
        }

        assert_eq!(app.events().await, ["account.created"]);
    }

    async fn an_account_keeps_its_type(db: TestDb) {
        let app = TestApp::start(db).await;
        let account = app.post("/accounts", json!({})).await;
        let ty = account.text_at("/data/relationships/account-type/data/id");

        let reply = app.patch(&path(account.id()), attributes(json!({ "account-type-id": ty }))).await;

        assert_eq!(reply.problem(), "400 Bad Request: data.attributes.account_type_id cannot be changed: \
            an account keeps its type");
    }

    async fn an_upsert_belongs_to_creation(db: TestDb) {
        let app = TestApp::start(db).await;
        let account = app.post("/accounts", reference("u-1")).await;

        let body = json!({ "data": { "attributes": {} }, "meta": { "upsert-by": "reference-id" } });

        assert_eq!(app.patch(&path(account.id()), body).await.status, 400);
    }

    /// A change that is refused in one place leaves no trace in another.
    async fn a_refused_change_changes_nothing(db: TestDb) {
        let app = TestApp::start(db).await;
        let account = app.post("/accounts", attributes(json!({ "reference-id": "u-1", "name-first": "Ada" }))).await;
        app.post("/accounts", reference("u-2")).await.good();

        let change = json!({ "reference-id": "u-2", "name-first": "Eve", "tags": ["brand-new"] });
        let refused = app.patch(&path(account.id()), attributes(change)).await;

        assert_eq!(refused.status, 409);
        assert_eq!(app.get(&path(account.id())).await.json, account.json);
        assert_eq!(app.events().await, ["account.created", "account.created"]);
    }

    async fn an_unknown_account_is_not_found(db: TestDb) {
        let app = TestApp::start(db).await;

        for id in ["act_111111111111111111111111", "act_1", "nonsense", "evt_111111111111111111111111"] {
            assert_eq!(app.patch(&path(id), json!({})).await.problem(), "404 Record not found", "{id}");
        }
    }
}

fn path(id: &str) -> String {
    format!("/accounts/{id}")
}
